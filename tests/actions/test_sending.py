"""A digest where people are: what goes where, in which order, and what becomes of it when words are taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.actions import digests as actions
from bot.actions import editions, material, printing, sending
from bot.actions.answer import Answer
from bot.core.agreement import Agreement
from bot.core.digest import Digest
from bot.core.mail import File
from bot.core.outcomes import Refused, Sent
from bot.core.texts import Markup
from bot.render import plain as words_only
from bot.render import print as paper
from storage import contributions, digests, members, outbox, people, prints, retention
from storage.db import Connection, Database
from storage.outbox import Row
from storage.tables import outbox as letters
from storage.tables import prints as drawn
from tests.actions.test_digests import DESK, DRAFT, FRIDAY, MONDAY, Bench, _chat, _member

MINUTE = timedelta(minutes=1)
SAID = "My neighbour came by. Who can I call at night?"


class Round(Bench):
    """A network whose digest goes out on Friday, and Telegram's answers without Telegram."""

    draws = True

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        nurses = [
            self.write(_member, self.network, n, f"Nurse {n}", group="practitioner") for n in (21, 22, 23)
        ]
        self.said = self.given(SAID, author=0)
        self.given("The day centre helps us.", author=1)
        self.authors.append(nurses[0])
        self.given("A short handover.", author=3)
        self.make = actions.make

    def undrawn(self) -> "Round":
        """Go on without pictures and PDFs, as where the process that draws them dies: that is quicker."""
        self.make = actions.make_without
        return self

    def tick(self, now: Any) -> None:
        for network in self.database.read_now(actions.unplanned, now=now):
            self.write(actions.plan, network, DESK, now=now)
        while found := self.database.read_now(actions.due, now=now):
            for digest in found:
                work = self.database.read_now(actions.read, digest, DESK, now=now)
                self.write(actions.write, digest, DESK, now=now, made=self.make(work))

    def out(self, *, approved: bool = True) -> digests.Digest:
        self.tick(MONDAY)
        self.tick(DRAFT)
        self.tick(DRAFT + 10 * MINUTE)  # so long the answers to the ✍ are waited for
        if approved:
            self.approve()
        self.tick(FRIDAY - 10 * MINUTE)
        self.tick(FRIDAY)
        return self.the("published")

    def rows(self, *kinds: str) -> list[Row]:
        every = self.database.read_now(_rows)
        return [row for row in every if row.kind in (kinds or (sending.KIND, sending.COPY, printing.KIND))]

    def arrive(self, first: int = 1000) -> None:
        """Everything that waits stands in its chat."""
        for number, row in enumerate(self.rows(), first):
            if row.state == "pending":
                self.write(_arrived, row.id, number)

    def edition(self, person: int, edition: str) -> None:
        self.write(members.change, person, edition=edition)

    def person(self, member: int) -> int:
        found = self.database.read_now(members.get, member)
        assert found is not None
        return found.person_id

    def file(self, row: Row) -> File:
        found = self.database.read_now(prints.get, row.print or 0)
        assert found is not None
        return found

    def answered(self, row: Row, outcome: Any, action: Callable[..., None], now: Any) -> None:
        self.write(action, Answer(row, outcome, DESK, now))

    def take_back(self) -> None:
        self.write(contributions.change, self.said, state="taken_back", text="")
        self.write(_changed, self.said, now=FRIDAY + MINUTE)


def _rows(db: Connection) -> list[Row]:
    return outbox.beginning(db, "digest:")


def _arrived(db: Connection, row_id: int, message_id: int) -> None:
    db.execute(update(letters).where(letters.c.id == row_id).values(state="sent", message_id=message_id))


def _changed(db: Connection, id: int, *, now: Any) -> None:
    outbox.write(db, actions.contributions_changed(db, [id], DESK, now=now), now=now)


def _bytes(db: Connection) -> list[bytes]:
    return list(db.execute(select(drawn.c.bytes)).scalars())


@pytest.fixture
def round(database: Database) -> Round:
    return Round(database)


