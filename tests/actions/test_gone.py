"""Somebody is forgotten, leaves or is removed: their words go from where they stand, and no more come to them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import corrections as correcting
from bot.actions import deliveries, draft_presses, leaving, statements
from bot.actions import digests as summaries
from bot.core import erasing as core
from bot.core.contributions import Given
from bot.core.outcomes import Refused
from storage import chats, corrections, members, networks, outbox, people
from storage import erasing as rows
from storage.db import Connection, Database
from storage.tables import outbox as letters
from tests.actions.test_corrections import LATER, Published
from tests.actions.test_digests import _member
from tests.actions.test_erasing import Circle
from tests.actions.test_handed_on import arrive
from tests.actions.test_sending import Round
from tests.drafting import DESK, DRAFT, FRIDAY, MINUTE, MONDAY, Drafting, said
from tests.rounds import House

NIGHT = {"quiet_from": "16:00", "quiet_to": "09:00"}  # from before the summary goes out


@pytest.fixture
def circle(database: Database) -> Circle:
    return Circle(database)


@pytest.fixture
def world(database: Database) -> Drafting:
    return Drafting(database)


@pytest.fixture
def out(database: Database) -> Published:
    bench = Published(database)
    sent = {"state": "sent", "message_id": 50}
    bench.write(
        lambda db: db.execute(letters.update().where(letters.c.kind == summaries.KIND).values(**sent))
    )
    return bench


# Forgotten --------------------------------------------------------------------------------------------------------


def edited(circle: Circle, message_id: int, *, now: Any) -> list[Any]:
    """The edits of a message once the first carer is forgotten."""
    found = [circle.row(key) for key in circle.forgets(now=now)]
    return [row for row in found if row.params.get("message_id") == message_id]


def test_what_they_said_was_wrong_goes_from_what_who_leads_was_told(circle: Circle) -> None:
    digest, now = circle.published(), FRIDAY + 5 * MINUTE
    circle.arrives(f"digest:{digest.id}:{circle.chat}", 77)
    person = circle.person()
    circle.write(correcting.pressed, person, "wrong", digest.id, "", message_id=8, desk=DESK, now=now)
    given = Given(5, 901, "text", "My husband Piet fell out of bed, not me.", (), None, now)
    told = circle.write(correcting.typed, person, given, DESK, now=now)
    (note,) = [one for one in told if one.key.startswith("correction:")]
    assert "Piet" in note.params["text"]
    circle.write(outbox.write, [note], now=now)
    circle.arrives(note.key, 88)
    assert ["Piet" in row.params.get("text", "") for row in edited(circle, 88, now=now)] == [False]


def test_who_leads_hears_of_a_summary_that_stands_in_a_group_that_has_moved(circle: Circle) -> None:
    digest = circle.published()
    circle.arrives(f"digest:{digest.id}:{circle.chat}", 77)
    circle.write(chats.migrate, -100, -1009, now=FRIDAY)
    (told,) = [key for key in circle.forgets(now=FRIDAY) if key.startswith("not_erased:")]
    assert circle.row(told).person_id == circle.write(members.get, circle.frida).person_id
    assert "In the summary of Friday 6 November" in circle.row(told).params["text"]


def test_their_question_goes_from_the_list_that_is_shown_below_a_new_one(circle: Circle) -> None:
    circle.given("Who pays for the taxi to the hospital?")
    circle.given("Why at six?", author=1)
    circle.tick(MONDAY)
    circle.tick(DRAFT)
    frida = circle.write(people.get, circle.write(members.get, circle.frida).person_id)
    circle.write(draft_presses.pressed, frida, "add", circle.the("draft").id, "", 7, DESK, now=DRAFT)
    told = circle.write(draft_presses.typed, frida, "Shall we meet earlier?", DESK, now=DRAFT)
    (shown,) = [one for one in told if one.method == "sendMessage" and "taxi" in one.params["text"]]
    circle.write(outbox.write, [replace(shown, key="list")], now=DRAFT)
    circle.arrives("list", 90)
    assert ["taxi" in row.params.get("text", "") for row in edited(circle, 90, now=DRAFT)] == [False]


def test_a_page_of_sentences_knows_whose_words_it_shows(database: Database) -> None:
    def scene(db: Connection) -> None:
        house = House(db)
        (page,) = statements.begin(house.leader)
        assert set((page.about or {})["quotes"]) <= set(house.answers.values())
        assert (page.about or {})["quotes"]

    database.write_now(scene)


def test_a_correction_stays_below_the_summary_when_who_asked_for_it_is_forgotten(out: Published) -> None:
    author, frida = out.authors[1], out.person(out.frida).id
    right: dict[str, Any] = {
        "words": None,
        "answer": "The bus goes at nine, not at eight.",
        "state": "accepted",
    }
    right |= {"settled_by": frida, "at": LATER, "settled_at": LATER}
    out.write(corrections.create, digest_id=out.digest, member_id=author, kind="wrong", **right)
    assert "The bus goes at nine" in out.shown()
    out.write(forget, out.person(author).id)
    assert "The bus goes at nine" in out.shown()


def forget(db: Connection, person: int) -> None:
    trace = rows.gather(db, person)
    assert trace is not None
    rows.erase_words(db, trace, core.ERASE, now=LATER)
    rows.erase_rows(db, trace)


# Left, or removed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived", [True, False])
def test_who_no_longer_leads_gets_no_more_of_the_draft(world: Drafting, arrived: bool) -> None:
    world.change("Olga", quiet_from="00:00", quiet_to="23:00")
    world.drafted(Anna="My neighbour came by.", Ben="The garden helped.")
    if arrived:
        arrive(world, "draft:")
    world.change("Olga", facilitator=False, state="left", left_how="removed")
    world.answer("Cleo", "A thing that came later.", at=DRAFT)
    world.press("since", at=DRAFT + MINUTE)
    world.tick(DRAFT + MINUTE)
    assert "A thing that came later." in said(world.letters("draft:"))
    assert "A thing that came later." not in said(
        one for one in world.letters("draft:") if one.to == world.to("Olga")
    )


def test_a_copy_that_waits_for_the_morning_does_not_reach_who_was_removed(database: Database) -> None:
    round = Round(database).undrawn()
    carer, leads = round.authors[0], {"group": "researcher", "facilitator": True}
    olga = round.write(_member, round.network, 2, "Olga", **leads, **NIGHT)
    round.edition(carer, "plain")
    round.write(members.change, carer, **NIGHT)
    round.out()
    theirs = {round.person(carer), round.person(olga)}

    def waiting() -> list[str]:
        return [row.key for row in round.rows() if row.person_id in theirs and row.state == "pending"]

    assert waiting() != []
    for who in (carer, olga):
        member = round.write(members.get, who)
        round.write(leaving.left, member, DESK, how="removed", now=FRIDAY + timedelta(hours=1))
    assert waiting() == []


def test_who_leaves_while_the_summary_is_made_is_not_quoted_in_it(world: Drafting) -> None:
    world.drafted(Anna="My neighbour came by.", Ben="The garden helped.")
    world.press("good", at=FRIDAY - MINUTE)
    world.tick(FRIDAY - MINUTE)
    (due,) = world.read(summaries.due, now=FRIDAY)
    work = world.read(summaries.read, due, DESK, now=FRIDAY)
    made = summaries.make(replace(work, task=None))
    assert made is not None
    made = replace(made, work=work)
    anna = world.read(members.get, world.members["Anna"])
    world.write(leaving.left, anna, DESK, how="self", now=FRIDAY)
    world.write(summaries.write, due, DESK, now=FRIDAY, made=made)
    world.tick(FRIDAY)
    (sent,) = world.sent()
    assert "The garden helped." in sent
    assert "My neighbour came by" not in sent


# The group --------------------------------------------------------------------------------------------------------


def test_a_summary_that_is_refused_after_the_bot_was_put_out_is_told_to_the_operator(circle: Circle) -> None:
    circle.write(networks.change, circle.network, approval="trusted")
    circle.given("Somebody came by on Sunday.", author=0)
    circle.weeks(FRIDAY + MINUTE)
    leader = circle.write(members.get, circle.frida)
    circle.write(people.change, leader.person_id, coordinator=True)  # hears what the operator hears
    circle.write(chats.gone, circle.chat)  # Telegram told of it before it refused what was on its way

    def refused(db: Connection, key: str) -> list[str]:
        on_its_way = outbox.by_key(db, key)
        assert on_its_way is not None
        [row] = outbox.claim(db, [on_its_way.id], now=FRIDAY + MINUTE)
        deliveries.take(db, row, Refused("bot was kicked", gone=True), DESK, now=FRIDAY + MINUTE)
        return [row.key for row in outbox.beginning(db, "operator:refused:")]

    key = f"digest:{circle.the('published').id}:{circle.chat}"
    assert len(circle.write(refused, key)) == 1
