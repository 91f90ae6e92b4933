"""The sender against the sandbox: order, limits, and every answer Telegram can give or not give."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from telegram.error import NetworkError

from bot.actions.answer import Answer
from bot.actions.answers import ANSWERS
from bot.core.letters import Button, Keyboard
from bot.core.mail import File, To, ask, delete, document, edit, react, say
from bot.core.outcomes import Refused, Sent
from bot.sandbox.driver import Chat, Sandbox, User
from bot.sandbox.faults import Kind
from storage import chats, outbox, people
from storage.db import Connection, Database
from tests.mailing import Post, group, person, posting

pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running() as telegram:
        yield telegram


@pytest.fixture
async def post(database: Database, telegram: Sandbox) -> AsyncIterator[Post]:
    async with posting(database, telegram) as post:
        yield post


async def core(post: Post, **how: Any) -> tuple[To, Chat]:
    """A group that Telegram and we know."""
    there = post.telegram.group("Care", **how)
    kind = how.get("kind", "supergroup")
    return To(chat=await post.database.write(group, there.id, kind=kind)), there


async def anna(post: Post) -> tuple[To, User]:
    """Somebody who has pressed Start."""
    user = post.telegram.user("Anna")
    await post.telegram.start(user)
    return To(person=await post.database.write(person, user.id)), user


def follow(monkeypatch: pytest.MonkeyPatch, kind: str) -> list[Answer]:
    """What the action of a kind is called with."""
    answers: list[Answer] = []
    monkeypatch.setitem(ANSWERS, kind, lambda db, answer: answers.append(answer))
    return answers


async def test_a_letter_arrives_and_its_message_is_known(post: Post) -> None:
    to, there = await core(post)
    await post.write(*say(to, "Hello <b>all</b>", key="a"))
    await post.sender.work()
    (message,) = post.telegram.said(there)
    row = await post.row("a")
    assert (message.html, row.state, row.message_id) == ("Hello <b>all</b>", "sent", message.id)
    chat = await post.database.read(chats.get, row.chat_id)
    assert chat is not None
    assert chat.last_message_id == message.id


async def test_a_lane_keeps_its_order_and_the_groups_pace(post: Post) -> None:
    to, there = await core(post)
    await post.write(*(letter for n in range(20) for letter in say(to, f"{n}", key=f"{n}")))
    await post.all(minutes=3)
    assert [message.text for message in post.telegram.said(there)] == [str(n) for n in range(20)]
    times = [call.at for call in post.telegram.calls if call.method == "sendMessage"]
    assert min(b - a for a, b in pairwise(times)) >= timedelta(seconds=1)
    assert times[18] - times[0] >= timedelta(seconds=60)
    assert {call.outcome for call in post.telegram.calls} == {"ok"}


async def test_many_chats_at_25_a_second(post: Post) -> None:
    for number in range(60):
        user = post.telegram.user(f"U{number}")
        await post.telegram.start(user)
        await post.write(*say(To(telegram=user.id), "hello", key=str(number)))
    begun = post.clock.now()
    await post.all(seconds=10)
    calls = [call.at for call in post.telegram.calls if call.method == "sendMessage"]
    assert len(calls) == 60
    assert max(calls) - begun == timedelta(seconds=2.2)


async def test_told_to_wait_only_that_chat_waits_also_after_a_restart(
    post: Post, database: Database, telegram: Sandbox
) -> None:
    (to, there), (other, _) = await core(post), await anna(post)
    telegram.fault("sendMessage", "429", chat=there, retry_after=30)
    await post.write(*say(to, "group", key="g"), *say(other, "private", key="p"))
    await post.sender.work()
    assert (await post.state("g"), await post.state("p")) == ("pending", "sent")
    async with posting(database, telegram) as restarted:
        await restarted.pass_(seconds=30)
        assert telegram.said(there) == []
        await restarted.pass_(seconds=1)
        assert [message.text for message in telegram.said(there)] == ["group"]


async def test_when_three_chats_are_told_to_wait_all_do(post: Post) -> None:
    tos = [(await anna(post))[0] for _ in range(5)]
    post.telegram.fault("sendMessage", "429", times=3, retry_after=10)
    await post.write(*(letter for n, to in enumerate(tos[:3]) for letter in say(to, "x", key=f"{n}")))
    await post.sender.work()
    await post.write(*say(tos[4], "x", key="last"))
    await post.sender.work()
    assert await post.state("last") == "pending"
    await post.pass_(seconds=11)
    assert {await post.state(key) for key in ("0", "1", "2", "last")} == {"sent"}


async def test_a_group_that_has_become_a_supergroup_is_written_to_there(post: Post) -> None:
    to, there = await core(post, kind="group", admins=[post.telegram.user("Frida")])
    moved = await post.telegram.migrate(there)
    await post.write(*say(to, "hello", key="a"))
    await post.sender.work()
    assert [message.text for message in post.telegram.said(moved)] == ["hello"]
    found = await post.database.read(chats.by_telegram_id, moved.id)
    assert found is not None
    assert found.id == to.chat


async def test_who_has_blocked_the_bot_is_unreachable_and_the_next_letter_is_not_held_up(post: Post) -> None:
    to, user = await anna(post)
    await post.telegram.block(user)
    await post.write(*say(to, "one", key="1"), *say(to, "two", key="2"))
    await post.sender.work()
    assert (await post.state("1"), await post.state("2")) == ("failed", "failed")
    found = await post.database.read(people.get, to.person)
    assert found is not None
    assert not found.reachable


async def test_a_group_the_bot_was_removed_from_is_gone_and_the_coordinator_told_once(post: Post) -> None:
    to, there = await core(post)
    boss = post.telegram.user("Boss")
    await post.telegram.start(boss)
    await post.database.write(person, boss.id, coordinator=True)
    await post.telegram.remove_bot(there)
    await post.write(*say(to, "one", key="1"), *say(to, "two", key="2"))
    await post.all(seconds=10)
    found = await post.database.read(chats.get, to.chat)
    assert found is not None
    assert found.state == "gone"
    (told,) = post.telegram.said(boss)
    assert "kicked" in told.text or "not a member" in told.text


async def test_what_telegram_cannot_parse_goes_out_as_plain_text(post: Post) -> None:
    to, there = await core(post)
    (letter,) = say(to, "fine", key="a")
    broken = {**letter.params, "text": "<b>bold</b> <nothing> &lt;3"}
    await post.write(replace(letter, params=broken))
    await post.all(seconds=5)
    assert post.telegram.last(there).text.startswith("bold")
    assert await post.state("a") == "sent"


async def test_an_edit_that_changes_nothing_has_succeeded(post: Post) -> None:
    to, there = await core(post)
    await post.write(*say(to, "same", key="a"))
    await post.all(seconds=5)
    message = post.telegram.last(there)
    await post.write(edit(to, message.id, "same", key="e"))
    await post.all(seconds=5)
    assert await post.state("e") == "sent"


async def test_deleting_what_is_gone_has_succeeded(post: Post) -> None:
    to, _ = await core(post)
    await post.write(delete(to, 4711, key="d"))
    await post.sender.work()
    assert await post.state("d") == "sent"


async def test_a_closed_topic_sends_to_the_whole_group_and_tells(post: Post) -> None:
    to, there = await core(post, forum=True)
    await post.database.write(chats.change, to.chat, topic_id=4711)
    await post.write(*say(to, "hello", key="a", thread=4711))
    await post.sender.work()
    await post.pass_(seconds=1)
    assert "hello" in [message.text for message in post.telegram.said(there)]
    found = await post.database.read(chats.get, to.chat)
    assert found is not None
    assert found.topic_id is None


async def test_a_refusal_reaches_the_action_and_the_operator(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = follow(monkeypatch, "picture")
    to, _ = await anna(post)
    boss = post.telegram.user("Boss")
    await post.telegram.start(boss)
    await post.database.write(person, boss.id, coordinator=True)
    await post.write(*document(to, "no such file", key="f", kind="picture", about={"n": 1}))
    await post.all(seconds=5)
    (answer,) = answers
    assert isinstance(answer.outcome, Refused)
    assert "wrong file identifier" in answer.outcome.reason
    assert answer.about == {"n": 1}
    assert "wrong file identifier" in post.telegram.last(boss).text


async def test_a_reaction_to_a_deleted_message_is_told_to_its_action(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = follow(monkeypatch, "check")
    to, _ = await core(post)
    await post.write(react(to, 4711, "✍", kind="check", key="r"))
    await post.sender.work()
    assert isinstance(answers[0].outcome, Refused)
    assert "message to react not found" in answers[0].outcome.reason


@pytest.mark.parametrize("fault", ["lost", "5xx", "reset"])
async def test_a_lost_answer_in_private_is_left_alone(post: Post, fault: Kind) -> None:
    to, user = await anna(post)
    post.telegram.fault("sendMessage", fault)
    await post.write(*say(to, "one", key="1"), *say(to, "two", key="2"))
    await post.sender.work()
    assert (await post.state("1"), await post.state("2")) == ("unknown", "pending")
    await post.pass_(seconds=89)
    assert await post.state("1") == "unknown"
    await post.pass_(seconds=2)
    assert (await post.state("1"), await post.state("2")) == ("abandoned", "sent")
    assert [m.text for m in post.telegram.said(user)] == (["one", "two"] if fault == "lost" else ["two"])


async def test_what_did_not_reach_telegram_is_sent_again(database: Database, telegram: Sandbox) -> None:
    async with posting(database, telegram) as post:
        to, user = await anna(post)
        right, post.bot._base_url = post.bot._base_url, "http://127.0.0.1:9/bot"
        await post.write(*say(to, "hello", key="a"))
        await post.sender.work()
        assert await post.state("a") == "pending"
        post.bot._base_url = right
        await post.pass_(seconds=4)
        assert [message.text for message in telegram.said(user)] == ["hello"]


async def test_a_wrong_token_stops_everything_and_loses_nothing(
    database: Database, telegram: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = telegram.token[:-1] + "y"
    async with posting(database, telegram, token=wrong) as post:
        to, user = await anna(post)
        await post.write(*say(to, "hello", key="a"))
        await post.sender.work()
        await post.pass_(seconds=31)
        assert await post.state("a") == "pending"
        assert [record.levelname for record in caplog.records].count("ERROR") == 1
        assert wrong not in caplog.text
    async with posting(database, telegram) as post:
        await post.pass_(seconds=31)
        assert [message.text for message in telegram.said(user)] == ["hello"]


async def test_a_method_that_telegram_does_not_know_stops_nobody(post: Post) -> None:
    to, _ = await anna(post)
    await post.write(ask("letter", To(), "inventedMethod", key="q"), *say(to, "hello", key="a"))
    await post.sender.work()
    assert (await post.state("q"), await post.state("a")) == ("failed", "sent")


async def test_a_question_is_answered_in_the_transaction_of_its_action(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, there = await core(post, admins=[post.telegram.user("Frida")])

    def admins(db: Connection, answer: Answer) -> None:
        names = ", ".join(one["user"]["first_name"] for one in answer.result)
        outbox.write(db, say(to, names, key="names"), now=answer.now)

    monkeypatch.setitem(ANSWERS, "admins", admins)
    await post.write(ask("admins", to, "getChatAdministrators", key="q"))
    await post.sender.work()
    assert "Frida" in post.telegram.last(there).text
    assert (await post.row("q")).result is None  # what Telegram says of people is not kept


async def test_an_action_with_a_mistake_does_not_make_a_message_unsent(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(db: Connection, answer: Answer) -> None:
        outbox.write(db, say(To(telegram=1), "half", key="half"), now=answer.now)
        raise LookupError("secret words")

    monkeypatch.setitem(ANSWERS, "broken", broken)
    to, _ = await anna(post)
    await post.write(*say(to, "hello", key="a", kind="broken"))
    await post.sender.work()
    assert await post.state("a") == "sent"
    assert await post.database.read(outbox.by_key, "half") is None


async def test_a_file_is_uploaded_and_one_of_a_member_fetched(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = follow(monkeypatch, "media")
    to, user = await anna(post)
    await post.write(*document(to, File("plan.pdf", "application/pdf", b"%PDF bytes"), "The plan", key="d"))
    await post.sender.work()
    sent = post.telegram.last(user)
    assert (post.telegram.file(sent), sent.text) == (b"%PDF bytes", "The plan")
    file_id = ((await post.row("d")).result or {})["file_id"]
    await post.write(ask("media", To(), "getFile", {"file_id": file_id}, key="q"))
    await post.sender.work()
    (answer,) = answers
    assert isinstance(answer.outcome, Sent)
    assert answer.outcome.data == b"%PDF bytes"
    assert "file_path" not in answer.result  # it holds the token


async def test_after_a_kill_nothing_in_private_is_sent_twice(
    post: Post, database: Database, telegram: Sandbox
) -> None:
    to, user = await anna(post)
    await post.write(*say(to, "hello", key="a"))
    row = await post.row("a")
    await database.write(outbox.claim, [row.id], now=post.clock.now())  # and here the process ends
    async with posting(database, telegram) as restarted:
        await database.write(outbox.recover)
        await restarted.all(minutes=5)
        assert await restarted.state("a") == "abandoned"
        assert telegram.said(user) == []


@pytest.mark.parametrize("fault", ["lost", "5xx", "reset", "429"])
async def test_trouble_leaves_no_connections_behind(post: Post, fault: Kind) -> None:
    """pyproject.toml lets forgotten sockets pass as warnings: this is where they would be seen."""
    to, user = await anna(post)
    await post.write(*say(to, "first", key="first"))
    await post.all(seconds=5)
    before = _open_files()
    post.telegram.fault("sendMessage", fault, times=30)
    await post.write(*(one for number in range(60) for one in say(to, f"{number}", key=f"{number}")))
    await post.all(hours=3)
    assert post.telegram.said(user)[-1].text == "59"
    assert _open_files() <= before + 6  # both ends of a few are in this process, not of thirty


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_buttons_survive_the_outbox(post: Post) -> None:
    to, user = await anna(post)
    keyboard = Keyboard(((Button("Answer", url="https://t.me/bln_bot?start=p_abc"),),))
    await post.write(*say(to, "hello", keyboard, key="a"))
    await post.sender.work()
    assert post.telegram.last(user).buttons == [["Answer"]]


async def test_errors_of_ptb_are_what_we_take_them_for() -> None:
    """The order of our clauses rests on it."""
    from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TimedOut

    assert issubclass(BadRequest, NetworkError)
    assert issubclass(TimedOut, NetworkError)
    for error in (RetryAfter, ChatMigrated, Forbidden, InvalidToken):
        assert not issubclass(error, NetworkError)


# What must not leave a lane stuck ---------------------------------------------------------------------------


async def test_a_claim_whose_answer_was_lost_is_repeated_and_finds_its_rows(
    post: Post, database: Database
) -> None:
    """PostgreSQL may fail after it has committed; the write is done again as a whole."""
    to, _ = await anna(post)
    await post.write(*say(to, "hello", key="a"))
    ids, now = [(await post.row("a")).id], post.clock.now()
    first = await database.write(outbox.claim, ids, now=now)
    assert await database.write(outbox.claim, ids, now=now) == first


async def test_a_claim_that_was_kept_but_looked_like_a_failure_is_given_back(
    post: Post, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, user = await anna(post)
    await post.write(*say(to, "hello", key="a"))
    write, lost = database.write, [True]

    async def losing(function: Any, *args: Any, **kwargs: Any) -> Any:
        result = await write(function, *args, **kwargs)
        if function is outbox.claim and lost.pop():
            raise DisconnectionError("the answer to COMMIT was lost")
        return result

    monkeypatch.setattr(database, "write", losing)
    with pytest.raises(DisconnectionError):
        await post.sender.work()
    lost.append(False)
    await post.pass_(seconds=3)
    assert [message.text for message in post.telegram.said(user)] == ["hello"]


async def test_an_orderly_end_between_claim_and_call_still_sends(post: Post, database: Database) -> None:
    to, user = await anna(post)
    await post.write(*say(to, "hello", key="a"))
    committing, go = threading.Event(), threading.Event()

    def pause(_: Any) -> None:
        committing.set()
        assert go.wait(20)

    event.listen(database._writer, "commit", pause)
    step = asyncio.create_task(post.sender.step())
    await asyncio.to_thread(committing.wait, 20)
    step.cancel()
    await asyncio.wait({step})
    go.set()
    await post.sender.finish(20)
    assert [message.text for message in post.telegram.said(user)] == ["hello"]
    assert await post.state("a") == "sent"


async def test_a_mistake_while_writing_the_outcome_down_does_not_hold_up_the_lane(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise LookupError("secret words")

    to, there = await core(post)
    await post.write(*say(to, "one", key="1"), *say(to, "two", key="2"))
    monkeypatch.setattr(chats, "seen_message", broken)
    await post.pass_(seconds=3)
    await post.pass_(seconds=3)
    assert [message.text for message in post.telegram.said(there)] == ["one", "two"]
    assert (await post.state("1"), await post.state("2")) == ("sent", "sent")


async def test_an_unknown_that_cannot_be_looked_into_stops_nobody(post: Post, database: Database) -> None:
    (to, there), (other, user) = await core(post), await anna(post)
    post.sender._desk = replace(post.desk, ops_chat=-1)
    post.telegram.fault("sendMessage", "lost", chat=there)
    await post.write(*(replace(letter, unsure="probe") for letter in say(to, "one", key="1")))
    await post.sender.work()
    row = await post.row("1")
    broken = {"probe": {"attempt": row.attempts, "from another version": 1, "missed": []}}
    await database.write(outbox.look_again, row, at=post.clock.now(), progress=broken)
    await post.write(*say(other, "hello", key="2"))
    await post.pass_(seconds=1)
    assert await post.state("1") == "abandoned"
    assert [message.text for message in post.telegram.said(user)] == ["hello"]


async def test_a_question_that_telegram_never_answers_is_not_asked_again_and_again(post: Post) -> None:
    to, _ = await core(post)
    post.telegram.fault("getChatAdministrators", "5xx", times=None)
    letter = replace(ask("admins", to, "getChatAdministrators", key="q"), unsure="repeat")
    await post.write(letter)
    await post.all(minutes=10)
    assert 5 <= len(post.calls("getChatAdministrators")) <= 20
