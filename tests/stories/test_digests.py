"""Digests over whole weeks: what members gave comes back to them, once, and after somebody could look at it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.driver import Sandbox
from storage import digests, meetings
from storage.db import Connection
from tests.stories.story import Seeded, Story

FRIDAY = datetime(2026, 11, 6, 16, 0, tzinfo=UTC)  # 17:00 in Amsterdam, when the weekly digest goes out
DRAFT = FRIDAY - timedelta(hours=24)


class Circle:
    """A network with a facilitator and carers who answer."""

    def __init__(self, bln: Story, telegram: Sandbox) -> None:
        self.bln, self.telegram = bln, telegram
        self.frida = telegram.user("Frida")
        self.carers = [telegram.user(name) for name in ("Anna", "Bert", "Carla")]
        self.nurses = [telegram.user(name) for name in ("Dirk", "Els", "Femke")]
        self.network: Seeded

    async def begin(self, **settings: Any) -> "Circle":
        everybody = [self.frida, *self.carers, *self.nurses]
        group = self.telegram.group("Care partnership", members=everybody)
        self.network = await self.bln.network(group, **settings)
        await self.bln.member(self.network, self.frida, group="researcher", facilitator=True)
        for carer in self.carers:
            await self.bln.member(self.network, carer)
        for nurse in self.nurses:
            await self.bln.member(self.network, nurse, group="practitioner")
        return self

    @property
    def group(self) -> Any:
        return self.network.group

    def summaries(self) -> list[Any]:
        return [one for one in self.telegram.transcript(self.group) if "to read." in (one.text or "")]

    def draft(self, reader: Any = None) -> Any:
        found = [
            one for one in self.telegram.transcript(reader or self.frida) if "to read." in (one.text or "")
        ]
        return found[-1]

    async def answer(self, who: Any, question: Any, text: str) -> Any:
        answer = await self.telegram.reply(who, to=question, text=text)
        await self.telegram.settle()
        return answer

    async def press(self, what: str, message: Any = None) -> None:
        await self.telegram.press(self.frida, message or self.draft(), what)
        await self.telegram.settle(within=timedelta(seconds=20))  # less than Send it now waits

    async def states(self) -> list[str]:
        return await self.bln.database.read(_states, self.network.id)


def _states(db: Connection, network_id: int) -> list[str]:
    every = ("due", "draft", "approved", "held", "published", "empty", "missed", "merged", "cancelled")
    return [one.state for one in digests.of_network(db, network_id, every)]


def _meeting(db: Connection, network_id: int, starts_at: datetime, *, now: datetime) -> int:
    made = meetings.create(
        db,
        network_id=network_id,
        title="Second meeting",
        place="Library",
        starts_at=starts_at,
        created_at=now,
    )
    return made.id


async def test_the_weekly_digest_of_two_weeks_has_everything_once(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, _ = circle.carers
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, "My neighbour came by. Who can I call at night?")
    await circle.answer(circle.nurses[0], question, "A short handover every morning.")
    await telegram.travel(to=DRAFT + timedelta(minutes=1))
    assert "Draft: the week's summary" in circle.draft().text
    assert "My neighbour came by." in circle.draft().text
    assert circle.summaries() == []
    await circle.press("Looks good")
    assert "Approved." in circle.draft().text
    await circle.answer(bert, question, "This came after the cut.")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    (first,) = circle.summaries()
    assert "My neighbour came by." in first.text
    assert "– a carer" in first.text
    assert "2 replies from 2 people." in first.text
    assert "Questions that came up" in first.text
    assert "after the cut" not in first.text
    assert "Sent on Friday 6 November" in circle.draft().text
    await telegram.travel(to=FRIDAY + timedelta(weeks=1, minutes=1))
    second = circle.summaries()[-1]
    assert len(circle.summaries()) == 2
    assert "after the cut" in second.text
    assert "My neighbour" not in second.text
    await telegram.travel(to=FRIDAY + timedelta(weeks=2, minutes=1))
    assert len(circle.summaries()) == 2  # nothing when there is nothing
    assert (await circle.states())[:3] == ["published", "published", "empty"]


async def test_before_a_meeting_somebody_goes_through_the_draft(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin(weekly=False)
    anna, bert, _ = circle.carers
    meeting = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
    await bln.database.write(_meeting, circle.network.id, meeting, now=telegram.now())
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(anna, question, "My neighbour came by.")
    await circle.answer(bert, question, "Henk from number 12 shouted at me.")
    await telegram.travel(to=meeting - timedelta(hours=71))
    assert "Draft: summary before Thursday 12 November." in circle.draft().text
    await circle.press("Go through it")
    list_of_quotes = telegram.last(circle.frida)
    number = "2" if "2. Henk" in list_of_quotes.text else "1"
    await circle.press(f"Hide {number}", list_of_quotes)
    assert "(hidden)" in telegram.last(circle.frida).text
    await circle.press("Add a sentence", telegram.last(circle.frida))
    await telegram.send(circle.frida, "See you at the library.")
    await telegram.settle()
    assert "Frida, who leads the group: See you at the library." in circle.draft().text
    assert "Henk" not in circle.draft().text
    await circle.answer(circle.nurses[0], question, "We have one nurse for forty people.")
    await circle.press("Go through it")
    await circle.press("Take in what came since", telegram.last(circle.frida))
    assert "one nurse for forty" in circle.draft().text
    await circle.press("Send it now")
    assert "in two minutes" in circle.draft().text
    await circle.press("Stop")
    assert "goes out on Tuesday 10 November at 17:30" in circle.draft().text
    await circle.press("Looks good")
    await telegram.travel(to=meeting - timedelta(hours=47))
    (sent,) = circle.summaries()
    assert "Before our meeting on Thursday 12 November at 17:30" in sent.text
    assert "My neighbour came by." in sent.text
    assert "one nurse for forty" in sent.text
    assert "Henk" not in sent.text
    assert "See you at the library." in sent.text
    assert "We meet on Thursday 12 November at 17:30: Library." in sent.text


async def test_without_approval_only_open_words_go_out_and_those_whose_author_says_yes(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin(weekly=False)
    anna, bert, carla = circle.carers
    meeting = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
    await bln.database.write(_meeting, circle.network.id, meeting, now=telegram.now())
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(carla, question, "A friend who cooks.")
    for who, words in ((anna, "I cried in the car."), (bert, "I pay a neighbour.")):
        await telegram.press(who, question, "Answer privately")
        await telegram.settle()
        await telegram.send(who, words)
        await telegram.settle()
    publish = meeting - timedelta(hours=48)
    await telegram.travel(to=publish - timedelta(hours=2))
    asked = {who.first_name: telegram.last(who) for who in (anna, bert)}
    assert "I cried in the car." in asked["Anna"].text
    assert "May these words go out?" in asked["Anna"].text
    assert not any("May these words" in (one.text or "") for one in telegram.transcript(carla))
    await telegram.press(anna, asked["Anna"], "Yes")
    await telegram.settle()
    assert any("Nobody has looked" in (one.text or "") for one in telegram.transcript(circle.frida))
    await telegram.travel(to=publish + timedelta(minutes=1))
    (sent,) = circle.summaries()
    assert "A friend who cooks." in sent.text
    assert "I cried in the car." in sent.text
    assert "I pay a neighbour." not in sent.text
    assert "2 replies from 2 people." in sent.text
    assert "1 private answer was left out" in circle.draft().text
    again = meeting + timedelta(days=10)
    await bln.database.write(_meeting, circle.network.id, again, now=telegram.now())
    await telegram.travel(to=again - timedelta(hours=71))
    assert "I pay a neighbour." in circle.draft().text
    assert "I cried in the car." not in circle.draft().text


async def test_words_taken_back_leave_the_draft_and_the_digest_that_was_sent(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    anna, bert, carla = circle.carers
    question = await bln.posted(circle.network, "What helped you this week?")
    gone = await circle.answer(anna, question, "This was too much.")
    await circle.answer(bert, question, "A walk.")
    third = await circle.answer(carla, question, "A friend.")
    await telegram.travel(to=DRAFT + timedelta(minutes=1))
    assert "This was too much." in circle.draft().text
    await telegram.delete(gone)  # Telegram tells no bot; the ✍ before publishing finds it out
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    (sent,) = circle.summaries()
    assert "This was too much." not in sent.text
    assert "A friend." in sent.text
    receipt = next(one for one in telegram.transcript(carla) if "is saved" in (one.text or ""))
    await telegram.press(carla, receipt, "Take it back")
    await telegram.settle()
    confirm = telegram.last(carla)
    if "A friend." in circle.summaries()[-1].text:
        await telegram.press(carla, confirm, "Take it back")
        await telegram.settle()
    (sent,) = circle.summaries()
    assert "A friend." not in sent.text
    assert "A walk." in sent.text
    assert third is not None


async def test_after_an_outage_a_digest_goes_out_late_once_or_not_at_all(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(circle.carers[0], question, "My neighbour came by.")
    await telegram.travel(to=DRAFT + timedelta(minutes=1))
    telegram.move(to=FRIDAY + timedelta(hours=5))  # nobody was there in between
    await telegram.settle()
    await telegram.travel(by=timedelta(minutes=15))
    assert len(circle.summaries()) == 1
    await circle.answer(circle.carers[1], question, "A walk.")
    await telegram.travel(to=DRAFT + timedelta(weeks=1, minutes=1))
    telegram.move(to=FRIDAY + timedelta(weeks=1, hours=30))
    await telegram.settle()
    assert len(circle.summaries()) == 1
    assert any("was not sent" in (one.text or "") for one in telegram.transcript(circle.frida))
    await telegram.travel(to=FRIDAY + timedelta(weeks=2, minutes=1))
    assert len(circle.summaries()) == 2
    assert "A walk." in circle.summaries()[-1].text


async def test_a_network_that_wants_approval_waits_for_it(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin(approval="required")
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(circle.carers[0], question, "My neighbour came by.")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    assert circle.summaries() == []
    assert "On hold." in circle.draft().text
    await circle.press("Send it now")
    await telegram.travel(by=timedelta(minutes=3))
    assert len(circle.summaries()) == 1


async def test_digest_shows_the_draft_now(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin()
    await telegram.send(circle.frida, "/digest")
    await telegram.settle()
    assert "no new answers" in telegram.last(circle.frida).text
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(circle.carers[0], question, "My neighbour came by.")
    await telegram.send(circle.frida, "/digest")
    await telegram.settle()
    assert "My neighbour came by." in circle.draft().text
    await circle.answer(circle.carers[1], question, "A walk.")
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    (sent,) = circle.summaries()
    assert "A walk." in sent.text
    assert "My neighbour came by." in sent.text
    await telegram.send(circle.carers[0], "/digest")
    await telegram.settle()
    assert "Only a facilitator" in telegram.last(circle.carers[0]).text


async def test_buttons_of_others_old_ones_and_forged_ones_change_nothing(
    bln: Story, telegram: Sandbox
) -> None:
    circle = await Circle(bln, telegram).begin()
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(circle.carers[0], question, "My neighbour came by.")
    await telegram.travel(to=DRAFT + timedelta(minutes=1))
    for who, data in (
        (circle.carers[0], "v1:digests.good:1:"),
        (circle.carers[0], "v1:digests.send:1:"),
        (circle.carers[0], "v1:digests.hide:1:zz"),
        (circle.carers[1], "v1:digests.yes:1:"),  # for another's words
        (circle.carers[1], "v1:digests.no:1:"),
    ):
        query = await telegram.forge(who, telegram.last(who), data)
        await telegram.settle()
        assert telegram.answer(query).alert
    for data in (
        "v1:digests.hide:1:zz",
        "v1:digests.undo:1:",
        "v1:digests.good:zzzz:",
        "v1:digests.at:1:zzzzzzzzzzzz",
    ):
        query = await telegram.forge(circle.frida, circle.draft(), data)
        await telegram.settle()
        assert "too old" in telegram.answer(query).text
    assert (await circle.states())[0] == "draft"
    await telegram.travel(to=FRIDAY + timedelta(minutes=1))
    query = await telegram.press(circle.carers[1], circle.summaries()[0], "What is this?")
    await telegram.settle()
    assert "word for word" in telegram.answer(query).text


async def test_a_summary_waits_for_a_bot_that_was_thrown_out(bln: Story, telegram: Sandbox) -> None:
    circle = await Circle(bln, telegram).begin()
    question = await bln.posted(circle.network, "What helped you this week?")
    await circle.answer(circle.carers[0], question, "My neighbour came by.")
    await telegram.travel(to=FRIDAY - timedelta(minutes=1))
    await telegram.remove_bot(circle.group)
    await telegram.travel(to=FRIDAY + timedelta(hours=1))
    assert circle.summaries() == []
    await telegram.add_bot(circle.frida, circle.group, admin=True)
    await telegram.travel(by=timedelta(minutes=15))
    (summary,) = circle.summaries()
    assert "My neighbour came by." in summary.text
