"""An answer, or a draft, changes after something was made of it: what was made follows, and nothing is lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.actions import contributions as giving
from bot.actions import digests as publishing
from bot.actions import draft_presses, prompts, taking
from bot.actions.answer import Answer
from bot.core.letters import base36
from bot.core.outcomes import Sent
from storage import agenda, contributions, outbox, postings, sentences
from storage.db import Connection, Database
from storage.tables import outbox as letters
from tests.actions.test_agenda import Asked
from tests.actions.test_corrections import LATER, Published, to
from tests.actions.test_digests import DESK, DRAFT
from tests.rounds import SAID, TUESDAY, House, buttons_of

OWN = "Shall we meet in the evening?"


@pytest.fixture
def asked(database: Database) -> Asked:
    return Asked(database)


def added(asked: Asked) -> int:
    """Frida adds a question of her own to the three that were asked in answers."""
    asked.press("agenda")
    asked.press("add")
    asked.write(draft_presses.typed, asked.person(asked.frida), OWN, DESK, now=DRAFT)
    return asked.entries()[-1]


def taken_back(asked: Asked, entry: int) -> None:
    kept = asked.write(agenda.get, entry).contribution_id
    asked.write(contributions.change, kept, state="taken_back", text="")
    asked.write(giving.changed, kept, DESK, now=DRAFT)


def left_out(asked: Asked, entry: int) -> None:
    asked.press("q_out", base36(entry))


@pytest.mark.parametrize("gone", [taken_back, left_out])
def test_their_own_question_stands_alone_when_the_one_it_stood_with_goes(
    asked: Asked, gone: Callable[[Asked, int], None]
) -> None:
    new, first = added(asked), asked.entries()[0]
    asked.press("q_into", f"{base36(new)}.{base36(first)}")
    gone(asked, first)
    assert OWN in asked.publish()


def test_questions_that_are_left_out_leave_no_buttons_behind(asked: Asked) -> None:
    added(asked)
    asked.press("leave", "questions")
    assert OWN not in asked.publish()
    query = select(letters.c.params).where(letters.c.kind == publishing.KIND)
    (params,) = asked.write(lambda db: db.execute(query).scalars().all())
    assert not any(data.startswith("v1:agenda.that") for data, _ in buttons_of(params))


def test_a_missing_point_can_be_passed_on_again_after_a_typing_mistake_was_mended(database: Database) -> None:
    out = Published(database)
    author, frida = out.authors[0], out.person(out.frida)
    out.press(author, "mine", out.digest, base36(out.missing))
    kept = out.write(contributions.get, out.missing)
    out.write(taking.reword, kept, "A second thing that nobody has seen yet, sorry.", DESK, now=LATER)
    assert out.only().state == "withdrawn"
    again = out.press(author, "mine", out.digest, base36(out.missing))
    assert "sorry" in to(again, frida)[0]


def test_a_round_on_its_way_has_no_button_for_a_sentence_that_was_taken_back(database: Database) -> None:
    def scene(db: Connection) -> None:
        house = House(db)
        prompt = house.planned(*SAID)
        for id in SAID:
            house.say(id, "yes")
        house.now = TUESDAY
        prompts.post_due(db, prompt, DESK, now=house.now)
        row = outbox.by_key(db, f"posting:{postings.of_prompt(db, prompt)[0].id}")
        first = sentences.words(db, prompt, (sentences.POSTED,))[0].sentence
        kept = contributions.get(db, first.contribution_id)
        assert row is not None
        assert kept is not None
        giving.erase(db, kept, "taken_back", DESK, now=house.now)
        row = outbox.by_key(db, row.key)  # the sender claims it only now
        assert row is not None
        prompts.stood(db, Answer(row, Sent({"message_id": 71}), DESK, house.now))
        edits = select(letters.c.params).where(letters.c.key.startswith("round:")).order_by(letters.c.id)
        shown = [row.params, *db.execute(edits).scalars()][-1]
        presses = [data for data, _ in buttons_of(shown) if data.endswith(".agree")]
        assert len(presses) == len(SAID) - 1

    database.write_now(scene)
