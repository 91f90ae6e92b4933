"""Who hears it when somebody objects, and that nobody can be flooded with it; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import catalogues
from bot.actions import objecting
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core.mail import Letter
from storage import dialogs, members, networks, outbox, people
from storage.db import Connection, Database

DESK = Desk(texts=catalogues.load(strict=True), bot_id=1, bot_username="bln_bot", contact="030 299 19 70")
NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
EVE = Visitor(99, "Evelina", None, "en")


@pytest.fixture
def db(database: Database) -> Database:
    def make(db: Connection) -> None:
        for number, (title, leader) in enumerate((("Care", "Frida"), ("Neighbours", "Olga")), 1):
            network = networks.create(db, title=title, language="en", timezone="Europe/Amsterdam", now=NOON)
            _person(db, number, leader, network.id, facilitator=True)
        anna = _person(db, 3, "Anna", 1)
        _person(db, 3, "Anna", 2)
        assert anna == 3

    database.write_now(make)
    return database


def _person(db: Connection, telegram_id: int, name: str, network: int, **values: bool) -> int:
    person = people.keep(db, telegram_id, name=name, username=None, language="en", now=NOON)
    people.change(db, person.id, reachable=True)
    member = members.keep(db, network, person.id, circle="core", now=NOON)
    members.change(db, member.id, state="active", joined_at=NOON, **values)
    return person.id


def passed_on(
    database: Database, words: str, *, person: int | None = None, now: datetime = NOON
) -> list[tuple[object, str]]:
    """Say something, and return who is told what."""

    def say(db: Connection) -> list[Letter]:
        known = None if person is None else people.get(db, person)
        letters = objecting.pass_on(db, EVE, known, words, DESK, now=now)
        outbox.write(db, [one for one in letters if one.key], now=now)
        return letters

    letters = database.write_now(say)
    return [(one.to.person or one.to.telegram, one.params["text"]) for one in letters]


def test_the_network_that_is_named_hears_it(db: Database) -> None:
    heard, told = passed_on(db, "In  NEIGHBOURS somebody tells of my <son>")
    assert heard[0] == 2
    assert "tells of my &lt;son&gt;" in heard[1]
    assert "Evelina" not in heard[1]
    assert told == (99, told[1])
    assert "030 299 19 70" in told[1]


def test_where_none_is_named_the_coordinators_hear_it_or_the_contact_is_told(db: Database) -> None:
    ((_, told),) = passed_on(db, "Somebody tells of my son")
    assert "030 299 19 70" in told
    assert "couldn't" in told
    db.write_now(people.change, 1, coordinator=True)
    heard, _ = passed_on(db, "Somebody tells of my son")
    assert heard[0] == 1
    assert "in one of the groups" in heard[1]


def test_a_member_of_several_is_asked_which_and_a_stranger_never_learns_their_names(db: Database) -> None:
    ((_, asked),) = passed_on(db, "That story is mine", person=3)
    assert "Care, Neighbours" in asked
    assert "Neighbours" not in passed_on(db, "That story is mine")[0][1]
    assert [one[0] for one in passed_on(db, "Care: that story is mine", person=3)] == [1, 3]


def test_at_night_it_waits_for_the_morning_and_five_a_day_are_enough(db: Database) -> None:
    night = NOON + timedelta(hours=11)

    def letters(db: Connection) -> list[Letter]:
        return objecting.pass_on(db, EVE, None, "Care tells of my son", DESK, now=night)

    (heard, _) = db.write_now(letters)
    assert heard.not_before == datetime(2026, 11, 3, 7, tzinfo=UTC)
    for number in range(5):
        assert len(passed_on(db, f"Care {number}")) == 2
    ((_, told),) = passed_on(db, "Care again")
    assert "couldn't" in told
    assert len(passed_on(db, "Care tomorrow", now=NOON + timedelta(days=1))) == 2
    assert len(passed_on(db, "Neighbours")) == 2


@pytest.mark.parametrize(("words", "said"), [("...", "Reply to this message"), ("x" * 1001, "too long")])
def test_nothing_and_too_much_are_not_passed_on(db: Database, words: str, said: str) -> None:
    ((_, told),) = passed_on(db, words)
    assert said in told


def test_who_is_known_may_simply_write(db: Database) -> None:
    def ask(db: Connection) -> str | None:
        objecting.begin(db, EVE, people.get(db, 3), "", DESK, now=NOON)
        dialog = dialogs.of(db, 3, now=NOON)
        return None if dialog is None else dialog.kind

    assert db.write_now(ask) == objecting.KIND
    passed_on(db, "Care: that story is mine", person=3)
    assert db.read_now(dialogs.of, 3, now=NOON) is None
