"""Members: a person in a network, and what that person agreed to."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, or_, select, update

from bot.core.consents import TAKE_PART, Given
from storage import rows
from storage.db import Connection, insert_once
from storage.tables import consents, members, networks, people


@dataclass(frozen=True)
class Member:
    """A person in a network. `group` is a stakeholder group's code, None until chosen.

    `name`, `telegram_id`, `language` and `reachable` are the person's.
    """

    id: int
    network_id: int
    person_id: int
    group: str | None
    circle: str
    facilitator: bool
    attribution: str
    state: str
    quiet_from: str
    quiet_to: str
    paused_until: datetime | None
    told_at: datetime | None
    joined_at: datetime | None
    name: str
    telegram_id: int
    language: str
    reachable: bool
    resting_until: datetime | None = None
    listening: bool = False
    left_at: datetime | None = None
    left_how: str | None = None
    secrecy_at: datetime | None = None
    shown_alone: str | None = None
    alone_asked_at: datetime | None = None
    looked_at: datetime | None = None
    edition: str = "group"

    @property
    def active(self) -> bool:
        """Whether this person has joined and not left."""
        return self.state == "active"


@cache
def _query() -> "Select[tuple[object, ...]]":
    borrowed = {"name", "telegram_id", "language", "reachable"}
    wanted = [people.c[name] if name in borrowed else members.c[name] for name in rows.fields(Member)]
    return select(*wanted).join(people, people.c.id == members.c.person_id)


def who(db: Connection, network_id: int, person_id: int) -> Member | None:
    """Return a person's membership in a network, in whatever state."""
    return rows.by(db, _query, Member, (members.c.network_id, network_id), (members.c.person_id, person_id))


def by_telegram_id(db: Connection, network_id: int, telegram_id: int) -> Member | None:
    """Return the membership of a Telegram user in a network."""
    return rows.by(
        db, _query, Member, (members.c.network_id, network_id), (people.c.telegram_id, telegram_id)
    )


def get(db: Connection, member_id: int) -> Member | None:
    """Return a member."""
    return rows.by(db, _query, Member, (members.c.id, member_id))


def of_person(db: Connection, person_id: int) -> list[Member]:
    """Return a person's active memberships."""
    theirs = (members.c.person_id, person_id)
    return rows.all_by(db, _query, Member, theirs, (members.c.state, "active"), order=members.c.id)


def all_of_person(db: Connection, person_id: int) -> list[Member]:
    """Return a person's memberships, in whatever state."""
    return rows.all_by(db, _query, Member, (members.c.person_id, person_id), order=members.c.id)


def active(db: Connection, network_id: int) -> list[Member]:
    """Return everybody who takes part in a network."""
    its = (members.c.network_id, network_id)
    return rows.all_by(db, _query, Member, its, (members.c.state, "active"), order=members.c.id)


@dataclass(frozen=True)
class Named:
    """A member as far as it matters whose name one reads: there are as many as members, for every answer."""

    id: int
    person_id: int
    name: str
    facilitator: bool


@cache
def _names() -> "Select[Any]":
    wanted = (members.c.id, members.c.person_id, people.c.name, members.c.facilitator)
    return select(*wanted).join(people, people.c.id == members.c.person_id)


def names(db: Connection, network_id: int) -> list[Named]:
    """Return everybody who takes part in a network, by name."""
    its = (members.c.network_id, network_id)
    return rows.all_by(db, _names, Named, its, (members.c.state, "active"), order=members.c.id)


def joining(db: Connection, network_id: int) -> list[Member]:
    """Return who may join a network and has not finished."""
    query = _query().where(members.c.network_id == network_id, members.c.state == "joining")
    return rows.many(db, query.order_by(members.c.id), Member)


def facilitators(db: Connection, network_id: int) -> list[Member]:
    """Return the facilitators of a network, the first one first."""
    leading = ((members.c.network_id, network_id), (members.c.facilitator, True))
    return rows.all_by(db, _query, Member, *leading, (members.c.state, "active"), order=members.c.id)


def leads_alone(db: Connection, member: Member) -> bool:
    """Whether nobody would lead the network if this member left: then somebody else has to lead first."""
    return [leader.id for leader in facilitators(db, member.network_id)] == [member.id]


def stood_in_for(db: Connection, network_id: int, stand_in: int | None) -> bool:
    """Whether somebody takes over when those who lead are away: a member who is not the only one leading."""
    member = None if stand_in is None else who(db, network_id, stand_in)
    if member is None or not member.active:
        return False
    return [leader.person_id for leader in facilitators(db, network_id)] != [stand_in]


