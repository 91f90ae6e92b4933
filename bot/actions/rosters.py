"""Inviting by a list: a file or typed lines are read whole, shown, and become one invitation for each person."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from bot.actions import guests, sheets
from bot.actions import which as leading
from bot.actions.answer import Answer
from bot.actions.joining import write_after
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail, roster
from bot.core.contributions import Given
from bot.core.joining import NAMES
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import File, Letter, To
from bot.core.roster import Invitee, Known, Problem, Roster
from bot.core.texts import Markup
from storage import audit, chats, dialogs, links, people
from storage import groups as network_groups
from storage.db import Connection
from storage.links import Link
from storage.people import Person

KIND = "invites"  # the dialog, shared with the form of one invitation
FETCH = "roster"  # the kind of the question that brings the file
LIST, PREVIEW = "list", "preview"
OPEN_FOR = timedelta(hours=3)  # after that, what is written in private is no list and no name, but an answer
SHOWN = 10  # problems in a message


def ask(leader: Leader, message_id: int | None = None) -> list[Letter]:
    """Ask for the list, with an example to fill in."""
    data = {"network": leader.network.id}
    dialogs.put(leader.db, leader.person.id, KIND, LIST, data, now=leader.now, lasts=OPEN_FOR)
    text = leader.text
    heads = [text.plain(f"invites.head_{name}") for name in roster.ORDER]
    groups = network_groups.of(leader.db, leader.network.id)
    carers = groups.many("carer", text)
    core = text.plain("circle.label.core")
    rows = [("Anna", carers, core, NAMES[leader.network.language]), ("Ben", "", "", "")]
    example = File(f"{text.plain('invites.file')}.csv", "text/csv", roster.written(heads, rows))
    typed = Markup(
        f"<code>Anna | {member_words(carers)} | {member_words(core)} | {leader.network.language}</code>"
    )
    words = text("invites.list", heads=", ".join(heads), typed=typed)
    follows = mail.document(leader.to, example, text("invites.example"), silent=True)
    return [*leader.show(words, message_id=message_id), *follows]


def circles(db: Connection, network_id: int) -> tuple[str, ...]:
    """The circles that somebody can be invited to: the sounding board where it has a group."""
    there = {chat.circle for chat in chats.of_network(db, network_id)}
    return ("core", "sounding") if "sounding" in there else ("core",)


def understood(leader: Leader, typed: str) -> Roster:
    """Read lines that were typed."""
    return roster.typed(typed, _known(leader))


def _known(leader: Leader) -> Known:
    """The words that are understood in this network."""
    db, network, texts = leader.db, leader.network, leader.desk.texts
    groups = network_groups.of(db, network.id)
    spoken = [texts.of(language) for language in texts.languages]
    names = [(code, code) for code in groups.fine]
    for code in groups.fine:
        names += [(called(code, text), code) for called in (groups.one, groups.many) for text in spoken]
    taken = [link.name for link in links.invitations(db, network.id, now=leader.now) if link.name]
    return roster.known(names, circles(db, network.id), taken)


def given(leader: Leader, said: Given) -> list[Letter]:
    """A file or lines came while a list was expected."""
    if not said.files:
        found = understood(leader, said.text) if said.text.strip() else Roster()
        return show(leader, found) if found.people or found.problems else ask(leader)
    file = said.files[0]
    if file.kind != "document":
        return mail.say(leader.to, leader.text("invites.no_file"))
    if (file.size or 0) > roster.MAX_BYTES:
        return mail.say(leader.to, leader.text("invites.big_file", count=roster.MAX_PEOPLE))
    about = {"person": leader.person.id, "network": leader.network.id}
    return [mail.ask(FETCH, To(), "getFile", {"file_id": file.file_id}, about=about)]


def fetched(db: Connection, answer: Answer) -> None:
    """The file is here: read it, and show what is in it."""
    person = people.get(db, int(answer.about["person"]))
    network_id = int(answer.about["network"])
    leader = None if person is None else leading.leader(db, person, network_id, answer.desk, now=answer.now)
    if leader is None:
        return
    data = getattr(answer.outcome, "data", None)
    if data is None:
        write_after(db, answer, mail.say(leader.to, leader.text("invites.lost_file")))
    elif len(data) > roster.MAX_BYTES:
        too_big = leader.text("invites.big_file", count=roster.MAX_PEOPLE)
        write_after(db, answer, mail.say(leader.to, too_big))
    else:
        write_after(db, answer, show(leader, roster.read(data, _known(leader))))


def show(leader: Leader, found: Roster) -> list[Letter]:
    """Show who would be invited, or what can't be read; nothing is imported before a tap."""
    if found.problems:
        return mail.say(leader.to, _problems(leader, found.problems))
    guests_now = [asdict(guest) for guest in found.people]
    data = {"network": leader.network.id, "guests": guests_now}
    dialogs.put(leader.db, leader.person.id, KIND, PREVIEW, data, now=leader.now, lasts=OPEN_FOR)
    text = leader.text
    lines = [_line(leader, guest) for guest in found.people]
    html = text(
        "invites.preview",
        count=len(found.people),
        network=leader.network.title,
        guests=guests.listed(lines, text),
    )
    go = Button(text.plain("invites.button.make_all"), callback("roster.make", leader.network.id))
    leave = Button(text.plain("common.button.leave_it"), callback("roster.leave", leader.network.id))
    return mail.say(leader.to, html, keyboard_rows([go, leave]))


