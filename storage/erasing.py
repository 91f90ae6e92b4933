"""Erasing a person: in one network or everywhere, with all that repeats their words; or only the link to them.

`gather` first, while the rows are there; then `files` until none is left; then `erase_words`, `erase_rows` and
`echoes.letters_of`. Published digests and drafts are mended by bot/actions/erasure.py after the words are gone: here
are rows alone, as a restored backup needs it too (`erase`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_, update

from bot.core import consents as uses
from bot.core.erasing import ERASE, UNNAMED, Trace, Words, mentions
from storage import chats, copies, echoes, members, outbox, people, retention, statements, votes
from storage import contributions as contributions_of
from storage.db import Connection
from storage.tables import (
    agenda,
    contribution_messages,
    contribution_themes,
    contribution_versions,
    contributions,
    corrections,
    dialogs,
    digest_items,
    digests,
    facts,
    hints,
    knocks,
    links,
    media,
    parcels,
    postings,
    prompts,
    reaction_counts,
    reactions,
    rsvps,
    talks,
    tallies,
)
from storage.tables import answering as answering_table
from storage.tables import audit as audit_table
from storage.tables import chats as chats_table
from storage.tables import members as members_table
from storage.tables import networks as networks_table
from storage.tables import outbox as letters
from storage.tables import people as people_table
from storage.tables import statements as statements_table

NOBODY = 0  # the Telegram id of nobody: to them belong words whose author cut the link
UNLINKED = "unlinked"  # the state of their membership
# What leads back from words to their author, or to those who worked on them.
LINKS = (
    *("message_id", "album", "edited_at", "checked_at", "picture", "noted_by", "danger", "danger_at"),
    *("heard", "heard_by", "heard_state", "masked", "masked_by", "starred_at"),
)


@dataclass(frozen=True)
class Erased:
    """What was erased, in numbers; `kept`: answers that stay without a name."""

    answers: int = 0
    kept: int = 0
    reactions: int = 0
    votes: int = 0
    digests: int = 0  # published, and quoting them


# Looking ----------------------------------------------------------------------------------------------------------


def gather(db: Connection, person_id: int, member_ids: Collection[int] | None = None) -> Trace | None:
    """Return what there is of a person in some memberships (None: everywhere); None for somebody unknown."""
    person = people.get(db, person_id)
    if person is None:
        return None
    every = members.all_of_person(db, person_id)
    asked = [one for one in every if member_ids is None or one.id in member_ids]
    whole = member_ids is None or (len(asked) == len(every) and not person.coordinator)
    mine = tuple(one.id for one in asked)
    of_theirs = contributions.c.member_id.in_(mine)
    given = tuple(
        db.execute(select(contributions.c.id).where(of_theirs).order_by(contributions.c.id)).scalars()
    )
    networks = tuple(one.network_id for one in asked)
    return Trace(
        person_id=person_id,
        telegram_id=person.telegram_id,
        name=person.name,
        whole=whole,
        members=mine,
        networks=networks,
        contributions=given,
        messages=_messages(db, given),
        digests=_standing(db, given),
        noted=_noted(db, person_id, networks),
        words=Words((*_texts(db, given), *_said(db, person_id, mine)), tuple(_questions(db, networks))),
    )


def _messages(db: Connection, given: Collection[int]) -> tuple[tuple[int, int], ...]:
    where = contribution_messages.c.contribution_id.in_(given)
    query = select(contribution_messages.c.telegram_chat_id, contribution_messages.c.message_id).where(where)
    return tuple((chat, message) for chat, message in db.execute(query))


def _standing(db: Connection, given: Collection[int]) -> tuple[int, ...]:
    query = select(digest_items.c.digest_id).where(digest_items.c.contribution_id.in_(given)).distinct()
    return tuple(sorted(db.execute(query).scalars()))


def _noted(db: Connection, person_id: int, networks: Collection[int]) -> tuple[int, ...]:
    """The digests that hold words of theirs which are no answer: a word added, a question, a correction."""
    here = digests.c.network_id.in_(networks)
    asked = select(agenda.c.digest_id).where(agenda.c.added_by == person_id)
    right = select(corrections.c.digest_id).where(corrections.c.settled_by == person_id)
    theirs = or_(digests.c.note_by == person_id, digests.c.id.in_(asked), digests.c.id.in_(right))
    return tuple(sorted(db.execute(select(digests.c.id).where(here, theirs)).scalars()))


def _texts(db: Connection, given: Collection[int]) -> Iterable[str]:
    wanted = (contributions.c.text, contributions.c.heard, contributions.c.masked)
    for row in db.execute(select(*wanted).where(contributions.c.id.in_(given))):
        yield from (text for text in row if text)
    earlier = contribution_versions.c.contribution_id.in_(given)
    yield from db.execute(select(contribution_versions.c.text).where(earlier)).scalars()


def _said(db: Connection, person_id: int, members: Collection[int]) -> Iterable[str]:
    """What they wrote about summaries: as a member, and as one of those who lead."""
    of_them = corrections.c.member_id.in_(members)
    yield from filter(None, db.execute(select(corrections.c.words).where(of_them)).scalars())
    by_them = corrections.c.settled_by == person_id
    yield from filter(None, db.execute(select(corrections.c.answer).where(by_them)).scalars())
    own = agenda.c.added_by == person_id
    yield from filter(None, db.execute(select(agenda.c.words).where(own)).scalars())


def _questions(db: Connection, networks: Collection[int]) -> list[str]:
    return list(db.execute(select(prompts.c.text).where(prompts.c.network_id.in_(networks))).scalars())


def counts(db: Connection, trace: Trace) -> Erased:
    """Return how much somebody gave, and how many published digests quote it."""
    here = contributions.c.id.in_(trace.contributions), contributions.c.state == "kept"
    felt = select(func.count()).where(reactions.c.member_id.in_(trace.members))
    quoting = (
        select(func.count(digests.c.id.distinct()))
        .join(digest_items, digest_items.c.digest_id == digests.c.id)
        .where(
            digests.c.state == "published",
            digest_items.c.quoted,
            digest_items.c.contribution_id.in_(trace.contributions),
        )
    )
    return Erased(
        answers=db.execute(select(func.count()).where(*here)).scalar_one(),
        kept=db.execute(select(func.count()).where(*here, _stays())).scalar_one(),
        reactions=db.execute(felt).scalar_one(),
        votes=votes.count(db, trace.members) + statements.count(db, trace.members),
        digests=db.execute(quoting).scalar_one(),
    )


def staying(db: Connection, trace: Trace) -> list[str]:
    """Return the words that can stay without a name."""
    said = func.coalesce(contributions.c.masked, func.nullif(contributions.c.text, ""), contributions.c.heard)
    query = select(said).where(_theirs(trace), _stays()).order_by(contributions.c.id)
    return list(db.execute(query).scalars())


def _stays() -> ColumnElement[bool]:
    """Whether words can stay without a name: a voice or a picture can't, as it is somebody's."""
    heard = and_(contributions.c.heard_state == "confirmed", contributions.c.heard.is_not(None))
    return and_(
        contributions.c.state == "kept", contributions_of.safe(), or_(contributions.c.text != "", heard)
    )


# Erasing ----------------------------------------------------------------------------------------------------------


def files(db: Connection, trace: Trace, *, limit: int = retention.LIMIT) -> int:
    """Erase some of the files they gave, and return how many: every byte is written over, so come again until 0."""
    return retention.erase_files(db, select(contributions.c.id).where(_theirs(trace)), limit)


def _theirs(trace: Trace) -> ColumnElement[bool]:
    return contributions.c.member_id.in_(trace.members)


def erase(db: Connection, trace: Trace, how: str, *, now: datetime) -> None:
    """Erase everything of it in one go, where nobody is to be told: before a restored database is used."""
    while files(db, trace):
        pass
    erase_words(db, trace, how, now=now)
    erase_rows(db, trace)
    echoes.letters_of(db, trace, mended=False)


def erase_words(db: Connection, trace: Trace, how: str, *, now: datetime) -> None:
    """Erase the words, or give to nobody those that can stay; the rows are there still, for digests to be mended.

    What they chose goes either way: it is a number of somebody's, and without them it is nobody's.
    """
    if how == UNNAMED:
        _unlink(db, trace, now=now)
    votes.erase(db, trace.members)
    statements.erase(db, trace.members)
    for one in db.execute(select(contributions.c.id).where(_theirs(trace))).scalars().all():
        contributions_of.forget_words(db, one, state="taken_back")
    noted = {"note": None, "note_by": None} if how == ERASE else {"note_by": None}
    of_theirs = digests.c.note_by == trace.person_id
    db.execute(update(digests).where(digests.c.id.in_(trace.noted), of_theirs).values(**noted))
    _led(db, trace, how)
    _settled(db, trace, now=now)


def _settled(db: Connection, trace: Trace, *, now: datetime) -> None:
    """What was put right because they said so is who leads' words, and a point that stays is nobody's: both stay."""
    stays = select(contributions.c.id).where(contributions.c.id.in_(trace.contributions), ~_theirs(trace))
    kept = or_(corrections.c.answer.is_not(None), corrections.c.contribution_id.in_(stays))
    theirs = and_(corrections.c.member_id.in_(trace.members), corrections.c.state == "accepted", kept)
    query = select(corrections.c.id, digests.c.network_id).join(
        digests, digests.c.id == corrections.c.digest_id
    )
    for id, network in db.execute(query.where(theirs)).all():
        nobody = _nobody_in(db, network, now=now)
        db.execute(update(corrections).where(corrections.c.id == id).values(member_id=nobody, words=None))


def _led(db: Connection, trace: Trace, how: str) -> None:
    """What they put on the agenda, and put right, as one of those who lead."""
    own = and_(agenda.c.added_by == trace.person_id, agenda.c.digest_id.in_(trace.noted))
    right = and_(corrections.c.settled_by == trace.person_id, corrections.c.digest_id.in_(trace.noted))
    if how == ERASE:
        gone = select(agenda.c.id).where(own).scalar_subquery()
        db.execute(update(agenda).where(agenda.c.merged_into.in_(gone)).values(merged_into=None))
        db.execute(delete(agenda).where(own))
        db.execute(update(corrections).where(right).values(answer=None, settled_by=None))
    else:
        db.execute(update(agenda).where(own).values(added_by=None))
        db.execute(update(corrections).where(right).values(settled_by=None))


def erase_rows(db: Connection, trace: Trace) -> None:
    """Erase the rest of what `gather` found, letters apart."""
    _felt_about(db, trace)
    _of_networks(db, trace)
    db.execute(delete(contributions).where(_theirs(trace)))
    db.execute(delete(reactions).where(reactions.c.member_id.in_(trace.members)))
    db.execute(delete(rsvps).where(rsvps.c.member_id.in_(trace.members)))
    db.execute(delete(members_table).where(members_table.c.id.in_(trace.members)))
    db.execute(delete(dialogs).where(dialogs.c.person_id == trace.person_id))  # words may wait there
    _waiting(db, trace)
    _on_request(db, trace)
    echoes.updates(db, trace)
    if trace.whole:
        _everywhere(db, trace)
    copies.forget(db)


def _waiting(db: Connection, trace: Trace) -> None:
    """Words whose author has not said yet what they answer stay where that can be a question of another network."""
    theirs = answering_table.c.person_id == trace.person_id
    data = db.execute(select(answering_table.c.data).where(theirs)).scalar_one_or_none() or {}
    if not trace.whole and any(one.active for one in members.all_of_person(db, trace.person_id)):
        of_posting = select(postings.c.network_id).where(postings.c.id == data.get("posting"))
        if db.execute(of_posting).scalar_one_or_none() in trace.networks:
            data = {**data, "posting": None, "until": None}
        if data.get("posting") is not None or data.get("waiting"):
            db.execute(update(answering_table).where(theirs).values(data=data))
            return
    db.execute(delete(answering_table).where(theirs))


def _on_request(db: Connection, trace: Trace) -> None:
    """What `/mydata` has put together, or still would, holds what is erased here."""
    request = f"mydata:{trace.person_id}"
    db.execute(delete(facts).where(facts.c.name == request))
    db.execute(delete(parcels).where(parcels.c.person_id == trace.person_id))
    # Of one that is being sent the answer is awaited; without its parcel it is not sent again.
    waits = letters.c.state.in_(outbox.OPEN), letters.c.state != "sending"
    db.execute(delete(letters).where(letters.c.key.startswith(f"{request}:", autoescape=True), *waits))


def _of_networks(db: Connection, trace: Trace) -> None:
    """What stands in networks' rows about a person, and does not go with the membership."""
    of_them, here = trace.person_id, trace.networks
    places = select(chats_table.c.id).where(chats_table.c.network_id.in_(here))
    for table, where in (
        (knocks, and_(knocks.c.person_id == of_them, knocks.c.network_id.in_(here))),
        (talks, and_(talks.c.person_id == of_them, talks.c.network_id.in_(here))),
        (links, and_(links.c.opened_by == of_them, links.c.network_id.in_(here))),
        (hints, and_(hints.c.telegram_id == trace.telegram_id, hints.c.chat_id.in_(places))),
    ):
        db.execute(delete(table).where(where))
    made = and_(links.c.created_by == of_them, links.c.network_id.in_(here))
    db.execute(update(links).where(made).values(created_by=None))
    asked = [f"asked_to_lead:{one}" for one in trace.members]
    db.execute(delete(facts).where(facts.c.name.in_(asked)))
    seen = and_(audit_table.c.person_id == of_them, audit_table.c.network_id.in_(here))
    db.execute(update(audit_table).where(seen).values(person_id=None))
    stands_in = and_(networks_table.c.stand_in == of_them, networks_table.c.id.in_(here))
    db.execute(update(networks_table).where(stands_in).values(stand_in=None))
    stays = set(
        db.execute(
            select(contributions.c.id).where(contributions.c.id.in_(trace.contributions), ~_theirs(trace))
        ).scalars()
    )
    gone = set(trace.contributions) - stays
    for digest_id, content in db.execute(
        select(digests.c.id, digests.c.content).where(digests.c.network_id.in_(here))
    ).all():
        changed = _without(content or {}, of_them, gone)
        if changed != (content or {}):
            db.execute(update(digests).where(digests.c.id == digest_id).values(content=changed))


