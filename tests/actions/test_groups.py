"""How I appear, each answer's own way, and what a network calls its groups; each on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import appear, contributions, taking
from bot.actions import consents as actions
from bot.actions import groups as grouping
from bot.actions.which import leader
from bot.core.contributions import Reply
from bot.core.mail import Letter
from storage import dialogs, groups, members
from storage.db import Connection, Database
from tests.actions.test_consents import DAY, begun, labels, member_of, others, press, shown
from tests.actions.test_contributions import DESK, NOW, Scene, every, methods, say, scene, words

Within = Callable[[Callable[[Connection], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


# How I appear


def test_a_name_needs_a_yes_of_its_own(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        asked = press(db, here, appear, "as", "name")
        assert labels(asked) == ["Yes, with my name", "Leave it"]
        assert member_of(db, here).attribution == "role"
        after = press(db, here, appear, "named")
        assert "<i>Anna</i>" in shown(after)
        press(db, here, actions, "turn", "name.off")
        assert "<i>a participant</i>" in shown(press(db, here, appear, "show"))  # two carers

    within(story)


def test_below_k_one_is_asked_once_and_decides_oneself(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.change(db, here.anna, group="politician")
        others(db, here, "carer", 2)
        assert appear.ask_alone(db, DESK, now=NOW + timedelta(hours=1)) == 0  # others may still join
        assert appear.ask_alone(db, DESK, now=NOW + 2 * DAY) == 1
        (letter,) = begun(db, "alone:")
        assert "you are the only one who would be called <i>a politician</i>" in letter.params["text"]
        assert appear.ask_alone(db, DESK, now=NOW + 9 * DAY) == 0
        assert "<i>a politician</i>" in shown(press(db, here, appear, "alone", "role"))
        assert "Don't show my role" in labels(press(db, here, appear, "show"))
        assert "<i>a participant</i>" in shown(press(db, here, appear, "alone", "participant"))

    within(story)


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"group": "politician"}, ("researcher", 2)),  # "someone who decides or studies" says enough
        ({"group": "politician", "attribution": "none"}, ("carer", 2)),  # has said so already
        ({"group": "carer"}, ("carer", 1)),  # three of them
    ],
)
def test_nobody_is_asked_without_need(within: Within, change: dict[str, str], more: tuple[str, int]) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.change(db, here.anna, **change)
        others(db, here, *more)
        appear.ask_alone(db, DESK, now=NOW + 2 * DAY)
        assert begun(db, f"alone:{here.anna}:") == []

    within(story)


def test_another_group_is_another_question(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        members.change(db, here.anna, shown_alone="role", alone_asked_at=NOW)
        grouping.place(db, member_of(db, here), "researcher", DESK, now=NOW)
        assert member_of(db, here).shown_alone is None
        assert appear.ask_alone(db, DESK, now=NOW + 2 * DAY) >= 1
        assert len(begun(db, f"alone:{here.anna}:researcher")) == 1

    within(story)


def test_who_turns_to_working_in_care_hears_of_secrecy(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        assert "I work in care" in labels(press(db, here, appear, "groups"))
        told = press(db, here, appear, "group", "practitioner")
        assert labels(told) == ["I understand"]
        press(db, here, appear, "secrecy")
        assert member_of(db, here).secrecy_at == NOW
        assert press(db, here, appear, "group", "king") is None

    within(story)


# For one answer


def test_any_answer_can_be_left_unquoted_and_quoted_again(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words())
        kept = every(db, here)[0]

        def tap(verb: str, nonce: str = "") -> list[Letter] | None:
            return contributions.pressed(
                db, here.person, verb, kept.id, nonce, message_id=5, desk=DESK, now=NOW
            )

        assert "No, don't quote it" in labels(tap("appear"))
        assert "not quoted" in shown(tap("quote", "no"))
        assert labels(tap("appear")) == ["Yes, quote it", "Leave it"]
        assert "it says" in shown(tap("quote", "yes"))

    within(story)


def test_a_later_reply_to_a_member_can_be_quoted_too(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        say(db, words("First", 60), author=12)
        for number in (71, 72):
            taking.in_group(
                db,
                taking.Spoken(words("I know that too", number), 11, Reply(-1001, 60, 12), None),
                DESK,
                now=NOW,
            )
        later = every(db, here)[-1]
        assert later.conversation
        tap: dict[str, Any] = {"message_id": 5, "desk": DESK, "now": NOW}
        asked = contributions.pressed(db, here.person, "appear", later.id, "", **tap)
        assert labels(asked) == ["Yes, quote it", "Leave it"]
        done = contributions.pressed(db, here.person, "quote", later.id, "yes", **tap)
        assert "it says" in shown(done)
        assert methods(done or [])[0] == "editMessageText"

    within(story)


# /groups


def leader_of(db: Connection, here: Scene) -> Any:
    members.change(db, here.anna, facilitator=True)
    found = leader(db, here.person, here.network, DESK, now=NOW)
    assert found is not None
    return found


def test_groups_are_renamed_and_added_in_one_line(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        leads = leader_of(db, here)
        assert "<i>a family carer</i>" in shown(
            grouping.begin(leads, "carer = a family carer, family carers")
        )
        asked = grouping.begin(leads, "new = a neighbour, neighbours")
        assert labels(asked) == [
            "Knows care at home",
            "Works in care",
            "Decides or studies",
            'Only "a participant"',
        ]
        tap: dict[str, Any] = {"message_id": 5, "desk": DESK, "now": NOW}
        grouping.pressed(db, here.person, "broad", here.network, "own_1.work", **tap)
        named = groups.of(db, here.network)
        text = DESK.text("en")
        assert (named.one("carer", text), named.one("own_1", text), named.broad("own_1")) == (
            "a family carer",
            "a neighbour",
            "work",
        )
        assert "I can't read" in shown(grouping.begin(leads, "carers are great"))
        assert "A neighbour" in labels(press(db, here, appear, "groups"))
        press(db, here, appear, "group", "own_1")
        refused = grouping.pressed(db, here.person, "usual", here.network, "own_1", **tap)
        assert shown(refused).startswith("Somebody speaks as one of them")
        press(db, here, appear, "group", "carer")
        grouping.pressed(db, here.person, "usual", here.network, "own_1", **tap)
        assert "own_1" not in groups.of(db, here.network).fine

    within(story)


def test_groups_are_changed_by_buttons(within: Within) -> None:
    def story(db: Connection) -> None:
        here = scene(db)
        leads = leader_of(db, here)
        tap: dict[str, Any] = {"message_id": 5, "desk": DESK, "now": NOW}
        assert "Carers" in labels(grouping.begin(leads, ""))
        off = grouping.pressed(db, here.person, "offer", here.network, "politician.off", **tap)
        assert "Offered at joining: off" in labels(off)
        assert "politician" not in groups.of(db, here.network).offered()
        assert "What is one of them called" in shown(
            grouping.pressed(db, here.person, "rename", here.network, "carer", **tap)
        )
        dialog = dialogs.of(db, here.person.id, now=NOW)
        assert dialog is not None
        assert "two names" in shown(grouping.typed(db, here.person, dialog, "carers", DESK, now=NOW))
        grouping.typed(db, here.person, dialog, "a family carer, family carers", DESK, now=NOW)
        assert dialogs.of(db, here.person.id, now=NOW) is None
        back = grouping.pressed(db, here.person, "usual", here.network, "carer", **tap)
        assert "<b>Carers.</b>" in shown(back)
        members.change(db, here.anna, facilitator=False)
        assert grouping.pressed(db, here.person, "offer", here.network, "carer.off", **tap) is None

    within(story)