def _line(leader: Leader, guest: Invitee) -> Markup:
    text = leader.text
    parts = [guest.name]
    if guest.group is not None:
        parts.append(network_groups.of(leader.db, leader.network.id).many(guest.group, text))
    parts.append(text.plain(f"circle.label.{guest.circle}"))
    if guest.language is not None:
        parts.append(NAMES[guest.language])
    return member_words(", ".join(parts))


def _problems(leader: Leader, problems: Iterable[Problem]) -> Markup:
    text = leader.text
    every = list(problems)
    lines = []
    for one in every[:SHOWN]:
        why = text(
            f"invites.problem_{one.what}", value=one.value, other=str(one.other), most=str(roster.MAX_PEOPLE)
        )
        lines.append(text("invites.problem", line=str(one.line), column=one.column, why=why))
    if len(every) > SHOWN:
        lines.append(text("invites.more", count=len(every) - SHOWN))
    return text("invites.problems", lines=Markup("\n".join(lines)))


# Making them ------------------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    network_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Make the invitations that were shown, or leave it; None for a list that is no longer open."""
    leader = leading.leader(db, person, network_id, desk, now=now)
    dialog = dialogs.of(db, person.id, now=now)
    if leader is None or dialog is None or (dialog.kind, dialog.step) != (KIND, PREVIEW):
        return None
    if dialog.data["network"] != network_id or verb not in ("make", "leave"):
        return None
    dialogs.close(db, person.id)
    if verb == "leave":
        return leader.show(leader.text("invites.left"), message_id=message_id)
    found = [Invitee(**guest) for guest in dialog.data["guests"]]
    made = [guests.make(leader, guest) for guest in found]
    audit.note(db, "invited_list", now=now, network_id=network_id, person_id=person.id, count=len(made))
    sheets.order(db, person.id, [link.id for link in made], now=now)
    until = dates.day(now + guests.LASTS, leader.zone, leader.text.language, now=now)
    words = leader.text("invites.made", count=len(made), until=until)
    return [*leader.show(words, message_id=message_id), *_table(leader, found, made)]


def _table(leader: Leader, found: Iterable[Invitee], made: Iterable[Link]) -> list[Letter]:
    """The list with a link for each."""
    text = leader.text
    heads = [text.plain(f"invites.head_{name}") for name in (*roster.ORDER, "link")]
    groups = network_groups.of(leader.db, leader.network.id)
    rows = [
        (
            guest.name,
            groups.many(guest.group, text) if guest.group else "",
            text.plain(f"circle.label.{guest.circle}"),
            NAMES[guest.language] if guest.language else "",
            leader.desk.link(f"j_{link.token}"),
        )
        for guest, link in zip(found, made, strict=True)
    ]
    file = File(f"{text.plain('invites.file')}.csv", "text/csv", roster.written(heads, rows))
    return mail.document(leader.to, file, text("invites.table"), silent=True)
