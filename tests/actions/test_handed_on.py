"""Points that go along to another draft: what their authors were asked about them, or said, goes along with them."""

from datetime import timedelta
from typing import Any

import pytest

from bot.actions import digests as actions
from storage import meetings, networks
from storage.db import Database
from storage.tables import outbox
from tests.actions.test_singles import ANSWERS, WORDS, asked, drafted, press
from tests.drafting import DESK, DRAFT, FRIDAY, MINUTE, MONDAY, Drafting, said

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def world(database: Database) -> Drafting:
    return Drafting(database)


def arrive(world: Drafting, prefix: str) -> None:
    """Telegram has taken the letters whose keys begin like this."""
    sent = {"state": "sent", "attempts": 1, "message_id": 9}
    world.write(lambda db: db.execute(outbox.update().where(outbox.c.key.startswith(prefix)).values(**sent)))


def drafted_next(world: Drafting) -> str:
    """One more answer, and the draft of the week after."""
    world.answer("Fay", "My son cooked on Sunday.", at=FRIDAY + DAY)
    world.tick(FRIDAY + 2 * MINUTE)
    world.tick(DRAFT + WEEK)
    draft = said(world.letters("draft:")[-1:])
    assert "Friday 13 November" in draft
    return draft


def test_a_yes_for_a_draft_that_was_held_counts_in_the_next_one(world: Drafting) -> None:
    world.write(networks.change, world.network, approval="required")
    question = drafted(world)
    arrive(world, "single:")
    assert press(world, question, "Yes, as it is") is not None
    world.tick(FRIDAY)
    assert world.digest.state == "held"
    assert WORDS in drafted_next(world)
    assert len(asked(world)) == 1


def test_without_a_yes_it_stays_out_of_the_draft_after_one_that_nobody_read(world: Drafting) -> None:
    for name, text in ANSWERS.items():
        openly: dict[str, Any] = {} if name == "Ben" else {"place": "group", "chat_id": world.chat}
        world.answer(name, text, **openly)
    world.tick(MONDAY)
    world.tick(DRAFT)
    (question,) = asked(world)
    assert "Without your yes it stays out" in said([question])
    arrive(world, "single:")
    world.tick(FRIDAY)
    assert WORDS not in world.sent()[0]
    assert WORDS not in drafted_next(world)
    assert len(asked(world)) == 1


def test_a_yes_counts_when_the_meeting_and_its_draft_are_moved(world: Drafting) -> None:
    world.write(networks.change, world.network, weekly=False)
    start, create = MONDAY + WEEK, meetings.create
    meeting = world.write(create, network_id=world.network, title="May", starts_at=start, created_at=MONDAY)
    for name, text in ANSWERS.items():
        world.answer(name, text)
    world.tick(MONDAY)
    at = world.all()[0].draft_at
    world.tick(at)
    question = asked(world)
    arrive(world, "single:")
    assert press(world, question, "Yes, as it is", at=at) is not None
    world.write(meetings.change, meeting.id, starts_at=start + WEEK)
    world.write(actions.replan, world.network, DESK, now=at + MINUTE)
    assert world.all()[0].draft_at == at + WEEK
    world.tick(at + WEEK)
    assert WORDS in world.draft(at + WEEK)
    assert len(asked(world)) == 1
