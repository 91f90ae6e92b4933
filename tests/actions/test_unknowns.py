"""Lost answers: found by probing, recognised in a reply, or sent once more; never silently twice."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.actions import probes, unknowns
from bot.actions.answer import Answer
from bot.actions.answers import ANSWERS
from bot.actions.probes import Progress
from bot.core.letters import Button, Keyboard
from bot.core.mail import Letter, To, react, say
from bot.core.outcomes import Refused, Sent
from bot.sandbox.driver import Chat, Sandbox
from storage import chats, outbox
from storage.db import Database
from tests.mailing import Post, group, person, posting

pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot:telegram.warnings.PTBUserWarning")

MARK = "start=p_abc"
KEYBOARD = Keyboard(((Button("Answer privately", url=f"https://t.me/bln_bot?{MARK}"),),))


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running() as telegram:
        yield telegram


@pytest.fixture
def ops(telegram: Sandbox) -> Chat:
    return telegram.group("Operator")


@pytest.fixture
async def post(database: Database, telegram: Sandbox) -> AsyncIterator[Post]:
    """Without a chat to probe in."""
    async with posting(database, telegram) as post:
        yield post


@pytest.fixture
async def probing(database: Database, telegram: Sandbox, ops: Chat) -> AsyncIterator[Post]:
    async with posting(database, telegram, ops_chat=ops.id) as post:
        yield post


def prompt(to: To, key: str = "posting:1", text: str = "What helped you?") -> list[Letter]:
    return say(to, text, KEYBOARD, key=key, unsure="probe", mark=MARK, kind="test_posting")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """What the posting's action was called with."""
    called: list[Answer] = []
    monkeypatch.setitem(ANSWERS, "test_posting", lambda db, answer: called.append(answer))
    return called


async def core(post: Post, **how: Any) -> tuple[To, Chat]:
    there = post.telegram.group("Care", **how)
    kind = how.get("kind", "supergroup")
    return To(chat=await post.database.write(group, there.id, kind=kind)), there


def texts(post: Post, there: Chat) -> list[str]:
    return [message.text for message in post.telegram.said(there)]


async def coordinator(post: Post) -> Any:
    boss = post.telegram.user("Boss")
    await post.telegram.start(boss)
    await post.database.write(person, boss.id, coordinator=True)
    return boss


def reply_update(post: Post, there: Chat, message_id: int, mark: str = MARK) -> dict[str, Any]:
    """What Telegram says when somebody replies to our posting."""
    button = {"text": "Answer privately", "url": f"https://t.me/bln_bot?{mark}"}
    original = {
        "message_id": message_id,
        "chat": {"id": there.id, "type": "supergroup"},
        "from": {"id": post.desk.bot_id, "is_bot": True},
        "reply_markup": {"inline_keyboard": [[button]]},
    }
    message = {"message_id": 900, "chat": original["chat"], "from": {"id": 5}, "reply_to_message": original}
    return {"update_id": 1, "message": message}


# By probing -------------------------------------------------------------------------------------------------


async def test_a_posting_that_arrived_is_found_and_not_sent_again(
    probing: Post, ops: Chat, answers: list[Answer]
) -> None:
    to, there = await core(probing)
    probing.telegram.fault("sendMessage", "lost", chat=there)
    await probing.write(*prompt(to), *say(to, "next", key="next"))
    await probing.all(minutes=5)
    assert texts(probing, there) == ["What helped you?", "next"]
    row = await probing.row("posting:1")
    assert (row.state, row.message_id) == ("sent", probing.telegram.said(there)[0].id)
    assert [answer.outcome for answer in answers] == [Sent({"message_id": row.message_id})]
    assert probing.telegram.said(ops) == []  # the copies are deleted


async def test_a_posting_that_did_not_arrive_is_sent_once_more(
    probing: Post, ops: Chat, answers: list[Answer]
) -> None:
    to, there = await core(probing)
    probing.telegram.fault("sendMessage", "reset", chat=there)
    await probing.write(*prompt(to))
    await probing.all(minutes=5)
    assert texts(probing, there) == ["What helped you?"]
    assert len(answers) == 1
    assert probing.telegram.said(ops) == []


async def test_what_others_wrote_meanwhile_is_passed_over(
    probing: Post, ops: Chat, telegram: Sandbox
) -> None:
    anna = telegram.user("Anna")
    to, there = await core(probing, members=[anna])
    for text in ("before", "us"):
        await telegram.send(anna, text, chat=there)
    telegram.fault("sendMessage", "lost", chat=there)
    await probing.write(*prompt(to))
    await probing.sender.work()
    await telegram.send(anna, "after", chat=there)
    await probing.all(minutes=10)
    assert texts(probing, there) == ["What helped you?"]
    assert await probing.state("posting:1") == "sent"
    assert telegram.said(ops) == []


