"""Answers, from a reply in the group to what is taken back: each story is one evening in a network."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from bot.actions import contributions as actions
from bot.sandbox import people as gestures
from bot.sandbox.driver import Message, Sandbox, User
from bot.sandbox.people import text_body
from storage import outbox
from storage.db import Connection
from storage.tables import chats as chats_table
from storage.tables import contribution_versions, contributions, hints, media, postings, reactions
from storage.tables import members as members_table
from tests.stories.story import Seeded, Story

QUESTION = "What helped you this week?"
LONG = "Ønskerådgivning 👩‍⚕️ " * 170


async def kept(bln: Story) -> list[dict[str, Any]]:
    """Every contribution, whatever its state, without what only a database needs."""

    def rows(db: Connection) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in db.execute(select(contributions).order_by(contributions.c.id))]

    return await bln.database.read(rows)


async def files(bln: Story) -> list[tuple[str, str, int]]:
    """Every file: its kind, its state, and how many bytes are here."""

    def rows(db: Connection) -> list[tuple[str, str, int]]:
        query = select(media.c.kind, media.c.state, func.length(media.c.bytes)).order_by(media.c.id)
        return [(kind, state, length or 0) for kind, state, length in db.execute(query)]

    return await bln.database.read(rows)


async def felt(bln: Story) -> list[list[str]]:
    """Every reaction that is kept."""
    return await bln.database.read(
        lambda db: list(db.execute(select(reactions.c.emojis).order_by(reactions.c.id)).scalars())
    )


async def network_of(bln: Story, telegram: Sandbox, *users: User, **group: Any) -> Seeded:
    """A network in which everybody has joined, and where a question stands."""
    chat = telegram.group("Care partnership", members=[*users], **group)
    network = await bln.network(chat)
    for user in users:
        await bln.member(network, user)
    return network


async def later(telegram: Sandbox, *, days: int) -> None:
    """Let days pass in which nothing of interest happens."""
    telegram.move(by=timedelta(days=days))
    await telegram.settle()


def marks(message: Message) -> list[list[str]]:
    """The reactions to a message."""
    return list(message.reactions.values())


async def test_what_counts_as_an_answer_in_the_group(bln: Story, telegram: Sandbox) -> None:
    anna, omar = telegram.user("Anna <b>&"), telegram.user("عمر 🌿")
    eve, robot = telegram.user("Eve"), telegram.user("Robot", is_bot=True)
    owner = telegram.user("Olle")
    group = telegram.group("Care partnership", members=[anna, omar, eve, robot], admins=[owner])
    network = await bln.network(group)
    for user in (anna, omar):
        await bln.member(network, user)
    question = await bln.posted(network, QUESTION)

    first = await telegram.reply(anna, to=question, text="My <i>neighbour</i> & 'her' \"dog\"")
    second = await telegram.reply(anna, to=first, text=LONG.strip())
    talk = await telegram.reply(omar, to=first, text="Call me tonight, dear")
    await telegram.settle()
    assert [row["text"] for row in await kept(bln)] == [first.text, LONG.strip(), "Call me tonight, dear"]
    assert [row["conversation"] for row in await kept(bln)] == [False, False, True]
    assert all(marks(message) == [["✍"]] for message in (first, second, talk))
    assert len(telegram.said(anna, containing="Your answer in the group is saved")) == 1
    asked = telegram.last(omar)
    assert "May this one be quoted" in asked.text
    await telegram.press(omar, asked, "Yes, quote it")
    await telegram.settle()
    assert (await kept(bln))[2]["may_quote"] == "yes"

    # Nothing of this is an answer; nothing of it is lost, as it stands where it was said.
    before = len(await kept(bln))
    elsewhere = await telegram.send(anna, "Who brings the cake?", chat=group)
    await telegram.reply(omar, to=elsewhere, text="I do")
    await telegram.sticker(anna, to=question)
    await telegram.contact(anna, chat=group)
    await telegram.location(anna, chat=group)
    await telegram.dice(anna, chat=group)
    await telegram.send_anonymously(owner, "Please answer", group, to=question)
    await telegram.send_as_channel("Care news", "Read this", group, to=question)
    await telegram.post_from_channel("Care news", "And this", group)
    await telegram.reply(robot, to=question, text="I am a bot too")
    gestures.write(
        telegram.state,
        anna,
        {**text_body("cat.gif"), "via_bot": {"id": 5, "is_bot": True, "first_name": "gif"}},
        chat=group,
        reply_to=question.entry,
    )
    origin = {
        "type": "user",
        "date": telegram.state.seconds(),
        "sender_user": {"id": eve.id, "is_bot": False, "first_name": "Eve"},
    }
    gestures.write(
        telegram.state,
        anna,
        {**text_body("Eve's words"), "forward_origin": origin},
        chat=group,
        reply_to=question.entry,
    )
    await telegram.settle()
    assert len(await kept(bln)) == before

    # Who has not joined: nothing is kept, and a hint comes once a week, if people can join.
    await bln.ready(network)
    for words in ("I also know something", "And another thing"):
        await telegram.reply(eve, to=question, text=words)
        await telegram.settle()
    assert len(await kept(bln)) == before
    assert len(telegram.said(group, containing="only keep answers from people who have joined")) == 1
    await later(telegram, days=8)
    await telegram.reply(eve, to=question, text="Still here")
    late = await telegram.reply(anna, to=question, text="Sorry, this week was hard")
    await telegram.settle()
    assert len(telegram.said(group, containing="from people who have joined")) == 2
    assert [(row["text"], row["late"]) for row in (await kept(bln))[before:]] == [(late.text, True)]
    assert "marked as late" in telegram.last(anna).text
    assert (
        await bln.database.read(lambda db: db.execute(select(func.count()).select_from(hints)).scalar_one())
        == 1
    )


async def test_edits_doubles_and_deleted_answers(bln: Story, telegram: Sandbox) -> None:
    anna, omar = telegram.user("Anna"), telegram.user("Omar")
    network = await network_of(bln, telegram, anna, omar)
    question = await bln.posted(network, QUESTION)
    answer = await telegram.reply(anna, to=question, text="He helped")
    await telegram.settle()
    telegram.fault("getUpdates", "duplicate")  # what was acknowledged comes once more
    telegram.play(20)  # the bot makes a pause then
    await telegram.edit(anna, answer, "My neighbour helped")
    await telegram.wait_for(lambda: not telegram.state.queue.pending)
    telegram.play(0)
    other = await telegram.reply(omar, to=question, text="A walk")
    await telegram.settle()
    rows = await kept(bln)
    assert [row["text"] for row in rows] == ["My neighbour helped", "A walk"]
    old = await bln.database.read(lambda db: list(db.execute(select(contribution_versions.c.text)).scalars()))
    assert old == ["He helped"]

    # One deletes, the other doesn't; only setting the mark again tells.
    await telegram.delete(other)
    since = telegram.now()
    ids = [row["id"] for row in rows]

    def check(db: Connection) -> list[int]:
        outbox.write(db, actions.check_marks(db, ids, bln.living.desk, now=since), now=since)
        return actions.unchecked(db, ids, since=since)

    assert await bln.database.write(check) == ids
    telegram.move(by=timedelta(milliseconds=1))
    await telegram.settle()
    rows = await kept(bln)
    assert [(row["state"], row["text"]) for row in rows] == [("kept", "My neighbour helped"), ("deleted", "")]
    assert await bln.database.read(lambda db: actions.unchecked(db, ids, since=since)) == []

    # Taken back: with what it means, and without a trace.
    line = telegram.last(anna)
    await telegram.press(anna, line, "Take it back")
    await telegram.settle()
    assert "I can't bring it back" in line.text
    await telegram.press(anna, line, "Leave it")
    await telegram.settle()
    assert "is saved" in line.text
    await telegram.press(anna, line, "Take it back")
    await telegram.settle()
    await telegram.press(
        omar, telegram.last(omar), "Take it back"
    )  # deleted meanwhile: too late for this button
    await telegram.press(anna, line, "Take it back")
    await telegram.settle()
    assert "Taken back on Monday 2 November" in line.text
    assert "you delete yourself" in line.text
    assert marks(answer) == []
    await telegram.edit(anna, answer, "Never mind")
    await telegram.settle()
    assert [(row["state"], row["text"]) for row in await kept(bln)] == [("taken_back", ""), ("deleted", "")]
    assert await bln.contributions() == []


async def test_answering_in_private(bln: Story, telegram: Sandbox) -> None:
    anna, frida, eve = telegram.user("Anna"), telegram.user("Frida"), telegram.user("Eve")
    network = await network_of(bln, telegram, anna, frida)

    def lead(db: Connection) -> None:
        db.execute(members_table.update().where(members_table.c.id == 2).values(facilitator=True))

    await bln.database.write(lead)
    await telegram.send(anna, "Is anybody there?")
    await telegram.settle()
    assert "no question to answer now" in telegram.last(anna).text

    # By the posting's button.
    question = await bln.posted(network, QUESTION)
    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    opened = telegram.last(anna)
    assert opened.text.startswith(f"Your answer to: {QUESTION}")
    assert "Frida reads your answer as a participant" in opened.text
    await telegram.send(anna, "My sister came")
    await telegram.album(anna, 3, "Her garden")
    await telegram.sticker(anna)
    await telegram.settle()
    assert [row["place"] for row in await kept(bln)] == ["private", "private"]
    assert [(await kept(bln))[1][name] for name in ("kind", "text")] == ["photo", "Her garden"]
    assert "If it is quoted, it says a participant" in telegram.said(anna, containing="Saved")[0].text
    assert len(telegram.said(anna, containing="I have your pictures")) == 1
    assert "I can't keep stickers" in telegram.last(anna).text
    saved = telegram.said(anna, containing="Saved")[0]
    await telegram.press(anna, saved, "Change that")
    await telegram.settle()
    assert saved.buttons == [['As "a participant"'], ["No, don't quote it"], ["Leave it"]]
    await telegram.press(anna, saved, 'As "a participant"')
    await telegram.settle()
    assert (await kept(bln))[0]["attribution"] == "role"
    await telegram.press(anna, saved, "Undo")
    await telegram.settle()
    assert (await kept(bln))[0]["attribution"] is None

    # Nothing is open any more: what is written waits, and is never guessed.
    await telegram.press(anna, opened, "Not now")
    await telegram.settle()
    await telegram.send(anna, "And the bus driver waited")
    await telegram.settle()
    asked = telegram.last(anna)
    assert "Is this your answer" in asked.text
    assert asked.buttons == [["Yes", "No"]]
    await telegram.press(anna, asked, "No")
    await telegram.settle()
    assert "kept nothing" in asked.text
    waiting = await telegram.send(anna, "The bus driver wated")
    await telegram.settle()
    await telegram.edit(anna, waiting, "The bus driver waited")
    asked = telegram.last(anna)
    await telegram.press(anna, asked, "Yes")
    await telegram.settle()
    assert (await bln.contributions())[-1] == ("Anna", "The bus driver waited")
    await telegram.press(anna, asked, "Yes") if asked.buttons else None
    await telegram.forge(anna, asked, "v1:answering.for:1:")
    await telegram.settle()
    assert "I no longer have what you wrote" in asked.text

    # Two are open; and a stranger gets no way in by the link.
    await bln.posted(network, "Which criteria matter most when we choose somebody to work with?")
    await later(telegram, days=2)
    await telegram.send(anna, "That they listen")
    await telegram.voice(anna, duration=80)
    await telegram.settle()
    asked = telegram.last(anna)
    assert "Which question do these answer?" in asked.text
    assert len(asked.buttons) == 3
    await telegram.press(anna, asked, "Which criteria")
    await telegram.settle()
    assert (await kept(bln))[-2]["text"] == "That they listen"
    assert "I have your voice message (1 minute 20)" in telegram.last(anna).text
    url = question.button_rows[0][0]["url"]
    await telegram.follow(eve, url)
    await telegram.settle()
    await telegram.send(eve, "My words")
    await telegram.settle()
    assert len(await kept(bln)) == 5

    # Closed: it can be answered still, and says so.
    await later(telegram, days=20)
    await telegram.follow(anna, url)
    await telegram.settle()
    assert "This question closed on" in telegram.last(anna).text
    await telegram.send(anna, "Better late")
    await telegram.settle()
    assert (await kept(bln))[-1]["late"] is True
    assert "marked as late" in telegram.last(anna).text
    told = await telegram.send(anna, "It was the neighbour", chat=network.group)
    await telegram.forward(anna, told)  # one's own words, said where they were no answer
    await telegram.forward(anna, question)
    await telegram.settle()
    assert (await kept(bln))[-1]["text"] == "It was the neighbour"
    assert "wasn't written by you" in telegram.last(anna).text
    await telegram.forge(frida, telegram.last(frida), "v1:contributions.gone:1:")
    await telegram.settle()
    assert "taken_back" not in [row["state"] for row in await kept(bln)]
    await later(telegram, days=2)
    await telegram.send(anna, "And one more thing")
    await telegram.settle()
    assert "No question is open now" in telegram.last(anna).text


async def test_voice_pictures_and_files(bln: Story, telegram: Sandbox) -> None:
    anna, omar, silent = telegram.user("Anna"), telegram.user("Omar"), telegram.user("Silent")
    network = await network_of(bln, telegram, anna, omar)
    await bln.member(network, silent)
    question = await bln.posted(network, QUESTION)

    await telegram.voice(anna, to=question, duration=7)
    await telegram.settle()
    asked = telegram.last(anna)
    assert "I have your voice message (7 seconds)" in asked.text
    assert await files(bln) == [("voice", "held", 0)]
    await telegram.press(anna, asked, "Yes, this one")
    await telegram.settle()
    assert await files(bln) == [("voice", "kept", len(b"sandbox voice"))]
    assert "Your answer in the group is saved" in asked.text

    # Refused: nothing is left of it, and it counts nowhere.
    await telegram.voice(anna, to=question)
    await telegram.settle()
    await telegram.press(anna, telegram.last(anna), "No, delete it")
    await telegram.settle()
    assert [row["state"] for row in await kept(bln)] == ["kept", "taken_back"]
    await telegram.document(anna, "The rota", to=question)
    await telegram.settle()
    await telegram.press(anna, telegram.last(anna), "No, delete it")
    await telegram.settle()
    assert "What you wrote with it is kept" in telegram.last(anna).text
    assert (await bln.contributions())[-1] == ("Anna", "The rota")
    assert len(await files(bln)) == 1

    # Always, and then pictures: shown to nobody until their sender has said who is on them.
    await telegram.album(omar, 2, "The garden", to=question)
    await telegram.settle()
    asked = telegram.last(omar)
    await telegram.press(omar, asked, "Yes, always")
    await telegram.settle()
    assert "Can somebody be recognised in them" in asked.text
    await telegram.press(omar, asked, "Nobody")
    await telegram.settle()
    assert (await kept(bln))[-1]["picture"] == "nobody"
    assert [state for _, state, _ in await files(bln)] == ["kept"] * 3
    await telegram.photo(omar, to=question)
    await telegram.settle()
    assert "Your picture in the group is saved" in telegram.last(omar).text
    await telegram.video(omar, to=question, size=30_000_000)
    await telegram.settle()
    assert "larger than 20 MB" in telegram.last(omar).text
    assert (await files(bln))[-1][1] == "too_big"

    # Held for a week at most, where nobody could be asked or nobody answered.
    telegram.state.private(silent).blocked = True
    await telegram.voice(anna, to=question)
    await telegram.settle()
    assert (await files(bln))[-1][1] == "held"
    await later(telegram, days=8)
    assert (await files(bln))[-1][1] == "gone"


async def test_topics_and_quotes_from_elsewhere(bln: Story, telegram: Sandbox) -> None:
    anna, omar = telegram.user("Anna"), telegram.user("Omar")
    network = await network_of(bln, telegram, anna, omar, forum=True)
    setup, own = (
        await telegram.topic(network.group, "Talk"),
        await telegram.topic(network.group, "Question 2"),
    )

    def in_topic(topic: int | None) -> Any:
        return lambda db: db.execute(chats_table.update().values(topic_id=topic))

    await bln.database.write(in_topic(setup.id))
    question = await bln.posted(network, QUESTION)
    assert question.thread == setup.id
    await telegram.send(anna, "Good morning everybody", chat=network.group, thread=setup)
    answer = await telegram.reply(anna, to=question, text="In the same topic")
    quoting = await telegram.reply(
        omar, to=question, chat=network.group, thread=own, text="From another topic"
    )
    await telegram.settle()
    assert [row["text"] for row in await kept(bln)] == [answer.text, quoting.text]
    assert marks(quoting) == [["✍"]]

    # A posting with a topic to itself: what is written there answers it.
    def alone(db: Connection) -> None:
        db.execute(postings.update().values(topic_id=own.id))

    await bln.database.write(alone)
    plain = await telegram.send(anna, "No need to reply here", chat=network.group, thread=own)
    await telegram.settle()
    await telegram.reply(omar, to=plain, text="How true")
    await telegram.settle()
    assert [(row["text"], row["conversation"]) for row in (await kept(bln))[2:]] == [
        ("No need to reply here", False),
        ("How true", True),
    ]


async def test_reactions_and_a_migration_in_mid_conversation(bln: Story, telegram: Sandbox) -> None:
    anna, omar, eve = telegram.user("Anna"), telegram.user("Omar"), telegram.user("Eve")
    network = await network_of(bln, telegram, anna, omar, eve, kind="group")
    await bln.database.write(
        lambda db: db.execute(members_table.update().where(members_table.c.id == 3).values(state="left"))
    )
    question = await bln.posted(network, QUESTION)
    answer = await telegram.reply(anna, to=question, text="My neighbour")
    chatter = await telegram.send(anna, "Good night", chat=network.group)
    await telegram.settle()
    await telegram.react(omar, question, "👍")
    await telegram.react(omar, answer, "❤")
    await telegram.react(omar, chatter, "🔥")
    await telegram.react(eve, question, "👎")
    await telegram.react(anna, question, "👏", anonymous=True)
    await telegram.settle()
    assert await felt(bln) == [["👍"], ["❤"]]
    await telegram.react(omar, answer, "🔥")
    await telegram.unreact(omar, question)
    gestures.count_reactions(telegram.state, question.entry, {"👍": 3})
    await telegram.settle()
    assert await felt(bln) == [[], ["🔥"]]

    group = await telegram.migrate(network.group)
    await telegram.settle()
    replied = await telegram.reply(omar, to=question, chat=group, text="Across the move")
    below = await telegram.reply(anna, to=replied, text="In the new group")
    await telegram.settle()
    assert [row["text"] for row in await kept(bln)] == ["My neighbour", "Across the move", "In the new group"]
    assert marks(replied) == marks(below) == [["✍"]]


async def test_what_this_version_cannot_read_is_said(bln: Story, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    network = await network_of(bln, telegram, anna)
    question = await bln.posted(network, QUESTION)
    rich = {
        "rich_message": {
            "blocks": [{"type": "paragraph", "text": ["My ", {"type": "bold", "text": "sister"}]}]
        }
    }
    gestures.write(telegram.state, anna, rich, chat=network.group, reply_to=question.entry)
    await telegram.settle()
    assert await bln.contributions() == [("Anna", "My sister")]
    gestures.write(telegram.state, anna, {"hologram": {}}, chat=network.group, reply_to=question.entry)
    await telegram.settle()
    assert "can't read this kind of message" in telegram.last(anna).text
    gestures.write(telegram.state, anna, {"rich_message": {"blocks": [{"type": "photo"}]}})
    await telegram.settle()
    assert len(telegram.said(anna, containing="can't read this kind")) == 2
    own = await telegram.forward(anna, await telegram.send(anna, "/help"), chat=network.group)
    assert own is not None
    await telegram.settle()
    assert len(await bln.contributions()) == 1
