"""What becomes of a contribution once it is kept: how it appears, taking it back, and whether it still stands there."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.actions import receipts
from bot.actions.answer import Answer
from bot.actions.joining import write_after
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core import mail
from bot.core.letters import Button, callback, fits, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.outcomes import Refused
from bot.core.texts import Markup
from storage import contributions, members
from storage.contributions import Contribution
from storage.db import Connection
from storage.people import Person

MARK = "✍"
MARKED = "mark_check"  # the kind of the letters that set it
GONE = "message to react not found"  # Telegram's word for: its author deleted it

# Who must know when a contribution was taken back, changed, or appears otherwise: (db, its id, desk, now=now).
CHANGED: list[Callable[..., list[Letter]]] = []
# The same, of those who do better to hear of many at once: (db, their ids, desk, now=now).
CHANGED_ALL: list[Callable[..., list[Letter]]] = []


def changed(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Tell whoever has made something of it, such as a published digest."""
    return changed_all(db, [contribution_id], desk, now=now)


def changed_all(db: Connection, ids: Sequence[int], desk: Desk, *, now: datetime) -> list[Letter]:
    """Tell the same of several, such as all that somebody gave."""
    if not ids:
        return []
    letters = [letter for hook in CHANGED for one in ids for letter in hook(db, one, desk, now=now)]
    return letters + [letter for hook in CHANGED_ALL for letter in hook(db, ids, desk, now=now)]