async def test_known_messages_are_not_probed(probing: Post, telegram: Sandbox) -> None:
    to, there = await core(probing)
    await probing.write(*say(to, "first", key="first"))
    await probing.all(seconds=5)
    telegram.fault("sendMessage", "lost", chat=there)
    await probing.write(*prompt(to))
    await probing.all(minutes=5)
    first, second = telegram.said(there)
    assert [int(call["message_id"]) for call in probing.calls("forwardMessage")] == [second.id]
    assert first.id < second.id


async def test_two_postings_in_doubt_do_not_take_each_other_for_themselves(
    probing: Post, telegram: Sandbox
) -> None:
    to, there = await core(probing)
    telegram.fault("sendMessage", "lost", chat=there, times=2)
    second = say(to, "Another question", key="second", unsure="probe")
    await probing.write(*prompt(to), *second)
    await probing.all(minutes=10)
    assert texts(probing, there) == ["What helped you?", "Another question"]
    assert (await probing.row("second")).message_id == telegram.said(there)[1].id


async def test_a_lost_answer_to_a_probe_is_asked_again(probing: Post, ops: Chat, telegram: Sandbox) -> None:
    to, there = await core(probing)
    telegram.fault("sendMessage", "lost", chat=there)
    telegram.fault("forwardMessage", "lost")
    await probing.write(*prompt(to))
    await probing.all(minutes=10)
    assert texts(probing, there) == ["What helped you?"]
    assert await probing.state("posting:1") == "sent"


async def test_with_a_wrong_operator_chat_it_is_as_without(
    database: Database, telegram: Sandbox, answers: list[Answer]
) -> None:
    async with posting(database, telegram, ops_chat=-1009999999999) as post:
        to, there = await core(post)
        telegram.fault("sendMessage", "lost", chat=there)
        await post.write(*prompt(to))
        await post.all(minutes=20)
        assert texts(post, there) == ["What helped you?"] * 2
        assert await post.state("posting:1") == "sent"


@pytest.mark.parametrize(
    ("missed", "known", "expected"),
    [
        ((), set(), 11),
        ((), {11, 12}, 13),
        ((11, 12, 13, 14), set(), 15),
        ((11, 12, 13, 14, 15), set(), None),
        ((11, 12, 13, 14, 15), {20}, 16),  # somebody wrote further up: go on
    ],
)
def test_the_search_ends_five_ids_above_the_newest(
    missed: tuple[int, ...], known: set[int], expected: int | None
) -> None:
    progress = Progress(attempt=1, at=10, top=10)
    for id in missed:
        progress = progress.tried(id, exists=False)
    assert progress.next(known) == expected


# Without probing --------------------------------------------------------------------------------------------


async def test_without_a_chat_to_probe_in_it_is_sent_once_more_and_said(post: Post) -> None:
    boss = await coordinator(post)
    to, there = await core(post)
    post.telegram.fault("sendMessage", "lost", chat=there)
    await post.write(*prompt(to))
    await post.all(minutes=9)
    assert texts(post, there) == ["What helped you?"]
    await post.all(minutes=3)
    assert texts(post, there) == ["What helped you?"] * 2
    assert "once more" in post.telegram.last(boss).text


async def test_a_second_doubt_is_the_last(post: Post, answers: list[Answer]) -> None:
    boss = await coordinator(post)
    to, there = await core(post)
    post.telegram.fault("sendMessage", "lost", chat=there, times=2)
    await post.write(*prompt(to))
    await post.all(hours=2)
    assert texts(post, there) == ["What helped you?"] * 2
    assert await post.state("posting:1") == "abandoned"
    assert "twice" in post.telegram.last(boss).text
    assert len(answers) == 1


async def test_a_reaction_is_simply_repeated(post: Post) -> None:
    anna = post.telegram.user("Anna")
    to, there = await core(post, members=[anna])
    message = await post.telegram.send(anna, "hello", chat=there)
    post.telegram.fault("setMessageReaction", "lost")
    await post.write(react(to, message.id, "✍", key="r"))
    await post.all(minutes=2)
    assert await post.state("r") == "sent"
    assert len(post.calls("setMessageReaction")) == 2


# By a reply -------------------------------------------------------------------------------------------------


