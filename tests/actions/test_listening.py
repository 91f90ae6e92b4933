"""Spoken answers put into words, and answers that are told rather than written; each on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import answering, housekeeping, listening, media, taking, telling
from bot.actions import contributions as actions
from bot.actions.answer import Answer
from bot.actions.which import Leader
from bot.core import consents
from bot.core.contributions import File, Given
from bot.core.mail import Letter
from bot.core.outcomes import Sent
from storage import chats, contributions, digests, meetings, members, networks, outbox, people, tellings
from storage.contributions import Contribution, Medium
from storage.db import Connection, Database
from storage.outbox import Row
from storage.people import Person
from storage.tables import audit
from tests.actions.test_contributions import User, post
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

DESK = desk()
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ANNA, FRIDA, OLGA = 11, 12, 13
SPOKEN = "The night nurse comes at six."


class House:
    """Anna has answered with her voice; Frida leads, Olga leads somewhere else."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.network = seed_network(db, -1001, "Care partnership", now=NOW)
        other = seed_network(db, -1002, "Neighbours", now=NOW)
        self.anna = seed_member(db, self.network, User(ANNA, "Anna"), now=NOW)
        for network, id, name in ((self.network, FRIDA, "Frida"), (other, OLGA, "Olga")):
            members.change(db, seed_member(db, network, User(id, name), now=NOW), facilitator=True)
        chat = chats.by_telegram_id(db, -1001)
        assert chat is not None
        self.posting = post(db, self.network, chat.id, message_id=50)
        self.stamp = NOW

    def person(self, telegram_id: int) -> Person:
        found = people.by_telegram_id(self.db, telegram_id)
        assert found is not None
        return found

    def speak(self, id: int = 61, **more: Any) -> list[Letter]:
        voice = File("voice", f"file{id}", "n.ogg", "audio/ogg", 900, 80)
        given = replace(Given(ANNA, id, "voice", "", (voice,), None, NOW), **more)
        answering.begin(self.db, self.person(ANNA), self.posting.id, DESK, now=NOW)
        return answering.given(self.db, self.person(ANNA), given, DESK, now=NOW)

    @property
    def kept(self) -> Contribution:
        return contributions.of_posting(self.db, self.posting.id)[-1]

    @property
    def sound(self) -> Medium:
        return contributions.media_of(self.db, self.kept.id)[0]

    def media(self, verb: str) -> list[Letter]:
        letters = media.pressed(
            self.db, self.person(ANNA), verb, self.kept.id, "", message_id=1, desk=DESK, now=NOW
        )
        assert letters is not None
        return letters

    def press(self, who: int, verb: str, id: int | None = None) -> list[Letter] | None:
        about = self.kept.id if id is None else id
        letters = listening.pressed(
            self.db, self.person(who), verb, about, "", message_id=1, desk=DESK, now=self.stamp
        )
        self.write(letters or [])
        return letters

    def type(self, who: int, words: str) -> list[Letter]:
        letters = listening.typed(self.db, self.person(who), words, DESK, now=self.stamp)
        self.write(letters)
        return letters

    def write(self, letters: list[Letter]) -> None:
        outbox.write(self.db, [letter for letter in letters if letter.key], now=self.stamp)

    def listen(self) -> list[Letter]:
        """Frida hears it, and it stands in her chat."""
        letters = self.press(FRIDA, "play")
        assert letters is not None
        row = self.arrive(letters[0].key, 77)
        listening.arrived(self.db, Answer(row, Sent({"message_id": 77}), DESK, self.stamp))
        return letters

    def arrive(self, key: str, message_id: int) -> Row:
        """A letter stands in its chat."""
        row = outbox.by_key(self.db, key)
        assert row is not None
        (claimed,) = outbox.claim(self.db, [row.id], now=self.stamp)
        outbox.sent(self.db, claimed, message_id, None, now=self.stamp)
        return claimed