def test_picture_message_and_pdf_stand_behind_each_other_in_the_group(round: Round) -> None:
    digest = round.out()
    found = [row for row in round.rows() if row.chat_id == round.chat]
    key = f"digest:{digest.id}:{round.chat}"
    assert [(row.key, row.method) for row in found] == [
        (f"{key}:chart", "sendPhoto"),
        (key, "sendMessage"),
        (f"{key}:sheet", "sendDocument"),
    ]
    assert len({row.lane for row in found}) == 1
    assert found[0].params["caption"]  # what the picture shows, for who can't see it
    assert "More is in the PDF below." in found[1].params["text"]
    pdf = round.file(found[2])
    assert pdf.data.startswith(b"%PDF")
    assert pdf.name == "summary-2026-11-06.pdf"
    labels = [button["text"] for row in found[1].params["reply_markup"]["inline_keyboard"] for button in row]
    assert {"Text to read aloud", "What is this?"} < set(labels)


def test_what_cannot_be_drawn_is_left_out_and_the_operator_hears_of_it(
    round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **values: Any) -> bytes:
        raise paper.CannotDraw(SAID)

    monkeypatch.setattr(paper, "pdf", broken)
    round.write(people.change, 1, coordinator=True)
    round.out()
    group = [row for row in round.rows() if row.chat_id == round.chat]
    assert [row.method for row in group] == ["sendPhoto", "sendMessage"]
    assert "in the PDF" not in group[1].params["text"]
    told = round.told("operator:not_drawn")
    assert any("sheet" in words and "CannotDraw" in words for words in told)
    assert not any("neighbour" in words for words in told)


def test_where_the_drawing_process_dies_the_digest_goes_out_without(round: Round) -> None:
    round.undrawn().out()
    assert [row.method for row in round.rows() if row.chat_id == round.chat] == ["sendMessage"]


def test_words_taken_back_are_gone_from_message_picture_and_pdf(round: Round) -> None:
    digest = round.out()
    round.arrive()
    before = round.database.read_now(_bytes)
    round.take_back()
    assert set(round.database.read_now(_bytes)) == {b""}  # at once
    round.tick(FRIDAY + MINUTE)
    key = f"digest:{digest.id}:{round.chat}"
    edits = {row.key: row for row in round.rows(sending.MENDED, printing.MENDED) if row.chat_id == round.chat}
    assert set(edits) == {f"{key}:edit1", f"{key}:chart:edit1", f"{key}:sheet:edit1"}
    assert "neighbour" not in edits[f"{key}:edit1"].params["text"]
    chart, sheet = edits[f"{key}:chart:edit1"], edits[f"{key}:sheet:edit1"]
    assert (chart.method, chart.params["media"]["type"]) == ("editMessageMedia", "photo")
    assert sheet.params["media"]["type"] == "document"
    assert round.file(sheet).data.startswith(b"%PDF")
    assert not set(before) & set(round.database.read_now(_bytes))
    assert "redraw" not in round.the("published").kept


def test_of_pictures_that_never_arrived_no_taken_back_word_is_kept(round: Round) -> None:
    round.out()
    round.write(_failed)
    round.take_back()
    assert set(round.database.read_now(_bytes)) == {b""}


def _failed(db: Connection) -> None:
    db.execute(update(letters).where(letters.c.kind == printing.KIND).values(state="failed"))


def test_what_is_still_on_its_way_takes_the_new_picture_along(round: Round) -> None:
    round.out()
    round.take_back()
    round.tick(FRIDAY + MINUTE)
    assert round.rows(printing.MENDED) == []
    sheet = next(row for row in round.rows() if row.key.endswith(f"{round.chat}:sheet"))
    assert sheet.state == "pending"
    assert round.file(sheet).data
    round.answered(sheet, Sent({"message_id": 5}), printing.arrived, FRIDAY + 2 * MINUTE)
    assert "redraw" not in round.the("published").kept  # what arrived is the new one already


def test_a_picture_that_was_sent_while_words_were_taken_back_is_replaced(round: Round) -> None:
    round.out()
    sheet = next(row for row in round.rows() if row.key.endswith(f"{round.chat}:sheet"))
    round.write(_sending, sheet.id)
    round.take_back()
    round.tick(FRIDAY + MINUTE)
    round.write(_arrived, sheet.id, 77)
    round.answered(sheet, Sent({"message_id": 77}), printing.arrived, FRIDAY + 2 * MINUTE)
    round.tick(FRIDAY + 2 * MINUTE)
    (edit,) = (row for row in round.rows(printing.MENDED) if row.params["message_id"] == 77)
    assert edit.print == sheet.print


