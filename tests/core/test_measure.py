"""Measures: what counts, as what, and what is left out when somebody sends very much."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core import mail
from bot.core.mail import To
from bot.core.measure import (
    APART,
    ASKED,
    DAY,
    FILES,
    GIVEN,
    MEASURES,
    Doing,
    Reach,
    beyond,
    doing,
    reach,
    thinned,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANNA = {"id": 7, "is_bot": False, "first_name": "Anna", "language_code": "nl"}
PRIVATE = {"id": 7, "type": "private"}
GROUP = {"id": -100, "type": "supergroup"}


def message(chat: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 1, "chat": chat, "from": ANNA, **fields}}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (message(PRIVATE, text="My neighbour"), Doing(7, False, language="nl")),
        (message(PRIVATE, text=" /help"), Doing(7, True, language="nl")),
        (message(PRIVATE, text="/start j_abc"), Doing(7, True, payload="j_abc", language="nl")),
        (message(PRIVATE, text="/start@bln_bot j_abc"), Doing(7, True, payload="j_abc", language="nl")),
        (message(PRIVATE, caption="/prompt now | Look", photo=[]), Doing(7, True, language="nl")),
        (
            message(PRIVATE, photo=[{"file_size": 9}, {"file_size": 90}]),
            Doing(7, False, size=90, language="nl"),
        ),
        (message(PRIVATE, document={"file_size": 30_000_000}), Doing(7, False, language="nl")),
        (message(GROUP, text="/prompts@bln_bot"), Doing(7, True, private=False, language="nl")),
        (message(GROUP, text="/prompts"), Doing(7, True, private=False, language="nl")),
        (message(GROUP, text="/prompts@another_bot"), None),
        (message(GROUP, text="Good morning"), None),  # counted if it turns out to be an answer
        (message(GROUP, text="/setup", sender_chat={"id": -100}), None),
        (
            {"update_id": 1, "callback_query": {"id": "5", "from": ANNA, "data": "v1:a.b:1:"}},
            Doing(7, True, private=False, query_id="5", language="nl"),
        ),
        ({"update_id": 1, "edited_message": {"from": ANNA, "chat": PRIVATE, "text": "x"}}, None),
        ({"update_id": 1, "message": {"from": {**ANNA, "is_bot": True}, "chat": PRIVATE, "text": "x"}}, None),
        ({"update_id": 1, "message": {"from": "Anna", "chat": 3, "text": ["x"]}}, None),
        (
            {"update_id": 1, "message": {"from": ANNA, "chat": None, "text": "/"}},
            Doing(7, True, False, language="nl"),
        ),
        ({"update_id": 1, "message": None}, None),
        ({"update_id": 1}, None),
    ],
)
def test_what_an_update_counts_as(update: dict[str, Any], expected: Doing | None) -> None:
    assert doing(update, "bln_bot") == expected


@pytest.mark.parametrize(
    ("what", "amount", "added", "leads", "expected"),
    [
        (GIVEN, 40, 1, False, Reach.WITHIN),
        (GIVEN, 41, 1, False, Reach.FIRST),
        (GIVEN, 42, 1, False, Reach.BEYOND),
        (GIVEN, 41, 1, True, Reach.WITHIN),
        (ASKED, 121, 1, True, Reach.FIRST),
        (FILES, 205_000_000, 10_000_000, False, Reach.FIRST),
        (FILES, 205_000_000, 4_000_000, False, Reach.BEYOND),
    ],
)
def test_it_is_said_once(what: str, amount: int, added: int, leads: bool, expected: Reach) -> None:
    assert reach(what, amount, added, leads=leads) is expected


def test_a_normal_season_meets_no_measure() -> None:
    """An evening with three albums of ten and the words about them; a hundred answers a day; a lively facilitator."""
    assert reach(GIVEN, 35) is Reach.WITHIN
    assert reach(DAY, 100 + 30) is Reach.WITHIN
    assert reach(FILES, 30 * 4_000_000) is Reach.WITHIN
    assert reach(ASKED, 25) is Reach.WITHIN
    assert all(measure.leading >= measure.most for measure in MEASURES.values())


def test_receipts_are_left_out_questions_stay_and_marks_come_later() -> None:
    to = To(person=1)
    [receipt] = mail.say(to, "Saved.", receipt=True)
    [question] = mail.say(to, "May I keep it?")
    mark = mail.react(To(chat=1), 5, "✍")
    assert thinned([receipt, question, mark], 0, now=NOW) == [receipt, question, mark]
    kept = thinned([receipt, question, mark], 3, now=NOW)
    assert [letter.method for letter in kept] == ["sendMessage", "setMessageReaction"]
    assert kept[1].not_before == NOW + 3 * APART
    assert beyond(GIVEN, 43) == 3
    assert timedelta(0) < APART < timedelta(minutes=1)
