"""A digest where people are: the letters of publishing it, and of mending what was sent.

To each of its chats a picture, the message with its buttons, and a PDF; to members who want it so, in private; to who
leads, the PDFs to pass on. A form more for members is an entry of `FORMS`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bot.actions import agenda, drafts, invitations, material, printing, resting, standing_in
from bot.actions.answer import Answer
from bot.actions.material import Scene
from bot.actions.printing import APPENDIX, CHART, EVERYBODY, PRIVATE, SHEET, Drawn, Kept, Order, Task
from bot.actions.unit import Desk
from bot.core import corrections, mail, publishing
from bot.core import digest as core
from bot.core.digest import Choice, Material
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from bot.core.voices import Chosen, Reply
from bot.render import chat, plain
from storage import audit, digests, members, outbox, people, prints
from storage.db import Connection
from storage.members import Member
from storage.outbox import Row

KIND = "digest"  # the kind of the letters that are one, in a group
COPY = "digest_copy"  # in private
MENDED = "digest_mend"  # of those that edit one
FULL, PLAIN, ALOUD = "full", "plain", "aloud"
COMES = {"yes": "sending.button.yes", "no": "sending.button.no", "maybe": "sending.button.maybe"}
CIRCLES = {digests.WEEKLY: ("core",), digests.MEETING: ("core", "sounding")}

# Whose digest it is -----------------------------------------------------------------------------------------------


def shown_in(whole: Material, choice: Choice, chat_id: int, unapproved: str | None) -> core.Digest:
    """Return a digest for a chat: where nobody has looked, without what may not be read there."""

    def allowed(reply: Reply, chosen: Chosen) -> bool:
        return unapproved is None or publishing.unread_here(reply, chosen, chat_id, approval=unapproved)

    return core.compose(whole, choice, allowed=allowed)


def unapproved(scene: Scene) -> str | None:
    """Return what the network wanted where nobody had looked when it went out; None where somebody had."""
    kept = scene.digest.kept.get("unapproved")
    return publishing.OPEN if kept is True else kept or None  # True: from before there was more than one


def published(db: Connection, scene: Scene, chat_id: int) -> core.Digest:
    """Return a digest as a chat got it, without what may not be shown any more."""
    return shown_in(material.standing(db, scene), scene.choice, chat_id, unapproved(scene))


# Who gets it ------------------------------------------------------------------------------------------------------


def readers(db: Connection, scene: Scene) -> list[Member]:
    """Return the members who want it in private."""
    circles = CIRCLES[scene.digest.chain]
    found = members.active(db, scene.network.id)
    return [one for one in found if one.edition in FORMS and one.reachable and one.circle in circles]


def leaders(db: Connection, scene: Scene) -> list[Member]:
    """Return who gets the PDFs to pass on."""
    return standing_in.here(db, scene.network, now=scene.now)


def task(db: Connection, scene: Scene, chats: Iterable[int]) -> Task:
    """Return what is to be drawn before it goes out."""
    apart, own = scene.unapproved, scene.text.language
    private = PRIVATE if apart else EVERYBODY
    found = [Order(what, own, one) for one in (chats if apart else (EVERYBODY,)) for what in (CHART, SHEET)]
    for reader in readers(db, scene):
        if reader.edition == FULL:
            found += [Order(what, _language(scene, reader), private) for what in (CHART, SHEET)]
    for leader in leaders(db, scene):
        found += [Order(APPENDIX, _language(scene, leader), private), Order(SHEET, own, private)]
    return _task(scene, found)


def task_again(db: Connection, scene: Scene) -> Task:
    """Return what is to be drawn anew of a digest that is out: whatever was sent of it."""
    return _task(scene, map(printing.order_of, printing.sent_before(db, scene.digest.id)))


def _task(scene: Scene, found: Iterable[Order]) -> Task:
    orders = tuple(dict.fromkeys(found))
    texts = {order.language: scene.desk.text(order.language) for order in orders}
    return Task(orders, texts, scene.zone, scene.network.title, _told_at(scene))


def _language(scene: Scene, member: Member) -> str:
    return scene.desk.text(member.language).language


# Letters ----------------------------------------------------------------------------------------------------------


def send(
    db: Connection,
    scene: Scene,
    shown: Sequence[tuple[int, core.Digest]],
    private: core.Digest,
    drawn: Sequence[Drawn],
    *,
    apart: bool,
) -> list[Letter]:
    """Return all letters of publishing a digest; `apart`: each chat gets its own, as nobody has looked."""
    agenda.settle(db, scene.digest.id, scene.choice)  # before the buttons
    kept = printing.keep(db, scene, drawn, edition=0)
    letters = printing.complain(db, scene, drawn, edition=0)
    for chat_id, digest in shown:
        letters += _to_chat(db, scene, chat_id, digest, kept, of=chat_id if apart else EVERYBODY)
    of = PRIVATE if apart else EVERYBODY
    if not private.empty:
        for reader in readers(db, scene):
            letters += _to_reader(db, scene, reader, private, kept, of=of)
    for leader in leaders(db, scene):
        letters += _to_leader(db, scene, leader, kept, of=of)
    return letters


def _to_chat(
    db: Connection, scene: Scene, chat_id: int, digest: core.Digest, kept: Kept, *, of: int
) -> list[Letter]:
    there = next((one for one in material.audience(db, scene) if one.id == chat_id), None)
    to, key, own = To(chat=chat_id), f"digest:{scene.digest.id}:{chat_id}", scene.text.language
    where: dict[str, Any] = {"thread": there.topic_id if there else None}
    chart = printing.letters(kept, Order(CHART, own, of), to, scene, key=f"{key}:chart", **where)
    says = "sending.sheet"
    sheet = printing.letters(kept, Order(SHEET, own, of), to, scene, key=f"{key}:sheet", says=says, **where)
    said = mail.say(
        to,
        html(scene, digest, scene.text, printed=bool(sheet)),
        keyboard(db, scene, digest, scene.text, meets=there is not None and there.circle == "core"),
        key=key,
        kind=KIND,
        about={"digest": scene.digest.id, "chat": chat_id, "edition": 0, "printed": bool(sheet)},
        unsure="probe",
        mark=callback("digests.about", scene.digest.id),
        **where,
    )
    return [*chart, *said, *sheet]


def _to_reader(
    db: Connection, scene: Scene, reader: Member, digest: core.Digest, kept: Kept, *, of: int
) -> list[Letter]:
    """In private: in the reader's hours and language; nothing in a pause, without sound in a heavy week."""
    manner = resting.telling(reader, scene.zone, now=scene.now)
    if manner is None:
        return []
    to, key, text = (
        To(person=reader.person_id),
        copy_key(scene, reader.person_id),
        scene.desk.text(reader.language),
    )
    when: dict[str, Any] = {"not_before": manner.at}
    chart: list[Letter] = []
    sheet: list[Letter] = []
    if reader.edition == FULL:
        ordered = {what: Order(what, text.language, of) for what in (CHART, SHEET)}
        chart = printing.letters(kept, ordered[CHART], to, scene, key=f"{key}:chart", **when)
        says = "sending.sheet"
        sheet = printing.letters(kept, ordered[SHEET], to, scene, key=f"{key}:sheet", says=says, **when)
    when |= {"printed": bool(sheet), "silent": manner.silent}
    said = copy(db, scene, reader, reader.edition, key=key, digest=digest, **when)
    return [*chart, *said, *sheet]


