"""A network that people can join, and the ways in which tests press its buttons."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import catalogues
from bot.actions import arriving, joining
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core.letters import read_callback
from bot.core.mail import Letter
from storage import chats, links, members, networks, people
from storage.db import Connection
from storage.members import Member
from tests.answerable import PRIVACY, get_ready

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DESK = Desk(
    texts=catalogues.load(strict=True),
    bot_id=42,
    bot_username="bln_bot",
    **PRIVACY,
)
ANNA = Visitor(7, "Anna", "anna", "en")
BEN = Visitor(8, "Ben", None, "nl")


@dataclass
class Ground:
    """A network led by Frida, and a chat of it."""

    network: int
    chat: int
    frida: int


def ground(db: Connection, *, carers: int = 0, ready: bool = True) -> Ground:
    """Make the network; without a stand-in and a help text nobody can join it."""
    network = networks.create(
        db, title="Care partnership", language="en", timezone="Europe/Amsterdam", now=NOW
    )
    chat = chats.keep(
        db, network.id, -1001, circle="core", kind="supergroup", title="Care partnership", now=NOW
    )
    for number in range(carers):
        person = people.keep(db, 100 + number, name=f"C{number}", username=None, language="en", now=NOW)
        member = members.keep(db, network.id, person.id, circle="core", now=NOW)
        members.change(db, member.id, state="active", group="carer")
    frida = people.keep(db, 1, name="Frida", username=None, language="en", now=NOW)
    leader = members.keep(db, network.id, frida.id, circle="core", now=NOW)
    members.change(db, leader.id, state="active", facilitator=True, group="practitioner")
    if ready:
        get_ready(db, network.id, now=NOW)
    return Ground(network.id, chat.id, frida.id)


def invitation(db: Connection, here: Ground, *, now: datetime = NOW, **values: Any) -> str:
    """A personal invitation; returns its token."""
    return links.make(
        db,
        "join",
        now=now,
        created_by=here.frida,
        uses_left=1,
        expires_at=now + timedelta(days=60),
        **{"network_id": here.network, "circle": "core"} | values,
    ).token


def labels(letter: Letter) -> list[str]:
    """What stands on the buttons."""
    rows = letter.params.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def press(
    db: Connection, visitor: Visitor, letters: list[Letter], label: str, *, now: datetime = NOW
) -> list[Letter]:
    """Press a button of the last message that has some; None becomes a failure."""
    shown = next(letter for letter in reversed(letters) if "reply_markup" in letter.params)
    rows = shown.params["reply_markup"]["inline_keyboard"]
    data = next(button["callback_data"] for row in rows for button in row if button["text"] == label)
    found = forced(db, visitor, data, now=now)
    assert found is not None, label
    return found


def pressed_all(
    db: Connection, visitor: Visitor, letters: list[Letter], *pressed: str, now: datetime = NOW
) -> list[Letter]:
    """Press one button after the other; return what came of the last one."""
    for label in pressed:
        letters = press(db, visitor, letters, label, now=now)
    return letters


def forced(db: Connection, visitor: Visitor, data: str, *, now: datetime = NOW) -> list[Letter] | None:
    """Press what may never have been offered."""
    pressed = read_callback(data)
    person = people.by_telegram_id(db, visitor.telegram_id)
    assert pressed is not None
    assert person is not None
    verb = pressed.action.removeprefix("joining.")
    return joining.pressed(db, person, verb, pressed.id, pressed.nonce, message_id=5, desk=DESK, now=now)


def opened(db: Connection, visitor: Visitor, prefix: str, token: str, *, now: datetime = NOW) -> list[Letter]:
    """Follow a link."""
    return arriving.opened(db, visitor, prefix, token, DESK, now=now)


def member_of(db: Connection, here: Ground, visitor: Visitor) -> Member:
    """The membership of somebody."""
    found = members.by_telegram_id(db, here.network, visitor.telegram_id)
    assert found is not None
    return found


def text(letters: list[Letter]) -> str:
    """The words of the last message."""
    return str(letters[-1].params["text"])
