"""What a member is told and asked about something they gave, as one message that changes with each button.

The order is: may I keep it, may it be quoted, can somebody be recognised in it, saved. One more: a line in `STEPS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions import open_questions
from bot.actions.unit import Desk
from bot.core import consents, danger, dates, stars, talk
from bot.core.consents import Given
from bot.core.contributions import kind_of, shows_people
from bot.core.groups import Groups
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To, edit, say
from bot.core.texts import Markup, Text
from storage import contributions, groups, members, networks, themes
from storage import stars as star_rows
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
    agreed: Mapping[str, Given]
    sizes: dict[str, int]
    first_in_conversation: bool
    k: int
    text: Text
    groups: Groups
    others: bool = False  # there are other open questions, for who is answering in private
    listeners: Sequence[str] = ()  # who would listen to a voice message
    star: str = stars.OVER  # of bot/core/stars.py: whether its author said that it matters, or still can
    themed: bool = False  # the network has themes to choose from
    about: Sequence[str] = ()  # what its author said it is about

    @property
    def quotable(self) -> bool:
        """Whether its author may be quoted at all."""
        return consents.may(self.agreed, consents.QUOTE)

    @property
    def quoted(self) -> bool:
        """Whether these words may be: unless its author said no; what was said to another member only after a yes."""
        said = self.kept.may_quote
        if self.kept.danger in danger.KEPT_OUT:
            return False
        return self.quotable and (said == "yes" if self.kept.conversation else said != "no")

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
        how = attribution or self.attribution
        return _label(self.member, how, self.agreed, self.groups, self.sizes, self.k, self.text)

    def button(self, id: str, action: str, nonce: str = "") -> Button:
        """Return a button about this contribution."""
        return Button(self.text.plain(id), callback(action, self.kept.id, nonce))


def of(db: Connection, member: Member, kept: Contribution, desk: Desk) -> Receipt:
    """Gather what the screens speak of."""
    media = contributions.media_of(db, kept.id)
    return Receipt(
        kept=kept,
        member=member,
        network=networks.found(db, kept.network_id),
        media=media,
        agreed=members.consent(db, member.id),
        sizes=members.sizes(db, kept.network_id),
        first_in_conversation=kept.conversation and contributions.first_in_conversation(db, kept),
        k=desk.k,
        text=desk.text(member.language),
        groups=groups.of(db, kept.network_id),
        others=kept.place == "private" and _others_open(db, member, kept),
        listeners=_listeners(db, kept, media),
        star=stars.state(star_rows.window(db, member.id), kept.id),
        **_themes(db, kept, desk.text(member.language)),
    )


def _themes(db: Connection, kept: Contribution, text: Text) -> dict[str, Any]:
    codebook = themes.codebook(db, kept.network_id)
    tapped, _ = themes.taps(db, [kept.id]).get(kept.id, ((), ())) if codebook else ((), ())
    about = tuple(theme.name(text.language) for theme in codebook if theme.code in tapped)
    return {"themed": bool(codebook), "about": about}


def _listeners(db: Connection, kept: Contribution, media: Sequence[Medium]) -> list[str]:
    """Who would listen to what is held; nobody is asked about what is not."""
    if not any(medium.state == "held" for medium in media):
        return []
    return [leader.name for leader in members.facilitators(db, kept.network_id)]


def _others_open(db: Connection, member: Member, kept: Contribution) -> bool:
    """Whether there were others when it was given: what is a minute off here is put right by the list itself."""
    opened = open_questions.opened(db, member.person_id, now=kept.arrived_at)
    return any(posting.id != kept.posting_id for posting in opened)


def seen_as(db: Connection, member: Member, desk: Desk) -> tuple[str, bool]:
    """Return what stands beside a member's words, and whether they may be quoted."""
    agreed, text = members.consent(db, member.id), desk.text(member.language)
    named, sizes = groups.of(db, member.network_id), members.sizes(db, member.network_id)
    shown = _label(member, member.attribution, agreed, named, sizes, desk.k, text)
    return shown, consents.may(agreed, consents.QUOTE)


def _label(
    member: Member,
    attribution: str,
    agreed: Mapping[str, Given],
    named: Groups,
    sizes: Mapping[str, int],
    k: int,
    text: Text,
) -> str:
    name = member.name if consents.may(agreed, consents.NAME) else None
    return named.label(member.group, attribution, name, sizes, k, text, alone=member.shown_alone)


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
    return Markup(" ".join([*lines, *meant(receipt)]))


