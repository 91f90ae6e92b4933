"""Everything about oneself in one's own hands: `/me`, typed as well as tapped, on a phone at night."""

from datetime import timedelta

from bot.sandbox.driver import Sandbox
from storage import members
from storage.db import Connection
from storage.members import Member
from tests.stories.story import Story

QUESTION = "What helped you this week?"


async def test_everything_about_oneself_by_typed_words_alone(bln: Story, telegram: Sandbox) -> None:
    """Somebody who can't tap: no button is pressed in this story."""
    anna = telegram.user("Anna")
    group = telegram.group("Care partnership", members=[anna])
    network = await bln.network(group)
    member = await bln.member(network, anna)
    await bln.posted(network, QUESTION)

    async def says(words: str) -> str:
        await telegram.send(anna, words)
        await telegram.settle()
        return telegram.last(anna).text

    def membership(db: Connection) -> Member | None:
        return members.get(db, member)

    assert QUESTION in await says("/open")
    assert "Your answer to" in await says("1")
    assert "Saved" in await says("Yes")  # an answer, not a button, though it may look like one
    assert "Saved" in await says("2")
    assert [words for _, words in await bln.contributions()] == ["Yes", "2"]

    assert "You in Care partnership: a carer, core group." in await says("/me")
    assert "Not in a summary yet" in await says("my answers")
    assert '"2"' in await says("1")
    asked = await says("Change the words.")
    assert "Until now it says:\n2" in asked
    assert "Changed" in await says("Two neighbours")
    assert [words for _, words in await bln.contributions()] == ["Yes", "Two neighbours"]
    assert "Take it back?" in await says("take it back")
    assert "Taken back on" in await says("/1")
    assert [words for _, words in await bln.contributions()] == ["Yes"]

    await says("/me")
    await says("my answers")
    await says("/2")
    assert "Until now it says" in await says("Change the words.")
    telegram.move(by=timedelta(days=2))
    await says("It is Thursday now, and somebody came by.")  # nothing that is written so late overwrites it
    assert [words for _, words in await bln.contributions()] == ["Yes"]

    await says("/me")
    assert "Quiet from 21:00 to 08:00" in await says("Quiet hours")
    assert "Changed. Quiet from 22:30 to 07:00" in await says("22.30 - 7")
    assert "Pause until Wednesday 18 November at 10:00" in await says("/pause 2 weeks")
    found = await bln.database.read(membership)
    assert found is not None
    assert (found.quiet_from, found.quiet_to) == ("22:30", "07:00")
    assert found.paused_until is not None
    assert timedelta(0) <= telegram.now() + timedelta(days=14) - found.paused_until < timedelta(minutes=1)
    assert "The pause is over" in await says("I'm back")
    assert "no button with that number" in await says("/9")

    await bln.posted(network, "What would you ask the municipality?")
    caught_up = await says("/catchup")
    assert "Asked: What would you ask the municipality?" in caught_up
    assert "First answers have come." in caught_up  # of one group with fewer than three members: no number
    listed = await says("open questions")
    assert "What would you ask the municipality?" in listed
    assert QUESTION not in listed  # answered, though one answer was taken back
    assert "nothing new since" in await says("/catchup")
