"""Arriving: what an invitation brings along, who comes back, whom a network that is not ready does not take in."""

from datetime import timedelta
from typing import Any

import pytest

from bot.actions import joining
from bot.actions.visitors import Visitor
from bot.core import consents
from storage import dialogs, links, members, networks, people
from storage.db import Connection, Database
from tests.joiners import (
    ANNA,
    BEN,
    DESK,
    NOW,
    ground,
    invitation,
    labels,
    member_of,
    opened,
    press,
    pressed_all,
    text,
)

STEPS = {
    "en": (
        "English",
        "Go on",
        "I'm 18+ and I agree",
        "I care for someone close",
        'Yes, as "a carer"',
        "Continue",
    ),
    "nl": (
        "Nederlands",
        "Verder",
        "Ik ben 18+ en ga akkoord",
        "Ik zorg voor een naaste",
        "Ja, met mijn rol",
        "Verder",
    ),
    "sv": (
        "Svenska",
        "Fortsätt",
        "Jag är 18+ och godkänner",
        "Jag vårdar en närstående",
        'Ja, som "en anhörig"',
        "Fortsätt",
    ),
}
SAYS = {"en": "You're in", "nl": "Je doet mee", "sv": "Du är med"}


@pytest.fixture
def at(database: Database) -> Any:
    """Run a test's body in one transaction."""
    return database.write_now


@pytest.mark.parametrize("language", STEPS)
def test_a_carer_is_in_with_six_taps(at: Any, language: str) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        said = opened(db, Visitor(7, "Anna", None, language), "j", invitation(db, here))
        assert len(STEPS[language]) <= 6
        said = pressed_all(db, ANNA, said, *STEPS[language])
        assert SAYS[language] in text(said)
        assert member_of(db, here, ANNA).active

    at(body)


