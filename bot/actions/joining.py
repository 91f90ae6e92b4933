"""Joining: the steps from *Hello* to *You're in*, and what is left of who did not go on.

A membership in the state *joining* means: this person may join (see `bot/actions/arriving.py`). Where somebody stands
follows from the rows; the dialog is for typed words.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions import roles, visitors
from bot.actions.answer import Answer
from bot.actions.belonging import note
from bot.actions.scenes import scene
from bot.actions.unit import Desk
from bot.core import consents, mail
from bot.core import joining as screens
from bot.core.joining import SCREENS, Screen
from bot.core.letters import read_callback
from bot.core.mail import Letter, To
from storage import audit, dialogs, groups, hints, knocks, links, members, outbox, people
from storage.db import Connection
from storage.dialogs import Dialog
from storage.members import Member
from storage.people import Person

KIND = "joining"
HALF_WAY = timedelta(days=7)

# Beginning, and going on ------------------------------------------------------------------------------------------


def begin(db: Connection, network_id: int, person: Person, circle: str, *, now: datetime) -> Member:
    """Let somebody join. Who left earlier begins anew: what they agreed to then does not count now."""
    member = members.keep(db, network_id, person.id, circle=circle, now=now)
    if member.state != "left":
        return member
    members.change(
        db, member.id, state="joining", circle=circle, created_at=now, facilitator=False, secrecy_at=None
    )
    return members.get(db, member.id) or member


def resumed(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/start` alone: who left something half-way goes on there; nothing for everybody else."""
    dialog = dialogs.of(db, person.id, now=now)
    for member in members.all_of_person(db, person.id):
        if member.state in ("joining", "active") and _unfinished(db, member):
            here = dialog is not None and dialog.kind == KIND and dialog.data.get("member") == member.id
            if not here and not member.active:
                return mail.say(To(person=person.id), desk.text(person.language)("joining.lost"))
            origin = str(dialog.data.get("origin", "")) if dialog is not None and here else ""
            return goes_on(db, member, origin, desk, now=now)
    return []


