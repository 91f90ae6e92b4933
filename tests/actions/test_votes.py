"""Choosing: what is kept and told, what stays hidden, and what stands in which digest; each on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.actions import answering, asks, contributions, mydata_page, votes
from bot.actions.prompts import post
from bot.core.contributions import Given
from bot.core.letters import from_base36
from bot.core.mail import Letter
from bot.core.votes import OWN
from storage import asks as ask_rows
from storage import chats, digests, members, mydata, outbox, people, postings, prompts
from storage import contributions as contribution_rows
from storage import votes as rows
from storage.db import Connection, Database
from storage.mydata import Whose
from storage.people import Person
from storage.postings import Posting
from tests.actions.test_contributions import User
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

DESK = desk()
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday, 10:00 in Amsterdam; what is posted closes on Sunday
DAY = timedelta(days=1)
CLOSED = NOW + 7 * DAY
OPTIONS = ["Respite at the weekend", "Training", "A coach"]
ONE = {"options": OPTIONS, "several": False, "own": True}
SEVERAL = {"options": OPTIONS, "several": True, "own": True}
ANNA, BEN, CARLA, FRIDA, OTTO = 11, 12, 13, 14, 99


class House:
    """Anna, Ben and Carla care for somebody; Frida leads. Otto has not joined."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.network = seed_network(db, -1001, "Care partnership", now=NOW)
        self.chat = chats.by_telegram_id(db, -1001)
        names = ((ANNA, "Anna"), (BEN, "Ben"), (CARLA, "Carla"), (FRIDA, "Frida"))
        self.members = {id: seed_member(db, self.network, User(id, name), now=NOW) for id, name in names}
        members.change(db, self.members[FRIDA], facilitator=True)

    def asks(
        self,
        form: dict[str, Any] | None = None,
        *,
        kind: str = "choice",
        circle: str = "core",
        now: datetime = NOW,
    ) -> Posting:
        """Post it, and return where it stands in the group."""
        prompt = prompts.create(
            self.db,
            network_id=self.network,
            kind=kind,
            text="What would help you most?",
            circle=circle,
            form=form,
            when={"kind": "now"},
            state="done",
            created_at=now,
        )
        self.posted = post(self.db, prompt, local_key=f"{now:%FT%H:%M}", due_at=now, desk=DESK, now=now)
        return postings.of_prompt(self.db, prompt.id)[0]

    def person(self, telegram_id: int) -> Person | None:
        return people.by_telegram_id(self.db, telegram_id)

    def taps(
        self, telegram_id: int, posting: Posting, nonce: str, *, now: datetime = NOW
    ) -> votes.Told | None:
        """Press a button in the group."""
        return votes.picked(self.db, self.person(telegram_id), posting.id, nonce, DESK, now=now)

    def presses(
        self, telegram_id: int, posting: Posting, verb: str, nonce: str = "", *, now: datetime = NOW
    ) -> Letter | None:
        """Press a button in private."""
        about: dict[str, Any] = {"message_id": 7, "desk": DESK, "now": now}
        person = self.person(telegram_id)
        assert person is not None
        shown = votes.pressed(self.db, person, verb, posting.id, nonce, **about)
        return None if shown is None else shown[0]

    def opens(self, telegram_id: int, posting: Posting, *, now: datetime = NOW) -> Letter:
        person = self.person(telegram_id)
        assert person is not None
        shown = answering.begin(self.db, person, posting.id, DESK, now=now)
        assert shown is not None
        return shown[0]

    def writes(self, telegram_id: int, words: str, id: int, *, now: datetime = NOW) -> list[Letter]:
        person = self.person(telegram_id)
        assert person is not None
        return answering.given(
            self.db, person, Given(telegram_id, id, "text", words, (), None, now), DESK, now=now
        )

    def chose(self, telegram_id: int, posting: Posting) -> tuple[int, ...]:
        return rows.of(self.db, posting.occurrence_id, self.members[telegram_id])


def digest(house: House, chain: str, occurrence: str, publish_at: datetime, **values: Any) -> digests.Digest:
    made = digests.create(
        house.db,
        network_id=house.network,
        chain=chain,
        occurrence=occurrence,
        state="draft",
        draft_at=publish_at - DAY,
        publish_at=publish_at,
        **values,
    )
    assert made is not None
    found = digests.get(house.db, made)
    assert found is not None
    return found


