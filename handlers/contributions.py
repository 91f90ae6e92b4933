"""Answers in a group or its topics, edits anywhere, and the buttons below what was saved."""

import re
from collections.abc import Iterator
from typing import Any

from telegram import ExternalReplyInfo, Message, MessageOriginHiddenUser, MessageOriginUser, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import answering, contributions, media, taking
from bot.actions.taking import Spoken
from bot.core.contributions import OTHER, UNREAD, File, Given, Reply, rich_words, storable
from bot.core.mail import keyboard_marks
from handlers.buttons import presses
from handlers.context import Context, is_person, who

FILES = ("voice", "video", "video_note", "audio", "animation", "document")
# What is no answer, by the fields that say so; a message with none of all these is of a kind we don't know.
NO_ANSWER = (
    *("sticker", "contact", "location", "venue", "dice", "poll", "game", "story", "checklist", "gift"),
    *("paid_media", "invoice", "giveaway", "giveaway_winners", "unique_gift"),
)
TOKEN = re.compile(r"start=p_([A-Za-z0-9_-]{1,64})")


def given(message: Message, raw: dict[str, Any]) -> Given:
    """Return what a message holds that matters here. Words come with their signs, not with their formatting.

    `raw` is the message as Telegram sent it: a rich one has its words where python-telegram-bot knows no field.
    """
    files = tuple(_files(message))
    text = storable(message.text or message.caption or rich_words(raw.get("rich_message")))
    return Given(
        telegram_chat_id=message.chat_id,
        message_id=message.message_id,
        kind=_kind(message, files, text, raw),
        text=text,
        files=files,
        album=message.media_group_id,
        sent_at=message.date,
        foreign=message.via_bot is not None or not _own_words(message),
    )


def _kind(message: Message, files: tuple[File, ...], text: str, raw: dict[str, Any]) -> str:
    if not message.message_id:
        return UNREAD  # shown to one person only: Telegram gives it no id by which it could be found again
    if any(name in raw for name in NO_ANSWER):
        return OTHER
    return files[0].kind if files else "text" if text else UNREAD


def _own_words(message: Message) -> bool:
    """Whether somebody wrote it or forwards their own words, as those do who join after they answered."""
    user = message.from_user
    match message.forward_origin:
        case None:
            return True
        case MessageOriginUser(sender_user=sender):
            return user is not None and sender.id == user.id
        case MessageOriginHiddenUser(sender_user_name=name):
            # Who hides their account from forwards does so in their own, too; then only the name is shown.
            return user is not None and name == user.full_name
    return False


def _files(message: Message) -> list[File]:
    if message.photo:
        largest = message.photo[-1]
        return [File("photo", largest.file_id, size=largest.file_size)]
    found = ((kind, getattr(message, kind)) for kind in FILES)
    return [
        File(
            kind,
            file.file_id,
            name=_written(getattr(file, "file_name", None)),
            mime=_written(getattr(file, "mime_type", None)),
            size=file.file_size,
            duration=_seconds(getattr(file, "duration", None)),
        )
        for kind, file in found
        if file is not None
    ][:1]  # an animation comes as a document too


def _written(name: str | None) -> str | None:
    return None if name is None else storable(name)


def _seconds(duration: object) -> int | None:
    if duration is None:
        return None
    return int(duration.total_seconds()) if hasattr(duration, "total_seconds") else int(str(duration))


def reply(message: Message) -> Reply | None:
    """Return what a message replies to, in its own chat and topic or across them.

    Across topics Telegram shows the reply *and* the first message of the topic as what is replied to.
    """
    replied, outside = message.reply_to_message, message.external_reply
    if outside is not None:
        words = message.quote.text if message.quote is not None else ""
        chat = None if outside.chat is None else outside.chat.id
        return Reply(chat, outside.message_id, _origin(outside), words)
    if replied is None:
        return None
    author = None if replied.from_user is None or replied.sender_chat else replied.from_user.id
    words = replied.text or replied.caption or ""
    return Reply(message.chat_id, replied.message_id, author, words, tuple(_tokens(replied)))


def _origin(outside: ExternalReplyInfo) -> int | None:
    origin = outside.origin
    return origin.sender_user.id if isinstance(origin, MessageOriginUser) else None


def _tokens(message: Message) -> Iterator[str]:
    """The tokens of postings in a message's buttons: they recognise a posting whose id we don't know."""
    if message.reply_markup is None:
        return
    rows = [[button.to_dict() for button in row] for row in message.reply_markup.inline_keyboard]
    for mark in keyboard_marks(rows):
        if (found := TOKEN.fullmatch(mark)) is not None:
            yield found[1]


# Updates ----------------------------------------------------------------------------------------------------------


async def on_group_message(update: Update, context: Context) -> None:
    """Keep a message in a group, if it answers one of our postings and its author takes part."""
    message = update.effective_message
    if message is None or message.from_user is None or not is_person(update):
        return
    spoken = Spoken(
        given(message, context.raw.get("message") or {}),
        author=message.from_user.id,
        reply=reply(message),
        topic=message.message_thread_id if message.is_topic_message else None,
    )
    context.say(taking.in_group(context.db, spoken, context.desk, now=context.now))


async def on_edit(update: Update, context: Context) -> None:
    """Take the new words of a message that is kept, or that waits."""
    message = update.edited_message
    if message is None or not is_person(update):
        return
    now_given = given(message, context.raw.get("edited_message") or {})
    edited_at = message.edit_date or message.date
    context.say(taking.edit(context.db, now_given, context.desk, edited_at=edited_at, now=context.now))
    person = who(update, context)
    if person is not None and message.chat_id == person.telegram_id:
        answering.edited(context.db, person, now_given, now=context.now)


MESSAGES = filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL & ~filters.COMMAND
PRESSES: list[BaseHandler[Any, Any, Any]] = [
    presses("contributions", contributions.pressed),
    presses("media", media.pressed),
]
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(MESSAGES & filters.ChatType.GROUPS, on_group_message),
    MessageHandler(filters.UpdateType.EDITED_MESSAGE, on_edit),
]
