"""Choosing between options, and rating from 1 to 5: planned, chosen in the group and in private, told in numbers."""

from typing import Any

from bot.sandbox.driver import Sandbox
from tests.stories.story import Seeded, Story
from tests.stories.test_planning import led, press, says


async def tap(telegram: Sandbox, who: Any, message: Any, what: str) -> Any:
    """Press a button in the group, and return what is answered to who pressed."""
    query = await telegram.press(who, message, what)
    await telegram.settle()
    return telegram.answer(query)


async def carers(bln: Story, telegram: Sandbox, network: Seeded, *names: str) -> list[Any]:
    made = []
    for name in names:
        user = telegram.user(name)
        await telegram.join(user, network.group)
        await bln.member(network, user)
        made.append(user)
    return made


async def test_a_choice_in_the_group_and_in_private(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram)
    ben, carla = await carers(bln, telegram, network, "Ben", "Carla")
    await says(telegram, frida, "/choice now | What would help you most?\nRespite | Training\nA coach")
    posted = telegram.last(network.group)
    assert "1. Respite\n2. Training\n3. A coach" in posted.text
    before = len(telegram.said(network.group))
    assert "You chose: Training." in (await tap(telegram, anna, posted, "Training")).text
    assert "You chose: Respite." in (await tap(telegram, anna, posted, "Respite")).text
    otto = telegram.user("Otto")
    await telegram.join(otto, network.group)
    assert "?start=p_" in ((await tap(telegram, otto, posted, "Respite")).url or "")
    # In private: hidden until one has chosen, then in numbers.
    opened = await private(telegram, ben, posted)
    assert "Respite: 1" not in opened.text
    chosen = await says(telegram, ben, "2")  # typed: the second button
    assert "You chose: Training." in chosen.text
    few = await press(telegram, ben, chosen, "Results so far")
    assert "They are shown once 3 people have chosen." in few.text
    await private(telegram, carla, posted)
    await press(telegram, carla, telegram.last(carla), "An answer of my own")
    assert "Saved." in (await says(telegram, carla, "A neighbour with a key")).text
    assert ("Carla", "A neighbour with a key") in await bln.contributions()
    seen = await press(telegram, carla, await private(telegram, carla, posted), "Results so far")
    assert "· Respite: 1\n· Training: 1\n· A coach: 0\n· Answers of their own: 1" in seen.text
    # Nobody in the group saw any of it, and the question can't be taken back any more.
    assert len(telegram.said(network.group)) == before
    assert telegram.said(network.group)[-1].text == posted.text


async def private(telegram: Sandbox, who: Any, posted: Any) -> Any:
    """Open it by *Answer privately*."""
    [link] = [button["url"] for row in posted.button_rows for button in row if "url" in button]
    await telegram.follow(who, link)
    await telegram.settle()
    return telegram.last(who)


async def test_a_scale_with_a_reason(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram)
    assert "Which sentence shall members rate" in (await says(telegram, frida, "/scale")).text
    asked = await says(telegram, frida, "I know whom I can call at night.")
    assert "When shall it be asked?" in asked.text
    posted_to_her = await says(telegram, frida, "now")
    assert "Members choose from 1 (not at all) to 5 (completely)" in posted_to_her.text
    posted = telegram.last(network.group)
    assert "You chose: 4." in (await tap(telegram, anna, posted, "4")).text
    opened = await private(telegram, anna, posted)
    assert "You chose: 4. You can change it until" in opened.text.replace("\n", " ")
    assert "If you like, write or say here why." in opened.text
    changing = await press(telegram, anna, opened, "Change")
    chosen = await press(telegram, anna, changing, "5 · completely")
    assert "You chose: 5." in chosen.text
    assert "Saved." in (await says(telegram, anna, "The night nurse gave me her number")).text
    assert await bln.contributions() == [("Anna", "The night nurse gave me her number")]
    undo = await press(telegram, frida, telegram.last(frida), "Undo")
    assert "stays" in undo.text
