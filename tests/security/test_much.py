"""One person who sends very much: nothing of value is lost, nobody else waits, and it is said kindly, once."""

from datetime import timedelta
from typing import Any

from bot.core.measure import ASKED, DAY, FILES, GIVEN, GUESSES, MEASURES
from bot.sandbox.driver import Sandbox
from storage import links, tallies
from storage.db import Connection
from tests.stories.story import Seeded, Story

MOST, ASKING = MEASURES[GIVEN].most, MEASURES[ASKED].most


def _sent(db: Connection, user: Any, what: str, amount: int, *, now: Any) -> None:
    """As if somebody had sent so much today."""
    tallies.add(db, user.id, {what: (amount, MEASURES[what].within)}, now=now)


def _invitation(db: Connection, network_id: int, *, now: Any) -> str:
    until = now + timedelta(days=3)
    values = {"network_id": network_id, "circle": "core", "uses_left": 1, "expires_at": until}
    return links.make(db, "join", now=now, **values).token


async def asked(bln: Story, telegram: Sandbox) -> tuple[Any, Any, Seeded, Any]:
    """Anna and Ben take part where a question is open."""
    anna, ben = telegram.user("Anna"), telegram.user("Ben")
    network = await bln.network(telegram.group("Care partnership", members=[anna, ben]))
    for user in (anna, ben):
        await bln.member(network, user)
    return anna, ben, network, await bln.posted(network, "What helps?")


async def answering(telegram: Sandbox, user: Any, question: Any) -> None:
    await telegram.press(user, question, "Answer privately")
    await telegram.settle()


async def test_a_flood_in_private_is_kept_and_acknowledged_together(bln: Story, telegram: Sandbox) -> None:
    anna, ben, _, question = await asked(bln, telegram)
    for user in (anna, ben):
        await answering(telegram, user, question)
    for number in range(MOST + 25):
        await telegram.send(anna, f"Thought {number}")
    await telegram.send(ben, "My neighbour")
    await telegram.settle()
    assert telegram.said(ben, containing="Saved")  # while Anna's receipts go out one a second
    await telegram.travel(by=timedelta(minutes=2))
    kept = await bln.contributions()
    assert [text for name, text in kept if name == "Anna"] == [f"Thought {n}" for n in range(MOST + 25)]
    assert len(telegram.said(anna, containing="Saved")) == MOST
    assert len(telegram.said(anna, containing="None of it gets lost")) == 1
    await telegram.send(anna, "One more")
    await telegram.settle()
    assert len(telegram.said(anna, containing="Saved")) == MOST + 1


async def test_a_flood_in_a_group_holds_up_nobody(bln: Story, telegram: Sandbox) -> None:
    anna, ben, network, question = await asked(bln, telegram)
    await bln.database.write(_sent, anna, GIVEN, MOST, now=telegram.now())
    flood = [await telegram.reply(anna, to=question, text=f"Thought {n}") for n in range(25)]
    answer = await telegram.reply(ben, to=question, text="My neighbour")
    await telegram.settle()
    marked = [call.params["message_id"] for call in telegram.calls if call.method == "setMessageReaction"]
    assert [int(one) for one in marked][:1] == [answer.id]
    assert len(await bln.contributions()) == 26
    await telegram.travel(by=timedelta(minutes=10))
    assert all(one.reactions for one in flood)
    assert telegram.said(network.group, containing="lot at once") == []


async def test_a_day_has_an_end_which_is_said_once(bln: Story, telegram: Sandbox) -> None:
    anna, _, _, question = await asked(bln, telegram)
    await answering(telegram, anna, question)
    await bln.database.write(_sent, anna, DAY, MEASURES[DAY].most - 1, now=telegram.now())
    for text in ("The last one", "Too much", "Too much again"):
        await telegram.send(anna, text)
    await telegram.reply(anna, to=question, text="Too much in the group")
    first = telegram.transcript(anna)[-3]
    await telegram.settle()
    await telegram.edit(anna, first, "Too often changed")
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "The last one")]
    [told] = telegram.said(anna, containing="as much as I can take")
    assert "From Tuesday 3 November at 10:00 I can take more" in told.text
    await telegram.travel(by=timedelta(days=1))
    await telegram.reply(anna, to=question, text="A new day")
    await telegram.settle()
    assert ("Anna", "A new day") in await bln.contributions()


