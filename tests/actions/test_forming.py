"""Planning choices and scales: in one line or step by step, and changing them; each on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.actions import plan, planning
from bot.actions.which import Leader
from bot.core.letters import plain, read_callback
from bot.core.mail import Letter
from storage import dialogs, members, networks, people, postings, prompts
from storage import votes as rows
from storage.db import Connection, Database
from storage.prompts import Prompt
from tests.actions.test_contributions import User
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

DESK = desk()
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday, 10:00 in Amsterdam
FRIDA = 14
OPTIONS = ["Respite", "Training"]


class Desk:
    """Frida at work: what she was shown last, and what she types and presses."""

    def __init__(self, db: Connection) -> None:
        self.db, self.shown = db, list[Letter]()
        self.network = seed_network(db, -1001, "Care partnership", now=NOW, weekly_cap=20)
        self.member = seed_member(db, self.network, User(FRIDA, "Frida"), now=NOW)
        members.change(db, self.member, facilitator=True)
        found = people.by_telegram_id(db, FRIDA)
        assert found is not None
        self.frida = found

    def says(self, text: str) -> str:
        """Give a command, or what was asked for."""
        if text.startswith("/"):
            network = networks.found(self.db, self.network)
            leader = Leader(self.db, self.frida, network, DESK, NOW)
            self.shown = planning.take(leader, text, (), circle="core")
        else:
            dialog = dialogs.of(self.db, self.frida.id, now=NOW)
            assert dialog is not None
            self.shown = planning.typed(self.db, self.frida, dialog, text, (), DESK, now=NOW)
        return self.said

    @property
    def said(self) -> str:
        return plain(
            "\n".join(letter.params["text"] for letter in self.shown if letter.to.person is not None)
        )

    @property
    def buttons(self) -> dict[str, str]:
        rows = self.shown[-1].params.get("reply_markup", {}).get("inline_keyboard", [])
        return {button["text"]: button["callback_data"] for row in rows for button in row}

    def presses(self, label: str) -> str:
        return self.forges(self.buttons[label]) or ""

    def forges(self, data: str) -> str | None:
        press = read_callback(data)
        assert press is not None
        about: dict[str, Any] = {"message_id": 7, "desk": DESK, "now": NOW}
        verb = press.action.removeprefix("prompts.")
        letters = plan.pressed(self.db, self.frida, verb, press.id, press.nonce, **about)
        if letters is None:
            return None
        self.shown = letters
        return self.said

    @property
    def planned(self) -> list[Prompt]:
        return prompts.planned(self.db, self.network)


Within = Callable[[Callable[[Desk], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Play a scene in one transaction."""

    def run(scene: Callable[[Desk], None]) -> None:
        database.write_now(lambda db: scene(Desk(db)))

    return run


@pytest.mark.parametrize(
    "typed",
    [
        "/choice friday 10:00 | What would help?  | Respite|Training",
        "/choice friday 10:00\nWhat would help?\nRespite\nTraining",
        "/choice friday 10:00 | What would help?\n- Respite\n\n- Training\n",
        "/CHOICE@bln_bot vrijdag 10:00 | What would help? | 1. Respite | 2. Training |",
    ],
)
def test_a_choice_is_planned_in_one_message(within: Within, typed: str) -> None:
    def story(house: Desk) -> None:
        networks.change(house.db, house.network, language="nl")
        said = house.says(typed)
        assert (
            "What would help?\n1. Respite\n2. Training\nEverybody chooses one.\nAn answer of one's own"
            in said
        )
        (made,) = house.planned
        assert (made.kind, made.form) == ("choice", {"options": OPTIONS, "several": False, "own": True})

    within(story)


def test_a_choice_a_scale_and_a_question_in_one_message(within: Within) -> None:
    def story(house: Desk) -> None:
        house.says(
            "/choice friday 10:00 | What would help? | Respite | Training\n"
            "/scale 2026-11-09 10:00 | I know whom I can call.\n/prompt 2026-11-16 10:00 | Why?"
        )
        assert [(one.kind, one.text) for one in house.planned] == [
            ("choice", "What would help?"),
            ("scale", "I know whom I can call."),
            ("open", "Why?"),
        ]
        assert "Taken off the plan" in house.presses("Undo").replace("3 questions taken", "Taken")
        assert house.planned == []

    within(story)


