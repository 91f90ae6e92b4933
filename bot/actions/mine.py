"""*My answers*: what one gave, page by page; each can be put in other words, shown otherwise, or taken back.

Nothing here counts: neither how many there are nor how many pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import contributions as giving
from bot.actions import masking, me, receipts, taking
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core.contributions import kind_of, storable, title
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from bot.core.themes import assign
from bot.core.typed import REWORDS
from bot.core.voices import Reply
from storage import chats, contributions, members, mine, networks, themes
from storage.contributions import Contribution, Medium
from storage.db import Connection
from storage.members import Member
from storage.mine import Summary
from storage.people import Person

PAGE = 3
QUESTION = 40  # characters that are shown of a question,
WORDS, WHOLE = 44, 200  # of an answer in the list, of one alone
SUPERGROUP = "-100"


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more). `id` is a member's or a contribution's."""
    if verb == "list":
        member = me.own(db, person, id)
        if member is None or not (nonce or "0").isdecimal():
            return None
        listed = _list(db, member, int(nonce or "0"), desk, now=now)
        return receipts.show(person.id, message_id, listed)
    kept = contributions.get(db, id)
    member = None if kept is None else me.own(db, person, kept.member_id)
    if kept is None or member is None:
        return None
    if verb in ("one", "keep"):
        return receipts.show(person.id, message_id, _one(db, member, kept, nonce, desk, now=now))
    receipt = giving.own(db, person, kept.id, desk)
    if receipt is None:
        return None
    match verb:
        case "reword":
            return _ask_words(db, receipt, message_id)
        case "send":
            return _send(db, receipt, now=now)
    return None


# The list ---------------------------------------------------------------------------------------------------------


def _list(db: Connection, member: Member, skip: int, desk: Desk, *, now: datetime) -> Screen:
    text = desk.text(member.language)
    skip = min(skip, 1_000_000)
    found = mine.page(db, member.id, skip=skip, most=PAGE + 1)
    here, more = found[:PAGE], len(found) > PAGE
    if not here:
        return Screen(text("mine.nothing"), keyboard_rows([me.back(member.id, text)]))
    asked = mine.questions(db, [kept.posting_id for kept in here])
    became = _became(db, here, text)
    lines, buttons = [], []
    for number, kept in enumerate(here, 1):
        receipt = receipts.of(db, member, kept, desk)
        line = text(
            "mine.line",
            number=str(number),
            question=member_words(title(asked.get(kept.posting_id, ""), QUESTION)),
            day=_day(receipt, kept.sent_at, now=now),
            words=_words(receipt, WORDS),
            state=_state(receipt, became[kept.id], now=now),
        )
        lines.append(line)
        label = f"{number}. {_label(receipt)}"
        buttons.append(Button(label, callback("mine.one", kept.id, str(skip))))
    if skip:
        newer = callback("mine.list", member.id, str(max(0, skip - PAGE)))
        buttons.append(Button(text.plain("mine.button.newer"), newer))
    if more:
        buttons.append(
            Button(text.plain("mine.button.older"), callback("mine.list", member.id, str(skip + PAGE)))
        )
    html = Markup("\n\n".join([text("mine.title"), *lines]))
    return Screen(html, keyboard_rows([*buttons, me.back(member.id, text)]), asks=True)


def _words(receipt: Receipt, most: int) -> Markup:
    """The first words, or what there is instead of words."""
    if receipt.kept.state != "kept":
        return receipt.text("mine.no_longer")
    words = receipt.kept.text.strip()
    return receipt.text("mine.words", words=member_words(title(words, most))) if words else _what(receipt)


def _what(receipt: Receipt) -> Markup:
    text = receipt.text
    kind = kind_of([medium.kind for medium in receipt.media]) if receipt.media else "file"
    if kind == "voice":
        length = sum(medium.duration or 0 for medium in receipt.media)
        return text("mine.voice", duration=dates.duration(length, text.language))
    return (
        text("mine.picture")
        if kind == "picture"
        else text("mine.video")
        if kind == "video"
        else text("mine.file")
    )


