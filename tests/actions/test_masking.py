"""Persons in answers: the hint, the flags, what facilitators mask, and what of it goes out; on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from bot import catalogues
from bot.actions import digests as digest_actions
from bot.actions import draft_presses, masking, media, mine, persons, taking
from bot.actions.answer import Answer
from bot.actions.draft_press import Reaction
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import consents, mail
from bot.core.contributions import Given
from bot.core.letters import base36, read_callback
from bot.core.mail import Letter, To
from bot.core.outcomes import Sent
from storage import chats, contributions, digests, meetings, members, networks, people, postings, prompts
from storage import outbox as outbox_rows
from storage.contributions import Contribution
from storage.db import Connection, Database
from storage.tables import audit, contribution_versions, outbox

DESK = Desk(texts=catalogues.load(strict=True), bot_id=1, bot_username="bln_bot")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 6, 16, tzinfo=UTC)
DRAFT = FRIDAY - timedelta(days=1)
MINUTE = timedelta(minutes=1)
AN_ANSWER = "My neighbour Kenneth Reed helps me. He lives at 12 High Street."


class World:
    """A network in a database: Frida leads, Anna, Ben and Cleo answer; and the clock's hand without a clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.numbers = count(10)
        self.write(self._make)

    def _make(self, db: Connection) -> None:
        self.network = networks.create(
            db, title="Care", language="en", timezone="Europe/Amsterdam", now=MONDAY
        ).id
        self.chat = chats.keep(
            db, self.network, -100, circle="core", kind="supergroup", title="Care", now=MONDAY
        ).id
        self.members = {
            name: self._member(db, number, name, facilitator=name == "Frida")
            for number, name in enumerate(("Frida", "Anna", "Ben", "Cleo"), 1)
        }
        prompt = prompts.create(
            db,
            network_id=self.network,
            kind="open",
            text="What helped?",
            when={"kind": "now"},
            created_at=MONDAY,
        )
        occurrence = prompts.occur(db, prompt.id, "2026-11-02T10:00", "posted", due_at=MONDAY, now=MONDAY)
        made = postings.create(
            db,
            occurrence_id=occurrence,
            prompt_id=prompt.id,
            network_id=self.network,
            chat_id=self.chat,
            token="t",
            posted_at=MONDAY,
            closes_at=MONDAY + timedelta(days=7),
        )
        assert made is not None
        self.posting = made.id

    def _member(self, db: Connection, telegram_id: int, name: str, **values: Any) -> int:
        person = people.keep(db, telegram_id, name=name, username=None, language="en", now=MONDAY)
        people.change(db, person.id, reachable=True)
        member = members.keep(db, self.network, person.id, circle="core", now=MONDAY)
        members.change(db, member.id, state="active", group="carer", joined_at=MONDAY, **values)
        for use in (consents.TAKE_PART, consents.QUOTE):
            version = consents.version(use, "en")
            members.agree(db, member.id, use, True, version=version, language="en", now=MONDAY)
        return member.id

    def write(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return self.database.write_now(function, *args, **values)

    def read(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return self.database.read_now(function, *args, **values)

    def given(
        self, text: str, *, by: str = "Anna", at: datetime = MONDAY, openly: bool = False
    ) -> list[Letter]:
        number = next(self.numbers)
        here = Given(-100 if openly else 500, number, "text", text, (), None, at)

        def take(db: Connection) -> list[Letter]:
            posting, member = postings.get(db, self.posting), members.get(db, self.members[by])
            assert posting is not None
            assert member is not None
            place = {"chat_id": self.chat} if openly else {}
            return taking.take(db, posting, member, here, **place, desk=DESK, now=at)

        self.last = number
        letters: list[Letter] = self.write(take)
        return letters

    def edited(self, text: str, *, at: datetime = MONDAY + MINUTE) -> list[Letter]:
        here = Given(500, self.last, "text", text, (), None, MONDAY)
        letters: list[Letter] = self.write(taking.edit, here, DESK, edited_at=at, now=at)
        return letters

    def kept(self, number: int = 1) -> Contribution:
        found: Contribution = self.read(contributions.get, number)
        return found

    def versions(self) -> list[str]:
        return list(self.read(lambda db: db.execute(select(contribution_versions.c.text)).scalars().all()))

    def press(
        self, verb: str, nonce: str = "", *, by: str = "Frida", at: datetime = DRAFT, id: int = 0
    ) -> Reaction:
        digest = id or self.draft().id
        found: Reaction = self.write(
            draft_presses.pressed, self.person(by), verb, digest, nonce, 5, DESK, now=at
        )
        return found

    def person(self, name: str) -> Any:
        return self.read(lambda db: people.get(db, members.get(db, self.members[name]).person_id))  # type: ignore[union-attr]

    def draft(self) -> digests.Digest:
        return next(one for one in self.all() if one.state in ("draft", "approved", "held", "published"))

    def all(self) -> list[digests.Digest]:
        states = ("due", "draft", "approved", "held", "published", "empty")
        return list(self.read(digests.of_network, self.network, states))

    def tick(self, now: datetime) -> None:
        for network in self.read(digest_actions.unplanned, now=now):
            self.write(digest_actions.plan, network, DESK, now=now)
        while found := self.read(digest_actions.due, now=now):
            for digest in found:
                work = self.read(digest_actions.read, digest, DESK, now=now)
                work = work and replace(work, task=None)  # pictures take longer than the rest
                self.write(digest_actions.write, digest, DESK, now=now, made=digest_actions.make(work))

    def drafted(self, *texts: str, **values: Any) -> None:
        for text in texts:
            self.given(text, **values)
        self.tick(MONDAY)
        self.tick(DRAFT)

    def sent(self) -> list[str]:
        query = select(outbox.c.params).where(outbox.c.kind == digest_actions.KIND).order_by(outbox.c.id)
        return [row[0]["text"] for row in self.read(lambda db: db.execute(query).all())]

    def audited(self) -> list[str]:
        return list(
            self.read(lambda db: db.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all())
        )


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def said(letters: Any) -> str:
    return "\n".join(str(one.params.get("text", "")) for one in letters)


def buttons(letters: Any) -> dict[str, str]:
    rows = [row for one in letters for row in one.params.get("reply_markup", {}).get("inline_keyboard", [])]
    return {button["text"]: button.get("callback_data", "") for row in rows for button in row}


def nonce(letters: Any, label: str) -> str:
    pressed = read_callback(buttons(letters)[label])
    assert pressed is not None
    return pressed.nonce


# The hint -------------------------------------------------------------------------------------------------------


def hint(world: World, verb: str) -> list[Letter] | None:
    found: list[Letter] | None = world.write(
        persons.pressed, world.person("Anna"), verb, 1, "", message_id=5, desk=DESK, now=MONDAY
    )
    return found


def test_a_name_is_hinted_at_in_the_line_that_says_saved_once_a_week(world: World) -> None:
    (first,) = world.given("Henk helps me")
    assert "Saved" in first.params["text"]
    assert "There is a name in your answer: <i>Henk</i>" in first.params["text"]
    assert list(buttons([first])) == ["Do that", "Leave it", "I'll rewrite it"]
    (second,) = world.given("Truus helps me, too", at=MONDAY + timedelta(days=6))
    assert "name" not in second.params["text"]
    (third,) = world.given("Henk and Truus", at=MONDAY + timedelta(days=7))
    assert "names in your answer: <i>Henk</i> and <i>Truus</i>" in third.params["text"]


@pytest.mark.parametrize(
    "text", ["Will you? Anna here.", "Frida asked me.", "My mother has dementia.", "Nobody came."]
)
def test_nothing_is_said_of_ones_own_name_of_who_leads_or_of_an_illness(world: World, text: str) -> None:
    assert "answer" not in said(world.given(text))


def test_who_may_not_be_quoted_is_not_hinted_at(world: World) -> None:
    version = consents.version(consents.QUOTE, "en")
    anna = world.members["Anna"]
    world.write(members.agree, anna, consents.QUOTE, False, version=version, language="en", now=MONDAY)
    assert "Henk" not in said(world.given("Henk helps me"))


def test_do_that_puts_the_mark_into_the_words_themselves(world: World) -> None:
    world.given("Henk helps. Henks wife, 06 12345678, too.")
    world.edited("Henk helps. Henks wife, 06 12345678, helps.")
    assert world.versions()
    letters = hint(world, "mask")
    assert letters is not None
    assert "[…] helps. […] wife, […], helps." in said(letters)
    assert world.kept().text == "[…] helps. […] wife, […], helps."
    assert (world.kept().flags, world.versions()) == (None, [])
    assert hint(world, "mask") is None


def test_leave_it_leaves_it_and_a_stranger_cannot_press(world: World) -> None:
    world.given("Henk helps")
    assert "Saved" in said(hint(world, "leave"))
    assert world.kept().text == "Henk helps"
    ben = world.person("Ben")
    assert world.write(persons.pressed, ben, "mask", 1, "", message_id=5, desk=DESK, now=MONDAY) is None


def test_a_name_in_a_group_answer_is_hinted_at_in_private(world: World) -> None:
    world.given("Nobody came", openly=True)
    letters = world.given("Henk came", openly=True)
    assert "There is a name" in said(letters)
    assert any(one.method == "setMessageReaction" for one in letters)


# Flags ----------------------------------------------------------------------------------------------------------


def test_flags_follow_the_words(world: World) -> None:
    world.given("Henk, 06 12345678, has diabetes")
    assert world.kept().flags == ["phone", "name", "diagnosis"]
    world.edited("He helps")
    assert world.kept().flags is None
    world.edited("Cleo helps", at=MONDAY + 2 * MINUTE)
    assert world.kept().flags == ["name"]


def test_an_illness_that_the_network_talks_about_is_no_flag(world: World) -> None:
    world.given("He has dementia")
    world.given("She has diabetes")
    leader = world.read(
        lambda db: Leader(db, world.person("Frida"), networks.found(db, world.network), DESK, MONDAY)
    )

    def set_subject(db: Connection, words: str) -> list[Letter]:
        return masking.set_subject(Leader(db, leader.person, leader.network, DESK, MONDAY), words)

    assert "/subject" in said(world.write(set_subject, ""))
    assert "dementia and heart failure" in said(world.write(set_subject, "dementia, heart failure"))
    assert (world.kept(1).flags, world.kept(2).flags) == (None, ["diagnosis"])


def test_who_goes_through_the_draft_sees_what_to_look_at(world: World) -> None:
    world.drafted("Henk helps me every morning", "Nobody helps me")
    letters = world.press("through").letters
    assert "1: <i>Look at: a name.</i>" in said(letters)
    assert "2:" not in said(letters)
    assert "Mask something" in buttons(letters)
    listed = world.press("masks").letters
    assert "1. Henk helps me every morning" in said(listed)
    assert nonce(listed, "Mask in 1") == base36(1)


# Masking --------------------------------------------------------------------------------------------------------


def test_a_suggested_passage_is_masked_and_quoted_with_the_mark(world: World) -> None:
    world.drafted(AN_ANSWER)
    one = world.press("mask", base36(1)).letters
    assert set(buttons(one)) == {"Mask: Kenneth Reed", "Mask: 12 High Street", "Other answers"}
    shown = world.press("cover", nonce(one, "Mask: Kenneth Reed")).letters
    assert "My neighbour […] helps me." in said(shown)
    assert "Kenneth" not in said(shown)
    assert {"Show it again", "Show the original"} <= set(buttons(shown))
    assert "My neighbour […] helps me. He lives at 12 High Street." in said(world.press("back").letters)
    kept = world.kept()
    assert (kept.text, kept.flags) == (AN_ANSWER, ["address"])
    assert world.press("cover", nonce(one, "Mask: Kenneth Reed")).alert  # it stands there no more


def test_what_is_typed_is_masked_and_what_is_not_there_is_said(world: World) -> None:
    world.drafted(AN_ANSWER)
    world.press("mask", base36(1))
    frida = world.person("Frida")
    assert "can't find “Peter”" in said(world.write(draft_presses.typed, frida, "Peter", DESK, now=DRAFT))
    letters = world.write(draft_presses.typed, frida, "my  NEIGHBOUR", DESK, now=DRAFT)
    assert "[…] Kenneth Reed helps me." in said(letters)
    assert world.kept().masked == "[…] Kenneth Reed helps me. He lives at 12 High Street."
    world.press("back")
    assert "neighbour" not in said(world.press("all").letters)


def test_masking_is_undone_until_the_summary_is_approved(world: World) -> None:
    world.drafted(AN_ANSWER)
    world.write(contributions.version, 1, "earlier Kenneth", at=MONDAY)
    one = world.press("mask", base36(1)).letters
    world.press("cover", nonce(one, "Mask: Kenneth Reed"))
    world.press("unmask", base36(1))
    assert world.kept().masked is None
    assert "name" in (world.kept().flags or [])
    world.tick(DRAFT)
    assert "Kenneth" in said(world.press("back").letters)
    world.press("cover", nonce(one, "Mask: Kenneth Reed"))
    world.press("good")
    kept = world.kept()
    assert (kept.text, kept.masked) == ("My neighbour […] helps me. He lives at 12 High Street.", None)
    assert world.versions() == []
    world.press("undo")
    assert world.press("unmask", base36(1)).alert
    assert world.press("original", base36(1)).alert


def test_opening_the_original_is_written_down(world: World) -> None:
    world.drafted(AN_ANSWER)
    one = world.press("mask", base36(1)).letters
    world.press("cover", nonce(one, "Mask: Kenneth Reed"))
    assert "Kenneth Reed" in said(world.press("original", base36(1)).letters)
    assert world.audited() == ["answer.masked", "answer.original"]
    assert world.press("original", base36(1), by="Ben").alert
    assert world.audited() == ["answer.masked", "answer.original"]


def test_the_author_keeps_their_words_and_is_told_how_others_read_them(world: World) -> None:
    world.drafted(AN_ANSWER)
    one = world.press("mask", base36(1)).letters
    world.press("cover", nonce(one, "Mask: Kenneth Reed"))
    letters = world.write(
        mine.pressed, world.person("Anna"), "one", 1, "0", message_id=5, desk=DESK, now=DRAFT
    )
    assert "My neighbour Kenneth Reed helps me" in said(letters)
    assert "Others read it like this: <i>My neighbour […] helps me" in said(letters)


def test_a_masked_answer_goes_out_masked_and_an_edit_before_does_not_unmask_it(world: World) -> None:
    world.drafted(AN_ANSWER)
    one = world.press("mask", base36(1)).letters
    world.press("cover", nonce(one, "Mask: Kenneth Reed"))
    world.edited(f"{AN_ANSWER} Every day.", at=DRAFT)
    assert world.kept().masked == "My neighbour […] helps me. He lives at 12 High Street. Every day."
    world.tick(DRAFT + MINUTE)
    world.press("good", at=DRAFT + MINUTE)
    world.tick(FRIDAY)
    (sent,) = world.sent()
    assert "My neighbour […] helps me." in sent
    assert "Kenneth" not in sent
    world.edited(f"{AN_ANSWER} Every single day.", at=FRIDAY + MINUTE)
    assert "Kenneth" in world.kept().text  # other words, and nobody knows any more what stood there
    assert "name" in (world.kept().flags or [])
    world.edited(f"{world.kept().text} Thanks.", at=FRIDAY + 2 * MINUTE)


def test_a_settled_answer_stays_masked_where_the_rest_is_the_same(world: World) -> None:
    world.drafted(AN_ANSWER)
    one = world.press("mask", base36(1)).letters
    world.press("cover", nonce(one, "Mask: Kenneth Reed"))
    world.press("good")
    world.edited(f"{AN_ANSWER} Thanks.", at=DRAFT + MINUTE)
    assert world.kept().text == "My neighbour […] helps me. He lives at 12 High Street. Thanks."
    assert world.versions() == []


def test_masking_after_the_summary_is_out_mends_it(world: World) -> None:
    world.drafted(AN_ANSWER)
    world.press("good")
    world.tick(FRIDAY)
    assert "Kenneth" in world.sent()[0]
    after = FRIDAY + timedelta(days=2)
    one = world.press("mask", base36(1), at=after).letters
    assert "can't be shown again" in said(one)
    shown = world.press("cover", nonce(one, "Mask: Kenneth Reed"), at=after).letters
    assert "Show it again" not in buttons(shown)
    assert (world.kept().text, world.kept().masked) == (
        "My neighbour […] helps me. He lives at 12 High Street.",
        None,
    )
    published = world.read(lambda db: digest_actions.published(db, _scene(db, world), world.chat))
    assert [quote.words for quote in published.quotes] == [world.kept().text]


def _scene(db: Connection, world: World) -> Any:
    scene = digest_actions.material.scene(db, world.draft().id, DESK, now=FRIDAY)
    assert scene is not None
    return scene


def test_what_is_masked_for_the_meeting_is_masked_in_the_week_that_is_out(world: World) -> None:
    start = FRIDAY + timedelta(days=4)
    world.write(meetings.create, network_id=world.network, title="Second", starts_at=start, created_at=MONDAY)
    world.drafted(AN_ANSWER)
    world.press("good")
    world.tick(FRIDAY)
    later = start - timedelta(hours=71)
    world.tick(later)
    meeting = next(one for one in world.all() if one.chain == "meeting" and one.state == "draft")
    one = world.press("mask", base36(1), at=later, id=meeting.id).letters
    letters = world.press("cover", nonce(one, "Mask: Kenneth Reed"), at=later, id=meeting.id).letters
    assert world.kept().text == "My neighbour […] helps me. He lives at 12 High Street."
    assert "My neighbour […] helps me" in said(world.press("back", at=later, id=meeting.id).letters)
    week = next(one for one in world.all() if one.state == "published")
    scene = world.read(lambda db: digest_actions.material.scene(db, week.id, DESK, now=later))
    published = world.read(lambda db: digest_actions.published(db, scene, world.chat))
    assert [quote.words for quote in published.quotes] == [world.kept().text]
    assert "Kenneth" not in said(letters)


def test_nobody_but_who_leads_can_mask_and_no_answer_of_another_digest(world: World) -> None:
    world.drafted(AN_ANSWER)
    assert world.press("mask", base36(1), by="Ben").alert
    for forged in (base36(99), "x.y", "", "zzzzzzzzzzzzzzzzzzzzzz"):
        assert world.press("mask", forged).alert
        assert world.press("cover", f"{forged}.abc").alert


def test_this_is_our_subject_takes_the_flag_away(world: World) -> None:
    world.drafted("She has diabetes")
    one = world.press("mask", base36(1)).letters
    shown = world.press("ours", nonce(one, "Our subject: diabetes")).letters
    assert "Look at" not in said(shown)
    assert world.kept().flags is None
    assert world.read(networks.found, world.network).subject == ["diabetes"]


# Without anybody's look -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("approval", "openly"), [("open", True), ("trusted", False)])
def test_what_seems_to_tell_of_somebody_does_not_go_out_unread(
    world: World, approval: str, openly: bool
) -> None:
    world.write(networks.change, world.network, approval=approval)
    world.drafted("Henk helps me every single day", "The evenings are long", openly=openly)
    for moment in (
        DRAFT,
        FRIDAY,
        FRIDAY + timedelta(hours=1),
    ):  # whether it stands in the group still is asked first
        world.tick(moment + timedelta(minutes=11))
    (sent,) = world.sent()
    assert "Henk" not in sent
    assert "evenings" in sent
    published = next(one for one in world.all() if one.state == "published")
    assert set(world.read(digests.items, published.id)) == {2}


def test_what_was_masked_goes_out_unread(world: World) -> None:
    world.write(networks.change, world.network, approval="trusted")
    world.drafted("Henk helps me every single day")
    one = world.press("mask", base36(1)).letters
    world.press("cover", nonce(one, "Mask: Henk"))
    world.tick(FRIDAY)
    assert "[…] helps me every single day" in world.sent()[0]
    assert world.kept().text == "[…] helps me every single day"


# Pictures -------------------------------------------------------------------------------------------------------


def add_file(world: World, kind: str, state: str, data: bytes = b"clean", **values: Any) -> None:
    medium = {
        "contribution_id": 1,
        "kind": kind,
        "file_id": f"id-{kind}",
        "state": state,
        "at": MONDAY,
        **values,
    }
    world.write(contributions.add_medium, bytes=data, **medium)


def test_those_who_lead_see_pictures_with_what_was_said_of_them(world: World) -> None:
    world.given("Our garden")
    add_file(world, "photo", "kept")
    add_file(world, "photo", "sealed")
    add_file(world, "document", "kept", mime="image/png", name="garden.png")
    add_file(world, "document", "kept", mime="application/pdf")
    world.tick(MONDAY)
    world.tick(DRAFT)
    assert "Pictures" in buttons(world.press("through").letters)
    (first,) = world.press("pictures").letters
    assert (first.method, first.params["photo"], first.params["protect_content"]) == (
        "sendPhoto",
        "id-photo",
        True,
    )
    assert "not answered yet" in first.params["caption"]
    world.write(contributions.change, 1, picture="agreed")
    (second,) = world.press("pictures", nonce([first], "The next picture")).letters
    assert second.files["document"].data == b"clean"  # never the file as it lies with Telegram
    assert "agreed" in second.params["caption"]
    assert world.press("pictures", "2").alert
    assert world.press("pictures", by="Ben").alert
    assert not any("garden.png" in text for text in world.sent())


def test_without_pictures_nothing_is_offered(world: World) -> None:
    world.drafted("Our garden")
    assert "Pictures" not in buttons(world.press("through").letters)
    assert world.press("pictures").alert


@pytest.mark.parametrize(
    ("kind", "data", "state"),
    [("document", b"words", "kept"), ("document", b"\x00?", "sealed"), ("voice", b"\x00?", "kept")],
)
def test_a_file_that_cannot_be_cleaned_is_its_authors_alone(
    world: World, kind: str, data: bytes, state: str
) -> None:
    world.given("Our garden")
    add_file(world, kind, "wanted", b"")

    def fetched(db: Connection) -> None:
        letter = mail.ask(media.FETCH, To(), "getFile", {"file_id": "x"}, about={"medium": 1}, key="file:1")
        outbox_rows.write(db, [letter], now=MONDAY)
        row = outbox_rows.by_key(db, "file:1")
        assert row is not None
        media.fetched(db, Answer(row, Sent({}, data), DESK, MONDAY))

    world.write(fetched)
    (medium,) = world.read(contributions.media_of, 1)
    assert medium.state == state
    assert world.read(contributions.bytes_of, 1) == data
    assert (world.read(outbox_rows.by_key, "sealed:1") is not None) == (state == "sealed")
