"""Joining, as people do it: by an invitation, a group's link, or a link that was passed on."""

from typing import Any

from bot.sandbox.driver import Message, Sandbox
from storage import chats, people
from tests.stories.story import Seeded, Story


async def led(bln: Story, telegram: Sandbox, *others: Any, **group: Any) -> tuple[Seeded, Any]:
    """A network led by Frida."""
    frida = telegram.user("Frida")
    network = await bln.network(telegram.group("Care partnership", members=[frida, *others], **group))
    await bln.member(network, frida, group="practitioner", facilitator=True)
    await bln.ready(network)
    return network, frida


def link_in(message: Message) -> str:
    return next(word for word in message.text.split() if word.startswith("https://"))


async def tap(telegram: Sandbox, who: Any, *labels: str) -> None:
    for label in labels:
        await telegram.press(who, telegram.last(who), label)
        await telegram.settle()


async def invited(telegram: Sandbox, frida: Any, label: str = "One person") -> str:
    await telegram.send(frida, "/invite")
    await telegram.settle()
    await tap(telegram, frida, label, *(["Make the invitation"] if label == "One person" else []))
    return link_in(telegram.last(frida))


async def test_a_personal_invitation_and_six_taps(bln: Story, telegram: Sandbox) -> None:
    network, frida = await led(bln, telegram)
    url = await invited(telegram, frida)
    assert telegram.last(frida).kind == "photo"
    assert telegram.file(telegram.last(frida)).startswith(b"\x89PNG")
    anna = telegram.user("Anna <b>", language="sv")
    await telegram.follow(anna, url)
    await telegram.settle()
    screen = telegram.last(anna)
    assert screen.text.startswith("Hej Anna <b>.")
    assert screen.buttons[0][0] == "Svenska"
    await tap(telegram, anna, "English", "Go on", "Who are they?", "Go on", "Tell me more", "Go on")
    await tap(telegram, anna, "I'm 18+ and I agree", "I care for someone close", 'Yes, as "a participant"')
    await tap(telegram, anna, "Voice, pictures: no", "Continue")
    assert "You're in" in telegram.last(anna).text
    assert len(telegram.said(anna)) == 1  # one message, edited along
    await telegram.join(anna, network.group)
    question = await bln.posted(network, "What helped you?")
    await telegram.reply(anna, to=question, text="My neighbour")
    await telegram.settle()
    assert await bln.contributions() == [("Anna <b>", "My neighbour")]
    await telegram.follow(telegram.user("Eve"), url)
    await telegram.settle()


