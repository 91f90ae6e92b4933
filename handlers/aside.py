"""Commands that are typed in a group are answered in private: who speaks, and how to lead them there."""

from telegram import Update

from bot.actions import helping
from bot.actions.visitors import Visitor
from bot.core import mail
from bot.core.mail import To
from handlers.context import Context, is_person, who
from storage import chats, networks
from storage.people import Person


def visitor(update: Update) -> Visitor | None:
    """The human being behind an update, kept or not."""
    user = update.effective_user
    if user is None or not is_person(update):
        return None
    return Visitor(user.id, user.first_name, user.username, user.language_code)


def private(update: Update) -> bool:
    """Whether this was said in a private chat."""
    return update.effective_chat is not None and update.effective_chat.type == "private"


def arguments(update: Update) -> str:
    """What stands behind a command, lines and all."""
    message = update.effective_message
    parts = ((message.text or message.caption or "") if message else "").split(maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else ""


def led_aside(update: Update, context: Context, start: str = "help") -> Person | None:
    """Return who gave a command, to be answered in private; None if there is nothing more to say.

    In a group the command is deleted where the bot may; to somebody without a private chat the way there is
    shown. Groups of no network, anonymous administrators and channels get silence.
    """
    person = who(update, context)
    if private(update):
        return person
    message, chat_seen = update.effective_message, update.effective_chat
    chat = None if chat_seen is None else chats.by_telegram_id(context.db, chat_seen.id)
    if message is None or chat is None or not is_person(update):
        return None
    if "delete" not in (chat.rights or []) and "administrator" not in (chat.rights or []):
        context.say(mail.delete(To(chat=chat.id), message.message_id))
    if person is not None and person.reachable:
        return person
    language = networks.found(context.db, chat.network_id).language
    context.say(helping.not_here(chat, language, context.desk, start, message.message_id))
    return None
