"""A typed press of a button whose message is looked after: what it shows stands there, and nowhere else."""

from types import SimpleNamespace

import pytest
from sqlalchemy import update as change
from telegram import Chat, Message, Update, User

import handlers
from bot.actions.unit import Unit, holding
from bot.core.mail import Letter
from handlers import typed
from handlers.context import Context
from storage import people, talks
from storage.db import Database
from storage.tables import outbox
from tests.troubled import DESK, Room, labels, play

APPLICATION = SimpleNamespace(handlers={0: handlers.all_handlers()})


def types(here: Room, name: str, words: str, number: int) -> list[Letter]:
    """Write words in private; everything said before has been seen."""
    here.db.execute(change(outbox).where(outbox.c.sent_at.is_(None)).values(sent_at=here.now))
    user = User(here.person(name).telegram_id, name, is_bot=False)
    message = Message(number, here.now, Chat(user.id, Chat.PRIVATE), from_user=user, text=words)
    update, held = Update(number, message=message), Unit(here.db, here.now, f"reply:{number}", DESK)
    with holding(held):
        assert typed.chooses().filter(update)
        with pytest.raises(StopIteration):  # it waits for nothing
            typed.on_choice(update, Context(APPLICATION)).send(None)  # type: ignore[arg-type]
    return here.keep(held.letters)


async def test_what_a_typed_press_shows_of_a_talk_stands_where_it_is_looked_after(database: Database) -> None:
    def story(here: Room) -> None:
        people.change(here.db, here.people["Mohammed"].id, name="Frida")
        here.talk("Anna")
        (which,) = types(here, "Anna", "Frida", 1)
        assert labels([which]) == []  # a press there would show it there
        assert which.params["text"].endswith("/1 Frida\n/2 Frida")
        (how,) = types(here, "Anna", "/1", 2)
        assert (how.method, labels([how])[0]) == ("editMessageText", "Write to me here")
        here.press("Anna", [how], "Write to me here")
        alert = talks.alerts(here.db, here.request().id)[0]
        yours = types(here, "Frida", "I take it on", 3)[0]
        assert "It's Anna" in yours.params["text"]
        assert (yours.method, yours.params["message_id"]) == ("editMessageText", alert.message_id)

    await play(database, story)
