"""What a member is told and asked about something they gave, as one message that changes with each button.

The order is: may I keep it, may it be quoted, can somebody be recognised in it, saved. One more: a line in `STEPS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions.unit import Desk
from bot.core import consents, dates, groups
from bot.core.contributions import VISIBLE, kind_of
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To, edit, say
from bot.core.texts import Markup, Text
from storage import contributions, members, networks
from storage.contributions import Contribution, Medium
from storage.db import Connection
from storage.members import Member
from storage.networks import Network


@dataclass(frozen=True)
class Screen:
    """Words and the buttons below them; `asks`: somebody has to answer, or it stays undecided."""

    html: str
    keyboard: Keyboard | None = None
    asks: bool = False


@dataclass(frozen=True)
class Receipt:
    """A contribution with all that its author may be told about it."""

    kept: Contribution
    member: Member
    network: Network
    media: list[Medium]
    agreed: dict[str, bool]
    sizes: dict[str, int]
    first_in_conversation: bool
    k: int
    text: Text

    @property
    def quotable(self) -> bool:
        """Whether its author may be quoted at all."""
        return consents.may(self.agreed, consents.QUOTE)

    @property
    def quoted(self) -> bool:
        """Whether these words may be: what was said to another member only after a yes."""
        return self.quotable and (not self.kept.conversation or self.kept.may_quote == "yes")

    @property
    def attribution(self) -> str:
        """How it appears: its own way, or its author's."""
        return self.kept.attribution or self.member.attribution

    @property
    def may_name(self) -> bool:
        """Whether its author's name may stand beside it."""
        return consents.may(self.agreed, consents.NAME)

    def label(self, attribution: str | None = None) -> str:
        """Return what stands beside it."""
        name = self.member.name if self.may_name else None
        how = attribution or self.attribution
        return groups.label(self.member.group, how, name, self.sizes, self.k, self.text)

    def button(self, id: str, action: str, nonce: str = "") -> Button:
        """Return a button about this contribution."""
        return Button(self.text.plain(id), callback(action, self.kept.id, nonce))


def of(db: Connection, member: Member, kept: Contribution, desk: Desk) -> Receipt:
    """Gather what the screens speak of."""
    return Receipt(
        kept=kept,
        member=member,
        network=networks.found(db, kept.network_id),
        media=contributions.media_of(db, kept.id),
        agreed=members.consent(db, member.id),
        sizes=members.sizes(db, kept.network_id),
        first_in_conversation=kept.conversation and contributions.first_in_conversation(db, kept),
        k=desk.k,
        text=desk.text(member.language),
    )


def seen_as(db: Connection, member: Member, desk: Desk) -> tuple[str, bool]:
    """Return what stands beside a member's words, and whether they may be quoted."""
    agreed, text = members.consent(db, member.id), desk.text(member.language)
    name = member.name if consents.may(agreed, consents.NAME) else None
    sizes = members.sizes(db, member.network_id)
    shown = groups.label(member.group, member.attribution, name, sizes, desk.k, text)
    return shown, consents.may(agreed, consents.QUOTE)


def screen(receipt: Receipt) -> Screen:
    """Return what is to be asked next, or that all is saved."""
    return next(found for step in STEPS if (found := step(receipt)) is not None)


def saved(receipt: Receipt) -> Screen:
    """It is saved, and how it appears."""
    return Screen(saved_words(receipt), buttons(receipt))


def saved_words(receipt: Receipt) -> Markup:
    """Return that it is saved, and what is special about it."""
    text = receipt.text
    lines = [_saved(receipt)]
    if receipt.kept.late:
        lines.append(text("contributions.late"))
    if any(medium.state == "too_big" for medium in receipt.media):
        lines.append(text("media.too_big"))
    return Markup(" ".join(lines))


def _saved(receipt: Receipt) -> Markup:
    text, group = receipt.text, receipt.kept.place == "group"
    if not receipt.quotable:
        return text("contributions.saved_group_unquoted") if group else text("contributions.saved_unquoted")
    if not receipt.quoted:
        return text("contributions.saved_conversation")
    shown = receipt.label()
    return (
        text("contributions.saved_group", shown=shown) if group else text("contributions.saved", shown=shown)
    )


