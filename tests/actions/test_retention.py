"""What is erased, when, and that nothing else is; on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy import text as sql

from bot import catalogues
from bot.actions import contributions as given_back
from bot.actions import housekeeping, opening, privacy, retention
from bot.actions.housekeeping import RULES
from bot.actions.unit import Desk
from bot.core import consents, mail
from bot.core.mail import Letter, To
from bot.core.privacy import About, page
from storage import (
    chats,
    contributions,
    copies,
    digests,
    facts,
    inbox,
    links,
    meetings,
    members,
    networks,
    outbox,
    people,
    postings,
    prompts,
    reactions,
    tables,
    tallies,
)
from storage import erasing as forgetting
from storage import retention as erasing
from storage.db import Connection, Database, opened

DESK = Desk(texts=catalogues.load(strict=True), bot_id=1, bot_username="bln_bot", timezone="Europe/Amsterdam")
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WORD = "Schemerlamp"


class House:
    """A database with networks in it, tidied whenever a test says so."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.letters: list[tuple[str, int | None, str]] = []  # key, person, words

    def write(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return self.database.write_now(function, *args, **values)

    def tidy(self, now: datetime, desk: Desk = DESK) -> dict[str, int]:
        """Follow the rules until they come to their end, as the ticks would in the minutes after `now`."""
        numbers: dict[str, int] = {}
        while self.database.read_now(housekeeping.due, now=now):
            if self.write(housekeeping.tidy, 0, desk, now=now):
                for name, count in self.write(noted)[-1][1].items():
                    numbers[name] = numbers.get(name, 0) + count
            now += housekeeping.SOON
        self.letters += self.write(deliver, now=now)
        return numbers

    def days(self, *moments: datetime, desk: Desk = DESK) -> None:
        """Do what the ticks of these moments do."""
        for now in moments:
            for network in self.database.read_now(retention.revived, now=now):
                self.write(retention.revive, network, desk, now=now)
            self.tidy(now, desk)

    def network(self, title: str = "Care", **values: Any) -> "Seeded":
        return Seeded(self, *self.write(seeded, title, **values))

    def told(self, beginning: str) -> list[str]:
        """What was said in letters whose keys begin so."""
        return [words for key, _, words in self.letters if key.startswith(beginning)]

    def counts(self) -> dict[str, int]:
        """How many rows each table has, but for the bot's own notes."""
        every = [each for each in tables.metadata.sorted_tables if each.name not in ("audit", "facts")]
        count = {each.name: select(func.count()).select_from(each) for each in every}
        return self.write(
            lambda db: {name: n for name, query in count.items() if (n := db.execute(query).scalar_one())}
        )


class Seeded:
    """A network in which something of everything was given."""

    def __init__(self, house: House, id: int, chat: int, member: int, posting: int) -> None:
        self.house, self.id, self.chat, self.member, self.posting = house, id, chat, member, posting

    def state(self) -> str | None:
        network = self.house.write(networks.get, self.id)
        return None if network is None else network.state


def seeded(
    db: Connection, title: str, *, language: str = "en", now: datetime = START
) -> tuple[int, int, int, int]:
    network = networks.create(db, title=title, language="en", timezone="Europe/Amsterdam", now=now)
    opening.close(db, network.id, now=now)  # who leads knows that nobody else can join
    telegram_id = -100_000 - network.id
    chat = chats.keep(db, network.id, telegram_id, circle="core", kind="supergroup", title=title, now=now)
    leader = member(db, network.id, 10 * network.id, "Frida", language, facilitator=True, now=now)
    anna = member(db, network.id, 10 * network.id + 1, "Anna", language, now=now)
    prompt = prompts.create(
        db, network_id=network.id, kind="open", text="How?", when={}, state="done", created_at=now
    )
    occurrence = prompts.occur(db, prompt.id, f"{network.id}", "posted", due_at=now, now=now)
    values = {"prompt_id": prompt.id, "network_id": network.id, "chat_id": chat.id, "posted_at": now}
    posting = postings.create(
        db,
        occurrence_id=occurrence,
        token=links.token(),
        closes_at=now + 6 * DAY,
        message_id=5,
        **values,
    )
    assert posting is not None
    contribution = contributions.keep(
        db,
        network_id=network.id,
        posting_id=posting.id,
        member_id=anna,
        place="group",
        chat_id=chat.id,
        message_id=6,
        kind="voice",
        text=WORD * 3,
        sent_at=now,
        arrived_at=now,
    )
    contributions.stands_in(db, contribution.id, telegram_id, 6)
    contributions.version(db, contribution.id, WORD + " once", at=now)
    medium = contributions.add_medium(
        db, contribution_id=contribution.id, kind="voice", file_id="f", state="kept", size=4, at=now
    )
    contributions.change_medium(db, medium, bytes=WORD.encode() * 1000, sha256="x")
    reactions.put(
        db, network_id=network.id, chat_id=chat.id, message_id=5, member_id=anna, emojis=["👍"], at=now
    )
    reactions.count(db, chat_id=chat.id, message_id=6, counts={"👍": 2}, at=now)
    meeting = meetings.create(
        db, network_id=network.id, title="We meet", starts_at=now + DAY, created_by=leader, created_at=now
    )
    meetings.answer(db, meeting.id, anna, "yes", now=now)
    digest = digests.create(
        db,
        network_id=network.id,
        chain="weekly",
        occurrence="2026-W45",
        state="published",
        draft_at=now,
        publish_at=now,
        note=WORD,
        note_by=people_id(db, leader),
        content={"keys": {str(chat.id): f"digest:1:{chat.id}"}},
    )
    digests.take(db, digests.get(db, digest or 0), [contribution.id])  # type: ignore[arg-type]
    outbox.write(db, mail.say(To(chat=chat.id), f"{WORD} says Anna", key=f"say:{network.id}"), now=now)
    links.standing(db, "group", network.id, "core", now=now)
    return network.id, chat.id, anna, posting.id


def member(
    db: Connection, network: int, telegram_id: int, name: str, language: str, *, now: datetime, **values: Any
) -> int:
    person = people.keep(db, telegram_id, name=name, username=None, language=language, now=now)
    people.change(db, person.id, reachable=True)
    made = members.keep(db, network, person.id, circle="core", now=now)
    members.change(db, made.id, state="active", group="carer", joined_at=now, **values)
    members.agree(db, made.id, consents.TAKE_PART, True, version=consents.VERSION, language=language, now=now)
    return made.id


def deliver(db: Connection, *, now: datetime) -> list[tuple[str, int | None, str]]:
    """Send what is due, as the sender would; return what it was."""
    due = select(tables.outbox.c.id).where(
        tables.outbox.c.state == "pending", tables.outbox.c.not_before <= now
    )
    rows = outbox.claim(db, db.execute(due).scalars().all(), now=now)
    for number, row in enumerate(rows, 1000):
        outbox.sent(db, row, number, None, now=now)
    return [(row.key, row.person_id, row.params.get("text", "")) for row in rows]


def noted(db: Connection) -> list[tuple[str, dict[str, int] | None]]:
    query = select(tables.audit.c.action, tables.audit.c.numbers).order_by(tables.audit.c.id)
    return [(row[0], row[1]) for row in db.execute(query)]


def people_id(db: Connection, member_id: int) -> int:
    found = members.get(db, member_id)
    assert found is not None
    return found.person_id


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


# The end of a network -------------------------------------------------------------------------------------------

MET = START + DAY  # the network's last sign of life
WARNED = datetime(2027, 10, 3, 8, tzinfo=UTC)  # 11 months later, in summer
ENDED = datetime(2027, 11, 3, 9, tzinfo=UTC)
ERASED = datetime(2028, 11, 3, 9, tzinfo=UTC)


def test_a_quiet_network_is_announced_ended_and_erased(house: House) -> None:
    quiet, lively = house.network("Care"), house.network("Other")
    before = house.counts()
    later = {"network_id": lively.id, "title": "x", "created_at": START}
    house.write(meetings.create, starts_at=ERASED + 20 * DAY, **later)
    house.days(WARNED - timedelta(minutes=1))
    assert house.told("ending:") == []
    house.days(WARNED + DAY / 4, WARNED + DAY, WARNED + 10 * DAY, ENDED - timedelta(hours=1))
    [words] = house.told("ending:")  # to one facilitator, once
    assert "<b>Care is about to end.</b>" in words
    assert "since Tuesday 3 November 2026" in words
    assert "ends on Wednesday 3 November." in words
    assert "until Friday 3 November 2028 and erased" in words
    assert (quiet.state(), lively.state()) == ("active", "active")
    house.days(ENDED + DAY / 4, ENDED + 100 * DAY, ERASED - DAY)
    assert (quiet.state(), lively.state()) == ("ended", "active")
    assert house.write(contributions.of_posting, quiet.posting)[0].text == WORD * 3
    house.days(ERASED + DAY / 4 - timedelta(minutes=1), ERASED + DAY / 4, ERASED + DAY)
    assert (quiet.state(), lively.state()) == (None, "active")
    after = house.counts()
    assert after.pop("meetings") == 2  # the other network's second one
    assert after == {name: count // 2 for name, count in before.items() if name in after}
    assert set(before) - set(after) == {"meetings", "outbox", "contribution_versions"} - set(after)


def test_facilitators_are_told_in_their_language_and_not_at_night(house: House) -> None:
    house.network("Zorg", language="nl")
    house.days(WARNED + timedelta(hours=13), WARNED + timedelta(hours=19))  # 23:00 and 5:00 in Amsterdam
    assert house.told("ending:") == []
    house.tidy(WARNED + timedelta(hours=25))
    [words] = house.told("ending:")
    assert "woensdag 3 november" in words


def test_what_is_planned_keeps_a_network_alive_and_brings_it_back(house: House) -> None:
    network = house.network()
    house.tidy(WARNED)
    later = {"network_id": network.id, "title": "x", "created_at": START}
    meeting = house.write(meetings.create, starts_at=ENDED + 30 * DAY, **later)
    house.days(WARNED + DAY, ENDED + DAY)
    assert network.state() == "active"
    house.write(meetings.change, meeting.id, state="cancelled")
    house.tidy(ENDED + 3 * DAY)
    assert len(house.told("ending:")) == 2  # it is news again, and they have a month again
    house.days(ENDED + 10 * DAY, ENDED + 32 * DAY)
    assert network.state() == "active"
    house.days(ENDED + 34 * DAY)
    assert network.state() == "ended"
    planned = {"network_id": network.id, "kind": "open", "text": "?", "when": {}, "state": "planned"}
    now = ENDED + 60 * DAY
    house.write(prompts.create, next_due_at=now + DAY, created_at=now, **planned)
    house.days(now)
    assert network.state() == "active"
    house.write(meetings.create, starts_at=ERASED + 60 * DAY, **later)
    house.days(ERASED, ERASED + 60 * DAY)
    assert house.write(contributions.count, network.member) == 1


def test_fewer_months_erase_sooner_and_members_were_told_the_number(house: House) -> None:
    network = house.network()
    desk = replace(DESK, keep_months=1)
    house.tidy(WARNED, desk)
    house.tidy(ENDED, desk)
    house.tidy(ENDED + 29 * DAY, desk)
    assert network.state() == "ended"
    house.tidy(ENDED + 30 * DAY, desk)
    assert network.state() is None


@pytest.mark.parametrize(
    ("language", "months", "said"),
    [
        ("en", 12, "until 12 months after"),
        ("en", 1, "until 1 month after"),
        ("nl", 6, "tot 6 maanden na"),
        ("nl", 1, "tot 1 maand na"),
        ("sv", 24, "i 24 månader efter"),
        ("sv", 1, "i 1 månad efter"),
    ],
)
@pytest.mark.parametrize("last_day", ["", "2028-12-31"])
def test_members_hear_how_long_it_is_kept(language: str, months: int, said: str, last_day: str) -> None:
    desk = replace(DESK, keep_months=months, last_day=last_day)
    assert said in page(desk.text(language), "long", About(privacy.of(None, desk), months))


# The last day of all --------------------------------------------------------------------------------------------

LAST = replace(DESK, last_day="2027-03-31")
MIDNIGHT = datetime(2027, 3, 30, 22, tzinfo=UTC)  # in Amsterdam, in summer
A_MONTH_BEFORE = datetime(2027, 2, 27, 23, tzinfo=UTC)  # 28 February: March is longer


def test_on_the_last_day_everything_of_every_network_is_erased(house: House) -> None:
    for title in ("One", "Two"):
        house.network(title)
    house.tidy(A_MONTH_BEFORE - timedelta(minutes=1), LAST)
    assert house.told("closing:") == []
    house.days(A_MONTH_BEFORE + DAY / 4, A_MONTH_BEFORE + DAY / 2, MIDNIGHT - DAY, desk=LAST)
    assert len(house.told("closing:")) == 2
    assert "<b>On Wednesday 31 March I stop.</b>" in house.told("closing:")[0]
    house.tidy(MIDNIGHT - timedelta(hours=2), LAST)
    assert house.database.read_now(housekeeping.upcoming, now=MIDNIGHT - timedelta(hours=1)) == MIDNIGHT
    assert not retention.over(LAST, now=MIDNIGHT - timedelta(seconds=1))
    assert house.counts()["contributions"] == 2
    assert retention.over(LAST, now=MIDNIGHT)
    house.tidy(MIDNIGHT, LAST)
    house.tidy(MIDNIGHT + timedelta(hours=7), LAST)
    assert house.counts() == {}


def test_a_last_day_that_nobody_heard_of_waits_for_a_day(house: House) -> None:
    """It was mistyped, or the bot was away for a month."""
    house.network()
    now = MIDNIGHT + 40 * DAY
    house.tidy(now, LAST)
    house.tidy(now + timedelta(hours=12), LAST)  # in the morning
    assert "On Tuesday 11 May I erase" in house.told("closing:")[0]
    mended = replace(LAST, last_day="2028-03-31")
    house.days(now + timedelta(hours=23), now + DAY, now + 9 * DAY, desk=mended)
    assert house.counts()["contributions"] == 1
    house.tidy(now + 10 * DAY, LAST)  # or he meant it
    assert "contributions" not in house.counts()


def test_a_network_with_an_earlier_last_day_is_erased_on_it_and_the_others_stay(house: House) -> None:
    one, two = house.network("One"), house.network("Two")
    house.write(networks.change, one.id, last_day="2027-03-31")
    # Later than the one of all, which comes first.
    house.write(networks.change, two.id, last_day="2031-01-01")
    later = replace(DESK, last_day="2027-12-31")
    house.days(A_MONTH_BEFORE + DAY / 2, MIDNIGHT - timedelta(hours=2), desk=later)
    (told,) = house.told("closing:")
    assert "<b>On Wednesday 31 March <i>One</i> ends.</b>" in told
    assert house.database.read_now(housekeeping.upcoming, now=MIDNIGHT - timedelta(hours=1)) == MIDNIGHT
    assert house.counts()["contributions"] == 2
    house.tidy(MIDNIGHT, later)
    assert (one.state(), two.state()) == (None, "active")
    assert house.counts()["contributions"] == 1


# A person -------------------------------------------------------------------------------------------------------


def _erase_person(db: Connection, person: int) -> None:
    trace = forgetting.gather(db, person)
    assert trace is not None
    forgetting.erase(db, trace, "erase", now=START)


def test_everything_of_a_person_goes_and_nothing_of_others(house: House) -> None:
    network, other = house.network("Care"), house.network("Other")
    anna = house.write(people_id, network.member)
    frida = house.write(people.by_telegram_id, 10 * network.id).id
    house.write(outbox.write, mail.say(To(person=anna), "for Anna", key="anna"), now=START)
    before = house.counts()
    house.write(_erase_person, anna)
    after = house.counts()
    theirs = ("contributions", "contribution_messages", "contribution_versions", "media", "digest_items")
    theirs += ("reactions", "reaction_counts", "rsvps", "people", "members", "consents", "outbox")
    assert {name: before[name] - after.get(name, 0) for name in before} == {
        name: 1 if name in theirs else 0 for name in before
    }
    assert house.write(contributions.count, other.member) == 1
    house.write(_erase_person, frida)
    words = select(tables.digests.c.note).where(tables.digests.c.network_id == network.id)
    assert house.write(lambda db: db.execute(words).scalar_one()) is None


def test_what_was_given_goes_in_bounded_steps(house: House) -> None:
    network = house.network()
    many = {"contribution_id": 1, "kind": "photo", "file_id": "f", "at": START, "state": "kept"}
    house.write(
        lambda db: [
            contributions.add_medium(db, **many, size=size, sha256="x")
            for size in (10, 9 << 20, 9 << 20, 30 << 20)
        ]
    )
    steps = []
    while count := house.write(erasing.erase_words, network_id=network.id, limit=3):
        steps.append(count)
    # Files first, no more bytes at a time than are written over in a moment; one that is larger goes alone.
    assert steps == [3, 1, 1, 3]
    assert house.counts()["members"] == 2


# Updates that were parked ---------------------------------------------------------------------------------------


def parked(house: House, *updates: dict[str, Any], now: datetime = START) -> list[Any]:
    house.write(inbox.store, list(updates), now=now)
    for _ in range(inbox.ATTEMPTS):
        for row in house.database.read_now(inbox.next, 20):
            house.write(inbox.failed, row, LookupError())
    return [row.payload for row in house.database.read_now(inbox.parked)]


def said(update_id: int, sender: int, kind: str = "message", **more: Any) -> dict[str, Any]:
    content = {"message_id": 5, "chat": {"id": sender}, "from": {"id": sender}, "text": WORD, **more}
    return {"update_id": update_id, kind: content}


def test_of_who_has_not_joined_no_parked_word_is_kept(house: House) -> None:
    network = house.network()
    frida, anna = 10 * network.id, 10 * network.id + 1
    house.write(people.keep, 77, name="Started", username=None, language="en", now=START)
    boss = house.write(people.keep, 78, name="Boss", username=None, language="en", now=START)
    house.write(people.change, boss.id, coordinator=True)
    reaction = {"chat": {"id": -1}, "message_id": 5, "user": {"id": 79}, "new_reaction": []}
    counted = {"update_id": 9, "message_reaction_count": {"chat": {"id": -1}, "message_id": 5}}
    kept = [said(1, anna), said(2, frida, "edited_message"), said(3, 78, "callback_query"), counted]
    lost = [said(4, 76), said(5, 77), {"update_id": 6, "message_reaction": reaction}]
    lost.append(said(7, anna, sender_chat={"id": -55}))  # in the name of a channel: nobody knows who
    assert [row for row in parked(house, *kept, *lost) if row] == kept
    assert house.write(inbox.retry) == len(kept)  # the others have nothing that could be tried again
    assert [row.kind for row in house.database.read_now(inbox.parked)] == ["message"] * 2 + [
        "message_reaction",
        "message",
    ]


def test_what_nobody_gave_back_goes_after_eight_days(house: House) -> None:
    network = house.network()
    parked(house, said(1, 10 * network.id))
    house.tidy(START + 8 * DAY)
    assert len(house.database.read_now(inbox.parked)) == 1
    assert house.tidy(START + 8 * DAY + timedelta(hours=6))["parked"] == 1
    assert house.database.read_now(inbox.parked) == []


# Letters --------------------------------------------------------------------------------------------------------


def send(house: House, *letters: Letter, now: datetime = START) -> None:
    house.write(outbox.write, letters, now=now)
    keys = [letter.key for letter in letters]
    ids = select(tables.outbox.c.id).where(tables.outbox.c.key.in_(keys))
    rows = house.write(outbox.claim, house.write(lambda db: db.execute(ids).scalars().all()), now=now)
    for number, row in enumerate(rows, 100):
        house.write(outbox.sent, row, number, None, now=now)


def keys(house: House) -> set[str]:
    return set(house.write(lambda db: db.execute(select(tables.outbox.c.key)).scalars().all()))


def test_letters_go_when_nothing_needs_them_any_more(house: House) -> None:
    network = house.network()
    person = house.write(people_id, network.member)
    house.write(lambda db: db.execute(tables.outbox.delete()).rowcount)
    group, anna, nobody = To(chat=network.chat), To(person=person), To(telegram=4711)
    send(
        house,
        *mail.say(anna, "Saved.", key="saved"),
        *mail.say(group, "posted", key="posting:1", kind="posting"),
        *mail.say(group, "digest", key="digest:1:1", kind="digest"),
        *mail.say(anna, "draft", key="draft:1:1", kind="digest_draft"),
        *mail.say(group, "we meet", key="meeting:1:0:1"),
        *mail.say(nobody, "I've kept nothing about you.", key="stranger"),
    )
    house.tidy(START + timedelta(minutes=50))
    assert "stranger" in keys(house)
    house.tidy(START + timedelta(hours=7))
    assert "stranger" not in keys(house)
    house.tidy(START + 29 * DAY)
    assert keys(house) == {"saved", "posting:1", "digest:1:1", "draft:1:1", "meeting:1:0:1"}
    later = START + 31 * DAY
    house.write(outbox.write, mail.say(anna, WORD, key="waits"), now=START)  # nobody could send it
    house.tidy(later)
    assert keys(house) == {"digest:1:1", "draft:1:1", "meeting:1:0:1"}
    house.write(
        meetings.create, network_id=network.id, title="x", starts_at=START + 900 * DAY, created_at=START
    )
    house.tidy(START + 399 * DAY)
    assert keys(house) == {"digest:1:1", "draft:1:1", "meeting:1:0:1"}
    house.tidy(START + 401 * DAY)
    assert keys(house) == {"digest:1:1"}


def test_whom_a_question_was_about_goes_with_its_answer(house: House) -> None:
    network = house.network()
    about = {"telegram": 4711, "chat": network.chat}
    ask = mail.ask("membership", To(chat=network.chat), "getChatMember", {"user_id": 4711}, about=about)
    send(house, replace(ask, key="asked"))
    row = house.write(outbox.by_key, "asked")
    assert (row.state, row.params, row.about) == ("sent", {}, {})


# The rest -------------------------------------------------------------------------------------------------------


def test_reactions_to_what_was_never_ours_go(house: House) -> None:
    network = house.network()
    felt = {"network_id": network.id, "chat_id": network.chat, "member_id": network.member, "emojis": ["👍"]}
    for message in (6, 99, -99):  # an answer; somebody's word; what was ours before the group moved
        house.write(reactions.put, **felt, message_id=message, at=START)
    house.write(reactions.put, **felt, message_id=98, at=START + 3 * DAY)
    house.write(reactions.count, chat_id=network.chat, message_id=99, counts={"👍": 1}, at=START)
    assert house.tidy(START + 8 * DAY)["reactions"] == 2
    left = {one.message_id for one in house.write(reactions.of_network, network.id)}
    assert left == {5, 6, -99, 98}
    assert house.counts()["reaction_counts"] == 1


def test_what_has_served_goes(house: House) -> None:
    network = house.network()
    once = {"network_id": network.id, "circle": "core"}
    house.write(links.make, "join", now=START, uses_left=0, **once)
    house.write(links.make, "join", now=START, uses_left=1, expires_at=START + 30 * DAY, **once)
    open_ones = house.write(links.make, "join", now=START, uses_left=1, **once)
    for name in ("administrators:-5", "claimed:x", "awake"):
        house.write(facts.put, name, {"is": [4711]}, now=START)
    house.write(outbox.pause, 4711, until=START + DAY)
    house.write(tallies.add, 4711, {"given": (1, DAY)}, now=START)
    house.tidy(START + 61 * DAY)
    assert house.counts()["links"] == 3
    house.tidy(START + 91 * DAY)
    assert house.counts()["links"] == 2  # the group's own, and one that still works
    assert house.write(links.find, "join", open_ones.token, now=START + 91 * DAY) is not None
    left = house.write(lambda db: set(db.execute(select(tables.facts.c.name)).scalars()))
    assert left == {"claimed:x", "awake", "tidied", "closed:1"}
    assert not {"pauses", "tallies"} & set(house.counts())


def test_people_of_no_network_go_but_not_who_runs_it(house: House) -> None:
    for number, name in enumerate(("Boss", "Passer-by", "Writer"), 1):
        house.write(people.keep, number, name=name, username=None, language="en", now=START)
    house.write(people.change, 1, coordinator=True)
    house.tidy(START + 7 * DAY)
    assert house.counts()["people"] == 3
    house.tidy(START + 8 * DAY)
    assert house.counts()["people"] == 1


def test_each_run_is_written_down_in_numbers_only(house: House) -> None:
    house.network(WORD)
    parked(house, said(1, 4711))
    for now in (START + 9 * DAY, WARNED, ENDED, ERASED, ERASED + DAY):
        house.tidy(now)
    lines = house.write(noted)
    assert ("tidied", {"parked": 1}) in lines
    assert any(numbers and numbers.get("networks") == 1 for _, numbers in lines)
    assert ("network_erased", {"network": 1}) in lines
    assert sum(numbers.get("words", 0) for action, numbers in lines if action == "tidied") > 5
    assert all(isinstance(number, int) for _, numbers in lines for number in (numbers or {}).values())


def test_the_rules_are_followed_four_times_a_day(house: House) -> None:
    assert house.database.read_now(housekeeping.due, now=START) == [0]
    house.tidy(START)
    assert house.database.read_now(housekeeping.upcoming, now=START) == START + timedelta(hours=6)
    assert house.database.read_now(housekeeping.due, now=START + timedelta(hours=5)) == []
    assert house.database.read_now(housekeeping.due, now=START + timedelta(hours=6)) == [0]
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_rule_that_fails_does_not_keep_what_the_others_erase(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.network()
    parked(house, said(1, 10))
    boss = house.write(people.keep, 78, name="Boss", username=None, language="en", now=START)
    house.write(people.change, boss.id, coordinator=True, reachable=True)

    def broken(db: Connection, *_: Any) -> int:
        people.remove(db, boss.id)
        raise LookupError(WORD)

    monkeypatch.setattr(housekeeping, "RULES", (replace(RULES[0], name="broken", follow=broken), *RULES))
    assert house.tidy(START + 9 * DAY) == {"parked": 1}
    [words] = house.told("operator:job:broken:")
    assert "housekeeping broken (LookupError)" in words
    assert WORD not in words


# The file -------------------------------------------------------------------------------------------------------


def holding(folder: Path, word: str) -> set[str]:
    """The files in which a word stands."""
    return {file.name for file in folder.iterdir() if file.is_file() and word.encode() in file.read_bytes()}


@pytest.fixture
def sqlite_house(sqlite_url: str) -> Iterator[House]:
    with opened(sqlite_url) as database:
        yield House(database)


def test_erased_words_are_gone_from_the_disk(sqlite_house: House, tmp_path: Path) -> None:
    house = sqlite_house
    house.network()
    house.database.tidy_now()
    copy = tmp_path / "bln.db.before-0009_later"
    copy.write_bytes((tmp_path / "bln.db").read_bytes())
    assert holding(tmp_path, WORD) >= {"bln.db", copy.name}
    for now in (WARNED, ENDED):
        house.tidy(now)
    assert holding(tmp_path, WORD) >= {"bln.db"}
    house.tidy(ERASED)
    house.tidy(ERASED + timedelta(hours=7))
    assert house.database.tidy_now()
    assert holding(tmp_path, WORD) == set()
    assert holding(tmp_path, "Frida") == set()
    assert not copy.exists()


def test_words_taken_back_are_gone_from_the_disk_with_the_next_run(
    sqlite_house: House, tmp_path: Path
) -> None:
    house = sqlite_house
    house.network()
    house.write(lambda db: db.execute(tables.outbox.delete()).rowcount)
    house.write(digests.change, 1, note=None)
    kept = house.write(contributions.get, 1)
    house.write(given_back.erase, kept, "taken_back", DESK, now=START)
    assert holding(tmp_path, WORD) == {"bln.db-wal"}
    assert house.database.tidy_now()
    assert holding(tmp_path, WORD) == set()


def test_a_long_read_delays_the_wiping_and_nobody_else(sqlite_house: House) -> None:
    house = sqlite_house
    house.network()
    reading = house.database._reader.connect()
    reading.execute(sql("SELECT count(*) FROM people")).all()
    house.write(networks.change, 1, title="x")
    assert house.database.tidy_now() is False
    house.write(networks.change, 1, title="y")
    reading.close()
    assert house.database.tidy_now() is True


def test_copies_from_before_an_upgrade_go_after_a_month(sqlite_house: House, tmp_path: Path) -> None:
    copy = tmp_path / "bln.db.before-0009_later"
    copy.write_text(WORD)
    other = tmp_path / "other.db.before-0009_later"
    other.write_text(WORD)
    made = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    before = made + timedelta(seconds=1)
    assert sqlite_house.write(copies.forget, before=made - timedelta(seconds=1)) == 0
    assert sqlite_house.write(copies.forget, before=before) == 1
    assert (copy.exists(), other.exists()) == (False, True)


def test_a_big_network_keeps_nobody_waiting(house: House) -> None:
    """Each step is bounded, whatever there is; how long one takes is in docs, not in a test."""
    network = house.network()
    values = {"network_id": network.id, "posting_id": network.posting, "member_id": network.member}
    values |= {"place": "private", "kind": "text", "text": WORD, "sent_at": START, "arrived_at": START}
    house.write(lambda db: db.execute(insert(tables.contributions), [values] * 1200).rowcount)
    house.write(networks.change, network.id, state="ended", ended_at=START + 2 * DAY)
    steps = []
    rule = next(rule for rule in RULES if rule.name == "words")
    now = START + 400 * DAY
    while count := house.write(rule.follow, DESK, now, now):
        steps.append(count)
    assert network.state() is None
    assert max(steps) <= housekeeping.LIMIT
    assert len(steps) >= 4