def _saved(receipt: Receipt) -> Markup:
    text, group = receipt.text, receipt.kept.place == "group"
    if receipt.quotable and receipt.kept.conversation and not receipt.quoted:
        return text("contributions.saved_conversation")
    if not receipt.quoted:
        return text("contributions.saved_group_unquoted") if group else text("contributions.saved_unquoted")
    shown = receipt.label()
    return (
        text("contributions.saved_group", shown=shown) if group else text("contributions.saved", shown=shown)
    )


def buttons(receipt: Receipt, *more: Button) -> Keyboard:
    """Return the buttons below what is saved."""
    change = receipt.button("contributions.button.change", "contributions.appear")
    back = receipt.button("contributions.button.take_back", "contributions.back")
    offered = [*more, *([change] if receipt.quotable else []), *meaning(receipt), back]
    if receipt.others:
        data = callback("answering.list", receipt.kept.posting_id)
        offered.append(Button(receipt.text.plain("answering.button.others"), data))
    return keyboard_rows(offered)


# What it means to its author ------------------------------------------------------------------------------------

HERE, MINE = "r", "m"  # where its buttons lead back to: this message, or *My answers*


def meant(receipt: Receipt) -> list[Markup]:
    """Return what its author said of it: that it matters, and what it is about."""
    return [said for said in (matters(receipt), about(receipt)) if said is not None]


def matters(receipt: Receipt) -> Markup | None:
    """Return that it matters to its author, while that can be changed."""
    return receipt.text("stars.on") if receipt.star == stars.ON else None


def about(receipt: Receipt) -> Markup | None:
    """Return under which themes it is counted, if its author said so."""
    if not receipt.about:
        return None
    return receipt.text("about.under", themes=dates.joined(receipt.about, receipt.text.language))


def meaning(receipt: Receipt, origin: str = HERE) -> list[Button]:
    """Return the buttons for that. What isn't quoted has no star: it could bring it nowhere."""
    found = []
    if receipt.star == stars.ON:
        found.append(receipt.button("stars.button.off", "stars.off", origin))
    elif receipt.star != stars.OVER and receipt.quoted:
        found.append(receipt.button("stars.button.on", "stars.on", origin))
    if receipt.themed:
        found.append(receipt.button("about.button.ask", "about.list", f"{origin}.0"))
    return found


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
        names = dates.joined(receipt.listeners, text.language)
        listeners = len(receipt.listeners)
        asked = text("media.ask_voice", count=listeners or 1, duration=length, facilitators=names)
        if not listeners:
            asked = text("media.ask_sound", duration=length)
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
    ours = [medium for medium in receipt.media if medium.state in ("wanted", "kept")]
    there = [medium for medium in ours if shows_people(medium.kind, medium.mime)]
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


# Safety ---------------------------------------------------------------------------------------------------------


def endangered(receipt: Receipt) -> Screen | None:
    """It sounds like danger or despair: the help numbers come before everything else."""
    if receipt.kept.danger != danger.HELD:
        return None
    text = receipt.text
    choices = [
        receipt.button("danger.button.yes", "danger.yes"),
        receipt.button("danger.button.no", "danger.no"),
        receipt.button("danger.button.use", "danger.use"),
    ]
    html = Markup(f"{text('danger.sounds_hard')}\n{_numbers(receipt)}\n\n{text('danger.shall_i')}")
    return Screen(html, keyboard_rows(choices), asks=True)


def left_out(receipt: Receipt) -> Screen | None:
    """Its author left it out of summaries, or has not said otherwise."""
    if receipt.kept.danger != danger.OUT:
        return None
    choices = [
        receipt.button("danger.button.use_after_all", "danger.use"),
        receipt.button("contributions.button.take_back", "contributions.back"),
    ]
    html = Markup(f"{receipt.text('danger.left_out')}\n{_numbers(receipt)}")
    return Screen(html, keyboard_rows(choices))


def _numbers(receipt: Receipt) -> Markup:
    return talk.numbers(receipt.network.help, receipt.text, receipt.network.language)


STEPS: tuple[Callable[[Receipt], Screen | None], ...] = (
    endangered,
    may_keep,
    may_quote,
    recognisable,
    left_out,
    saved,
)


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
