"""What in an answer seems to tell who somebody is, and the hint about it that its author gets: at most one a week.

Nothing more is asked of anybody. What those who lead are shown of it stands in `masking`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions import contributions as giving
from bot.actions import receipts
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core import dates, masking, persons
from bot.core.letters import keyboard_rows, member_words
from bot.core.mail import Letter
from bot.core.persons import Passage
from bot.core.prompts import excerpt
from bot.core.texts import Markup, Text
from storage import contributions, members, networks, people
from storage.contributions import Contribution
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person

RARELY = timedelta(days=7)  # false alarms tire
SHOWN = 3  # of what was found, in a hint
LONG = 40  # characters of one of them
PART = 300  # characters of an answer
HINTS = {  # what a hint says if all that was found is of one kind
    "name": "persons.hint_name",
    "address": "persons.hint_address",
    "phone": "persons.hint_phone",
    "email": "persons.hint_email",
    "number": "persons.hint_number",
}


@dataclass(frozen=True)
class Around:
    """First names that matter in a network: `known` are to be found, `spare` may be said."""

    known: frozenset[str]
    spare: frozenset[str]


def around(db: Connection, network: Network, author: int) -> Around:
    """Return the names around an author: other members', and those of whom everybody knows that they lead."""
    found = members.names(db, network.id)
    open_ones = [
        one for one in found if one.id == author or one.facilitator or one.person_id == network.stand_in
    ]
    spare = persons.callable_names(one.name for one in open_ones)
    known = persons.callable_names(one.name for one in found)
    return Around(known - spare, spare)


def found_in(db: Connection, kept: Contribution, words: str | None = None) -> tuple[Passage, ...]:
    """Return what an answer, or these words of it, seems to tell of persons."""
    here = around(db, networks.found(db, kept.network_id), kept.member_id)
    return persons.find(kept.text if words is None else words, known=here.known, spare=here.spare)


# The hint -------------------------------------------------------------------------------------------------------


def to_hint(db: Connection, member: Member, kept: Contribution, *, now: datetime) -> tuple[Passage, ...]:
    """Return what the author is to be told of: nothing, if they were told of something lately, or can't be."""
    if not member.reachable or not kept.text or kept.danger is not None:
        return ()
    person = people.get(db, member.person_id)
    if person is None or (person.warned_at is not None and now < person.warned_at + RARELY):
        return ()
    return found_in(db, kept)


def hinted(
    db: Connection, receipt: Receipt, screen: Screen, found: Sequence[Passage], *, now: datetime
) -> Screen:
    """Return what is said of an answer with the hint below it; as it is, where something else is asked first."""
    if screen.asks or not found or not receipt.quoted:
        return screen
    people.change(db, receipt.member.person_id, warned_at=now)
    choices = [
        receipt.button("persons.button.mask", "persons.mask"),
        receipt.button("persons.button.leave", "persons.leave"),
        receipt.button("persons.button.rewrite", "mine.reword"),
    ]
    said = f"{receipts.saved_words(receipt)}\n\n{hint(receipt.kept.text, found, receipt.text)}"
    return Screen(Markup(said), keyboard_rows(choices), asks=True)


def hint(words: str, found: Sequence[Passage], text: Text) -> Markup:
    """Return in the author's own words what was found."""
    each = list(dict.fromkeys(" ".join(one.of(words).split()) for one in found))[:SHOWN]
    marked = [Markup(f"<i>{member_words(excerpt(one, LONG))}</i>") for one in each]
    kinds = {one.kind for one in found}
    id = HINTS[kinds.pop()] if len(kinds) == 1 else "persons.hint_several"
    return text(id, words=Markup(dates.joined(marked, text.language)), count=len(each))


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    contribution_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button of the hint says; None for one that means nothing (any more)."""
    receipt = giving.own(db, person, contribution_id, desk)
    if receipt is None:
        return None
    match verb:
        case "mask":
            return _mask(db, receipt, message_id, desk, now=now)
        case "leave":
            return receipts.show(person.id, message_id, receipts.screen(receipt))
    return None


def _mask(
    db: Connection, receipt: Receipt, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    """Put […] there, as its author wants: the words themselves change, and what stood there is not kept."""
    kept = receipt.kept
    passages = [passage.of(kept.text) for passage in found_in(db, kept)]
    if kept.masked is not None:
        passages += masking.hidden(kept.text, kept.masked) or []
    words = masking.again(kept.text, passages)
    if words is None:
        return None
    flags = _flags_left(kept)
    contributions.change(db, kept.id, text=words, masked=None, masked_by=None, flags=flags)
    contributions.forget_versions(db, [kept.id])
    letters = giving.changed(db, kept.id, desk, now=now)
    again = contributions.get(db, kept.id)
    assert again is not None
    after = receipts.of(db, receipt.member, again, desk)
    shown = receipts.screen(after)
    said = receipt.text("persons.masked", words=member_words(excerpt(words, PART)))
    return [
        *receipts.show(receipt.member.person_id, message_id, Screen(said, shown.keyboard)),
        *letters,
    ]


def _flags_left(kept: Contribution) -> list[str] | None:
    """What hides the persons leaves the illness."""
    return [one for one in kept.flags or () if one == "diagnosis"] or None