def copy(
    db: Connection,
    scene: Scene,
    reader: Member,
    form: str,
    *,
    key: str,
    of: int = PRIVATE,
    digest: core.Digest | None = None,
    printed: bool = False,
    **fields: Any,
) -> list[Letter]:
    """Return a digest for one member, in one of the `FORMS`; `of`: the chat as which they read it."""
    text, meets = scene.desk.text(reader.language), reader.circle == "core"
    shown = published(db, scene, of) if digest is None else digest
    about: dict[str, Any] = {"digest": scene.digest.id, "edition": int(scene.digest.kept.get("edition", 0))}
    about |= {"form": form, "of": of, "printed": printed, "meets": meets}
    return mail.say(
        To(person=reader.person_id),
        FORMS[form](scene, shown, text, printed),
        _below(db, scene, shown, text, form, meets=meets),
        key=key,
        kind=COPY,
        about=about,
        **{"unsure": "probe", **fields},
    )


def copy_key(scene: Scene, person_id: int) -> str:
    return f"digest:{scene.digest.id}:to{person_id}"


def _to_leader(db: Connection, scene: Scene, leader: Member, kept: Kept, *, of: int) -> list[Letter]:
    """To who leads: all answers for the meeting, and what can be printed and passed on."""
    to, key = To(person=leader.person_id), f"digest:{scene.digest.id}:lead{leader.person_id}"
    when: dict[str, Any] = {"not_before": resting.undisturbed(leader, scene.zone, now=scene.now)}
    order = Order(APPENDIX, _language(scene, leader), of)
    whole = printing.letters(kept, order, to, scene, key=f"{key}:all", says="sending.appendix", **when)
    if whole:
        about = {"network_id": scene.network.id, "person_id": leader.person_id, "digest": scene.digest.id}
        audit.note(db, "appendix", now=scene.now, **about)
    order = Order(SHEET, scene.text.language, of)
    says = "sending.to_pass_on"
    return whole + printing.letters(kept, order, to, scene, key=f"{key}:sheet", says=says, **when)


