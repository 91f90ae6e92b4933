"""Setting up, as a coordinator does it: from the operator's link to the introduction in the group."""

from typing import Any

import pytest

from bot.app import Bln
from bot.sandbox.driver import Sandbox
from storage import networks
from tests.answerable import PRIVACY
from tests.stories.conftest import SETUP_CODE, settings
from tests.stories.story import Seeded, Story


async def coordinator(telegram: Sandbox, name: str = "Frida") -> Any:
    frida = telegram.user(name)
    await telegram.start(frida, f"setup_{SETUP_CODE}")
    await telegram.settle()
    return frida


async def test_from_the_link_to_the_introduction(bln: Story, telegram: Sandbox) -> None:
    frida, anna = await coordinator(telegram), telegram.user("Anna")
    assert "coordinator" in telegram.last(frida).text
    group = telegram.group("Our group", admins=[frida], members=[anna], bot=None)
    await telegram.add_bot(frida, group, admin=True)
    await telegram.settle()
    assert "I'm in Our group" in telegram.last(frida).text
    await telegram.send(frida, "/setup Care <b>partnership", chat=group)
    await telegram.settle()
    bound = next(iter(telegram.said(frida, containing="is set up in the group Our group")))
    assert "2 people are in the group" in bound.text
    assert telegram.said(group) == []  # nobody is shown a door that does not open yet
    for label in ("I'm 18+ and I agree", "I work in care", "I understand", "Yes, with my name", "Continue"):
        await telegram.press(frida, telegram.last(frida), label)
        await telegram.settle()
    assert "You're in" in telegram.last(frida).text
    await everything_said(bln, telegram, frida, bound)
    introduction = telegram.last(group)
    assert "I'm the bot of Care <b>partnership" in introduction.text
    assert introduction.buttons == [["Join"], ["What is kept"]]
    assert group.pinned[-1:] == [introduction.id]
    query = await telegram.press(anna, introduction, "What is kept")
    await telegram.settle()
    answer = telegram.answer(query)
    assert answer is not None
    assert "I don't keep" in answer.text


async def everything_said(bln: Story, telegram: Sandbox, frida: Any, bound: Any) -> None:
    """What is still missing before people can join, one step after the other: a help text, and a stand-in."""
    await telegram.press(frida, bound, "Go on")
    await telegram.settle()
    assert "Where does a member in trouble find help?" in telegram.last(frida).text
    await telegram.send(frida, "/helptext en | Someone to talk to: 088 0767 000, day and night.")
    await telegram.settle()
    assert "Who stands in when you're away?" in telegram.last(frida).text
    mohammed = telegram.user("Mohammed")
    for label in ("Invite a stand-in", "Make the invitation"):
        await telegram.press(frida, telegram.last(frida), label)
        await telegram.settle()
    words = telegram.last(frida).text.split()
    await telegram.follow(mohammed, next(word for word in words if word.startswith("https://")))
    await telegram.settle()
    labels = (
        "English",
        "Go on",
        "I'm 18+ and I agree",
        "I work in care",
        "I understand",
        "No, don't quote me",
    )
    for label in labels:
        await telegram.press(mohammed, telegram.last(mohammed), label)
        await telegram.settle()
    assert telegram.said(frida, containing="People can join Care <b>partnership now")


async def test_what_the_server_leaves_open_is_asked_and_can_be_typed(
    telegram: Sandbox, database_url: str
) -> None:
    empty = {**dict.fromkeys(PRIVACY, ""), "last_day": None}
    async with Bln.living(settings(telegram, database_url, privacy=empty)) as living:
        frida = await coordinator(telegram)
        group = telegram.group("Our group", admins=[frida])
        await telegram.send(frida, "/setup Care partnership", chat=group)
        await telegram.settle()
        assert "8 things are still needed" in telegram.last(frida).text
        assert (
            telegram.said(frida, containing="What happens to your words") == []
        )  # nobody could tell her yet
        typed = ("Go on", "Zorgbelang", "030 299 19 70", "There is none", "/1", "Netherlands", "31-12-2028")
        for words in typed:
            await telegram.send(frida, words)
            await telegram.settle()
        assert telegram.said(frida, containing="Where does a member in trouble find help?")
        assert "until 31 December 2028" in telegram.last(frida).text
        await telegram.send(frida, "/ready")
        await telegram.settle()
        overview = telegram.last(frida).text
        for line in (
            "Contact: 030 299 19 70",
            "officer: There is none",
            "server: Zorgbelang",
            "Stand-in: missing",
        ):
            assert line in overview
        found = await living.database.read(networks.found, 1)
        assert (found.processor, found.last_day) == ("Zorgbelang", "2028-12-31")


async def test_everything_goes_on_when_the_bot_gets_its_rights(bln: Story, telegram: Sandbox) -> None:
    frida = await coordinator(telegram)
    group = telegram.group("Our group", admins=[frida], bot="member", visible_history=True)
    await telegram.send(frida, "/setup Care partnership", chat=group)
    await telegram.settle()
    assert telegram.said(group) == []
    assert telegram.said(frida, containing="make me an administrator")
    await bln.ready(Seeded(1, group))
    await telegram.promote_bot(group, by=frida)
    await telegram.settle()
    assert telegram.said(frida, containing="Whoever comes later")
    assert "I'm the bot of Care partnership" in telegram.last(group).text
    await telegram.demote_bot(group, by=frida)
    await telegram.settle()
    assert "have changed" in telegram.last(frida).text
    await telegram.remove_bot(group, by=frida)
    await telegram.settle()
    assert "I was removed from Our group" in telegram.last(frida).text
    await telegram.add_bot(frida, group, admin=True)
    await telegram.settle()
    assert len(telegram.said(group, containing="I'm the bot of")) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"username": "open_group"}, "public group"), ({"owner": False}, "not an administrator")],
)
async def test_groups_that_are_refused(
    bln: Story, telegram: Sandbox, values: dict[str, Any], expected: str
) -> None:
    frida, olga = await coordinator(telegram), telegram.user("Olga")
    owners = [frida] if values.get("owner", True) else [olga]
    group = telegram.group("Our group", admins=owners, members=[frida], username=values.get("username"))
    await telegram.send(frida, "/setup Care partnership", chat=group)
    await telegram.settle()
    assert expected in telegram.last(frida).text
    assert telegram.said(group) == []