def _sending(db: Connection, row_id: int) -> None:
    db.execute(update(letters).where(letters.c.id == row_id).values(state="sending"))


def test_what_cannot_be_replaced_is_deleted_and_else_who_leads_hears_where(round: Round) -> None:
    round.out()
    round.arrive()
    round.take_back()
    round.tick(FRIDAY + MINUTE)
    now = FRIDAY + 2 * MINUTE
    edit = next(row for row in round.rows(printing.MENDED) if row.chat_id == round.chat)
    round.answered(edit, Refused("message can't be edited"), printing.mended, now)
    (gone,) = (row for row in round.rows(printing.MENDED) if row.method == "deleteMessage")
    assert gone.params["message_id"] == edit.about["message"]
    round.answered(gone, Refused("message can't be deleted for everyone"), printing.mended, now)
    assert any("Please delete it there" in words for words in round.told("not_mended:"))


def test_what_was_written_before_a_crash_is_not_written_again(round: Round) -> None:
    digest = round.undrawn().out()
    keys = [row.key for row in round.rows()]
    assert len(set(keys)) == len(keys)

    def again(db: Connection) -> int:
        scene = material.scene(db, digest.id, DESK, now=FRIDAY)
        assert scene is not None
        shown = sending.published(db, scene, round.chat)
        letters = sending.send(db, scene, [(round.chat, shown)], shown, (), apart=False)
        return outbox.write(db, letters, now=FRIDAY)

    assert round.write(again) == 0


# In private -----------------------------------------------------------------------------------------------------


def test_who_wants_it_gets_it_in_private_and_nobody_else(round: Round) -> None:
    carer, other, third, _ = round.authors
    round.edition(carer, "full")
    round.edition(other, "plain")
    round.edition(third, "full")
    round.write(members.change, third, state="left")
    digest = round.out()
    by = {member: round.person(member) for member in round.authors}
    forms = {row.person_id: row.about["form"] for row in round.rows(sending.COPY)}
    assert forms == {by[carer]: "full", by[other]: "plain"}
    key = f"digest:{digest.id}:to{by[carer]}"
    theirs = [row.key for row in round.rows() if row.person_id == by[carer]]
    assert theirs == [f"{key}:chart", key, f"{key}:sheet"]
    (short,) = (row for row in round.rows(sending.COPY) if row.person_id == by[other])
    assert len(short.params["text"].split()) <= 150
    assert "neighbour" in short.params["text"]


def test_a_private_copy_waits_for_the_morning_and_a_pause_stops_it(round: Round) -> None:
    carer, other, *_ = round.authors
    round.edition(carer, "plain")
    round.write(members.change, carer, quiet_from="16:00", quiet_to="09:00")
    round.edition(other, "plain")
    round.write(members.change, other, paused_until=FRIDAY + timedelta(days=9))
    round.undrawn().out()
    (row,) = round.rows(sending.COPY)
    assert row.not_before == FRIDAY.replace(day=7, hour=8)


def test_private_copies_are_mended_like_the_groups(round: Round) -> None:
    round.edition(round.authors[1], "full")
    round.edition(round.authors[2], "plain")
    round.out()
    round.arrive()
    round.take_back()
    round.tick(FRIDAY + MINUTE)
    edited = [row for row in round.rows(sending.MENDED) if row.person_id]
    assert len(edited) == 2
    assert not any("neighbour" in row.params["text"] for row in edited)
    assert len([row for row in round.rows(printing.MENDED) if row.person_id == edited[0].person_id]) == 2


def test_who_leads_gets_all_answers_and_what_can_be_passed_on(round: Round) -> None:
    round.out()
    frida = round.person(round.frida)
    names = [round.file(row).name for row in round.rows(printing.KIND) if row.person_id == frida]
    assert names == ["summary-with-all-answers-2026-11-06.pdf", "summary-2026-11-06.pdf"]
    assert not [row for row in round.rows() if row.person_id not in (None, frida)]