async def test_a_reply_tells_where_the_posting_stands(post: Post, answers: list[Answer]) -> None:
    to, there = await core(post)
    post.telegram.fault("sendMessage", "lost", chat=there)
    await post.write(*prompt(to))
    await post.sender.work()
    (message,) = post.telegram.said(there)
    update = reply_update(post, there, message.id)
    for _ in range(2):  # Telegram may say it twice
        await post.database.write(unknowns.recognise, update, desk=post.desk, now=post.clock.now())
    row = await post.row("posting:1")
    assert (row.state, row.message_id) == ("sent", message.id)
    await post.all(hours=1)
    assert texts(post, there) == ["What helped you?"]
    assert len(answers) == 1


async def test_a_reply_may_come_before_the_answer_to_our_own_call(post: Post, answers: list[Answer]) -> None:
    to, there = await core(post)
    await post.write(*prompt(to))
    row = await post.row("posting:1")
    await post.database.write(outbox.claim, [row.id], now=post.clock.now())
    update = reply_update(post, there, 41)
    await post.database.write(unknowns.recognise, update, desk=post.desk, now=post.clock.now())
    assert ((await post.row("posting:1")).state, len(answers)) == ("sent", 1)


async def test_of_a_double_the_younger_copy_goes(post: Post, answers: list[Answer]) -> None:
    to, there = await core(post)
    post.telegram.fault("sendMessage", "lost", chat=there)
    await post.write(*prompt(to))
    await post.all(minutes=15)
    first, second = post.telegram.said(there)
    assert (await post.row("posting:1")).message_id == second.id
    update = reply_update(post, there, first.id)
    for _ in range(2):
        await post.database.write(unknowns.recognise, update, desk=post.desk, now=post.clock.now())
    await post.all(seconds=10)
    assert [message.id for message in post.telegram.said(there)] == [first.id]
    assert (await post.row("posting:1")).message_id == first.id
    assert len(post.calls("deleteMessage")) == 1


@pytest.mark.parametrize("what", ["other chat", "not ours", "other mark"])
async def test_what_is_not_our_posting_is_left_alone(post: Post, what: str) -> None:
    to, there = await core(post)
    _, elsewhere = await core(post)
    post.telegram.fault("sendMessage", "lost", chat=there)
    await post.write(*prompt(to))
    await post.sender.work()
    update = reply_update(post, elsewhere if what == "other chat" else there, 41)
    if what == "not ours":
        update["message"]["reply_to_message"]["from"] = {"id": 5}
    if what == "other mark":
        update = reply_update(post, there, 41, mark="start=p_other")
    await post.database.write(unknowns.recognise, update, desk=post.desk, now=post.clock.now())
    assert await post.state("posting:1") == "unknown"


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 1},
        {"message": {"message_id": 1, "chat": {"id": 1}}},
        {"message": None},
        {"message": {"reply_to_message": "nonsense"}},
        {"callback_query": {"message": {"message_id": 0, "date": 0, "chat": {"id": 1}}}},
        {"message_reaction": {"chat": {"id": 1}, "message_id": 5}},
    ],
)
def test_most_updates_show_nothing_of_ours(update: dict[str, Any]) -> None:
    assert unknowns.ours(update, bot_id=777) is None


# What a probe sees ------------------------------------------------------------------------------------------


async def test_a_probe_compares_sender_and_words(post: Post) -> None:
    to, _ = await core(post)
    await post.write(*say(to, "Hello <b>all</b> &amp; more", key="a"))
    row = await post.row("a")
    ours = {"forward_origin": {"type": "user", "sender_user": {"id": 777}}, "text": "Hello all & more"}
    assert probes.same(row, ours, bot_id=777)
    assert not probes.same(row, ours, bot_id=778)
    assert not probes.same(row, {**ours, "text": "Hello"}, bot_id=777)
    assert not probes.same(row, {"text": "Hello all & more"}, bot_id=777)


async def test_a_chat_that_is_gone_ends_the_search(probing: Post, answers: list[Answer]) -> None:
    to, there = await core(probing, admins=[probing.telegram.user("Frida")])
    probing.telegram.fault("sendMessage", "lost", chat=there)
    await probing.write(*prompt(to))
    await probing.sender.work()
    await probing.telegram.remove_bot(there)
    await probing.all(hours=1)
    assert await probing.state("posting:1") == "failed"
    assert isinstance(answers[-1].outcome, Refused)
    found = await probing.database.read(chats.get, to.chat or 0)
    assert found is not None
    assert found.state == "gone"
