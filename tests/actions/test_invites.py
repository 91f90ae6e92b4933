"""Inviting: the form, a list of people, and what becomes of invitations that nobody opens; on both databases."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import guests, invites, rosters
from bot.actions import which as leading
from bot.actions.which import Leader
from bot.core import roster
from bot.core.contributions import File, Given
from bot.core.letters import read_callback
from bot.core.mail import Letter
from storage import chats, dialogs, facts, links, members, networks, people, tables
from storage.db import Connection, Database
from tests.joiners import DESK, NOW, Ground, ground, labels


@pytest.fixture
def at(database: Database) -> Callable[..., Any]:
    """Run a test's body in one transaction."""
    return database.write_now


def leader(db: Connection, here: Ground) -> Leader:
    frida = people.get(db, here.frida)
    assert frida is not None
    found = leading.leader(db, frida, here.network, DESK, now=NOW)
    assert found is not None
    return found


def tap(db: Connection, here: Ground, letters: list[Letter], label: str) -> list[Letter]:
    """Press a button of the last message that has some."""
    shown = next(letter for letter in reversed(letters) if "reply_markup" in letter.params)
    rows = shown.params["reply_markup"]["inline_keyboard"]
    data = next(button["callback_data"] for row in rows for button in row if button["text"] == label)
    found = forced(db, here, data)
    assert found is not None, label
    return found


def forced(db: Connection, here: Ground, data: str, telegram_id: int = 1) -> list[Letter] | None:
    pressed, person = read_callback(data), people.by_telegram_id(db, telegram_id)
    assert pressed is not None
    assert person is not None
    subject, verb = pressed.action.split(".")
    act = {"invite": invites.pressed, "roster": rosters.pressed}[subject]
    return act(db, person, verb, pressed.id, pressed.nonce, message_id=5, desk=DESK, now=NOW)


def said(db: Connection, here: Ground, text: str, *files: File) -> list[Letter]:
    """Write or send something while a dialog waits for it."""
    frida = people.get(db, here.frida)
    assert frida is not None
    dialog = dialogs.of(db, frida.id, now=NOW)
    assert dialog is not None
    kind = files[0].kind if files else "text"
    message = Given(frida.telegram_id, 9, kind, text, files, None, NOW)
    return invites.given(db, frida, dialog, message, DESK, now=NOW)


def text(letters: list[Letter]) -> str:
    return str(letters[0].params["text"])


def standing(
    db: Connection, here: Ground
) -> list[tuple[str | None, str | None, str | None, str | None, str]]:
    found = links.invitations(db, here.network, now=NOW)
    return [(link.name, link.group, link.circle, link.language, link.role) for link in found]


