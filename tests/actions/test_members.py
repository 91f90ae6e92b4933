"""`/members`: who is in and who isn't, and what those who lead can change; on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import members as roster
from bot.actions import roles
from bot.actions import which as leading
from bot.actions.visitors import Visitor
from bot.core.letters import plain, read_callback
from bot.core.mail import Letter
from storage import facts, links, members, networks, people
from storage.db import Connection, Database
from storage.members import Member
from tests.joiners import ANNA, DESK, NOW, Ground, ground, invitation, labels, opened

FRIDA, MOHAMMED, CARER = 1, 990, 100  # by Telegram's id


@dataclass
class Stage:
    """A network led by Frida, with Mohammed and a carer, and what was last said to each."""

    db: Connection
    here: Ground

    def member(self, telegram_id: int) -> Member:
        found = members.by_telegram_id(self.db, self.here.network, telegram_id)
        assert found is not None
        return found

    def shown(self) -> list[Letter]:
        person = people.get(self.db, self.here.frida)
        assert person is not None
        leader = leading.leader(self.db, person, self.here.network, DESK, now=NOW)
        assert leader is not None
        return roster.begin(leader)

    def tap(self, letters: list[Letter], *pressed: str, by: int = FRIDA) -> list[Letter]:
        for label in pressed:
            person = self.member(by).person_id
            mine = [one for one in letters if one.to.person == person and "reply_markup" in one.params]
            rows = mine[-1].params["reply_markup"]["inline_keyboard"]
            data = next(button["callback_data"] for row in rows for button in row if button["text"] == label)
            found = self.forced(data, by)
            assert found is not None, label
            letters = found
        return letters

    def forced(self, data: str, by: int = FRIDA) -> list[Letter] | None:
        person, press = people.by_telegram_id(self.db, by), read_callback(data)
        assert person is not None
        assert press is not None
        verb = press.action.partition(".")[2]
        about: dict[str, Any] = {"message_id": 5, "desk": DESK, "now": NOW}
        return roster.pressed(self.db, person, verb, press.id, press.nonce, **about)

    def said(self, letters: list[Letter], to: int) -> str:
        person = self.member(to).person_id
        return "\n".join(str(one.params["text"]) for one in letters if one.to.person == person)


Body = Callable[[Stage], None]


@pytest.fixture
def at(database: Database) -> Callable[[Body], None]:
    """Run a test's body in one transaction, with the network set up."""

    def run(body: Body) -> None:
        def whole(db: Connection) -> None:
            here = ground(db, carers=1)
            for telegram_id in (FRIDA, MOHAMMED, CARER):
                person = people.by_telegram_id(db, telegram_id)
                assert person is not None
                people.change(db, person.id, reachable=True)
            body(Stage(db, here))

        database.write_now(whole)

    return run


def test_who_leads_sees_how_far_everybody_has_come(at: Any) -> None:
    def body(stage: Stage) -> None:
        db, here = stage.db, stage.here
        invitation(db, here, name="Invited", group="politician")
        invitation(db, here, name="Silent", now=NOW - timedelta(days=8))
        opened(db, ANNA, "j", invitation(db, here, name="Begun"))
        people.change(db, stage.member(CARER).person_id, reachable=False)
        lines = plain(str(stage.shown()[0].params["text"])).splitlines()
        shown = [line.partition(". ")[2] for line in lines if line[:1].isdigit()]
        assert shown == [
            "Frida: Care professionals, core group, leads",
            "Mohammed: group not chosen, core group, joined",
            "C0: Carers, core group, has blocked me",
            "Silent: group not chosen, core group, invited, never started",
            "Invited: Politicians, core group, invited",
            "Begun: group not chosen, core group, has begun to join",
        ]
        assert labels(stage.shown()[0])[:6] == ["Frida", "Mohammed", "C0", "Silent", "Invited", "Begun"]

    at(body)


def test_a_long_list_has_pages(at: Any) -> None:
    def body(stage: Stage) -> None:
        for number in range(15):
            invitation(stage.db, stage.here, name=f"Guest {number:02}")
        first = stage.shown()
        assert "Page 1 of 3" in stage.said(first, FRIDA)
        assert len(stage.said(first, FRIDA)) < 600
        second = stage.tap(first, "Next page")
        assert labels(second[0])[:1] == ["Guest 05"]
        assert "Guest 14" in stage.said(stage.tap(second, "Next page"), FRIDA)
        assert "Frida:" in stage.said(stage.tap(second, "Previous page"), FRIDA)

    at(body)


def test_names_are_for_those_who_lead_alone(at: Any) -> None:
    def body(stage: Stage) -> None:
        member = stage.member(CARER)
        data = [f"v1:members.list:{stage.here.network}:"]
        data += [f"v1:members.{verb}:{member.id}:" for verb in ("show", "along", "remove", "removed")]
        data.append(f"v1:members.set:{member.id}:group.politician")
        assert [stage.forced(one, MOHAMMED) for one in data] == [None] * len(data)
        assert stage.member(CARER) == member

    at(body)


def test_a_changed_group_is_told_kindly(at: Any) -> None:
    def body(stage: Stage) -> None:
        letters = stage.tap(stage.shown(), "C0", "Group", "I lead a care team")
        assert stage.member(CARER).group == "care_manager"
        told = stage.said(letters, CARER)
        assert "Frida has noted" in told
        assert "a care manager" in told
        assert "secrecy" in told
        assert "hears of it" in stage.said(letters, FRIDA)
        people.change(stage.db, stage.member(CARER).person_id, reachable=False)
        letters = stage.tap(stage.shown(), "C0", "Group", "I care for someone close")
        assert stage.said(letters, CARER) == ""
        assert "couldn't tell" in stage.said(letters, FRIDA)

    at(body)


