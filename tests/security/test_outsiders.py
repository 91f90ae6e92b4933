"""Strangers and facilitators of another network: every command, every link, and nothing comes of it."""

from telegram.ext import CommandHandler

import handlers
from bot.sandbox.driver import Sandbox
from handlers import which
from storage import postings
from storage.db import Connection
from tests.security.season import SECRET, Season
from tests.stories.story import Story

WORDS = {
    "prompt": ["/prompt now | Mine", "/prompt"],
    "meeting": ["/meeting tomorrow 10:00 | Mine | Here", "/meeting"],
    "setup": ["/setup Mine", "/setup"],
    "start": ["/start", "/start setup_guess", "/start p_guess", "/start x'--"],
}


def commands() -> list[str]:
    """Every command that there is, with and without words behind it."""
    names = set(which.RUNS)
    for handler in handlers.all_handlers():
        if isinstance(handler, CommandHandler):
            names |= handler.commands
    assert names >= {"setup", "prompts", "digest", "invite", "settings", "help"}
    return [
        text for name in sorted(names) for text in WORDS.get(name, [f"/{name}", f"/{name} Care {SECRET}"])
    ]


def _token(db: Connection) -> str:
    found = postings.get(db, 1)
    assert found is not None
    return found.token


async def said_since(season: Season, since: int) -> str:
    return str([letter["params"] for letter in await season.letters(since)])


async def test_a_stranger_creates_nothing(bln: Story, telegram: Sandbox) -> None:
    season = await Season(bln, telegram).begin()
    eve = telegram.user("Eve")
    await telegram.join(eve, season.network.group)  # somebody let her in; she has not joined
    hers = telegram.group("Hers", admins=[eve], bot=None)
    await telegram.settle()
    before, since = await season.state(), await season.newest_letter()
    for chat in (None, season.network.group):
        for text in commands():
            await telegram.send(eve, text, chat=chat)
        await telegram.photo(eve, "/prompt now | Mine", chat=chat)
        await telegram.send(eve, "Words that nobody asked for", chat=chat)
        await telegram.settle()
    await telegram.add_bot(eve, hers, admin=True)
    for text in commands():
        await telegram.send(eve, text, chat=hers)
    await telegram.settle()
    assert await season.state() == before
    assert SECRET not in await said_since(season, since)


async def test_a_facilitator_of_another_network_reaches_only_hers(bln: Story, telegram: Sandbox) -> None:
    season = await Season(bln, telegram).begin()
    olga = telegram.user("Olga")
    await season.joined(season.others, olga, facilitator=True)
    await telegram.start(olga)
    await telegram.join(olga, season.network.group)
    before, since = await season.state(), await season.newest_letter()
    for text in commands():
        await telegram.send(olga, text, chat=season.network.group)
    await telegram.send(olga, f"/start p_{await bln.database.read(_token)}")
    await telegram.settle()
    after = await season.state()
    # The posting's link is a wish to join, and the group says that she is in it: no more than a beginning.
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"members", "dialogs", "people", "audit"}
    assert [row for row in after["audit"] if row not in before["audit"] and "mydata" not in row] == []
    hers = str(season.others.id)
    gone = [row for row in before["members"] if row not in after["members"]]
    assert [row for row in gone if row.split(", ")[1] != hers] == []
    assert "What helps" not in await said_since(season, since)
    assert "My neighbour" not in await said_since(season, since)
    about = [one for one in await season.letters(since) if SECRET in str(one["params"])]
    assert all("Hello Olga" in str(one["params"]) for one in about)  # the network's title, in its invitation

    # In private, where a command is about one's own network.
    before, since = await season.state(), await season.newest_letter()
    for text in commands():
        await telegram.send(olga, text)
    await telegram.settle()
    after = await season.state()
    for name, rows in before.items():  # what she planned is new, and nothing of the others has changed
        gone = [row for row in rows if row not in after[name]]
        if name == "dialogs":  # only her own, of which she has one at a time
            assert len(gone) <= 1
        else:
            assert [row for row in gone if hers not in row.lstrip("(").split(", ")[:2]] == [], name
    # The title of the network that she began to join is the name of what she may erase there.
    told = [str(one["params"]) for one in await season.letters(since) if SECRET in str(one["params"])]
    assert [one for one in told if "erasing.ask" not in one or one.count(SECRET) > 1] == []
