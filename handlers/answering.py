"""Answering in private: a posting's link, what is written here, and the buttons that say what it answers."""

import re
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from bot.actions import answering, asks, belonging, unit
from handlers.aside import arguments
from handlers.buttons import presses
from handlers.context import Context, is_person, sender, who
from handlers.contributions import MESSAGES, given
from storage import members, people, postings
from storage.people import Person
from storage.postings import Posting

TOKEN = re.compile(r"p_([A-Za-z0-9_-]{1,64})")


class answers_posting(filters.UpdateFilter):
    """Lets `/start p_<token>` of a member through: an answer; of anybody else it is a wish to join."""

    def filter(self, update: Update) -> bool:
        """Look posting and membership up."""
        person = _person(update)
        posting = None if person is None else _posting(update)
        if person is None or posting is None:
            return False
        db = unit.current().db
        return belonging.taking_part(db, members.who(db, posting.network_id, person.id)) is not None


class takes_part(filters.UpdateFilter):
    """Lets through who takes part in a network, or did; strangers are told elsewhere what this is."""

    def filter(self, update: Update) -> bool:
        """Look the memberships up."""
        person = _person(update)
        return person is not None and belonging.knows(unit.current().db, person.id)


def _person(update: Update) -> Person | None:
    return sender(update) if is_person(update) else None


def _posting(update: Update) -> Posting | None:
    match = TOKEN.fullmatch(arguments(update))
    return None if match is None else postings.by_token(unit.current().db, match[1])


async def on_link(update: Update, context: Context) -> None:
    """A member opened *Answer privately*."""
    person, posting = who(update, context), _posting(update)
    if person is not None and posting is not None:
        _reachable(context, person)
        context.say(answering.begin(context.db, person, posting.id, context.desk, now=context.now))


async def on_message(update: Update, context: Context) -> None:
    """Something that is written, spoken or shown in private: an answer, once it is clear to what."""
    message, person = update.effective_message, who(update, context)
    if message is None or person is None:
        return
    _reachable(context, person)
    now_given = given(message, context.raw.get("message") or {})
    context.say(answering.given(context.db, person, now_given, context.desk, now=context.now))


def _reachable(context: Context, person: Person) -> None:
    if not person.reachable:
        people.change(context.db, person.id, reachable=True)


PRIVATE = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
# Before all other commands: joining takes every other /start.
LINKS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("start", on_link, filters=PRIVATE & answers_posting()),
]
PRESSES: list[BaseHandler[Any, Any, Any]] = [
    presses("answering", answering.pressed),
    presses("asks", asks.pressed),
]
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(MESSAGES & filters.ChatType.PRIVATE & takes_part(), on_message),
]
