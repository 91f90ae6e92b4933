"""Windows: nothing twice, nothing skipped, nothing empty, never sent twice; on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import catalogues
from bot.actions import digests as actions
from bot.actions import draft_presses
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import consents
from bot.core.letters import base36, read_callback
from storage import chats, contributions, dialogs, digests, meetings, members, networks, people, prompts
from storage import postings as posting_rows
from storage.db import Connection, Database
from storage.tables import audit, contribution_versions, digest_items, outbox
from storage.tables import digests as digests_table

DESK = Desk(texts=catalogues.load(strict=True), bot_id=1, bot_username="bln_bot")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 6, 16, tzinfo=UTC)
DRAFT = FRIDAY - timedelta(days=1)
MINUTE = timedelta(minutes=1)


class Bench:
    """A network in a database, and the clock's hand without a clock."""

    draws = False  # pictures and PDFs: they take longer than all the rest

    def __init__(self, database: Database) -> None:
        self.database = database
        self.network = self.write(_network)
        self.chat = self.write(_chat, self.network, "core", -100)
        self.frida = self.write(_member, self.network, 1, "Frida", group="researcher", facilitator=True)
        self.authors = [self.write(_member, self.network, n, f"Carer {n}") for n in (11, 12, 13)]
        self.posting = self.write(_posting, self.network, self.chat)

    def write(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return self.database.write_now(function, *args, **values)

    def given(
        self, text: str, *, author: int = 0, at: datetime = MONDAY, place: str = "private", **values: Any
    ) -> int:
        return self.write(
            _contribution,
            self.network,
            self.posting,
            self.authors[author],
            text,
            at=at,
            place=place,
            **values,
        )

    def tick(self, now: datetime) -> None:
        """Do what is due, as the clock does, until nothing is due."""
        for network in self.database.read_now(actions.unplanned, now=now):
            self.write(actions.plan, network, DESK, now=now)
        while found := self.database.read_now(actions.due, now=now):
            for digest in found:
                work = self.database.read_now(actions.read, digest, DESK, now=now)
                if work is not None and not self.draws:
                    work = replace(work, task=None)
                self.write(actions.write, digest, DESK, now=now, made=actions.make(work))

    def weeks(self, until: datetime) -> None:
        """Let time pass, stopping wherever something is due."""
        now = MONDAY
        while now < until:
            self.tick(now)
            coming = self.database.read_now(actions.upcoming, now=now)
            now = until if coming is None else max(now, min(coming, until))
        self.tick(until)

    def sent(self) -> list[str]:
        query = select(outbox.c.params).where(outbox.c.kind == actions.KIND).order_by(outbox.c.id)
        return [row[0]["text"] for row in self.write(lambda db: db.execute(query).all())]

    def told(self, person_key: str = "draft:") -> list[str]:
        query = select(outbox.c.params).where(outbox.c.key.startswith(person_key)).order_by(outbox.c.id)
        return [row[0]["text"] for row in self.write(lambda db: db.execute(query).all()) if "text" in row[0]]

    def all(self) -> list[digests.Digest]:
        every = ("due", "draft", "approved", "held", "published", "empty", "missed", "merged", "cancelled")
        return self.write(digests.of_network, self.network, every)

    def the(self, state: str) -> digests.Digest:
        return next(one for one in self.all() if one.state == state)

    def items(self, digest: int) -> set[int]:
        return set(self.write(digests.items, digest))

    def approve(self) -> None:
        draft = self.the("draft")
        self.write(digests.change, draft.id, state="approved", approved_at=DRAFT, next_at=DRAFT)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def _network(db: Connection) -> int:
    made = networks.create(db, title="Care", language="en", timezone="Europe/Amsterdam", now=MONDAY)
    return made.id


def _chat(db: Connection, network: int, circle: str, telegram_id: int) -> int:
    return chats.keep(db, network, telegram_id, circle=circle, kind="supergroup", title="Care", now=MONDAY).id


def _member(
    db: Connection, network: int, telegram_id: int, name: str, *, group: str = "carer", **values: Any
) -> int:
    person = people.keep(db, telegram_id, name=name, username=None, language="en", now=MONDAY)
    people.change(db, person.id, reachable=True)
    member = members.keep(db, network, person.id, circle="core", now=MONDAY)
    members.change(db, member.id, state="active", group=group, joined_at=MONDAY, **values)
    for use in (consents.TAKE_PART, consents.QUOTE):
        members.agree(db, member.id, use, True, version="1", language="en", now=MONDAY)
    return member.id


def _posting(db: Connection, network: int, chat: int, mark: str = "t") -> int:
    when = {"kind": "now"}
    prompt = prompts.create(
        db, network_id=network, kind="open", text="What helped?", when=when, state="done", created_at=MONDAY
    )
    occurrence = prompts.occur(db, prompt.id, "2026-11-02T10:00", "posted", due_at=MONDAY, now=MONDAY)
    made = posting_rows.create(
        db,
        occurrence_id=occurrence,
        prompt_id=prompt.id,
        network_id=network,
        chat_id=chat,
        token=mark,
        posted_at=MONDAY,
        closes_at=MONDAY + timedelta(days=7),
    )
    assert made is not None
    return made.id


def _contribution(
    db: Connection,
    network: int,
    posting: int,
    member: int,
    text: str,
    *,
    at: datetime,
    place: str,
    **values: Any,
) -> int:
    kept = contributions.keep(
        db,
        network_id=network,
        posting_id=posting,
        member_id=member,
        place=place,
        kind="text",
        text=text,
        sent_at=at,
        arrived_at=at,
        **values,
    )
    return kept.id


def test_the_next_weekly_digest_is_planned_once(bench: Bench) -> None:
    bench.tick(MONDAY)
    bench.tick(MONDAY)
    (planned,) = bench.all()
    assert (planned.occurrence, planned.state) == ("2026-W45", "due")
    assert (planned.draft_at, planned.publish_at, planned.next_at) == (DRAFT, FRIDAY, DRAFT)


def test_each_contribution_stands_in_one_digest_of_its_chain(bench: Bench) -> None:
    bench.write(networks.change, bench.network, approval="trusted")
    given = [
        bench.given(f"words {day}", at=MONDAY + timedelta(days=day), author=day % 3) for day in range(17)
    ]
    bench.weeks(MONDAY + timedelta(days=30))
    rows = bench.write(lambda db: db.execute(select(digest_items.c.contribution_id)).scalars().all())
    assert sorted(rows) == given  # nothing twice, nothing skipped
    assert [one.state for one in bench.all()][:3] == ["published"] * 3
    assert len(bench.sent()) == 3  # the weeks after had nothing, and nothing was sent
    assert bench.the("empty")
    for digest in bench.all():
        assert digest.state == "published" or digest.state == "due" or not bench.items(digest.id)


def test_what_is_committed_late_comes_into_the_next_one(bench: Bench) -> None:
    bench.write(networks.change, bench.network, approval="trusted")
    first = bench.given("in time")
    bench.tick(MONDAY)
    bench.tick(DRAFT)
    late = bench.given("arrived before the cut, committed after it", at=DRAFT - MINUTE, author=1)
    bench.tick(FRIDAY)
    assert bench.items(bench.the("published").id) == {first}
    bench.weeks(FRIDAY + timedelta(days=7))
    assert bench.items([one for one in bench.all() if one.state == "published"][1].id) == {late}


def test_a_draft_made_from_what_has_changed_is_made_again(bench: Bench) -> None:
    kept = bench.given("I regret this")
    bench.tick(MONDAY)
    planned = bench.the("due").id
    bench.write(digests.change, planned, content={"checking": DRAFT.isoformat()})
    work = bench.database.read_now(actions.read, planned, DESK, now=DRAFT)
    assert work.step == "make"
    bench.write(contributions.change, kept, state="taken_back", text="")
    bench.write(actions.contributions_changed, [kept], DESK, now=DRAFT)
    bench.write(actions.write, planned, DESK, now=DRAFT, made=actions.make(work))
    assert bench.the("due")
    assert bench.told() == []
    bench.tick(DRAFT)
    assert bench.the("empty")


def test_a_digest_that_was_written_is_not_written_again(bench: Bench) -> None:
    bench.given("words")
    bench.tick(MONDAY)
    bench.tick(DRAFT)
    bench.approve()
    bench.write(digests.change, bench.the("approved").id, checked_at=FRIDAY)
    digest = bench.the("approved").id
    work = bench.database.read_now(actions.read, digest, DESK, now=FRIDAY)
    made = actions.make(work)
    bench.write(actions.write, digest, DESK, now=FRIDAY, made=made)
    bench.write(actions.write, digest, DESK, now=FRIDAY, made=made)
    bench.tick(FRIDAY + MINUTE)
    assert len(bench.sent()) == 1


def test_earlier_words_are_forgotten_with_the_digest(bench: Bench) -> None:
    kept = bench.given("words")
    bench.write(contributions.version, kept, "first words", at=MONDAY)
    bench.tick(MONDAY)
    bench.tick(DRAFT)
    bench.approve()
    versions = select(contribution_versions)
    assert bench.write(lambda db: len(db.execute(versions).all())) == 1
    bench.tick(FRIDAY)
    assert bench.write(lambda db: len(db.execute(versions).all())) == 0


def test_two_chains_each_take_everything(bench: Bench) -> None:
    bench.write(networks.change, bench.network, approval="trusted")
    kept = bench.given("words")
    start = FRIDAY + timedelta(days=4)
    bench.write(meetings.create, network_id=bench.network, title="Second", starts_at=start, created_at=MONDAY)
    bench.weeks(start)
    published = [one for one in bench.all() if one.state == "published"]
    assert {one.chain for one in published} == {"weekly", "meeting"}
    assert all(bench.items(one.id) == {kept} for one in published)


def test_private_answers_nobody_read_stand_in_the_next_draft(bench: Bench) -> None:
    private = bench.given("for few ears")
    openly = bench.given("said aloud", author=1, place="group", chat_id=bench.chat)
    bench.weeks(FRIDAY)
    assert bench.items(bench.the("published").id) == {openly}
    assert "said aloud" in bench.sent()[0]
    assert "for few ears" not in bench.sent()[0]
    bench.weeks(FRIDAY + timedelta(days=6, hours=2))
    assert bench.items(bench.the("draft").id) == {private}


def test_the_seats_of_unread_private_answers_go_to_what_was_said_openly(bench: Bench) -> None:
    bench.given("A private answer with enough words to be chosen before any other.")
    bench.given("Another private answer with enough words to be chosen before others.", author=1)
    bench.given("A third private one, long enough again to take the last free seat.", author=2)
    bench.given("One.", author=1, place="group", chat_id=bench.chat)
    bench.weeks(FRIDAY)
    (sent,) = bench.sent()
    assert "One." in sent
    assert "private" not in sent


def test_what_was_said_in_one_chat_is_not_open_in_another(bench: Bench) -> None:
    other = bench.write(_chat, bench.network, "sounding", -200)
    bench.given("said in the core group", place="group", chat_id=bench.chat)
    bench.given("said on the sounding board", author=1, place="group", chat_id=other)
    start = FRIDAY + timedelta(days=4)
    bench.write(networks.change, bench.network, weekly=False)
    bench.write(meetings.create, network_id=bench.network, title="Second", starts_at=start, created_at=MONDAY)
    bench.weeks(start)
    core, sounding = bench.sent()
    assert "in the core group" in core
    assert "on the sounding board" not in core
    assert "on the sounding board" in sounding
    assert "in the core group" not in sounding


def test_one_author_said_yes_to_words_that_changed_since(bench: Bench) -> None:
    kept = bench.given("for few ears")
    bench.weeks(FRIDAY - timedelta(hours=2))
    item = bench.write(digests.items, bench.the("draft").id)[kept]
    assert (item.asked or "").startswith("asked:")
    bench.write(digests.change_item, item.id, asked="yes:" + (item.asked or "")[6:])
    bench.write(contributions.change, kept, text="other words")
    bench.write(actions.contributions_changed, [kept], DESK, now=FRIDAY - MINUTE)
    bench.tick(FRIDAY)
    assert bench.sent() == []
    assert bench.items(bench.the("empty").id) == set()


def test_a_digest_follows_its_meeting(bench: Bench) -> None:
    bench.write(networks.change, bench.network, weekly=False)
    bench.given("words")
    start = MONDAY + timedelta(days=9)
    meeting = bench.write(
        meetings.create, network_id=bench.network, title="Second", starts_at=start, created_at=MONDAY
    )
    bench.tick(MONDAY)
    assert bench.the("due").publish_at == start - timedelta(hours=48)
    now = start - timedelta(hours=60)
    bench.tick(now)
    assert bench.items(bench.the("draft").id)
    bench.write(meetings.change, meeting.id, starts_at=start + timedelta(days=7))
    bench.write(actions.replan, bench.network, DESK, now=now)
    moved = bench.the("due")
    assert moved.draft_at == start + timedelta(days=7, hours=-72)
    assert bench.items(moved.id) == set()
    bench.write(meetings.change, meeting.id, state="cancelled")
    bench.write(actions.replan, bench.network, DESK, now=now)
    assert bench.the("cancelled").next_at is None
    bench.write(meetings.change, meeting.id, state="planned")
    bench.write(actions.replan, bench.network, DESK, now=now)
    assert bench.the("due").next_at == moved.draft_at


def test_a_weekly_digest_follows_the_settings(bench: Bench) -> None:
    bench.tick(MONDAY)
    bench.write(networks.change, bench.network, weekly_day=2, weekly_time="12:00")
    bench.write(actions.replan, bench.network, DESK, now=MONDAY)
    (planned,) = bench.all()
    assert planned.publish_at == datetime(2026, 11, 4, 11, tzinfo=UTC)
    bench.write(networks.change, bench.network, weekly=False)
    bench.write(actions.replan, bench.network, DESK, now=MONDAY)
    assert bench.all() == []


def test_a_meeting_on_short_notice_gets_its_digest_half_way(bench: Bench) -> None:
    bench.write(networks.change, bench.network, weekly=False)
    bench.write(
        meetings.create,
        network_id=bench.network,
        title="Soon",
        starts_at=MONDAY + timedelta(hours=10),
        created_at=MONDAY,
    )
    bench.tick(MONDAY)
    assert bench.the("empty").publish_at == MONDAY + timedelta(hours=5)


def test_what_waits_in_a_held_digest_stands_in_the_next_draft(bench: Bench) -> None:
    bench.write(networks.change, bench.network, approval="required")
    kept = bench.given("words")
    bench.weeks(FRIDAY)
    held = bench.the("held")
    assert bench.items(held.id) == {kept}
    later = bench.given("more words", author=1, at=FRIDAY + MINUTE)
    bench.weeks(FRIDAY + timedelta(days=6, hours=2))
    assert bench.the("merged").id == held.id
    assert bench.items(bench.the("draft").id) == {kept, later}


def test_a_digest_long_after_its_hour_is_left_out_and_its_words_come_next(bench: Bench) -> None:
    kept = bench.given("words")
    bench.tick(MONDAY)
    bench.tick(DRAFT)
    bench.tick(FRIDAY + timedelta(hours=25))
    assert bench.the("missed")
    assert bench.sent() == []
    assert len(bench.told("missed_digest:")) == 1
    bench.weeks(DRAFT + timedelta(days=7, hours=1))
    assert kept in bench.items(bench.the("draft").id)


def test_an_edition_of_a_sent_digest_lacks_what_was_taken_back(bench: Bench) -> None:
    kept = bench.given("take me back")
    bench.given("keep me", author=1)
    bench.tick(MONDAY)
    bench.tick(DRAFT)
    bench.approve()
    bench.tick(FRIDAY)
    key = f"digest:{bench.the('published').id}:{bench.chat}"
    arrived = update(outbox).where(outbox.c.key == key).values(state="sent", message_id=77)
    bench.write(lambda db: db.execute(arrived) and None)
    bench.write(contributions.change, kept, state="taken_back", text="")
    (letter,) = [
        one
        for one in bench.write(actions.contributions_changed, [kept], DESK, now=FRIDAY + MINUTE)
        if one.to.chat is not None
    ]
    assert letter.params["message_id"] == 77
    assert "keep me" in letter.params["text"]
    assert "take me back" not in letter.params["text"]


def test_content_holds_no_words(bench: Bench) -> None:
    bench.given("unmistakable words")
    bench.weeks(DRAFT)
    stored = bench.write(lambda db: str(db.execute(select(digests_table.c.content)).all()))
    assert "unmistakable" not in stored


def test_the_stand_in_gets_the_draft_when_nobody_has_looked(bench: Bench) -> None:
    stand_in = bench.write(_member, bench.network, 20, "Mohammed", group="practitioner")
    person = bench.write(members.get, stand_in).person_id
    bench.write(networks.change, bench.network, stand_in=person)
    bench.given("words")
    bench.weeks(FRIDAY - timedelta(hours=13))
    assert len(bench.told()) == 1  # the facilitator's
    bench.weeks(FRIDAY - timedelta(hours=11))
    query = select(outbox.c.not_before).where(outbox.c.person_id == person)
    (not_before,) = bench.write(lambda db: db.execute(query).scalars().all())
    assert not_before == datetime(2026, 11, 6, 7, tzinfo=UTC)  # 08:00 there: quiet hours are kept
    assert len(bench.told("look:")) == 1  # and the facilitator is reminded
    pressed = bench.write(
        draft_presses.pressed, _person(bench, person), "good", bench.the("draft").id, "", 5, DESK, now=FRIDAY
    )
    assert not pressed.alert
    assert bench.the("approved").approved_by == person


def _coordinator(bench: Bench) -> None:
    person = bench.write(people.keep, 30, name="Cora", username=None, language="en", now=MONDAY)
    bench.write(people.change, person.id, coordinator=True, reachable=True)


def test_the_coordinator_hears_an_hour_before_that_nobody_has_looked(bench: Bench) -> None:
    _coordinator(bench)
    bench.given("unmistakable words")
    bench.weeks(FRIDAY - timedelta(minutes=61))
    assert not any("nobody who leads it has looked" in told for told in bench.told("look:"))
    bench.weeks(FRIDAY)
    (told,) = [one for one in bench.told("look:") if "nobody who leads it has looked" in one]
    assert "Friday 6 November at 17:00" in told
    assert "unmistakable" not in told


def test_a_draft_that_somebody_approved_needs_no_coordinator(bench: Bench) -> None:
    _coordinator(bench)
    bench.given("words")
    bench.weeks(DRAFT)
    bench.approve()
    bench.weeks(FRIDAY)
    assert bench.told("look:") == []


@pytest.mark.parametrize("away", ["paused", "blocked", "left"])
def test_a_draft_goes_on_without_the_only_facilitator(bench: Bench, away: str) -> None:
    _coordinator(bench)
    person = _frida(bench).id
    if away == "blocked":
        bench.write(people.change, person, reachable=False)
    else:
        gone = {"state": "left"} if away == "left" else {"paused_until": FRIDAY + timedelta(days=9)}
        bench.write(members.change, bench.frida, **gone)
    bench.given("words")
    bench.weeks(FRIDAY - timedelta(hours=11))
    assert bench.told() == []  # nobody is there, and no stand-in
    assert len(bench.told("look:")) == 1  # the coordinator hears it at once
    stand_in = bench.write(_member, bench.network, 20, "Mohammed", group="practitioner")
    bench.write(networks.change, bench.network, stand_in=bench.write(members.get, stand_in).person_id)
    bench.write(
        digests.change, bench.the("draft").id, content={"stale": True}, next_at=FRIDAY - timedelta(hours=10)
    )
    bench.weeks(FRIDAY - timedelta(hours=9))
    assert len(bench.told()) == 1  # now somebody is


def test_what_may_be_about_somebody_s_safety_is_left_out_and_the_draft_says_so(bench: Bench) -> None:
    bench.write(networks.change, bench.network, approval="trusted")
    bench.given("My neighbour came by.")
    held = bench.given("unmistakable words", author=1, danger="held")
    bench.weeks(DRAFT)
    (told,) = bench.told()
    assert (
        "One answer is left out: it may be about somebody's safety. Its author has the help numbers." in told
    )
    assert "unmistakable" not in told
    assert held not in bench.items(bench.the("draft").id)
    bench.write(contributions.change, held, danger="used")
    bench.weeks(FRIDAY + timedelta(days=7))
    assert held in {id for one in bench.all() if one.state == "published" for id in bench.items(one.id)}


def _person(bench: Bench, person_id: int) -> people.Person:
    person = bench.write(people.get, person_id)
    assert person is not None
    return person


def _frida(bench: Bench) -> people.Person:
    return _person(bench, bench.write(members.get, bench.frida).person_id)


def test_another_hour_is_chosen_or_typed(bench: Bench) -> None:
    bench.given("words")
    bench.weeks(DRAFT)
    frida, digest = _frida(bench), bench.the("draft").id

    def typed(words: str) -> str:
        letters = bench.write(draft_presses.typed, frida, words, DESK, now=DRAFT + MINUTE)
        return str(letters[-1].params["text"])

    offered = bench.write(draft_presses.pressed, frida, "hour", digest, "", 5, DESK, now=DRAFT + MINUTE)
    rows = offered.letters[0].params["reply_markup"]["inline_keyboard"]
    assert [row[0]["text"] for row in rows][:2] == [
        "Fri 6 Nov 14:00",
        "Fri 6 Nov 20:00",
    ]
    assert "I can't use" in typed("<b>soon</b>")
    assert "I can't use" in typed("2026-11-01 10:00")
    assert "It goes out on Friday 6 November at 19:30." in typed("2026-11-06 19:30")
    assert bench.the("draft").publish_at == FRIDAY + timedelta(hours=2, minutes=30)
    chosen = read_callback(rows[0][0]["callback_data"])
    assert chosen is not None
    bench.write(draft_presses.pressed, frida, "at", digest, chosen.nonce, 5, DESK, now=DRAFT + MINUTE)
    assert bench.the("draft").publish_at == FRIDAY - timedelta(hours=3)


def test_a_word_of_the_facilitator_is_added_mended_and_left_out(bench: Bench) -> None:
    bench.given("words")
    bench.weeks(DRAFT)
    frida, digest = _frida(bench), bench.the("draft").id

    def press(verb: str) -> Any:
        return bench.write(draft_presses.pressed, frida, verb, digest, "", 5, DESK, now=DRAFT)

    press("word")
    too_long = bench.write(draft_presses.typed, frida, "x" * 301, DESK, now=DRAFT)
    assert "301 characters" in too_long[0].params["text"]
    bench.write(draft_presses.typed, frida, "See you <soon>", DESK, now=DRAFT)
    assert bench.the("draft").note == "See you <soon>"
    labels = [row[0]["text"] for row in press("word").letters[0].params["reply_markup"]["inline_keyboard"]]
    assert labels == ["Leave my words out", "Back to the draft"]
    press("no_word")
    assert bench.the("draft").note is None
    press("word")
    press("back")
    assert bench.write(dialogs.of, frida.id, now=DRAFT) is None


def test_what_was_typed_too_late_is_not_used(bench: Bench) -> None:
    bench.given("words")
    bench.weeks(DRAFT)
    frida, digest = _frida(bench), bench.the("draft").id
    bench.write(draft_presses.pressed, frida, "word", digest, "", 5, DESK, now=DRAFT)
    bench.write(digests.change, digest, state="published", published_at=FRIDAY, next_at=None)
    (said,) = bench.write(draft_presses.typed, frida, "late words", DESK, now=DRAFT + MINUTE)
    assert "can't be changed any more" in said.params["text"]


def test_who_leads_can_read_every_answer_page_by_page(bench: Bench) -> None:
    for number in range(9):
        bench.given(f"Answer {number}. " + "A long evening again. " * 20, author=number % 3)
    bench.weeks(DRAFT)
    frida, digest = _frida(bench), bench.the("draft").id
    seen, page, verb = "", 0, "all"
    while verb:
        reaction = bench.write(
            draft_presses.pressed, frida, verb, digest, str(page) if page else "", 5, DESK, now=DRAFT
        )
        (shown,) = reaction.letters
        seen += shown.params["text"]
        buttons = [row[0]["callback_data"] for row in shown.params["reply_markup"]["inline_keyboard"]]
        page, verb = page + 1, "more" if any(".more:" in data for data in buttons) else ""
    assert [number for number in range(9) if f"Answer {number}." in seen] == list(range(9))
    assert page > 1
    noted = select(audit.c.person_id).where(audit.c.action == "appendix")
    assert bench.write(lambda db: db.execute(noted).scalars().all()) == [frida.id]


def test_two_who_send_at_once_can_still_stop_it(bench: Bench) -> None:
    bench.given("words", place="group", chat_id=bench.chat)
    bench.weeks(DRAFT)
    frida, draft = _frida(bench), bench.the("draft")
    for verb in ("send", "send", "stop"):
        bench.write(draft_presses.pressed, frida, verb, draft.id, "", 5, DESK, now=DRAFT)
    assert bench.the("draft").publish_at == draft.publish_at


def test_a_hidden_quote_can_be_shown_again(bench: Bench) -> None:
    kept = bench.given("words")
    bench.weeks(DRAFT)
    frida, digest = _frida(bench), bench.the("draft").id
    for verb, hidden in (("hide", True), ("show", False)):
        reaction = bench.write(draft_presses.pressed, frida, verb, digest, base36(kept), 5, DESK, now=DRAFT)
        assert ("(hidden)" in reaction.letters[0].params["text"]) is hidden
        assert bench.write(digests.items, digest)[kept].hidden is hidden


def test_without_a_plan_what_is_there_is_shown_and_waits(bench: Bench) -> None:
    bench.write(networks.change, bench.network, weekly=False)
    kept = bench.given("words")
    frida = _frida(bench)
    leader = Leader(None, frida, bench.write(networks.found, bench.network), DESK, MONDAY)  # type: ignore[arg-type]
    bench.write(lambda db: draft_presses.show_now(replace(leader, db=db)))
    bench.tick(MONDAY)
    assert bench.items(bench.the("held").id) == {kept}
    assert len(bench.told()) == 1
    bench.write(draft_presses.pressed, frida, "send", bench.the("held").id, "", 5, DESK, now=MONDAY)
    bench.tick(MONDAY)
    bench.tick(MONDAY + timedelta(minutes=3))
    assert len(bench.sent()) == 1