def test_an_invitation_is_filled_in_by_buttons(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        shown = tap(db, here, invites.begin(leader(db, here), ""), "One person")
        assert standing(db, here) == []  # nothing before *Make the invitation*
        shown = said(db, here, " Anna  de Vries ")
        assert "For: Anna de Vries" in text(shown)
        shown = tap(db, here, tap(db, here, shown, "Group"), "I care for someone close")
        shown = tap(db, here, tap(db, here, shown, "Language"), "Nederlands")
        shown = tap(db, here, tap(db, here, shown, "Role"), "Leads with me")
        assert labels(shown[0])[0] == "Make the invitation"
        shown = tap(db, here, shown, "Make the invitation")
        assert standing(db, here) == [("Anna de Vries", "carer", "core", "nl", "facilitator")]
        assert "Whoever uses it first leads" in text(shown)
        assert shown[1].method == "sendPhoto"
        assert "nodigt je uit" in str(shown[1].params["caption"])  # in the guest's language
        assert forced(db, here, f"v1:invite.go:{here.network:x}:") is None  # the form is over

    at(body)


def test_one_line_says_it_all(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        shown = invites.begin(leader(db, here), "Anna | carers | core | sv")
        assert "Group: Carers" in text(shown)
        tap(db, here, shown, "Make the invitation")
        assert standing(db, here) == [("Anna", "carer", "core", "sv", "member")]
        wrong = invites.begin(leader(db, here), "Ben | plumber")
        assert "Line 1, column group" in text(wrong)
        assert "plumber" in text(wrong)

    at(body)


def test_circles_are_those_the_network_has(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        assert "One, for sounding board" not in labels(invites.begin(leader(db, here), "")[0])
        assert forced(db, here, f"v1:invite.make:{here.network:x}:person_sounding") is None
        chats.keep(db, here.network, -1002, circle="sounding", kind="supergroup", title="Board", now=NOW)
        shown = tap(db, here, invites.begin(leader(db, here), ""), "One, for sounding board")
        assert "Circle: sounding board" in text(shown)

    at(body)


def test_only_who_leads_can_invite(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=1)
        shown = invites.begin(leader(db, here), "Anna")
        tap(db, here, shown, "Make the invitation")
        link = links.invitations(db, here.network, now=NOW)[0]
        carer = 100  # a member, by Telegram's id
        for verb, id in (("go", here.network), ("again", link.id), ("drop", link.id), ("sheet", link.id)):
            assert forced(db, here, f"v1:invite.{verb}:{id:x}:", carer) is None
        assert len(links.invitations(db, here.network, now=NOW)) == 1

    at(body)


def file(size: int = 100) -> File:
    return File("document", "file-1", name="people.csv", mime="text/csv", size=size)


def test_a_list_becomes_an_invitation_for_each(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        asked = tap(db, here, invites.begin(leader(db, here), ""), "A list of people")
        example = asked[1].files["document"].data
        assert roster.read(example, rosters._known(leader(db, here))).people[0].name == "Anna"
        fetch = said(db, here, "", file())
        assert [(letter.kind, letter.method) for letter in fetch] == [("roster", "getFile")]
        found = roster.read(b"name;group\nAnna;carer\nBen;\n", rosters._known(leader(db, here)))
        shown = rosters.show(leader(db, here), found)
        assert standing(db, here) == []
        shown = tap(db, here, shown, "Make the invitations")
        assert [name for name, *_ in standing(db, here)] == ["Anna", "Ben"]
        table = shown[1].files["document"].data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(table), delimiter=";"))
        assert [row[0] for row in rows] == ["name", "Anna", "Ben"]
        tokens = [link.token for link in links.invitations(db, here.network, now=NOW)]
        assert [row[-1] for row in rows[1:]] == [DESK.link(f"j_{token}") for token in tokens]
        assert len(facts.beginning(db, "sheets:")) == 1
        again = roster.read(b"name\nanna", rosters._known(leader(db, here)))
        assert "already" in text(rosters.show(leader(db, here), again))

    at(body)


def test_a_list_with_a_mistake_imports_nothing(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        invites.begin(leader(db, here), "list")
        shown = said(db, here, "Anna | carer\nBen | plumber\nanna")
        assert labels(shown[0]) == []
        assert "imported nothing" in text(shown)
        for part in ("Line 2, column group", "Line 3, column name", "line 1"):
            assert part in text(shown)
        assert "too big" in text(said(db, here, "", file(size=5_000_000)))
        assert "CSV" in text(said(db, here, "", File("photo", "p")))
        assert standing(db, here) == []

    at(body)


def test_lines_can_be_left(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        shown = invites.begin(leader(db, here), "Anna | carer\nBen")
        assert "2 invitations" in text(shown)
        assert "imported nothing" in text(tap(db, here, shown, "Leave it"))
        assert standing(db, here) == []

    at(body)


# A week without Start


def made(db: Connection, here: Ground, *names: str) -> None:
    for name in names:
        tap(db, here, invites.begin(leader(db, here), name), "Make the invitation")


def written(db: Connection) -> list[tuple[int | None, dict[str, Any]]]:
    query = select(tables.outbox.c.person_id, tables.outbox.c.params).order_by(tables.outbox.c.id)
    return [(person, params) for person, params in db.execute(query)]


WEEK = timedelta(days=7)


def test_who_invited_hears_after_a_week_that_nobody_came(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        made(db, here, "Anna")
        later = NOW + WEEK
        assert list(guests.due(db, now=later - timedelta(seconds=1))) == []
        assert guests.upcoming(db, now=NOW) == later
        assert list(guests.due(db, now=later)) == [here.network]
        for _ in range(2):
            guests.remind(db, here.network, DESK, now=later)
        ((person, params),) = written(db)
        assert person == here.frida
        assert "Anna" in params["text"]
        buttons = [button for row in params["reply_markup"]["inline_keyboard"] for button in row]
        assert [button["text"] for button in buttons] == ["Show it again", "Take it back"]
        assert guests.upcoming(db, now=later) is None
        again = forced(db, here, buttons[0]["callback_data"])
        assert again is not None
        assert [letter.method for letter in again] == ["sendPhoto"]  # a new message, to be passed on
        assert "Taken back" in text(forced(db, here, buttons[1]["callback_data"]) or [])
        assert forced(db, here, buttons[0]["callback_data"]) is None
        assert standing(db, here) == []

    at(body)


def test_many_that_nobody_opened_are_one_message(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        made(db, here, *(f"Guest {sign}" for sign in "abcde"))
        opened = links.invitations(db, here.network, now=NOW)[0]
        links.change(db, opened.id, opened_at=NOW, opened_by=here.frida)
        guests.remind(db, here.network, DESK, now=NOW + WEEK)
        ((_, params),) = written(db)
        assert "these 4 invitations" in params["text"]
        assert "Guest a" not in params["text"]

    at(body)


def test_others_who_lead_hear_of_invitations_by_who_leads_no_longer(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=1)
        made(db, here, "Anna")
        carer = people.by_telegram_id(db, 100)
        assert carer is not None
        for person_id, leads in ((here.frida, False), (carer.id, True)):
            member = members.who(db, here.network, person_id)
            assert member is not None
            members.change(db, member.id, facilitator=leads)
        guests.remind(db, here.network, DESK, now=NOW + WEEK)
        assert [person for person, _ in written(db)] == [carer.id]

    at(body)


def test_a_network_that_has_ended_asks_for_nobody(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        made(db, here, "Anna")
        networks.change(db, here.network, state="ended")
        guests.remind(db, here.network, DESK, now=NOW + WEEK)
        assert written(db) == []
        assert list(guests.due(db, now=NOW + WEEK)) == []

    at(body)
