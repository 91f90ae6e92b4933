"""Sentences of statements rounds, and the answers in which they stand.

A sentence is kept as places in its answer and a mark of the words, never as words: it is shown only as long as the
answer still has these very words and may be shown itself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, select, update

from bot.core import consents, voices
from bot.core.danger import KEPT_OUT
from bot.core.voices import Reply, Span
from storage import members, rows
from storage.db import Connection, insert_once
from storage.tables import contributions, people, postings, prompts, stances, statements
from storage.tables import members as members_table

KIND = "statements"  # of their prompts
PICKED, ASKED, AGREED, REFUSED, DROPPED, POSTED = "picked", "asked", "agreed", "refused", "dropped", "posted"
DECLINED = "declined"  # refused by its author, and not picked any more: nobody is asked a second time
CHOSEN = (PICKED, ASKED, AGREED, REFUSED, POSTED)  # a facilitator wants them, whatever their authors say
OVER = (DROPPED, DECLINED)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a round, without its words. `state`: see the constants above; posted: members can answer it."""

    id: int
    prompt_id: int
    contribution_id: int
    spans: list[list[int]]
    mark: str
    position: int
    state: str
    asked_at: datetime | None

    @property
    def places(self) -> tuple[Span, ...]:
        """Which words of its answer it is."""
        return tuple((start, end) for start, end in self.spans)

    def words(self, reply: Reply | None) -> str | None:
        """Return its words; None if its answer has others now, or they may not be shown."""
        if reply is None or not voices.quotable(reply) or reply.id != self.contribution_id:
            return None
        within = all(0 <= start < end <= len(reply.text) for start, end in self.places)
        if not within or voices.mark(reply.text, self.places) != self.mark:
            return None
        return said(reply.text, self.places)


@dataclass(frozen=True)
class Said:
    """A sentence with its words as they are now."""

    sentence: Sentence
    words: str


def said(text: str, places: Iterable[Span]) -> str:
    """Return a sentence as it is read: to the letter, on one line."""
    return " ".join(" ".join(part.split()) for part in voices.parts(text, tuple(places)))


# Sentences --------------------------------------------------------------------------------------------------------


def _query() -> "Select[Any]":
    return select(*rows.columns(statements, Sentence))


def get(db: Connection, statement_id: int) -> Sentence | None:
    """Return a sentence of a round."""
    return rows.one(db, _query().where(statements.c.id == statement_id), Sentence)


def of_prompt(db: Connection, prompt_id: int, states: Collection[str] = CHOSEN) -> list[Sentence]:
    """Return the sentences of a round, in their order."""
    query = _query().where(statements.c.prompt_id == prompt_id, statements.c.state.in_(states))
    return rows.many(db, query.order_by(statements.c.position, statements.c.id), Sentence)


def posted_ones(db: Connection, ids: Collection[int]) -> dict[int, Sentence]:
    """Return those of these sentences that members can see, by id."""
    query = _query().where(statements.c.id.in_(ids), statements.c.state == POSTED)
    return {one.id: one for one in rows.many(db, query, Sentence)}


