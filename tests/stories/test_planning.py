"""Planning: what a facilitator types, what is understood of it, and what then stands in the group."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.driver import Sandbox
from storage import chats, meetings, networks, people, prompts
from storage.db import Connection
from tests.stories.story import Seeded, Story, seed_member

# The story begins on Monday 2 November 2026, 10:00 in Amsterdam.
FORMS = [
    ("en", "2026-12-01 10:00", "Tuesday 1 December at 10:00"),
    ("en", "tomorrow 10:00", "Tuesday 3 November at 10:00"),
    ("en", "friday 10:00", "Friday 6 November at 10:00"),
    (
        "en",
        "every monday 10:00 until meeting",
        "every Monday, 10:00, from Monday 9 November until the meeting",
    ),
    ("en", "3 days before meeting 10:00", "Monday 16 November at 10:00, 3 days before the meeting"),
    ("en", "1 day after meeting 10:00", "Friday 20 November at 10:00, 1 day after the meeting"),
    ("nl", "morgen 10.00 uur", "dinsdag 3 november om 10.00 uur"),
    (
        "nl",
        "elke maandag 10:00 tot 30 november",
        "elke maandag, 10.00 uur, vanaf maandag 9 november tot en met",
    ),
    (
        "nl",
        "3 dagen voor de bijeenkomst 10:00",
        "maandag 16 november om 10.00 uur, 3 dagen voor de bijeenkomst",
    ),
    ("sv", "i morgon kl. 10", "tisdag 3 november kl. 10.00"),
    (
        "sv",
        "varje måndag 10:00 till mötet",
        "varje måndag, kl. 10.00, från måndag 9 november fram till träffen",
    ),
    ("sv", "1 dag efter mötet 10:00", "fredag 20 november kl. 10.00, 1 dag efter träffen"),
]


async def led(bln: Story, telegram: Sandbox, **values: Any) -> tuple[Any, Any, Seeded]:
    """Frida leads a network in which Anna takes part."""
    frida, anna = telegram.user("Frida"), telegram.user("Anna")
    group = telegram.group("Care partnership", members=[frida, anna])
    network = await bln.network(group, **values)
    await bln.member(network, frida, facilitator=True)
    await bln.member(network, anna)
    return frida, anna, network


async def says(telegram: Sandbox, who: Any, text: str) -> Any:
    """Send something in private, and return what the bot says to it last."""
    await telegram.send(who, text)
    await telegram.settle()
    return telegram.last(who)


async def press(telegram: Sandbox, who: Any, message: Any, what: str) -> Any:
    """Press a button in private, and return what the bot said last."""
    await telegram.press(who, message, what)
    await telegram.settle()
    return telegram.last(who)


def _meeting(db: Connection, network_id: int, starts_at: datetime, *, now: datetime) -> int:
    values = {"title": "Criteria", "starts_at": starts_at, "created_at": now}
    return meetings.create(db, network_id=network_id, **values).id


def _speak(db: Connection, network_id: int, person_id: int, language: str) -> None:
    networks.change(db, network_id, language=language, weekly_cap=9)
    people.change(db, person_id, language=language)


def _planned(db: Connection, network_id: int) -> list[str]:
    return [prompt.text for prompt in prompts.planned(db, network_id)]


async def test_every_when_is_understood_in_three_languages(bln: Story, telegram: Sandbox) -> None:
    frida, _, network = await led(bln, telegram)
    thursday = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
    await bln.database.write(_meeting, network.id, thursday, now=telegram.now())
    for number, (language, when, understood) in enumerate(FORMS):
        await bln.database.write(_speak, network.id, 1, language)
        told = await says(telegram, frida, f"/prompt {when} | Question {number}?")
        assert understood in told.text
        assert f"Question {number}?" in told.text
        assert "Amsterdam" in told.text
    planned = await bln.database.read(_planned, network.id)
    assert len(planned) == len(FORMS)
    assert (await says(telegram, frida, "/prompt nu | Just now?")).text.startswith("Utlagd")
    assert "Just now?" in telegram.last(network.group).text


async def test_a_guided_question_is_planned_changed_undone_and_put_back(
    bln: Story, telegram: Sandbox
) -> None:
    frida, anna, network = await led(bln, telegram)
    assert "What would you like to ask?" in (await says(telegram, frida, "/prompt")).text
    asked = await says(telegram, frida, "What <b>helped</b> & whom? 🙂")
    assert asked.buttons[0] == ["Tomorrow 10:00"]
    told = await press(telegram, frida, asked, "Friday 10:00")
    assert told.id == asked.id  # edited, not stacked
    assert "Friday 6 November at 10:00 (Amsterdam), to the core group" in told.text
    assert "What <b>helped</b> & whom? 🙂" in told.text
    changing = await press(telegram, frida, told, "Change")
    await press(telegram, frida, changing, "The words")
    told = await says(telegram, frida, "What helped you?")
    assert "What helped you?" in told.text
    changing = await press(telegram, frida, told, "Change")
    await press(telegram, frida, changing, "The time")
    told = await says(telegram, frida, "tomorrow 2:30")
    assert "in the middle of the night" in told.text
    undone = await press(telegram, frida, told, "Undo")
    assert await bln.database.read(_planned, network.id) == []
    told = await press(telegram, frida, undone, "Put it back")
    assert "Tuesday 3 November at 02:30" in told.text
    # Anna is no facilitator: neither forged nor found buttons do anything for her.
    query = await telegram.forge(anna, telegram.last(anna), told.button_rows[0][0]["callback_data"])
    await telegram.settle()
    assert "too old" in (telegram.answer(query).text or "")
    for data in (
        "v1:prompts.undo:zzzz:1",
        "v1:prompts.plan:zzz:",
        "v1:meetings.moveall:1:x",
        "v1:which.take:9:",
    ):
        query = await telegram.forge(frida, told, data)
        await telegram.settle()
        assert telegram.answer(query).text
    assert await bln.database.read(_planned, network.id) == ["What helped you?"]
    await telegram.travel(to=datetime(2026, 11, 3, 2, tzinfo=UTC))
    posted = telegram.last(network.group)
    assert "What helped you?" in posted.text
    assert posted.body.get("disable_notification", True)


async def test_what_is_not_understood_is_kept_and_asked_for(bln: Story, telegram: Sandbox) -> None:
    frida, anna, _ = await led(bln, telegram)
    asked = await says(telegram, frida, "/prompt fryday | What made this week easier?")
    assert "I can't read fryday as a time. Your question is kept. When?" in asked.text
    assert [label for row in asked.buttons for label in row] == [
        "Tomorrow 10:00",
        "Friday 10:00",
        "3 days before meeting",
        "Another time",
        "Never mind",
    ]
    assert "is over already" in (await says(telegram, frida, "yesterday 10:00")).text
    assert "At what time?" in (await says(telegram, frida, "friday")).text
    assert "no such day or time" in (await says(telegram, frida, "2026-11-31 10:00")).text
    await telegram.sticker(frida)
    asked = await says(telegram, frida, "every monday 10:00")
    assert "Every Monday, 10:00: until when?" in asked.text
    assert "I can't read" in (await says(telegram, frida, "until the cows come home")).text
    told = await says(telegram, frida, "30 november")
    assert "every Monday, 10:00, from Monday 9 November to Monday 30 November" in told.text
    plan = await press(telegram, frida, told, "The whole plan")
    card = await press(telegram, frida, plan, "1 · 9 Nov 10:00")
    skipped = await press(telegram, frida, card, "Skip the next one")
    assert "Left out on Monday 9 November at 10:00" in skipped.text
    back = await press(telegram, frida, skipped, "Undo")
    assert "from Monday 9 November" in back.text
    # Two on the plan in one week; the third is a question of what members were told.
    await says(telegram, frida, "/prompt 2026-11-11 10:00 | Second?")
    full = await says(telegram, frida, "/prompt 2026-11-12 10:00 | Third?")
    assert "There are 2 questions in the week of Monday 9 November already" in full.text
    told = await press(telegram, frida, full, "One week later")
    assert "Thursday 19 November at 10:00" in told.text
    assert "What would you like to ask?" in (await says(telegram, frida, "/prompt 2026-11-27 10:00")).text
    assert "3,001 characters" in (await says(telegram, frida, "x" * 3001)).text
    assert "Short" in (await says(telegram, frida, "Short")).text
    assert "Only a facilitator" in (await says(telegram, anna, "/prompt friday 10:00 | Mine?")).text
    stranger = telegram.user("Otto")
    assert "Only a facilitator" in (await says(telegram, stranger, "/prompts")).text
    elsewhere = telegram.group("Elsewhere", members=[frida])
    await telegram.send(frida, "/prompt now | Here?", chat=elsewhere)
    await telegram.settle()
    assert "I don't work in this group yet" in telegram.last(elsewhere).text


async def test_six_weeks_in_one_message_and_pictures_that_travel_along(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram, weekly_cap=4)
    text = "/meeting 19 november 17:30 | Criteria | https://meet.example/1\n"
    text += "".join(f"/prompt 2026-11-{day} 10:00\nQuestion {day}?\n" for day in ("09", "10", "23"))
    text += "/prompt 3 days before meeting 10:00 | Before?\n/prompt someday | Unread?"
    await says(telegram, frida, text)
    preview = telegram.said(frida, containing="4 questions")[0]
    assert "Monday 16 November at 10:00, 3 days before the meeting" in preview.text
    asked = telegram.last(frida)
    assert "I can't read someday" in asked.text
    await press(telegram, frida, preview, "Undo")
    assert await bln.database.read(_planned, network.id) == []
    told = await press(telegram, frida, asked, "Tomorrow 10:00")
    assert "Unread?" in told.text
    await telegram.photo(frida, "/prompt now | What do you see here?")
    await telegram.album(frida, 3, "/prompt tomorrow 12:00 | And in these?")
    await telegram.settle()
    picture = telegram.last(network.group)
    assert picture.kind == "photo"
    assert "What do you see here?" in picture.text
    assert picture.buttons == [["Answer privately"]]
    await telegram.reply(anna, to=picture, text="A table")
    await telegram.travel(to=datetime(2026, 11, 3, 11, 1, tzinfo=UTC))
    assert [m.kind for m in telegram.said(network.group)][-3:] == ["photo", "photo", "photo"]
    assert "And in these?" in telegram.last(network.group).text
    await telegram.reply(anna, to=telegram.said(network.group)[-3], text="A chair")
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "A table"), ("Anna", "A chair")]


async def test_at_night_now_is_asked_about_and_undo_takes_it_back(bln: Story, telegram: Sandbox) -> None:
    frida, anna, network = await led(bln, telegram, weekly_cap=4)
    await telegram.travel(to=datetime(2026, 11, 2, 22, 10, tzinfo=UTC))
    asked = await says(telegram, frida, "/prompt now | Awake?")
    assert "It's 23:10, and members were promised quiet from 21:00 to 08:00." in asked.text
    told = await press(telegram, frida, asked, "Now, without sound")
    assert told.text.startswith("Posted")
    question = telegram.last(network.group)
    assert "Awake?" in question.text
    await press(telegram, frida, told, "Undo")
    assert question.deleted
    again = await says(telegram, frida, "/prompt now | Still?")
    told = await press(telegram, frida, again, "Now, without sound")
    await telegram.reply(anna, to=telegram.last(network.group), text="Yes")
    await telegram.settle()
    assert "stays" in (await press(telegram, frida, told, "Undo")).text
    assert not telegram.last(network.group).deleted
    told = await says(telegram, frida, "/prompt tomorrow 10:00 | Early?")
    card = await press(
        telegram, frida, await press(telegram, frida, told, "The whole plan"), "1 · 3 Nov 10:00"
    )
    asked = await press(telegram, frida, card, "Post it now")
    assert "promised quiet" in asked.text
    await press(telegram, frida, asked, "Now, without sound")
    assert "Early?" in telegram.last(network.group).text


async def test_after_an_outage_one_message_says_what_it_cost(bln: Story, telegram: Sandbox) -> None:
    frida, _, network = await led(bln, telegram)
    await says(telegram, frida, "/prompt every tuesday 10:00 until 30 november | Each week?")
    await says(telegram, frida, "/prompt 2026-11-16 10:00 | Once?")
    await says(telegram, frida, "/prompt 2026-11-24 08:00 | Late?")
    # Nobody hears the clock for three weeks: it is moved without stopping where something was due.
    telegram.move(to=datetime(2026, 11, 24, 10, tzinfo=UTC))
    await telegram.settle()
    [report] = telegram.said(frida, containing="Once?")[1:]
    assert report.text.startswith(
        "I was away from Monday 2 November at 10:00 to Tuesday 24 November at 11:00."
    )
    assert "Tuesday 17 November at 10:00 was not posted" in report.text
    assert "Monday 16 November at 10:00 was not posted" in report.text
    assert "Tuesday 24 November at 08:00 was posted on Tuesday 24 November at 11:00" in report.text
    assert len(telegram.said(network.group)) == 2
    await press(telegram, frida, report, "Post 16 Nov 10:00")
    assert "Once?" in telegram.last(network.group).text


async def test_who_leads_several_networks_is_asked_which(bln: Story, telegram: Sandbox) -> None:
    frida, _, network = await led(bln, telegram)
    other = await bln.network(telegram.group("Other", members=[frida]), title="Other <one>")
    await bln.database.write(seed_member, other.id, frida, now=telegram.now(), facilitator=True)
    asked = await says(telegram, frida, "/prompt friday 10:00 | Which?")
    assert asked.buttons == [["Care partnership"], ["Other <one>"]]
    told = await press(telegram, frida, asked, "Other <one>")
    assert "Other <one>" in told.text
    assert await bln.database.read(_planned, other.id) == ["Which?"]
    query = await telegram.press(frida, asked, "Care partnership") if asked.buttons else None
    assert query is None  # the choice was made: there is nothing left to press
    await telegram.send(frida, f"/prompt@{telegram.username} friday 11:00 | There?", chat=network.group)
    await telegram.settle()
    assert await bln.database.read(_planned, network.id) == ["There?"]
    assert "There?" in telegram.last(frida).text
    assert telegram.said(network.group) == []


def _forum(db: Connection, network_id: int, telegram_id: int, *, now: datetime) -> None:
    networks.change(db, network_id, topic_each=True)
    chats.keep(db, network_id, telegram_id, circle="sounding", kind="supergroup", title="Board", now=now)


async def test_audiences_topics_and_groups_that_are_gone(bln: Story, telegram: Sandbox) -> None:
    frida, anna = telegram.user("Frida"), telegram.user("Anna")
    core = telegram.group("Care partnership", members=[frida, anna], forum=True)
    board = telegram.group("Board", members=[anna])
    network = await bln.network(core)
    await bln.member(network, frida, facilitator=True)
    await bln.member(network, anna)
    await bln.database.write(_forum, network.id, board.id, now=telegram.now())
    told = await says(telegram, frida, "/prompt tomorrow 10:00 | For whom?")
    choice = await press(telegram, frida, await press(telegram, frida, told, "Change"), "For whom")
    told = await press(telegram, frida, choice, "Both")
    assert "to the core group and the sounding board" in told.text
    await telegram.travel(by=timedelta(days=1))
    question = telegram.last(core)
    assert question.thread is not None
    assert "For whom?" in telegram.last(board).text  # no forum: the usual place, without a word about it
    await telegram.send(anna, "In the topic", chat=core, thread=question.thread)
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "In the topic")]
    # A group that is lost: the question is kept, and can be posted once the bot is back.
    await says(telegram, frida, "/prompt 2026-11-03 12:00 | Lost?")
    await telegram.remove_bot(core)
    await telegram.travel(by=timedelta(hours=3))
    [told] = [
        message for message in telegram.said(frida, containing="could not be posted") if message.buttons
    ]
    assert "“Lost?” It is kept." in told.text
    assert "I'm no longer in the group Care partnership." in told.text
    assert told.buttons == [["Post 3 Nov 12:00"]]
    assert (
        "I'm not in the group at the moment" in (await press(telegram, frida, told, "Post 3 Nov 12:00")).text
    )


async def test_a_topic_that_is_refused_costs_only_the_topic(bln: Story, telegram: Sandbox) -> None:
    frida = telegram.user("Frida")
    network = await bln.network(telegram.group("Forum", members=[frida], forum=True), topic_each=True)
    await bln.member(network, frida, facilitator=True)
    await telegram.promote_bot(network.group, {"can_manage_topics": False})
    await says(telegram, frida, "/prompt now | Where?")
    question = telegram.last(network.group)
    assert "Where?" in question.text
    assert question.thread is None
    assert "I could not open a topic of its own in Care partnership" in telegram.last(frida).text
