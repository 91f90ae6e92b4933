"""What members chose, one row each and occurrence, wherever it stands; and which of it stands in a digest.

A choice or scale stands in the first digest of each chain that goes out after it closed: what is still open is shown
to nobody who has not chosen. Which ones these were is kept with the digest (`content["polls"]`), and what was shown
of them (`content["frozen"]["results"]`): from then on these numbers stand everywhere.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from bot.core import consents, forms
from bot.core.votes import Ballot, Poll, thawed
from storage import digests as digest_rows
from storage.db import Connection, upsert
from storage.digests import Digest
from storage.tables import contributions, digests, members, occurrences, postings, prompts, votes

RECENT = timedelta(days=120)  # what closed before is not news in a network that begins to have summaries


# What one member chose --------------------------------------------------------------------------------------------


def of(db: Connection, occurrence_id: int, member_id: int) -> tuple[int, ...]:
    """Return what a member chose; empty for nothing."""
    where = (votes.c.occurrence_id == occurrence_id, votes.c.member_id == member_id)
    return tuple(db.execute(select(votes.c.picks).where(*where)).scalar_one_or_none() or ())


def put(
    db: Connection,
    occurrence_id: int,
    member_id: int,
    picks: Sequence[int],
    *,
    group: str | None,
    now: datetime,
) -> None:
    """Keep what a member chose, in place of what they chose before; nothing chosen is no vote."""
    if not picks:
        where = (votes.c.occurrence_id == occurrence_id, votes.c.member_id == member_id)
        db.execute(delete(votes).where(*where))
        return
    chosen = {"picks": list(picks), "group": group, "at": now}
    values = {"occurrence_id": occurrence_id, "member_id": member_id, **chosen}
    upsert(db, votes, values, conflict=["occurrence_id", "member_id"])


def any_of_prompt(db: Connection, prompt_id: int) -> bool:
    """Whether anybody has chosen anything, whenever this was asked."""
    query = (
        select(votes.c.id)
        .join(occurrences, occurrences.c.id == votes.c.occurrence_id)
        .where(occurrences.c.prompt_id == prompt_id)
    )
    return db.execute(query.limit(1)).first() is not None


def to_posting(db: Connection, posting_id: int, member_id: int) -> bool:
    """Whether a member has chosen something in answer to this posting, or to its like in another chat."""
    query = (
        select(votes.c.id)
        .join(postings, postings.c.occurrence_id == votes.c.occurrence_id)
        .where(postings.c.id == posting_id, votes.c.member_id == member_id)
    )
    return db.execute(query.limit(1)).first() is not None


def has_words(db: Connection, occurrence_id: int, member_id: int) -> bool:
    """Whether words of a member are kept that were given beside what they chose."""
    query = (
        select(contributions.c.id)
        .join(postings, postings.c.id == contributions.c.posting_id)
        .where(
            postings.c.occurrence_id == occurrence_id,
            contributions.c.member_id == member_id,
            contributions.c.state == "kept",
        )
    )
    return db.execute(query.limit(1)).first() is not None


@dataclass(frozen=True)
class Asked:
    """What was asked at an occurrence, and what could be chosen."""

    kind: str
    text: str
    form: dict[str, Any] | None


def asked(db: Connection, ids: Collection[int]) -> dict[int, Asked]:
    """Return what was asked at these occurrences."""
    query = (
        select(occurrences.c.id, prompts.c.kind, prompts.c.text, prompts.c.form)
        .join(prompts, prompts.c.id == occurrences.c.prompt_id)
        .where(occurrences.c.id.in_(ids))
    )
    return {id: Asked(*row) for id, *row in db.execute(query)}


def count(db: Connection, member_ids: Collection[int]) -> int:
    """Return how often these members have chosen."""
    query = select(func.count()).where(votes.c.member_id.in_(member_ids))
    return db.execute(query).scalar_one()


def erase(db: Connection, member_ids: Collection[int]) -> None:
    """Erase what these members chose; what is being made of it right now is made again.

    In a digest that went out the numbers stay: they are nobody's, and a difference would tell what this one chose.
    """
    here = select(members.c.network_id).where(members.c.id.in_(member_ids))
    if db.execute(delete(votes).where(votes.c.member_id.in_(member_ids))).rowcount:
        coming = digests.c.network_id.in_(here), digests.c.state.in_(digest_rows.UNPUBLISHED)
        db.execute(update(digests).where(*coming).values(version=digests.c.version + 1))


# What all chose ---------------------------------------------------------------------------------------------------


def poll(db: Connection, occurrence_id: int) -> Poll | None:
    """Return a choice or scale with what members have chosen so far."""
    return next(iter(_polls(db, [occurrence_id], out=False)), None)


def polls(db: Connection, digest: Digest, *, now: datetime) -> tuple[Poll, ...]:
    """Return what stands in a digest, or would: of one that is out as it was then."""
    out = digest.state == "published"
    wanted = digest.kept.get("polls", ()) if out else due(db, digest, now=now)
    return _polls(db, wanted, out=out)


def due(db: Connection, digest: Digest, *, now: datetime) -> list[int]:
    """Return what is to stand in a digest: closed by its hour, and in no earlier one of its chain.

    A draft does not show what still is open: who leads may not have chosen yet.
    """
    by = min(digest.publish_at, now)
    closes = (
        select(func.max(postings.c.closes_at))
        .where(postings.c.occurrence_id == occurrences.c.id)
        .scalar_subquery()
    )
    query = (
        select(occurrences.c.id)
        .join(prompts, prompts.c.id == occurrences.c.prompt_id)
        .where(
            prompts.c.network_id == digest.network_id,
            prompts.c.kind.in_(forms.KINDS),
            closes.between(by - RECENT, by),
            select(votes.c.id).where(votes.c.occurrence_id == occurrences.c.id).exists(),
        )
        .order_by(occurrences.c.at, occurrences.c.id)
    )
    told = _told(db, digest)
    return [one for one in db.execute(query).scalars() if one not in told]


def _told(db: Connection, digest: Digest) -> set[int]:
    """What stands in the chain's other digests that went out."""
    others = digest_rows.of_network(db, digest.network_id, ("published",))
    chain = [other for other in others if other.chain == digest.chain and other.id != digest.id]
    return {one for other in chain for one in other.kept.get("polls", ())}