async def test_who_may_not_is_told_kindly_or_not_at_all(bln: Story, telegram: Sandbox) -> None:
    frida, eve = await coordinator(telegram), telegram.user("Eve", language="nl")
    group = telegram.group("Our group", admins=[frida, eve])
    await telegram.send(eve, "/setup Mine", chat=group)
    await telegram.settle()
    assert "Alleen een coördinator" in telegram.last(group).text
    await telegram.send_anonymously(frida, "/setup Care partnership", group)
    await telegram.settle()
    assert "Remain anonymous" in telegram.last(group).text
    before = len(telegram.said(group))
    await telegram.send_as_channel("News", "/setup Channel", group)
    await telegram.post_from_channel("News", "/setup Channel", group)
    await telegram.send(eve, "/unknown", chat=group)
    await telegram.settle()
    assert len(telegram.said(group)) == before
    await telegram.start(eve, f"setup_{SETUP_CODE}")
    await telegram.settle()
    assert "al gebruikt" in telegram.last(eve).text
    await telegram.send(frida, "/setup Care partnership")
    await telegram.settle()
    assert "works in the group" in telegram.last(frida).text


async def test_a_second_network_and_a_sounding_board(bln: Story, telegram: Sandbox) -> None:
    frida = await coordinator(telegram)
    group = telegram.group("Our group", admins=[frida])
    await telegram.send(frida, "/setup Care partnership", chat=group)
    await telegram.settle()
    await telegram.send(frida, "/setup Another", chat=group)
    await telegram.settle()
    assert "already belongs to the network Care partnership" in telegram.last(frida).text
    await bln.ready(Seeded(1, group))
    wide = telegram.group("Wide", admins=[frida])
    await telegram.send(frida, "/setup", chat=wide)
    await telegram.settle()
    await telegram.press(frida, telegram.last(frida), "Wide")
    await telegram.settle()
    question = telegram.last(frida)
    await telegram.press(frida, question, "Sounding board Care par…")
    await telegram.settle()
    assert telegram.said(frida, containing="Wide is now the sounding board of Care partnership")
    assert "I'm the bot of Care partnership" in telegram.last(wide).text
    query = await telegram.press(frida, question, "A new network")
    await telegram.settle()
    answer = telegram.answer(query)
    assert answer is not None
    assert "too old" in answer.text


async def test_a_group_that_becomes_a_supergroup_stays_bound(bln: Story, telegram: Sandbox) -> None:
    frida = await coordinator(telegram)
    group = telegram.group("Our group", admins=[frida], kind="group")
    await telegram.send(frida, "/setup Care partnership", chat=group)
    await telegram.settle()
    wide = await telegram.migrate(group, by=frida)
    await telegram.settle()
    await telegram.send(frida, "/setup Care partnership", chat=wide)
    await telegram.settle()
    assert "already belongs" in telegram.last(frida).text


async def test_settings_in_private(bln: Story, telegram: Sandbox) -> None:
    frida, eve = await coordinator(telegram), telegram.user("Eve")
    group = telegram.group("Our group", admins=[frida], members=[eve])
    await telegram.send(frida, "/setup Care partnership", chat=group)
    await telegram.settle()
    command = await telegram.send(frida, "/settings", chat=group)
    await telegram.settle()
    assert command.entry.deleted
    screen = telegram.last(frida)
    for label in ("Weekly summary", "Monday", "12:00"):
        await telegram.press(frida, screen, label)
        await telegram.settle()
    assert "Monday 2 November at 12:00" in screen.text
    await telegram.send(eve, "/settings", chat=group)
    await telegram.settle()
    assert "private" in telegram.last(group).text
    await telegram.send(eve, "/settings")
    await telegram.settle()
    query = await telegram.forge(eve, screen, "v1:settings.set:1:approval.trusted")
    await telegram.settle()
    answer = telegram.answer(query)
    assert answer is not None
    assert "too old" in answer.text


async def test_strangers_are_told_what_this_is_and_nothing_is_kept(bln: Story, telegram: Sandbox) -> None:
    eve = telegram.user("Eve", language="sv")
    for words in ("/start", "/help", "/start nonsense", "/invite", "/nonsense <b>", "hej"):
        await telegram.send(eve, words)
        await telegram.settle()
    assert len(telegram.said(eve)) == 6
    assert "inbjudan" in telegram.said(eve)[0].text
    await telegram.send(eve, "/privacy")
    await telegram.settle()
    screen = telegram.last(eve)
    assert "Zorgbelang Utrecht" in screen.text
    for label, said in (
        ("Om du inte är med", "sparar jag inte"),
        ("Skrivet om dig", "/object"),
        ("Tillbaka", "Du är inte med"),
    ):
        await telegram.press(eve, screen, label)
        await telegram.settle()
        assert said in screen.text
    group = telegram.group("Hers", admins=[eve], bot=None)
    await telegram.add_bot(eve, group, start="setup", admin=True)
    await telegram.settle()
    assert telegram.said(group) == []
    assert await bln.database.read(everybody) == []


def everybody(db: Any) -> list[str]:
    from storage.tables import people

    return [row.name for row in db.execute(people.select())]
