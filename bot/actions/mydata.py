"""`/mydata`: everything stored about somebody, one page and one archive for each network, put together by the clock.

What is asked for stands in a fact `mydata:<person>` until it is on its way; the files wait as parcels for the sender.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.actions import me, mydata_page, receipts
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import mail
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import File, Letter, To
from bot.core.mydata import Parcel, as_json, parts
from bot.render import mydata as render
from storage import audit, facts, members, networks, outbox, parcels, people
from storage import mydata as rows
from storage.db import Connection
from storage.members import Member
from storage.mydata import Whose
from storage.people import Person

FACT = "mydata:"


# Asking for it ----------------------------------------------------------------------------------------------------


def ask(
    db: Connection,
    person: Person,
    desk: Desk,
    *,
    member_id: int | None = None,
    message_id: int | None = None,
    now: datetime,
) -> list[Letter]:
    """`/mydata`, or the button for one network: it is put together in a moment."""
    text, name = desk.text(person.language), f"{FACT}{person.id}"
    if facts.get(db, name) is not None:
        return receipts.show(person.id, message_id, Screen(text("mydata.coming")))
    facts.put(db, name, {"member": member_id, "step": 0}, now=now)
    audit.note(db, "mydata", now=now, person_id=person.id)
    return receipts.show(person.id, message_id, Screen(text("mydata.asked")))


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    member_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """*My data*, in one network; None for another one's."""
    member = members.get(db, member_id)
    if member is None or member.person_id != person.id:
        return None
    match verb:
        case "show":
            return receipts.show(person.id, message_id, _offer(db, member, desk))
        case "send":
            return ask(db, person, desk, member_id=member_id, message_id=message_id, now=now)
    return None


def _offer(db: Connection, member: Member, desk: Desk) -> Screen:
    """It can be seen, and it can be erased."""
    text = desk.text(member.language)
    network = networks.found(db, member.network_id).title
    buttons = [
        Button(text.plain("mydata.button.send"), callback("mydata.send", member.id)),
        Button(text.plain("mydata.button.erase"), callback("erasing.ask", member.id)),
        me.back(member.id, text),
    ]
    return Screen(text("mydata.offer", network=network), keyboard_rows(buttons), asks=True)


# Putting it together ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One of the things that are sent: of one network, as many as its files need."""

    whose: Whose
    part: int
    of: int
    files: tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """A step with all that it needs, out of the database; `number` says which one it is, `asked` of which request."""

    number: int
    last: bool
    parcel: Parcel
    title: str
    part: int
    of: int
    at: datetime
    asked: datetime


@dataclass(frozen=True)
class Made:
    """A step whose files are made."""

    work: Work
    files: tuple[File, ...]


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return who waits for it."""
    return [int(fact.name.removeprefix(FACT)) for fact in facts.beginning(db, FACT)]


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return `now` if somebody waits for it; nothing else makes it due."""
    return now if due(db, now=now) else None


def read(db: Connection, person_id: int, desk: Desk, *, now: datetime) -> Work | None:
    """Gather the next step."""
    asked, person = facts.get(db, f"{FACT}{person_id}"), people.get(db, person_id)
    if asked is None or person is None:
        return None
    steps = list(_steps(db, person, asked.value.get("member")))
    number = int(asked.value["step"])
    if number >= len(steps):
        return None
    step = steps[number]
    network = networks.get(db, step.whose.network_id)
    title = network.title if network is not None else desk.text(person.language).plain("mydata.no_network")
    files = tuple(file for one in step.files if (file := rows.file(db, one)) is not None)
    page, data = None, ""
    if step.part == 1:
        found = rows.rows(db, step.whose)
        page = mydata_page.page(db, person, step.whose, found, desk, now=now)
        data = as_json({"network": title, "made_at": now, "tables": found})
    name = f"mydata-{_slug(title)}" + (f"-{step.part}" if step.of > 1 else "")
    parcel = Parcel(name, page, data, files)
    return Work(number, number + 1 == len(steps), parcel, title, step.part, step.of, now, asked.at)


def _steps(db: Connection, person: Person, member_id: int | None) -> Iterable[Step]:
    mine = members.all_of_person(db, person.id)
    chosen = [one for one in mine if member_id in (None, one.id)]
    whose = [Whose(person.id, person.telegram_id, one.network_id, one.id) for one in chosen]
    for one in whose or [Whose(person.id, person.telegram_id)]:
        shares = parts(rows.files(db, one.member_id))
        for number, share in enumerate(shares, 1):
            yield Step(one, number, len(shares), tuple(share))


def _slug(title: str) -> str:
    """Return a title as part of a file's name, whatever stands in it."""
    signs = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in title.lower())
    return "-".join(part for part in signs.split("-") if part)[:40] or "network"


def make(work: Work | None) -> Made | None:
    """Make the files; top-level, as it runs in another process."""
    return None if work is None else Made(work, tuple(render.pack(work.parcel, at=work.at)))


def write(db: Connection, person_id: int, desk: Desk, *, now: datetime, made: Made | None) -> None:
    """Let the files be sent, and note which step is next; done twice, it counts once.

    Files that were made before something was erased are of a request that is gone, even if they ask again.
    """
    name = f"{FACT}{person_id}"
    asked, person = facts.get(db, name), people.get(db, person_id)
    if asked is None or person is None or made is None:
        facts.drop(db, name)
        return
    if (int(asked.value["step"]), asked.at) != (made.work.number, made.work.asked):
        return
    outbox.write(db, _letters(db, person, made, desk, now=now), now=now)
    if made.work.last:
        facts.drop(db, name)
    else:
        facts.put(db, name, {**asked.value, "step": made.work.number + 1}, now=now)


def _letters(db: Connection, person: Person, made: Made, desk: Desk, *, now: datetime) -> list[Letter]:
    text, work = desk.text(person.language), made.work
    letters: list[Letter] = []
    for file in made.files:
        id = parcels.keep(db, person.id, file, now=now)
        values: dict[str, Any] = {"network": work.title}
        if file.mime == "text/html":
            caption = text("mydata.page", **values)
        elif work.of > 1:
            caption = text("mydata.archive_part", part=str(work.part), parts=str(work.of), **values)
        else:
            caption = text("mydata.archive", **values)
        letters += mail.parcel(To(person=person.id), id, caption, key=f"mydata:{person.id}:{id}")
    return letters
