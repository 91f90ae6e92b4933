"""Digests on their way out: planned, drafted, published by the clock, and mended when words are taken back.

What is to be done for one is decided by `bot.core.publishing.step`; a step more is a function in `STEPS`.
What facilitators see and press stands in `drafts`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions import contributions, draft_authors, drafts, material, printing, sending, singles, told
from bot.actions.material import Scene
from bot.actions.printing import Drawn, Task
from bot.actions.sending import KIND as KIND
from bot.actions.sending import mend as mend
from bot.actions.sending import published as published
from bot.actions.sending import sent as sent
from bot.actions.unit import Desk
from bot.core import arranging, choosing, publishing, schedule
from bot.core import digest as core
from bot.core.digest import Choice, Material
from bot.core.mail import Letter
from storage import contributions as contribution_rows
from storage import digests, meetings, networks, outbox
from storage.db import Connection
from storage.digests import Digest
from storage.meetings import Meeting
from storage.networks import Network

ARRANGED = ("hidden_sections", "swapped", "theme_order")  # what facilitators changed stays in a new draft
NOWHERE = timedelta(minutes=10)  # so long until a look whether the bot was added to a group again

# Planning -------------------------------------------------------------------------------------------------------


def unplanned(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the networks whose next digest is not planned yet."""
    return digests.unplanned(db, now=now)


def plans_upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return `now` if a digest is to be planned; nothing else makes one due."""
    return now if digests.unplanned(db, now=now) else None


def plan(db: Connection, network_id: int, desk: Desk, *, now: datetime) -> None:
    """Plan the next weekly digest of a network, and one before each meeting."""
    network = networks.found(db, network_id)
    if network.state != "active":
        return
    if network.weekly and not _open_weekly(db, network_id):
        _plan_weekly(db, network, now=now)
    for meeting in meetings.coming(db, network_id, now=now):
        if digests.of_meeting(db, meeting.id) is None:
            _plan_meeting(db, network, meeting, now=now)


def replan(db: Connection, network_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Let what is not published yet follow changed settings, and moved or cancelled meetings.

    A weekly draft that facilitators have seen keeps the hour they were told.
    """
    network = networks.found(db, network_id)
    letters: list[Letter] = []
    for weekly in _open_weekly(db, network_id):
        if weekly.state == "due":
            digests.remove(db, weekly.id)
    for nothing in digests.of_network(db, network_id, ("empty",)):
        if nothing.chain == digests.WEEKLY and nothing.publish_at > now:  # its week is not over for that
            digests.remove(db, nothing.id)
    for before in digests.of_network(db, network_id, (*digests.UNPUBLISHED, "cancelled")):
        if before.meeting_id is not None:
            letters += _follow(db, network, before, desk, now=now)
    plan(db, network_id, desk, now=now)
    return letters


def _open_weekly(db: Connection, network_id: int) -> list[Digest]:
    return [one for one in digests.of_network(db, network_id, digests.OPEN) if one.chain == digests.WEEKLY]


def _plan_weekly(db: Connection, network: Network, *, now: datetime) -> None:
    zone = ZoneInfo(network.timezone)
    used = digests.occurrences(db, network.id, digests.WEEKLY)
    at = time.fromisoformat(network.weekly_time)
    weekly = schedule.weekly_due(network.weekly_day, at, zone, now)
    while weekly.key in used:  # sent before its hour, or its hour was changed within the week
        weekly = schedule.weekly_due(network.weekly_day, at, zone, weekly.publish_at)
    draft_at = max(now, schedule.draft_at(weekly.publish_at, zone))
    digests.create(
        db,
        network_id=network.id,
        chain=digests.WEEKLY,
        occurrence=weekly.key,
        state="due",
        draft_at=draft_at,
        publish_at=weekly.publish_at,
        next_at=draft_at,
    )


def _plan_meeting(db: Connection, network: Network, meeting: Meeting, *, now: datetime) -> None:
    publish_at, draft_at = _hours(network, meeting, now=now)
    digests.create(
        db,
        network_id=network.id,
        chain=digests.MEETING,
        occurrence=f"meeting:{meeting.id}",
        meeting_id=meeting.id,
        state="due",
        draft_at=draft_at,
        publish_at=publish_at,
        next_at=draft_at,
    )


