"""What somebody had before their eyes when they wrote, on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.core import mail
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from storage import outbox, screens
from storage.db import Connection, Database
from tests.mailing import START, person

Within = Callable[[Callable[[Connection], None]], None]
SECOND = timedelta(seconds=1)


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


def say(to: To, label: str, key: str) -> Letter:
    return mail.say(to, "Words", keyboard_rows([Button(label, callback("me.show", 1))]), key=key)[0]


def edit(to: To, message_id: int, label: str | None, key: str) -> Letter:
    keyboard = None if label is None else keyboard_rows([Button(label, callback("me.show", 1))])
    return mail.edit(to, message_id, "Words", keyboard, key=key)


def send(db: Connection, letter: Letter, *, after: int, message_id: int | None = None) -> None:
    """Let a letter arrive so many seconds after the start."""
    now = START + after * SECOND
    outbox.write(db, [letter], now=now)
    row = outbox.by_key(db, letter.key)
    assert row is not None
    (claimed,) = outbox.claim(db, [row.id], now=now)
    outbox.sent(db, claimed, message_id, None, now=now)


def seen(db: Connection, who: int, *, after: int) -> list[str] | None:
    shown = screens.last(db, who, seen_at=START + after * SECOND)
    return None if shown is None else [label.words for label in shown.labels]


def test_only_what_had_arrived_is_spoken_to(within: Within) -> None:
    def story(db: Connection) -> None:
        who, other = person(db, 11), person(db, 12)
        to = To(person=who)
        assert seen(db, who, after=0) is None
        send(db, say(to, "First", "reply:1:1"), after=0, message_id=5)
        send(db, say(To(person=other), "Another's", "reply:2:1"), after=1, message_id=6)
        send(db, say(to, "Second", "reply:3:1"), after=10, message_id=7)
        outbox.write(db, [say(to, "On its way", "reply:4:1")], now=START + 11 * SECOND)
        assert seen(db, who, after=0) == ["First"]  # Telegram's dates have no fractions
        assert seen(db, who, after=9) == ["First"]
        assert seen(db, who, after=20) == ["Second"]
        assert seen(db, other, after=20) == ["Another's"]

    within(story)


def test_an_edit_is_looked_at_if_it_answers_what_somebody_did(within: Within) -> None:
    def story(db: Connection) -> None:
        who = person(db, 11)
        to = To(person=who)
        send(db, say(to, "First", "reply:1:1"), after=0, message_id=5)
        send(db, say(to, "Second", "draft:1"), after=1, message_id=6)
        assert seen(db, who, after=2) == ["Second"]
        send(db, edit(to, 5, "First, mended later", "mend:1"), after=3)
        assert seen(db, who, after=3) == ["Second"]
        send(db, edit(to, 6, "Second, mended later", "mend:2"), after=4)
        assert seen(db, who, after=4) == ["Second, mended later"]
        send(db, edit(to, 5, "First, pressed", "reply:2:1"), after=5)
        assert seen(db, who, after=5) == ["First, pressed"]
        send(db, edit(to, 5, None, "reply:3:1"), after=6)
        assert seen(db, who, after=6) is None  # its buttons are gone

    within(story)


def test_a_message_without_buttons_hides_the_buttons_above(within: Within) -> None:
    def story(db: Connection) -> None:
        who = person(db, 11)
        send(db, say(To(person=who), "First", "reply:1:1"), after=0, message_id=5)
        send(db, mail.say(To(person=who), "Taken back.", key="reply:2:1")[0], after=1, message_id=6)
        send(db, mail.react(To(person=who), 5, "✍", key="reply:3:1"), after=2)
        assert seen(db, who, after=3) is None

    within(story)


def test_what_it_follows_from_is_known_by_its_key(within: Within) -> None:
    def story(db: Connection) -> None:
        who = person(db, 11)
        for number, (key, follows, about) in enumerate(
            [
                ("reply:1:1", True, False),
                ("after:9:1", True, False),
                ("saved:4", False, True),
                ("ask:1:2", False, False),
            ]
        ):
            send(db, say(To(person=who), "Words", key), after=number, message_id=5 + number)
            shown = screens.last(db, who, seen_at=START + number * SECOND)
            assert shown is not None
            assert (shown.follows, shown.about_answer) == (follows, about)

    within(story)
