"""Forgetting: an answer goes out in a summary, its author has everything erased, and nothing of it is left anywhere."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.driver import Sandbox
from storage.db import sqlite_file
from tests.searching import everywhere, on_disk
from tests.stories.story import Story
from tests.stories.test_digests import FRIDAY, Circle

WORD = "Schemerlampkapje"


async def _told(telegram: Sandbox, anna: Any, what: str) -> Any:
    return telegram.said(anna, containing=what)[-1]


async def test_a_summary_that_was_sent_forgets_who_wants_to_be_forgotten(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, _ = circle.carers
    question = await bln.posted(circle.network, "What helped you this week?")
    given = await circle.answer(anna, question, f"My {WORD} stood on all night. Who can I call?")
    await telegram.edit(anna, given, f"My red {WORD} stood on all night. Who can I call?")
    await circle.answer(bert, question, "A walk in the morning.")
    await telegram.react(anna, question, "❤")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    (summary,) = circle.summaries()
    assert WORD in summary.text

    await telegram.send(anna, "/forget", chat=circle.group)  # asked in the group, answered in private
    await telegram.settle()
    asked = await _told(telegram, anna, "Erase what you gave")
    assert "1 answer and 1 reaction" in asked.text
    assert "the summary that quotes you" in asked.text
    await telegram.press(anna, asked, "Erase everything")
    await telegram.settle()
    receipt = await _told(telegram, anna, "Erased")
    assert "Friday 6 November" in receipt.text
    assert "gone by Sunday 6 December" in receipt.text  # 30 days
    assert "Receipt: " in receipt.text

    assert WORD not in summary.text
    assert "A walk in the morning." in summary.text
    assert WORD not in circle.draft().text  # in the facilitator's chat
    assert list(given.reactions.values()) == []  # no ✍ any more
    needles = [WORD, str(anna.id), "Anna"]
    assert await bln.database.read(everywhere, needles) == []
    assert await bln.database.tidy()
    file = sqlite_file(bln.database.url)
    assert on_disk(Path() if file is None else file.parent, needles, there=file is not None) == []

    await telegram.edit(anna, given, f"Another {WORD}")  # edits after erasure are a stranger's
    await telegram.settle()
    assert await bln.database.read(everywhere, [WORD]) == []


async def test_words_stay_without_a_name_when_only_the_link_is_cut(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, _ = circle.carers
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, f"My {WORD} stood on all night.")
    await circle.answer(bert, question, "A walk in the morning.")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    (summary,) = circle.summaries()
    assert "– a carer" in summary.text.partition(WORD)[2]

    await telegram.send(anna, "/forget")
    await telegram.settle()
    for label in ("Keep, without my name", "Read them first", "Cut the link"):
        await telegram.press(anna, telegram.last(anna), label)
        await telegram.settle()
    cut = telegram.last(anna).text
    assert "One answer stays without a name." in cut
    assert "– a participant" in summary.text.partition(WORD)[2]
    assert await bln.database.read(everywhere, [str(anna.id), "Anna"]) == []


async def test_everything_stored_comes_as_a_page_and_an_archive(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin()
    anna = circle.carers[0]
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, f"My {WORD} <stood> on all night.")
    await telegram.send(anna, "/mydata", chat=circle.group)
    await telegram.settle()
    page, archive = [one for one in telegram.said(anna) if one.media is not None]
    html = telegram.file(page).decode()
    assert f"My {WORD} &lt;stood&gt; on all night." in html
    assert "What helped you this week?" in html
    assert "Zorgbelang Utrecht" in html
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")
    assert "delete this message" in page.text
    with zipfile.ZipFile(io.BytesIO(telegram.file(archive))) as opened:
        data = json.loads(opened.read("data.json"))
    [kept] = data["tables"]["contributions"]
    assert kept["text"] == f"My {WORD} <stood> on all night."
    assert [one["use"] for one in data["tables"]["consents"]] == ["take_part", "quote"]
    assert telegram.said(circle.group, containing=WORD) == []
    assert await bln.database.read(everywhere, ["data.json"]) == []  # parcels go when they have arrived


async def test_who_leaves_the_group_decides_what_becomes_of_their_words(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    anna = circle.carers[0]
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, f"My {WORD} stood on all night.")
    await telegram.leave(anna, circle.group)
    await telegram.settle()
    asked = telegram.last(anna)
    assert "no longer in the group chat of Care partnership" in asked.text
    await telegram.press(anna, asked, "Erase everything")
    await telegram.settle()
    await telegram.press(anna, telegram.last(anna), "Erase everything")
    await telegram.settle()
    assert "Erased" in telegram.last(anna).text
    assert await bln.database.read(everywhere, [WORD, "Anna", str(anna.id)]) == []
