"""A button that was typed: its number or its words count as the press, whatever subject it belongs to."""

from typing import Any

from telegram import CallbackQuery, Chat, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.actions import answering, mine, quiet, unit
from bot.core import mail, typed
from bot.core.letters import Button, keyboard_rows
from bot.core.mail import To
from bot.core.markup import escape
from bot.core.texts import Markup
from bot.core.typed import Label, Shown
from handlers.context import Context, dialog_of, is_person, sender, who
from storage import screens, talks
from storage.people import Person

OWN = "joining"  # reads typed choices itself, as it shows its buttons again until one fits
NO_WORDS = ("which",)  # dialogs that ask for no words of their own
# What they show is changed later where it stands: a name and a number, words of others. Nowhere else may it be shown.
IN_PLACE = ("talk.", "alert.", "digests.")


class chooses(filters.UpdateFilter):
    """Lets through what names a button of our last message, or one by `/2`."""

    def filter(self, update: Update) -> bool:
        """Look at what was said last."""
        message, person = update.effective_message, _person(update)
        if message is None or person is None:
            return False
        return bool(_meant(update, person, message)) or typed.is_number(message.text or "")


class asks_for(filters.UpdateFilter):
    """Lets through what is written below a message of ours that asks for such words, whatever dialog is open."""

    def filter(self, update: Update) -> bool:
        """Look at what was said last."""
        message, person = update.effective_message, _person(update)
        if message is None or person is None:
            return False
        here = unit.current()
        if talks.under_way(here.db, person.id) is not None or _kind(update) == talks.KIND:
            return False  # it is meant for the person they talk to
        shown = screens.last(here.db, person.id, seen_at=message.date)
        # What stands there since days is not what somebody writes below: it would overwrite an old answer.
        if shown is None or here.now - shown.at > typed.FRESH:
            return False
        return shown.rewords is not None or bool(shown.asks_for)


def _person(update: Update) -> Person | None:
    return sender(update) if is_person(update) else None


def _kind(update: Update) -> str | None:
    dialog = dialog_of(update)
    return None if dialog is None else dialog.kind


def _meant(update: Update, person: Person, message: Message) -> tuple[Label, ...]:
    return _read(update, person, message)[1]


def _read(update: Update, person: Person, message: Message) -> tuple[Shown | None, tuple[Label, ...]]:
    """Return our last message, and which of its buttons are meant."""
    here, words, dialog = unit.current(), message.text or "", dialog_of(update)
    kind = None if dialog is None else dialog.kind
    if kind == OWN and not typed.is_number(words):
        return None, ()
    shown = screens.last(here.db, person.id, seen_at=message.date)
    if shown is None:
        return None, ()
    least = typed.level(
        shown,
        answering=answering.state(here.db, person, now=here.now).answering(here.now) is not None,
        in_dialog=kind is not None and kind not in NO_WORDS,
        now=here.now,
    )
    return shown, typed.meant(words, shown.labels, least)


async def on_choice(update: Update, context: Context) -> None:
    """Press what was meant; ask where it could be several."""
    message, person = update.effective_message, who(update, context)
    if message is None or person is None:
        return
    shown, found = _read(update, person, message)
    text, to = context.desk.text(person.language), To(person=person.id)
    if len(found) == 1 and found[0].data is not None:
        await _press(update, context, person, found[0], shown)
    elif len(found) == 1:
        context.say(mail.say(to, escape(found[0].url or ""), silent=True))
    elif shown is not None and any(one.action.startswith(IN_PLACE) for one in found):
        numbered = [f"/{n} {escape(one.words)}" for n, one in enumerate(shown.labels, 1) if one in found]
        html = Markup("\n".join([text("typed.which"), *numbered]))
        context.say(mail.say(to, html, key=f"{screens.ASKS_BACK}{context.key}", silent=True))
    elif found:
        buttons = [Button(one.words, data=one.data, url=one.url) for one in found]
        context.say(mail.say(to, text("typed.which"), keyboard_rows(buttons), silent=True))
    else:
        context.say(mail.say(to, text("typed.no_such"), silent=True))


async def _press(update: Update, context: Context, person: Person, label: Label, shown: Shown | None) -> None:
    """Let the button's own handler do what it does.

    What it shows comes as a new message below the typed words, or `IN_PLACE` of the one that has the button.
    """
    user = update.effective_user
    assert user is not None
    here = unit.current()
    query = CallbackQuery(
        id="typed", from_user=user, chat_instance="", data=label.data, message=_pressed(user.id, label, shown)
    )
    pressed = Update(update.update_id, callback_query=query)
    raw = here.raw
    here.raw = {"callback_query": {"id": query.id}}
    try:
        for handler in context.application.handlers[0]:
            if isinstance(handler, CallbackQueryHandler) and (fits := handler.check_update(pressed)):
                await handler.handle_update(pressed, context.application, fits, context)
                break
    finally:
        here.raw = raw
    # There is no press that Telegram would wait for: what it would have been told is said.
    answers, here.answers = here.answers, []
    for answer in answers:
        if answer.text:
            context.say(mail.say(To(person=person.id), escape(answer.text), silent=True))


def _pressed(telegram_id: int, label: Label, shown: Shown | None) -> Message | None:
    if shown is None or shown.message_id is None or not label.action.startswith(IN_PLACE):
        return None
    # Not an InaccessibleMessage, of which PTB warns whenever a handler looks at the update's message.
    return Message(shown.message_id, shown.at, Chat(telegram_id, Chat.PRIVATE))


async def on_words(update: Update, context: Context) -> None:
    """New words of an answer, quiet hours, the length of a pause."""
    message, person = update.effective_message, who(update, context)
    shown = (
        None
        if message is None or person is None
        else screens.last(context.db, person.id, seen_at=message.date)
    )
    if message is None or person is None or shown is None:
        return
    words = message.text or ""
    if shown.rewords is not None:
        context.say(mine.typed(context.db, person, shown.rewords, words, context.desk, now=context.now))
    else:
        read = quiet.pause_typed if shown.asks_for == "pause" else quiet.hours_typed
        context.say(read(context.db, person, words, context.desk, now=context.now))


PRIVATE_TEXT = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.TEXT
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        PRIVATE_TEXT & (~filters.COMMAND | filters.Regex(r"^/[1-9][0-9]?(@\w+)?$")) & chooses(), on_choice
    ),
    MessageHandler(
        PRIVATE_TEXT & ~filters.COMMAND & asks_for(),
        on_words,
    ),
]
