"""How the network comes into being: Frida talks to the bot as a facilitator does, and the core group joins."""

import asyncio

from bot.demo.script import Person
from bot.demo.stage import GaveUp, Stage, behind, words
from bot.sandbox import people
from bot.sandbox.model import Chat
from bot.sandbox.people import Impossible

START = 120.0  # real seconds in which the bot asks for its first updates, on a very busy machine too
RATE = 30.0  # time runs fast meanwhile, as the bot keeps to Telegram's limits


async def play(stage: Stage, code: str) -> None:
    """Set up both groups, plan the season, let the core group join."""
    await stage.wait_for(lambda: stage.state.poller > 0 or None, seconds=START)
    stage.state.clock.play(RATE)
    try:
        await _set_up(stage, code)
        await _let_join(stage)
    finally:
        stage.state.clock.play(1.0)


async def _set_up(stage: Stage, code: str) -> None:
    frida = stage.script.facilitator
    link = f"https://t.me/{stage.state.bot.username}?start=setup_{code}"
    people.follow(stage.state, stage.users[frida.key], link)
    _, add = await stage.wait_to_find(stage.private(frida.key), r"\?startgroup=")
    await _bind(stage, add, stage.groups["core"])
    await stage.join(frida)
    await _board(stage, add)
    await _get_ready(stage)
    await _themes(stage)


async def _bind(stage: Stage, add: str, group: Chat) -> None:
    """Add the bot to a group by its link, and tell it there which network this is."""
    frida = stage.script.facilitator.key
    people.follow(stage.state, stage.users[frida], add, group=group)
    stage.say(frida, f"/setup {stage.script.title}", group)


async def _board(stage: Stage, add: str) -> None:
    group = stage.groups["board"]
    frida = stage.script.facilitator.key
    await _bind(stage, add, group)
    entry, data = await stage.wait_to_find(stage.private(frida), r"^v1:setup\.board:")
    stage.press(frida, entry, data)
    await stage.wait_to_find(stage.private(frida), r"^v1:readiness\.next:", after=entry.id)


async def _get_ready(stage: Stage) -> None:
    """Give what is missing before people can join: where to find help, and who stands in."""
    frida = stage.script.facilitator.key
    chat = stage.private(frida)
    stage.say(frida, f"/helptext {stage.script.language} | {stage.script.help}")
    for wanted in (r"^v1:readiness\.invite:", r"^v1:invite\.go:"):
        entry, data = await stage.wait_to_find(chat, wanted)
        stage.press(frida, entry, data)
    link = await stage.wait_for(lambda: _invitation(stage, chat, entry.id))
    await join(stage, next(one for one in stage.script.people if one.stand_in), link)
    for group in stage.groups.values():
        await join_link(stage, group)


async def _themes(stage: Stage) -> None:
    """Choose what answers are counted under: the first of the codebooks that are there."""
    frida = stage.script.facilitator.key
    chat = stage.private(frida)
    asked = stage.say(frida, "/themes")
    for wanted in (r"^v1:themes\.look:", r"^v1:themes\.take:"):
        entry, data = await stage.wait_to_find(chat, wanted, after=asked.id)
        stage.press(frida, entry, data)
    await stage.wait_for(lambda: behind(entry, r"^v1:themes\.one:"))


async def join_link(stage: Stage, group: Chat) -> str:
    """Return the link behind *Join*, below what the bot said of itself in a group."""
    return (await stage.wait_to_find(group, r"[?&]start=g_"))[1]


async def _let_join(stage: Stage) -> None:
    """Those who want no role beside their words come first: it can be offered once three of a kind are there."""
    core = [person for person in stage.script.people if person.circle == "core"]
    link = await join_link(stage, stage.groups["core"])
    guests = [person for person in core if person.by_hand]
    there = [person for person in core if person.stand_in]
    first = [person for person in core if person.quote != "role" and person not in (*guests, *there)]
    others = [person for person in core if person not in (*first, *guests, *there)]
    await asyncio.gather(_plan(stage), *(join(stage, person, link) for person in first))
    joining = [join(stage, person, link) for person in others]
    await asyncio.gather(*joining, *(_by_hand(stage, guest) for guest in guests))


async def _by_hand(stage: Stage, guest: Person) -> None:
    """Frida invites somebody in person; the others tap *Join* in the group."""
    frida = stage.script.facilitator.key
    chat = stage.private(frida)
    asked = stage.say(frida, f"/invite {guest.name}")
    entry, data = await stage.wait_to_find(chat, r"^v1:invite\.go:", after=asked.id)
    stage.press(frida, entry, data)
    link = await stage.wait_for(lambda: _invitation(stage, chat, entry.id))
    await join(stage, guest, link)


def _invitation(stage: Stage, chat: Chat, since: int) -> str | None:
    for entry in stage.said(chat):
        if entry.id <= since:
            return None
        for word in words(entry).split():
            if "start=j_" in word:
                return word
    return None


async def join(stage: Stage, person: Person, link: str) -> None:
    """Open an invitation and go through the dialog; a visitor may have done so in this person's place."""
    try:
        since = people.follow(stage.state, stage.users[person.key], link)
        await stage.join(person, after=0 if since is None else since.id)
    except (GaveUp, Impossible):
        return


async def _plan(stage: Stage) -> None:
    """Plan the meeting and the questions; one of them is for both groups."""
    frida = stage.script.facilitator.key
    chat = stage.private(frida)
    for line in stage.script.plan:
        asked = stage.say(frida, line)
        entry, data = await stage.wait_to_find(chat, r"^v1:(prompts|meetings)\.", after=asked.id)
        if anyway := behind(entry, r"^v1:prompts\.anyway:"):  # a third one in a week
            stage.press(frida, entry, anyway)
            await stage.wait_for(lambda: behind(entry, r"^v1:prompts\.undo:"))  # noqa: B023
        if stage.script.questions[stage.script.to_both] not in line:
            continue
        for wanted in (r"^v1:prompts\.change:", r"^v1:prompts\.who:", r"^v1:prompts\.who:[^:]*:both"):
            entry, data = await stage.wait_to_find(chat, wanted, after=asked.id)
            stage.press(frida, entry, data)
        await stage.wait_for(lambda: behind(entry, r"^v1:prompts\.undo:"))  # noqa: B023
