"""The outbox: what is written once, in which order it is taken, what came of it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.core.mail import File, Letter, To, document, react, say
from storage import chats, outbox
from storage.db import Connection, Database
from storage.tables import chats as chats_table
from storage.tables import outbox as rows
from storage.tables import posting_messages
from tests.mailing import START, group, person

LATER = timedelta(minutes=1)


def texts(to: To, *keys: str) -> list[Letter]:
    return [letter for key in keys for letter in say(to, key, key=key)]


def due(db: Connection, *, after: timedelta = timedelta(0)) -> list[str]:
    """The keys of the rows that could be sent."""
    view = outbox.look(db, now=START + after)
    keys = {row.id: row.key for row in db.execute(select(rows.c.id, rows.c.key))}
    return [keys[head.id] for head in view.heads]


def taken(db: Connection, key: str, *, after: timedelta = timedelta(0)) -> outbox.Row:
    row = outbox.by_key(db, key)
    assert row is not None
    (claimed,) = outbox.claim(db, [row.id], now=START + after)
    return claimed


def test_a_letter_with_the_same_key_is_written_once(database: Database) -> None:
    def story(db: Connection) -> None:
        letters = texts(To(person=person(db, 1)), "once")
        assert outbox.write(db, letters, now=START) == 1
        assert outbox.write(db, letters, now=START) == 0
        assert db.execute(select(func.count()).select_from(rows)).scalar_one() == 1

    database.write_now(story)


def test_a_letter_without_a_key_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="key"):
        database.write_now(outbox.write, say(To(telegram=1), "hello"), now=START)


def test_a_lane_goes_out_one_after_the_other(database: Database) -> None:
    def story(db: Connection) -> None:
        one, two = To(person=person(db, 1)), To(person=person(db, 2))
        outbox.write(db, texts(one, "a1", "a2") + texts(two, "b1"), now=START)
        assert due(db) == ["a1", "b1"]
        row = taken(db, "a1")
        assert due(db) == ["b1"]
        assert outbox.sent(db, row, 10, None, now=START)
        assert due(db) == ["a2", "b1"]

    database.write_now(story)


@pytest.mark.parametrize("end", ["failed", "abandoned"])
def test_what_has_come_to_its_end_holds_nothing_up(database: Database, end: str) -> None:
    def story(db: Connection) -> None:
        outbox.write(db, texts(To(telegram=1), "a1", "a2"), now=START)
        row = taken(db, "a1")
        assert outbox.failed(db, row, "no") if end == "failed" else outbox.abandoned(db, row)
        assert due(db) == ["a2"]

    database.write_now(story)


def test_what_is_unknown_or_tried_again_holds_up_what_is_behind_it(database: Database) -> None:
    def story(db: Connection) -> None:
        outbox.write(db, texts(To(telegram=1), "a1", "a2") + texts(To(telegram=2), "b1", "b2"), now=START)
        outbox.unsure(db, taken(db, "a1"))
        outbox.later(db, taken(db, "b1"), until=START + LATER)
        assert due(db) == []
        assert due(db, after=LATER) == ["b1"]

    database.write_now(story)


def test_quiet_hours_hold_back_nothing_but_their_own_letter(database: Database) -> None:
    def story(db: Connection) -> None:
        quiet = say(To(telegram=1), "morning", key="quiet", not_before=START + LATER)
        outbox.write(db, quiet + texts(To(telegram=1), "saved"), now=START)
        assert due(db) == ["saved"]
        assert outbox.next_moment(db, now=START) == START + LATER
        assert due(db, after=LATER) == ["quiet"]

    database.write_now(story)


def test_reactions_do_not_hold_up_messages(database: Database) -> None:
    def story(db: Connection) -> None:
        to = To(chat=group(db, -1001))
        outbox.write(db, [react(to, 5, "✍", key="r"), *texts(to, "m")], now=START)
        assert due(db) == ["r", "m"]

    database.write_now(story)


def test_a_claimed_letter_cannot_be_claimed_again(database: Database) -> None:
    def story(db: Connection) -> None:
        outbox.write(db, texts(To(telegram=1), "a"), now=START)
        row = taken(db, "a")
        assert (row.state, row.attempts, row.started_at) == ("sending", 1, START)
        assert outbox.claim(db, [row.id], now=START + timedelta(seconds=1)) == []

    database.write_now(story)


def test_a_claim_knows_where_to_and_the_newest_message_there(database: Database) -> None:
    def story(db: Connection) -> None:
        chat = group(db, -1001)
        chats.seen_message(db, chat, 40)
        chats.seen_message(db, chat, 39)
        outbox.write(db, texts(To(chat=chat), "a"), now=START)
        row = taken(db, "a")
        assert (row.target, row.floor, row.supergroup) == (-1001, 40, True)

    database.write_now(story)


def test_files_travel_in_the_row_and_are_given_up_when_sent(database: Database) -> None:
    def story(db: Connection) -> None:
        file = File("plan.pdf", "application/pdf", b"\x00\xff%PDF")
        outbox.write(db, document(To(telegram=1), file, "Here", key="f"), now=START)
        row = taken(db, "f")
        assert row.files == {"document": file}
        assert row.call == {"caption": "Here", "parse_mode": "HTML"}
        outbox.sent(db, row, 7, {"file_id": "x"}, now=START)
        kept = outbox.by_key(db, "f")
        assert kept is not None
        assert (kept.files, kept.result, kept.message_id) == ({}, {"file_id": "x"}, 7)

    database.write_now(story)


def test_only_the_first_to_settle_a_row_does(database: Database) -> None:
    def story(db: Connection) -> None:
        outbox.write(db, texts(To(telegram=1), "a"), now=START)
        row = taken(db, "a")
        assert outbox.sent(db, row, 7, None, now=START)
        assert not outbox.sent(db, row, 7, None, now=START)
        assert not outbox.unsure(db, row)

    database.write_now(story)


def test_after_a_kill_what_was_being_sent_is_unknown_until_it_has_settled(database: Database) -> None:
    def story(db: Connection) -> None:
        outbox.write(db, texts(To(telegram=1), "a"), now=START)
        taken(db, "a")
        assert outbox.recover(db) == 1
        assert outbox.recover(db) == 0
        assert not outbox.look(db, now=START + timedelta(seconds=89)).unknown
        assert outbox.look(db, now=START + timedelta(seconds=90)).unknown

    database.write_now(story)


def test_a_pause_is_kept_and_never_shortened(database: Database) -> None:
    def story(db: Connection) -> None:
        outbox.pause(db, -5, until=START + 2 * LATER)
        outbox.pause(db, -5, until=START + LATER)
        outbox.pause(db, None, until=START + LATER)
        both = {"-5": START + 2 * LATER, outbox.EVERYTHING: START + LATER}
        assert outbox.look(db, now=START).pauses == both
        assert outbox.look(db, now=START + LATER).pauses == {"-5": START + 2 * LATER}

    database.write_now(story)


def test_a_hundred_thousand_old_letters_are_not_read(database: Database) -> None:
    """Which plan is taken, rather than how long it takes."""

    def story(db: Connection) -> None:
        old = {"lane": "tg:1", "kind": "letter", "method": "sendMessage", "params": {}, "unsure": "abandon"}
        old |= {"state": "sent", "not_before": START, "created_at": START, "telegram_id": 1}
        db.execute(insert(rows), [{**old, "key": f"old:{number}"} for number in range(3000)])
        outbox.write(db, texts(To(telegram=1), "new"), now=START)
        assert due(db) == ["new"]
        if db.dialect.name == "sqlite":
            query = select(rows.c.id).where(
                rows.c.state == "pending", rows.c.not_before <= START, ~outbox._held_up(START)
            )
            sql = query.compile(dialect=db.dialect, compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
            assert not any(line.startswith("SCAN outbox") or line == "SCAN earlier" for line in plan), plan

    database.write_now(story)


# Groups that become supergroups -----------------------------------------------------------------------------


def test_a_group_that_moved_is_found_by_both_ids(database: Database) -> None:
    def story(db: Connection) -> None:
        chat = group(db, -5, kind="group")
        chats.seen_message(db, chat, 900)
        for _ in range(2):  # three signals tell of it
            chats.migrate(db, -5, -1005, now=START)
        for telegram_id in (-5, -1005):
            found = chats.by_telegram_id(db, telegram_id)
            assert found is not None
            assert (found.id, found.telegram_id, found.kind) == (chat, -1005, "supergroup")
            assert found.last_message_id == 0  # it counts anew

    database.write_now(story)


def test_letters_to_a_group_that_moved_go_to_its_new_id(database: Database) -> None:
    def story(db: Connection) -> None:
        chat = group(db, -5, kind="group")
        outbox.write(db, texts(To(chat=chat), "a"), now=START)
        chats.migrate(db, -5, -1005, now=START)
        assert taken(db, "a").target == -1005

    database.write_now(story)


def test_a_supergroup_that_was_met_first_is_merged(database: Database) -> None:
    def story(db: Connection) -> None:
        old, new = group(db, -5, kind="group"), group(db, -1005)
        chats.seen_message(db, new, 3)
        outbox.write(db, texts(To(chat=old), "a") + texts(To(chat=new), "b"), now=START)
        chats.migrate(db, -5, -1005, now=START)
        assert list(db.execute(select(chats_table.c.id)).scalars()) == [old]
        assert set(db.execute(select(rows.c.chat_id)).scalars()) == {old}
        found = chats.by_telegram_id(db, -1005)
        assert found is not None
        assert (found.id, found.last_message_id) == (old, 3)

    database.write_now(story)


def test_old_message_ids_mean_nothing_after_a_move(database: Database) -> None:
    def story(db: Connection) -> None:
        chat = group(db, -5, kind="group")
        outbox.write(db, texts(To(chat=chat), "a"), now=START)
        outbox.sent(db, taken(db, "a"), 57, None, now=START)
        assert outbox.knows(db, chat, 57)
        chats.migrate(db, -5, -1005, now=START)
        assert not outbox.knows(db, chat, 57)
        assert db.execute(select(posting_messages)).first() is None

    database.write_now(story)


def test_a_group_is_gone_once(database: Database) -> None:
    def story(db: Connection) -> None:
        chat = group(db, -5)
        assert chats.gone(db, chat)
        assert not chats.gone(db, chat)
        db.execute(update(chats_table).values(state="active"))
        assert chats.gone(db, chat)

    database.write_now(story)