def words_of(db: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the words of those of these sentences that members can see, by id."""
    found = posted_ones(db, ids)
    given = replies(db, contributions.c.id.in_([one.contribution_id for one in found.values()]))
    shown = {id: one.words(given.get(one.contribution_id)) for id, one in found.items()}
    return {id: words for id, words in shown.items() if words is not None}


def of_contributions(db: Connection, ids: Collection[int]) -> list[Sentence]:
    """Return the sentences that stand in these answers, whatever round they are of."""
    query = _query().where(statements.c.contribution_id.in_(ids), statements.c.state.not_in(OVER))
    return rows.many(db, query.order_by(statements.c.id), Sentence)


def pick(db: Connection, prompt_id: int, contribution_id: int, spans: Iterable[Span], mark: str) -> None:
    """Take a sentence into a round, last; one that was left out before comes back, and a no to it holds."""
    last = select(func.coalesce(func.max(statements.c.position), 0)).where(
        statements.c.prompt_id == prompt_id
    )
    values = {
        "prompt_id": prompt_id,
        "contribution_id": contribution_id,
        "spans": [list(span) for span in spans],
        "mark": mark,
        "position": db.execute(last).scalar_one() + 1,
        "state": PICKED,
    }
    if insert_once(db, statements, values, conflict=["prompt_id", "contribution_id", "mark"]) is not None:
        return
    this = (statements.c.prompt_id == prompt_id, statements.c.contribution_id == contribution_id)
    again = case((statements.c.state == DECLINED, REFUSED), else_=PICKED)
    back = update(statements).where(*this, statements.c.mark == mark, statements.c.state.in_(OVER))
    db.execute(back.values(state=again, position=values["position"]))


def draft(db: Connection, network_id: int) -> int | None:
    """Return the round of a network whose sentences are being chosen, the newest."""
    query = select(prompts.c.id).where(
        prompts.c.network_id == network_id, prompts.c.kind == KIND, prompts.c.state == "draft"
    )
    return db.execute(query.order_by(prompts.c.id.desc()).limit(1)).scalar_one_or_none()


def unasked(db: Connection) -> list[int]:
    """Return the planned rounds with sentences whose authors were not asked yet."""
    query = (
        select(prompts.c.id)
        .join(statements, statements.c.prompt_id == prompts.c.id)
        .where(prompts.c.kind == KIND, prompts.c.state == "planned", statements.c.state == PICKED)
        .distinct()
    )
    return list(db.execute(query.order_by(prompts.c.id)).scalars())


def posted(db: Connection, network_id: int, *, but: int | None) -> set[tuple[int, str]]:
    """Return the sentences that stood in the rounds of a network, except in one: answers with their marks."""
    query = (
        select(statements.c.contribution_id, statements.c.mark)
        .join(prompts, prompts.c.id == statements.c.prompt_id)
        .where(prompts.c.network_id == network_id, statements.c.state == POSTED, prompts.c.id != (but or 0))
    )
    return {(row[0], row[1]) for row in db.execute(query)}


def unpick(db: Connection, sentence: Sentence) -> None:
    """Leave a sentence out of a round again."""
    if sentence.state == PICKED:
        db.execute(delete(statements).where(statements.c.id == sentence.id))
    elif sentence.state == REFUSED:
        change(db, sentence.id, state=DECLINED)
    else:
        drop(db, [sentence.id])


def change(db: Connection, statement_id: int, **values: Any) -> None:
    """Change columns of a sentence."""
    db.execute(update(statements).where(statements.c.id == statement_id).values(**values))


def move(
    db: Connection, sentence: Sentence, text: str, spans: tuple[Span, ...], *, state: str | None = None
) -> Sentence | None:
    """Let a sentence stand elsewhere in its answer; None where that one is in the round already."""
    mark = voices.mark(text, spans)
    this = (statements.c.prompt_id == sentence.prompt_id, statements.c.mark == mark)
    same = select(statements.c.id).where(*this, statements.c.contribution_id == sentence.contribution_id)
    if db.execute(same).first() is not None:
        drop(db, [sentence.id])
        return None
    change(db, sentence.id, spans=[list(span) for span in spans], mark=mark, state=state or sentence.state)
    return get(db, sentence.id)


def drop(db: Connection, ids: Collection[int]) -> None:
    """Let sentences fall out of their rounds, with all that was said to them."""
    db.execute(delete(stances).where(stances.c.statement_id.in_(ids)))
    db.execute(update(statements).where(statements.c.id.in_(ids)).values(state=DROPPED))


def words(db: Connection, prompt_id: int, states: Collection[str], *, unflagged: bool = False) -> list[Said]:
    """Return the sentences of a round that may be shown now, with their words.

    `unflagged`: without those of answers that by now seem to tell who somebody is; who reworded one may have said it.
    """
    found = of_prompt(db, prompt_id, states)
    given = replies(db, contributions.c.id.in_([one.contribution_id for one in found])) if found else {}
    if unflagged:
        given = {id: reply for id, reply in given.items() if not reply.flagged}
    shown = [(one, one.words(given.get(one.contribution_id))) for one in found]
    return [Said(one, said) for one, said in shown if said is not None]


# Answers they stand in --------------------------------------------------------------------------------------------


def since(db: Connection, network_id: int, moment: datetime) -> list[Reply]:
    """Return the answers of a network since then, as far as choosing sentences needs them."""
    found = replies(db, and_(contributions.c.network_id == network_id, contributions.c.arrived_at >= moment))
    return list(found.values())


def reply(db: Connection, contribution_id: int) -> Reply | None:
    """Return the answer in which a sentence stands."""
    return replies(db, contributions.c.id == contribution_id).get(contribution_id)


def replies(db: Connection, where: ColumnElement[bool], *, out: bool = False) -> dict[int, Reply]:
    """Return answers by id, with the words that others read; `out`: what went out stays until its author decides."""
    query = (
        select(
            contributions.c.id,
            contributions.c.network_id,
            postings.c.prompt_id,
            contributions.c.member_id,
            members_table.c.group,
            contributions.c.place,
            contributions.c.chat_id,
            contributions.c.kind,
            func.coalesce(contributions.c.masked, contributions.c.text).label("text"),
            contributions.c.arrived_at,
            contributions.c.conversation,
            contributions.c.may_quote,
            contributions.c.state,
            contributions.c.flags,
            contributions.c.danger,
            members_table.c.state.label("member_state"),
            members_table.c.left_how,
            people.c.language,
        )
        .join(postings, postings.c.id == contributions.c.posting_id)
        .join(members_table, members_table.c.id == contributions.c.member_id)
        .join(people, people.c.id == members_table.c.person_id)
        .where(where)
        .order_by(contributions.c.id)
    )
    found = [row for row in db.execute(query).all() if row.danger not in KEPT_OUT]
    allowed = {
        member: consents.allowed(given)
        for network in {row.network_id for row in found}
        for member, given in members.consents_of(db, network).items()
    }
    return {row.id: _reply(row, allowed.get(row.member_id, ()), out=out) for row in found}


def _reply(row: Any, agreed: tuple[str, ...], *, out: bool) -> Reply:
    stays = consents.stands(row.member_state, row.left_how)
    return Reply(
        id=row.id,
        prompt=row.prompt_id,
        member=row.member_id,
        group=row.group,
        place=row.place,
        chat=row.chat_id,
        kind=row.kind,
        text=row.text,
        attribution="none",  # a sentence of a round is shown without anybody beside it
        name="",
        consents=agreed,
        arrived_at=row.arrived_at,
        active=stays if out else row.member_state in consents.STAYING,
        conversation=row.conversation,
        may_quote=row.may_quote,
        state=row.state,
        flagged=bool(row.flags),
    )
