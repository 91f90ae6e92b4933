"""Meetings: announced, answered, moved with what hangs on them, cancelled, and the day before."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from bot.sandbox.driver import Sandbox
from storage import meetings, members
from storage.db import Connection
from tests.stories.story import Story, seed_member
from tests.stories.test_planning import led, press, says


def _answers(db: Connection, meeting_id: int) -> list[str]:
    return sorted(meetings.answers(db, meeting_id).values())


def _pause(db: Connection, member_id: int, until: datetime) -> None:
    members.change(db, member_id, paused_until=until)


async def test_a_meeting_is_announced_answered_and_remembered(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram)
    bert, otto, carla = telegram.user("Bert"), telegram.user("Otto"), telegram.user("Carla")
    for user in (bert, otto, carla):
        await telegram.join(user, network.group)
    await bln.member(network, bert)
    paused = await bln.member(network, carla)
    await bln.database.write(_pause, paused, datetime(2026, 11, 30, tzinfo=UTC))
    told = await says(telegram, frida, "/prompt 1 day before meeting 12:00 | What will you bring?")
    assert "the date comes with the meeting" in told.text
    await says(telegram, frida, "/meeting 4 november 17:30 | Criteria & care | In the library")
    planned = telegram.said(frida, containing="In two minutes")[0]
    assert "Wednesday 4 November at 17:30" in planned.text
    assert "“What will you bring?”: Tuesday 3 November at 12:00" in planned.text
    invitation, file = telegram.said(network.group)
    assert "Criteria & care\nWednesday 4 November at 17:30\nIn the library" in invitation.text
    assert invitation.buttons == [["Yes", "No"], ["Not yet"]]
    [event] = Calendar.from_ical(telegram.file(file)).walk("VEVENT")
    assert (str(event["SUMMARY"]), event["SEQUENCE"]) == ("Criteria & care (Care partnership)", 0)
    assert event.decoded("DTSTART") == datetime(2026, 11, 4, 16, 30, tzinfo=UTC)
    query = await telegram.press(anna, invitation, "Yes")
    await telegram.press(anna, invitation, "Yes")
    await telegram.press(bert, invitation, "Not yet")
    await telegram.press(bert, invitation, "No")
    refused = await telegram.press(otto, invitation, "Yes")
    await telegram.settle()
    assert telegram.answer(query).text == (
        "Saved: you come on Wednesday 4 November at 17:30. You can change it."
    )
    assert "Nothing was saved" in (telegram.answer(refused).text or "")
    assert await bln.database.read(_answers, 1) == ["no", "yes"]
    assert [message.kind for message in telegram.said(anna)].count("document") == 1
    assert "You said: yes, I come." in (await says(telegram, anna, "/meetings")).text
    card = await says(telegram, frida, "/meetings")
    assert "Yes: 1 · No: 1 · Not yet: 0 · No answer: 2" in card.text
    await telegram.travel(to=datetime(2026, 11, 3, 11, 1, tzinfo=UTC))
    assert "What will you bring?" in telegram.last(network.group).text
    await telegram.travel(to=datetime(2026, 11, 3, 16, 31, tzinfo=UTC))
    assert "You said that you come." in telegram.last(anna).text
    assert "Will you be there?" in telegram.last(frida).text
    assert not telegram.said(bert, containing="Soon we meet")
    assert not telegram.said(carla, containing="Soon we meet")
    assert len(telegram.said(network.group, containing="Soon we meet")) == 1
    await telegram.travel(to=datetime(2026, 11, 4, 16, 31, tzinfo=UTC))
    late = await telegram.press(anna, invitation, "No")
    await telegram.settle()
    assert "is over" in (telegram.answer(late).text or "")


async def test_a_meeting_moves_with_what_hangs_on_it(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram)
    await says(telegram, frida, "/meeting")
    await says(telegram, frida, "no idea")
    assert "I can't read no idea" in telegram.last(frida).text
    await says(telegram, frida, "12 november 17:30")
    asked = await says(telegram, frida, "Kick-off")
    planned = await press(telegram, frida, asked, "No place yet")
    assert "The place is not known yet." in planned.text
    await says(
        telegram, frida, "/prompt 3 days before meeting 10:00 | Which criteria matter to you most of all?"
    )
    await says(telegram, frida, "/prompt every tuesday 9:00 until meeting | Each?")
    invitation = telegram.said(network.group, containing="Kick-off")[0]
    await telegram.press(anna, invitation, "Yes")
    await telegram.settle()
    listed = await says(telegram, frida, "/meetings")
    card = await press(telegram, frida, listed, "1 · 12 Nov 17:30")
    await press(telegram, frida, card, "Move it")
    preview = await says(telegram, frida, "19 november 17:30")
    assert (
        "The meeting moves from Thursday 12 November at 17:30 to Thursday 19 November at 17:30."
        in preview.text
    )
    assert "Monday 9 November at 10:00 → Monday 16 November at 10:00" in preview.text
    assert (
        "summary before the meeting: Tuesday 10 November at 17:30 → Tuesday 17 November at 17:30"
        in preview.text
    )
    assert "One person had said yes and will be asked again." in preview.text
    assert preview.buttons == [["Move everything"], ["Only the meeting"], ["Leave it"]]
    stale = preview.button_rows[1][0]["callback_data"]
    done = await press(telegram, frida, preview, "Move everything")
    assert "Moved from Thursday 12 November" in done.text
    assert "see the newer message" in invitation.text
    assert invitation.buttons == []
    assert "does the new time suit you too?" in telegram.last(anna).text
    assert await bln.database.read(_answers, 1) == []
    query = await telegram.forge(frida, preview, stale)
    await telegram.settle()
    assert "too old" in (telegram.answer(query).text or "")
    await telegram.press(anna, telegram.last(anna), "Yes")
    await telegram.settle()
    [event] = Calendar.from_ical(telegram.file(telegram.last(anna))).walk("VEVENT")
    assert event["SEQUENCE"] == 1
    plan = await says(telegram, frida, "/prompts")
    assert "Monday 16 November at 10:00, 3 days before the meeting" in plan.text
    # Only the meeting: the questions keep their dates.
    card = await press(telegram, frida, await says(telegram, frida, "/meetings"), "1 · 19 Nov 17:30")
    await press(telegram, frida, card, "Move it")
    await press(telegram, frida, await says(telegram, frida, "26 november 17:30"), "Only the meeting")
    plan = await says(telegram, frida, "/prompts")
    assert "Monday 16 November at 10:00\n" in plan.text
    assert "to Thursday 19 November" in plan.text


async def test_a_meeting_is_undone_changed_and_cancelled(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram)
    await telegram.send(
        frida, "/meeting 12 november 17:30 | Typo | Here\n/prompt 1 day after meeting 10:00 | After?"
    )
    await telegram.wait_for(lambda: telegram.said(frida, containing="In two minutes"))
    planned = telegram.said(frida, containing="In two minutes")[0]
    undone = await press(telegram, frida, planned, "Undo")
    assert "The group was not told." in telegram.said(frida, containing="Typo")[0].text
    assert telegram.said(network.group) == []
    planned = await press(telegram, frida, telegram.said(frida, containing="Typo")[0], "Put it back")
    invitation = telegram.said(network.group)[0]
    await telegram.press(anna, invitation, "Yes")
    await telegram.settle()
    card = await press(telegram, frida, await says(telegram, frida, "/meetings"), "1 · 12 Nov 17:30")
    await press(telegram, frida, card, "Another title")
    await says(telegram, frida, "Criteria")
    assert "Criteria" in invitation.text
    assert telegram.said(anna, containing="Something about the meeting has changed")
    card = await press(telegram, frida, await says(telegram, frida, "/meetings"), "1 · 12 Nov 17:30")
    await telegram.travel(to=datetime(2026, 11, 3, 22, tzinfo=UTC))
    sure = await press(telegram, frida, card, "Cancel the meeting")
    assert "One person has said yes" in sure.text
    done = await press(telegram, frida, sure, "Yes, cancel it")
    assert "One question waits for another meeting now." in done.text
    group = telegram.said(network.group, containing="The meeting is cancelled.")
    assert len(group) == 1
    [event] = Calendar.from_ical(telegram.file(telegram.last(network.group))).walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"
    assert not telegram.said(anna, containing="The meeting is cancelled.")  # it is night
    await telegram.travel(to=datetime(2026, 11, 4, 7, 1, tzinfo=UTC))
    assert telegram.said(anna, containing="The meeting is cancelled.")
    query = await telegram.forge(anna, invitation, "v1:meetings.yes:1:202611121730")
    await telegram.settle()
    assert "is cancelled" in (telegram.answer(query).text or "")
    told = await says(telegram, frida, "/meeting 19 november 17:30 | Again | There")
    assert "Friday 20 November at 10:00" in telegram.said(frida, containing="Again")[0].text
    assert told is not None
    assert undone is not None
    await telegram.travel(by=timedelta(minutes=5))


async def test_who_leads_one_group_is_a_member_in_another(bln: Story, telegram: Sandbox) -> None:
    frida, mo = telegram.user("Frida"), telegram.user("Mo")
    ours = await bln.network(telegram.group("Ours", members=[frida]), title="Ours")
    other = await bln.network(telegram.group("Theirs", members=[frida, mo]), title="Theirs")
    await bln.member(ours, frida, facilitator=True)
    await bln.database.write(seed_member, other.id, frida, now=telegram.now())
    await bln.member(other, mo, facilitator=True)
    await telegram.send(frida, "/meetings", chat=other.group)
    await telegram.settle()
    assert "No meeting is planned at the moment" in telegram.last(frida).text
    await telegram.send(frida, "/setup", chat=other.group)
    await telegram.settle()
    assert "Only a coordinator" in telegram.last(other.group).text
    await telegram.send(mo, "/setup", chat=other.group)  # leads it: where it is sent, the bot writes
    await telegram.settle()
    assert "already belongs" in telegram.last(mo).text
