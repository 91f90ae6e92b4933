"""Catching up and open questions, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import catchup
from bot.core import digest as core
from bot.core.letters import plain
from bot.core.mail import Letter
from bot.core.texts import LANGUAGES
from bot.core.voices import Chosen, mark
from storage import chats, contributions, digests, meetings, members, people, postings
from storage.db import Connection, Database
from storage.people import Person
from tests.actions.test_me import DESK, GROUP, NOW, Scene, Who, answer, asked, buttons, scene
from tests.stories.story import seed_member, seed_network

Within = Callable[[Callable[[Connection], None]], None]
WEEK = NOW + timedelta(days=7)


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


def said(letters: list[Letter]) -> list[str]:
    return [plain(letter.params["text"]) for letter in letters]


def tell(db: Connection, who: Person, *, now: Any = WEEK) -> str:
    (told,) = said(catchup.begin(db, who, DESK, now=now))
    return told


def of_others(db: Connection, here: Scene, *names: str, group: str = "carer") -> list[Scene]:
    found = []
    for name in names:
        id = 100 + sum(map(ord, name))
        member = seed_member(db, here.network, Who(id, name), now=NOW, group=group)
        person = people.by_telegram_id(db, id)
        assert person is not None
        found.append(Scene(here.network, member, person, here.chat))
    return found


def summary(db: Connection, here: Scene, ids: list[int], *, chain: str = "weekly") -> None:
    """A digest that quotes these answers went out on Friday."""
    found = [one for id in ids if (one := contributions.get(db, id)) is not None]
    posting = postings.get(db, found[0].posting_id)
    assert posting is not None
    chosen = tuple(
        Chosen(one.id, ((0, len(one.text)),), mark(one.text, ((0, len(one.text)),))) for one in found
    )
    made = digests.create(
        db,
        network_id=here.network,
        chain=chain,
        occurrence=f"{chain} 1",
        state="published",
        draft_at=NOW,
        publish_at=NOW + timedelta(days=4),
        published_at=NOW + timedelta(days=4),
        approved_at=NOW,
        content={"choice": core.to_json(core.Choice((), ((posting.prompt_id, chosen),)))},
    )
    digest = digests.get(db, made or 0)
    assert digest is not None
    digests.take(db, digest, ids)
    digests.quoted(db, digest.id, ids)


def test_what_happened_and_then_nothing_new(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        posting = asked(db, here)
        ids = [
            answer(db, there, posting, words, id=number, chat=number)
            for number, (there, words) in enumerate(
                zip(
                    of_others(db, here, "Bo", "Cem", "Dia"),
                    ("My neighbour", "The <baker>", "x " * 200),
                    strict=True,
                ),
                60,
            )
        ]
        of_others(db, here, "Eva", group="politician")
        summary(db, here, ids)
        meetings.create(
            db,
            network_id=here.network,
            title="Kick-off",
            place="the library",
            starts_at=WEEK + timedelta(days=3, hours=7),
            created_at=NOW,
        )
        assert tell(db, here.person) == (
            "Care partnership, so far\n"
            "· Asked: What helped you?\n"
            "Voices: 3 carers.\n"
            "From the summary of Friday 6 November:\n"
            "My neighbour– a carer\nThe <baker>– a carer\n"
            "We meet on Thursday 12 November at 17:00: the library."
        )
        later = WEEK + timedelta(hours=1)
        assert tell(db, here.person, now=later) == (
            "Care partnership: nothing new since Monday 9 November at 10:00.\n"
            "We meet on Thursday 12 November at 17:00: the library."
        )
        asked(db, here, "And what now?", at=later + timedelta(minutes=1))
        news = catchup.begin(db, here.person, DESK, now=later + timedelta(minutes=5))
        assert (
            "since Monday 9 November at 11:00\n· Asked: And what now? (open until Sunday 15 November)"
            in said(news)[0]
        )
        assert list(buttons(news)) == ["Open questions"]

    within(story)


def test_what_was_taken_back_or_said_to_another_circle_is_not_told(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        posting = asked(db, here)
        three = of_others(db, here, "Bo", "Cem", "Dia")
        ids = [answer(db, there, posting, f"Words {n}", id=n, chat=n) for n, there in enumerate(three, 60)]
        summary(db, here, ids)
        contributions.forget_words(db, ids[0], state="taken_back")
        told = tell(db, here.person)
        assert "Words 60" not in told
        assert "Words 61" in told
        assert "First answers have come." in told  # two are left: too few for a number

        # The weekly summary went to the core group only, and so did the question.
        members.change(db, here.anna, circle="sounding", looked_at=None)
        chats.keep(db, here.network, GROUP - 7, circle="sounding", kind="supergroup", title="Board", now=NOW)
        assert tell(db, here.person) == "Care partnership, so far\nNothing has been asked yet."

    within(story)


def test_what_is_held_back_for_somebodys_safety_is_no_voice_yet(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        posting = asked(db, here)
        three = of_others(db, here, "Bo", "Cem", "Dia")
        ids = [answer(db, there, posting, f"Words {n}", id=n, chat=n) for n, there in enumerate(three, 60)]
        contributions.change(db, ids[0], danger="held")
        assert "First answers" in tell(db, here.person)
        contributions.change(db, ids[0], danger="used")
        members.change(db, here.anna, looked_at=None)
        assert "3 carers" in tell(db, here.person)

    within(story)


def test_the_open_questions_of_all_networks_that_one_has_not_answered(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        first = asked(db, here)
        asked(db, here, "Who helps at night?", at=NOW + timedelta(hours=1))
        other = seed_network(db, GROUP - 1, "Respite", now=NOW)
        second = seed_member(db, other, Who(11, "Anna"), now=NOW)
        chat = chats.by_telegram_id(db, GROUP - 1)
        assert chat is not None
        asked(
            db, Scene(other, second, here.person, chat.id), "When do you rest?", at=NOW + timedelta(hours=2)
        )
        now = NOW + timedelta(hours=3)
        (shown,) = catchup.open_ones(db, here.person, DESK, now=now)
        assert list(buttons([shown])) == [
            "1. Who helps at night?",
            "2. What helped you?",
            "3. When do you rest?",
        ]
        answer(db, here, first, "My neighbour", id=60)
        listed = catchup.pressed(
            db, here.person, "open", here.anna, "", message_id=5, desk=DESK, now=now + timedelta(hours=1)
        )
        assert listed is not None
        assert "What helped you?" not in said(listed)[0]
        assert len(catchup.begin(db, here.person, DESK, now=now)) == 2  # one message a network
        (none,) = said(catchup.open_ones(db, here.person, DESK, now=NOW + timedelta(days=30)))
        assert none == "No question waits for you now."

    within(story)


def test_nobody_catches_up_in_somebody_elses_place(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        (omar,) = of_others(db, here, "Omar")
        show = catchup.pressed(db, here.person, "show", omar.anna, "", message_id=5, desk=DESK, now=WEEK)
        assert show is None
        members.change(db, here.anna, state="left")
        (told,) = said(catchup.begin(db, here.person, DESK, now=WEEK))
        assert "don't take part" in told

    within(story)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_busy_fortnight_is_still_told_in_a_few_lines(within: Within, language: str) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        people.change(db, here.person.id, language=language)
        posting = asked(db, here, "What would you tell the municipality about care at home, if it listened?")
        for hour in range(1, 6):
            asked(
                db,
                here,
                f"And what about the nights, the weekends and the holidays of year {hour}?",
                at=NOW + timedelta(hours=hour),
            )
        ids = []
        for number, name in enumerate(("Bo", "Cem", "Dia", "Eva", "Fay", "Gus")):
            group = "carer" if number < 3 else "practitioner"
            (there,) = of_others(db, here, name, group=group)
            ids.append(
                answer(
                    db,
                    there,
                    posting,
                    "The night nurse comes at six, so I am up. " * 3,
                    id=number + 1,
                    chat=number + 70,
                )
            )
        summary(db, here, ids)
        person = people.get(db, here.person.id)
        assert person is not None
        told = tell(db, person)
        assert 200 < len(told) <= 600

    within(story)