def _without(content: dict[str, Any], person_id: int, gone: Collection[int]) -> dict[str, Any]:
    """A digest knows who saw its draft or asked for it, and by a mark of the words what it chose."""
    changed = dict(content)
    if "drafts" in content:
        changed["drafts"] = {who: n for who, n in content["drafts"].items() if who != str(person_id)}
    if "show" in content:
        changed["show"] = [who for who in content["show"] if who != person_id]
    if "choice" in content:
        chosen = content["choice"]
        left = {name: _left(chosen[name], gone) for name in ("questions", "singles") if name in chosen}
        for name in ("prompts", "more"):
            if name in chosen:
                left[name] = [[prompt, _left(quotes, gone)] for prompt, quotes in chosen[name]]
        changed["choice"] = {**chosen, **left}
    frozen = content.get("frozen") or {}
    if "rounds" in frozen:  # of a sentence: its number, its round, its answer, and what was shown of it
        changed["frozen"] = {**frozen, "rounds": [row for row in frozen["rounds"] if row[2] not in gone]}
    if "swapped" in content:
        swapped = content["swapped"].items()
        changed["swapped"] = {one: two for one, two in swapped if not {int(one), two} & set(gone)}
    return changed


def _left(chosen: Sequence[Any], gone: Collection[int]) -> list[Any]:
    return [one for one in chosen if one[0] not in gone]


