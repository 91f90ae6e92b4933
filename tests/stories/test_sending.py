"""A summary goes out: picture, message and PDF, in the group and here; words taken back leave all of them."""

from datetime import timedelta

from bot.sandbox.driver import Sandbox
from tests.stories.story import Story
from tests.stories.test_digests import DRAFT, FRIDAY, Circle

MINUTE = timedelta(minutes=1)


async def test_picture_message_and_pdf_come_and_lose_what_is_taken_back(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, carla = circle.carers
    await telegram.send(bert, "/me")
    await telegram.settle()
    await telegram.press(bert, telegram.last(bert), "Summary")
    await telegram.settle()
    await telegram.press(bert, telegram.last(bert), "Also here")
    await telegram.settle()
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, "My neighbour came by. Who can I call at night?")
    receipt = telegram.last(anna)
    await circle.answer(carla, question, "A friend who calls.")
    await circle.answer(circle.nurses[0], question, "A short handover every morning.")
    await telegram.travel(to=DRAFT + MINUTE)
    await circle.press("Looks good")
    await telegram.travel(to=FRIDAY + 2 * MINUTE)
    for place in (circle.group, bert):
        picture, said, pdf = telegram.said(place)[-3:]
        assert [one.kind for one in (picture, said, pdf)] == ["photo", "text", "document"]
        assert "Who has written" in picture.text  # what it shows, for who can't see it
        assert "My neighbour came by." in said.text
        assert telegram.file(pdf).startswith(b"%PDF")
    private, group = telegram.said(bert)[-3:], telegram.said(circle.group)[-3:]
    before = [telegram.file(one) for one in (group[0], group[2])]
    leads = [one.text for one in telegram.said(circle.frida) if one.kind == "document"]
    assert any("all the answers" in text for text in leads)
    # Read aloud: in private, for whoever asks.
    await telegram.press(circle.nurses[1], group[1], "Text to read aloud")
    await telegram.settle()
    aloud = telegram.last(circle.nurses[1])
    assert "A carer says: “My neighbour came by." in aloud.text
    await telegram.press(anna, receipt, "Take it back")
    await telegram.settle()
    if any("Take it back" in row for row in telegram.last(anna).buttons):
        await telegram.press(anna, telegram.last(anna), "Take it back")
    await telegram.settle()
    assert all(one.edited for one in (*group, *private))
    assert not any("neighbour" in one.text for one in (*group, *private, aloud))
    assert not set(before) & {telegram.file(group[0]), telegram.file(group[2])}
