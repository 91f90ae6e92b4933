"""Before a summary goes out its authors are asked and told: what one person raised, a name that was left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.driver import Sandbox
from tests.stories.story import Story
from tests.stories.test_digests import Circle

NIGHT = datetime(2026, 11, 6, 21, 30, tzinfo=UTC)  # Friday at 22:30 in Amsterdam
MORNING = datetime(2026, 11, 6, 7, 0, tzinfo=UTC)
ANSWERS = (
    "My neighbour came by every evening and sat with him for an hour.",
    "A short walk in the morning, before the house wakes up, helped me.",
    "My sister took over on Sunday so that I could sleep a whole night.",
    "A handover on paper that the evening shift really reads saves us calls.",
    "The pharmacist noticed that two of his medicines don't go together at all.",
    "Somebody at the town hall answered the telephone at the first try.",
)


def asked_about(telegram: Sandbox, who: Any) -> Any:
    """The question whether a point may be shown, if this person got one."""
    found = [one for one in telegram.transcript(who) if "for what one person raised" in (one.text or "")]
    return found[-1] if found else None


async def test_who_raised_a_point_alone_is_asked_in_the_morning_and_only_a_yes_goes_out(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin(weekly_time="22:30")
    question = await bln.posted(circle.network, "What helped you this week?")
    everybody = [*circle.carers, *circle.nurses]
    words = dict(zip((who.first_name for who in everybody), ANSWERS, strict=True))
    for who in everybody:
        await circle.answer(who, question, words[who.first_name])
    await telegram.travel(to=NIGHT - timedelta(days=1) + timedelta(minutes=15))
    assert [who for who in everybody if asked_about(telegram, who)] == []  # it is night
    await telegram.travel(to=MORNING + timedelta(minutes=1))
    first, second = [who for who in everybody if asked_about(telegram, who)]
    assert words[first.first_name] in asked_about(telegram, first).text
    await telegram.press(first, asked_about(telegram, first), "Yes, as it is")
    await telegram.settle()
    assert words[first.first_name] in circle.draft().text
    assert "1 thing that one person raised waits" in circle.draft().text
    await circle.press("Looks good")
    await telegram.travel(to=NIGHT + timedelta(minutes=1))
    (sent,) = circle.summaries()
    assert words[first.first_name] in sent.text
    assert words[second.first_name] not in sent.text
    await telegram.press(second, asked_about(telegram, second), "Yes, as it is")
    await telegram.settle()
    assert "They can be in the next one." in telegram.transcript(second)[-1].text
    assert words[second.first_name] not in circle.summaries()[-1].text


async def test_who_is_quoted_with_a_name_left_out_hears_of_it_and_says_no(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, _ = circle.carers
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, "My neighbour Kenneth Reed sits with him.")
    await circle.answer(bert, question, "A walk in the morning.")
    await telegram.travel(to=datetime(2026, 11, 5, 16, 1, tzinfo=UTC))
    await circle.press("Go through it")
    await circle.press("Mask something", telegram.last(circle.frida))
    listed = telegram.last(circle.frida)
    await circle.press("Mask in 1" if "1. My neighbour" in listed.text else "Mask in 2", listed)
    await circle.press("Mask: Kenneth Reed", telegram.last(circle.frida))
    await circle.press("Other answers", telegram.last(circle.frida))
    await circle.press("Back to the draft", telegram.last(circle.frida))
    await circle.press("Looks good")
    told = telegram.last(anna)
    assert "In the summary I left out a name in your answer:" in told.text
    assert "My neighbour […] sits with him." in told.text
    await telegram.press(anna, told, "Don't quote it")
    await telegram.settle()
    assert "My neighbour" not in circle.draft().text
    await telegram.travel(to=datetime(2026, 11, 6, 16, 1, tzinfo=UTC))
    (sent,) = circle.summaries()
    assert "A walk in the morning." in sent.text
    assert "My neighbour" not in sent.text