def test_what_was_said_openly_in_one_chat_does_not_get_about(round: Round) -> None:
    """Nobody has looked: words go to the chat in which they were said, and into no copy and no PDF elsewhere."""
    round.given("Said openly in the group.", author=2, place="group", chat_id=round.chat, message_id=5)
    round.edition(round.authors[0], "full")
    digest = round.out(approved=False)
    assert digest.kept["unapproved"] == "open"
    (group,) = (row for row in round.rows(sending.KIND))
    (copy,) = (row for row in round.rows(sending.COPY))
    assert "Said openly" in group.params["text"]
    assert "Said openly" not in copy.params["text"]
    whats = {row.about["of"] for row in round.rows(printing.KIND) if row.chat_id is None}
    assert whats == {printing.PRIVATE}


def test_of_a_network_that_is_erased_no_private_copy_is_remembered(round: Round) -> None:
    round.edition(round.authors[0], "plain")
    round.undrawn().out()
    assert round.rows(sending.COPY)
    while round.write(retention.erase_network, round.network):
        pass
    assert round.rows() == []


# Asked for ------------------------------------------------------------------------------------------------------


def test_the_text_to_read_aloud_comes_in_private_and_is_mended_too(round: Round) -> None:
    digest = round.undrawn().out()
    person = round.database.read_now(people.get, round.person(round.authors[0]))
    round.arrive()
    for _ in range(2):
        asked = round.write(
            editions.wanted, person, "aloud", digest.id, DESK, place=-100, now=FRIDAY + MINUTE
        )
        assert asked.answer == "It is in our private chat."
        round.write(outbox.write, asked.letters, now=FRIDAY + MINUTE)
    both = round.rows(sending.COPY)
    assert len(both) == 2
    assert "A carer says: “My neighbour came by." in both[0].params["text"]
    round.take_back()
    assert not any("neighbour" in row.params["text"] for row in round.rows(sending.COPY))


def test_a_stranger_gets_nothing(round: Round) -> None:
    digest = round.undrawn().out()
    for person in (None, round.write(people.keep, 99, name="Eve", username=None, language="en", now=MONDAY)):
        asked = round.database.read_now(
            editions.wanted, person, "whole", digest.id, DESK, place=None, now=FRIDAY + MINUTE
        )
        assert (list(asked.letters), asked.answer) == ([], "This is for people who have joined.")


def test_a_weekly_summary_does_not_go_to_the_sounding_board(round: Round) -> None:
    far = round.write(_member, round.network, 50, "Sol")
    round.write(members.change, far, circle="sounding", edition="full")
    digest = round.undrawn().out()
    assert not round.rows(sending.COPY)
    sol = round.database.read_now(people.by_telegram_id, 50)
    asked = round.database.read_now(editions.wanted, sol, "whole", digest.id, DESK, place=None, now=FRIDAY)
    assert list(asked.letters) == []


def test_every_chat_has_the_same_pdf_where_somebody_has_looked(round: Round) -> None:
    round.write(_chat, round.network, "core", -200)
    round.out()
    sheets = {row.print for row in round.rows(printing.KIND) if row.about["what"] == "sheet"}
    assert len(sheets) == 1


@pytest.mark.parametrize("edition", [words_only.edition, words_only.aloud])
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "5 agree, 1 disagrees, 1 isn't sure."),
        ("nl", "5 zijn het eens, 1 is het oneens, 1 weet het niet."),
        ("sv", "5 håller med, 1 håller inte med, 1 vet inte."),
    ],
)
def test_one_person_who_differs_is_one(edition: Callable[..., Markup], language: str, expected: str) -> None:
    differs = Agreement(1, 1, "Respite helps.", 5, 1, 1, False, {})
    digest = Digest(
        chain="weekly",
        publish_at=FRIDAY,
        since=None,
        meeting=None,
        questions=(),
        sections=(),
        people=7,
        wrote=(),
        silent=(),
        next_question=None,
        note=None,
        note_by=None,
        differences=(differs,),
    )
    text = DESK.texts.of(language)
    assert expected in edition(digest, text, ZoneInfo("Europe/Amsterdam"), now=FRIDAY)
