"""A network gets themes by a sent file, and a member says what an answer is about and that it matters."""

from bot.sandbox.driver import Sandbox
from storage import contributions, themes
from tests.stories.story import Story

FILE = b"""\
[themes.respite]
names = { en = "Respite" }
words = { en = ["respite", "day off"] }

[themes."The nights"]
words = ["night"]
"""


async def test_themes_are_sent_as_a_file_and_tapped_below_an_answer(bln: Story, telegram: Sandbox) -> None:
    frida, anna = telegram.user("Frida"), telegram.user("Anna")
    network = await bln.network(telegram.group("Care partnership", members=[frida, anna]))
    await bln.member(network, frida, facilitator=True)
    await bln.member(network, anna)
    question = await bln.posted(network, "What helps you?")
    await telegram.send(frida, "/themes")
    await telegram.settle()
    await telegram.press(frida, telegram.last(frida), "As a file")
    await telegram.settle()
    await telegram.document(frida, name="themes.toml", data=FILE)
    await telegram.settle()
    shown = telegram.last(frida)
    assert "The nights: night" in shown.text
    await telegram.press(frida, shown, "Use these")
    await telegram.settle()

    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    await telegram.send(anna, "It is the small things")
    await telegram.settle()
    receipt = telegram.last(anna)
    assert receipt.text.startswith("Saved.")
    await telegram.press(anna, receipt, "This one matters to me")
    await telegram.settle()
    await telegram.send(anna, "What is it about?")  # whoever can't tap writes the button
    await telegram.settle()
    await telegram.press(anna, telegram.last(anna), "Respite")
    await telegram.settle()
    await telegram.press(anna, telegram.last(anna), "Back")
    await telegram.settle()
    assert "counted under Respite" in telegram.last(anna).text
    assert "This one matters to you" in telegram.last(anna).text

    (kept,) = await bln.database.read(contributions.of_posting, 1)
    assert kept.starred_at is not None
    assert await bln.database.read(themes.taps, [kept.id]) == {kept.id: (("respite",), ())}
