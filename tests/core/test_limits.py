"""How fast we send: never above what Telegram allows, and not much below it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.limits import Limits

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def run(limits: Limits, targets: list[int | None], method: str = "sendMessage") -> list[float]:
    """Send to each target as soon as allowed, one after the other; the seconds at which that was."""
    now, seconds = START, []
    for target in targets:
        now = max(now, limits.next(target, method, now=now))
        limits.take(target, method, now=now)
        seconds.append((now - START).total_seconds())
    return seconds


def test_over_all_chats_25_a_second() -> None:
    seconds = run(Limits(), [*range(1, 101)])
    assert Counter(int(second) for second in seconds) == {0: 25, 1: 25, 2: 25, 3: 25}
    assert max(Counter(seconds).values()) == 5  # spread over the second


def test_a_group_gets_one_a_second_and_18_a_minute() -> None:
    seconds = run(Limits(), [-1] * 37)
    assert seconds[:3] == [0, 1, 2]
    assert (seconds[17], seconds[18], seconds[36]) == (17, 60, 120)


def test_a_private_chat_gets_one_a_second_with_two_at_once() -> None:
    assert run(Limits(), [1] * 6) == [0, 0, 2, 2, 4, 4]


def test_reactions_have_a_limit_of_their_own() -> None:
    limits = Limits()
    run(limits, [-1] * 18)
    assert limits.next(-1, "sendMessage", now=START + 18 * SECOND) == START + 60 * SECOND
    assert limits.next(-1, "setMessageReaction", now=START + 18 * SECOND) == START + 18 * SECOND
    assert run(limits, [-1] * 2, "setMessageReaction")[1] - 1 >= 0


@pytest.mark.parametrize("method", ["getChatMember", "getFile", "deleteMessage", "createForumTopic"])
def test_what_is_no_message_counts_only_over_all(method: str) -> None:
    seconds = run(Limits(), [-1] * 26, method)
    assert (seconds[4], seconds[25]) == (0, 1)


@pytest.mark.parametrize("method", ["editMessageText", "copyMessage", "forwardMessage", "sendPhoto"])
def test_edits_and_copies_count_as_messages(method: str) -> None:
    assert run(Limits(), [-1, -1], method) == [0, 1]


def test_three_chats_told_to_wait_within_five_seconds_means_all() -> None:
    limits = Limits()
    assert not limits.refused(-1, now=START)
    assert not limits.refused(-1, now=START + SECOND)
    assert not limits.refused(-2, now=START + 2 * SECOND)
    assert limits.refused(-3, now=START + 3 * SECOND)
    assert not limits.refused(-4, now=START + 30 * SECOND)


def test_a_refusal_that_is_about_no_chat_is_about_us() -> None:
    assert Limits().refused(None, now=START)
