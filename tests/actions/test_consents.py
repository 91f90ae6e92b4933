"""What I agreed to, and asking again; each on both databases."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import appear, contributions, housekeeping, media
from bot.actions import consents as actions
from bot.actions.unit import Desk
from bot.core import consents
from bot.core.consents import MEDIA, NAME, QUOTE, REPORTS, TAKE_PART, Given
from bot.core.contributions import File
from bot.core.mail import Letter
from storage import contributions as kept_rows
from storage import members, outbox, people
from storage.db import Connection, Database
from storage.members import Member
from storage.outbox import Row
from storage.people import Person
from storage.tables import consents as consents_table
from storage.tables import outbox as outbox_table
from tests.actions.test_contributions import DESK, NOW, Scene, every, say, scene, voice, words
from tests.stories.story import seed_member

DAY = timedelta(days=1)
Within = Callable[[Callable[[Connection], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


class User:
    def __init__(self, id: int, first_name: str) -> None:
        self.id, self.first_name = id, first_name


def member_of(db: Connection, here: Scene) -> Member:
    found = members.get(db, here.anna)
    assert found is not None
    return found


def press(
    db: Connection,
    here: Scene,
    subject: Any,
    verb: str,
    nonce: str = "",
    *,
    who: Person | None = None,
    now: datetime = NOW,
) -> list[Letter] | None:
    found: list[Letter] | None = subject.pressed(
        db, who or here.person, verb, here.anna, nonce, message_id=5, desk=DESK, now=now
    )
    return found


def shown(letters: list[Letter] | None) -> str:
    assert letters
    return str(letters[0].params["text"])


def labels(letters: list[Letter] | None) -> list[str]:
    assert letters
    rows = letters[0].params.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def data(letters: list[Letter] | None, label: str) -> str:
    assert letters
    rows = letters[0].params["reply_markup"]["inline_keyboard"]
    return next(str(button["callback_data"]) for row in rows for button in row if button["text"] == label)


def begun(db: Connection, prefix: str) -> list[Row]:
    """What the bot said by itself, by the beginning of its key."""
    query = (
        select(outbox_table.c.key).where(outbox_table.c.key.startswith(prefix)).order_by(outbox_table.c.id)
    )
    return [row for key in db.execute(query).scalars() if (row := outbox.by_key(db, key)) is not None]


def others(db: Connection, here: Scene, group: str, count: int) -> None:
    for n in range(count):
        seed_member(
            db, here.network, User(500 + n, f"{group} {n}"), now=NOW, group=group, alone_asked_at=None
        )


# What I agreed to


def test_each_agreement_is_on_or_off_and_one_tap_changes_it(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        first = press(db, here, actions, "show")
        assert "<b>Quotes:</b>" in shown(first)
        assert "<b>On</b>, since Monday 2 November." in shown(first)
        assert labels(first) == [
            "Quotes: on",
            "My name: off",
            "Voice, pictures: off",
            "Reports: off",
            "No longer take part",
            "Back",
        ]
        assert data(first, "No longer take part").startswith("v1:leaving.show:")
        after = press(db, here, actions, "turn", "reports.on", now=NOW + DAY)
        assert shown(after).startswith("Reports are on.")
        assert "Reports: on" in labels(after)
        answer = members.consent(db, here.anna)[REPORTS]
        assert answer == Given(True, consents.version(REPORTS, "en"), "en", NOW + DAY)

    within(story)


def test_who_is_not_quoted_is_neither_named_nor_in_reports(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        press(db, here, actions, "turn", "name.on")
        press(db, here, actions, "turn", "reports.on")
        after = press(db, here, actions, "turn", "quote.off")
        assert labels(after)[:2] == ["Quotes: off", "Voice, pictures: off"]
        assert press(db, here, actions, "turn", "name.on") is None
        assert {use: bool(given) for use, given in members.consent(db, here.anna).items()} == {
            TAKE_PART: True,
            QUOTE: False,
            NAME: False,
            REPORTS: False,
        }
        assert "My name: off" in labels(press(db, here, actions, "turn", "quote.on"))  # asked for anew

    within(story)


def test_nobody_changes_what_another_person_agreed_to(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        omar = people.by_telegram_id(db, 12)
        assert omar is not None
        for subject, verb, nonce in (
            (actions, "show", ""),
            (actions, "turn", "reports.on"),
            (appear, "alone", "role"),
            (appear, "as", "name"),
        ):
            assert press(db, here, subject, verb, nonce, who=omar) is None
        assert press(db, here, actions, "turn", "take_part.off") is None  # that is leaving, and asks more
        assert press(db, here, actions, "turn", "king.on") is None
        members.change(db, here.anna, state="left")
        assert press(db, here, actions, "turn", "reports.on") is None

    within(story)


def test_a_long_list_of_answers_is_followed_in_one_go(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[list[int]] = []

    def hear(db: Connection, ids: Sequence[int], desk: Desk, *, now: datetime) -> list[Letter]:
        heard.append(list(ids))
        return []

    monkeypatch.setattr(contributions, "CHANGED_ALL", [hear])

    def story(db: Connection) -> None:
        here = scene(db)
        for number in range(30):
            say(db, words(f"Answer {number}", 100 + number))
        press(db, here, actions, "turn", "quote.off")
        assert heard == [[one.id for one in every(db, here)]]

    within(story)


# Files


def test_without_the_agreement_new_files_wait_and_the_kept_ones_are_asked_about(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        press(db, here, actions, "turn", "media.on")
        say(db, voice(61))
        say(db, words("Our garden", 62, kind="photo", files=(File("photo", "f62", None, "image/jpeg", 9),)))
        asked = press(db, here, actions, "turn", "media.off")
        assert labels(asked) == ["Keep those", "Erase those"]
        say(db, voice(63))
        spoken, written, held = every(db, here)
        assert [one.state for one in kept_rows.media_of(db, held.id)] == ["held"]
        letters = press(db, here, actions, "erase")
        assert shown(letters).startswith("Erased:")
        assert [kept_rows.media_of(db, one.id) for one in (spoken, written)] == [[], []]
        left = [(one.id, one.state, one.text) for one in every(db, here)]
        assert left[:2] == [(spoken.id, "taken_back", ""), (written.id, "kept", "Our garden")]

    within(story)


def test_files_that_may_stay_stay(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        press(db, here, actions, "turn", "media.on")
        say(db, voice(61))
        press(db, here, actions, "turn", "media.off")
        assert shown(press(db, here, actions, "keep")).startswith("All right, I keep")
        assert kept_rows.media_of(db, every(db, here)[0].id)[0].state == "wanted"
        press(db, here, actions, "turn", "media.on")
        assert press(db, here, actions, "erase") is None  # an old button, after another yes

    within(story)


# Asking again


def grown(monkeypatch: pytest.MonkeyPatch, *uses: str) -> None:
    """Some texts have changed since everybody agreed."""
    for use in uses:
        monkeypatch.setitem(consents.VERSIONS, use, dict.fromkeys(consents.LANGUAGES, "2027-01"))


def test_a_changed_text_is_asked_about_once_and_after_quiet_hours(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        night = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)
        assert actions.ask_again(db, DESK, now=night) == 0  # nothing has changed
        grown(monkeypatch, QUOTE)
        assert actions.ask_again(db, DESK, now=night) == 2
        (letter,) = begun(db, f"consent:{here.anna}:")
        assert letter.not_before == datetime(2026, 11, 3, 7, 0, tzinfo=UTC)  # 8:00 in Amsterdam
        assert "May your answers be quoted in summaries?" in letter.params["text"]
        assert actions.ask_again(db, DESK, now=night + 30 * DAY) == 0

    within(story)


def test_until_then_the_old_yes_goes_on_and_answers_are_kept(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        grown(monkeypatch, TAKE_PART, QUOTE)
        monkeypatch.setitem(consents.USES, "study", consents.Use(QUOTE, since="2027-01"))
        actions.ask_again(db, DESK, now=NOW)
        say(db, words("While I was asked", 70))
        assert [one.text for one in every(db, here)] == ["While I was asked"]
        given = members.consent(db, here.anna)
        assert consents.may(given, QUOTE)
        assert not consents.may(given, "study")
        assert "for what it said then" in shown(press(db, here, actions, "show"))
        second = press(db, here, actions, "again", "take_part.yes")
        assert "May your answers be quoted in summaries?" in shown(second)
        settled = press(db, here, actions, "again", "quote.yes", now=NOW + DAY)
        assert shown(settled).startswith("Saved.")
        assert consents.may(members.consent(db, here.anna), "study")
        assert press(db, here, actions, "again", "quote.yes") is None

    within(story)


def test_no_to_the_new_words_is_a_no(within: Within, monkeypatch: pytest.MonkeyPatch) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        grown(monkeypatch, QUOTE, TAKE_PART)
        assert (
            press(db, here, actions, "again", "take_part.no") is None
        )  # leaving asks what becomes of the words
        press(db, here, actions, "again", "quote.no")
        assert not consents.may(members.consent(db, here.anna), QUOTE)
        assert shown(press(db, here, actions, "later")).startswith("All right.")

    within(story)


def test_who_pauses_or_cannot_be_reached_is_asked_later(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.change(db, here.anna, paused_until=NOW + 3 * DAY)
        members.change(db, here.omar, state="left")
        grown(monkeypatch, QUOTE)
        assert actions.ask_again(db, DESK, now=NOW) == 0
        assert actions.ask_again(db, DESK, now=NOW + 4 * DAY) == 1

    within(story)


def test_asking_is_part_of_the_housekeeping(within: Within, monkeypatch: pytest.MonkeyPatch) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        grown(monkeypatch, QUOTE)
        housekeeping.tidy(db, 0, DESK, now=NOW + 2 * DAY)
        assert len(begun(db, f"consent:{here.anna}:")) == 1
        assert len(begun(db, f"alone:{here.anna}:")) == 1  # two carers, and three are needed

    within(story)


def test_an_answer_is_kept_with_the_text_that_was_read(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        people.change(db, here.person.id, language="nl")
        say(db, voice(61))
        kept = every(db, here)[0]
        media.pressed(db, here.person, "always", kept.id, "", message_id=5, desk=DESK, now=NOW)
        query = select(consents_table.c.version, consents_table.c.language).where(
            consents_table.c.use == MEDIA
        )
        assert db.execute(query).one() == (consents.version(MEDIA, "nl"), "nl")

    within(story)
