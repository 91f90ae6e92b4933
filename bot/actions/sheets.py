"""Invitations to print: ordered by a button, made in another process (letters and pictures are much to hold)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.actions import privacy
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core.mail import File, To
from bot.render import sheet
from bot.render.sheet import Sheet
from storage import facts, links, members, networks, outbox, people
from storage.db import Connection
from storage.links import Link
from storage.networks import Network

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)  # paper lies about: what stands on it has its year
ORDERED = "sheets:"  # the fact: sheets:<person>:<a link's id>


@dataclass(frozen=True)
class Work:
    """An order that waits, and what stands on its pages."""

    order: str
    at: datetime
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Made:
    """An order with its pages; None: none of its invitations is left."""

    work: Work
    pdf: bytes | None


def order(db: Connection, person_id: int, link_ids: Sequence[int], *, now: datetime) -> None:
    """Note that somebody wants these invitations on paper."""
    facts.put(db, f"{ORDERED}{person_id}:{link_ids[0]}", {"links": list(link_ids)}, now=now)


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return who waits for sheets."""
    return list(dict.fromkeys(int(fact.name.split(":")[1]) for fact in facts.beginning(db, ORDERED)))


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next order is due: at once."""
    return next((fact.at for fact in facts.beginning(db, ORDERED)), None)


def read(db: Connection, person_id: int, desk: Desk, *, now: datetime) -> Work | None:
    """Gather what stands on the sheets of somebody's oldest order; of invitations dropped meanwhile nothing."""
    fact = next(iter(facts.beginning(db, f"{ORDERED}{person_id}:")), None)
    if fact is None:
        return None
    found = [link for id in fact.value["links"] if (link := links.get(db, int(id))) is not None]
    return Work(fact.name, fact.at, tuple(_sheet(db, link, desk) for link in found))


def make(work: Work | None) -> Made | None:
    """Set the pages; top-level, as it runs in another process."""
    return None if work is None else Made(work, sheet.pdf(work.sheets) if work.sheets else None)


def write(db: Connection, person_id: int, desk: Desk, *, now: datetime, made: Made | None) -> None:
    """Send the pages to who ordered them; an order that was given again meanwhile is made again."""
    fact = None if made is None else facts.get(db, made.work.order)
    person = people.get(db, person_id)
    if made is None or fact is None or fact.at != made.work.at:
        return
    facts.drop(db, fact.name)
    if made.pdf is None or person is None:
        return
    file = File("invitation.pdf", "application/pdf", made.pdf)
    words = desk.text(person.language)("invites.sheet.ready", count=len(fact.value["links"]))
    key = f"{fact.name}:{fact.at.isoformat()}"
    outbox.write(db, mail.document(To(person=person_id), file, words, key=key, silent=True), now=now)


def _sheet(db: Connection, link: Link, desk: Desk) -> Sheet:
    """What stands on the page of one invitation, in its language."""
    network = networks.found(db, link.network_id or 0)
    text = desk.text(link.language or network.language)
    said = text.plain
    names = [leader.name for leader in members.facilitators(db, network.id)]
    leaders = dates.joined(names, text.language)
    answerable = privacy.of(network, desk)
    by = {"facilitators": leaders, "controller": answerable.controller}
    opening = [said("invites.sheet.for", name=link.name)] if link.name else []
    opening += [said("invites.sheet.by", count=len(names), **by)] if names and answerable.controller else []
    closing = [_closing(link, network, desk)]
    closing += [said("invites.sheet.contact", contact=answerable.contact)] if answerable.contact else []
    return Sheet(
        language=text.language,
        title=network.title,
        opening=(*opening, said("invites.sheet.what"), said("invites.sheet.free")),
        how=said("invites.sheet.how"),
        steps=[said(f"invites.sheet.step_{name}") for name in ("app", "scan", "start")],
        alt=said("invites.sheet.alt"),
        link=desk.link(f"{'g' if link.kind == 'group' else 'j'}_{link.token}"),
        closing=closing,
    )


def _closing(link: Link, network: Network, desk: Desk) -> str:
    """For whom the sheet is, and how long."""
    text = desk.text(link.language or network.language)
    if link.expires_at is None:
        return text.plain("invites.sheet.group")
    until = dates.day(link.expires_at, ZoneInfo(network.timezone), text.language, now=LONG_AGO)
    return text.plain("invites.sheet.once", until=until)