def _label(receipt: Receipt) -> str:
    words = receipt.kept.text.strip()
    if receipt.kept.state == "kept" and words:
        return title(words, 20)
    return title(receipt.text.plain("mine.button.look"), 20)


@dataclass(frozen=True)
class Became:
    """What has become of an answer: whether somebody who leads has read it, its themes, and where it went out."""

    read: bool
    themes: tuple[str, ...]
    out: Summary | None


def _became(db: Connection, given: Sequence[Contribution], text: Text) -> dict[int, Became]:
    read, out = mine.read(db, given), mine.summaries(db, [kept.id for kept in given])
    about = _themes(db, given, text)
    return {kept.id: Became(kept.id in read, about[kept.id], out.get(kept.id)) for kept in given}


def _themes(db: Connection, given: Sequence[Contribution], text: Text) -> dict[int, tuple[str, ...]]:
    """What answers of one network are counted under, by name."""
    network = networks.found(db, given[0].network_id)
    codebook = themes.codebook(db, network.id)
    taps = themes.taps(db, [kept.id for kept in given]) if codebook else {}
    about = assign((_reply(kept, *taps.get(kept.id, ((), ()))) for kept in given), codebook, network.language)
    names = {theme.code: theme.name(text.language) for theme in codebook}
    return {id: tuple(names[code] for code in codes) for id, codes in about.items()}


def _reply(kept: Contribution, tapped: tuple[str, ...], tagged: tuple[str, ...]) -> Reply:
    """An answer as far as its themes go."""
    return Reply(
        id=kept.id,
        prompt=0,
        member=kept.member_id,
        group=None,
        place=kept.place,
        chat=None,
        kind=kept.kind,
        text=kept.read,
        attribution="none",
        name="",
        consents=(),
        arrived_at=kept.arrived_at,
        tapped=tapped,
        tagged=tagged,
    )


def _state(receipt: Receipt, became: Became, *, now: datetime) -> Markup:
    """How it appears, and what has become of it."""
    text, out = receipt.text, became.out
    if receipt.kept.state != "kept":
        return text("mine.taken_back")
    lines = [text("mine.shown", shown=receipt.label()) if receipt.quoted else text("mine.unquoted")]
    if became.read:
        lines.append(text("mine.read"))
    if out is None:
        return Markup(" ".join([*lines, text("mine.waiting")]))
    if became.themes:
        lines.append(text("mine.under", themes=dates.joined(became.themes, text.language)))
    day = _day(receipt, out.at, now=now)
    quoted = out.quoted and receipt.quoted
    return Markup(
        " ".join([*lines, text("mine.quoted", day=day) if quoted else text("mine.counted", day=day)])
    )


def _day(receipt: Receipt, at: datetime, *, now: datetime) -> str:
    return dates.day(at, ZoneInfo(receipt.network.timezone), receipt.text.language, now=now)


# One of them ------------------------------------------------------------------------------------------------------


def _one(
    db: Connection,
    member: Member,
    kept: Contribution,
    page: str,
    desk: Desk,
    news: Markup | None = None,
    *,
    now: datetime,
) -> Screen:
    receipt = receipts.of(db, member, kept, desk)
    text = receipt.text
    asked = mine.questions(db, [kept.posting_id]).get(kept.posting_id, "")
    became = _became(db, [kept], text)[kept.id]
    html = text(
        "mine.one",
        question=member_words(title(asked, 90)),
        day=_day(receipt, kept.sent_at, now=now),
        words=_words(receipt, WHOLE),
        state=_state(receipt, became, now=now),
    )
    buttons = []
    if kept.state == "kept":
        buttons.append(receipt.button("mine.button.reword", "mine.reword"))
        if receipt.quotable:
            buttons.append(receipt.button("mine.button.appear", "contributions.appear"))
        buttons += receipts.meaning(receipt, receipts.MINE)
        buttons.append(receipt.button("contributions.button.take_back", "contributions.back"))
        if any(medium.file_id for medium in receipt.media):
            buttons.append(receipt.button("mine.button.send", "mine.send"))
    leads = callback("mine.list", member.id, page if page.isdecimal() else "0")
    buttons.append(Button(text.plain("common.button.back"), leads))
    told = masking.told(kept, text)
    # Of what is out, its themes stand in its state.
    meant = receipts.meant(receipt) if became.out is None else [receipts.matters(receipt) or Markup()]
    html = Markup("\n\n".join(one for one in (news, html, Markup(" ".join(meant)), told) if one))
    return Screen(html, keyboard_rows(buttons), asks=True)


