"""Choosing: presses in the group and in private, answers of one's own, and what came of it so far."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions import answering, ballots, contributions, receipts, taking, talking
from bot.actions.ballots import Ballot
from bot.actions.belonging import taking_part
from bot.actions.prompts import Told
from bot.actions.receipts import Screen
from bot.actions.taking import Taken
from bot.actions.unit import Desk
from bot.core import forms
from bot.core.mail import Letter
from bot.core.votes import OWN
from storage import contributions as contribution_rows
from storage import dialogs, members, people, postings, votes
from storage.db import Connection
from storage.members import Member
from storage.people import Person
from storage.postings import Posting

# In the group -----------------------------------------------------------------------------------------------------


def picked(
    db: Connection, person: Person | None, posting_id: int, nonce: str, desk: Desk, *, now: datetime
) -> Told | None:
    """Keep what was pressed in the group. Who does not take part is led to joining; None: no such button."""
    posting = _posting(db, posting_id)
    if posting is None:
        return None
    member = None if person is None else taking_part(db, members.who(db, posting.network_id, person.id))
    if member is None:
        return Told(url=desk.link(f"p_{posting.token}"))
    ballot = ballots.of(db, member, posting, desk, now=now)
    pick = _pick(ballot, nonce)
    if pick is None:
        return None
    return Told(ballots.told(_put(db, ballot, pick) if ballot.open else ballot))


def _posting(db: Connection, posting_id: int) -> Posting | None:
    posting = postings.get(db, posting_id)
    return posting if posting is not None and posting.kind in forms.KINDS else None


def _pick(ballot: Ballot, nonce: str) -> int | None:
    """Return what a button stands for; None for one that we never made."""
    pick = int(nonce) if nonce.isascii() and nonce.isdigit() and len(nonce) < 3 else None
    return pick if pick is not None and forms.allowed(ballot.posting.kind, ballot.form, pick) else None


def _put(db: Connection, ballot: Ballot, pick: int, *, on: bool | None = None) -> Ballot:
    return _keep(db, ballot, forms.picked(ballot.form, ballot.picks, pick, on=on))


def _keep(db: Connection, ballot: Ballot, picks: Sequence[int]) -> Ballot:
    member, occurrence = ballot.member, ballot.posting.occurrence_id
    votes.put(db, occurrence, member.id, picks, group=member.group, now=ballot.now)
    return replace(ballot, picks=tuple(picks))


# In private -------------------------------------------------------------------------------------------------------


def opened(db: Connection, member: Member, posting: Posting, desk: Desk, *, now: datetime) -> Screen:
    """What a member sees who opens it: what can be chosen, or what they chose."""
    return ballots.screen(db, ballots.of(db, member, posting, desk, now=now), desk)


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    posting_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button in private says; None for one that means nothing (any more)."""
    posting = _posting(db, posting_id)
    member = None if posting is None else taking_part(db, members.who(db, posting.network_id, person.id))
    act = PRESSES.get(verb)
    if posting is None or member is None or act is None:
        return None
    if verb == "later":
        return answering.pressed(
            db, person, "stop", posting.id, "", message_id=message_id, desk=desk, now=now
        )
    if verb == "own":
        if (busy := talking.first_end(db, person, desk)) is not None:
            return receipts.show(person.id, message_id, busy)
        dialogs.close(db, person.id)  # what is typed next is the answer
    shown = act(db, ballots.of(db, member, posting, desk, now=now), nonce, desk)
    if shown is None:
        return None
    # Who chooses may say why: what is written below this is about it.
    answering.turn_to(db, person, posting, own=verb == "own", now=now)
    return receipts.show(person.id, message_id, shown)


def _choose(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen | None:
    return _picked(db, ballot, nonce, desk, on=True)


def _on(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen | None:
    return _picked(db, ballot, nonce, desk, on=True)


def _off(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen | None:
    return _picked(db, ballot, nonce, desk, on=False)


def _picked(db: Connection, ballot: Ballot, nonce: str, desk: Desk, *, on: bool) -> Screen | None:
    pick = _pick(ballot, nonce)
    if pick is None:
        return None
    if ballot.open:
        ballot = _put(db, ballot, pick, on=on)
    return ballots.screen(db, ballot, desk, asking=bool(ballot.form.several))


def _own(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen | None:
    if not ballot.form.own:
        return None
    return ballots.own(ballot) if ballot.open else ballots.screen(db, ballot, desk)


def _none(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen:
    """Take back what was chosen; words that were given beside it stay, and are taken back for themselves."""
    return ballots.screen(db, _keep(db, ballot, ()) if ballot.open else ballot, desk)


def _change(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen:
    return ballots.screen(db, ballot, desk, asking=True)


def _card(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen:
    return ballots.screen(db, ballot, desk)


def _results(db: Connection, ballot: Ballot, nonce: str, desk: Desk) -> Screen:
    """Hidden until they have chosen, so that nobody follows the many."""
    if ballot.open and not ballot.picks:
        return ballots.screen(db, ballot, desk)
    return ballots.results(db, ballot, desk)


Act = Callable[[Connection, Ballot, str, Desk], Screen | None]
PRESSES: dict[str, Act] = {
    "choose": _choose,
    "on": _on,
    "off": _off,
    "own": _own,
    "none": _none,
    "change": _change,
    "card": _card,
    "results": _results,
    "later": _card,
}


# Answers of one's own ---------------------------------------------------------------------------------------------


def written(db: Connection, taken: Taken, desk: Desk, *, now: datetime) -> list[Letter]:
    """Count words as somebody's own answer, if that is what they were asked for."""
    member, posting = taken.member, taken.posting
    if posting.kind not in forms.KINDS or taken.kept.place != "private" or taken.kept.late:
        return []
    person = people.get(db, member.person_id)
    here = None if person is None else answering.state(db, person, now=now)
    if person is None or here is None or not here.own or here.answering(now) != posting.id:
        return []
    ballot = ballots.of(db, member, posting, desk, now=now)
    if ballot.form.own:
        _put(db, ballot, OWN, on=True)
    answering.turn_to(db, person, posting, now=now)
    return []


def taken_back(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """An own answer whose words are gone is none."""
    found = _beside(db, contribution_id)
    if found is None:
        return []
    member, posting = found
    ballot = ballots.of(db, member, posting, desk, now=now)
    if OWN in ballot.picks and not votes.has_words(db, posting.occurrence_id, member.id):
        _keep(db, ballot, [pick for pick in ballot.picks if pick != OWN])
    return []


def _beside(db: Connection, contribution_id: int) -> tuple[Member, Posting] | None:
    kept = contribution_rows.get(db, contribution_id)
    posting = None if kept is None else _posting(db, kept.posting_id)
    member = None if kept is None else members.get(db, kept.member_id)
    return None if posting is None or member is None else (member, posting)


answering.OPENERS[forms.CHOICE] = answering.OPENERS[forms.SCALES] = opened
taking.TAKEN.append(written)
contributions.CHANGED.append(taken_back)