def buttons(receipt: Receipt, *more: Button) -> Keyboard:
    """Return the buttons below what is saved."""
    change = receipt.button("contributions.button.change", "contributions.appear")
    back = receipt.button("contributions.button.take_back", "contributions.back")
    return keyboard_rows([*more, change, back] if receipt.quoted else [*more, back])


# Questions ------------------------------------------------------------------------------------------------------


def may_keep(receipt: Receipt) -> Screen | None:
    """May the file be kept? Asked of who has not agreed to voice and pictures."""
    held = [medium for medium in receipt.media if medium.state == "held"]
    if not held:
        return None
    text, count = receipt.text, 1 if receipt.kept.album is None else 2
    kind = kind_of([medium.kind for medium in held])
    if kind == "voice":
        length = dates.duration(sum(medium.duration or 0 for medium in held), text.language)
        asked = text("media.ask_voice", duration=length)
    elif kind == "picture":
        asked = text("media.ask_picture", count=count)
    elif kind == "video":
        asked = text("media.ask_video", count=count)
    else:
        asked = text("media.ask_file", count=count)
    choices = [
        receipt.button("media.button.this", "media.this"),
        receipt.button("media.button.always", "media.always"),
        receipt.button("media.button.no", "media.no"),
    ]
    return Screen(asked, keyboard_rows(choices), asks=True)


def may_quote(receipt: Receipt) -> Screen | None:
    """May a reply to another member be quoted? Asked once; what nobody said yes to is not quoted."""
    kept = receipt.kept
    if not (receipt.quotable and receipt.first_in_conversation and kept.may_quote is None):
        return None
    choices = [
        receipt.button("contributions.button.quote", "contributions.quote", "yes"),
        receipt.button("contributions.button.dont_quote", "contributions.quote", "no"),
    ]
    html = receipt.text("contributions.may_quote", shown=receipt.label())
    return Screen(html, keyboard_rows(choices), asks=True)


def recognisable(receipt: Receipt) -> Screen | None:
    """Can somebody be recognised in the picture? Shown to nobody before that is answered."""
    there = [medium for medium in receipt.media if medium.state in ("wanted", "kept") and _visible(medium)]
    if not there or not receipt.quoted or receipt.kept.picture is not None:
        return None
    text, count = receipt.text, 1 if receipt.kept.album is None else 2
    in_group = receipt.kept.place == "group"
    asked = text("media.picture_group", count=count) if in_group else text("media.picture", count=count)
    choices = [
        receipt.button("media.button.nobody", "media.people", "nobody"),
        receipt.button("media.button.agreed", "media.people", "agreed"),
        receipt.button("media.button.hidden", "media.people", "hidden"),
    ]
    return Screen(asked, keyboard_rows(choices), asks=True)


def _visible(medium: Medium) -> bool:
    return medium.kind in VISIBLE or (medium.mime or "").startswith(("image/", "video/"))


STEPS: tuple[Callable[[Receipt], Screen | None], ...] = (may_keep, may_quote, recognisable, saved)


# Saying it ------------------------------------------------------------------------------------------------------


def moment(receipt: Receipt, at: datetime, *, now: datetime) -> str:
    """Return a moment on the network's clock, in the reader's language."""
    return dates.full(at, ZoneInfo(receipt.network.timezone), receipt.text.language, now=now)


def first_word(receipt: Receipt, shown: Screen) -> list[Letter]:
    """Say it for the first time, without sound; twice is impossible."""
    to = To(person=receipt.member.person_id)
    key = f"saved:{receipt.kept.id}"
    return say(to, shown.html, shown.keyboard, key=key, silent=True, receipt=not shown.asks)


def show(person_id: int, message_id: int | None, shown: Screen) -> list[Letter]:
    """Show it in the message whose button was pressed."""
    to = To(person=person_id)
    if message_id is None:
        return say(to, shown.html, shown.keyboard, silent=True)
    return [edit(to, message_id, shown.html, shown.keyboard)]
