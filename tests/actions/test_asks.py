"""Reminders, asking again, not now, and what is kept while somebody does something else; each on both databases."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import answering, asks, invitations, resting, taking
from bot.core.contributions import Given
from bot.core.mail import Letter
from storage import asks as rows
from storage import chats, contributions, dialogs, meetings, members, networks, outbox, people, postings
from storage.db import Connection, Database
from storage.people import Person
from storage.postings import Posting
from storage.tables import outbox as outbox_table
from tests.actions.test_contributions import User, post
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

DESK = desk()
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday, 10:00 in Amsterdam; what is posted closes on Sunday
SATURDAY = datetime(2026, 11, 7, 16, tzinfo=UTC)
ANNA, BEN, CARLA, FRIDA = 11, 12, 13, 14
HOUR = timedelta(hours=1)


class House:
    """A network whose question closes on Sunday evening; Frida leads it."""

    def __init__(self, db: Connection) -> None:
        self.db, self.seen = db, 0
        self.network = seed_network(db, -1001, "Care partnership", now=NOW)
        self.chat = chats.by_telegram_id(db, -1001)
        names = ((ANNA, "Anna"), (BEN, "Ben"), (CARLA, "Carla"), (FRIDA, "Frida"))
        self.members = {id: seed_member(db, self.network, User(id, name), now=NOW) for id, name in names}
        members.change(db, self.members[FRIDA], facilitator=True)
        self.posting = self.ask("What helped you?", 50)

    def ask(self, text: str, message_id: int, network: int | None = None) -> Posting:
        chat = chats.of_network(self.db, network or self.network)[0]
        found = post(self.db, network or self.network, chat.id, message_id=message_id, text=text)
        postings.change(self.db, found.id, closes_at=datetime(2026, 11, 8, 19, tzinfo=UTC))
        again = postings.get(self.db, found.id)
        assert again is not None
        return again

    def person(self, telegram_id: int) -> Person:
        found = people.by_telegram_id(self.db, telegram_id)
        assert found is not None
        return found

    def change(self, telegram_id: int, **values: Any) -> None:
        members.change(self.db, self.members[telegram_id], **values)

    def tick(self, now: datetime) -> None:
        """What the clock does at a moment."""
        for id in asks.unreminded(self.db, now=now):
            asks.remind(self.db, id, DESK, now=now)
        for id in asks.due(self.db, now=now):
            asks.look(self.db, id, DESK, now=now)

    def told(self) -> dict[str, str]:
        """What was written to whom since the last time."""
        query = (
            select(outbox_table.c.id, outbox_table.c.person_id, outbox_table.c.params)
            .where(outbox_table.c.id > self.seen, outbox_table.c.key.startswith("ask:"))
            .order_by(outbox_table.c.id)
        )
        found = list(self.db.execute(query))
        self.seen = max([self.seen, *(row.id for row in found)])
        names = {self.person(id).id: self.person(id).name for id in self.members}
        return {names[row.person_id]: row.params["text"] for row in found}

    def press(
        self, telegram_id: int, verb: str, posting: Posting | None = None, *, now: datetime = NOW
    ) -> list[Letter]:
        person, about = self.person(telegram_id), (posting or self.posting).id
        letters = asks.pressed(self.db, person, verb, about, "", message_id=1, desk=DESK, now=now)
        assert letters is not None
        return letters


Within = Callable[[Callable[[House], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Play a scene in one transaction."""

    def run(scene: Callable[[House], None]) -> None:
        database.write_now(lambda db: scene(House(db)))

    return run


def answer(house: House, telegram_id: int, text: str, id: int, *, now: datetime = NOW) -> list[Letter]:
    given = Given(telegram_id, id, "text", text, (), None, now)
    return answering.given(house.db, house.person(telegram_id), given, DESK, now=now)


def said(letters: list[Letter]) -> str:
    return "\n".join(letter.params.get("text", "") for letter in letters)


