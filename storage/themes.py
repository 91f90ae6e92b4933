"""Codebooks, and what contributions are about as their authors and facilitators said.

A codebook is a network's; the one without a network is the programme's, for all networks to begin with. What is
removed is kept for a few days (`FORGOTTEN`), with the taps on it, so that it can come back as it was.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from bot.core.themes import Codebook, Theme
from storage import rows
from storage.db import Connection, insert_once
from storage.tables import contribution_themes, themes

OWN = "own_"  # the codes of themes that somebody added: own_<number>
AUTHOR, FACILITATOR = "author", "facilitator"
FORGOTTEN = timedelta(days=7)

Taps = tuple[tuple[str, ...], tuple[str, ...]]  # the codes its author named, and those a facilitator named


@dataclass(frozen=True)
class Entry:
    """A theme as it is kept; `network_id` None: the programme's."""

    id: int
    network_id: int | None
    code: str
    names: Mapping[str, str]
    words: Mapping[str, list[str]]
    position: int
    removed_at: datetime | None = None

    @property
    def theme(self) -> Theme:
        """What it says."""
        return Theme(self.code, self.names, {one: tuple(words) for one, words in self.words.items()})


def _of(network_id: int | None) -> ColumnElement[bool]:
    return themes.c.network_id.is_(None) if network_id is None else themes.c.network_id == network_id


def entries(db: Connection, network_id: int | None) -> list[Entry]:
    """Return the themes of a network, or (None) of the programme, in their order."""
    query = select(*rows.columns(themes, Entry)).where(_of(network_id), themes.c.removed_at.is_(None))
    return rows.many(db, query.order_by(themes.c.position, themes.c.id), Entry)


def codebook(db: Connection, network_id: int | None) -> Codebook:
    """Return the codebook of a network; empty until one was chosen."""
    return tuple(entry.theme for entry in entries(db, network_id))


def get(db: Connection, theme_id: int) -> Entry | None:
    """Return a theme, a removed one too."""
    return rows.one(db, select(*rows.columns(themes, Entry)).where(themes.c.id == theme_id), Entry)


def create(db: Connection, network_id: int | None, theme: Theme) -> Entry:
    """Add a theme behind the others; without a code of its own it gets one that was never used here."""
    last = db.execute(select(func.max(themes.c.position)).where(_of(network_id))).scalar_one()
    values = {
        "network_id": network_id,
        "code": theme.code or _new_code(db, network_id),
        "names": dict(theme.names),
        "words": {language: list(words) for language, words in theme.words.items()},
        "position": 0 if last is None else last + 1,
    }
    made = get(db, db.execute(insert(themes).values(**values).returning(themes.c.id)).scalar_one())
    assert made is not None
    return made


def _new_code(db: Connection, network_id: int | None) -> str:
    codes = db.execute(select(themes.c.code).where(_of(network_id))).scalars()
    numbers = [int(code.removeprefix(OWN)) for code in codes if code.removeprefix(OWN).isdecimal()]
    return f"{OWN}{max(numbers, default=0) + 1}"


def change(db: Connection, theme_id: int, **values: object) -> None:
    """Change columns of a theme."""
    db.execute(update(themes).where(themes.c.id == theme_id).values(**values))


def place(db: Connection, ids: Iterable[int]) -> None:
    """Give themes the order in which they are named here."""
    for position, id in enumerate(ids):
        change(db, id, position=position)


def replace(db: Connection, network_id: int | None, codebook: Codebook, *, now: datetime) -> None:
    """Let this be the codebook: what has the same code keeps its taps, the rest is removed."""
    there = select(*rows.columns(themes, Entry)).where(_of(network_id))
    before = {entry.code: entry for entry in rows.many(db, there, Entry)}
    kept: list[int] = []
    for theme in codebook:
        had = before.get(theme.code)
        if had is None:
            kept.append(create(db, network_id, theme).id)
        else:
            words = {language: list(words) for language, words in theme.words.items()}
            change(db, had.id, names=dict(theme.names), words=words, removed_at=None)
            kept.append(had.id)
    place(db, kept)
    gone = (_of(network_id), themes.c.id.not_in(kept), themes.c.removed_at.is_(None))
    db.execute(update(themes).where(*gone).values(removed_at=now))


def forget_removed(db: Connection, *, now: datetime) -> int:
    """Erase what was removed some days ago, with the taps on it; return how many themes."""
    return db.execute(delete(themes).where(themes.c.removed_at <= now - FORGOTTEN)).rowcount


# What contributions are about -------------------------------------------------------------------------------------


def taps(
    db: Connection, contribution_ids: Collection[int], *, until: datetime | None = None
) -> dict[int, Taps]:
    """Return which themes were named for contributions, by code; those of which nobody named any are left out.

    `until`: what was named later is left out, as a digest that is out does not follow it.
    """
    query = (
        select(contribution_themes.c.contribution_id, contribution_themes.c.by, themes.c.code)
        .join(themes, themes.c.id == contribution_themes.c.theme_id)
        .where(contribution_themes.c.contribution_id.in_(contribution_ids), themes.c.removed_at.is_(None))
        .order_by(themes.c.position, themes.c.id)
    )
    if until is not None:
        query = query.where(contribution_themes.c.at <= until)
    found: dict[int, Taps] = {}
    for id, by, code in db.execute(query):
        tapped, tagged = found.get(id, ((), ()))
        found[id] = ((*tapped, code), tagged) if by == AUTHOR else (tapped, (*tagged, code))
    return found


def tap(db: Connection, contribution_id: int, theme_id: int, by: str, *, now: datetime) -> None:
    """Write down that a contribution is about a theme."""
    values = {"contribution_id": contribution_id, "theme_id": theme_id, "by": by, "at": now}
    insert_once(db, contribution_themes, values, conflict=["contribution_id", "theme_id", "by"])


def untap(db: Connection, contribution_id: int, theme_id: int | None, by: str) -> None:
    """Take that back; without a theme for all of them."""
    where = [contribution_themes.c.contribution_id == contribution_id, contribution_themes.c.by == by]
    if theme_id is not None:
        where.append(contribution_themes.c.theme_id == theme_id)
    db.execute(delete(contribution_themes).where(*where))