async def test_files_have_an_end_of_their_own_and_words_go_on(bln: Story, telegram: Sandbox) -> None:
    anna, _, _, question = await asked(bln, telegram)
    await answering(telegram, anna, question)
    await bln.database.write(_sent, anna, FILES, MEASURES[FILES].most - 10, now=telegram.now())
    await telegram.document(anna, "One", size=11)
    await telegram.document(anna, "Another", size=11)
    await telegram.send(anna, "Then in words")
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "Then in words")]
    assert len(telegram.said(anna, containing="can't take more files")) == 1


async def test_who_leads_may_do_more(bln: Story, telegram: Sandbox) -> None:
    frida = telegram.user("Frida")
    network = await bln.network(telegram.group("Care partnership", members=[frida]))
    await bln.member(network, frida, facilitator=True)
    await bln.database.write(_sent, frida, ASKED, ASKING, now=telegram.now())
    await telegram.send(frida, "/prompts")
    await telegram.settle()
    assert "measure" not in telegram.last(frida).text
    assert not telegram.said(frida, containing="more than I can answer")
    left = MEASURES[ASKED].leading - ASKING - 2  # beside her Start and this
    await bln.database.write(_sent, frida, ASKED, left, now=telegram.now())
    before = len(telegram.said(frida))
    for _ in range(3):
        await telegram.send(frida, "/prompts")
    await telegram.settle()
    assert len(telegram.said(frida)) == before + 1
    assert "Please try again after Monday 2 November at 10:01" in telegram.last(frida).text


async def test_presses_and_commands_beyond_the_measure_are_answered_once(
    bln: Story, telegram: Sandbox
) -> None:
    eve = telegram.user("Eve")
    await telegram.send(eve, "/help")
    await telegram.settle()
    await bln.database.write(_sent, eve, ASKED, ASKING - 2, now=telegram.now())
    queries = [await telegram.forge(eve, telegram.last(eve), "v1:none.such:1:") for _ in range(5)]
    await telegram.settle()
    answers = [telegram.answer(query) for query in queries]
    assert [answer is None for answer in answers] == [False, False, True, True, True]
    assert answers[1] is not None
    assert "more than I can answer" in answers[1].text
    for word in ("/help", "Hello", "/start"):
        await telegram.send(eve, word)
    await telegram.settle()
    assert len(telegram.said(eve)) == 1
    await telegram.travel(by=timedelta(minutes=1))
    await telegram.send(eve, "Hello")
    await telegram.settle()
    assert len(telegram.said(eve)) == 2


async def test_links_cannot_be_guessed_on_and_on(bln: Story, telegram: Sandbox) -> None:
    _, _, network, _ = await asked(bln, telegram)
    await bln.ready(network)
    eve = telegram.user("Eve")
    real = await bln.database.write(_invitation, network.id, now=telegram.now())
    wrong = [f"{prefix}_{number:022}" for number in range(3) for prefix in ("j", "g", "p")] + ["setup_guess"]
    assert len(wrong) == MEASURES[GUESSES].most
    for payload in wrong:
        await telegram.start(eve, payload)
    await telegram.settle()
    unknown = telegram.said(eve)[0].text
    for payload in (f"j_{real}", "j_wrong_again"):
        await telegram.start(eve, payload)
        await telegram.settle()
        assert telegram.last(eve).text == unknown  # no more looked up, and nothing to be learnt from it
    await telegram.travel(by=timedelta(hours=1))
    await telegram.start(eve, f"j_{real}")
    await telegram.settle()
    assert "Hello Eve" in telegram.last(eve).text