def _everywhere(db: Connection, trace: Trace) -> None:
    db.execute(delete(tallies).where(tallies.c.telegram_id == trace.telegram_id))
    db.execute(delete(hints).where(hints.c.telegram_id == trace.telegram_id))
    db.execute(delete(links).where(links.c.opened_by == trace.person_id))
    learnt = [
        id
        for id, value in db.execute(select(facts.c.id, facts.c.value))
        if mentions(value, trace.telegram_id)
    ]
    db.execute(delete(facts).where(facts.c.id.in_(learnt)))
    db.execute(delete(people_table).where(people_table.c.id == trace.person_id))


def _felt_about(db: Connection, trace: Trace) -> None:
    """What others felt about their messages goes with the messages' numbers."""
    places = {
        telegram_id: chat.id
        for telegram_id in {one for one, _ in trace.messages}
        if (chat := chats.by_telegram_id(db, telegram_id))
    }
    here = [(places[chat], message) for chat, message in trace.messages if chat in places]
    for table in (reactions, reaction_counts):
        if here:
            db.execute(delete(table).where(tuple_(table.c.chat_id, table.c.message_id).in_(here)))


# Cutting the link -------------------------------------------------------------------------------------------------


def _unlink(db: Connection, trace: Trace, *, now: datetime) -> None:
    """Give what can stay to nobody: without message, hour and voice, by which it could be found again."""
    nobody = {network: _nobody_in(db, network, now=now) for network in trace.networks}
    quoted = {one: uses.QUOTE in uses.allowed(members.consent(db, one)) for one in trace.members}
    wanted = select(
        contributions.c.id,
        contributions.c.network_id,
        contributions.c.member_id,
        contributions.c.text,
        contributions.c.masked,
        contributions.c.heard,
        contributions.c.may_quote,
        contributions.c.sent_at,
        contributions.c.arrived_at,
    )
    for row in db.execute(wanted.where(_theirs(trace), _stays())).all():
        values = {
            "member_id": nobody[row.network_id],
            "text": row.masked or row.text or row.heard,
            "kind": "text",
            "attribution": "none",
            "may_quote": row.may_quote if quoted[row.member_id] else "no",
            "sent_at": _day(row.sent_at),
            "arrived_at": _day(row.arrived_at),
        }
        cut = dict.fromkeys(LINKS)
        db.execute(update(contributions).where(contributions.c.id == row.id).values(**values, **cut))
    unlinked = select(contributions.c.id).where(contributions.c.member_id.in_(nobody.values()))
    for table in (contribution_messages, contribution_versions, media):
        db.execute(delete(table).where(table.c.contribution_id.in_(unlinked)))
    # When their authors were asked about sentences would link these to each other.
    asked = update(statements_table).where(statements_table.c.contribution_id.in_(unlinked))
    db.execute(asked.values(asked_at=None))
    # What words are about stays with them; the hour at which it was tapped would link them to each other.
    given_on = select(contributions.c.arrived_at).where(
        contributions.c.id == contribution_themes.c.contribution_id
    )
    about = contribution_themes.c.contribution_id.in_(unlinked)
    db.execute(update(contribution_themes).where(about).values(at=given_on.scalar_subquery()))


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _nobody_in(db: Connection, network_id: int, *, now: datetime) -> int:
    """Return the membership of nobody: all who cut the link share it, so that even their words are not linked."""
    nobody = people.keep(db, NOBODY, name="", username=None, language="en", now=now)
    before = members.who(db, network_id, nobody.id)
    if before is not None:
        return before.id
    made = members.keep(db, network_id, nobody.id, circle="core", now=now)
    members.change(db, made.id, state=UNLINKED, attribution="none")
    for use in (uses.TAKE_PART, uses.QUOTE):
        version = uses.version(use, nobody.language)
        members.agree(db, made.id, use, True, version=version, language=nobody.language, now=now)
    return made.id