Within = Callable[[Callable[[House], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Play a scene in one transaction."""

    def run(scene: Callable[[House], None]) -> None:
        database.write_now(lambda db: scene(House(db)))

    return run


def test_what_stands_in_both_circles_is_one_choice(within: Within) -> None:
    def story(house: House) -> None:
        chats.keep(
            house.db, house.network, -1002, circle="sounding", kind="group", title="Sounding board", now=NOW
        )
        first = house.asks(ONE, circle="both")
        other = postings.of_prompt(house.db, first.prompt_id)[1]
        house.taps(ANNA, first, "1")
        house.taps(BEN, other, "1")
        told = house.taps(ANNA, other, "2")  # who is in both changes what they chose
        assert told is not None
        assert told.words.startswith("You chose: A coach.")
        poll = rows.poll(house.db, first.occurrence_id)
        assert poll is not None
        assert sorted(ballot.picks for ballot in poll.ballots) == [(1,), (2,)]

    within(story)


@pytest.mark.parametrize(
    ("hours", "closes"), [(30, NOW + timedelta(hours=30)), (12, datetime(2026, 11, 8, 19, tzinfo=UTC))]
)
def test_it_closes_in_time_for_the_summary_before_the_meeting_unless_that_is_too_soon(
    within: Within, hours: int, closes: datetime
) -> None:
    def story(house: House) -> None:
        before = digest(house, digests.MEETING, "meeting:1", NOW + timedelta(hours=hours))
        posting = house.asks(ONE)
        assert posting.closes_at == closes
        house.taps(ANNA, posting, "1")
        counted = rows.polls(house.db, before, now=before.publish_at)
        assert bool(counted) is (closes == before.publish_at)

    within(story)


@dataclass(frozen=True)
class Shown:
    """A message as its reader sees it."""

    text: str
    labels: list[str]


def shown(letter: Letter | None) -> Shown:
    assert letter is not None
    keyboard = letter.params.get("reply_markup", {}).get("inline_keyboard", [])
    return Shown(letter.params["text"], [button["text"] for row in keyboard for button in row])


def test_a_choice_stands_in_the_group_with_all_options_and_a_button_for_each(within: Within) -> None:
    def story(house: House) -> None:
        house.asks(
            {**ONE, "options": ["A & <b>", *OPTIONS[1:], "A very long option that no telephone shows whole"]}
        )
        said = shown(house.posted[-1])
        assert (
            "1. A &amp; &lt;b&gt;\n2. Training\n3. A coach\n4. A very long option that no telephone"
            in said.text
        )
        assert (
            "Nobody in the group sees what you choose, only numbers. Or answer privately. Open until Sunday 8"
            in said.text
        )
        assert said.labels == [
            "A & <b>",
            "Training",
            "A coach",
            "A very long option that…",
            "Answer privately",
        ]

    within(story)


def test_a_scale_has_words_for_its_ends(within: Within) -> None:
    def story(house: House) -> None:
        house.asks(kind="scale")
        said = shown(house.posted[-1])
        assert "1 is not at all, 5 is completely" in said.text
        assert said.labels == ["1 · not at all", "2", "3", "4", "5 · completely", "Answer privately"]

    within(story)


def test_a_press_in_the_group_is_kept_once_and_told_to_who_pressed_alone(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        for _ in range(2):
            assert house.taps(ANNA, posting, "1") == votes.Told(
                "You chose: Training. You can change it until Sunday 8 November at 20:00."
                " Results, or a word on why: Answer privately."
            )
        assert house.chose(ANNA, posting) == (1,)
        house.taps(ANNA, posting, "2")
        assert house.chose(ANNA, posting) == (2,)
        assert rows.count(house.db, [house.members[ANNA]]) == 1
        # Somebody without a private chat chooses all the same.
        people.change(house.db, members.get(house.db, house.members[BEN]).person_id, reachable=False)  # type: ignore[union-attr]
        assert house.taps(BEN, posting, "0") is not None
        assert house.chose(BEN, posting) == (0,)

    within(story)


@pytest.mark.parametrize("nonce", ["3", "9", "-1", "", "x", "٣", "00000000000000000001", "1.5"])
def test_a_number_that_is_no_option_is_nothing(within: Within, nonce: str) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        assert house.taps(ANNA, posting, nonce) is None
        for verb in ("choose", "on", "off"):
            assert house.presses(ANNA, posting, verb, nonce) is None
        assert house.chose(ANNA, posting) == ()
        assert house.taps(ANNA, house.asks(kind="scale", now=NOW + DAY), "0") is None

    within(story)


def test_who_has_not_joined_or_has_left_is_led_to_joining_and_nothing_is_kept(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        members.change(house.db, house.members[BEN], state="left", left_at=NOW)
        for who in (OTTO, BEN):
            told = house.taps(who, posting, "1")
            assert told is not None
            assert told.url.endswith(f"?start=p_{posting.token}")
        assert house.chose(BEN, posting) == ()

    within(story)


def test_after_it_closed_nothing_changes_and_everybody_sees_the_results(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        for who, nonce in ((ANNA, "0"), (BEN, "0"), (FRIDA, "1")):
            house.taps(who, posting, nonce)
        told = house.taps(CARLA, posting, "1", now=CLOSED)
        assert told is not None
        assert told.words == "This closed on Sunday 8 November at 20:00. Nothing has changed."
        assert shown(house.presses(ANNA, posting, "choose", "1", now=CLOSED)).text.count("It closed on") == 1
        assert (house.chose(ANNA, posting), house.chose(CARLA, posting)) == ((0,), ())
        opened = shown(house.opens(CARLA, posting, now=CLOSED))
        assert opened.labels == ["The results"]
        seen = shown(house.presses(CARLA, posting, "results", now=CLOSED)).text
        assert "· Respite at the weekend: 2\n· Training: 1\n· A coach: 0\n3 people have chosen." in seen

    within(story)


def test_results_are_hidden_until_one_has_chosen_and_until_enough_have(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        house.taps(ANNA, posting, "0")
        house.taps(BEN, posting, "1")
        forged = shown(house.presses(CARLA, posting, "results"))
        assert "Training: 1" not in forged.text
        assert forged.labels[:3] == OPTIONS
        few = shown(house.presses(ANNA, posting, "results")).text
        assert "They are shown once 3 people have chosen." in few
        assert "Training" not in few
        house.presses(CARLA, posting, "choose", "1")
        assert "· Training: 2" in shown(house.presses(CARLA, posting, "results")).text
        # Who looks before and after Frida chose can't tell what she chose.
        house.taps(FRIDA, posting, "0")
        again = shown(house.presses(CARLA, posting, "results")).text
        assert "weekend: 1\n· Training: 2\n· A coach: 0\n3 people are counted so far." in again
        assert "weekend: 2" in shown(house.presses(CARLA, posting, "results", now=CLOSED)).text

    within(story)


def test_in_private_one_sees_in_words_what_one_chose_and_takes_it_back(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        asked = shown(house.opens(ANNA, posting))
        assert asked.labels == [*OPTIONS, "An answer of my own", "Not now"]
        assert "Nobody in the group sees what you choose, only numbers." in asked.text
        chosen = shown(house.presses(ANNA, posting, "choose", "1"))
        assert "You chose: <b>Training</b>." in chosen.text
        assert "Frida reads those words as <i>a carer</i>, and they may be quoted that way." in chosen.text
        assert chosen.labels == ["Change", "Results so far", "Take my choice back"]
        assert "Chosen so far: <b>Training</b>." in shown(house.presses(ANNA, posting, "change")).text
        assert shown(house.presses(ANNA, posting, "none")).labels == asked.labels
        assert house.chose(ANNA, posting) == ()

    within(story)


def test_of_several_each_is_pressed_for_itself_and_twice_is_once(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(SEVERAL)
        for nonce in ("2", "2", "0"):
            house.presses(ANNA, posting, "on", nonce)
        assert house.chose(ANNA, posting) == (0, 2)
        letter = house.presses(ANNA, posting, "off", "2")
        assert "Chosen so far: <b>Respite at the weekend</b>." in shown(letter).text
        assert shown(letter).labels[3:] == ["An answer of my own", "That's it"]
        told = [house.taps(BEN, posting, nonce) for nonce in ("0", "1", "0", "1")]
        assert [one.words.split(".")[0] for one in told if one] == [
            "You chose: Respite at the weekend",
            "You chose: Respite at the weekend and Training",
            "You chose: Training",
            "Nothing is chosen now",
        ]
        assert rows.count(house.db, [house.members[BEN]]) == 0

    within(story)


def test_an_own_answer_counts_when_it_is_written_and_not_any_more_when_it_is_taken_back(
    within: Within,
) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        house.taps(ANNA, posting, "1")
        assert "Write or say it here." in shown(house.presses(ANNA, posting, "own")).text
        assert house.chose(ANNA, posting) == (1,)
        assert "Saved" in shown(house.writes(ANNA, "My neighbour with a key", 5)[0]).text
        assert house.chose(ANNA, posting) == (OWN,)
        assert "You chose: <b>an answer of your own</b>." in shown(house.opens(ANNA, posting)).text
        kept = contribution_rows.every(house.db, [1])[0]
        assert (kept.posting_id, kept.text) == (posting.id, "My neighbour with a key")
        person = house.person(ANNA)
        assert person is not None
        contributions.pressed(house.db, person, "gone", kept.id, "", message_id=1, desk=DESK, now=NOW)
        assert house.chose(ANNA, posting) == ()
        # Words that nobody asked for stand beside a choice, and change nothing in it.
        house.presses(BEN, posting, "choose", "0")
        house.writes(BEN, "Because I never sleep", 6)
        assert house.chose(BEN, posting) == (0,)
        none = house.asks({**ONE, "own": False}, now=NOW + DAY)
        assert "An answer of my own" not in shown(house.opens(ANNA, none)).labels
        assert house.presses(ANNA, none, "own") is None

    within(story)


def test_who_chose_has_answered_and_is_not_reminded(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(kind="scale")
        house.taps(ANNA, posting, "4")
        assert ask_rows.answered(house.db, posting.id, house.members[ANNA])
        assert not ask_rows.answered(house.db, posting.id, house.members[BEN])
        assert postings.answered(house.db, posting.prompt_id)
        asks.remind(house.db, posting.id, DESK, now=NOW + 5 * DAY + timedelta(hours=7))
        assert [ask_rows.of(house.db, posting.id, house.members[who]) is None for who in (ANNA, BEN)] == [
            True,
            False,
        ]

    within(story)


def test_who_is_asked_again_after_it_closed_is_not_told_that_they_can_still_choose(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        row = ask_rows.keep(house.db, posting.id, house.members[ANNA])
        ask_rows.change(house.db, row.id, state="later", again_at=CLOSED)
        asks.look(house.db, row.id, DESK, now=CLOSED)
        letter = outbox.by_key(house.db, f"ask:{row.id}:{int(CLOSED.timestamp())}")
        assert letter is not None
        assert letter.params["text"].endswith("It closed on Sunday 8 November at 20:00.")

    within(story)


def test_with_mydata_one_reads_what_one_chose_in_words(within: Within) -> None:
    def story(house: House) -> None:
        house.taps(ANNA, house.asks(SEVERAL), "1")
        house.taps(BEN, house.asks(kind="scale", now=NOW + DAY), "4", now=NOW + DAY)
        said = {}
        for who in (ANNA, BEN):
            person = house.person(who)
            assert person is not None
            whose = Whose(person.id, who, house.network, house.members[who])
            found = mydata.rows(house.db, whose)
            page = mydata_page.page(house.db, person, whose, found, DESK, now=NOW + DAY)
            said[who] = [
                (entry.title, entry.words, entry.notes)
                for section in page.sections
                if section.heading == "What you chose"
                for entry in section.entries
            ]
        [(asked, chosen, notes)] = said[ANNA]
        assert (asked, chosen) == ("What would help you most?", ("Training",))
        assert notes[0] == "Chosen on Monday 2 November at 10:00"
        assert said[BEN][0][1] == ("4",)

    within(story)


def test_the_data_of_a_button_is_what_it_says(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        keyboard = house.posted[-1].params["reply_markup"]["inline_keyboard"]
        data = [button.get("callback_data") for row in keyboard for button in row]
        for number, one in enumerate(data[:3]):
            action, id, nonce = one.removeprefix("v1:").split(":")
            assert (action, from_base36(id), nonce) == ("votes.pick", posting.id, str(number))

    within(story)
