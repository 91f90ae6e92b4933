"""What was chosen, as summaries tell it: alone as well, and so that nothing can be told by looking again."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.actions.prompts import post
from bot.core.groups import USUAL
from bot.core.votes import frozen, results
from storage import digests, erasing, members, networks, postings, prompts
from storage import votes as rows
from storage.db import Connection, Database
from storage.tables import postings as posting_table
from tests.actions.test_digests import DESK, DRAFT, FRIDAY, MONDAY, _member
from tests.actions.test_erasing import Circle
from tests.actions.test_votes import (
    ANNA,
    BEN,
    CARLA,
    CLOSED,
    DAY,
    FRIDA,
    NOW,
    ONE,
    House,
    Within,
    digest,
    shown,
)
from tests.actions.test_votes import within as within

BEFORE = MONDAY - timedelta(days=6)  # what was posted then closes this Monday in the evening
FORM = {"options": ["Respite", "Training"], "several": False, "own": True}


@pytest.fixture
def circle(database: Database) -> Circle:
    return Circle(database)


def _asked(db: Connection, circle: Circle) -> int:
    prompt = prompts.create(
        db,
        network_id=circle.network,
        kind="choice",
        text="What would help?",
        form=FORM,
        when={"kind": "now"},
        state="done",
        created_at=BEFORE,
    )
    post(db, prompt, local_key="2026-10-27T10:00", due_at=BEFORE, desk=DESK, now=BEFORE)
    for number in range(20, 22):
        circle.authors.append(_member(db, circle.network, number, f"Carer {number}"))
    found = postings.of_prompt(db, prompt.id)[0].occurrence_id
    for author in circle.authors:
        rows.put(db, found, author, [1], group="carer", now=BEFORE)
    return found


def test_a_summary_of_results_alone_goes_out_and_its_numbers_stay_when_somebody_erases(
    circle: Circle,
) -> None:
    circle.write(networks.change, circle.network, approval="trusted")
    occurrence = circle.write(_asked, circle)
    circle.weeks(FRIDAY + timedelta(minutes=1))
    digest = circle.the("published")
    assert digest.kept["polls"] == [occurrence]
    key = f"digest:{digest.id}:{circle.chat}"
    assert "Training (5)" in circle.row(key).params["text"]
    circle.forgets(now=FRIDAY)
    assert "Training (5)" in circle.row(key).params["text"]  # a difference would tell what was erased
    [receipt] = [circle.row(one) for one in circle.letters() if one.startswith("receipt:")]
    assert "1 vote" in receipt.params["text"]
    circle.weeks(FRIDAY + timedelta(days=8))
    assert [one.kept.get("polls") for one in circle.all() if one.state == "published"] == [[occurrence]]


def test_a_draft_says_that_a_result_comes_in_before_it_goes_out(circle: Circle) -> None:
    its = posting_table.c.occurrence_id == circle.write(_asked, circle)
    later = update(posting_table).where(its).values(closes_at=FRIDAY - timedelta(hours=1))
    circle.write(lambda db: db.execute(later).rowcount)
    circle.given("A neighbour sat with him.", author=0)
    circle.weeks(DRAFT + timedelta(minutes=1))
    assert "1 result comes in when it closes" in _draft(circle)
    circle.weeks(FRIDAY - timedelta(minutes=50))
    assert circle.the("draft").kept.get("polls") is None


def _draft(circle: Circle) -> str:
    [key] = [one for one in circle.letters() if one.startswith("draft:")]
    return str(circle.row(key).params["text"])


# Which digests ---------------------------------------------------------------------------------------------------


def publish(house: House, made: digests.Digest) -> digests.Digest:
    counted = rows.polls(house.db, made, now=made.publish_at)
    content = {
        "polls": [one.occurrence for one in counted],
        "frozen": {"results": frozen(counted, sizes={"carer": 4}, k=3, named=USUAL)},
    }
    digests.change(
        house.db,
        made.id,
        state="published",
        published_at=made.publish_at,
        content=json.loads(json.dumps(content)),
    )
    found = digests.get(house.db, made.id)
    assert found is not None
    return found


def test_a_choice_stands_once_in_each_chain_after_it_closed(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        house.taps(ANNA, posting, "1")
        house.asks(ONE, now=NOW + DAY)  # nobody chooses anything there
        early = digest(house, digests.WEEKLY, "2026-W45", NOW + 4 * DAY)
        assert rows.polls(house.db, early, now=early.publish_at) == ()
        first = digest(house, digests.WEEKLY, "2026-W46", NOW + 11 * DAY)
        # Its draft does not show it while it is open: who leads may not have chosen yet.
        assert rows.polls(house.db, first, now=CLOSED - DAY) == ()
        assert [one.occurrence for one in rows.polls(house.db, first, now=first.publish_at)] == [
            posting.occurrence_id
        ]
        publish(house, first)
        later = digest(house, digests.WEEKLY, "2026-W47", NOW + 18 * DAY)
        assert rows.polls(house.db, later, now=later.publish_at) == ()
        before = digest(house, digests.MEETING, "meeting:1", NOW + 18 * DAY)
        assert [one.occurrence for one in rows.polls(house.db, before, now=before.publish_at)] == [
            posting.occurrence_id
        ]

    within(story)


def test_what_one_digest_told_stays_in_all_of_them_whoever_leaves_or_erases(within: Within) -> None:
    def story(house: House) -> None:
        posting = house.asks(ONE)
        for who, nonce in ((ANNA, "1"), (BEN, "1"), (CARLA, "0"), (FRIDA, "1")):
            house.taps(who, posting, nonce)
        out = publish(house, digest(house, digests.WEEKLY, "2026-W46", NOW + 11 * DAY))
        seen = shown(house.presses(CARLA, posting, "results", now=CLOSED)).text
        # Ben left and has not said what is to become of it, Carla speaks as something else now, Anna erases all.
        members.change(house.db, house.members[BEN], state="left", left_at=CLOSED)
        members.change(house.db, house.members[CARLA], group="politician")
        person = house.person(ANNA)
        assert person is not None
        trace = erasing.gather(house.db, person.id)
        assert trace is not None
        assert erasing.counts(house.db, trace).votes == 1
        erasing.erase(house.db, trace, "unnamed", now=CLOSED)
        assert rows.count(house.db, [house.members[ANNA]]) == 0
        later = digest(house, digests.MEETING, "meeting:1", NOW + 18 * DAY)
        for one in (out, later):
            polls = rows.polls(house.db, one, now=one.publish_at)
            (told,) = results(polls, sizes={"carer": 2}, k=3, named=USUAL)
            assert (told.voters, told.counts, told.options[1]) == (4, (1, 3, 0), "Training")
        assert shown(house.presses(CARLA, posting, "results", now=CLOSED)).text == seen

    within(story)
