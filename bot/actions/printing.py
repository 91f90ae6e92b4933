"""Pictures and PDFs of a digest: drawn in another process, kept in `storage/prints.py` and sent by letters.

When words are taken back, what was kept is blank at once; the clock draws it anew, and what stands in chats is
replaced. What can't be drawn or replaced is deleted, and those who lead hear of what can't be deleted either.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.actions import operator
from bot.actions.answer import Answer
from bot.actions.material import Scene
from bot.actions.resting import undisturbed
from bot.core import dates, mail
from bot.core import digest as core
from bot.core.digest import Quote
from bot.core.letters import split
from bot.core.mail import MAX_CAPTION, File, Letter, To
from bot.core.markup import escape
from bot.core.outcomes import Refused, Sent
from bot.core.texts import Text
from storage import chats, digests, members, networks, outbox, people, prints
from storage.db import Connection
from storage.outbox import Row

KIND = "digest_print"  # the kind of the letters that send one
MENDED = "digest_reprint"  # of those that put another one in its place, or take it away
CHART, SHEET, APPENDIX = "chart", "sheet", "appendix"
EVERYBODY = -1  # whose digest it is, where all chats get the same
PRIVATE = 0  # where they don't: what may be shown wherever it is read
GONE_ANYWAY = ("message to edit not found", "message to delete not found", "message is not modified")


@dataclass(frozen=True)
class Order:
    """One picture or PDF: what, in which language, of the digest for which chat."""

    what: str
    language: str
    chat: int = EVERYBODY

    @property
    def name(self) -> str:
        """By what it is known among the digest's."""
        return self.what if self.chat == EVERYBODY else f"{self.what}:{self.chat}"

    @property
    def medium(self) -> Literal["photo", "document"]:
        """As what it is sent."""
        return "photo" if self.what == CHART else "document"


@dataclass(frozen=True)
class Task:
    """What is to be drawn, and what all drawings need."""

    orders: tuple[Order, ...]
    texts: Mapping[str, Text]
    zone: ZoneInfo
    title: str
    at: datetime  # dates are written as they were then


@dataclass(frozen=True)
class Drawn:
    """What came of an order: a file, nothing to draw, or an error's name."""

    order: Order
    file: File | None = None
    alt: str = ""
    error: str | None = None


# Drawing (in another process) ------------------------------------------------------------------------------------


def draw(task: Task, of: Callable[[int], core.Digest | None], appendix: Sequence[Quote]) -> tuple[Drawn, ...]:
    """Draw what is ordered; what fails is left out. `of` returns the digest for a chat."""
    return tuple(_tried(task, order, of(order.chat), appendix) for order in task.orders)


def _tried(task: Task, order: Order, digest: core.Digest | None, appendix: Sequence[Quote]) -> Drawn:
    if digest is None or digest.empty:
        return Drawn(order)
    try:
        return _drawn(task, order, digest, appendix)
    except Exception as error:  # without it the digest goes out all the same; words may stand in the error
        return Drawn(order, error=type(error).__name__)


def _drawn(task: Task, order: Order, digest: core.Digest, appendix: Sequence[Quote]) -> Drawn:
    text = task.texts[order.language]
    if order.what == CHART:
        from bot.render import chart

        picture = chart.png(digest, text)
        if picture is None:
            return Drawn(order)
        return Drawn(order, File("chart.png", "image/png", picture.bytes), picture.alt)
    from bot.render import print as paper

    answers = appendix if order.what == APPENDIX else None
    data = paper.pdf(digest, text, task.zone, now=task.at, title=task.title, appendix=answers)
    return Drawn(order, File(_file_name(order, digest, text, task.zone), "application/pdf", data))


def _file_name(order: Order, digest: core.Digest, text: Text, zone: ZoneInfo) -> str:
    day = digest.publish_at.astimezone(zone).date().isoformat()
    return f"{text.plain(f'sending.file_{order.what}')}-{day}.pdf"


# Keeping and sending ----------------------------------------------------------------------------------------------

Kept = dict[Order, tuple[int, str]]  # the print's id, and what it shows in words


def keep(db: Connection, scene: Scene, drawn: Iterable[Drawn], *, edition: int) -> Kept:
    """Keep what was drawn until it has arrived; return what a letter needs of each."""
    found: Kept = {}
    for one in drawn:
        if one.file is not None:
            order = one.order
            id = prints.keep(
                db,
                scene.digest.id,
                order.name,
                order.language,
                one.file,
                alt=one.alt,
                edition=edition,
                now=scene.now,
            )
            found[order] = (id, one.alt)
    return found


def complain(db: Connection, scene: Scene, drawn: Iterable[Drawn], *, edition: int) -> list[Letter]:
    """Tell the operator what could not be drawn: by number and kind of error, without a word of anybody."""
    failed = {one.order.what: one.error for one in drawn if one.error is not None}
    letters: list[Letter] = []
    for what, error in failed.items():
        key = f"not_drawn:{scene.digest.id}:{edition}:{what}"
        values = {"digest": str(scene.digest.id), "what": what, "error": error or ""}
        letters += operator.tell(db, scene.desk, "not_drawn", key=key, **values)
    return letters


