"""A button that was typed: its number or its words count as the press, whatever subject it belongs to."""

from collections.abc import Callable
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.actions import answering, mine, quiet, unit
from bot.core import mail, typed
from bot.core.letters import Button, keyboard_rows
from bot.core.mail import To
from bot.core.markup import escape
from bot.core.typed import Label, Shown
from handlers.context import Context, dialog_of, is_person, who
from storage import people, screens
from storage.people import Person

OWN = "joining"  # reads typed choices itself, as it shows its buttons again until one fits
NO_WORDS = ("which",)  # dialogs that ask for no words of their own


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

    def __init__(self, wanted: Callable[[Shown], object]) -> None:
        super().__init__(name="asks_for")
        self._wanted = wanted

    def filter(self, update: Update) -> bool:
        """Look at what was said last."""
        message, person = update.effective_message, _person(update)
        if message is None or person is None:
            return False
        shown = screens.last(unit.current().db, person.id, seen_at=message.date)
        return shown is not None and bool(self._wanted(shown))


def _person(update: Update) -> Person | None:
    user = update.effective_user
    if user is None or not is_person(update):
        return None
    return people.by_telegram_id(unit.current().db, user.id)


def _meant(update: Update, person: Person, message: Message) -> tuple[Label, ...]:
    here, words, dialog = unit.current(), message.text or "", dialog_of(update)
    kind = None if dialog is None else dialog.kind
    if kind == OWN and not typed.is_number(words):
        return ()
    shown = screens.last(here.db, person.id, seen_at=message.date)
    if shown is None:
        return ()
    least = typed.level(
        shown,
        answering=answering.state(here.db, person, now=here.now).answering(here.now) is not None,
        in_dialog=kind is not None and kind not in NO_WORDS,
        now=here.now,
    )
    return typed.meant(words, shown.labels, least)


async def on_choice(update: Update, context: Context) -> None:
    """Press what was meant; ask where it could be several."""
    message, person = update.effective_message, who(update, context)
    if message is None or person is None:
        return
    found = _meant(update, person, message)
    text, to = context.desk.text(person.language), To(person=person.id)
    if len(found) == 1 and found[0].data is not None:
        await _press(update, context, person, found[0].data)
    elif len(found) == 1:
        context.say(mail.say(to, escape(found[0].url or ""), silent=True))
    elif found:
        buttons = [Button(one.words, data=one.data, url=one.url) for one in found]
        context.say(mail.say(to, text("typed.which"), keyboard_rows(buttons), silent=True))
    else:
        context.say(mail.say(to, text("typed.no_such"), silent=True))


async def _press(update: Update, context: Context, person: Person, data: str) -> None:
    """Let the button's own handler do what it does; what it shows comes as a new message below the typed words."""
    assert update.effective_user is not None
    here = unit.current()
    query = CallbackQuery(id="typed", from_user=update.effective_user, chat_instance="", data=data)
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
        PRIVATE_TEXT & ~filters.COMMAND & asks_for(lambda shown: shown.rewords is not None or shown.asks_for),
        on_words,
    ),
]
