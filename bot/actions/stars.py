"""*This one matters to me*, below what was saved and in *My answers*; see bot/core/stars.py."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions import contributions as giving
from bot.actions import mine, receipts
from bot.actions.receipts import MINE, Receipt, Screen
from bot.actions.unit import Desk
from bot.core import mail
from bot.core import stars as rules
from bot.core.contributions import title
from bot.core.letters import Button, base36, callback, from_base36, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup
from storage import contributions, outbox, stars
from storage.db import Connection
from storage.people import Person

SHOWN = 60  # characters of an answer, where one of two is to be chosen
LABEL = 20


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
    """Put a star on an answer or take it off; None for a button that means nothing (any more)."""
    receipt = giving.own(db, person, contribution_id, desk)
    if receipt is None:
        return None
    origin, _, other = nonce.partition(".")
    window = stars.window(db, receipt.member.id)
    news, elsewhere = Markup(""), list[Letter]()
    match verb:
        case "on" if receipt.quoted and receipt.star == rules.FULL:
            return receipts.show(person.id, message_id, _full(db, receipt, rules.held(window), origin))
        case "on" if receipt.quoted and receipt.star in (rules.FREE, rules.ON):
            _put(db, receipt, now=now)
        case "swap" if receipt.quoted and rules.given_up(window, contribution_id, _id(other)):
            contributions.change(db, _id(other), starred_at=None)
            contributions.change(db, contribution_id, starred_at=now)
            news, elsewhere = _gave_way(db, person, _id(other), message_id, desk)
        case "off" if receipt.star == rules.ON:
            contributions.change(db, contribution_id, starred_at=None)
        case "off" if (
            receipt.kept.starred_at is None
        ):  # taken off elsewhere meanwhile, or it gave way to another
            news = receipt.text("stars.off_already")
        case "off" | "stay":
            pass
        case _:
            return None
    shown = back(db, person, contribution_id, origin, message_id=message_id, desk=desk, now=now)
    return None if shown is None else [*_with(news, shown), *elsewhere]


def _with(news: Markup, letters: Sequence[Letter]) -> list[Letter]:
    """Say it above what is shown."""
    if not news or not letters:
        return list(letters)
    first = letters[0]
    return [
        replace(first, params={**first.params, "text": f"{news}\n\n{first.params['text']}"}),
        *letters[1:],
    ]


def _gave_way(
    db: Connection, person: Person, id: int, message_id: int | None, desk: Desk
) -> tuple[Markup, list[Letter]]:
    """Say which one has no star any more, and let the message follow that was its receipt, if that is known still."""
    receipt = giving.own(db, person, id, desk)
    if receipt is None:
        return Markup(""), []
    words = title(receipt.kept.text.strip() or receipt.text.plain("stars.no_words"), SHOWN)
    news = receipt.text("stars.gave_way", words=member_words(words))
    row = outbox.by_key(db, f"saved:{id}")
    if row is None or row.message_id in (None, message_id):
        return news, []
    shown = receipts.screen(receipt)
    return news, [mail.edit(To(person=person.id), row.message_id, shown.html, shown.keyboard)]


def _put(db: Connection, receipt: Receipt, *, now: datetime) -> None:
    if receipt.star == rules.FREE:
        contributions.change(db, receipt.kept.id, starred_at=now)


def _id(digits: str) -> int:
    try:
        return from_base36(digits)
    except ValueError:  # a forged one
        return 0


def back(
    db: Connection,
    person: Person,
    contribution_id: int,
    origin: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Show the answer again where it was pressed: as it was saved, or in *My answers*."""
    if origin == MINE:
        return mine.pressed(db, person, "one", contribution_id, "", message_id=message_id, desk=desk, now=now)
    receipt = giving.own(db, person, contribution_id, desk)
    return None if receipt is None else receipts.show(person.id, message_id, receipts.screen(receipt))


def _full(db: Connection, receipt: Receipt, held: tuple[int, ...], origin: str) -> Screen:
    """Say which ones are starred; one tap lets one of them go for this one."""
    text, kept = receipt.text, contributions.many(db, held)
    lines, buttons = [], []
    for number, id in enumerate(held, 1):
        words = kept[id].text.strip() or text.plain("stars.no_words")
        lines.append(Markup(f"{number}. <i>{member_words(title(words, SHOWN))}</i>"))
        data = callback("stars.swap", receipt.kept.id, f"{origin}.{base36(id)}")
        buttons.append(Button(f"{number}. {title(words, LABEL)}", data))
    buttons.append(receipt.button("common.button.leave_it", "stars.stay", origin))
    html = Markup("\n".join([text("stars.full"), *lines, text("stars.which")]))
    return Screen(html, keyboard_rows(buttons), asks=True)