def erase(db: Connection, kept: Contribution, state: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Erase the words and files of a contribution; from now on it counts nowhere."""
    contributions.forget_words(db, kept.id, state=state)
    letters = changed(db, kept.id, desk, now=now)
    if state != "deleted" and kept.chat_id is not None and kept.message_id is not None:
        to = To(chat=kept.chat_id)
        letters.append(mail.react(to, kept.message_id, None, key=f"unmark:{kept.id}"))
    return letters


# Buttons --------------------------------------------------------------------------------------------------------


def own(db: Connection, person: Person, contribution_id: int, desk: Desk) -> Receipt | None:
    """Return a contribution for its author; None for anybody else, and for what was taken back."""
    kept = contributions.get(db, contribution_id)
    member = None if kept is None else members.get(db, kept.member_id)
    if kept is None or kept.state != "kept" or member is None or member.person_id != person.id:
        return None
    return receipts.of(db, member, kept, desk)


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
    """Do what a button says; None for one that means nothing (any more)."""
    receipt = own(db, person, contribution_id, desk)
    if receipt is None:
        return None
    letters: list[Letter] = []
    match verb:
        case "appear" if receipt.quotable:
            screen = choices(receipt)
        case "as" if nonce in ("role", "none", "own") or (nonce == "name" and receipt.may_name):
            screen, letters = _appear(db, receipt, nonce, desk, now=now)
        case "back":
            screen = _confirm(db, receipt, now=now)
        case "gone":
            letters = erase(db, receipt.kept, "taken_back", desk, now=now)
            screen = _taken_back(receipt, now=now)
        case "quote" if nonce in ("yes", "no") and receipt.quotable:
            contributions.change(db, contribution_id, may_quote=nonce)
            letters = changed(db, contribution_id, desk, now=now)
            screen = receipts.screen(_again(db, receipt, desk))
        case "stay":
            screen = receipts.screen(receipt)
        case _:
            return None
    return [*receipts.show(person.id, message_id, screen), *letters]


def choices(receipt: Receipt) -> Screen:
    """How may it appear, and may it be quoted? Where two ways say the same, one button is enough."""
    text = receipt.text
    if not receipt.quoted:
        yes = receipt.button("contributions.button.quote", "contributions.quote", "yes")
        leave = receipt.button("common.button.leave_it", "contributions.stay")
        return Screen(text("contributions.not_quoted", shown=receipt.label()), keyboard_rows([yes, leave]))
    role, none = receipt.label("role"), receipt.label("none")
    ways = [(role, "role")] if role == none else [(role, "role"), (none, "none")]
    labels = {way: text.plain("contributions.button.as", shown=label) for label, way in ways}
    html = text("contributions.appear", shown=receipt.label())
    if not fits(labels["role"]):
        labels["role"] = text.plain("common.button.my_role")
        html = Markup(f"{html} {text('common.my_role', shown=role)}")
    offered = [
        Button(label, callback("contributions.as", receipt.kept.id, way)) for way, label in labels.items()
    ]
    if receipt.may_name:
        offered.append(receipt.button("contributions.button.name", "contributions.as", "name"))
    offered.append(receipt.button("contributions.button.dont_quote", "contributions.quote", "no"))
    offered.append(receipt.button("common.button.leave_it", "contributions.stay"))
    return Screen(html, keyboard_rows(offered))


def _appear(
    db: Connection, receipt: Receipt, way: str, desk: Desk, *, now: datetime
) -> tuple[Screen, list[Letter]]:
    before = receipt.kept.attribution or "own"
    contributions.change(db, receipt.kept.id, attribution=None if way == "own" else way)
    letters = changed(db, receipt.kept.id, desk, now=now)
    after = _again(db, receipt, desk)
    if not after.quoted:
        return receipts.screen(after), letters
    html = after.text("contributions.appears", shown=after.label())
    undo = after.button("common.button.undo", "contributions.as", before)
    return Screen(html, receipts.buttons(after, undo)), letters


def _again(db: Connection, receipt: Receipt, desk: Desk) -> Receipt:
    kept = contributions.get(db, receipt.kept.id)
    assert kept is not None
    return receipts.of(db, receipt.member, kept, desk)


def _confirm(db: Connection, receipt: Receipt, *, now: datetime) -> Screen:
    text = receipt.text
    lines = [text("contributions.back")]
    published = contributions.published_at(db, receipt.kept.id)
    if published is not None:
        at = receipts.moment(receipt, published, now=now)
        lines.append(text("contributions.back_published", at=at))
    offered = [
        receipt.button("contributions.button.take_back", "contributions.gone"),
        receipt.button("common.button.leave_it", "contributions.stay"),
    ]
    return Screen(Markup("\n".join(lines)), keyboard_rows(offered))


def _taken_back(receipt: Receipt, *, now: datetime) -> Screen:
    text = receipt.text
    lines = [text("contributions.gone", at=receipts.moment(receipt, now, now=now))]
    if receipt.kept.place == "group":
        lines.append(text("contributions.gone_group"))
    return Screen(Markup("\n".join(lines)))


# Does it still stand there? -------------------------------------------------------------------------------------


def mark(kept: Contribution, *, key: str, first: bool = False) -> Letter:
    """Set the ✍ on a contribution in a group; the answer tells whether it still stands there."""
    about = {"contribution": kept.id, "first": first}
    return mail.react(To(chat=kept.chat_id), kept.message_id or 0, MARK, key=key, kind=MARKED, about=about)


def check_marks(db: Connection, ids: Sequence[int], desk: Desk, *, now: datetime) -> list[Letter]:
    """Set the ✍ once more on those that stand in a group: Telegram tells no bot of what was deleted."""
    at = int(now.timestamp() * 1000)
    return [mark(kept, key=f"check:{kept.id}:{at}") for kept in contributions.to_check(db, ids)]


def unchecked(db: Connection, ids: Sequence[int], *, since: datetime) -> list[int]:
    """Return those of which it is not known since then whether they still stand in their group."""
    return [kept.id for kept in contributions.to_check(db, ids, unless_since=since)]


def judge_mark(db: Connection, answer: Answer) -> None:
    """It stands there, or its author deleted it, and that means taking it back."""
    kept = contributions.get(db, int(answer.about["contribution"]))
    if kept is None or kept.state != "kept":
        return
    # After a migration the number belongs to another message, or to none; and on PostgreSQL the group may have moved
    # while this one was being kept, so what counts is where it stood and where was asked.
    number, asked = answer.row.params.get("message_id"), answer.row.target
    stands = None if asked is None or number is None else contributions.behind(db, asked, number)
    same = number == kept.message_id and stands is not None and stands.id == kept.id
    refused = answer.outcome.reason if isinstance(answer.outcome, Refused) else ""
    if same and GONE in refused:
        write_after(db, answer, erase(db, kept, "deleted", answer.desk, now=answer.now))
        return
    contributions.change(db, kept.id, checked_at=answer.now)
    if refused and answer.about.get("first"):
        _say_instead(db, kept, answer)


def _say_instead(db: Connection, kept: Contribution, answer: Answer) -> None:
    """A group may allow no ✍: then the line in private is the only sign that it was received."""
    member = members.get(db, kept.member_id)
    if member is not None and member.reachable:
        receipt = receipts.of(db, member, kept, answer.desk)
        write_after(db, answer, receipts.first_word(receipt, receipts.screen(receipt)))
