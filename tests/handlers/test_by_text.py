"""Whatever a button does can be done by writing: for who can't tap, dictates, or reads with the fingers.

Every button can be written as its words or its number while its message is the last one (handlers/typed.py). By which
command one gets to that message stands here, for each subject that has buttons. One more subject: a line in `WAYS`.
"""

import re

import pytest
from telegram.ext import CallbackQueryHandler, CommandHandler

import handlers
from bot import catalogues
from bot.actions import commands
from bot.core.letters import plain
from bot.core.texts import LANGUAGES
from handlers.which import RUNS

TEXTS = catalogues.load(strict=True)
COMES = ""  # its message comes by itself, at the moment it is about; nothing has to be looked for
WAYS = {
    "about": "me",
    "alert": COMES,  # a facilitator's: an answer may be about somebody's safety; later with /digest
    "agenda": COMES,  # below every summary; at the meeting it can be said as well
    "answering": "open",
    "appear": "me",
    "asks": "open",
    "catchup": "catchup",
    "consents": "consent",
    "contributions": "me",
    "danger": COMES,  # and /talk offers the same help at any time
    "corrections": COMES,  # below every summary
    "digests": "digest",
    "editions": "me",
    "erasing": "forget",
    "groups": "groups",
    "helptext": "helptext",
    "invite": "invite",
    "joining": "start",
    "leaving": "leave",
    "listening": "listen",
    "me": "me",
    "media": COMES,  # below what was just sent; kept or erased with /me
    "meetings": "meetings",
    "members": "members",
    "mine": "me",
    "mydata": "mydata",
    "objecting": "object",
    "pause": "pause",
    "persons": COMES,  # below what was just sent; its words are changed with /me
    "privacy": "privacy",
    "prompts": "prompts",
    "quiet": "quiet",
    "readiness": "ready",
    "roster": "invite",
    "settings": "settings",
    "setup": "setup",
    "sentences": COMES,  # a question to an author; what they think better of, they take back with /me
    "stances": "open",
    "stars": "me",
    "statements": "statements",
    "singles": COMES,  # before a summary goes out; what was answered is changed with /me
    "talk": "talk",
    "telling": "open",
    "told": COMES,  # before a summary goes out; words are kept out of it with /me
    "themes": "themes",
    "votes": "open",
    "which": COMES,  # below any command of a facilitator of several networks
}


def subjects() -> set[str]:
    found = set()
    for one in handlers.all_handlers():
        pattern = one.pattern if isinstance(one, CallbackQueryHandler) else None
        if isinstance(pattern, re.Pattern):
            named = re.match(r"\^v1:\(?([a-z|]+)\)?\\\.", pattern.pattern)
            assert named, f"whose buttons are these? {pattern.pattern}"
            found |= set(named[1].split("|"))
    return found


def understood() -> set[str]:
    return set(RUNS).union(
        *(one.commands for one in handlers.all_handlers() if isinstance(one, CommandHandler))
    )


def test_every_subject_with_buttons_is_reached_by_a_command() -> None:
    assert subjects() == set(WAYS)
    assert {command for command in WAYS.values() if command} - understood() == set()


def test_every_command_that_is_offered_is_understood_and_every_other_is_offered() -> None:
    offered = {name for _, names in commands.SCOPES for name in names}
    assert offered - understood() == set()
    assert understood() - offered == {"start"}  # Telegram's own button


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_every_command(language: str) -> None:
    text = TEXTS.of(language)
    said = " ".join(plain(text(f"helping.{part}")) for part in ("member", "facilitator", "coordinator"))
    named = set(re.findall(r"/([a-z]+)", said))
    # Somebody who was written about need not have joined: /privacy tells them of /object.
    assert set(commands.PRIVATE) - named == {"help", "object"}
    assert named <= understood()