def test_an_invitation_brings_its_language_group_and_circle(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        token = invitation(db, here, name="Anna", group="politician", language="sv", circle="sounding")
        said = opened(db, ANNA, "j", token)  # her phone speaks English
        assert text(said).startswith("<b>Hej Anna.")
        assert labels(said[-1])[0] == "Svenska"
        said = pressed_all(db, ANNA, said, "English", "Go on", "I'm 18+ and I agree")  # she may choose
        assert labels(said[-1])[0] == "I'm in politics"
        pressed_all(db, ANNA, said, "I'm in politics", "No, don't quote me")
        member = member_of(db, here, ANNA)
        assert (member.circle, member.group, member.language) == ("sounding", "politician", "en")

    at(body)


def test_what_was_known_of_a_guest_is_erased_when_they_are_in(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        token = invitation(db, here, name="Anna de Vries", group="carer", language="en")
        pressed_all(db, ANNA, opened(db, ANNA, "j", token), *STEPS["en"])
        link = links.of(db, "join", token)
        assert link is not None
        assert (link.name, link.group, link.language, link.uses_left) == (None, None, None, 0)

    at(body)


def test_an_invited_name_that_never_started_is_erased_after_sixty_days(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        token = invitation(db, here, name="Anna de Vries")
        assert links.forget_guests(db, now=NOW + timedelta(days=59, hours=23)) == 0
        assert links.forget_guests(db, now=NOW + timedelta(days=60)) == 1
        link = links.of(db, "join", token)
        assert link is not None
        assert link.name is None
        assert "already used, or it is too old" in text(
            opened(db, ANNA, "j", token, now=NOW + timedelta(days=61))
        )

    at(body)


def test_who_says_no_leaves_no_trace_in_the_invitation(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        token = invitation(db, here, name="Anna")
        said = opened(db, ANNA, "j", token)
        assert [link.opened_at for link in links.invitations(db, here.network, now=NOW)] == [NOW]
        pressed_all(db, ANNA, said, "English", "Not now")
        link = links.of(db, "join", token)
        assert link is not None
        assert (link.opened_at, link.opened_by, link.name) == (None, None, "Anna")

    at(body)


@pytest.mark.parametrize("role", ["facilitator", "stand_in"])
def test_a_role_begins_when_the_guest_is_in(at: Any, role: str) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)

        def holds() -> bool:
            member = member_of(db, here, ANNA)
            return member.facilitator or networks.found(db, here.network).stand_in == member.person_id

        said = opened(db, ANNA, "j", invitation(db, here, role=role))
        assert "You're invited to" in text(said)  # it is said before anything is agreed to
        said = pressed_all(
            db, ANNA, said, "English", "Go on", "I'm 18+ and I agree", "I care for someone close"
        )
        assert not (member_of(db, here, ANNA).active and holds())
        said = press(db, ANNA, said, 'Yes, as "a carer"')
        assert holds()
        told = [letter for letter in said if letter.to.person == here.frida]
        assert "Anna" in str(told[0].params["text"])  # who leads hears who it is

    at(body)


def test_a_role_is_for_one_person_only(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        token = invitation(db, here, role="facilitator")
        eve = pressed_all(db, BEN, opened(db, BEN, "j", token), "Nederlands", "Verder")
        said = pressed_all(db, ANNA, opened(db, ANNA, "j", token), *STEPS["en"])
        assert SAYS["en"] in text(said)
        assert "al gebruikt" in text(press(db, BEN, eve, "Ik ben 18+ en ga akkoord"))
        assert [one.name for one in members.facilitators(db, here.network)] == ["Frida", "Anna"]

    at(body)


def test_who_comes_back_by_another_way_has_no_role_from_before(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        pressed_all(db, ANNA, opened(db, ANNA, "j", invitation(db, here, role="facilitator")), *STEPS["en"])
        member = member_of(db, here, ANNA)
        assert member.facilitator
        later = NOW + timedelta(days=3)
        members.change(db, member.id, state="left", left_at=later, left_how="removed")
        anna = people.get(db, member.person_id)
        assert anna is not None
        again = joining.begin(db, here.network, anna, "core", now=later)  # as from the group
        said = joining.show(db, again, "hello", "g", DESK, now=later)
        pressed_all(
            db, ANNA, said, "English", "Go on", "I'm 18+ and I agree", "No, don't quote me", now=later
        )
        assert (member_of(db, here, ANNA).active, member_of(db, here, ANNA).facilitator) == (True, False)

    at(body)


def test_nobody_joins_a_network_that_is_not_ready(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, ready=False)
        token = invitation(db, here, name="Anna")
        group = links.standing(db, "group", here.network, "core", now=NOW).token
        for prefix, link in (("j", token), ("g", group)):
            said = opened(db, ANNA, prefix, link)
            assert "kept nothing about you" in str(said[0].params["text"])
            assert [letter.to.person for letter in said[1:]] == [here.frida]
            assert labels(said[-1]) == ["What is missing"]
        assert people.by_telegram_id(db, ANNA.telegram_id) is None
        assert links.find(db, "join", token, now=NOW) is not None

    at(body)


def test_a_stand_in_joins_before_the_network_is_ready_and_then_others_can(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, ready=False)
        networks.change(db, here.network, help={"en": "Call 088 0767 000."})
        said = opened(db, BEN, "j", invitation(db, here, role="stand_in", language="en"))
        pressed_all(
            db,
            BEN,
            said,
            "English",
            "Go on",
            "I'm 18+ and I agree",
            "I'm from an organisation",
            "Yes, with my name",
        )
        assert text(opened(db, ANNA, "j", invitation(db, here))).startswith("<b>Hello Anna.")

    at(body)


def test_who_comes_back_is_asked_anew(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        pressed_all(db, ANNA, opened(db, ANNA, "j", invitation(db, here)), *STEPS["en"])
        member = member_of(db, here, ANNA)
        left = NOW + timedelta(days=30)
        members.change(db, member.id, state="left", left_at=left, left_how="keep", facilitator=True)
        later = left + timedelta(days=3)
        said = opened(db, ANNA, "j", invitation(db, here, now=later), now=later)
        assert text(said).startswith("<b>Hello Anna.")
        assert not members.consent(db, member.id).get(consents.TAKE_PART)
        said = pressed_all(db, ANNA, said, "English", "Go on", "I'm 18+ and I agree", now=later)
        assert "May your answers be quoted" in text(said)  # she need not say again that she is a carer
        press(db, ANNA, said, "No, don't quote me", now=later)
        back = member_of(db, here, ANNA)
        assert (back.id, back.active, back.facilitator, back.left_at) == (member.id, True, False, None)
        assert not members.consent(db, back.id)[consents.QUOTE]

    at(body)


@pytest.mark.parametrize("how", ["says no", "does nothing for a week"])
def test_who_does_not_come_back_after_all_keeps_what_they_left(at: Any, how: str) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        pressed_all(db, ANNA, opened(db, ANNA, "j", invitation(db, here)), *STEPS["en"])
        member = member_of(db, here, ANNA)
        later = NOW + timedelta(days=30)
        members.change(db, member.id, state="left", left_at=later, left_how="keep")
        said = opened(db, ANNA, "j", invitation(db, here, now=later), now=later)
        if how == "says no":
            said = pressed_all(db, ANNA, said, "English", "Not now", now=later)
            assert "as it was when you left" in text(said)
        else:
            joining.forget_half_way(db, now=later + timedelta(days=8))
        again = members.get(db, member.id)
        assert again is not None
        assert again.state == "left"
        assert members.consent(db, member.id)[consents.QUOTE]  # what stands in summaries stays there
        assert members.consents_of(db, here.network)[member.id][consents.QUOTE]

    at(body)


def test_the_language_can_be_changed_in_the_middle(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = opened(db, ANNA, "j", invitation(db, here))
        said = pressed_all(db, ANNA, said, "English", "Go on", "I'm 18+ and I agree")
        person = people.by_telegram_id(db, ANNA.telegram_id)
        assert person is not None
        dialog = dialogs.of(db, person.id, now=NOW)
        assert dialog is not None
        said = joining.typed(db, person, dialog, "svenska", DESK, now=NOW)
        assert "Varför är du här?" in text(said)
        said = pressed_all(db, ANNA, said, "Jag vårdar en närstående", "Nej, citera mig inte", "Fortsätt")
        assert SAYS["sv"] in text(said)
        answers = members.consent(db, member_of(db, here, ANNA).id)
        assert [answers[use].language for use in ("take_part", "quote")] == ["en", "sv"]  # as each was read

    at(body)


def test_that_secrecy_was_understood_is_noted(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        token = invitation(db, here)
        said = opened(db, ANNA, "j", token)
        said = pressed_all(db, ANNA, said, "English", "Go on", "I'm 18+ and I agree", "I work in care")
        assert member_of(db, here, ANNA).secrecy_at is None
        assert "secrecy" in text(opened(db, ANNA, "j", token))  # who went away in the middle reads it again
        assert "quoted" in text(press(db, ANNA, said, "I understand"))
        assert member_of(db, here, ANNA).secrecy_at == NOW

    at(body)


def test_one_person_joins_two_networks(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        pressed_all(db, ANNA, opened(db, ANNA, "j", invitation(db, here)), *STEPS["en"])
        other = networks.create(db, title="Night care", language="en", timezone="Europe/Stockholm", now=NOW)
        person = people.get(db, here.frida)
        assert person is not None
        leader = members.keep(db, other.id, person.id, circle="core", now=NOW)
        members.change(db, leader.id, state="active", facilitator=True)
        networks.change(db, other.id, help={"en": "x"}, stand_in=member_of(db, here, ANNA).person_id)
        token = invitation(db, here, role="stand_in", network_id=other.id)
        said = opened(db, ANNA, "j", token)
        assert "Night care" in text(said)
        said = pressed_all(
            db,
            ANNA,
            said,
            "English",
            "Go on",
            "I'm 18+ and I agree",
            "I care for someone close",
            "No, don't quote me",
        )
        anna = people.by_telegram_id(db, ANNA.telegram_id)
        assert anna is not None
        mine = members.of_person(db, anna.id)
        assert [bool(members.consent(db, one.id)[consents.QUOTE]) for one in mine] == [True, False]

    at(body)