def _hours(network: Network, meeting: Meeting, *, now: datetime) -> tuple[datetime, datetime]:
    """When the digest before a meeting goes out, and when its draft is made."""
    zone = ZoneInfo(network.timezone)
    planned = schedule.pre_meeting_at(meeting.starts_at, zone, network.meeting_hours)
    publish_at = publishing.first_hour(planned, meeting.starts_at, now=now)
    return publish_at, max(now, schedule.draft_at(publish_at, zone))


def _follow(db: Connection, network: Network, digest: Digest, desk: Desk, *, now: datetime) -> list[Letter]:
    """Move a digest with its meeting; one whose draft is not due any more gives back what it took."""
    meeting = None if digest.meeting_id is None else meetings.get(db, digest.meeting_id)
    if meeting is None or meeting.state != "planned" or meeting.starts_at <= now:
        if digest.state == "cancelled" or meeting is None or meeting.state == "planned":
            return []
        digests.release(db, digest.id)
        digests.change(db, digest.id, state="cancelled", next_at=None)
        return drafts.refresh(db, digest.id, desk, now=now)
    publish_at, draft_at = _hours(network, meeting, now=now)
    planned = schedule.pre_meeting_at(meeting.starts_at, ZoneInfo(network.timezone), network.meeting_hours)
    if digest.state not in ("due", "cancelled") and planned <= now:
        return []  # on short notice: the hour that was shown stays
    hours: dict[str, Any] = {"publish_at": publish_at, "checked_at": None}
    if digest.state in ("due", "cancelled") or draft_at > now:
        digests.release_unsaid(db, digest.id)
        fresh = {"drafts": digest.kept.get("drafts", {})}
        begin = {"state": "due", "draft_at": draft_at, "next_at": draft_at, "content": fresh}
        cleared = {"cut_at": None, "approved_at": None, "approved_by": None, "stand_in_at": None}
        digests.change(db, digest.id, **hours, **begin, **cleared)
    else:
        digests.change(db, digest.id, **hours, next_at=None if digest.state == "held" else now)
    return drafts.refresh(db, digest.id, desk, now=now)


# What is due ----------------------------------------------------------------------------------------------------


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the digests for which something is to be done."""
    return digests.due(db, now=now)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when something is to be done next."""
    return digests.upcoming(db)


NOTHING = Choice()


@dataclass(frozen=True)
class Work:
    """What is to be done for a digest. `choice` is to be kept, None: to be made; `held`: digests it takes over from."""

    step: str
    until: datetime | None
    version: int
    material: Material | None = None
    choice: Choice | None = None
    chats: tuple[int, ...] = ()
    unapproved: str | None = None  # nobody has looked: what the network wants then
    held: tuple[int, ...] = ()
    task: Task | None = None  # what is to be drawn


@dataclass(frozen=True)
class Made:
    """What came of it. `shown` is the digest for each chat, for a draft the one of chat 0."""

    work: Work
    choice: Choice = NOTHING
    shown: tuple[tuple[int, core.Digest], ...] = ()
    unread: tuple[int, ...] = ()  # what stands in the chain's next draft instead
    private: core.Digest | None = None  # as it is read in private
    drawn: tuple[Drawn, ...] = ()


def read(db: Connection, digest_id: int, desk: Desk, *, now: datetime) -> Work | None:
    """Gather what the next step for a digest needs."""
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None:
        return None
    standing = digests.standing(db, digest_id)
    held = _held(db, scene)
    more = _more(db, scene, held)
    asked = [*standing, *more] if scene.digest.state == "due" else standing
    step, until = publishing.step(scene.way, unanswered=_unanswered(db, scene, asked), now=now)
    work = Work(step, until, scene.digest.version)
    if step == "publish":
        chats = tuple(one.id for one in material.audience(db, scene))
        return replace(
            work,
            material=material.of(db, scene, standing),
            choice=scene.choice,
            chats=chats,
            unapproved=scene.network.approval if scene.unapproved else None,
            task=sending.task(db, scene, chats),
        )
    if step == "redraw":
        return replace(
            work,
            material=material.of(db, scene, standing),
            choice=scene.choice,
            unapproved=sending.unapproved(scene),
            task=sending.task_again(db, scene),
        )
    if step == "make":
        return replace(work, material=material.of(db, scene, [*standing, *more]), held=held)
    return work


