"""*What I agreed to*: each agreement with a button that changes it, and asking again where its words have changed.

A changed agreement holds at once: every place that uses words asks `bot.core.consents.may`, and what was made of them
already (drafts, summaries that were sent) is made again.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import contributions, resting, scenes
from bot.actions.belonging import note
from bot.actions.me import back, own, which
from bot.actions.receipts import Screen, show
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import consents, dates, mail
from bot.core import joining as screens
from bot.core.consents import MEDIA, NAME, NEEDS, QUESTIONS, QUOTE, REPORTS, TAKE_PART, Given
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import contributions as contribution_rows
from storage import members, networks, outbox
from storage.db import Connection
from storage.members import Member
from storage.people import Person

ABOUT = {  # what each agreement means, in one sentence
    TAKE_PART: "consents.about_take_part",
    QUOTE: "consents.about_quote",
    NAME: "consents.about_name",
    MEDIA: "consents.about_media",
    REPORTS: "consents.about_reports",
}
BUTTONS = {  # by what holds now
    QUOTE: {True: "consents.button.quote_on", False: "consents.button.quote_off"},
    NAME: {True: "consents.button.name_on", False: "consents.button.name_off"},
    MEDIA: {True: "consents.button.media_on", False: "consents.button.media_off"},
    REPORTS: {True: "consents.button.reports_on", False: "consents.button.reports_off"},
}
NEWS = {  # by what holds from now on
    QUOTE: {True: "consents.now_quote", False: "consents.no_quote"},
    NAME: {True: "consents.now_name", False: "consents.no_name"},
    MEDIA: {True: "consents.now_media", False: "consents.no_media"},
    REPORTS: {True: "consents.now_reports", False: "consents.no_reports"},
}
AT_ONCE = 100  # people asked again in one go
LOOKED_AT = 500


def set_to(
    db: Connection, member: Member, use: str, granted: bool, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Let an agreement hold, or not; what needs it holds no longer either, and what was made of words follows."""
    note(db, member, use, granted, now=now)
    if not granted:
        given = members.consent(db, member.id)
        for other, needed in NEEDS.items():
            if needed == use and given.get(other):
                note(db, member, other, False, now=now)
    return follow(db, member, desk, now=now)


