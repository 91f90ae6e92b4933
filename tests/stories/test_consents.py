"""A carer changes her mind about her words, and what was sent follows."""

from datetime import timedelta
from typing import Any

from bot.sandbox.driver import Sandbox
from tests.stories.story import Story
from tests.stories.test_digests import DRAFT, FRIDAY, Circle


async def test_a_carer_changes_what_she_agreed_to_and_the_sent_summary_follows(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, carla = circle.carers
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, "My neighbour came by on Monday and stayed until the evening.")
    await circle.answer(bert, question, "My sister took over for a whole weekend, and I slept.")
    receipt = telegram.last(anna)
    assert "it says a carer" in receipt.text
    await telegram.travel(to=DRAFT + timedelta(minutes=1))
    await circle.press("Looks good")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))

    async def tap(message: Any, *labels: str) -> None:
        for label in labels:
            await telegram.press(anna, message, label)
            await telegram.settle()

    def sent() -> str:
        (summary,) = circle.summaries()
        return str(summary.text)

    assert "My neighbour came by" in sent()
    # For this answer only: without a role.
    await tap(receipt, "Change that", 'As "a participant"')
    assert "– a participant" in sent()
    assert "– a carer" in sent()
    # Not at all any more, for all of them; typed in the group, it is answered in private.
    await telegram.send(anna, "/consent", chat=circle.group)
    await telegram.settle()
    screen = telegram.last(anna)
    assert "What you agreed to in Care partnership" in screen.text
    await tap(screen, "Quotes: on")
    assert screen.text.startswith("Quotes are off.")
    assert "My neighbour" not in sent()
    assert "My sister took over" in sent()
    assert "My neighbour" not in circle.draft().text  # in the facilitator's chat as well
    await tap(screen, "Quotes: off")
    assert "My neighbour came by" in sent()
    # What network members are called follows too, for whoever speaks.
    await telegram.send(circle.frida, "/groups carer = a family carer, family carers")
    await telegram.settle()
    await telegram.send(carla, "/consent")
    await telegram.settle()
    await tap(screen, "My name: off")
    await tap(receipt, "Change that", "With my name")
    assert "– Anna" in sent()
    assert "– a family carer" in sent()
