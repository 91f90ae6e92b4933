"""One voice, from the phone of somebody who doesn't write to the summary that everybody reads."""

from datetime import timedelta

from sqlalchemy import func, select

from bot.sandbox.driver import Sandbox
from storage.db import Connection
from storage.tables import audit, media
from tests.stories.story import Story
from tests.stories.test_digests import DRAFT, FRIDAY, Circle

QUESTION = "What helped you this week?"
SPOKEN = "The night nurse comes at six, and then I've been up since four."


def _sounds(db: Connection) -> list[tuple[str, int]]:
    query = select(media.c.state, func.length(media.c.bytes)).order_by(media.c.id)
    return [(state, length or 0) for state, length in db.execute(query)]


def _listened(db: Connection) -> int:
    return db.execute(select(func.count()).where(audit.c.action == "listened")).scalar_one()


async def test_a_voice_is_put_into_words_confirmed_and_quoted(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, _ = circle.carers
    frida = circle.frida
    question = await bln.posted(circle.network, QUESTION)
    await circle.answer(bert, question, "My sister took over.")

    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    await telegram.voice(anna, duration=80)
    await telegram.settle()
    asked = telegram.last(anna)
    assert "I have your voice message (1 minute 20)" in asked.text
    assert "until Frida has listened and written down what you say" in asked.text
    await telegram.press(anna, asked, "Yes, this one")
    await telegram.settle()
    assert "Saved." in asked.text
    assert [state for state, _ in await bln.database.read(_sounds)] == ["kept"]

    # The draft shows the way to it; only then does somebody hear it, and nobody learns whose it is.
    await telegram.travel(to=DRAFT + timedelta(minutes=1))
    assert "1 reply" in circle.draft().text
    await circle.press("To listen to")
    listed = telegram.last(frida)
    assert "a carer, 1 minute 20" in listed.text
    assert "Anna" not in listed.text
    await circle.press("Listen to 1", listed)
    (voice,) = [one for one in telegram.transcript(frida) if "Write here what is said" in (one.text or "")]
    await telegram.send(frida, SPOKEN)
    await telegram.settle()
    assert voice.deleted
    assert await bln.database.read(_listened) == 1
    assert SPOKEN not in circle.draft().text

    # Its author has the last word, and reads it first.
    shown = telegram.last(anna)
    assert f"Frida wrote:\n{SPOKEN}" in shown.text
    await telegram.press(anna, shown, "That's right")
    await telegram.settle()
    assert "If it is quoted, it says a carer" in shown.text
    assert ("Anna", SPOKEN) in await bln.contributions()
    assert "The night nurse comes at six" in circle.draft().text
    await circle.press("Looks good")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    (summary,) = circle.summaries()
    assert "The night nurse comes at six" in summary.text
    assert "2 replies from 2 people" in summary.text

    # Its words are a text like any other; the sound is not needed any more.
    telegram.move(by=timedelta(days=31))
    await telegram.settle()
    assert await bln.database.read(_sounds) == [("gone", 0)]
    assert ("Anna", SPOKEN) in await bln.contributions()


async def test_who_would_rather_tell_is_called_and_reads_what_was_written(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin(weekly=False)
    anna, frida = circle.carers[0], circle.frida
    question = await bln.posted(circle.network, QUESTION)
    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    opened = telegram.last(anna)
    await telegram.press(anna, opened, "I'd rather tell someone")
    await telegram.settle()
    await telegram.press(anna, opened, "Here is my number")
    await telegram.settle()
    # Words are an answer, whatever was asked for last; a place is none, and says so.
    await telegram.send(anna, "My sister came")
    await telegram.location(anna)
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "My sister came")]
    assert "I can't keep stickers" in telegram.last(anna).text
    await telegram.press(anna, opened, "Never mind")
    await telegram.settle()
    await telegram.press(anna, opened, "I'd rather tell someone")
    await telegram.settle()
    await telegram.press(anna, opened, "Here is my number")
    await telegram.settle()
    await telegram.contact(anna)
    await telegram.settle()
    note = telegram.last(frida)
    assert "Anna would like to tell an answer" in note.text
    assert "+3120000000" in note.text

    await telegram.press(frida, note, "Write down what was said")
    await telegram.settle()
    await telegram.send(frida, SPOKEN)
    await telegram.settle()
    assert note.text == "The note from Anna is done."
    shown = telegram.last(anna)
    assert f"You told Frida your answer: {QUESTION}" in shown.text
    assert len(await bln.contributions()) == 2
    await telegram.press(anna, shown, "That's right")
    await telegram.settle()
    assert ("Anna", SPOKEN) in await bln.contributions()
