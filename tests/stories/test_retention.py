"""A network falls silent, comes back, and ends with everything else on the last day."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.sandbox.driver import Sandbox
from storage import tables
from storage.db import Connection
from tests.stories.story import Story
from tests.stories.test_planning import led, says


def _left(db: Connection) -> dict[str, int]:
    kept = {
        "audit",
        "facts",
        "inbox",
        "outbox",
        "tallies",
    }  # numbers and ids; letters go with their own times
    every = [each for each in tables.metadata.sorted_tables if each.name not in kept]
    counts = {each.name: db.execute(select(func.count()).select_from(each)).scalar_one() for each in every}
    return {name: count for name, count in counts.items() if count}


def _states(db: Connection) -> list[str]:
    return list(db.execute(select(tables.networks.c.state)).scalars())


async def jump(bln: Story, telegram: Sandbox, *moment: int) -> None:
    """The bot was asleep until then, and wakes up."""
    telegram.move(to=datetime(*moment, tzinfo=UTC))  # type: ignore[misc]
    await telegram.settle()


async def test_from_silence_to_the_last_day(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram)
    question = await bln.posted(network, "What helped you this week?")
    answer = await telegram.reply(anna, to=question, text="My neighbour")
    await telegram.settle()
    said = len(telegram.said(anna))

    await jump(bln, telegram, 2027, 10, 4, 10)
    [warning] = telegram.said(frida, containing="is about to end")
    assert "ends on Thursday 4 November" in warning.text
    assert "until Saturday 4 November 2028 and erased" in warning.text
    assert len(telegram.said(anna)) == said
    await jump(bln, telegram, 2027, 11, 5, 11)
    assert await bln.database.read(_states) == ["ended"]

    await says(telegram, frida, "/prompt tomorrow 12:00 | Shall we go on?")
    await telegram.settle()
    assert await bln.database.read(_states) == ["active"]
    await telegram.travel(to=datetime(2027, 11, 6, 11, 1, tzinfo=UTC))
    asked = telegram.said(network.group, containing="Shall we go on?")[-1]
    late = await telegram.reply(anna, to=asked, text="Gladly")
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "My neighbour"), ("Anna", "Gladly")]
    assert list(late.reactions.values()) == [["✍"]]

    await jump(bln, telegram, 2028, 12, 1, 11)
    assert "On Sunday 31 December I erase" in telegram.said(frida, containing="I stop")[0].text
    assert len(await bln.contributions()) == 2
    await jump(bln, telegram, 2028, 12, 30, 23)  # midnight in Amsterdam
    await jump(bln, telegram, 2028, 12, 31, 5)
    assert await bln.database.read(_left) == {}

    late = await telegram.reply(anna, to=asked, text="One more thing")
    await telegram.send(anna, "Are you there?")
    await telegram.send(frida, "/setup Again", chat=network.group)
    await telegram.settle()
    assert "Since Sunday 31 December I take no answers" in telegram.last(anna).text
    assert late.reactions == {}
    assert list(answer.reactions.values()) == [["✍"]]  # what stands in the group chat is left alone
    assert await bln.database.read(_left) == {}
