"""Sentences to agree with: chosen, agreed to by those who wrote them, answered, told in a summary, and taken back."""

from datetime import UTC, datetime
from typing import Any

from bot.sandbox.driver import Sandbox
from tests.stories.story import Story
from tests.stories.test_planning import led, press, says
from tests.stories.test_votes import private, tap

# The story begins on Monday 2 November 2026, 10:00 in Amsterdam; what is posted on Tuesday closes on Monday at 20:00.
TUESDAY = datetime(2026, 11, 3, 9, 1, tzinfo=UTC)
SUMMARY = datetime(2026, 11, 13, 16, 1, tzinfo=UTC)  # the Friday after it has closed
SAID = {
    "Ben": "The night nurse must come before six.",
    "Carla": "Carers should have one number to call.",
    "Dirk": "A group for carers helps right from the start.",
    "Els": "We need an hour a week for families.",
    "Finn": "Respite care has to be planned a month ahead.",
    "Gita": "Every family should have one plan on paper.",
}
WORKERS = ("Els", "Finn", "Gita")


async def round_of(bln: Story, telegram: Sandbox, **alone: str) -> tuple[Any, dict[str, Any], Any]:
    """Frida has chosen the sentences of six people, for Tuesday at 10:00; some say theirs `alone`, in private."""
    frida, _, network = await led(bln, telegram)
    people = {}
    for name in SAID:
        people[name] = telegram.user(name)
        await telegram.join(people[name], network.group)
        group = "practitioner" if name in WORKERS else "carer"
        await bln.member(network, people[name], group=group)
    question = await bln.posted(network, "What has to change?")
    for name, words in SAID.items():
        if name in alone:
            await private(telegram, people[name], question)
            await says(telegram, people[name], alone[name])
        else:
            await telegram.reply(people[name], to=question, text=words)
    await telegram.settle()
    shown = await says(telegram, frida, "/statements")
    for _ in range(2):
        while picks := [text for text, data in labels(shown) if data.startswith("v1:statements.pick")]:
            shown = await press(telegram, frida, shown, picks[0])
        shown = await press(telegram, frida, shown, "Show more")
    assert "Chosen so far: 6" in shown.text
    when = await press(telegram, frida, shown, "Go on")
    planned = await press(telegram, frida, when, "Tomorrow 10:00")
    assert "By now 0 sentences have their author's yes." in planned.text
    return frida, people, network


def labels(message: Any) -> list[tuple[str, str]]:
    return [
        (button["text"], button.get("callback_data", "")) for row in message.button_rows for button in row
    ]


async def test_a_round_from_its_sentences_to_the_summary_and_back(bln: Story, telegram: Sandbox) -> None:
    frida, people, network = await round_of(bln, telegram)
    ben, carla, gita = people["Ben"], people["Carla"], people["Gita"]
    # Each author is asked; one says no, one never answers, one has other words for it.
    for name in ("Ben", "Dirk", "Els", "Finn"):
        asked = telegram.said(people[name], containing="would like to put this sentence")[-1]
        assert SAID[name] in asked.text
        assert "without your name and without your group" in asked.text
        await press(telegram, people[name], asked, "Yes, as it is")
    asked = telegram.said(gita, containing="would like to put this sentence")[-1]
    assert "it stays out" in (await press(telegram, gita, asked, "No")).text
    await telegram.travel(to=TUESDAY)
    posted = telegram.last(network.group)
    assert all(SAID[name] in posted.text for name in ("Ben", "Dirk", "Els", "Finn"))
    assert not any(words in posted.text for words in (SAID["Carla"], SAID["Gita"]))
    assert not any(name in posted.text for name in SAID)
    number = {name: place(posted, SAID[name]) for name in ("Ben", "Dirk", "Els", "Finn")}

    # In the group, without anybody seeing it; and in private, one after the other.
    for name in SAID:
        who = people[name]
        assert "Only you see this." in (await tap(telegram, who, posted, f"{number['Ben']} Agree")).text
        answer = "Agree" if name in WORKERS else "Disagree"
        await tap(telegram, who, posted, f"{number['Els']} {answer}")
    await tap(telegram, carla, posted, f"{number['Els']} Agree")
    await tap(telegram, carla, posted, f"{number['Els']} Disagree")  # she thought again
    opened = await private(telegram, ben, posted)
    while "Sentence" in opened.text:
        opened = await press(telegram, ben, opened, "I agree")
    assert "Your answers are saved." in opened.text
    assert "agree," not in opened.text  # no numbers while it is open
    assert (await says(telegram, ben, "/open")).text.count("What do you say") == 0

    # The summary says where we agree and where we differ; what too few answered is not in it.
    await telegram.travel(to=SUMMARY)
    summary = telegram.said(network.group, containing=SAID["Ben"])[-1]
    assert summary is not posted
    assert SAID["Els"] in summary.text
    assert SAID["Finn"] not in summary.text
    assert "%" not in summary.text

    # Its author erases everything: it is gone from the round, and from the summary.
    asked = await says(telegram, ben, "/forget")
    await press(telegram, ben, asked, "Erase everything")
    assert SAID["Ben"] not in posted.text
    assert SAID["Els"] in posted.text
    assert SAID["Ben"] not in summary.text
    assert SAID["Els"] in summary.text
    assert await bln.parked() == []
    assert frida is not None


async def test_authors_put_it_in_other_words_or_leave_it(bln: Story, telegram: Sandbox) -> None:
    frida, people, _ = await round_of(bln, telegram, Ben=f"{SAID['Ben']} I am tired.")
    ben, carla = people["Ben"], people["Carla"]
    # In the group it is changed there; who leaves it, by typing, is asked again.
    asked = telegram.said(carla, containing="would like to put this sentence")[-1]
    told = await press(telegram, carla, asked, "I'll reword it")
    assert "It stands in the group" in told.text
    again = await says(telegram, carla, "Leave it")
    assert SAID["Carla"] in again.text
    assert SAID["Carla"] in (await says(telegram, carla, "Yes, as it is")).text
    # In private the new words are typed: only this sentence is another one, and it is asked about.
    asked = telegram.said(ben, containing="would like to put this sentence")[-1]
    told = await press(telegram, ben, asked, "I'll reword it")
    assert "the rest of your answer stays" in told.text
    assert "That can't go out" in (await says(telegram, ben, "Before five?")).text
    asked = await says(telegram, ben, "The night nurse must come before five.")
    assert "Changed." in asked.text
    assert ("Ben", "The night nurse must come before five. I am tired.") in await bln.contributions()
    no = await press(telegram, ben, asked, "No")
    assert "The night nurse must come before five." in no.text
    yes = await press(telegram, ben, no, "Yes, after all")
    assert "The night nurse must come before five." in yes.text
    plan = await says(telegram, frida, "/prompts")
    assert "These sentences come from our answers" in plan.text
    assert await bln.parked() == []


def place(posted: Any, words: str) -> str:
    line = next(line for line in posted.text.split("\n") if words in line)
    found: str = line.partition(".")[0]
    return found
