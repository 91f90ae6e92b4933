"""Which answers those who lead should look at, and what was masked in them: a name, an address, an illness.

`look` goes over everything that comes in; the screens for masking stand in `draft_masks`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from bot.actions import contributions as giving
from bot.actions import persons, taking
from bot.actions.taking import Taken
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, diagnoses, masking
from bot.core import persons as core
from bot.core.letters import member_words
from bot.core.mail import Letter
from bot.core.prompts import excerpt
from bot.core.texts import Markup, Text
from storage import contributions, networks, postings
from storage.contributions import Contribution
from storage.db import Connection
from storage.networks import Network
from storage.postings import Posting

LOOKS_BACK = timedelta(weeks=8)  # so far back answers are looked at again when the subject changes
MAX_SUBJECT = 40  # words
SHOWN = 300  # characters of masked words that their author is shown
KINDS = {
    "name": "masking.kind_name",
    "address": "masking.kind_address",
    "phone": "masking.kind_phone",
    "email": "masking.kind_email",
    "number": "masking.kind_number",
    "diagnosis": "masking.kind_diagnosis",
}

# What comes in --------------------------------------------------------------------------------------------------


def look(db: Connection, taken: Taken, desk: Desk, *, now: datetime) -> list[Letter]:
    """Mask again what was masked before an edit, and write down what those who lead should look at."""
    if taken.kept.state != "kept":
        return []
    again = None if taken.new else _masked_again(db, taken.kept)
    flag(db, again or taken.kept, taken.posting)
    return [] if again is None else giving.changed(db, again.id, desk, now=now)


def _masked_again(db: Connection, kept: Contribution) -> Contribution | None:
    """What was masked stays masked in new words; None if there is nothing to do."""
    before = contributions.last_version(db, kept.id)
    if before is None or before == kept.text:
        return None
    if kept.masked is not None:
        passages = masking.hidden(before, kept.masked) or []
        contributions.change(db, kept.id, masked=masking.again(kept.text, passages))
    else:  # the original is gone: only where the words around are the same is it known what stood there
        passages = masking.hidden(kept.text, before) or []
        words = masking.again(kept.text, passages)
        if words is None:
            return None
        contributions.forget_versions(db, [kept.id])
        contributions.change(db, kept.id, text=words)
    return contributions.get(db, kept.id)


def flag(db: Connection, kept: Contribution, posting: Posting | None = None) -> None:
    """Write down what the words, as they are read, seem to tell of persons; `posting` is what they answer."""
    network = networks.found(db, kept.network_id)
    here = persons.around(db, network, kept.member_id)
    about = subject(network, posting or postings.get(db, kept.posting_id))
    found = core.flags(kept.read, known=here.known, spare=here.spare, subject=about)
    if list(kept.flags or []) != found:
        contributions.change(db, kept.id, flags=found or None)


taking.TAKEN.append(look)

# What a network talks about -------------------------------------------------------------------------------------


def subject(network: Network, posting: Posting | None) -> list[str]:
    """Return the words that say what a network talks about: its own, its title, and what was asked."""
    return [*(network.subject or ()), network.title, *([] if posting is None else [posting.text])]


def talk_of(db: Connection, network_id: int, words: Iterable[str], *, now: datetime) -> None:
    """Let a network's subject be these words, and look again at what was given lately."""
    known = list(dict.fromkeys(word for one in words if (word := " ".join(one.split()))))[:MAX_SUBJECT]
    networks.change(db, network_id, subject=known or None)
    for kept in contributions.since(db, network_id, now - LOOKS_BACK):
        if kept.flags or next(diagnoses.outside(kept.read, ()), None) is not None:
            flag(db, kept)


def set_subject(leader: Leader, typed: str) -> list[Letter]:
    """`/subject dementia, caring at night`: take the words; without any, say which there are."""
    text, network = leader.text, leader.network
    words = [word for part in typed.split("\n") for word in part.split(",") if word.strip()]
    if words:
        talk_of(leader.db, network.id, words, now=leader.now)
        network = networks.found(leader.db, network.id)
    if not network.subject:
        return leader.show(text("masking.no_subject", network=network.title))
    listed = dates.joined([word.strip() for word in network.subject], text.language)
    id = "masking.subject_set" if words else "masking.subject"
    return leader.show(text(id, network=network.title, words=listed))


# In words -------------------------------------------------------------------------------------------------------


def to_look_at(flags: Collection[str] | None, text: Text) -> Markup | None:
    """Return what stands in an answer, as words; None if nothing was found."""
    names = [text.plain(KINDS[kind]) for kind in core.KINDS if kind in (flags or ())]
    return text("masking.look_at", what=dates.joined(names, text.language)) if names else None


def told(kept: Contribution, text: Text) -> Markup | None:
    """Return what an author is told of their own words, of which others read a part only."""
    if kept.masked is None:
        return None
    return text("masking.told", words=member_words(excerpt(kept.masked, SHOWN)))
