"""Persons in answers, as their authors, who leads, and somebody who is described meet them."""

from typing import Any

from bot.sandbox.driver import Sandbox
from storage import people
from tests.searching import everywhere
from tests.stories.story import Seeded, Story

QUESTION = "What helped you this week?"


async def network_of(
    bln: Story, telegram: Sandbox, title: str = "Care partnership"
) -> tuple[Seeded, Any, Any]:
    """A network that Frida leads, in which Anna is asked a question."""
    frida, anna = telegram.user("Frida"), telegram.user("Anna")
    network = await bln.network(telegram.group(title, members=[frida, anna]), title=title)
    await bln.member(network, frida, group="practitioner", facilitator=True)
    await bln.member(network, anna)
    return network, frida, anna


async def test_a_name_goes_from_the_answer_to_the_mask(bln: Story, telegram: Sandbox) -> None:
    network, frida, anna = await network_of(bln, telegram)
    question = await bln.posted(network, QUESTION)
    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    await telegram.send(anna, "Kenneth Reed and Doris took over for one night")
    await telegram.settle()
    hint = telegram.last(anna)
    assert "There are names in your answer: Kenneth Reed and Doris." in hint.text
    await telegram.press(anna, hint, "Leave it")
    await telegram.settle()
    assert "Saved" in telegram.last(anna).text
    await telegram.send(frida, "/digest")
    await telegram.settle()
    for label in ("Go through it", "Mask something", "Mask in 1", "Mask: Kenneth Reed"):
        await telegram.press(frida, telegram.last(frida), label)
        await telegram.settle()
    await telegram.send(frida, "one night")
    await telegram.settle()
    assert "[…] and Doris took over for […]" in telegram.last(frida).text
    await telegram.send(frida, "/digest")
    await telegram.settle()
    await telegram.press(frida, telegram.last(frida), "Send it now")
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "[…] and Doris took over for […]")]
    assert not telegram.said(network.group, containing="Kenneth")


async def test_somebody_who_is_described_objects_and_nothing_of_them_is_kept(
    bln: Story, telegram: Sandbox
) -> None:
    _, frida, anna = await network_of(bln, telegram)
    eve = telegram.user("Evelina")
    await telegram.send(eve, "/object")
    await telegram.settle()
    asked = telegram.last(eve)
    await telegram.reply(eve, to=asked, text="Your summary of Friday tells that I drink <b>")
    await telegram.settle()
    assert "Passed on, once." in telegram.last(eve).text
    assert "tells that I drink <b>" in telegram.last(frida).text
    assert "Evelina" not in telegram.last(frida).text
    assert not telegram.said(anna, containing="drink")
    assert await bln.database.read(everywhere, ["Evelina", "I drink"]) == []
    telegram_id = eve.id
    assert await bln.database.read(lambda db: people.by_telegram_id(db, telegram_id)) is None

    await telegram.send(anna, "/object")
    await telegram.settle()
    await telegram.press(anna, telegram.last(anna), "Never mind")
    await telegram.settle()
    assert "Nothing was passed on" in telegram.last(anna).text
