"""What somebody can do here, by what they are."""

from bot.actions import visitors
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import mail
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import members, networks
from storage.chats import Chat
from storage.db import Connection
from storage.people import Person


def help_for(db: Connection, visitor: Visitor, person: Person | None, desk: Desk) -> list[Letter]:
    """`/help`: for a stranger, a member, a facilitator, a coordinator; who is several things gets all of it."""
    if person is None or not (person.coordinator or members.of_person(db, person.id)):
        return stranger(visitor, person, desk)
    text = desk.text(person.language)
    parts = [text("helping.member")] if members.of_person(db, person.id) else []
    if networks.led_by(db, person.id):
        parts.append(text("helping.facilitator"))
    if person.coordinator:
        parts.append(text("helping.coordinator"))
    return mail.say(To(person=person.id), Markup("\n\n".join(parts)), _talk(text))


def stranger(visitor: Visitor, person: Person | None, desk: Desk) -> list[Letter]:
    """Who found the bot by chance: what it is, and that one is invited; nothing is kept."""
    to, text = visitors.reader(visitor, person, desk)
    return mail.say(to, text("helping.stranger"), _talk(text))


def _talk(text: Text) -> Keyboard:
    """Whoever looks for help may need another help than commands."""
    return keyboard_rows([Button(text.plain("talk.button.help"), callback("talk.show", 0))])


def unknown(visitor: Visitor, person: Person | None, command: str, desk: Desk) -> list[Letter]:
    """A command that is none of ours."""
    to, text = visitors.reader(visitor, person, desk)
    return mail.say(to, text("error.unknown_command", command=command[:40]))


def not_here(chat: Chat, language: str, desk: Desk, start: str, reply_to: int) -> list[Letter]:
    """Somebody without a private chat with the bot asked for something in the group."""
    text = desk.text(language)
    keyboard = keyboard_rows([Button(text.plain("common.button.open_private"), url=desk.link(start))])
    to = To(chat=chat.id)
    return mail.say(to, text("error.not_private"), keyboard, silent=True, reply_to=reply_to)