def labels(letter: Letter) -> list[str]:
    rows = letter.params.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def test_who_has_not_answered_is_reminded_once_the_afternoon_before(within: Within) -> None:
    def story(house: House) -> None:
        answering.begin(house.db, house.person(BEN), house.posting.id, DESK, now=NOW)
        answer(house, BEN, "My neighbour", 5)
        house.press(CARLA, "decline")
        house.tick(SATURDAY - HOUR)
        assert house.told() == {}
        assert asks.next_reminder(house.db, now=SATURDAY - HOUR) == SATURDAY
        house.tick(SATURDAY)
        # Ben has answered, Carla would rather not, and Frida has put the question herself.
        told = house.told()
        assert list(told) == ["Anna"]
        assert "closes on Sunday 8 November at 20:00" in told["Anna"]
        for hours in range(1, 30):
            house.tick(SATURDAY + hours * HOUR)
        assert house.told() == {}

    within(story)


@pytest.mark.parametrize(
    "left",
    [
        {"paused_until": SATURDAY + HOUR},
        {"resting_until": SATURDAY + HOUR},
        {"listening": True},
        {"circle": "sounding"},
        {"state": "left"},
    ],
)
def test_nobody_is_reminded_who_is_not_to_be(within: Within, left: dict[str, Any]) -> None:
    def story(house: House) -> None:
        house.change(ANNA, **left)
        for hours in range(0, 30, 3):
            house.tick(SATURDAY + hours * HOUR)
        assert "Anna" not in house.told()

    within(story)


def test_quiet_hours_hold_a_reminder_back_and_an_answer_meanwhile_ends_it(within: Within) -> None:
    def story(house: House) -> None:
        for who in (ANNA, BEN):
            house.change(who, quiet_from="16:00", quiet_to="22:00")
        house.change(CARLA, quiet_from="12:00", quiet_to="11:59")  # never, before it closes
        house.tick(SATURDAY)
        assert house.told() == {}
        assert asks.upcoming(house.db, now=SATURDAY) == SATURDAY + 5 * HOUR
        answering.begin(house.db, house.person(BEN), house.posting.id, DESK, now=SATURDAY)
        answer(house, BEN, "My neighbour", 5, now=SATURDAY)
        house.tick(SATURDAY + 5 * HOUR)
        assert list(house.told()) == ["Anna"]

    within(story)


def test_after_an_outage_nobody_is_reminded_of_what_is_over_and_nobody_of_all_at_once(within: Within) -> None:
    def story(house: House) -> None:
        more = [house.ask(f"Question {number}?", 60 + number) for number in range(4)]
        back = datetime(2026, 11, 8, 9, tzinfo=UTC)
        house.tick(back)
        assert len(rows.asked(house.db, house.person(ANNA).id, since=NOW)) == 1
        for hours in range(1, 10):
            house.tick(back + hours * HOUR)
        anna = house.person(ANNA)
        # Three a week at most, two hours apart, and none after the end.
        times = rows.asked(house.db, anna.id, since=NOW)
        assert len(times) == 3
        assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 2 * HOUR
        assert max(times) < more[0].closes_at
        house.told()
        late = house.ask("And this one?", 70)
        house.tick(late.closes_at + HOUR)
        assert house.told() == {}

    within(story)


def test_the_cap_counts_all_networks_of_a_person(within: Within) -> None:
    def story(house: House) -> None:
        people.change(house.db, house.person(ANNA).id, weekly_asks=1)
        other = seed_network(house.db, -1002, "Neighbours", now=NOW)
        seed_member(house.db, other, User(ANNA, "Anna"), now=NOW)
        house.ask("And your street?", 51, other)
        for hours in range(0, 24, 2):
            house.tick(SATURDAY + hours * HOUR)
        assert len(rows.asked(house.db, house.person(ANNA).id, since=NOW)) == 1

    within(story)


