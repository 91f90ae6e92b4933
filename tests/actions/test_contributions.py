"""Taking, holding and giving up what members give; each on both databases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import answering, media, reactions, taking
from bot.actions import contributions as actions
from bot.actions.answer import Answer
from bot.actions.taking import Spoken
from bot.core import consents, mail
from bot.core.contributions import File, Given, Reply
from bot.core.mail import Letter, To
from bot.core.outcomes import Refused, Sent
from storage import answering as waiting
from storage import chats, contributions, links, members, networks, outbox, people, postings, prompts
from storage import reactions as reaction_rows
from storage.contributions import Contribution
from storage.db import Connection, Database
from storage.people import Person
from storage.postings import Posting
from storage.tables import media as media_table
from tests.answerable import PRIVACY, get_ready
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
GROUP, OLD, ANNA, OMAR, STRANGER = -1001, -5, 11, 12, 99
DESK = desk()


@dataclass(frozen=True)
class User:
    id: int
    first_name: str


@dataclass(frozen=True)
class Scene:
    """A network with two members and a question in its group."""

    network: int
    anna: int
    omar: int
    person: Person
    chat: int
    posting: Posting


def scene(db: Connection, *, message_id: int | None = 50) -> Scene:
    network = seed_network(db, GROUP, "Care partnership", now=NOW)
    anna, omar = (
        seed_member(db, network, User(*who), now=NOW, alone_asked_at=None)
        for who in ((ANNA, "Anna"), (OMAR, "Omar"))
    )
    chat = chats.by_telegram_id(db, GROUP)
    person = people.by_telegram_id(db, ANNA)
    assert chat is not None
    assert person is not None
    return Scene(network, anna, omar, person, chat.id, post(db, network, chat.id, message_id=message_id))


def post(
    db: Connection, network: int, chat: int, *, message_id: int | None, text: str = "What helped you?"
) -> Posting:
    prompt = prompts.create(
        db,
        network_id=network,
        kind="open",
        text=text,
        circle="core",
        when={"kind": "now"},
        state="done",
        created_at=NOW,
    )
    occurrence = prompts.occur(db, prompt.id, "2026-11-02T10:00", "posted", due_at=NOW, now=NOW)
    posting = postings.create(
        db,
        occurrence_id=occurrence,
        prompt_id=prompt.id,
        network_id=network,
        chat_id=chat,
        token=links.token(),
        posted_at=NOW,
        closes_at=NOW + timedelta(days=6),
    )
    assert posting is not None
    if message_id is not None:
        postings.stands(db, posting.id, chat, message_id)
    again = postings.get(db, posting.id)
    assert again is not None
    return again


def words(text: str = "My neighbour", id: int = 60, **more: Any) -> Given:
    return replace(Given(GROUP, id, "text", text, (), None, NOW), **more)


def voice(id: int = 61, **more: Any) -> Given:
    return words(
        "", id, kind="voice", files=(File("voice", f"file{id}", "n.ogg", "audio/ogg", 900, 7),), **more
    )


def say(
    db: Connection, given: Given, reply: Reply | None = None, *, author: int = ANNA, topic: int | None = None
) -> list[Letter]:
    reply = reply or Reply(GROUP, 50, DESK.bot_id)
    letters = taking.in_group(db, Spoken(given, author, reply, topic), DESK, now=NOW)
    outbox.write(
        db,
        [replace(one, key=one.key or f"k{given.message_id}:{n}") for n, one in enumerate(letters)],
        now=NOW,
    )
    return letters


def every(db: Connection, scene: Scene) -> list[Contribution]:
    return contributions.of_posting(db, scene.posting.id)


def answer(db: Connection, key: str, outcome: Any) -> Answer:
    row = outbox.by_key(db, key)
    assert row is not None
    return Answer(row, outcome, DESK, NOW + timedelta(minutes=1))


@pytest.fixture
def within(database: Database) -> Callable[[Callable[[Connection], None]], None]:
    """Call a function in one transaction."""
    return database.write_now


def methods(letters: list[Letter]) -> list[str]:
    return [letter.method for letter in letters]


Within = Callable[[Callable[[Connection], None]], None]


def test_the_same_message_twice_is_kept_and_acknowledged_once(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        assert methods(say(db, words())) == ["setMessageReaction", "sendMessage"]
        assert say(db, words()) == []
        assert methods(say(db, words("A second one", 61))) == ["setMessageReaction"]
        assert [one.text for one in every(db, here)] == ["My neighbour", "A second one"]

    within(story)


def test_without_a_private_chat_the_mark_is_all(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        people.change(db, here.person.id, reachable=False)
        assert methods(say(db, words())) == ["setMessageReaction"]
        assert methods(say(db, voice())) == ["setMessageReaction"]

    within(story)


def test_nothing_of_a_stranger_is_stored(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        get_ready(db, here.network, now=NOW)
        networks.change(db, here.network, **PRIVACY)
        assert methods(say(db, words(), author=STRANGER)) == ["sendMessage"]
        assert say(db, words(id=70), author=STRANGER) == []  # the hint comes once a week
        members.change(db, here.omar, state="left")
        say(db, words(id=71), author=OMAR)
        assert every(db, here) == []

    within(story)


def test_nothing_of_a_facilitator_who_has_not_agreed_is_stored(within: Within) -> None:
    """Who sets a network up leads it at once, and may say *Not now* to what everybody is asked."""

    def story(db: Connection) -> None:
        here = scene(db)
        get_ready(db, here.network, now=NOW)
        networks.change(db, here.network, **PRIVACY)
        for agreed in (False, True):
            members.agree(
                db, here.anna, consents.TAKE_PART, agreed, version=consents.VERSION, language="en", now=NOW
            )
            hinted = methods(say(db, words(id=60 + agreed)))
            reactions.take(db, GROUP, 50, author=ANNA, emojis=["👍"], at=NOW)
            answering.begin(db, here.person, here.posting.id, DESK, now=NOW)
            private = words("In private", id=80 + agreed, telegram_chat_id=ANNA)
            answering.given(db, here.person, private, DESK, now=NOW)
            assert len(every(db, here)) == (2 if agreed else 0)
            assert len(reaction_rows.of_network(db, here.network)) == (1 if agreed else 0)
            assert bool(waiting.of(db, here.person.id, now=NOW)) == agreed
            assert agreed or hinted == ["sendMessage"]

    within(story)


def test_words_leave_the_outbox_once_they_are_sent(within: Within) -> None:
    """Else *Take it back* would leave them in what was sent to facilitators and groups."""

    def story(db: Connection) -> None:
        scene(db)
        for outcome in (outbox.sent, outbox.failed, outbox.abandoned):
            key = outcome.__name__
            letters = [*mail.say(To(person=1), "My neighbour", key=key)]
            letters += mail.photo(To(person=1), "file1", "My neighbour", key=f"{key}:photo")
            outbox.write(db, letters, now=NOW)
            for row in (outbox.by_key(db, key), outbox.by_key(db, f"{key}:photo")):
                assert row is not None
                assert "neighbour" in str(row.params)
                if outcome is outbox.sent:
                    outbox.sent(db, row, 5, None, now=NOW)
                elif outcome is outbox.failed:
                    outbox.failed(db, row, "gone")
                else:
                    outbox.abandoned(db, row)
                after = outbox.by_key(db, row.key)
                assert after is not None
                assert after.state == key
                assert "neighbour" not in str(after.params)

    within(story)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (Reply(GROUP, 51, 5), False),  # somebody's message
        (Reply(GROUP, 51, DESK.bot_id), False),  # ours, but none of this
        (Reply(None, None, DESK.bot_id, "What helped you?"), False),  # not unplaced: its id is known
        (Reply(-77, 50, 5), False),  # a group of nobody
        (Reply(GROUP, 51, 5, tokens=("unknown",)), False),
    ],
)
def test_what_replies_to_something_else_is_left_alone(within: Within, reply: Reply, kept: bool) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words(), reply)
        assert bool(every(db, here)) is kept

    within(story)


def test_a_posting_is_found_by_its_token_or_its_words_when_its_id_is_unknown(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db, message_id=None)
        newer = post(db, here.network, here.chat, message_id=None, text="Which criteria matter most?")
        say(db, words(id=60), Reply(GROUP, 3, 5, tokens=(here.posting.token,)))  # a copy that was passed on
        say(db, words(id=61), Reply(OLD, None, DESK.bot_id, "A question\nWhat helped y"))
        say(db, words(id=62), Reply(None, None, DESK.bot_id))
        assert [one.message_id for one in every(db, here)] == [60]  # an unknown group's words say nothing
        # Telegram names no basic group; a message of ours from there can only be a posting without an id.
        assert [one.message_id for one in contributions.of_posting(db, newer.id)] == [62]
        chats.migrate(db, GROUP, -1002, now=NOW)
        there = replace(words(id=63), telegram_chat_id=-1002)
        say(db, there, Reply(GROUP, None, DESK.bot_id, "A question\nWhat helped y"))
        say(db, replace(there, message_id=64), Reply(GROUP, None, DESK.bot_id))
        say(db, replace(there, message_id=65), Reply(GROUP, None, DESK.bot_id, "The weekly summary"))
        assert [one.message_id for one in every(db, here)] == [None, 63]
        assert [one.message_id for one in contributions.of_posting(db, newer.id)] == [None, 64]

    within(story)


def test_what_was_said_before_the_group_moved_and_is_read_after_it_is_not_taken_for_deleted(
    within: Within,
) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        chats.migrate(db, GROUP, -1002, now=NOW)
        letters = say(db, words(id=70), Reply(GROUP, 50, DESK.bot_id, "A question\nWhat helped y"))
        (kept,) = every(db, here)
        assert (kept.text, kept.message_id) == (words().text, None)
        assert "setMessageReaction" not in methods(
            letters
        )  # in the supergroup 70 is another message, or none
        assert say(db, words(id=70), Reply(GROUP, 50, DESK.bot_id, "A question\nWhat helped y")) == []
        assert len(every(db, here)) == 1

    within(story)


def test_an_album_is_one_contribution_whatever_comes_when(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.agree(db, here.anna, consents.MEDIA, True, version="1", language="en", now=NOW)
        picture = voice(80, album="13")
        first = say(db, picture)
        # The further ones need not be replies.
        second = say(db, replace(picture, message_id=81, text="Her garden"), Reply(GROUP, 1, 5))
        assert methods(first)[0] == "getFile"
        assert methods(second) == ["getFile"]
        (kept,) = every(db, here)
        assert kept.text == "Her garden"
        assert len(contributions.media_of(db, kept.id)) == 2
        taking.edit(db, replace(picture, message_id=81, text="His garden"), DESK, edited_at=NOW, now=NOW)
        taking.edit(db, replace(picture, message_id=81, text=""), DESK, edited_at=NOW, now=NOW)
        assert every(db, here)[0].text == "His garden"
        actions.erase(db, kept, "taken_back", DESK, now=NOW)
        say(db, replace(picture, message_id=82))
        assert contributions.media_of(db, kept.id) == []

    within(story)


def test_an_older_edit_that_comes_late_changes_nothing(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words())
        minute = timedelta(minutes=1)
        for text, at in (("second", 2 * minute), ("first", minute), ("third", timedelta(days=7))):
            taking.edit(db, words(text), DESK, edited_at=NOW + at, now=NOW)
        (kept,) = every(db, here)
        assert (kept.text, kept.late) == ("third", True)  # edited after the question closed

    within(story)


def test_another_picture_is_asked_about_again(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.agree(db, here.anna, consents.MEDIA, True, version="1", language="en", now=NOW)
        picture = words("Us", 80, kind="photo", files=(File("photo", "a", size=10),))
        say(db, picture)
        (kept,) = every(db, here)
        media.pressed(db, here.person, "people", kept.id, "nobody", message_id=1, desk=DESK, now=NOW)
        same = replace(picture, files=(File("photo", "b", size=10),))
        assert taking.edit(db, same, DESK, edited_at=NOW, now=NOW) == []
        other = replace(picture, files=(File("photo", "c", size=11),))
        letters = taking.edit(db, other, DESK, edited_at=NOW, now=NOW)
        assert methods(letters) == ["getFile", "sendMessage"]
        assert every(db, here)[0].picture is None

    within(story)


def test_bytes_are_kept_only_while_they_are_wanted(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.agree(db, here.anna, consents.MEDIA, True, version="1", language="en", now=NOW)
        for id in (61, 62, 63, 64):
            say(db, voice(id))
        one, two, three, four = (
            medium.id for kept in every(db, here) for medium in contributions.media_of(db, kept.id)
        )
        media.fetched(db, answer(db, f"file:{one}", Sent({}, b"words")))
        media.fetched(db, answer(db, f"file:{two}", Refused("file is too big")))
        media.fetched(db, answer(db, f"file:{three}", Refused("wrong file_id")))
        actions.erase(db, every(db, here)[3], "taken_back", DESK, now=NOW)
        media.fetched(db, answer(db, f"file:{four}", Sent({}, b"words")))
        rows = db.execute(select(media_table.c.state, media_table.c.bytes).order_by(media_table.c.id))
        assert [tuple(row) for row in rows] == [("kept", b"words"), ("too_big", None), ("gone", None)]
        assert outbox.by_key(db, f"lost:{two}") is not None
        assert outbox.by_key(db, f"lost:{three}") is not None

    within(story)


def test_always_keeps_what_waited_before(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, voice(61))
        say(db, voice(62))
        second = every(db, here)[1]
        letters = media.pressed(db, here.person, "always", second.id, "", message_id=1, desk=DESK, now=NOW)
        assert methods(letters or []) == ["editMessageText", "getFile", "getFile"]
        assert methods(say(db, voice(63)))[0] == "getFile"

    within(story)


def test_only_the_author_decides_and_only_what_is_offered(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words())
        (kept,) = every(db, here)
        omar = people.by_telegram_id(db, OMAR)
        assert omar is not None
        ask = {"message_id": 1, "desk": DESK, "now": NOW}
        assert actions.pressed(db, omar, "gone", kept.id, "", **ask) is None
        assert actions.pressed(db, here.person, "gone", 999, "", **ask) is None
        assert actions.pressed(db, here.person, "as", kept.id, "name", **ask) is None  # never agreed to
        assert actions.pressed(db, here.person, "as", kept.id, "king", **ask) is None
        assert actions.pressed(db, here.person, "quote", kept.id, "perhaps", **ask) is None
        assert media.pressed(db, here.person, "people", kept.id, "nobody", **ask) is None  # no picture
        members.agree(db, here.anna, consents.NAME, True, version="1", language="en", now=NOW)
        shown = actions.pressed(db, here.person, "as", kept.id, "name", **ask)
        assert shown is not None
        assert "Anna" in shown[0].params["text"]
        assert methods(actions.pressed(db, here.person, "gone", kept.id, "", **ask) or []) == [
            "editMessageText",
            "setMessageReaction",
        ]
        assert actions.pressed(db, here.person, "stay", kept.id, "", **ask) is None

    within(story)


def test_what_was_made_of_a_contribution_hears_that_it_changed(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    monkeypatch.setattr(actions, "CHANGED", [lambda db, id, desk, *, now: heard.append(id) or []])

    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words())
        (kept,) = every(db, here)
        ask = {"message_id": 1, "desk": DESK, "now": NOW}
        actions.pressed(db, here.person, "as", kept.id, "none", **ask)
        taking.edit(db, words("Other words"), DESK, edited_at=NOW, now=NOW)
        actions.pressed(db, here.person, "gone", kept.id, "", **ask)
        assert heard == [kept.id] * 3

    within(story)


def test_a_deleted_message_is_news_only_if_it_is_still_that_message(within: Within) -> None:
    gone = Refused("message to react not found")

    def story(db: Connection) -> None:
        here = scene(db)
        for id in (61, 62, 63):
            say(db, words(id=id))
        ids = [one.id for one in every(db, here)]
        assert actions.unchecked(db, ids, since=NOW) == ids
        outbox.write(db, actions.check_marks(db, ids, DESK, now=NOW), now=NOW)
        outbox.write(db, actions.check_marks(db, ids, DESK, now=NOW), now=NOW)  # once is enough
        keys = [f"check:{id}:{int(NOW.timestamp() * 1000)}" for id in ids]
        contributions.change(db, ids[1], message_id=5)  # the group became a supergroup meanwhile
        actions.judge_mark(db, answer(db, keys[0], gone))
        actions.judge_mark(db, answer(db, keys[1], gone))
        actions.judge_mark(db, answer(db, keys[2], Sent(True)))
        assert [one.state for one in every(db, here)] == ["deleted", "kept", "kept"]
        assert actions.unchecked(db, ids, since=NOW) == []

    within(story)


def test_a_mark_that_fails_in_a_group_which_moved_at_that_moment_erases_nothing(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words(id=61))
        (kept,) = every(db, here)
        # Kept by a transaction that ran beside the one that moved the group: its number is still the old one.
        chats.change(db, kept.chat_id or 0, telegram_id=-1002)
        actions.judge_mark(db, answer(db, f"mark:{kept.id}", Refused("message to react not found")))
        assert [(one.state, one.text) for one in every(db, here)] == [("kept", words().text)]

    within(story)


def test_a_group_that_allows_no_mark_is_made_up_for_in_private(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.change(db, here.anna, told_at=NOW)
        say(db, words())
        (kept,) = every(db, here)
        actions.judge_mark(db, answer(db, f"mark:{kept.id}", Refused("reaction_invalid")))
        assert outbox.by_key(db, f"saved:{kept.id}") is not None

    within(story)


def test_what_waits_is_kept_for_the_question_that_was_chosen(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        one = words("It rained", 5, telegram_chat_id=ANNA)
        ask = {"message_id": 1, "desk": DESK}
        assert methods(answering.given(db, here.person, one, DESK, now=NOW)) == ["sendMessage"]
        assert answering.given(db, here.person, one, DESK, now=NOW) == []  # the same update again
        assert every(db, here) == []
        # Who opens another question meanwhile loses nothing.
        newer = post(db, here.network, here.chat, message_id=51, text="Which criteria?")
        answering.begin(db, here.person, newer.id, DESK, now=NOW)
        two = replace(one, message_id=6, text="Patience")
        answering.given(db, here.person, two, DESK, now=NOW)
        answering.pressed(db, here.person, "for", here.posting.id, "", now=NOW, **ask)
        assert [kept.text for kept in every(db, here)] == ["It rained"]
        assert [kept.text for kept in contributions.of_posting(db, newer.id)] == ["Patience"]
        # A day later it is asked again, and after a week nothing is there to keep.
        later = NOW + timedelta(days=2)
        answering.given(db, here.person, replace(one, message_id=7), DESK, now=later)
        gone = later + timedelta(days=8)
        answering.pressed(db, here.person, "for", here.posting.id, "", now=gone, **ask)
        assert len(every(db, here)) == 1
        omar = people.by_telegram_id(db, OMAR)
        assert omar is not None
        members.change(db, here.omar, state="joining")
        assert answering.begin(db, omar, here.posting.id, DESK, now=NOW) is None
        assert answering.pressed(db, omar, "for", here.posting.id, "", now=NOW, **ask) is None

    within(story)


def test_a_reaction_counts_as_it_stands_now(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        later = NOW + timedelta(seconds=5)
        reactions.take(db, GROUP, 50, author=ANNA, emojis=["👍", "❤"], at=later)
        reactions.take(db, GROUP, 50, author=ANNA, emojis=["👎"], at=NOW)  # older, and late
        reactions.take(db, GROUP, 50, author=STRANGER, emojis=["👍"], at=NOW)
        reactions.take(db, GROUP, 49, author=ANNA, emojis=["👍"], at=NOW)  # none of ours
        assert [one.emojis for one in reaction_rows.of_network(db, here.network)] == [["👍", "❤"]]
        reactions.take(db, GROUP, 50, author=ANNA, emojis=[], at=later)
        assert reaction_rows.of_network(db, here.network) == []
        reactions.count(db, GROUP, 50, {"👍": 3}, at=later)
        reactions.count(db, GROUP, 50, {"👍": 2}, at=NOW)
        assert reaction_rows.counts_of(db, here.chat, 50) == {"👍": 3}

    within(story)


def test_a_reaction_that_comes_before_we_know_the_posting_joins_later(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db, message_id=None)
        reactions.take(db, GROUP, 50, author=ANNA, emojis=["👍"], at=NOW)
        postings.stands(db, here.posting.id, here.chat, 50)
        (one,) = reaction_rows.of_network(db, here.network)
        found = postings.behind(db, one.chat_id, one.message_id)
        assert found is not None
        assert found.id == here.posting.id

    within(story)
