"""*What is it about?*: an author names the themes of an answer by one tap each, and is believed."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions import contributions as giving
from bot.actions import receipts, stars
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core.letters import Button, base36, callback, from_base36, keyboard_rows, page_of
from bot.core.mail import Letter
from bot.core.texts import Markup
from storage import digests, themes
from storage.db import Connection
from storage.people import Person
from storage.themes import AUTHOR, Entry

PAGE = 10  # themes on a screen


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
    """Show the themes, or name one and take it back; None for a button that means nothing (any more)."""
    receipt = giving.own(db, person, contribution_id, desk)
    if receipt is None:
        return None
    origin, _, rest = nonce.partition(".")
    page, _, theme = rest.partition(".")
    entries = themes.entries(db, receipt.kept.network_id)
    match verb:
        case "back":
            return stars.back(db, person, contribution_id, origin, message_id=message_id, desk=desk, now=now)
        case "tap" if (entry := named(entries, theme)) is not None:
            toggle(db, contribution_id, entry, AUTHOR, now=now)
            receipt = giving.own(db, person, contribution_id, desk)
            assert receipt is not None
        case "list" if entries:
            pass
        case _:
            return None
    return receipts.show(person.id, message_id, _screen(receipt, entries, origin, page_of(page)))


def named(entries: Sequence[Entry], digits: str) -> Entry | None:
    """Return the theme that a button names, if the codebook still has it."""
    try:
        id = from_base36(digits)
    except ValueError:
        return None
    return next((entry for entry in entries if entry.id == id), None)


def toggle(db: Connection, contribution_id: int, entry: Entry, by: str, *, now: datetime) -> None:
    """Name a theme, or take it back if it was named; what is being made of the answer is made again."""
    tapped, tagged = themes.taps(db, [contribution_id]).get(contribution_id, ((), ()))
    if entry.code in (tapped if by == AUTHOR else tagged):
        themes.untap(db, contribution_id, entry.id, by)
    else:
        themes.tap(db, contribution_id, entry.id, by, now=now)
    for digest_id in digests.stand_in(db, [contribution_id]):
        digest = digests.get(db, digest_id)
        if digest is not None and digest.state in digests.UNPUBLISHED:
            digests.change(db, digest_id)


def _screen(receipt: Receipt, entries: Sequence[Entry], origin: str, page: int) -> Screen:
    text, id = receipt.text, receipt.kept.id
    page = page if page * PAGE < len(entries) else 0
    here = entries[page * PAGE : (page + 1) * PAGE]
    buttons = [
        Button(
            entry.theme.name(text.language),
            callback("about.tap", id, f"{origin}.{page}.{base36(entry.id)}"),
        )
        for entry in here
    ]
    if len(entries) > PAGE:
        onward = page + 1 if (page + 1) * PAGE < len(entries) else 0
        buttons.append(receipt.button("about.button.more", "about.list", f"{origin}.{onward}"))
    buttons.append(receipt.button("common.button.back", "about.back", origin))
    lines = [text("about.ask"), receipts.about(receipt) or text("about.nothing")]
    return Screen(Markup("\n".join(lines)), keyboard_rows(buttons), asks=True)