def follow(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """Let everything that was made of a member's words say what it says now: quotes, and what stands beside them."""
    return contributions.changed_all(db, contribution_rows.of_member(db, member.id), desk, now=now)


# What I agreed to -----------------------------------------------------------------------------------------------


def nothing(visitor: Visitor, desk: Desk) -> list[Letter]:
    """What somebody hears who is unknown here, and has agreed to nothing."""
    return mail.say(visitor.to, visitor.text(desk)("consents.nowhere"))


def begin(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/consent`: the network at once if there is only one."""
    theirs, text = members.of_person(db, person.id), desk.text(person.language)
    if not theirs:
        return mail.say(To(person=person.id), text("consents.nowhere"))
    if len(theirs) > 1:
        return show(person.id, None, which(db, theirs, "consents.show", text("consents.which")))
    return show(person.id, None, agreed(db, theirs[0], desk, now=now))


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    member_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    member = own(db, person, member_id)
    if member is None:
        return None
    given = members.consent(db, member.id)
    use, _, wanted = nonce.partition(".")
    letters: list[Letter] = []
    match verb:
        case "show":
            screen = agreed(db, member, desk, now=now)
        case "turn" if use in BUTTONS and given.get(TAKE_PART) and wanted in ("on", "off"):
            if use in NEEDS and not given.get(NEEDS[use]):
                return None
            letters = set_to(db, member, use, wanted == "on", desk, now=now)
            screen = _turned(db, member, use, wanted == "on", desk, now=now)
        case "again" if use in consents.outdated(given) and wanted in ("yes", "no"):
            if use == TAKE_PART and wanted == "no":
                return None  # who no longer takes part leaves, and is asked what becomes of their words
            letters = set_to(db, member, use, wanted == "yes", desk, now=now)
            screen = _next(db, member, desk, now=now)
        case "read" if consents.outdated(given):
            screen = _next(db, member, desk, now=now)
        case "later":
            screen = Screen(desk.text(member.language)("consents.later"))
        case "erase" if not consents.may(given, MEDIA):
            letters = _erase_files(db, member, desk, now=now)
            screen = agreed(db, member, desk, news="consents.files_gone", now=now)
        case "keep":
            screen = agreed(db, member, desk, news="consents.files_kept", now=now)
        case _:
            return None
    return [*show(person.id, message_id, screen), *letters]


def agreed(db: Connection, member: Member, desk: Desk, *, news: str | None = None, now: datetime) -> Screen:
    """Every agreement: on or off, since when, and what it means; below news without the dates, to stay short."""
    text, given = desk.text(member.language), members.consent(db, member.id)
    network = networks.found(db, member.network_id)
    if not given.get(TAKE_PART):
        html = text("consents.nothing", network=network.title)
        return Screen(html, keyboard_rows([back(member.id, text)]))
    zone = ZoneInfo(network.timezone)
    lines = [_line(use, given, text, zone, short=news is not None, now=now) for use in QUESTIONS]
    parts = [text(news)] if news else []
    parts.append(text("consents.show", network=network.title, lines=Markup("\n".join(lines))))
    buttons = [_turn(member, use, bool(given.get(use)), text) for use in BUTTONS if _open(use, given)]
    if consents.outdated(given):
        buttons.insert(0, Button(text.plain("consents.button.read"), callback("consents.read", member.id)))
    buttons.append(Button(text.plain("consents.button.leave"), callback("leaving.show", member.id)))
    return Screen(Markup("\n\n".join(parts)), keyboard_rows([*buttons, back(member.id, text)]), asks=True)


def _open(use: str, given: dict[str, Given]) -> bool:
    """Whether it can be turned on or off now: some only mean something beside another one."""
    return use not in NEEDS or bool(given.get(NEEDS[use]))


def _line(
    use: str, given: dict[str, Given], text: Text, zone: ZoneInfo, *, short: bool, now: datetime
) -> Markup:
    about, answer = text(ABOUT[use]), given.get(use)
    if answer is None or answer.at is None or not consents.may(given, use):
        return text("consents.off", about=about)
    if short:
        return text("consents.on_now", about=about)
    since = dates.day(answer.at, zone, text.language, now=now)
    id = "consents.on_before" if use in consents.outdated(given) else "consents.on"
    return text(id, about=about, since=since)


def _turn(member: Member, use: str, on: bool, text: Text) -> Button:
    wanted = "off" if on else "on"
    return Button(text.plain(BUTTONS[use][on]), callback("consents.turn", member.id, f"{use}.{wanted}"))


def _turned(db: Connection, member: Member, use: str, on: bool, desk: Desk, *, now: datetime) -> Screen:
    if use == MEDIA and not on and contribution_rows.with_files(db, member.id):
        text = desk.text(member.language)
        buttons = [
            Button(text.plain("consents.button.keep_files"), callback("consents.keep", member.id)),
            Button(text.plain("consents.button.erase_files"), callback("consents.erase", member.id)),
        ]
        return Screen(text("consents.files"), keyboard_rows(buttons), asks=True)
    return agreed(db, member, desk, news=NEWS[use][on], now=now)


def _erase_files(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """Erase the files that are here; what had no words besides is taken back with them."""
    letters: list[Letter] = []
    left: list[int] = []
    for kept in contribution_rows.with_files(db, member.id):
        if kept.text.strip() or kept.heard:
            contribution_rows.forget_media(db, kept.id)
            left.append(kept.id)
        else:
            letters += contributions.erase(db, kept, "taken_back", desk, now=now)
    return letters + contributions.changed_all(db, left, desk, now=now)


# Asking again ---------------------------------------------------------------------------------------------------


def ask_again(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Ask those who agreed to words that have changed since, once, in their own hours; return how many."""
    asked, edition = 0, consents.edition()
    for member in members.not_asked(db, edition, limit=LOOKED_AT):
        old = consents.outdated(members.consent(db, member.id))
        if not old:
            members.change(db, member.id, consent_asked=edition)
            continue
        zone = ZoneInfo(networks.found(db, member.network_id).timezone)
        hour = resting.asking(member, zone, now=now)
        if hour is None or not member.reachable or asked == AT_ONCE:
            continue  # what was agreed to goes on meanwhile
        screen = _first(db, member, old[0], desk, now=now)
        key, to = f"consent:{member.id}:{edition}", To(person=member.person_id)
        outbox.write(db, mail.say(to, screen.html, screen.keyboard, key=key, not_before=hour), now=now)
        members.change(db, member.id, consent_asked=edition)
        asked += 1
    return asked


def _first(db: Connection, member: Member, use: str, desk: Desk, *, now: datetime) -> Screen:
    """Say that words have changed; where they are long, they come with a tap."""
    text, network = desk.text(member.language), networks.found(db, member.network_id)
    head = text("consents.again", network=network.title)
    if use != TAKE_PART:
        words = _words(db, member, use, desk, now=now)
        return Screen(Markup(f"{head}\n\n{words}"), _answers(member, use, text), asks=True)
    buttons = [
        Button(text.plain("consents.button.read"), callback("consents.read", member.id)),
        Button(text.plain("common.button.not_now"), callback("consents.later", member.id)),
    ]
    return Screen(head, keyboard_rows(buttons), asks=True)


def _next(db: Connection, member: Member, desk: Desk, *, now: datetime) -> Screen:
    """The next agreement whose words have changed; after the last one, what holds."""
    use = next(iter(consents.outdated(members.consent(db, member.id))), None)
    if use is None:
        return agreed(db, member, desk, news="consents.settled", now=now)
    text = desk.text(member.language)
    html = _words(db, member, use, desk, now=now)
    if use != TAKE_PART:
        html = Markup(f"{text('consents.and_this')}\n\n{html}")
    return Screen(html, _answers(member, use, text), asks=True)


def _words(db: Connection, member: Member, use: str, desk: Desk, *, now: datetime) -> Markup:
    """What somebody who joins today reads before this answer."""
    shown = {TAKE_PART: screens.words, QUOTE: screens.quote}.get(use)
    if shown is not None:
        return shown(scenes.scene(db, member, "", desk, now=now)).html
    return desk.text(member.language)(ABOUT[use])


def _answers(member: Member, use: str, text: Text) -> Keyboard:
    yes = Button(text.plain("consents.button.agree"), callback("consents.again", member.id, f"{use}.yes"))
    no = Button(text.plain("consents.button.disagree"), callback("consents.again", member.id, f"{use}.no"))
    if use == TAKE_PART:
        yes = Button(text.plain("joining.button.agree"), yes.data)
        no = Button(text.plain("consents.button.leave"), callback("leaving.show", member.id))
    later = Button(text.plain("common.button.not_now"), callback("consents.later", member.id))
    return keyboard_rows([yes, no, later])