def test_not_now_promises_a_day_and_keeps_it(within: Within) -> None:
    def story(house: House) -> None:
        opened = answering.begin(house.db, house.person(ANNA), house.posting.id, DESK, now=NOW)
        assert opened is not None
        assert labels(opened[0]) == ["Not now", "I'd rather tell someone"]
        stop: dict[str, Any] = {"message_id": 1, "desk": DESK, "now": NOW}
        asked = answering.pressed(house.db, house.person(ANNA), "stop", house.posting.id, "", **stop)
        assert asked is not None
        assert labels(asked[0]) == ["Ask me tomorrow", "In a week", "Not this one", "It's a heavy week"]
        promised = house.press(ANNA, "tomorrow")
        assert "I'll ask again on Tuesday 3 November at 10:00. Frida doesn't see this." in said(promised)
        house.tick(NOW + 23 * HOUR)
        assert house.told() == {}
        house.tick(NOW + 24 * HOUR)
        assert list(house.told()) == ["Anna"]
        # It was her own wish: there is still the one reminder.
        house.tick(SATURDAY)
        assert "Anna" in house.told()
        # In a week it is over; who wanted it is asked all the same, and told so.
        house.press(BEN, "week")
        house.tick(NOW + timedelta(days=7))
        assert "It closed on Sunday 8 November" in house.told()["Ben"]

    within(story)


def test_a_heavy_week_asks_nothing_and_tells_without_a_sound(within: Within) -> None:
    def story(house: House) -> None:
        other = seed_network(house.db, -1002, "Neighbours", now=NOW)
        elsewhere = seed_member(house.db, other, User(ANNA, "Anna"), now=NOW)
        house.press(ANNA, "tomorrow")
        quiet = house.press(ANNA, "heavy")
        assert "until Monday 9 November" in said(quiet)
        assert labels(quiet[0]) == ["Undo", "Those neither"]
        house.tick(NOW + timedelta(days=1))
        house.tick(SATURDAY)
        assert "Anna" not in house.told()
        away = members.get(house.db, elsewhere)
        assert away is not None
        assert away.resting_until is not None
        # A meeting that moves is told without a sound; not at all to who wanted that neither.
        assert [letter.params.get("disable_notification") for letter in moved(house)] == [True]
        house.press(ANNA, "neither")
        assert moved(house) == []
        house.press(ANNA, "awake")
        assert [letter.params.get("disable_notification") for letter in moved(house)] == [None]
        # What was promised comes when the week is over, if nothing woke her before.
        house.press(ANNA, "heavy")
        house.press(ANNA, "tomorrow")
        house.tick(NOW + timedelta(days=7))
        assert "Anna" in house.told()

    within(story)


def moved(house: House) -> list[Letter]:
    """What Anna is told of a meeting that has moved."""
    network = networks.found(house.db, house.network)
    found = meetings.coming(house.db, house.network, now=NOW)
    meeting = (
        found[0]
        if found
        else meetings.create(
            house.db,
            network_id=house.network,
            title="Criteria",
            place="Library",
            starts_at=NOW + timedelta(days=10),
            created_at=NOW,
        )
    )
    coming = [house.members[ANNA]]
    letters = invitations.moved(house.db, meeting, network, DESK, coming=coming, now=NOW)
    return [letter for letter in letters if letter.to.person is not None]


def test_listening_only_forgets_what_was_to_be_asked_again(within: Within) -> None:
    def story(house: House) -> None:
        house.press(ANNA, "tomorrow")
        resting.listen_only(house.db, house.person(ANNA).id, True)
        house.tick(NOW + timedelta(days=1))
        house.tick(SATURDAY)
        assert "Anna" not in house.told()

    within(story)


