"""Two lead a network, and both look at a draft: what one of them does holds, whatever the other's buttons say."""

from datetime import timedelta

import pytest

from bot.actions import contributions as giving
from bot.actions import digests as actions
from bot.actions import draft_presses
from bot.actions.which import Leader
from bot.core.letters import base36, read_callback
from storage import contributions, meetings, members, networks
from storage.db import Connection, Database
from tests.actions.test_corrections import LATER, Published, to
from tests.actions.test_corrections import buttons as actions_of
from tests.actions.test_handed_on import WEEK, arrive
from tests.drafting import DESK, DRAFT, FRIDAY, MINUTE, MONDAY, Drafting, buttons

HOUR = timedelta(hours=1)


@pytest.fixture
def world(database: Database) -> Drafting:
    return Drafting(database)


@pytest.fixture
def out(database: Database) -> Published:
    return Published(database)


@pytest.mark.parametrize("verb", ["undo", "since"])
def test_an_old_button_of_the_other_stops_what_is_being_sent_and_no_words_are_lost(
    world: Drafting, verb: str
) -> None:
    world.drafted(Anna="My neighbour came by.", Ben="The garden helped.")
    world.answer("Cleo", "Said openly.", place="group", chat_id=world.chat)
    world.press("since")
    world.tick(DRAFT)
    world.press("good", by="Olga")
    world.press("send", at=DRAFT + MINUTE)
    world.press(verb, by="Olga", at=DRAFT + MINUTE)  # her message still had the button
    for minutes in (1, 4, 20):
        world.tick(DRAFT + minutes * MINUTE)
    assert (world.sent(), world.digest.publish_at) == ([], FRIDAY)
    world.press("good", at=FRIDAY - MINUTE)
    world.tick(FRIDAY)
    (sent,) = world.sent()
    assert "My neighbour came by" in sent


def test_an_hour_the_other_chooses_while_it_is_being_sent_is_the_one_that_is_shown(world: Drafting) -> None:
    world.drafted(Anna="My neighbour came by.", Ben="The garden helped.")
    world.press("send", at=DRAFT + MINUTE)
    assert "It goes out in two minutes." in world.draft(DRAFT + MINUTE)
    at = base36(int((FRIDAY + 3 * HOUR).timestamp()))
    world.press("at", at, by="Olga", at=DRAFT + MINUTE)
    assert "two minutes" not in world.draft(DRAFT + MINUTE)
    assert world.digest.publish_at == FRIDAY + 3 * HOUR


def test_to_look_at_what_is_masked_leaves_the_message_about_a_mistake_its_buttons(out: Published) -> None:
    author, frida = out.authors[1], out.person(out.frida)
    out.press(author, "wrong", out.digest)
    (note,) = [one for one in out.say(author, "The bus goes at 9.") if one.to.person == frida.id]
    (masks,) = [read_callback(data) for data in buttons([note]).values() if "masks" in data]
    assert masks is not None
    verb = masks.action.partition(".")[2]
    shown = out.write(draft_presses.pressed, frida, verb, masks.id, masks.nonce, 60, DESK, now=LATER)
    assert shown.letters or shown.answer
    here = [one for one in shown.letters if one.params.get("message_id") == 60]
    assert all(any(one.startswith("corrections.") for one in actions_of([letter])) for letter in here)


def test_who_asked_for_the_draft_early_gets_it_again_after_it_became_empty(world: Drafting) -> None:
    world.answer("Anna", "My neighbour came by.")
    world.tick(MONDAY)
    early = MONDAY + 24 * HOUR

    def ask(db: Connection) -> None:
        leader = Leader(db, world.person("Frida"), networks.found(db, world.network), DESK, early)
        draft_presses.show_now(leader)

    world.write(ask)
    world.tick(early)
    arrive(world, "draft:")
    world.write(contributions.change, world.given["Anna"], state="taken_back", text="")
    world.write(giving.changed, world.given["Anna"], DESK, now=early + MINUTE)
    world.tick(early + MINUTE)
    world.answer("Ben", "The garden helped.", at=early + HOUR)
    world.tick(DRAFT)
    world.tick(DRAFT + 11 * MINUTE)
    for name in ("Frida", "Olga"):
        theirs = [one for one in world.letters("draft:") if one.to == world.to(name)]
        assert any("The garden helped" in str(one.params.get("text")) for one in theirs), name


def test_nobody_has_looked_is_said_again_after_the_meeting_moved(world: Drafting) -> None:
    world.write(networks.change, world.network, weekly=False)
    start, create = MONDAY + WEEK, meetings.create
    meeting = world.write(create, network_id=world.network, title="May", starts_at=start, created_at=MONDAY)
    world.answer("Anna", "My neighbour came by.")
    world.tick(MONDAY)

    def reminded() -> int:
        planned = world.all()[0]
        world.tick(planned.draft_at)
        world.tick(planned.publish_at - 11 * HOUR)
        return len(world.letters("look:"))

    once = reminded()
    assert once
    arrive(world, "look:")
    world.write(meetings.change, meeting.id, starts_at=start + WEEK)
    world.write(actions.replan, world.network, DESK, now=world.all()[0].publish_at - 10 * HOUR)
    assert reminded() > once


def test_somebody_hears_of_a_mistake_when_all_who_lead_are_away(out: Published) -> None:
    out.write(members.change, out.frida, paused_until=LATER + 72 * HOUR)
    out.press(out.authors[1], "wrong", out.digest)
    told = out.say(out.authors[1], "The bus goes at 9.")
    assert to(told, out.person(out.frida))