# What it looks like -----------------------------------------------------------------------------------------------


def html(scene: Scene, digest: core.Digest, text: Text, *, printed: bool) -> Markup:
    """Return the message of a digest that is out; `printed`: a PDF stands below it."""
    if digest.empty:
        return text("digests.emptied")
    until = corrections.until(_told_at(scene), scene.meeting.starts_at if scene.meeting else None, scene.zone)
    return chat.message(digest, text, scene.zone, now=_told_at(scene), printed=printed, until=until)


def _full(scene: Scene, digest: core.Digest, text: Text, printed: bool) -> Markup:
    return html(scene, digest, text, printed=printed)


def _plain(scene: Scene, digest: core.Digest, text: Text, printed: bool) -> Markup:
    if digest.empty:
        return text("digests.emptied")
    return plain.edition(digest, text, scene.zone, now=_told_at(scene))


def _aloud(scene: Scene, digest: core.Digest, text: Text, printed: bool) -> Markup:
    if digest.empty:
        return text("digests.emptied")
    return plain.aloud(digest, text, scene.zone, now=_told_at(scene))


FORMS: dict[str, Callable[[Scene, core.Digest, Text, bool], Markup]] = {
    FULL: _full,
    PLAIN: _plain,
    ALOUD: _aloud,
}


def keyboard(db: Connection, scene: Scene, digest: core.Digest, text: Text, *, meets: bool) -> Keyboard:
    """Return the buttons below a digest in a group; it is recognised by the last one."""
    about = Button(text.plain("digests.button.about"), callback("digests.about", scene.digest.id))
    aloud = Button(text.plain("editions.button.aloud"), callback("editions.aloud", scene.digest.id))
    rows = _rows(db, scene, digest, text, meets=meets)
    return Keyboard((*rows, *keyboard_rows([aloud, about]).rows))


def _below(
    db: Connection, scene: Scene, digest: core.Digest, text: Text, form: str, *, meets: bool
) -> Keyboard | None:
    """What stands below a private copy: of what is read aloud nothing, so that nothing else is."""
    if form == ALOUD:
        return None
    verb = "whole" if form == PLAIN else "aloud"
    more = Button(text.plain(f"editions.button.{verb}"), callback(f"editions.{verb}", scene.digest.id))
    rows = _rows(db, scene, digest, text, meets=meets) if form == FULL else ()
    return Keyboard((*rows, *keyboard_rows([more]).rows))


def _rows(
    db: Connection, scene: Scene, digest: core.Digest, text: Text, *, meets: bool
) -> tuple[tuple[Button, ...], ...]:
    """That question; who comes; what is wrong or missing."""
    asked = agenda.buttons(db, scene.digest.id, digest, text)
    rows = [tuple(asked[at : at + 2]) for at in range(0, len(asked), 2)]
    if meets and scene.meeting is not None and scene.meeting.state == "planned":
        rows += invitations.answer_buttons(scene.meeting, scene.network, text, COMES).rows
    wrong = callback("corrections.begin", scene.digest.id)
    return (*rows, (Button(text.plain("corrections.button.begin"), wrong),))


