"""Somebody in trouble asks for a person, is told the truth at each step, and nothing of what they say is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.sandbox.driver import Sandbox, User
from storage import networks, people
from storage.db import Connection
from storage.tables import metadata
from tests.stories.story import Seeded, Story

HELP = {"en": "Someone to talk to, day and night: De Luisterlijn, 088 0767 000."}
HERS, HIS = "hortensia", "ranunculus"  # words that stand nowhere else


async def stage(bln: Story, telegram: Sandbox) -> tuple[Seeded, User, User, User]:
    """Anna in a network that Frida leads; Mohammed stands in."""
    anna, frida, mohammed = telegram.user("Anna"), telegram.user("Frida"), telegram.user("Mohammed")
    group = telegram.group("Care partnership", members=[anna, frida, mohammed])
    network = await bln.network(group)
    await bln.member(network, anna)
    await bln.member(network, frida, facilitator=True)
    await bln.member(network, mohammed)

    def ready(db: Connection) -> None:
        second = people.by_telegram_id(db, mohammed.id)
        assert second is not None
        networks.change(db, network.id, help=HELP, stand_in=second.id)

    await bln.database.write(ready)
    return network, anna, frida, mohammed


async def tap(telegram: Sandbox, user: User, *labels: str) -> None:
    for label in labels:
        await telegram.press(user, telegram.last(user), label)
        await telegram.settle()


async def found_in(bln: Story, *words: str) -> list[str]:
    """The tables and columns in which one of these words stands."""

    def search(db: Connection) -> list[str]:
        return [
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for column in table.columns
            for value in db.execute(select(column)).scalars()
            if any(word in plain(value) for word in words)
        ]

    return await bln.database.read(search)


def plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


async def test_asked_nobody_the_next_one_taken_on_passed_on_ended_and_gone(
    bln: Story, telegram: Sandbox
) -> None:
    network, anna, frida, mohammed = await stage(bln, telegram)
    question = await bln.posted(network, "What helped you?")
    await telegram.press(anna, question, "Answer privately")  # and that stays open all the while
    await telegram.settle()
    await telegram.send(anna, "/talk@" + telegram.username, chat=network.group)
    await telegram.settle()
    assert "call 112" in telegram.last(anna).text  # typed in the group, answered in private
    await tap(telegram, anna, "Frida", "Call me")
    await telegram.voice(anna)
    await telegram.settle()
    assert "telephone number" in telegram.last(anna).text
    await telegram.send(anna, "/talk")
    await telegram.settle()
    await tap(telegram, anna, "Frida", "Write to me here")
    assert "Monday 2 November at 13:00" in telegram.last(anna).text
    assert "get in touch" in telegram.last(frida).text

    await telegram.travel(to=datetime(2026, 11, 2, 12, 1, tzinfo=UTC))
    assert "Frida has not answered by Monday 2 November at 13:00" in telegram.last(anna).text
    await tap(telegram, anna, "Mohammed")
    await tap(telegram, mohammed, "I take it on")
    assert "It's Anna" in telegram.last(mohammed).text
    assert "Mohammed takes it on" in telegram.last(anna).text

    said = await telegram.send(anna, f"It is the {HERS} <again>")
    voice = await telegram.voice(anna, f"my {HERS} song")
    await telegram.settle()
    assert list(said.reactions.values()) == [["👍"]]  # it was passed on
    heard = telegram.last(mohammed)
    assert heard.media is not None
    assert voice.media is not None
    assert f"my {HERS} song" in heard.text
    assert f"Anna:\nIt is the {HERS} <again>" in telegram.said(mohammed)[-2].text
    await telegram.send(mohammed, f"I know about the {HIS}")
    await telegram.edit(anna, said, f"It was the {HERS}")
    await telegram.sticker(anna)
    await telegram.settle()
    assert f"Mohammed:\nI know about the {HIS}" in telegram.said(anna, containing=HIS)[0].text
    assert f"Anna changed that to:\nIt was the {HERS}" in telegram.last(mohammed).text
    assert "not this" in telegram.last(anna).text

    await telegram.block(mohammed)
    await telegram.send(anna, f"Are you there, {HERS}")
    await telegram.settle()
    assert "could not be passed on" in telegram.last(anna).text
    await telegram.unblock(mohammed)
    await telegram.send(anna, "/talk")
    await telegram.settle()
    await tap(telegram, anna, "End this")
    await telegram.reply(anna, to=telegram.said(anna, containing=HIS)[0], text="hello")
    await telegram.settle()
    assert "passed nothing on and kept nothing" in telegram.last(anna).text

    assert await bln.contributions() == []
    assert await found_in(bln, HERS, HIS, str(voice.media)) == []


async def test_an_answer_that_sounds_hard(bln: Story, telegram: Sandbox) -> None:
    network, anna, frida, _ = await stage(bln, telegram)
    question = await bln.posted(network, "What helped you?")
    await telegram.travel(to=datetime(2026, 11, 2, 22, 30, tzinfo=UTC))
    await telegram.reply(anna, to=question, text="Nothing. I can't go on.")
    await telegram.settle()
    assert "It sounds hard" in telegram.last(anna).text  # at 23:30, at once
    assert "088 0767 000" in telegram.last(anna).text
    assert "one answer is left out" in telegram.last(frida).text
    assert "go on" not in telegram.last(frida).text
    await telegram.send(frida, "/digest")
    telegram.move(by=timedelta(seconds=30))
    await telegram.settle()
    await tap(telegram, anna, "I'm all right, use it")
    assert "the summary it says" in telegram.last(anna).text
    assert telegram.said(frida, containing="says: I'm all right, use it") != []


async def test_a_stranger_finds_the_general_line(bln: Story, telegram: Sandbox) -> None:
    eve = telegram.user("Eve", language="sv")
    await telegram.send(eve, "/talk")
    await telegram.settle()
    assert "ring 112" in telegram.last(eve).text
    await telegram.start(eve, "talk")  # the way that a group shows
    await telegram.settle()
    assert "ring 112" in telegram.last(eve).text
    await telegram.send(eve, "/help")
    await telegram.settle()
    await tap(telegram, eve, "Någon att prata med")
    assert "ring 112" in telegram.last(eve).text
    assert await bln.database.read(lambda db: people.by_telegram_id(db, eve.id)) is None