async def test_people_of_the_group_join_by_its_link(bln: Story, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    _, frida = await led(bln, telegram, anna)
    url = await invited(telegram, frida, "Everybody in the group")
    await telegram.follow(anna, url)
    await telegram.settle()
    assert "Hello Anna" in telegram.last(anna).text
    await tap(
        telegram, anna, "English", "Go on", "I'm 18+ and I agree", "I receive care", "No, don't quote me"
    )
    await tap(telegram, anna, "Continue")
    assert "I didn't keep that" in telegram.last(anna).text
    await tap(telegram, anna, "See what was said so far")
    assert "Care partnership" in telegram.last(anna).text


async def test_a_link_that_was_passed_on_needs_a_facilitator(bln: Story, telegram: Sandbox) -> None:
    _, frida = await led(bln, telegram)
    url = await invited(telegram, frida, "Everybody in the group")
    eve = telegram.user("Eve", username="eve")
    await telegram.follow(eve, url)
    await telegram.settle()
    assert "Frida decides" in telegram.last(eve).text
    assert "Eve (@eve) would like to join" in telegram.last(frida).text
    await tap(telegram, eve, "All right")
    await tap(telegram, frida, "Let in")
    assert "Hello Eve" in telegram.last(eve).text
    await tap(telegram, eve, "English", "Go on", "Not now")
    assert "kept nothing" in telegram.last(eve).text


async def test_a_postings_link_offers_joining(bln: Story, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    network, _ = await led(bln, telegram, anna)
    question = await bln.posted(network, "What helped you?")
    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    assert "Hello Anna" in telegram.last(anna).text


async def test_stale_presses_and_typed_steps(bln: Story, telegram: Sandbox) -> None:
    _, frida = await led(bln, telegram)
    anna = telegram.user("Anna")
    await telegram.follow(anna, await invited(telegram, frida))
    await telegram.settle()
    for words in ("1", "Go on", "nonsense <b>", "1"):
        await telegram.send(anna, words)
        await telegram.settle()
    assert "What brings you here" in telegram.last(anna).text
    await telegram.voice(anna)
    await telegram.sticker(anna)
    await telegram.settle()
    old = telegram.last(anna)
    await telegram.press(anna, old, "I receive care")
    await telegram.press(anna, old, "I receive care")
    await telegram.settle()
    for data in (
        "v1:joining.no:2:",
        "v1:joining.as:zzzz:carer",
        "v1:joining.let:1:",
        "v1:joining.xx:1:",
        "rubbish",
    ):
        query = await telegram.forge(anna, old, data)
        await telegram.settle()
        assert telegram.answer(query) is not None


async def test_who_blocks_the_bot_in_the_middle_goes_on_where_they_were(
    bln: Story, telegram: Sandbox
) -> None:
    _, frida = await led(bln, telegram)
    anna = telegram.user("Anna")
    await telegram.follow(anna, await invited(telegram, frida))
    await telegram.settle()
    await tap(telegram, anna, "English", "Go on", "I'm 18+ and I agree")
    await telegram.block(anna)
    await telegram.settle()
    await telegram.unblock(anna)
    await telegram.start(anna)
    await telegram.settle()
    assert "What brings you here" in telegram.last(anna).text
    await tap(telegram, anna, "I receive care", "No, don't quote me", "Continue")
    assert "You're in" in telegram.last(anna).text
    await telegram.block(anna)
    await telegram.settle()
    await telegram.send(frida, "/members")
    await telegram.settle()
    assert "Anna: People who receive care, core group, has blocked me" in telegram.last(frida).text


async def test_a_network_that_is_not_ready_takes_nobody_in(bln: Story, telegram: Sandbox) -> None:
    frida, anna = telegram.user("Frida"), telegram.user("Anna")
    network = await bln.network(telegram.group("Care partnership", members=[frida, anna]))
    await bln.member(network, frida, facilitator=True)
    url = await invited(telegram, frida)
    for _ in range(2):
        await telegram.follow(anna, url)
        await telegram.settle()
        assert "Your invitation still works" in telegram.last(anna).text
    assert len(telegram.said(frida, containing="wanted to join")) == 1
    assert await bln.database.read(people.by_telegram_id, anna.id) is None
    await bln.ready(network)
    await telegram.follow(anna, url)
    await telegram.settle()
    assert "Hello Anna" in telegram.last(anna).text


async def test_the_person_who_blocks_the_bot_is_noted(bln: Story, telegram: Sandbox) -> None:
    _, frida = await led(bln, telegram)
    await telegram.block(frida)
    await telegram.settle()
    found = await bln.database.read(people.by_telegram_id, frida.id)
    assert found is not None
    assert not found.reachable
    await telegram.unblock(frida)
    await telegram.settle()
    found = await bln.database.read(people.by_telegram_id, frida.id)
    assert found is not None
    assert found.reachable


async def test_a_removed_bot_leaves_the_chat(bln: Story, telegram: Sandbox) -> None:
    network, frida = await led(bln, telegram)
    await telegram.remove_bot(network.group)
    await telegram.settle()
    assert "I was removed" in telegram.last(frida).text
    chat = await bln.database.read(chats.by_telegram_id, network.group.id)
    assert chat is not None
    assert chat.state == "gone"
