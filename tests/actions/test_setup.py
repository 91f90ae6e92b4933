"""Who becomes coordinator, what a group must be like, and settings; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot import catalogues
from bot.actions import commands, settings, setup
from bot.actions.setup import Place
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.actions.which import Leader
from bot.core import setup as rules
from bot.core.mail import Letter
from bot.core.settings import clock_of, packed, unpacked, zone_of
from storage import chats, dialogs, facts, members, networks, people
from storage.db import Connection, Database
from tests.answerable import PRIVACY, get_ready

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CODE = "a-code-that-nobody-guesses"
DESK = Desk(
    texts=catalogues.load(strict=True),
    bot_id=42,
    bot_username="bln_bot",
    setup_code=CODE,
    timezone="Europe/Amsterdam",
    **PRIVACY,
)
FRIDA = Visitor(1, "Frida", "frida", "en")
PLACE = Place(-1001, "supergroup", "Our <group>")
BOT = {"status": "administrator", "user": {"id": 42}, "can_delete_messages": True, "can_pin_messages": True}
OWNER = {"status": "creator", "user": {"id": 1}}


def claim(db: Connection, visitor: Visitor = FRIDA, code: str = CODE) -> list[Letter]:
    return setup.claim(db, visitor, code, DESK, now=NOW)


def text(letters: list[Letter]) -> str:
    return "\n".join(str(letter.params.get("text")) for letter in letters)


def known(db: Connection, administrators: Any = (BOT, OWNER), chat: Any = None, count: int = 4) -> None:
    answers = {"administrators": list(administrators), "chat": chat or {"public": False}, "count": count}
    for name, value in answers.items():
        facts.put(db, f"{name}:{PLACE.telegram_id}", {"is": value}, now=NOW)


def begin(db: Connection, title: str = "Care partnership") -> list[Letter]:
    frida = people.by_telegram_id(db, 1)
    assert frida is not None
    return setup.begin(db, frida, PLACE, title, DESK, now=NOW)


def test_the_link_makes_one_coordinator(database: Database) -> None:
    def body(db: Connection) -> None:
        assert "doesn't fit" in text(claim(db, code="wrong"))
        assert people.by_telegram_id(db, 1) is None
        letters = claim(db)
        assert "startgroup" in str(letters[0].params["reply_markup"])
        assert "already used" in text(claim(db, Visitor(2, "Eve", None, "en")))
        assert people.by_telegram_id(db, 2) is None
        assert "coordinator now" in text(claim(db))  # the same person, again: what comes next
        assert [person.name for person in people.coordinators(db)] == ["Frida"]

    database.write_now(body)


def test_an_empty_code_opens_nothing(database: Database) -> None:
    def body(db: Connection) -> None:
        desk = Desk(texts=DESK.texts, bot_id=42, bot_username="bln_bot")
        setup.claim(db, FRIDA, "", desk, now=NOW)
        assert people.coordinators(db) == []

    database.write_now(body)


def test_telegram_is_asked_one_question_after_the_other(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        assert [letter.method for letter in begin(db)] == ["getChatAdministrators"]
        facts.put(db, f"administrators:{PLACE.telegram_id}", {"is": [BOT, OWNER]}, now=NOW)
        assert [letter.method for letter in begin(db)] == ["getChat"]

    database.write_now(body)


def test_a_group_becomes_a_network(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        letters = begin(db, "  Care\n partnership ")
        chat = chats.by_telegram_id(db, -1001)
        assert chat is not None
        assert networks.found(db, chat.network_id).title == "Care partnership"
        assert [member.name for member in members.facilitators(db, chat.network_id)] == ["Frida"]
        assert "3 people are in the group" in text(letters)
        assert "Go on" in str(letters[0].params["reply_markup"])  # a help text and a stand-in are missing
        assert [letter for letter in letters if letter.to.chat == chat.id] == []  # not yet
        assert "What happens to your words" in str(letters[-1].params["text"])
        assert "already belongs" in text(begin(db, "Another"))

    database.write_now(body)


def test_who_leads_chooses_the_topic_by_sending_setup_there(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        begin(db)
        frida, there = people.by_telegram_id(db, 1), replace(PLACE, topic_id=9)
        eve = people.keep(db, 5, name="Eve", username=None, language="en", now=NOW)
        assert frida is not None
        assert "already belongs" in text(setup.begin(db, eve, there, "", DESK, now=NOW))
        assert "where you sent /setup" in text(setup.begin(db, frida, there, "", DESK, now=NOW))
        chat = chats.by_telegram_id(db, -1001)
        assert chat is not None
        assert chat.topic_id == 9
        assert "already belongs" in text(setup.begin(db, frida, there, "", DESK, now=NOW))

    database.write_now(body)


def test_settings_leave_another_dialog_alone(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        begin(db)
        frida, chat = people.by_telegram_id(db, 1), chats.by_telegram_id(db, -1001)
        assert frida is not None
        assert chat is not None
        dialogs.put(db, frida.id, "joining", "language", {}, now=NOW)
        for verb, value in (("show", ""), ("ask", "language"), ("set", "weekly_cap.3")):
            assert settings.pressed(db, frida, verb, chat.network_id, value, message_id=1, desk=DESK, now=NOW)
            assert dialogs.of(db, frida.id, now=NOW) is not None

    database.write_now(body)


@pytest.mark.parametrize(
    ("administrators", "chat", "expected"),
    [
        ((BOT,), None, "not an administrator"),
        ((BOT, OWNER), {"public": True}, "public group"),
    ],
)
def test_a_group_is_refused(database: Database, administrators: Any, chat: Any, expected: str) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db, administrators, chat)
        assert expected in text(begin(db))
        assert chats.by_telegram_id(db, -1001) is None
        assert [letter.method for letter in begin(db)] == ["getChatAdministrators"]  # it may be mended now

    database.write_now(body)


def test_the_bot_introduces_itself_once_it_may(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db, (OWNER,), {"public": False, "has_visible_history": True})
        letters = begin(db)
        assert "make me an administrator" in text(letters)
        assert "Whoever comes later" in text(letters)
        assert all(letter.to.chat is None for letter in letters)
        chat = chats.by_telegram_id(db, -1001)
        assert chat is not None
        get_ready(db, chat.network_id, now=NOW)
        changed = {"place": PLACE, "by_telegram_id": 1, "desk": DESK, "now": NOW}
        said = setup.standing_changed(db, standing=BOT, **changed)
        assert "I'm the bot of" in text(said)
        assert "I can do everything" in text(said)
        assert setup.standing_changed(db, standing=BOT, **changed) == []
        assert "rights" in text(setup.standing_changed(db, standing={"status": "member"}, **changed))
        assert "removed" in text(setup.standing_changed(db, standing={"status": "kicked"}, **changed))
        assert setup.standing_changed(db, standing={"status": "left"}, **changed) == []
        back = text(setup.standing_changed(db, standing=BOT, **changed))
        assert "I'm back" in back
        assert "I'm the bot of" not in back

    database.write_now(body)


def test_the_groups_own_title_can_be_taken(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        asked = begin(db, "")
        assert "Our &lt;group&gt;" in text(asked)
        frida = people.by_telegram_id(db, 1)
        assert frida is not None
        assert setup.titled(db, frida, None, DESK, chat="-1002", now=NOW) is None  # another group's button
        assert setup.titled(db, frida, None, DESK, chat="-1001", now=NOW)
        chat = chats.by_telegram_id(db, -1001)
        assert chat is not None
        assert networks.found(db, chat.network_id).title == "Our <group>"
        assert setup.titled(db, frida, "again", DESK, now=NOW) is None

    database.write_now(body)


def test_a_further_group_can_be_the_sounding_board(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        begin(db)
        frida = people.by_telegram_id(db, 1)
        assert frida is not None
        for name in ("administrators", "chat", "count"):
            fact = facts.get(db, f"{name}:-1001")
            assert fact is not None
            facts.put(db, f"{name}:-1002", fact.value, now=NOW)
        asked = setup.begin(db, frida, Place(-1002, "supergroup", "Wide"), "Wide", DESK, now=NOW)
        assert "Sounding board Care par…" in str(asked[0].params["reply_markup"])
        core = chats.by_telegram_id(db, -1001)
        assert core is not None
        assert setup.chose(db, frida, core.network_id + 5, "-1002", DESK, now=NOW) is None
        assert setup.chose(db, frida, core.network_id, "-1002", DESK, now=NOW)
        board = chats.by_telegram_id(db, -1002)
        assert board is not None
        assert (board.network_id, board.circle) == (core.network_id, "sounding")
        assert setup.chose(db, frida, None, "-1002", DESK, now=NOW) is None

    database.write_now(body)


def test_a_set_up_in_hand_follows_a_group_that_moves(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        begin(db, "")
        frida = people.by_telegram_id(db, 1)
        assert frida is not None
        setup.moved(db, -1001, -100500, now=NOW)
        dialog = dialogs.of(db, frida.id, now=NOW)
        assert dialog is not None
        assert (dialog.data["chat"], dialog.data["chat_kind"]) == (-100500, "supergroup")

    database.write_now(body)


def test_settings_say_what_now_holds_and_when_next(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        begin(db)
        frida = people.by_telegram_id(db, 1)
        assert frida is not None
        network = networks.led_by(db, frida.id)[0]
        assert "at most 2" in text(settings.begin(Leader(db, frida, network, DESK, NOW)))

        def press(verb: str, nonce: str = "") -> str | None:
            found = settings.pressed(db, frida, verb, network.id, nonce, message_id=3, desk=DESK, now=NOW)
            return None if found is None else text(found)

        assert "At what time" in str(press("set", "weekly_day.0"))
        assert "Monday 2 November at 17:00" in str(press("set", "weekly_time.17-00"))
        assert "where it is 10:00 now" in str(press("set", "timezone.Europe.Stockholm"))
        assert "nothing goes out" in str(press("set", "approval.required"))
        assert "Frida" in str(press("set", f"stand_in.{frida.id}"))
        assert "none" in str(press("set", "weekly.off"))
        for forged in ("approval.never", "timezone.Mars", "stand_in.999", "state.ended", "weekly_cap.99", ""):
            assert press("set", forged) is None
        assert press("ask", "title") is None
        changed = networks.found(db, network.id)
        assert (changed.weekly, changed.weekly_day, changed.approval) == (False, 0, "required")
        assert (changed.timezone, changed.stand_in) == ("Europe/Stockholm", frida.id)
        eve = people.keep(db, 9, name="Eve", username=None, language="en", now=NOW)
        assert settings.pressed(db, eve, "show", network.id, "", message_id=3, desk=DESK, now=NOW) is None

    database.write_now(body)


def test_what_is_typed_is_read(database: Database) -> None:
    def body(db: Connection) -> None:
        claim(db)
        known(db)
        begin(db)
        frida = people.by_telegram_id(db, 1)
        assert frida is not None
        network = networks.led_by(db, frida.id)[0]
        settings.pressed(db, frida, "ask", network.id, "timezone", message_id=3, desk=DESK, now=NOW)
        dialog = dialogs.of(db, frida.id, now=NOW)
        assert dialog is not None
        assert "don't know" in text(settings.typed(db, frida, dialog, "<b>Atlantis", DESK, now=NOW))
        assert "Changed" in text(settings.typed(db, frida, dialog, "lisbon", DESK, now=NOW))
        assert networks.found(db, network.id).timezone == "Europe/Lisbon"

    database.write_now(body)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("17", "17:00"),
        ("17:30", "17:30"),
        ("7.05 uur", "07:05"),
        ("kl. 17.30", "17:30"),
        ("5 pm", "17:00"),
        ("12 am", "00:00"),
        ("24:00", None),
        ("17:60", None),
        ("noon", None),
        ("13 pm", None),
    ],
)
def test_hours(typed: str, expected: str | None) -> None:
    assert clock_of(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Stockholm", "Europe/Stockholm"),
        ("europe/amsterdam", "Europe/Amsterdam"),
        ("New York", "America/New_York"),
        ("x", None),
    ],
)
def test_zones(typed: str, expected: str | None) -> None:
    assert zone_of(typed) == expected


def test_values_go_into_buttons_and_back() -> None:
    assert unpacked("timezone", packed("Europe/Rome")) == "Europe/Rome"
    assert unpacked("weekly_time", packed("17:00")) == "17:00"


def test_only_what_is_needed_of_telegrams_answers_is_kept() -> None:
    chat = {"id": 1, "pinned_message": {"text": "words"}, "username": "open", "title": "x"}
    assert rules.kept("chat", chat) == {"public": True, "has_visible_history": False}
    kept = rules.kept("administrators", [{**OWNER, "user": {"id": 1, "first_name": "Frida"}}])
    assert kept == [{"status": "creator", "user": {"id": 1}}]
    assert rules.kept("chat", None) is None


def test_commands_are_set_once_per_scope_and_language() -> None:
    letters = commands.letters(DESK)
    assert len({letter.key for letter in letters}) == len(letters) == 6
    for letter in letters:
        assert all(1 <= len(one["description"]) <= 256 for one in letter.params["commands"])