def goes_on(db: Connection, member: Member, origin: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Who began earlier goes on there; who is in is told so."""
    people.change(db, member.person_id, reachable=True)
    if member.active and not _unfinished(db, member):
        return _say(To(person=member.person_id), screens.already(scene(db, member, "", desk, now=now)))
    agreed = _agreed(db, member)
    step = _next(db, member) if agreed else "words" if member.active else "hello"
    return show(db, member, step, origin[:1] if agreed else origin, desk, now=now)


def _agreed(db: Connection, member: Member) -> bool:
    return bool(members.consent(db, member.id).get(consents.TAKE_PART, False))


def _unfinished(db: Connection, member: Member) -> bool:
    return not _agreed(db, member) or consents.QUOTE not in members.consent(db, member.id)


def write_after(db: Connection, answer: Answer, letters: list[Letter]) -> None:
    """Write letters that follow from an answer; each answer comes once, so its row makes their keys unique."""
    keyed = [
        replace(letter, key=letter.key or f"after:{answer.row.id}:{n}") for n, letter in enumerate(letters, 1)
    ]
    outbox.write(db, keyed, now=answer.now)


# The steps --------------------------------------------------------------------------------------------------------


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
    """Take a step; None for a button that means nothing (any more)."""
    member = members.get(db, member_id)
    if member is None or member.person_id != person.id or member.state not in ("joining", "active"):
        return None
    value, origin = screens.origin_of(nonce)
    match verb:
        case "lang" if value in screens.NAMES:
            member = _speaks(db, member, value)
            onward = _next(db, member) if _agreed(db, member) else "what"
            return show(db, member, onward, origin, desk, message_id, now=now)
        case "no":
            return _not_now(db, member, message_id, desk)
        case "agree":
            if not _agree(db, member, origin, now=now):
                used = Screen(desk.text(member.language)("joining.link_used"))
                return _edit_or_say(To(person=person.id), message_id, used)
            return show(db, member, _next(db, member), origin[:1], desk, message_id, now=now)
        case "show" if value in screens.OPEN_TO_ALL:
            return show(db, member, value, origin, desk, message_id, now=now)
    if not _agreed(db, member):
        return None
    step = _answered(db, member, verb, value, now=now)
    if step is None:
        return None
    now_is = members.get(db, member.id) or member
    letters = show(db, now_is, step, origin, desk, message_id, now=now)
    return letters if member.active or not now_is.active else letters + _came_in(db, now_is, desk, now=now)


def _speaks(db: Connection, member: Member, language: str) -> Member:
    people.change(db, member.person_id, language=language)
    return replace(member, language=language)


def _answered(db: Connection, member: Member, verb: str, value: str, *, now: datetime) -> str | None:
    """Write an answer down that only counts after *I agree*; return the next step.

    Who is in changes these elsewhere (*How I appear*, *What I agreed to*), where all that was sent follows.
    """
    settled, named = member.active and not _unfinished(db, member), groups.of(db, member.network_id)
    match verb:
        case "show" if value in ("group", "further", "quote"):
            return value if member.group is not None or value in ("group", "further") else "group"
        case "as" if value in named.fine and not settled:
            members.change(db, member.id, group=value, shown_alone=None, alone_asked_at=None)
            return "secrecy" if named.in_care(value) and member.secrecy_at is None else "quote"
        case "secrecy" if member.group is not None:
            members.change(db, member.id, secrecy_at=now)
            return "quote"
        case "quote" if value in ("role", "none", "name", "no") and not settled:
            if member.group is None:
                return "group"
            _quoted(db, member, value, now=now)
            return "options"
        case "tap" if value in consents.OPTIONAL:
            now_on = not members.consent(db, member.id).get(value, False)
            note(db, member, value, now_on, now=now)
            return "options"
        case "done" if not _unfinished(db, member):
            for use in consents.OPTIONAL:
                if use not in members.consent(db, member.id):
                    note(db, member, use, False, now=now)
            return "done"
    return None


def _agree(db: Connection, member: Member, origin: str, *, now: datetime) -> bool:
    """Take the agreement; False if a personal link was used by somebody else meanwhile."""
    if _agreed(db, member):
        return True
    if not member.active and origin.startswith("j."):
        link = links.find(db, links.JOIN, origin[2:], now=now)
        if link is None:
            return False
        links.use(db, link.token)
        links.change(db, link.id, opened_by=member.person_id)
    note(db, member, consents.TAKE_PART, True, now=now)
    return True


def _quoted(db: Connection, member: Member, value: str, *, now: datetime) -> None:
    """Take the answer on quoting; with it somebody is in, as all that follows is needed for nothing."""
    note(db, member, consents.QUOTE, value != "no", now=now)
    note(db, member, consents.NAME, value == "name", now=now)
    members.change(db, member.id, attribution="role" if value == "no" else value)
    if not member.active:
        members.change(db, member.id, state="active", joined_at=now, left_at=None, left_how=None)
        audit.note(db, "joined", now=now, network_id=member.network_id, person_id=member.person_id)


def _came_in(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """Somebody is in: what whoever invited them noted is needed no more, and a role is theirs from now on."""
    link = links.opened_by(db, member.network_id, member.person_id)
    if link is None or link.uses_left != 0:
        return []
    links.change(db, link.id, **links.GUEST)
    return roles.take_on(db, member, link.role, desk, now=now)


def _next(db: Connection, member: Member) -> str:
    """The first step after *I agree* that has no answer yet."""
    if member.group is None:
        return "group"
    if consents.QUOTE in members.consent(db, member.id):
        return "options"
    in_care = groups.of(db, member.network_id).in_care(member.group)
    return "secrecy" if in_care and member.secrecy_at is None else "quote"


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Take a step by a number or the words of a button; what fits none brings the buttons again.

    The name of a language is understood at every step: who chose in haste goes on in another one.
    """
    member = members.get(db, int(dialog.data.get("member", 0)))
    if member is None or member.person_id != person.id or dialog.step not in SCREENS:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("joining.lost"))
    origin = str(dialog.data.get("origin", ""))
    language = screens.language_of(words)
    if language is not None and dialog.step != "hello":
        return show(db, _speaks(db, member, language), dialog.step, origin, desk, now=now)
    screen = SCREENS[dialog.step](scene(db, member, origin, desk, now=now))
    button = screens.chosen(screen, words)
    press = None if button is None else read_callback(button.data)
    if press is not None and press.action.startswith(f"{KIND}."):
        verb = press.action.removeprefix(f"{KIND}.")
        taken = pressed(db, person, verb, press.id, press.nonce, message_id=None, desk=desk, now=now)
        if taken is not None:
            return taken
    hint = desk.text(member.language)("joining.tap")
    return mail.say(To(person=person.id), f"{screen.html}\n\n{hint}", screen.keyboard)


