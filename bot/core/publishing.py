"""What a digest needs next on its way out, and which words may go out when no facilitator has looked at them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.core import voices
from bot.core.voices import Chosen, Reply

Step = Literal["wait", "check", "make", "ask", "call", "publish", "redraw", "hold", "miss"]

CHECK = timedelta(
    minutes=10
)  # so long the answers to the ✍ are waited for, and so long before its hour they are asked
LOOK = timedelta(seconds=5)  # between two looks whether they are all there
CALL = timedelta(hours=1)  # before its hour the coordinators hear that nobody has looked
TOO_LATE = timedelta(hours=24)
LATE_LOOK = timedelta(
    hours=2
)  # a draft that could only be made after its hour is shown so long before it goes out
IN_A_MOMENT = timedelta(minutes=2)  # Send it now: one slip of a thumb must not publish

OPEN, REQUIRED, TRUSTED = "open", "required", "trusted"


@dataclass(frozen=True)
class Way:
    """Where a digest stands. `checking`: since when the ✍ before the draft is looked at; `made_at`: of the draft.

    `stale`: something of it was changed, or more was asked for, and it is to be made again.
    """

    state: str
    approval: str
    draft_at: datetime
    publish_at: datetime
    stand_in_due: datetime
    stand_in_at: datetime | None = None
    called: bool = False  # the coordinators were told that nobody has looked
    checking: datetime | None = None
    checked_at: datetime | None = None
    made_at: datetime | None = None
    stale: bool = False
    meeting: datetime | None = None  # the one it prepares
    doubtful: bool = False  # its hour passed between a backup and its restoring: perhaps it stands there
    redraw: bool = False  # it is out, and its pictures and PDFs are to be drawn anew


def step(way: Way, *, unanswered: bool, now: datetime) -> tuple[Step, datetime | None]:
    """Return what to do now, or *wait* and until when. `unanswered`: some ✍ that was set is not known yet."""
    match way.state:
        case "due":
            return _before_draft(way, unanswered=unanswered, now=now)
        case "draft" | "approved":
            if now >= way.publish_at:
                return _at_its_hour(way, unanswered=unanswered, now=now)
            return _before_its_hour(way, now=now)
        case "published" if way.redraw:
            return "redraw", None
    return ("make", None) if way.state == "held" and way.stale else ("wait", None)


def _before_draft(way: Way, *, unanswered: bool, now: datetime) -> tuple[Step, datetime | None]:
    if now < way.draft_at and not way.stale:
        return "wait", way.draft_at
    if _too_late(way, now) or way.doubtful:
        return "miss", None
    if way.checking is None:
        return "check", None
    if unanswered and now < way.checking + CHECK:
        return "wait", now + LOOK
    return "make", None


def _before_its_hour(way: Way, *, now: datetime) -> tuple[Step, datetime | None]:
    if way.state == "draft" and (way.stale or _early(way, now)):
        return "make", None
    waits = [way.publish_at]
    if way.state == "draft":
        if _early(way, way.draft_at):
            waits.append(way.draft_at)
        if way.stand_in_at is None:
            waits.append(_ask_at(way))
            if now >= _ask_at(way):
                return "ask", None
        elif not way.called:
            waits.append(_call_at(way.stand_in_at, way.publish_at))
            if now >= _call_at(way.stand_in_at, way.publish_at):
                return "call", None
    if way.checked_at is None:
        waits.append(way.publish_at - CHECK)
        if now >= way.publish_at - CHECK:
            return "check", None
    return "wait", min(waits)


def _ask_at(way: Way) -> datetime:
    """When the stand-in is asked; half-way, where the draft could only be made later than that."""
    if way.made_at is None or way.made_at < way.stand_in_due:
        return way.stand_in_due
    return way.made_at + (way.publish_at - way.made_at) / 2


def _call_at(asked: datetime, publish_at: datetime) -> datetime:
    """When the coordinators hear that nobody has looked: an hour before, or half-way from the asking."""
    return max(publish_at - CALL, asked + (publish_at - asked) / 2)


def _early(way: Way, at: datetime) -> bool:
    """Whether a facilitator asked for the draft before its time, and its time is `at`."""
    return way.made_at is not None and way.made_at < way.draft_at <= at


def _at_its_hour(way: Way, *, unanswered: bool, now: datetime) -> tuple[Step, datetime | None]:
    if _too_late(way, now):
        return "miss", None
    if way.doubtful or (way.state == "draft" and way.approval == REQUIRED):
        return "hold", None
    if way.state == "draft" and way.stale:
        return "make", None
    if way.checked_at is None:
        return "check", None
    if unanswered and now < way.checked_at + CHECK:
        return "wait", now + LOOK
    return "publish", None


def _too_late(way: Way, now: datetime) -> bool:
    return now - way.publish_at > TOO_LATE or (way.meeting is not None and now >= way.meeting)


def first_hour(publish_at: datetime, meeting: datetime | None, *, now: datetime) -> datetime:
    """Return when a digest goes out that is planned late: a meeting on short notice gets its digest half-way."""
    if meeting is None or publish_at > now:
        return publish_at
    return now + (meeting - now) / 2


def late_hour(publish_at: datetime, meeting: datetime | None, *, now: datetime) -> datetime:
    """Return when a digest goes out whose draft is made only `now`: after its hour, somebody may still look."""
    if publish_at > now:
        return publish_at
    return now + LATE_LOOK if meeting is None else now + min(LATE_LOOK, (meeting - now) / 2)


# Without approval -----------------------------------------------------------------------------------------------


def open_here(reply: Reply, chosen: Chosen | None, chat: int) -> bool:
    """Tell whether words that no facilitator has read may be shown in a chat.

    They were said openly in that same chat and seem to tell of nobody, or their author said yes to these very words.
    """
    if reply.place == "group" and reply.chat == chat and not reply.flagged:
        return True
    return agreed(reply, chosen)


def agreed(reply: Reply, chosen: Chosen | None) -> bool:
    """Tell whether the author was asked about these very words and said yes."""
    return chosen is not None and f"yes:{chosen.mark}" in (reply.answer, reply.single)


def unread_here(reply: Reply, chosen: Chosen | None, chat: int, *, approval: str) -> bool:
    """Tell whether words that no facilitator has read may be shown in a chat, as the network wants it."""
    if approval == TRUSTED:
        return not reply.flagged or agreed(reply, chosen)
    return open_here(reply, chosen, chat)


def unread(
    replies: Collection[Reply], shown: Collection[Chosen], chats: Collection[int], *, approval: str = OPEN
) -> list[int]:
    """Return the contributions that stand in the chain's next draft, because no person has read them."""
    marks = {chosen.id: chosen for chosen in shown}
    return sorted(
        reply.id
        for reply in replies
        if voices.kept(reply)
        and not any(unread_here(reply, marks.get(reply.id), chat, approval=approval) for chat in chats)
    )
