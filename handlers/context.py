"""The context of every handler: reads the unit of work, never Telegram. Nothing here may raise."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from telegram import Update
from telegram.ext import CallbackContext, ExtBot, filters

from bot.actions import unit
from bot.actions.unit import Desk
from bot.core.letters import Press, read_callback
from bot.core.mail import Letter
from storage import dialogs, people
from storage.db import Connection
from storage.dialogs import Dialog
from storage.people import Person

# Telegram's stand-ins for senders who are no person: an anonymous administrator, a linked channel, a channel.
NOBODY = {1087968824, 777000, 136817688}


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """What a handler works with besides the update."""

    @classmethod
    def from_update(cls, update: object, application: Any) -> Self:
        """Mark a failure here as well: PTB only logs it, and the update would count as handled."""
        try:
            return super().from_update(update, application)
        except Exception as error:
            unit.current().failure = error
            raise

    @property
    def db(self) -> Connection:
        """The connection of this update's transaction."""
        return unit.current().db

    @property
    def now(self) -> datetime:
        """The moment at which the worker took the batch up."""
        return unit.current().now

    @property
    def desk(self) -> Desk:
        """Texts and what the bot knows about itself."""
        return unit.current().desk

    @property
    def raw(self) -> dict[str, Any]:
        """The update as Telegram sent it: it has fields that PTB does not know yet."""
        return dict(unit.current().raw)

    @property
    def key(self) -> str:
        """The key of this update's letters, unique for ever: `reply:<inbox seq>`."""
        return unit.current().key

    def say(self, letters: Iterable[Letter] | Letter | None) -> None:
        """Collect letters; the worker writes them with everything else this update changed."""
        if letters is None:
            return
        here = unit.current()
        for letter in [letters] if isinstance(letters, Letter) else letters:
            key = letter.key or f"{here.key}:{len(here.letters) + 1}"
            here.letters.append(replace(letter, key=key))

    def answer(self, text: str = "", *, alert: bool = False, url: str = "") -> None:
        """Answer the pressed button after the commit, or open a link of ours; a later call replaces an earlier one."""
        here = unit.current()
        query = here.raw.get("callback_query") or {}
        if query.get("id"):
            here.answers = [unit.PressAnswer(str(query["id"]), text[:200], alert, url)]


def press(update: Update) -> Press | None:
    """Return what the pressed button says; None if it is none of ours."""
    query = update.callback_query
    return None if query is None else read_callback(query.data)


def pressed_message(update: Update) -> int | None:
    """Return the id of the message whose button was pressed."""
    query = update.callback_query
    return None if query is None or query.message is None else query.message.message_id


def is_person(update: Update) -> bool:
    """Whether a human being, under an account of their own, is behind this update."""
    user = update.effective_user
    if user is None or user.is_bot or user.id in NOBODY:
        return False
    message = update.effective_message
    return update.callback_query is not None or message is None or message.sender_chat is None


def who(update: Update, context: Context) -> Person | None:
    """Return the known person behind this update."""
    user = update.effective_user
    if user is None or not is_person(update):
        return None
    return people.by_telegram_id(context.db, user.id)


def sender(update: Update) -> Person | None:
    """Return the known person who sent this, as it was when the update came: for filters, which all ask the same."""
    user, here = update.effective_user, unit.current()
    if "sender" not in here.glimpsed:
        here.glimpsed["sender"] = None if user is None else people.by_telegram_id(here.db, user.id)
    person: Person | None = here.glimpsed["sender"]
    return person


def dialog_of(update: Update) -> Dialog | None:
    """Return the dialog of the person behind this update that was open when it came."""
    person, here = sender(update), unit.current()
    if "dialog" not in here.glimpsed:
        here.glimpsed["dialog"] = None if person is None else dialogs.of(here.db, person.id, now=here.now)
    dialog: Dialog | None = here.glimpsed["dialog"]
    return dialog


class in_dialog(filters.UpdateFilter):
    """Lets updates through whose person is in a dialog of this kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(name=f"in_dialog({kind})")
        self._kind = kind

    def filter(self, update: Update) -> bool:
        """Look the dialog up."""
        dialog = dialog_of(update)
        return dialog is not None and dialog.kind == self._kind