def test_nobody_leads_unasked(at: Any) -> None:
    def body(stage: Stage) -> None:
        letters = stage.tap(stage.shown(), "C0", "Ask to lead with me")
        assert not stage.member(CARER).facilitator
        assert "Frida asks" in stage.said(letters, CARER)
        answered = stage.tap(letters, "No, thank you", by=CARER)
        assert "can't lead" in stage.said(answered, FRIDA)
        assert not stage.member(CARER).facilitator
        letters = stage.tap(stage.shown(), "C0", "Ask to lead with me")
        stage.tap(letters, "Yes, I'll lead", by=CARER)
        assert [one.name for one in members.facilitators(stage.db, stage.here.network)] == ["C0", "Frida"]

    at(body)


def test_handing_over_needs_the_others_yes(at: Any) -> None:
    def body(stage: Stage) -> None:
        letters = stage.tap(stage.shown(), "Frida", "Hand over", "C0")
        assert stage.member(FRIDA).facilitator  # until there is a yes
        letters = stage.tap(letters, "Yes, I'll lead", by=CARER)
        assert (stage.member(FRIDA).facilitator, stage.member(CARER).facilitator) == (False, True)
        assert stage.member(FRIDA).active  # and stays a member
        assert "C0 leads <i>Care partnership</i> now, and you no longer do" in stage.said(letters, FRIDA)
        assert "Frida" not in stage.said(letters, CARER)  # she does not lead along

    at(body)


def test_that_somebody_was_asked_cannot_be_forged_and_grows_old(at: Any) -> None:
    def body(stage: Stage) -> None:
        member = stage.member(CARER)
        assert stage.forced(f"v1:members.lead:{member.id}:", CARER) is None
        letters = stage.tap(stage.shown(), "C0", "Ask to lead with me")
        assert stage.forced(f"v1:members.lead:{member.id}:", MOHAMMED) is None
        networks.change(stage.db, stage.here.network, stand_in=None)
        members.change(stage.db, stage.member(FRIDA).id, facilitator=False)  # who asked leads no longer
        assert stage.forced(f"v1:members.lead:{member.id}:", CARER) is None
        assert not stage.member(CARER).facilitator
        assert labels(letters[-1]) == ["Yes, I'll lead", "No, thank you"]
        assert facts.beginning(stage.db, roles.ASKED) == []

    at(body)


def test_who_leads_alone_can_only_hand_over(at: Any) -> None:
    def body(stage: Stage) -> None:
        own = stage.tap(stage.shown(), "Frida")
        assert "Hand over" in labels(own[0])
        assert "Lead no longer" not in labels(own[0])
        assert stage.forced(f"v1:members.back:{stage.here.network}:") is None
        assert stage.forced(f"v1:members.removed:{stage.member(FRIDA).id}:") is None
        members.change(stage.db, stage.member(CARER).id, facilitator=True)
        stage.tap(stage.tap(stage.shown(), "Frida"), "Lead no longer")
        assert [one.name for one in members.facilitators(stage.db, stage.here.network)] == ["C0"]

    at(body)


def test_who_is_removed_decides_about_their_words(at: Any) -> None:
    def body(stage: Stage) -> None:
        sure = stage.tap(stage.shown(), "C0", "Remove")
        assert stage.member(CARER).active
        letters = stage.tap(sure, "Remove")
        assert stage.member(CARER).state == "left"
        asked = [one for one in letters if one.to.person == stage.member(CARER).person_id]
        assert "reply_markup" in asked[0].params
        assert "C0" not in stage.said(stage.shown(), FRIDA)

    at(body)


@pytest.mark.parametrize(
    ("role", "yes"), [("facilitator", "Yes, I'll lead"), ("stand_in", "Yes, I'll stand in")]
)
def test_who_is_in_is_asked_when_opening_an_invitation_for_a_role(at: Any, role: str, yes: str) -> None:
    def body(stage: Stage) -> None:
        db, here, carer = stage.db, stage.here, Visitor(CARER, "C0", None, "en")
        members.agree(
            db, stage.member(CARER).id, "take_part", True, version="2026-11", language="en", now=NOW
        )
        token = invitation(db, here, role=role)
        letters = opened(db, carer, "j", token)
        network = networks.found(db, here.network)
        assert not stage.member(CARER).facilitator
        assert network.stand_in != stage.member(CARER).person_id
        stage.tap(letters, yes, by=CARER)
        network = networks.found(db, here.network)
        held = {
            "facilitator": stage.member(CARER).facilitator,
            "stand_in": network.stand_in == stage.member(CARER).person_id,
        }
        assert held[role]
        assert yes not in labels(opened(db, carer, "j", token)[0])  # it works once

    at(body)


def test_an_invitation_can_be_shown_again_from_the_list(at: Any) -> None:
    def body(stage: Stage) -> None:
        invitation(stage.db, stage.here, name="Anna")
        card = stage.tap(stage.shown(), "Anna")
        assert labels(card[0]) == ["Show it again", "Sheet to print", "Take it back", "Back"]
        link = links.invitations(stage.db, stage.here.network, now=NOW)[0]
        links.drop(stage.db, link.id)
        assert stage.forced(f"v1:members.guest:{link.id}:") is None

    at(body)