def letters(
    kept: Kept, order: Order, to: To, scene: Scene, *, key: str, says: str = "", **fields: Any
) -> list[Letter]:
    """Return the letter that sends a picture or PDF, without sound; nothing where it could not be drawn.

    `says`: the text that stands below it.
    """
    if order not in kept:
        return []
    id, alt = kept[order]
    about = {"digest": scene.digest.id, "edition": int(scene.digest.kept.get("edition", 0)), "says": says}
    about |= {"what": order.what, "language": order.language, "of": order.chat}
    fields = {"unsure": "probe", "silent": True} | fields
    said = _said(scene, order, says, alt)
    return mail.print_of(to, id, order.medium, said, key=key, kind=KIND, about=about, **fields)


def _said(scene: Scene, order: Order, says: str, alt: str) -> str:
    """A picture has no alternative text in Telegram: what it shows stands below it in words, folded."""
    if says:
        return scene.desk.text(order.language)(says)
    return f"<blockquote expandable>{split(escape(alt), MAX_CAPTION)[0]}</blockquote>" if alt else ""


# Drawing anew -----------------------------------------------------------------------------------------------------


def sent_before(db: Connection, digest_id: int) -> list[Row]:
    """Return the letters with pictures and PDFs of a digest that have arrived, or are on their way."""
    rows = outbox.of_kind(db, KIND, f"digest:{digest_id}:")
    return [row for row in rows if row.state != "failed"]


def order_of(row: Row) -> Order:
    """Return what a letter sends."""
    return Order(str(row.about["what"]), str(row.about["language"]), int(row.about["of"]))


def replaced(db: Connection, scene: Scene, drawn: Sequence[Drawn], *, edition: int) -> list[Letter]:
    """Put what was drawn anew in place of what stands in chats; what could not be drawn is taken away there."""
    kept = keep(db, scene, drawn, edition=edition)
    letters: list[Letter] = []
    for row in sent_before(db, scene.digest.id):
        order = order_of(row)
        id, alt = kept.get(order, (None, ""))
        said = _said(scene, order, str(row.about["says"]), alt)
        if row.message_id is not None:
            letters.append(_instead(row, order, row.message_id, id, said, edition))
        elif id is None:
            outbox.drop(db, row.id, "nothing to draw")
        elif row.state == "pending":
            outbox.repoint(db, row.id, id, {**row.about, "edition": edition})
            outbox.reword(db, row.id, said)
    return letters


def _instead(row: Row, order: Order, message_id: int, id: int | None, said: str, edition: int) -> Letter:
    to = To(chat=row.chat_id, person=row.person_id)
    fields: dict[str, Any] = {"kind": MENDED, "about": {**row.about, "message": message_id}}
    if id is None:
        return mail.delete(to, message_id, key=f"{row.key}:gone{edition}", **fields)
    key = f"{row.key}:edit{edition}"
    return mail.reprint(to, message_id, id, order.medium, said, key=key, **fields)


def order_again(db: Connection, digest_id: int, *, now: datetime) -> None:
    """Let the clock draw a digest's pictures and PDFs anew."""
    digest = digests.get(db, digest_id)
    if digest is not None:
        content = {**digest.kept, "redraw": int(digest.kept.get("edition", 0))}
        digests.change(db, digest_id, content=content, next_at=now)


# What came of it --------------------------------------------------------------------------------------------------


def arrived(db: Connection, answer: Answer) -> None:
    """A picture or PDF stands in a chat; if words were taken back while it was on its way, it is drawn anew."""
    digest = digests.get(db, int(answer.about["digest"]))
    if digest is None or digest.state != "published" or not isinstance(answer.outcome, Sent):
        return
    if int(digest.kept.get("edition", 0)) > int(answer.about["edition"]):
        order_again(db, digest.id, now=answer.now)


def mended(db: Connection, answer: Answer) -> None:
    """What could not be replaced is deleted; of what can't be deleted either, those hear who can do it by hand."""
    reason = answer.outcome.reason if isinstance(answer.outcome, Refused) else ""
    if not reason or any(gone in reason for gone in GONE_ANYWAY):
        return
    if answer.row.method != "deleteMessage":
        to = To(chat=answer.row.chat_id, person=answer.row.person_id)
        key, about = f"{answer.row.key}:gone", dict(answer.about)
        gone = mail.delete(to, int(answer.about["message"]), key=key, kind=MENDED, about=about)
        outbox.write(db, [gone], now=answer.now)
    else:
        outbox.write(db, _tell(db, answer), now=answer.now)


def _tell(db: Connection, answer: Answer) -> list[Letter]:
    row, desk, key = answer.row, answer.desk, f"not_mended:{answer.row.id}"
    digest = digests.get(db, int(answer.about["digest"]))
    if digest is None:
        return []
    if row.person_id is not None:
        reader = people.get(db, row.person_id)
        html = desk.text(reader.language if reader else None)("sending.not_mended_here")
        to, message = To(person=row.person_id), int(answer.about["message"])
        return mail.say(to, html, key=key, silent=True, reply_to=message)
    chat = None if row.chat_id is None else chats.get(db, row.chat_id)
    letters: list[Letter] = []
    for leader in members.facilitators(db, digest.network_id):
        text = desk.text(leader.language)
        zone = ZoneInfo(networks.found(db, digest.network_id).timezone)
        day = dates.day(digest.published_at or answer.now, zone, text.language, now=answer.now)
        html = text("sending.not_mended", group=chat.title if chat else "", day=day)
        rested, own = undisturbed(leader, zone, now=answer.now), f"{key}:{leader.person_id}"
        letters += mail.say(To(person=leader.person_id), html, key=own, silent=True, not_before=rested)
    return letters
