"""Setting up: `/setup` in a group, the buttons that follow, and what happens to the bot itself in a chat."""

from typing import Any

from telegram import Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.actions import setup
from bot.actions.setup import Place
from bot.core import mail
from bot.core.mail import To
from handlers.aside import arguments, private, visitor
from handlers.buttons import stale
from handlers.context import Context, in_dialog, press, who
from storage import chats, people

ANONYMOUS = 1087968824  # Telegram's stand-in for an administrator who remains anonymous


async def on_setup(update: Update, context: Context) -> None:
    """Bind a group to a network; everything but a refusal is said in private."""
    message, chat = update.effective_message, update.effective_chat
    if message is None or chat is None or chat.type == "channel":
        return
    guest, person = visitor(update), who(update, context)
    if private(update):
        if guest is not None:
            to = To(person=person.id) if person else guest.to
            text = context.desk.text(person.language) if person else guest.text(context.desk)
            context.say(mail.say(to, text("setup.in_group")))
        return
    here = chats.by_telegram_id(context.db, chat.id)
    to = To(telegram=chat.id) if here is None else To(chat=here.id)
    place = Place(
        chat.id, chat.type, chat.title or "", message.message_thread_id if message.is_topic_message else None
    )
    if guest is None:
        hidden = message.sender_chat is not None and message.sender_chat.id == chat.id
        if hidden or (message.from_user is not None and message.from_user.id == ANONYMOUS):
            refusal = context.desk.text(None)("setup.anonymous")
            context.say(mail.say(to, refusal, reply_to=message.message_id, thread=place.topic_id))
        return
    leads = person is not None and here is not None and setup.leads(context.db, here, person)
    if person is None or not (person.coordinator or leads):
        text = context.desk.text(person.language) if person else guest.text(context.desk)
        refusal = text("setup.not_coordinator")
        context.say(mail.say(to, refusal, reply_to=message.message_id, thread=place.topic_id, silent=True))
        return
    context.say(setup.begin(context.db, person, place, arguments(update), context.desk, now=context.now))


async def on_press(update: Update, context: Context) -> None:
    """The group's own title, a new network, or the sounding board of one."""
    pressed, person = press(update), who(update, context)
    letters = None
    if pressed is not None and person is not None:
        db, desk, now = context.db, context.desk, context.now
        match pressed.action:
            case "setup.title":
                letters = setup.titled(db, person, None, desk, chat=pressed.nonce, now=now)
            case "setup.new":
                letters = setup.chose(db, person, None, pressed.nonce, desk, now=now)
            case "setup.board":
                letters = setup.chose(db, person, pressed.id, pressed.nonce, desk, now=now)
    if letters is None:
        stale(context, person)
        return
    context.answer()
    context.say(letters)


async def on_title(update: Update, context: Context) -> None:
    """The title of a new network was typed."""
    person, message = who(update, context), update.effective_message
    if person is None or message is None:
        return
    letters = setup.titled(context.db, person, message.text or "", context.desk, now=context.now)
    if letters is None:  # a button was awaited
        text = context.desk.text(person.language)
        letters = mail.say(To(person=person.id), text("setup.choose"))
    context.say(letters)


async def on_my_standing(update: Update, context: Context) -> None:
    """The bot was added, promoted, demoted or removed; or somebody blocked or unblocked it."""
    change = update.my_chat_member
    if change is None:
        return
    standing = (context.raw.get("my_chat_member") or {}).get("new_chat_member") or {}
    if change.chat.type == "private":
        person = people.by_telegram_id(context.db, change.chat.id)
        if person is not None:
            people.change(context.db, person.id, reachable=standing.get("status") == "member")
        return
    if change.chat.type == "channel":
        return
    place = Place(change.chat.id, change.chat.type, change.chat.title or "")
    context.say(
        setup.standing_changed(
            context.db, place, standing, change.from_user.id, context.desk, now=context.now
        )
    )


async def on_migration(update: Update, context: Context) -> None:
    """A group became a supergroup: one service message in each of them."""
    message = update.effective_message
    if message is None:
        return
    if message.migrate_to_chat_id is not None:
        setup.moved(context.db, message.chat_id, message.migrate_to_chat_id, now=context.now)
    elif message.migrate_from_chat_id is not None:
        setup.moved(context.db, message.migrate_from_chat_id, message.chat_id, now=context.now)


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("setup", on_setup, filters=NEW),
    CallbackQueryHandler(on_press, pattern=r"^v1:setup\."),
    ChatMemberHandler(on_my_standing, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(NEW & filters.StatusUpdate.MIGRATE, on_migration),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        NEW & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND & in_dialog("setup"), on_title
    ),
]
