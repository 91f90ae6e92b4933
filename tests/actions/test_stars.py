"""*This one matters to me*: below what was saved and in *My answers*; each on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from bot.actions import contributions, mine
from bot.actions import stars as actions
from bot.core import mail
from bot.core.letters import read_callback
from bot.core.mail import Letter
from storage import contributions as rows
from storage import digests, networks, people
from storage import outbox as outbox_rows
from storage.contributions import Contribution
from storage.db import Connection, Database
from storage.tables import outbox
from tests.actions.test_consents import data, labels, shown
from tests.actions.test_contributions import DESK, NOW, OMAR, Scene, every, say, scene, words

Within = Callable[[Callable[[Connection], None]], None]
MATTERS, NOT_THIS = "This one matters to me", "Not this one after all"


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


def press(db: Connection, here: Scene, letters: list[Letter] | None, label: str) -> list[Letter] | None:
    """Press a button of a message."""
    found = read_callback(data(letters, label))
    assert found is not None
    subject, _, verb = found.action.partition(".")
    act = {"stars": actions, "mine": mine, "contributions": contributions}[subject]
    return act.pressed(db, here.person, verb, found.id, found.nonce, message_id=5, desk=DESK, now=NOW)


def receipt(db: Connection, here: Scene, kept: Contribution) -> list[Letter] | None:
    """What stands below an answer that was saved."""
    return contributions.pressed(db, here.person, "stay", kept.id, "", message_id=5, desk=DESK, now=NOW)


def give(db: Connection, here: Scene, *texts: str) -> list[Contribution]:
    for number, text in enumerate(texts):
        say(db, words(text, 60 + number))
    return every(db, here)


def starred(db: Connection, here: Scene) -> list[str]:
    return [one.text for one in every(db, here) if one.starred_at is not None]


def publish(db: Connection, here: Scene, chain: str, kept: list[Contribution]) -> None:
    made = digests.create(
        db,
        network_id=here.network,
        chain=chain,
        occurrence="2026-W45",
        state="published",
        draft_at=NOW,
        publish_at=NOW,
        published_at=NOW,
        next_at=None,
    )
    digest = None if made is None else digests.get(db, made)
    assert digest is not None
    digests.take(db, digest, [one.id for one in kept])


def test_a_tap_says_so_in_words_and_another_takes_it_back(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        (kept,) = give(db, here, "My neighbour")
        before = receipt(db, here, kept)
        assert labels(before) == ["Change that", MATTERS, "Take it back"]
        after = press(db, here, before, MATTERS)
        assert "This one matters to you" in shown(after)
        assert starred(db, here) == ["My neighbour"]
        again = press(db, here, after, NOT_THIS)
        assert "matters" not in shown(again)
        assert MATTERS in labels(again)
        assert starred(db, here) == []

    within(story)


def test_for_a_third_one_of_two_gives_way_with_one_tap(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        one, two, three = give(db, here, "The night", "The day", "The morning")
        for kept in (two, one):
            press(db, here, receipt(db, here, kept), MATTERS)
        full = press(db, here, receipt(db, here, three), MATTERS)
        assert "<i>The night</i>" in shown(full)
        assert "<i>The day</i>" in shown(full)
        assert starred(db, here) == ["The night", "The day"]
        assert labels(full)[-1] == "Leave it"
        stays = press(db, here, full, "Leave it")
        assert "matters" not in shown(stays)
        gives_way = next(label for label in labels(full) if label.endswith("The day"))
        swapped = press(db, here, full, gives_way)
        assert "“The day” gave way" in shown(swapped)
        assert "This one matters to you" in shown(swapped)
        assert starred(db, here) == ["The night", "The morning"]
        # The same tap once more means nothing any more, and changes nothing.
        assert press(db, here, full, gives_way) is None
        assert starred(db, here) == ["The night", "The morning"]

    within(story)


def test_the_message_of_the_one_that_gave_way_says_so_too(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        one, two, three = give(db, here, "The night", "The day", "The morning")
        hers = [press(db, here, receipt(db, here, kept), MATTERS) for kept in (one, two)]
        stands = {"key": f"saved:{one.id}", "state": "sent", "message_id": 41}
        db.execute(delete(outbox).where(outbox.c.key == stands["key"]))
        (letter,) = mail.say(mail.To(person=here.person.id), "Saved.", key=f"saved:{one.id}")
        outbox_rows.write(db, [letter], now=NOW)
        db.execute(update(outbox).where(outbox.c.key == stands["key"]).values(**stands))
        full = press(db, here, receipt(db, here, three), MATTERS)
        _, elsewhere = press(db, here, full, "1. The night") or []
        assert elsewhere.params["message_id"] == 41
        assert "This one matters to you" not in shown([elsewhere])
        assert MATTERS in labels([elsewhere])
        # Where it could not be edited, its old button tells the truth.
        late = press(db, here, hers[0], NOT_THIS)
        assert "did not count as one that matters to you any more" in shown(late)
        assert starred(db, here) == ["The day", "The morning"]

    within(story)


@pytest.mark.parametrize(
    ("weekly", "chain", "over"), [(True, "weekly", True), (True, "meeting", False), (False, "meeting", True)]
)
def test_a_summary_that_is_out_closes_the_window(
    within: Within, weekly: bool, chain: str, over: bool
) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        networks.change(db, here.network, weekly=weekly)
        given = give(db, here, "The night", "The day")
        for kept in given:
            press(db, here, receipt(db, here, kept), MATTERS)
        publish(db, here, chain, given)
        say(db, words("The morning", 80))
        after = press(db, here, receipt(db, here, every(db, here)[-1]), MATTERS)
        if over:
            assert starred(db, here) == ["The night", "The day", "The morning"]
            assert MATTERS not in labels(receipt(db, here, given[0]))
            assert NOT_THIS not in labels(receipt(db, here, given[0]))
        else:
            assert "Which one gives way" in shown(after)

    within(story)


def test_nobody_stars_for_somebody_else_and_nothing_that_is_not_quoted(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        (kept,) = give(db, here, "My neighbour")
        omar = people.by_telegram_id(db, OMAR)
        assert omar is not None
        assert actions.pressed(db, omar, "on", kept.id, "r", message_id=5, desk=DESK, now=NOW) is None
        rows.change(db, kept.id, may_quote="no")
        assert MATTERS not in labels(receipt(db, here, kept))
        assert actions.pressed(db, here.person, "on", kept.id, "r", message_id=5, desk=DESK, now=NOW) is None
        assert (
            actions.pressed(db, here.person, "swap", kept.id, "r.%%", message_id=5, desk=DESK, now=NOW)
            is None
        )
        assert starred(db, here) == []

    within(story)


def test_it_is_the_same_in_my_answers_and_leads_back_there(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        (kept,) = give(db, here, "My neighbour")
        one = mine.pressed(db, here.person, "one", kept.id, "", message_id=5, desk=DESK, now=NOW)
        after = press(db, here, one, MATTERS)
        assert "What helped you?" in shown(after)  # My answers, not the receipt
        assert "This one matters to you" in shown(after)
        assert NOT_THIS in labels(after)

    within(story)


def test_what_is_taken_back_has_no_star_any_more(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        (kept,) = give(db, here, "My neighbour")
        press(db, here, receipt(db, here, kept), MATTERS)
        contributions.pressed(
            db, here.person, "gone", kept.id, "", message_id=5, desk=DESK, now=NOW + timedelta(1)
        )
        assert [one.starred_at for one in every(db, here)] == [None]

    within(story)