def make(work: Work | None) -> Made | None:
    """Choose and compile; top-level, as it runs in another process."""
    if work is None or work.material is None:
        return None if work is None else Made(work)
    if work.step == "make":
        choice = arranging.again(work.material, choosing.choose(work.material))
        return Made(work, choice, ((0, core.compose(work.material, choice)),))
    choice = work.choice or NOTHING
    if work.step == "redraw":
        if work.task is None:
            return Made(work, choice)
        return Made(work, choice, drawn=sending.drawn_anew(work.material, choice, work.unapproved, work.task))
    return _with_pictures(work, work.material, _to_publish(work, work.material, choice))


def make_without(work: Work | None) -> Made | None:
    """Do the same without drawing anything: the process that should have drawn it has died."""
    if work is None or work.task is None:
        return make(work)
    made = make(replace(work, task=None))
    drawn = tuple(Drawn(order, error="died") for order in work.task.orders)
    return None if made is None else replace(made, work=work, drawn=drawn)


def _with_pictures(work: Work, whole: Material, made: Made) -> Made:
    """Draw what goes out with a digest. Who leads gets all the answers that stand in it."""
    if work.task is None or all(digest.empty for _, digest in made.shown):
        return made
    shown = dict(made.shown)
    shown |= {printing.EVERYBODY: made.shown[0][1], printing.PRIVATE: made.private or made.shown[0][1]}
    unread = set(made.unread)
    stays = replace(whole, replies=tuple(one for one in whole.replies if one.id not in unread))
    return replace(made, drawn=printing.draw(work.task, shown.get, core.said(stays)))


def _to_publish(work: Work, whole: Material, choice: Choice) -> Made:
    """Put together what each chat gets: what the draft showed, without what may not be shown there."""
    approval = work.unapproved
    unread = publishing.unread(whole.replies, choice.all, work.chats, approval=approval) if approval else []
    if approval is None or (approval == publishing.TRUSTED and not unread):
        digest = core.compose(whole, choice)
        return Made(work, choice, tuple((one, digest) for one in work.chats), private=digest)
    rest = replace(whole, replies=tuple(reply for reply in whole.replies if reply.id not in set(unread)))
    # Seats of private answers that nobody has read go to what was said openly: else nobody would be quoted.
    again = arranging.again(rest, choosing.choose(rest))
    shown = tuple((one, sending.shown_in(rest, again, one, approval)) for one in work.chats)
    private = sending.shown_in(rest, again, printing.PRIVATE, approval)
    return Made(work, again, shown, tuple(unread), private)


def write(db: Connection, digest_id: int, desk: Desk, *, now: datetime, made: Made | None) -> None:
    """Write down what was made, if nothing it was made from has changed; else it is still due, and made again."""
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or made is None or scene.digest.version != made.work.version:
        return
    outbox.write(db, STEPS[made.work.step](db, scene, made), now=now)


def _unanswered(db: Connection, scene: Scene, asked: Sequence[digests.Found]) -> bool:
    since = scene.way.checking if scene.digest.state == "due" else scene.digest.checked_at
    if since is None:
        return False
    return bool(contributions.unchecked(db, [one.id for one in asked], since=since))


def _ids(db: Connection, scene: Scene) -> list[int]:
    """What stands in a digest, or would."""
    found = digests.standing(db, scene.digest.id)
    if scene.digest.state == "due":
        found += _more(db, scene, _held(db, scene))
    return [one.id for one in found]


def _held(db: Connection, scene: Scene) -> tuple[int, ...]:
    """The chain's digests that nobody let out: a new draft takes over what stands in them."""
    if scene.digest.state != "due":
        return ()
    held = digests.of_network(db, scene.network.id, ("held",))
    return tuple(one.id for one in held if one.chain == scene.digest.chain and one.id != scene.digest.id)


def _more(db: Connection, scene: Scene, held: Sequence[int]) -> list[digests.Found]:
    """What comes in besides what stands in it: for a first draft, or when asked to take in what came since."""
    kept, way = scene.digest.kept, scene.way
    early = way.made_at is not None and way.made_at < way.draft_at <= scene.now
    if scene.digest.state != "due" and not kept.get("since") and not early:
        return []
    waiting = digests.waiting(db, scene.network.id, scene.digest.chain, cut=scene.now)
    return [*waiting, *(one for digest_id in held for one in digests.standing(db, digest_id))]


# The steps ------------------------------------------------------------------------------------------------------