def test_words_wait_though_their_author_begins_something_else(within: Within) -> None:
    def story(house: House) -> None:
        anna = house.person(ANNA)
        answer(house, ANNA, "It rained", 5)
        dialogs.put(house.db, anna.id, "prompts", "text", {}, now=NOW)
        dialogs.close(house.db, anna.id)
        asked = answer(house, ANNA, "And the bus was late", 6)
        assert "Are these your answers" in said(asked)
        kwargs: dict[str, Any] = {"message_id": 1, "desk": DESK, "now": NOW}
        answering.pressed(house.db, anna, "for", house.posting.id, "", **kwargs)
        kept = contributions.of_posting(house.db, house.posting.id)
        assert [one.text for one in kept] == ["It rained", "And the bus was late"]

    within(story)


def test_several_questions_in_several_networks_are_listed_with_where_they_are_from(within: Within) -> None:
    def story(house: House) -> None:
        other = seed_network(house.db, -1002, "Neighbours", now=NOW)
        seed_member(house.db, other, User(ANNA, "Anna"), now=NOW)
        street = house.ask("And your street?", 51, other)
        asked = answer(house, ANNA, "It rained", 5)
        assert "1. What helped you? (<i>Care partnership</i>)" in said(asked)
        assert "2. And your street? (<i>Neighbours</i>)" in said(asked)
        assert labels(asked[0]) == ["1. What helped you?", "2. And your street?", "None of these"]
        kwargs: dict[str, Any] = {"message_id": 1, "desk": DESK, "now": NOW}
        letters = answering.pressed(house.db, house.person(ANNA), "for", street.id, "", **kwargs)
        assert letters is not None
        # Back to the list, below what was saved.
        assert labels(letters[-1])[-1] == "Other open questions"
        others = answering.pressed(house.db, house.person(ANNA), "list", street.id, "", **kwargs)
        assert others is not None
        assert labels(others[0]) == ["1. What helped you?"]
        turned = answering.pressed(house.db, house.person(ANNA), "turn", house.posting.id, "", **kwargs)
        assert "It is a question of <i>Care partnership</i>." in said(turned or [])

    within(story)


def test_who_has_left_is_told_kindly_and_nothing_is_kept(within: Within) -> None:
    def story(house: House) -> None:
        anna = house.person(ANNA)
        answering.begin(house.db, anna, house.posting.id, DESK, now=NOW)
        house.change(ANNA, state="left")
        assert "no longer in <i>Care partnership</i>" in said(answer(house, ANNA, "It rained", 5))
        assert "no group of mine" in said(answer(house, ANNA, "It rained", 6))
        again = answering.begin(house.db, anna, house.posting.id, DESK, now=NOW, message_id=1)
        assert "no longer in <i>Care partnership</i>" in said(again or [])
        assert contributions.of_posting(house.db, house.posting.id) == []
        assert answering.state(house.db, anna, now=NOW).waiting == ()

    within(story)


def test_an_edit_of_what_was_taken_back_is_not_kept_and_told_once(within: Within) -> None:
    def story(house: House) -> None:
        anna = house.person(ANNA)
        answering.begin(house.db, anna, house.posting.id, DESK, now=NOW)
        answer(house, ANNA, "It rained", 5)
        (kept,) = contributions.of_posting(house.db, house.posting.id)
        contributions.forget_words(house.db, kept.id, state="taken_back")
        edited = Given(ANNA, 5, "text", "It poured", (), None, NOW)
        for _ in range(2):
            letters = taking.edit(house.db, edited, DESK, edited_at=NOW + HOUR, now=NOW + HOUR)
            outbox.write(house.db, letters, now=NOW)
        again = contributions.get(house.db, kept.id)
        assert again is not None
        assert again.text == ""
        query = select(outbox_table.c.key).where(outbox_table.c.key.startswith("edit_gone:"))
        assert len(list(house.db.execute(query))) == 1
        # After everything was erased nobody knows whose it was, and nothing is said.
        stranger = Given(ANNA, 999, "text", "It poured", (), None, NOW)
        assert taking.edit(house.db, stranger, DESK, edited_at=NOW, now=NOW) == []

    within(story)
