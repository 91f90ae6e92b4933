"""`/me`, my answers, quiet hours and pauses, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from telegram import CallbackQuery, Update, User
from telegram.ext import CallbackQueryHandler

import handlers
from bot.actions import contributions as giving
from bot.actions import me, mine, mydata, quiet, taking
from bot.core import consents
from bot.core.contributions import File, Given
from bot.core.letters import callback, plain, read_callback
from bot.core.mail import Letter
from bot.core.quiet import OPEN_END
from bot.core.texts import LANGUAGES
from storage import chats, contributions, digests, links, members, networks, people, postings, prompts
from storage.db import Connection, Database
from storage.people import Person
from storage.postings import Posting
from storage.tables import contribution_versions
from tests.accessible import too_much, wrong_label
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DESK = desk()
GROUP = -1001234567890
Within = Callable[[Callable[[Connection], None]], None]


@dataclass(frozen=True)
class Who:
    id: int
    first_name: str


@dataclass(frozen=True)
class Scene:
    network: int
    anna: int
    person: Person
    chat: int


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


def scene(db: Connection, **values: Any) -> Scene:
    network = seed_network(db, GROUP, "Care partnership", now=NOW)
    anna = seed_member(db, network, Who(11, "Anna"), now=NOW, **values)
    chat, person = chats.by_telegram_id(db, GROUP), people.by_telegram_id(db, 11)
    assert chat is not None
    assert person is not None
    return Scene(network, anna, person, chat.id)


def asked(db: Connection, here: Scene, text: str = "What helped you?", *, at: datetime = NOW) -> Posting:
    prompt = prompts.create(
        db,
        network_id=here.network,
        kind="open",
        text=text,
        circle="core",
        when={"kind": "now"},
        state="done",
        created_at=at,
    )
    occurrence = prompts.occur(db, prompt.id, at.isoformat()[:16], "posted", due_at=at, now=at)
    made = postings.create(
        db,
        occurrence_id=occurrence,
        prompt_id=prompt.id,
        network_id=here.network,
        chat_id=here.chat,
        token=links.token(),
        posted_at=at,
        closes_at=at + timedelta(days=6),
    )
    assert made is not None
    return made


def answer(db: Connection, here: Scene, posting: Posting, text: str, *, id: int, **more: Any) -> int:
    member = members.get(db, here.anna)
    assert member is not None
    given = Given(more.pop("chat", 11), id, more.pop("kind", "text"), text, more.pop("files", ()), None, NOW)
    taking.take(db, posting, member, given, desk=DESK, now=NOW + timedelta(seconds=id), **more)
    return contributions.of_posting(db, posting.id)[-1].id


def published(db: Connection, here: Scene, ids: list[int], *, quoted: list[int]) -> None:
    made = digests.create(
        db,
        network_id=here.network,
        chain="weekly",
        occurrence="2026-W45",
        state="published",
        draft_at=NOW,
        publish_at=NOW,
        published_at=NOW + timedelta(days=4),
    )
    digest = digests.get(db, made or 0)
    assert digest is not None
    digests.take(db, digest, ids)
    digests.quoted(db, digest.id, quoted)


def press(db: Connection, who: Person, data: str, *, now: datetime = NOW) -> list[Letter] | None:
    """Press a button of these subjects."""
    found = read_callback(data)
    assert found is not None
    subject, _, verb = found.action.partition(".")
    acts = {
        "me": me.pressed,
        "mine": mine.pressed,
        "quiet": quiet.pressed,
        "pause": quiet.pause_pressed,
        "contributions": giving.pressed,
    }
    return acts[subject](db, who, verb, found.id, found.nonce, message_id=5, desk=DESK, now=now)


def words(letters: list[Letter] | None) -> str:
    assert letters
    return plain(letters[0].params["text"])


def buttons(letters: list[Letter] | None) -> dict[str, str]:
    assert letters
    rows = letters[0].params.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button.get("callback_data") or button["url"] for row in rows for button in row}


def test_me_says_what_one_is_and_leads_everywhere(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        shown = me.begin(db, here.person, DESK, now=NOW)
        assert words(shown) == (
            "You in Care partnership: a carer, core group. You appear as a participant. English. "
            "Quiet from 21:00 to 08:00."
        )
        assert list(buttons(shown)) == [
            *("My answers", "How I appear", "What I agreed to", "Summary", "Quiet hours", "Pause"),
            *("Language", "My data", "Leave"),
        ]
        spoken = press(
            db, here.person, buttons(press(db, here.person, buttons(shown)["Language"]))["Nederlands"]
        )
        assert "Jij in Care partnership: een mantelzorger, kerngroep." in words(spoken)
        assert people.get(db, here.person.id).language == "nl"  # type: ignore[union-attr]

    within(story)


def test_every_section_is_answered_by_a_handler() -> None:
    user = User(11, "Anna", is_bot=False)
    for section in me.SECTIONS:
        query = CallbackQuery("1", user, "", data=callback(section.action, 7))
        takers = [
            one
            for one in handlers.all_handlers()
            if isinstance(one, CallbackQueryHandler) and one.check_update(Update(1, callback_query=query))
        ]
        assert len(takers) > 1, section.action  # the last one takes whatever nobody took


def test_with_several_networks_one_is_chosen_first_and_none_is_anybody_elses(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        other = seed_network(db, GROUP - 1, "Respite", now=NOW)
        second = seed_member(db, other, Who(11, "Anna"), now=NOW)
        omar = seed_member(db, other, Who(12, "Omar"), now=NOW)
        chosen = me.begin(db, here.person, DESK, now=NOW)
        assert list(buttons(chosen)) == ["Care partnership", "Respite"]
        there = press(db, here.person, buttons(chosen)["Respite"])
        assert "You in Respite" in words(there)
        assert "My other groups" in buttons(there)
        for action in ("me.show", "me.language", "mine.list", "quiet.show", "pause.show", "pause.end"):
            assert press(db, here.person, callback(action, omar)) is None
        members.change(db, second, state="left")
        assert press(db, here.person, callback("me.show", second)) is None
        members.change(db, here.anna, state="left")
        assert "don't take part" in words(me.begin(db, here.person, DESK, now=NOW))

    within(story)


def test_my_answers_say_what_became_of_each_and_count_nothing(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        posting = asked(db, here)
        ids = [
            answer(db, here, posting, said, id=n)
            for n, said in enumerate(("One", "Two", "Three", "Four"), 60)
        ]
        published(db, here, ids[:3], quoted=[ids[1]])
        press(db, here.person, callback("contributions.gone", ids[2]))
        first = press(db, here.person, callback("mine.list", here.anna))
        assert words(first) == (
            "My answers\n\n"
            '1. What helped you?\nMonday 2 November: "Four"\nShown as a participant. Not in a summary yet.\n\n'
            "2. What helped you?\nMonday 2 November: I no longer have it.\nTaken back.\n\n"
            '3. What helped you?\nMonday 2 November: "Two"\n'
            "Shown as a participant. Quoted in the summary of Friday 6 November."
        )
        older = press(db, here.person, buttons(first)["Older"])
        assert "Counted in the summary of Friday 6 November, not quoted." in words(older)
        assert list(buttons(older)) == ["1. One", "Newer", "Back"]
        assert "Taken back." in words(press(db, here.person, buttons(first)["2. Look at it"]))
        for forged in ("x", "²", "99999999999999999999", "-1"):
            assert press(db, here.person, callback("mine.list", here.anna, "0")) is not None
            press_forged(db, here, forged)

    def press_forged(db: Connection, here: Scene, nonce: str) -> None:
        shown = mine.pressed(db, here.person, "list", here.anna, nonce, message_id=5, desk=DESK, now=NOW)
        assert shown is None or "no answer of yours" in words(shown)

    within(story)


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_long_answers_and_all_of_me_stay_short(within: Within, language: str) -> None:
    def story(db: Connection) -> None:
        here = scene(db, group="carer_organisation")
        people.change(db, here.person.id, language=language)
        person = people.get(db, here.person.id)
        assert person is not None
        posting = asked(db, here, "What would you tell the municipality about care at home, if it listened?")
        ids = [answer(db, here, posting, "The night nurse comes at six. " * 20, id=n) for n in range(60, 64)]
        published(db, here, ids, quoted=ids)
        seen = {callback("me.show", here.anna)}
        waiting = list(seen)
        while waiting:
            shown = press(db, person, waiting.pop(), now=NOW)
            assert shown is not None
            there = buttons(shown)
            assert too_much(shown[0].params["text"], list(there)) == []
            assert [wrong for label in there for wrong in wrong_label(label)] == []
            # Everything of ours that changes nothing; the rest is other subjects'.
            more = {
                data
                for data in there.values()
                if data.removeprefix("v1:").startswith(
                    ("me.show", "me.lang", "mine.", "quiet.show", "pause.show")
                )
            }
            waiting += more - seen
            seen |= more
        assert len(seen) > 10

    within(story)


def test_new_words_are_typed_and_the_earlier_ones_kept_until_the_digest(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        posting = asked(db, here)
        told: list[int] = []
        taking.TAKEN.append(lambda db, what, desk, *, now: told.append(what.kept.id) or [])  # type: ignore[func-returns-value]
        try:
            id = answer(db, here, posting, "My <neighbour> & 'her' dog " + "x" * 300, id=60)
            ask = press(db, here.person, callback("mine.reword", id))
            assert ask is not None
            assert ask[0].method == "sendMessage"
            assert "x" * 300 in words(ask)  # all of it, to copy from
            assert list(buttons(ask)) == ["Leave it"]
            done = mine.typed(db, here.person, id, "  The baker\x00 ", DESK, now=NOW + timedelta(days=9))
        finally:
            taking.TAKEN.pop()
        kept = contributions.get(db, id)
        assert kept is not None
        assert (kept.text, kept.late, kept.edited_at) == ("The baker", True, NOW + timedelta(days=9))
        earlier = db.execute(select(contribution_versions.c.text)).scalars().all()
        assert [text[:13] for text in earlier] == ["My <neighbour"]
        assert told == [id, id]  # names and danger are looked for in the new words, too
        assert words(done).startswith("Changed.")
        assert mine.typed(db, here.person, 999, "Hello", DESK, now=NOW) != []
        eve = seed_member(db, here.network, Who(13, "Eve"), now=NOW)
        stranger = people.by_telegram_id(db, 13)
        assert eve
        assert stranger is not None
        assert press(db, stranger, callback("mine.one", id)) is None
        assert "no longer have that answer" in words(mine.typed(db, stranger, id, "Mine", DESK, now=NOW))
        assert contributions.get(db, id).text == "The baker"  # type: ignore[union-attr]

    within(story)


def test_an_answer_in_the_group_is_changed_in_the_group(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        id = answer(db, here, asked(db, here), "My neighbour", id=60, chat=GROUP, chat_id=here.chat)
        told = press(db, here.person, callback("mine.reword", id))
        assert "change it there" in words(told)
        assert buttons(told)["Show me where"] == "https://t.me/c/1234567890/60"

    within(story)


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        ("photo", ["sendPhoto"]),
        ("voice", ["sendVoice"]),
        ("document", ["sendDocument"]),
        ("video_note", ["sendMessage", "sendVideoNote"]),
    ],
)
def test_what_was_sent_comes_back_with_words_on_what_it_is(
    within: Within, kind: str, methods: list[str]
) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.agree(db, here.anna, consents.MEDIA, True, version=consents.VERSION, language="en", now=NOW)
        file = File(kind, "file-1", mime=None, size=900, duration=80)
        id = answer(db, here, asked(db, here), "", id=60, kind=kind, files=(file,))
        one = press(db, here.person, callback("mine.one", id))
        sent = press(db, here.person, buttons(one)["Send it to me again"])
        assert sent is not None
        assert [letter.method for letter in sent] == methods
        said = sent[0].params.get("caption") or sent[0].params.get("text")
        assert said == "What you gave on Monday 2 November to the question: What helped you?"

    within(story)


def test_quiet_hours_hold_in_all_networks_and_can_be_undone(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        other = seed_network(db, GROUP - 1, "Respite", now=NOW)
        second = seed_member(db, other, Who(11, "Anna"), now=NOW)

        def hours() -> list[tuple[str, str]]:
            found = [members.get(db, id) for id in (here.anna, second)]
            return [(one.quiet_from, one.quiet_to) for one in found if one is not None]

        offered = press(db, here.person, callback("quiet.show", here.anna))
        assert "at once" not in words(offered)
        members.change(
            db, second, facilitator=True
        )  # who leads hears at any hour that somebody may need help
        assert "at once" in words(press(db, here.person, callback("quiet.show", here.anna)))
        changed = press(db, here.person, buttons(offered)["22:00 to 07:00"])
        assert words(changed) == "Changed, for all your groups. Quiet from 22:00 to 07:00."
        assert hours() == [("22:00", "07:00")] * 2
        press(db, here.person, buttons(changed)["Undo"])
        assert hours() == [("21:00", "08:00")] * 2
        none = quiet.hours_typed(db, here.person, "none", DESK, now=NOW)
        assert words(none) == "Changed, for all your groups. No quiet hours."
        unread = quiet.hours_typed(db, here.person, "when I <sleep>", DESK, now=NOW)
        assert words(unread).startswith("I can't read when I <sleep> as hours.\n\nNo quiet hours.")
        assert press(db, here.person, callback("quiet.set", here.anna, "2500-0700")) is None
        assert hours() == [("00:00", "00:00")] * 2

    within(story)


def test_a_pause_holds_everywhere_and_hands_drafts_over(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db, facilitator=True)

        def until() -> datetime | None:
            found = members.get(db, here.anna)
            return None if found is None else found.paused_until

        shown = press(db, here.person, callback("pause.show", here.anna))
        assert list(buttons(shown)) == [
            *("A day", "A week", "Until I come back", "Ask me nothing: off", "Back"),
        ]
        begun = press(db, here.person, buttons(shown)["A week"])
        assert until() == NOW + timedelta(days=7)
        assert "Pause until Monday 9 November at 10:00." in words(begun)
        assert "Nobody is named as your stand-in" in words(begun)
        seed_member(db, here.network, Who(12, "Mohammed"), now=NOW)
        stand_in = people.by_telegram_id(db, 12)
        assert stand_in is not None
        networks.change(db, here.network, stand_in=stand_in.id)
        forever = quiet.pause_typed(db, here.person, "until I come back", DESK, now=NOW)
        assert until() == OPEN_END
        assert "Drafts of the summary go to Mohammed meanwhile." in words(forever)
        assert "Paused until you come back." in words(me.begin(db, here.person, DESK, now=NOW))
        again = press(db, here.person, callback("pause.show", here.anna))
        assert next(iter(buttons(again))) == "I'm back"
        listening = press(db, here.person, buttons(again)["Ask me nothing: off"])
        assert "Ask me nothing: on" in buttons(listening)
        assert "I ask nothing" in words(listening)
        unread = quiet.pause_typed(db, here.person, "for ages", DESK, now=NOW)
        assert words(unread).startswith("I can't read for ages as a length of time")
        assert "The pause is over" in words(quiet.pause_typed(db, here.person, "stop", DESK, now=NOW))
        assert until() is None
        assert press(db, here.person, callback("pause.for", here.anna, "century")) is None

    within(story)


def test_my_data_can_be_sent_and_erased_by_who_it_is_about(within: Within) -> None:
    def body(db: Connection) -> None:
        here = scene(db)
        [shown] = mydata.pressed(db, here.person, "show", here.anna, "", message_id=5, desk=DESK, now=NOW)
        buttons = [
            button["callback_data"]
            for row in shown.params["reply_markup"]["inline_keyboard"]
            for button in row
        ]
        assert buttons[:2] == [callback("mydata.send", here.anna), callback("erasing.ask", here.anna)]
        assert mydata.due(db, now=NOW) == []  # looking sends nothing
        mydata.pressed(db, here.person, "send", here.anna, "", message_id=5, desk=DESK, now=NOW)
        assert mydata.due(db, now=NOW) == [here.person.id]
        ben = seed_member(db, here.network, Who(12, "Ben"), now=NOW)
        assert mydata.pressed(db, here.person, "show", ben, "", message_id=5, desk=DESK, now=NOW) is None

    within(body)