def _wait(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    digests.change(db, scene.digest.id, next_at=made.work.until)
    return []


def _check(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Set the ✍ once more on all answers from groups: what was deleted there is told by that alone."""
    now = scene.now
    if scene.digest.state == "due":
        content = {**scene.digest.kept, "checking": now.isoformat()}
        digests.change(db, scene.digest.id, content=content, next_at=now)
    else:
        digests.change(db, scene.digest.id, checked_at=now, next_at=now)
    return contributions.check_marks(db, _ids(db, scene), scene.desk, now=now)


def _make(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Write the draft down and show it; where there is nothing, there is no draft."""
    digest, now, whole = scene.digest, scene.now, made.work.material
    assert whole is not None
    if _held(db, scene) != made.work.held:
        return []
    early = now < digest.draft_at
    show = [int(person) for person in digest.kept.get("show", [])]
    letters: list[Letter] = []
    if made.shown[0][1].empty:
        return _nothing(db, scene, show, early=early)
    for held in made.work.held:
        digests.hand_on(db, held, digest.id)
        digests.change(db, held, state="merged", next_at=None)
        letters += drafts.refresh(db, held, scene.desk, now=now)
    digests.take(db, digest, (reply.id for reply in whole.replies))
    renewed = bool(digest.kept.get("choice")) and not _comes_regularly(scene)
    content = {name: kept for name, kept in digest.kept.items() if name in ("drafts", "planned", *ARRANGED)}
    content |= {"choice": core.to_json(made.choice), "made_at": now.isoformat()}
    state = digest.state if digest.state == "held" else "draft"
    meeting = None if scene.meeting is None else scene.meeting.starts_at
    hour = digest.publish_at
    if state == "draft" and not renewed:
        hour = publishing.late_hour(hour, meeting, now=now)
    cut = digest.cut_at if renewed and not digest.kept.get("since") else now
    next_at = None if state == "held" else now
    digests.change(db, digest.id, state=state, content=content, cut_at=cut, publish_at=hour, next_at=next_at)
    letters += [] if early else singles.ask(db, digest.id, scene.desk, now=now)
    if renewed:
        letters += drafts.refresh(db, digest.id, scene.desk, now=now, but=show)
    to = show if early or renewed or state == "held" else None
    return letters + drafts.send(db, digest.id, scene.desk, now=now, to=to)


def _comes_regularly(scene: Scene) -> bool:
    """Whether this is the draft everybody waits for, though one was shown before because somebody asked."""
    way = scene.way
    return way.made_at is not None and way.made_at < way.draft_at <= scene.now


def _nothing(db: Connection, scene: Scene, show: Sequence[int], *, early: bool) -> list[Letter]:
    digest = scene.digest
    digests.release(db, digest.id)
    if early:
        shown = {"drafts": digest.kept.get("drafts", {})}  # they are numbered on: a known key says nothing
        digests.change(db, digest.id, state="due", content=shown, next_at=digest.draft_at)
    else:
        digests.change(db, digest.id, state="empty", next_at=None)
    told = drafts.tell(db, scene, "digests.nothing_yet", key=f"nothing:{digest.id}:{digest.version}", to=show)
    if scene.to_listen and not early:
        told += drafts.tell_of_sounds(db, scene)
    return told + drafts.refresh(db, digest.id, scene.desk, now=scene.now)


def _ask(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Nobody has looked: ask the stand-in and the facilitators again, and the authors of private answers."""
    content = dict(scene.digest.kept)
    nobody = not drafts.readers(db, scene, with_stand_in=True)
    if nobody:
        content["called"] = True
    digests.change(db, scene.digest.id, stand_in_at=scene.now, next_at=scene.now, content=content)
    called = drafts.call(db, scene) if nobody else []
    asked = [*draft_authors.ask(db, scene), *told.tell(db, scene)]
    return [*drafts.remind(db, scene), *called, *asked]


def _call(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Still nobody has looked, an hour before: the coordinators hear of it."""
    digests.change(db, scene.digest.id, content={**scene.digest.kept, "called": True}, next_at=scene.now)
    return drafts.call(db, scene)


def _publish(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Send it to its chats, freeze what stands in it, and forget earlier words."""
    digest, now, whole = scene.digest, scene.now, made.work.material
    assert whole is not None
    if not made.work.chats:  # the bot is in none of its groups just now; it is not too late for a day
        digests.change(db, digest.id, next_at=now + NOWHERE)
        return []
    shown = [(chat_id, one) for chat_id, one in made.shown if not one.empty]
    if not shown:
        digests.release(db, digest.id)
        digests.change(db, digest.id, state="empty", next_at=None)
        return drafts.refresh(db, digest.id, scene.desk, now=now)
    ids = [id for id in digests.items(db, digest.id) if id not in set(made.unread)]
    digests.quoted(db, digest.id, {quote.id for _, one in shown for quote in one.quotes})
    content = {
        **digest.kept,
        "choice": core.to_json(made.choice),
        "frozen": material.frozen(whole),
        "polls": [poll.occurrence for poll in whole.polls],
        "keys": {str(chat_id): f"digest:{digest.id}:{chat_id}" for chat_id, _ in shown},
        "unapproved": made.work.unapproved,
        "unread": len(made.unread),
        "edition": 0,
    }
    digests.change(db, digest.id, state="published", published_at=now, next_at=None, content=content)
    plan(db, scene.network.id, scene.desk, now=now)
    coming = digests.of_network(db, scene.network.id, ("due",))
    later = next((one.id for one in coming if one.chain == digest.chain), None)
    digests.hand_on(db, digest.id, later, made.unread)
    contribution_rows.forget_versions(db, ids)
    contribution_rows.settle(db, ids)
    out = material.scene(db, digest.id, scene.desk, now=now)
    assert out is not None
    private = made.private or shown[0][1]
    letters = sending.send(db, out, shown, private, made.drawn, apart=made.work.unapproved is not None)
    return letters + drafts.refresh(db, digest.id, scene.desk, now=now)


def _redraw(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Words were taken back: other pictures and PDFs in place of those that stand in chats."""
    content = {name: kept for name, kept in scene.digest.kept.items() if name != "redraw"}
    digests.change(db, scene.digest.id, content=content, next_at=None)
    edition = int(scene.digest.kept.get("edition", 0))
    told = printing.complain(db, scene, made.drawn, edition=edition)
    return told + printing.replaced(db, scene, made.drawn, edition=edition)


def _hold(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """The network wants somebody's yes, and nobody gave it; or only people can see whether it was sent."""
    digests.change(db, scene.digest.id, state="held", next_at=None)
    why = "digests.perhaps_sent" if scene.doubtful else "digests.waits"
    told = drafts.tell(db, scene, why, key=f"waits:{scene.digest.id}")
    return told + drafts.refresh(db, scene.digest.id, scene.desk, now=scene.now)


def _miss(db: Connection, scene: Scene, made: Made) -> list[Letter]:
    """Its hour is long over: what would have stood in it goes into the next one."""
    digests.release(db, scene.digest.id)
    digests.change(db, scene.digest.id, state="missed", next_at=None)
    told = drafts.tell(db, scene, "digests.missed", key=f"missed_digest:{scene.digest.id}", away=True)
    plan(db, scene.network.id, scene.desk, now=scene.now)
    return told + drafts.refresh(db, scene.digest.id, scene.desk, now=scene.now)


STEPS: dict[str, Callable[[Connection, Scene, Made], list[Letter]]] = {
    "wait": _wait,
    "check": _check,
    "make": _make,
    "ask": _ask,
    "call": _call,
    "publish": _publish,
    "redraw": _redraw,
    "hold": _hold,
    "miss": _miss,
}


# When words change ----------------------------------------------------------------------------------------------


def contributions_changed(db: Connection, ids: Sequence[int], desk: Desk, *, now: datetime) -> list[Letter]:
    """Follow contributions that were taken back, changed or hidden: in drafts, and in digests that were sent.

    All are of one network. However many they are, each digest is put together and edited once.
    """
    kept = contribution_rows.get(db, ids[0])
    if kept is None:
        return []
    letters: list[Letter] = []
    standing = digests.stand_in(db, ids)
    for digest in digests.of_network(db, kept.network_id, digests.UNPUBLISHED):
        if digest.id not in standing:
            digests.change(db, digest.id)  # perhaps just being made
        elif digest.state in ("draft", "held"):
            items = digests.items(db, digest.id)
            for item in (items[one] for one in ids if one in items):
                if item.asked is not None and not item.asked.startswith("no"):
                    digests.change_item(db, item.id, asked=None)  # the yes was to other words
            digests.change(db, digest.id, content={**digest.kept, "stale": True}, next_at=now)
        else:  # approved as it was: changed words fall out, others don't come in unseen
            digests.change(db, digest.id)
            letters += drafts.refresh(db, digest.id, desk, now=now)
    for digest_id in standing:
        letters += mend(db, digest_id, desk, now=now)
    return letters


contributions.CHANGED_ALL.append(contributions_changed)