def _settled(db: Connection, ids: Collection[int]) -> dict[int, list[Any]]:
    """Return what the first digest that went out with one of these in it shows of it."""
    here = (
        select(prompts.c.network_id)
        .join(occurrences, occurrences.c.prompt_id == prompts.c.id)
        .where(occurrences.c.id.in_(ids))
    )
    query = (
        select(digests.c.content)
        .where(digests.c.network_id.in_(here), digests.c.state == "published")
        .order_by(digests.c.published_at, digests.c.id)
    )
    found: dict[int, list[Any]] = {}
    for content in db.execute(query).scalars():
        for row in ((content or {}).get("frozen") or {}).get("results") or []:
            if row[0] in ids:
                found.setdefault(row[0], row)
    return found


@dataclass(frozen=True)
class _Chosen:
    """A row with what decides whether it counts."""

    picks: Sequence[int]
    group: str | None
    member_state: str
    left_how: str | None

    def counts(self, *, out: bool) -> bool:
        """Whether it counts in what is made now, or, `out`, still counts in what was sent."""
        if out:
            return consents.stands(self.member_state, self.left_how)
        return self.member_state in consents.STAYING


def _polls(db: Connection, ids: Iterable[int], *, out: bool) -> tuple[Poll, ...]:
    wanted = list(ids)
    query = (
        select(occurrences.c.id, prompts.c.id, prompts.c.kind, prompts.c.text, prompts.c.form)
        .join(prompts, prompts.c.id == occurrences.c.prompt_id)
        .where(occurrences.c.id.in_(wanted), prompts.c.kind.in_(forms.KINDS))
        .order_by(occurrences.c.at, occurrences.c.id)
    )
    ballots = _ballots(db, occurrences.c.id.in_(wanted), out=out)
    settled = _settled(db, wanted)
    found = []
    for occurrence, prompt, kind, question, stored in db.execute(query):
        form, cast = forms.from_json(stored), tuple(ballots.get(occurrence, ()))
        several = bool(form.several)
        poll = Poll(prompt, kind, question, form.options, cast, several, occurrence)
        found.append(thawed(settled[occurrence], poll) if occurrence in settled else poll)
    return tuple(found)


def _ballots(db: Connection, where: "ColumnElement[bool]", *, out: bool) -> dict[int, list[Ballot]]:
    query = (
        select(votes.c.occurrence_id, votes.c.picks, votes.c.group, members.c.state, members.c.left_how)
        .join(members, members.c.id == votes.c.member_id)
        .join(occurrences, occurrences.c.id == votes.c.occurrence_id)
        .where(where)
        .order_by(votes.c.at, votes.c.id)
    )
    found: dict[int, list[Ballot]] = {}
    for occurrence, *row in db.execute(query):
        chosen = _Chosen(*row)
        if chosen.counts(out=out):
            cast = found.setdefault(occurrence, [])
            cast.append(Ballot(chosen.group, tuple(chosen.picks), turn=len(cast)))
    return found