def _told_at(scene: Scene) -> datetime:
    """Dates are written as they were then: with the year only if that was far away."""
    return scene.digest.published_at or scene.now


# When words change ------------------------------------------------------------------------------------------------


def mend(db: Connection, digest_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Edit the messages of a published digest: what may not be shown any more is gone from them.

    Its pictures and PDFs are erased here at once, and drawn anew by the clock.
    """
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or scene.digest.state != "published":
        return []
    edition = int(scene.digest.kept.get("edition", 0)) + 1
    digests.change(db, digest_id, content={**scene.digest.kept, "edition": edition})
    prints.blank(db, digest_id)
    if printing.sent_before(db, digest_id):
        printing.order_again(db, digest_id, now=now)
    letters: list[Letter] = []
    composed: dict[int, core.Digest] = {}
    for row in _stands(db, scene):
        of = _of(row)
        if of not in composed:
            composed[of] = published(db, scene, of)
        if row.message_id is not None:
            letters.append(_edit(db, scene, row, composed[of], row.message_id, edition))
        else:  # on its way; if it is there already, `sent` edits it once that is known
            outbox.reword(db, row.id, _edit(db, scene, row, composed[of], 0, edition).params["text"])
    if composed:  # words may have fallen out: "quoted" in My answers stays true
        digests.unquote(db, digest_id, but={quote.id for one in composed.values() for quote in one.quotes})
    # Those who saw the draft have it in their chat.
    return letters + drafts.refresh(db, digest_id, desk, now=now)


def _stands(db: Connection, scene: Scene) -> list[Row]:
    """Return the messages of a digest, in its chats and in private ones."""
    keys = scene.digest.kept.get("keys", {}).values()
    rows = [row for key in keys if (row := outbox.by_key(db, key)) is not None]
    return rows + outbox.of_kind(db, COPY, f"digest:{scene.digest.id}:")


def sent(db: Connection, answer: Answer) -> None:
    """A digest stands in its chat; if it was mended on its way, it is edited at once."""
    scene = material.scene(db, int(answer.about["digest"]), answer.desk, now=answer.now)
    row = outbox.by_key(db, answer.row.key)
    if scene is None or row is None or row.message_id is None:
        return
    edition = int(scene.digest.kept.get("edition", 0))
    if scene.digest.state == "published" and edition > int(answer.about["edition"]):
        digest = published(db, scene, _of(row))
        outbox.write(db, [_edit(db, scene, row, digest, row.message_id, edition)], now=answer.now)


def _of(row: Row) -> int:
    """As which chat's it is read."""
    return int(row.about.get("of", PRIVATE)) if row.chat_id is None else row.chat_id


def _edit(
    db: Connection, scene: Scene, row: Row, digest: core.Digest, message_id: int, edition: int
) -> Letter:
    about: dict[str, Any] = {"digest": scene.digest.id, "message": message_id}
    fields: dict[str, Any] = {"key": f"{row.key}:edit{edition}", "kind": MENDED, "about": about}
    to, printed = To(chat=row.chat_id, person=row.person_id), bool(row.about.get("printed"))
    if row.person_id is None:
        there = next((one for one in material.audience(db, scene) if one.id == row.chat_id), None)
        below = keyboard(db, scene, digest, scene.text, meets=there is not None and there.circle == "core")
        return mail.edit(to, message_id, html(scene, digest, scene.text, printed=printed), below, **fields)
    person, form = people.get(db, row.person_id), str(row.about["form"])
    text = scene.desk.text(person.language if person else None)
    under = _below(db, scene, digest, text, form, meets=bool(row.about.get("meets")))
    return mail.edit(to, message_id, FORMS[form](scene, digest, text, printed), under, **fields)


def drawn_anew(whole: Material, choice: Choice, unapproved: str | None, task: Task) -> tuple[Drawn, ...]:
    """Draw what is to be replaced of a digest that is out; in another process."""
    of = partial(shown_in, whole, choice, unapproved=unapproved)
    return printing.draw(task, of, core.said(whole))