def test_step_by_step_what_is_wrong_is_said_and_what_was_typed_is_kept(within: Within) -> None:
    def story(house: Desk) -> None:
        assert "What would you like to ask?" in house.says("/choice")
        assert "1,501 characters; at most 1,500" in house.says("x" * 1501)
        assert "Send 2 to 10 options" in house.says("What would help?")
        few = house.says("- Respite")
        assert "At least 2 options are needed. The question is kept." in few
        assert few.endswith("Yours were:\nRespite")
        assert "Those are 11 options; at most 10" in house.says("\n".join(map(str, range(11))))
        assert "One option has 81 characters; at most 80" in house.says("Respite\n" + "x" * 81)
        assert "Two options are the same." in house.says("Respite\nrespite")
        assert "How many may each person choose?" in house.says("Respite | Training")
        assert "How many may each person choose?" in house.says("hm")
        assert "May people give an answer of their own instead?" in house.presses("Several")
        assert "When shall it be asked?" in house.presses("Without own answers")
        said = house.presses("Tomorrow 10:00")
        assert "Everybody may choose several.\nNo answers of one's own." in said
        (made,) = house.planned
        assert (made.text, made.form) == (
            "What would help?",
            {"options": OPTIONS, "several": True, "own": False},
        )

    within(story)


def test_what_is_missing_in_one_line_is_asked_for(within: Within) -> None:
    def story(house: Desk) -> None:
        assert "I can't read fryday as a time" in house.says("/choice fryday | What? | Respite | Training")
        assert house.presses("Tomorrow 10:00").startswith("Planned")
        assert "At least 2 options" in house.says("/choice friday 10:00 | What? | Respite")
        assert "How many" not in house.says("Respite\nTraining")  # the usual way, as in one line
        assert "Which sentence shall members rate" in house.says("/scale friday 12:00")
        assert "Members choose from 1 (not at all) to 5" in house.says("I know whom I can call.")
        assert len(house.planned) == 3

    within(story)


def test_as_long_as_it_is_planned_everything_can_be_changed(within: Within) -> None:
    def story(house: Desk) -> None:
        house.says("/choice friday 10:00 | What would help? | Respite | Training")
        house.presses("Change")
        assert list(house.buttons) == [
            *("The words", "The time", "The options", "Several", "Without own answers", "Back")
        ]
        assert "Everybody may choose several." in house.presses("Several")
        house.presses("Change")
        house.presses("The options")
        assert "At least 2 options" in house.says("A coach")
        assert house.planned[0].form == {"options": OPTIONS, "several": True, "own": True}
        assert "1. A coach\n2. Respite" in house.says("A coach\nRespite")
        assert house.planned[0].form == {"options": ["A coach", "Respite"], "several": True, "own": True}
        assert house.forges(f"v1:prompts.several:{house.planned[0].id}:7") is None

    within(story)


def test_what_stands_in_the_group_keeps_its_options_and_stays_once_somebody_chose(within: Within) -> None:
    def story(house: Desk) -> None:
        house.says("/choice every monday 12:00 until 2026-11-30 | What would help? | Respite | Training")
        (series,) = house.planned
        house.forges(f"v1:prompts.post:{series.id}:")
        for verb in ("words", "options", "several", "own"):
            assert "This stands in the group" in (house.forges(f"v1:prompts.{verb}:{series.id}:1") or "")
        house.says("/choice now | And now? | Respite | Training")
        undo = house.buttons["Undo"]
        posting = postings.open_in(house.db, house.network, now=NOW)[0]
        rows.put(house.db, posting.occurrence_id, house.member, [1], group="carer", now=NOW)
        assert "it was answered already" in (house.forges(undo) or "")
        rows.put(house.db, posting.occurrence_id, house.member, [], group="carer", now=NOW)
        assert "Taken off the plan" in (house.forges(undo) or "")

    within(story)