# Screens ----------------------------------------------------------------------------------------------------------


def first_screen(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """Ask who leads a new network what everybody is asked."""
    return show(db, member, "words", "", desk, now=now)


def show(
    db: Connection,
    member: Member,
    step: str,
    origin: str,
    desk: Desk,
    message_id: int | None = None,
    *,
    now: datetime,
) -> list[Letter]:
    """Show a step, in place of the pressed message if there is one."""
    if step in ("options", "done"):  # in already: what is typed now is an answer to a question
        dialogs.leave(db, member.person_id, KIND)
    else:
        dialogs.put(db, member.person_id, KIND, step, {"member": member.id, "origin": origin}, now=now)
    screen = SCREENS[step](scene(db, member, origin, desk, now=now))
    return _edit_or_say(To(person=member.person_id), message_id, screen)


def _edit_or_say(to: To, message_id: int | None, screen: Screen) -> list[Letter]:
    if message_id is None:
        return _say(to, screen)
    return [mail.edit(to, message_id, screen.html, screen.keyboard)]


def _say(to: To, screen: Screen) -> list[Letter]:
    return mail.say(to, screen.html, screen.keyboard)


# Not going on -----------------------------------------------------------------------------------------------------


def _not_now(db: Connection, member: Member, message_id: int | None, desk: Desk) -> list[Letter] | None:
    """Nothing is kept of who did not want to; who leads the network stays, without answers being kept."""
    if _agreed(db, member):
        return None  # an old button; whoever is in leaves by another way
    text = desk.text(member.language)
    dialogs.close(db, member.person_id)
    if member.active:
        return _edit_or_say(To(person=member.person_id), message_id, Screen(text("joining.leads_only")))
    if not _forget(db, member):
        return _edit_or_say(To(person=member.person_id), message_id, Screen(text("joining.stays_left")))
    visitors.forget(db, member.person_id)
    # By Telegram's id: a letter to a person we keep nothing about would go with that person.
    return _edit_or_say(To(telegram=member.telegram_id), message_id, Screen(text("joining.not_now")))


def _forget(db: Connection, member: Member) -> bool:
    """Erase a join that was not finished; False for who was in before: then all is as it was when they left."""
    links.unopen(db, member.network_id, member.person_id)
    if member.joined_at is None:
        members.remove(db, member.id)
        return True
    members.has_left_as_before(db, member.id)
    return False


def forget_half_way(db: Connection, *, now: datetime) -> int:
    """Erase joins that were left half-way a week ago, with knocks and hints of that age; return how many."""
    before = now - HALF_WAY
    left = members.half_way(db, before=before)
    knocked = knocks.people_before(db, before)
    knocks.forget(db, before=before)
    hints.forget(db, before=before)
    for member in left:
        _forget(db, member)
    for person_id in {*(member.person_id for member in left), *knocked}:
        visitors.forget(db, person_id)
    return len(left)
