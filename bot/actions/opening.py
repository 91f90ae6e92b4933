"""When everything that people must be told is there, a network opens: the groups hear of the bot, and people join."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import readiness
from bot.actions.answer import Answer
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.core import mail
from bot.core import setup as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import audit, chats, facts, links, members, networks, outbox
from storage.chats import Chat
from storage.db import Connection
from storage.networks import Network

INTRODUCED = "introduced"  # the kind of the message that is pinned
CLOSED = "closed:"  # the fact that a network has not opened yet, by its id


def close(db: Connection, network_id: int, *, now: datetime, waited: bool = False) -> None:
    """Remember that nobody can join yet, so that those who lead are told when people can.

    `waited`: somebody would have joined. Who it was is not kept; they have their invitation.
    """
    name = f"{CLOSED}{network_id}"
    before = facts.get(db, name)
    if before is None or waited > before.value["waited"]:
        facts.put(db, name, {"waited": waited}, now=now)


def when_ready(
    db: Connection, network_id: int, desk: Desk, *, now: datetime, by: int | None = None
) -> list[Letter]:
    """Open a network in which nothing is missing any more; `by`, who completed it, hears of it at once.

    Whatever may have been the last thing asks this; it says something once.
    """
    network = networks.get(db, network_id)
    closed = None if network is None else facts.get(db, f"{CLOSED}{network_id}")
    if network is None or closed is None or readiness.missing(db, network, desk):
        return []
    facts.drop(db, closed.name)
    audit.note(db, "opened", now=now, network_id=network_id, person_id=by)
    hello: list[Letter] = []
    for chat in chats.of_network(db, network_id):
        hello += introduce(db, chat, chat.rights or [], desk, now=now)
    ids = ["readiness.said_hello" if hello else "readiness.hello_later"]
    ids += ["readiness.waited"] if closed.value["waited"] else []
    letters: list[Letter] = []
    for leader in members.facilitators(db, network_id):
        rested = None if leader.person_id == by else undisturbed(leader, ZoneInfo(network.timezone), now=now)
        text = desk.text(leader.language)
        lines = [text("readiness.complete", network=network.title), *(text(id) for id in ids)]
        key = f"opened:{network_id}:{leader.person_id}:{closed.at:%Y%m%d%H%M%S}"
        to, words = To(person=leader.person_id), Markup("\n\n".join(lines))
        letters += mail.say(to, words, invite(text, network), key=key, not_before=rested)
    return letters + hello


def invite(text: Text, network: Network) -> Keyboard:
    """The way on, once people can join."""
    button = Button(text.plain("setup.button.invite"), callback("invite.network", network.id))
    return keyboard_rows([button])


def look_after(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Open what became ready without anybody doing anything here, as when the settings were filled in.

    And tell of networks that are no longer ready, as when the stand-in left: who leads hears it before who would join.
    """
    opened = 0
    for network in networks.active(db):
        letters = when_ready(db, network.id, desk, now=now)
        opened += bool(letters)
        if not letters and facts.get(db, f"{CLOSED}{network.id}") is None:
            letters = _closed(db, network, desk, now=now)
        outbox.write(db, letters, now=now)
    return opened


def _closed(db: Connection, network: Network, desk: Desk, *, now: datetime) -> list[Letter]:
    if not readiness.missing(db, network, desk):
        return []
    close(db, network.id, now=now)
    letters: list[Letter] = []
    for leader in members.facilitators(db, network.id):
        text = desk.text(leader.language)
        button = Button(text.plain("readiness.button.what"), callback("readiness.show", network.id))
        words, key = (
            text("readiness.closed", network=network.title),
            f"closed:{network.id}:{now:%Y%m%d%H%M%S}",
        )
        letters += mail.say(
            To(person=leader.person_id),
            words,
            keyboard_rows([button]),
            key=f"{key}:{leader.person_id}",
            not_before=undisturbed(leader, ZoneInfo(network.timezone), now=now),
        )
    return letters


# The group --------------------------------------------------------------------------------------------------------


def introduce(db: Connection, chat: Chat, lacking: list[str], desk: Desk, *, now: datetime) -> list[Letter]:
    """Say hello in the group, once: as soon as the bot can work there, and people can join."""
    if chat.introduced_at is not None or rules.ADMINISTRATOR in lacking:
        return []
    network = networks.found(db, chat.network_id)
    if readiness.missing(db, network, desk):
        return []
    chats.change(db, chat.id, introduced_at=now)
    text = desk.text(network.language)
    token = links.standing(db, "group", network.id, chat.circle, now=now).token
    start = f"g_{token}"
    keyboard = keyboard_rows(
        [
            Button(text.plain("joining.button.join"), url=desk.link(start)),
            Button(text.plain("setup.button.kept"), callback("joining.kept", network.id)),
        ]
    )
    return mail.say(
        To(chat=chat.id),
        text("setup.introduction", network=network.title),
        keyboard,
        key=f"introduction:{chat.id}",
        kind=INTRODUCED,
        about={"chat": chat.id},
        thread=chat.topic_id,
        unsure="probe",
        mark=f"start={start}",
    )


def introduced(db: Connection, answer: Answer) -> None:
    """The introduction stands in the group: pin it."""
    message_id = (answer.result or {}).get("message_id") if isinstance(answer.result, dict) else None
    chat = chats.get(db, answer.about["chat"])
    if message_id is None or chat is None or "pin" in (chat.rights or []):
        return
    outbox.write(db, [mail.pin(To(chat=chat.id), message_id, key=f"pin:{chat.id}")], now=answer.now)
