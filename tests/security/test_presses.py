"""Forged buttons: anybody can send any data, from any message they have; rights are asked of the database."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from telegram.ext import CallbackQueryHandler

import handlers
from bot import worker
from bot.actions.unit import Desk, PressAnswer, Unit
from bot.core.letters import read_callback
from bot.sandbox.driver import Sandbox
from storage import members, people
from storage.db import Connection
from tests.security.season import SECRET, Season, forged
from tests.stories.story import Story

EACH = 38  # presses of one person: fewer than are answered within a minute
# What everybody may press who sees it: what is kept, what a summary is, whether one comes, one's own answers.
OPEN_TO_MEMBERS = re.compile(
    r"v1:(joining\.(kept|ok|answer)|digests\.(about|yes|no)|meetings\.(yes|no|maybe)|answering\.\w+"
    r"|asks\.\w+|catchup\.open|me\.which|telling\.(ask|number|meeting|never)|privacy\.(show|page)):"
)
OF_ONESELF = re.compile(r"v1:(contributions|media|joining)\.")


def press(user: Any, data: str, message_id: int) -> dict[str, Any]:
    """A press as Telegram tells of it."""
    who = {"id": user.id, "is_bot": False, "first_name": user.first_name, "language_code": "en"}
    chat = {"id": user.id, "type": "private", "first_name": user.first_name}
    message = {"message_id": message_id, "date": 1_793_600_000, "chat": chat, "text": "Hello"}
    query = {"id": f"{user.id}{message_id}", "from": who, "chat_instance": "1", "message": message}
    return {"update_id": message_id, "callback_query": {**query, "data": data}}


def handle_all(
    db: Connection, app: worker.App, desk: Desk, updates: Sequence[dict[str, Any]], *, now: datetime
) -> list[list[PressAnswer]]:
    """Handle updates as the worker does, in one transaction; return what the buttons would say."""
    answers = []
    with asyncio.Runner() as runner:
        for number, update in enumerate(updates):
            unit = Unit(db, now, f"reply:forged{number}", desk, raw=update)
            worker.handle(app, runner, unit)
            assert unit.failure is None, (update["callback_query"]["data"], unit.failure)
            answers.append(unit.answers)
    return answers


def no_facilitator(db: Connection, network_id: int, telegram_id: int) -> None:
    member = members.by_telegram_id(db, network_id, telegram_id)
    assert member is not None
    members.change(db, member.id, facilitator=False)


def numbers(db: Connection, telegram_ids: list[int]) -> set[int]:
    found = (people.by_telegram_id(db, telegram_id) for telegram_id in telegram_ids)
    return {person.id for person in found if person is not None}


async def unharmed(season: Season, pressers: list[Any], data: list[str]) -> None:
    """Nothing changes, every press is answered kindly, and who pressed learns nothing of the network."""
    living = season.bln.living
    before, since = await season.state(), await season.newest_letter()
    updates = [press(pressers[n // EACH], one, 900_000 + n) for n, one in enumerate(data)]
    answers = await living.database.write(
        handle_all, living.app, living.desk, updates, now=season.telegram.now()
    )
    assert await season.state() == before
    assert [one for one, said in zip(data, answers, strict=True) if len(said) != 1] == []
    assert [said[0].text for said in answers if SECRET in said[0].text] == []
    ids = [user.id for user in pressers]
    theirs = await living.database.read(numbers, ids)
    for letter in await season.letters(since):
        assert SECRET not in str(letter["params"])
        assert letter["telegram_id"] in ids or letter["person_id"] in theirs, letter


def every(season: Season) -> list[str]:
    """Every button that was shown to anybody, and every one that could be guessed."""
    real = season.buttons()
    nonsense = [
        "v1:",
        "v2:prompts.plan:1:",
        "v1:prompts.plan:zzzzzzzzzzzzzz:",
        "prompts.plan",
        "v1:none.such:1:",
    ]
    data = [*real, *forged(), *nonsense]
    assert len(real) > 30
    assert all(read_callback(one) for one in real)
    # A handler whose buttons nobody pressed here would be one that nobody looked at.
    patterns = [one.pattern for one in handlers.all_handlers() if isinstance(one, CallbackQueryHandler)]
    for pattern in patterns:
        assert pattern is None or any(pattern.match(one) for one in data), pattern
    return data


def crowd_for(data: list[str]) -> range:
    return range(1 + len(data) // EACH)


async def test_who_has_no_right_presses_in_vain(bln: Story, telegram: Sandbox) -> None:
    season = await Season(bln, telegram).begin()
    data = every(season)
    # Strangers, with any message of the bot.
    await unharmed(season, [telegram.user(f"Eve{n}") for n in crowd_for(data)], data)
    # Facilitators of another network.
    others = [telegram.user(f"Olga{n}") for n in crowd_for(data)]
    for user in others:
        await season.joined(season.others, user, facilitator=True)
    await unharmed(season, others, data)
    # Curious members, on what is not theirs.
    data = [one for one in data if not OPEN_TO_MEMBERS.match(one)]
    curious = [telegram.user(f"Bea{n}") for n in crowd_for(data)]
    for user in curious:
        await season.joined(season.network, user)
    await unharmed(season, curious, data)
    # Who led the network until a minute ago, on every old button but those about herself.
    await bln.database.write(no_facilitator, season.network.id, season.frida.id)
    data = [one for one in season.buttons() if not (OPEN_TO_MEMBERS.match(one) or OF_ONESELF.match(one))]
    assert len(data) > 20
    await unharmed(season, [season.frida] * (1 + len(data) // EACH), data[: EACH - 10])


async def test_a_forged_press_is_answered_through_telegram(bln: Story, telegram: Sandbox) -> None:
    season = await Season(bln, telegram).begin()
    eve = telegram.user("Eve")
    await telegram.send(eve, "/help")
    await telegram.settle()
    draft = next(one for one in season.buttons() if one.startswith("v1:digests."))
    query = await telegram.forge(eve, telegram.last(eve), draft)
    await telegram.settle()
    answer = telegram.answer(query)
    assert answer is not None
    assert answer.text == bln.living.desk.texts.of("en").plain("error.stale_button")