def keep(
    db: Connection, network_id: int, person_id: int, *, circle: str, now: datetime, **values: object
) -> Member:
    """Return the membership, made (in the state *joining*) if it is new."""
    insert_once(
        db,
        members,
        {"network_id": network_id, "person_id": person_id, "circle": circle, "created_at": now, **values},
        conflict=["network_id", "person_id"],
    )
    member = who(db, network_id, person_id)
    assert member is not None
    return member


def change(db: Connection, member_id: int, **values: object) -> None:
    """Change columns of a member."""
    db.execute(update(members).where(members.c.id == member_id).values(**values))


def remove(db: Connection, member_id: int) -> None:
    """Erase a membership and what was agreed to in it."""
    db.execute(delete(members).where(members.c.id == member_id))


def half_way(db: Connection, *, before: datetime) -> list[Member]:
    """Return who began to join before a moment and did not finish."""
    query = _query().where(members.c.state == "joining", members.c.created_at < before)
    return rows.many(db, query.order_by(members.c.id), Member)


def any_of(db: Connection, person_id: int) -> bool:
    """Whether a person has a membership, in whatever state."""
    return (
        db.execute(select(members.c.id).where(members.c.person_id == person_id).limit(1)).first() is not None
    )


def sizes(db: Connection, network_id: int) -> dict[str, int]:
    """Return how many active members each stakeholder group has (for k)."""
    query = (
        select(members.c.group, func.count())
        .where(members.c.network_id == network_id, members.c.state == "active", members.c.group.is_not(None))
        .group_by(members.c.group)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def has_left_as_before(db: Connection, member_id: int) -> None:
    """Somebody began again and did not finish: they have left as before, and what they agreed to then holds again.

    *I agree* comes first of all consents, before somebody is in; who founded a network was in before it.
    """
    began = (
        select(func.max(consents.c.at))
        .where(
            consents.c.member_id == member_id,
            consents.c.use == TAKE_PART,
            consents.c.at <= members.c.joined_at,
        )
        .correlate(members)
        .scalar_subquery()
    )
    change(db, member_id, state="left", created_at=func.coalesce(began, members.c.joined_at))


def agree(
    db: Connection, member_id: int, use: str, granted: bool, *, version: str, language: str, now: datetime
) -> None:
    """Write down one answer to one question of consent."""
    db.execute(
        insert(consents).values(
            member_id=member_id, use=use, granted=granted, version=version, language=language, at=now
        )
    )


def consent(db: Connection, member_id: int) -> dict[str, Given]:
    """Return the latest answer a member gave for each use; a use never asked about is not in it.

    Who left and comes back is asked anew: what was said before the membership began again does not count.
    """
    return {use: Given(*given) for _, use, *given in db.execute(_given(), {"member_id": member_id})}


def consents_of(db: Connection, network_id: int) -> dict[int, dict[str, Given]]:
    """Return the same for every member of a network, by member id; of who begins again also what was said before.

    Nothing new is made of their words before they are in; what went out stands on as they left it.
    """
    found: dict[int, dict[str, Given]] = {}
    counts = or_(consents.c.at >= members.c.created_at, members.c.state == "joining")
    for member_id, use, *given in db.execute(_answers().where(members.c.network_id == network_id, counts)):
        found.setdefault(member_id, {})[use] = Given(*given)
    return found


@cache
def _answers() -> "Select[Any]":
    answer = (consents.c.granted, consents.c.version, consents.c.language, consents.c.at)
    return (
        select(consents.c.member_id, consents.c.use, *answer)
        .join(members, members.c.id == consents.c.member_id)
        .order_by(consents.c.id)
    )


@cache
def _given() -> "Select[Any]":
    theirs = consents.c.member_id == bindparam("member_id")
    return _answers().where(theirs, consents.c.at >= members.c.created_at)


def not_asked(db: Connection, edition: str, *, limit: int) -> list[Member]:
    """Return active members who were not yet looked at since the texts of consent became these."""
    query = _query().join(networks, networks.c.id == members.c.network_id)
    query = query.where(
        networks.c.state == "active",
        members.c.state == "active",
        or_(members.c.consent_asked.is_(None), members.c.consent_asked != edition),
    )
    return rows.many(db, query.order_by(members.c.id).limit(limit), Member)


def unasked(db: Connection, *, joined_before: datetime) -> list[Member]:
    """Return who shows a role and was not asked yet whether to, where few share it; each network's together."""
    query = _query().join(networks, networks.c.id == members.c.network_id)
    query = query.where(
        networks.c.state == "active",
        members.c.state == "active",
        members.c.group.is_not(None),
        members.c.attribution == "role",
        members.c.shown_alone.is_(None),
        members.c.alone_asked_at.is_(None),
        members.c.joined_at < joined_before,
        people.c.reachable,
    )
    return rows.many(db, query.order_by(members.c.network_id, members.c.id), Member)