# Other words ------------------------------------------------------------------------------------------------------


def _ask_words(db: Connection, receipt: Receipt, message_id: int | None) -> list[Letter]:
    """Ask for the new words; what stands in a group is changed there, where everybody sees it."""
    text, kept, person_id = receipt.text, receipt.kept, receipt.member.person_id
    back = receipt.button("common.button.back", "mine.one")
    if kept.place == "group":
        where = link(db, kept, text)
        screen = Screen(text("mine.edit_in_group"), keyboard_rows([*where, back]))
        return receipts.show(person_id, message_id, screen)
    leave = receipt.button("common.button.leave_it", REWORDS)
    had = Markup(f"<blockquote>{member_words(kept.text)}</blockquote>") if kept.text else _what(receipt)
    # A message of its own: all of the words, to copy from.
    return mail.say(To(person=person_id), text("mine.ask_words", words=had), keyboard_rows([leave]))


def link(db: Connection, kept: Contribution, text: Text) -> list[Button]:
    """The way to a message in a group: only supergroups have one."""
    chat = None if kept.chat_id is None else chats.get(db, kept.chat_id)
    if chat is None or kept.message_id is None or not str(chat.telegram_id).startswith(SUPERGROUP):
        return []
    url = f"https://t.me/c/{str(chat.telegram_id).removeprefix(SUPERGROUP)}/{kept.message_id}"
    return [Button(text.plain("mine.button.where"), url=url)]


def typed(
    db: Connection, person: Person, contribution_id: int, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Take the new words; the earlier ones are kept until the digest, as with an edit in Telegram."""
    receipt = giving.own(db, person, contribution_id, desk)
    if receipt is None:
        return mail.say(To(person=person.id), desk.text(person.language)("mine.gone"), silent=True)
    told = taking.reword(db, receipt.kept, storable(words).strip(), desk, now=now)
    kept = contributions.get(db, receipt.kept.id)
    member = members.get(db, receipt.member.id)
    assert kept is not None
    assert member is not None
    out = kept.id in mine.summaries(db, [kept.id])
    news = receipt.text("mine.reworded_out") if out else receipt.text("mine.reworded")
    shown = receipts.show(person.id, None, _one(db, member, kept, "0", desk, news, now=now))
    return [*shown, *told]


# The file again ---------------------------------------------------------------------------------------------------


def _send(db: Connection, receipt: Receipt, *, now: datetime) -> list[Letter]:
    """Send what was spoken or shown back to its author, with words on what it is."""
    text, kept = receipt.text, receipt.kept
    asked = mine.questions(db, [kept.posting_id]).get(kept.posting_id, "")
    caption = text(
        "mine.caption",
        question=member_words(title(asked, 120)),
        day=_day(receipt, kept.sent_at, now=now),
    )
    there = [medium for medium in receipt.media if medium.file_id]
    return [letter for medium in there for letter in _file(receipt.member.person_id, medium, caption)]


def _file(person_id: int, medium: Medium, caption: Markup) -> list[Letter]:
    to = To(person=person_id)
    match medium.kind:
        case "photo" | "video" | "document" | "voice" | "audio" | "animation":
            return mail.media(to, medium.kind, medium.file_id, caption, silent=True)
        case "video_note":  # takes no caption
            params = {"video_note": medium.file_id, "disable_notification": True}
            return [*mail.say(to, caption, silent=True), Letter(to, "sendVideoNote", params)]
    return []
