"""The steps that stories are made of: a network with members, a posted question, what was kept."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.actions import opening
from bot.app import Bln
from bot.core import consents
from bot.sandbox.driver import Sandbox
from storage import chats, members, networks, people, prompts
from storage.db import Connection
from storage.tables import contributions as contributions_table
from storage.tables import inbox as inbox_table
from storage.tables import members as members_table
from storage.tables import people as people_table
from tests.answerable import get_ready


@dataclass(frozen=True)
class Seeded:
    """A network that is there without anybody having typed anything."""

    id: int
    group: Any  # the sandbox's


class Story:
    """A living bot, its sandbox, and shortcuts to states that other stories reach step by step."""

    def __init__(self, living: Bln, telegram: Sandbox) -> None:
        self.living, self.telegram, self.database = living, telegram, living.database

    async def network(self, group: Any, *, title: str = "Care partnership", **values: Any) -> Seeded:
        """A network bound to a group of the sandbox."""
        now = self.telegram.now()
        made = await self.database.write(seed_network, group.id, title, now=now, **values)
        return Seeded(made, group)

    async def member(self, network: Seeded, user: Any, **values: Any) -> int:
        """Somebody of the sandbox who has joined: pressed Start, agreed to be quoted."""
        made = await self.database.write(seed_member, network.id, user, now=self.telegram.now(), **values)
        await self.telegram.start(user)
        await self.telegram.settle()
        return made

    async def ready(self, network: Seeded) -> None:
        """People can join: there are a help text and a stand-in."""
        mohammed, now = self.telegram.user("Mohammed"), self.telegram.now()
        await self.database.write(get_ready, network.id, now=now, telegram_id=mohammed.id)

    async def posted(self, network: Seeded, text: str) -> Any:
        """A question that stands in the group; returns the sandbox's message."""
        await self.database.write(_prompt, network.id, text, now=self.telegram.now())
        self.telegram.move(by=timedelta(milliseconds=1))  # a tick follows at once
        await self.telegram.settle()
        return self.telegram.last(network.group)

    async def contributions(self) -> list[tuple[str, str]]:
        """Who gave what: what was committed, not what we hoped."""
        return await self.database.read(_contributions)

    async def parked(self) -> list[tuple[str, str | None]]:
        """Updates that no handler could take."""
        return await self.database.read(_parked)


def seed_network(db: Connection, telegram_id: int, title: str, *, now: Any, **values: Any) -> int:
    network = networks.create(db, title=title, language="en", timezone="Europe/Amsterdam", now=now)
    if values:
        networks.change(db, network.id, **values)
    chats.keep(db, network.id, telegram_id, circle="core", kind="supergroup", title=title, now=now)
    opening.close(db, network.id, now=now)  # who leads knows that nobody else can join
    return network.id


def seed_member(
    db: Connection,
    network_id: int,
    user: Any,
    *,
    now: Any,
    group: str = "carer",
    quote: bool = True,
    **values: Any,
) -> int:
    person = people.keep(db, user.id, name=user.first_name, username=None, language="en", now=now)
    people.change(db, person.id, reachable=True)
    member = members.keep(db, network_id, person.id, circle="core", now=now)
    values = {"alone_asked_at": now, **values}  # the question to who is below k would come in between
    members.change(db, member.id, state="active", group=group, joined_at=now, **values)
    for use, granted in ((consents.TAKE_PART, True), (consents.QUOTE, quote)):
        members.agree(db, member.id, use, granted, version=consents.VERSION, language="en", now=now)
    return member.id


def _prompt(db: Connection, network_id: int, text: str, *, now: Any) -> int:
    prompt = prompts.create(
        db,
        network_id=network_id,
        kind="open",
        text=text,
        circle="core",
        when={"kind": "now"},
        state="planned",
        next_due_at=now,
        created_at=now - timedelta(seconds=1),
    )
    return prompt.id


def _contributions(db: Connection) -> list[tuple[str, str]]:
    table = contributions_table
    query = (
        select(people_table.c.name, table.c.text)
        .join(members_table, members_table.c.id == table.c.member_id)
        .join(people_table, people_table.c.id == members_table.c.person_id)
        .where(table.c.state == "kept")
        .order_by(table.c.id)
    )
    return [(name, text) for name, text in db.execute(query)]


def _parked(db: Connection) -> list[tuple[str, str | None]]:
    query = select(inbox_table.c.kind, inbox_table.c.error).where(inbox_table.c.attempts > 0)
    return [(kind, error) for kind, error in db.execute(query)]
