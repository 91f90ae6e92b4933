"""The first story: a question is posted, answered in the group, and the answer is acknowledged."""

from bot.sandbox.driver import Sandbox
from tests.stories.story import Story


async def test_a_reply_to_a_prompt_is_kept_and_marked(bln: Story, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    network = await bln.network(telegram.group("Care partnership", members=[anna]))
    await bln.member(network, anna)
    question = await bln.posted(network, "What helped you this week?")
    answer = await telegram.reply(anna, to=question, text="My neighbour")
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "My neighbour")]
    assert list(answer.reactions.values()) == [["✍"]]