Within = Callable[[Callable[[House], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Play a scene in one transaction."""

    def run(scene: Callable[[House], None]) -> None:
        database.write_now(lambda db: scene(House(db)))

    return run


def said(letters: list[Letter] | None) -> str:
    return "\n".join(letter.params.get("text", letter.params.get("caption", "")) for letter in letters or [])


def labels(letter: Letter) -> list[str]:
    rows = letter.params.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def test_a_voice_becomes_words_that_its_author_has_confirmed(within: Within) -> None:
    def story(house: House) -> None:
        asked = house.speak()
        assert "until Frida has listened and written down what you say" in said(asked)
        assert contributions.to_listen(house.db, house.network) == []  # nobody listens before a yes
        assert house.press(FRIDA, "play") is None
        house.media("this")
        leader = Leader(house.db, house.person(FRIDA), networks.found(house.db, house.network), DESK, NOW)
        listed = listening.begin(leader)
        assert "1. <i>a participant</i>, 1 minute 20: What helped you?" in said(listed)
        assert "Anna" not in said(listed)
        brought = house.listen()
        assert brought[0].method == "sendVoice"
        assert brought[0].params["protect_content"] is True
        typed = house.type(FRIDA, SPOKEN)
        assert [letter.method for letter in typed] == ["deleteMessage", "sendMessage", "sendMessage"]
        assert "Frida wrote" in said(typed)
        assert SPOKEN in said(typed)
        # Nobody else sees it before its author has said that it's right.
        assert house.kept.text == ""
        shown = house.press(ANNA, "right")
        assert "Saved. If it is quoted, it says" in said(shown)
        assert (house.kept.text, house.kept.heard, house.kept.heard_state) == (SPOKEN, None, "confirmed")
        assert house.press(ANNA, "no") is None
        lines = house.db.execute(select(audit.c.action, audit.c.numbers)).all()
        assert [tuple(line) for line in lines] == [("listened", {"contribution": house.kept.id})]

    within(story)


def test_the_author_has_the_last_word(within: Within) -> None:
    def story(house: House) -> None:
        for id in (61, 62):
            house.speak(id)
            house.media("this")
            house.press(FRIDA, "play")
            house.type(FRIDA, "The night nurse comes at ten.")
            assert house.press(FRIDA, "right") is None
            if id == 61:
                assert "The night nurse comes at ten." in said(house.press(ANNA, "change"))
                house.type(ANNA, SPOKEN)
                assert house.kept.text == SPOKEN
                continue
            # Not used, and kept for nothing else: nothing is left of it.
            assert "kept nothing" in said(house.press(ANNA, "no"))
            assert (house.kept.state, house.kept.heard) == ("taken_back", None)
            assert contributions.media_of(house.db, house.kept.id) == []

    within(story)


def test_the_sound_goes_after_thirty_days_unless_its_author_lets_voices_be_kept(within: Within) -> None:
    def story(house: House) -> None:
        for id in (61, 62):
            house.speak(id)
            house.media("this")
            house.press(FRIDA, "play")
            house.type(FRIDA, SPOKEN)
            house.press(ANNA, "right")
        before, after = NOW + timedelta(days=29), NOW + timedelta(days=31)
        assert listening.erase_sounds(house.db, now=before, limit=9) == 0
        agree: dict[str, Any] = {"version": consents.VERSION, "language": "en", "now": NOW}
        members.agree(house.db, house.anna, consents.MEDIA, True, **agree)
        assert listening.erase_sounds(house.db, now=after, limit=9) == 0
        members.agree(house.db, house.anna, consents.MEDIA, False, **agree)
        assert listening.erase_sounds(house.db, now=after + timedelta(days=30), limit=9) == 2
        assert (house.sound.state, house.sound.file_id, house.kept.text) == ("gone", "", SPOKEN)

    within(story)


def test_a_sound_leaves_the_facilitators_chat(within: Within) -> None:
    def story(house: House) -> None:
        house.speak()
        house.media("this")
        (voice,) = house.listen()
        day = outbox.by_key(house.db, f"{voice.key}:day")
        assert day is not None
        assert (day.method, day.not_before) == ("deleteMessage", NOW + timedelta(days=1))
        assert "file61" not in str(outbox.by_key(house.db, voice.key))  # nor is it left here
        # What its author takes back goes at once.
        letters = actions.erase(house.db, house.kept, "taken_back", DESK, now=NOW)
        assert [letter.params["message_id"] for letter in letters if letter.method == "deleteMessage"] == [77]
        assert "no longer there" in said(house.type(FRIDA, SPOKEN))

    within(story)


def test_only_who_leads_this_network_listens(within: Within) -> None:
    def story(house: House) -> None:
        house.speak()
        house.media("this")
        for who in (ANNA, OLGA):
            assert house.press(who, "play") is None
            assert house.press(who, "list", house.network) is None
        house.press(FRIDA, "play")
        frida = members.who(house.db, house.network, house.person(FRIDA).id)
        assert frida is not None
        members.change(house.db, frida.id, facilitator=False)
        house.type(FRIDA, SPOKEN)
        assert house.kept.heard is None

    within(story)


def test_a_digest_waits_for_the_words_of_a_voice_and_then_takes_them(within: Within) -> None:
    def story(house: House) -> None:
        house.speak()
        assert len(waiting(house)) == 1  # not agreed to: it counts, without words
        house.media("this")
        assert waiting(house) == []
        assert len(waiting(house, NOW + timedelta(days=15))) == 1  # nobody listened: not lost altogether
        draft = digests.create(
            house.db,
            network_id=house.network,
            chain=digests.WEEKLY,
            occurrence="2026-W45",
            state="draft",
            draft_at=NOW,
            publish_at=NOW + timedelta(days=1),
        )
        assert draft is not None
        house.press(FRIDA, "play")
        house.type(FRIDA, SPOKEN)
        assert waiting(house) == []
        house.press(ANNA, "right")
        assert [one.text for one in digests.standing(house.db, draft)] == [SPOKEN]
        made = digests.get(house.db, draft)
        assert made is not None
        assert made.kept["stale"] is True

    within(story)


def waiting(house: House, cut: datetime = NOW) -> list[digests.Found]:
    return digests.waiting(house.db, house.network, digests.WEEKLY, cut=cut)


def test_words_below_a_spoken_answer_do_not_wipe_out_what_was_confirmed(within: Within) -> None:
    def story(house: House) -> None:
        house.speak()
        house.media("this")
        house.press(FRIDA, "play")
        house.type(FRIDA, SPOKEN)
        house.press(ANNA, "right")
        voice = File("voice", "file61", "n.ogg", "audio/ogg", 900, 80)
        given = Given(ANNA, 61, "voice", "", (voice,), None, NOW)
        taking.edit(house.db, given, DESK, edited_at=NOW + timedelta(hours=1), now=NOW)
        assert house.kept.text == SPOKEN

    within(story)


def test_whoever_looks_at_what_comes_in_sees_the_words_of_a_voice_too(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(db: Connection, taken: taking.Taken, _: Any, *, now: datetime) -> list[Letter]:
        seen.append(taken.kept.text)
        return []

    def story(house: House) -> None:
        house.speak()
        house.media("this")
        house.press(FRIDA, "play")
        house.type(FRIDA, SPOKEN)
        assert seen == [""]
        house.press(ANNA, "right")
        assert seen == ["", SPOKEN]

    monkeypatch.setattr(taking, "TAKEN", [look])
    within(story)


# Telling ---------------------------------------------------------------------------------------------------------


def tell(house: House, who: int, verb: str, id: int, *, now: datetime = NOW) -> list[Letter] | None:
    letters = telling.pressed(house.db, house.person(who), verb, id, "", message_id=1, desk=DESK, now=now)
    house.write(letters or [])
    return letters


def told(house: House, who: int, words: str, phone: str | None = None) -> list[Letter]:
    letters = telling.typed(house.db, house.person(who), words, phone, DESK, now=NOW)
    assert letters is not None
    house.write(letters)
    return letters


def test_an_answer_is_no_telephone_number_and_is_not_swallowed(within: Within) -> None:
    def story(house: House) -> None:
        tell(house, ANNA, "number", house.posting.id)
        anna = house.person(ANNA)
        assert telling.typed(house.db, anna, "My sister came", None, DESK, now=NOW) is None
        assert telling.typed(house.db, anna, "06 12345678", None, DESK, now=NOW) is None  # asked no more
        tell(house, ANNA, "number", house.posting.id)
        later = NOW + timedelta(hours=2)
        assert telling.typed(house.db, anna, "06 12345678", None, DESK, now=later) is None

    within(story)


def test_a_number_reaches_who_leads_and_is_gone_after_a_week(within: Within) -> None:
    def story(house: House) -> None:
        offered = tell(house, ANNA, "ask", house.posting.id)
        assert "Frida gets a note: Anna would like to tell" in said(offered)
        assert labels((offered or [])[0]) == ["Here is my number", "Never mind"]  # no meeting is planned
        tell(house, ANNA, "number", house.posting.id)
        assert "can't read that as a telephone number" in said(told(house, ANNA, "06 1234 5678 home"))
        letters = told(house, ANNA, "06 12 34 56 78")
        note = next(letter for letter in letters if letter.to.person == house.person(FRIDA).id)
        assert "Telephone: 06 12 34 56 78" in said([note])
        assert "Monday 9 November" in said([note])
        found = tellings.of(house.db, house.posting.id, house.anna)
        assert found is not None
        house.arrive(note.key, 90)
        assert telling.forget_phones(house.db, DESK, now=NOW + timedelta(days=6), limit=9) == 0
        frida = members.who(house.db, house.network, house.person(FRIDA).id)
        assert frida is not None
        members.change(house.db, frida.id, facilitator=False)  # hers is mended too, though she leads no more
        assert telling.forget_phones(house.db, DESK, now=NOW + timedelta(days=8), limit=9) == 1
        edit = outbox.by_key(house.db, f"{note.key}:telling.note_erased")
        assert edit is not None
        assert (edit.method, edit.params["message_id"]) == ("editMessageText", 90)
        again = tellings.get(house.db, found.id)
        assert again is not None
        assert again.phone is None
        assert {"waiting", "sounds", "phones"} <= {rule.name for rule in housekeeping.RULES}

    within(story)


def test_what_was_told_counts_once_its_author_has_read_it(within: Within) -> None:
    def story(house: House) -> None:
        meetings.create(
            house.db,
            network_id=house.network,
            title="Criteria",
            place="Library",
            starts_at=NOW + timedelta(days=10),
            created_at=NOW,
        )
        letters = tell(house, ANNA, "meeting", house.posting.id)
        assert "at the meeting on Thursday 12 November" in said(letters)
        wish = tellings.of(house.db, house.posting.id, house.anna)
        assert wish is not None
        for who in (ANNA, OLGA):
            assert tell(house, who, "write", wish.id) is None
        tell(house, FRIDA, "write", wish.id)
        asked = told(house, FRIDA, SPOKEN)
        assert "You told Frida your answer" in said(asked)
        assert (house.kept.place, house.kept.text, house.kept.noted_by) == (
            "room",
            "",
            house.person(FRIDA).id,
        )
        assert waiting(house) == []
        house.press(ANNA, "right")
        assert [one.text for one in waiting(house)] == [SPOKEN]
        assert tell(house, FRIDA, "done", wish.id) is None  # it is

    within(story)


def test_a_note_is_withdrawn(within: Within) -> None:
    def story(house: House) -> None:
        tell(house, ANNA, "number", house.posting.id)
        letters = told(house, ANNA, "", "+46701234567")
        note = next(letter for letter in letters if letter.to.person == house.person(FRIDA).id)
        back = tell(house, ANNA, "never", house.posting.id)
        assert "Your answer to:" in said(back)
        row = outbox.by_key(house.db, note.key)
        assert row is not None
        assert row.state == "failed"  # it had not gone out, and never will
        wish = tellings.of(house.db, house.posting.id, house.anna)
        assert wish is not None
        assert (wish.state, wish.phone) == ("dropped", None)

    within(story)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("06 12345678", "06 12345678"),
        ("+46 (0)70-123 45 67", "+46 (0)70-123 45 67"),
        ("call me at 06 12345678", None),
        ("12345", None),
        ("2026-11-27 10:00", None),
        ("", None),
    ],
)
def test_a_telephone_number_is_told_from_words(words: str, number: str | None) -> None:
    assert telling.phone_in(words) == number
