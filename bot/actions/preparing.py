"""`/ready`: who leads a network is led through what is missing before people can join, one step a message."""

from datetime import date, datetime

from bot.actions import invites, opening, privacy, readiness, roles, setup, which
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import mail, whens
from bot.core import readiness as rules
from bot.core.joining import Screen
from bot.core.letters import Button, callback
from bot.core.mail import Letter, To
from bot.core.markup import safe
from bot.core.moments import local
from bot.core.privacy import NAMES, NO_OFFICER, day_in_words
from bot.core.prompts import excerpt
from bot.core.roster import Invitee
from bot.core.talk import help_of
from bot.core.texts import Markup
from storage import audit, dialogs, members, networks
from storage.db import Connection
from storage.dialogs import Dialog
from storage.members import Member
from storage.people import Person

KIND = "readiness"
SHOWN = 60  # characters of a value in the overview: it has to stay short
OFFERED = 40  # members offered as stand-in


def begin(leader: Leader) -> list[Letter]:
    """`/ready`: what is there and what is missing."""
    screen = _overview(leader)
    news = _opened(leader)
    return [*leader.show(screen.html, screen.keyboard), *news]


def go_on(leader: Leader) -> list[Letter]:
    """Something was done elsewhere: ask for what is still missing; nothing if people could join already."""
    missing = readiness.missing(leader.db, leader.network, leader.desk)
    return _next(leader) if missing else _opened(leader)


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    network_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Show what is missing, ask for one thing, or take it; None for who may not, and for what was never offered."""
    leader = which.leader(db, person, network_id, desk, now=now)
    if leader is None:
        return None
    name, _, value = nonce.partition(".")
    match verb:
        case "show" | "all":
            dialogs.leave(db, person.id, KIND)
            screen = _overview(leader, whole=verb == "all")
            return [*leader.show(screen.html, screen.keyboard, message_id), *_opened(leader)]
        case "next":  # what stands above a new message stays
            return _next(leader, message_id=None if nonce == "below" else message_id)
        case "ask" if name in rules.NAMES:
            screen = _step(leader, name)
            return leader.show(screen.html, screen.keyboard, message_id)
        case "invite":
            return invites.form(leader, Invitee("", circle="core"), roles.STAND_IN, message_id=message_id)
        case "members":
            screen = _members(leader)
            return leader.show(screen.html, screen.keyboard, message_id)
        case "member":
            return _chosen(leader, value, message_id)
        case "set" if name in NAMES:
            offered = dict(_offers(leader, name))
            return _set(leader, name, offered[value], message_id) if value in offered else None
    return None


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """What was asked for was typed."""
    leader = which.leader(db, person, int(dialog.data.get("network", 0)), desk, now=now)
    if leader is None or dialog.step not in NAMES:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("error.not_allowed"))
    value = _day(leader, words) if dialog.step == "last_day" else rules.accepted(words)
    if value is not None:
        return _set(leader, dialog.step, value, None)
    screen = _step(leader, dialog.step)
    id = "readiness.last_day.unread" if dialog.step == "last_day" else "readiness.unread"
    unread = leader.text(id, typed=words[:SHOWN], count=rules.MAX)
    return leader.show(f"{unread}\n\n{screen.html}", screen.keyboard)


def _day(leader: Leader, words: str) -> str | None:
    """Return the last day that was typed: in the future, and not after the one that holds for all networks."""
    found = whens.read_date(words, language=leader.text.language, zone=leader.zone, now=leader.now)
    latest = leader.desk.last_day
    if not isinstance(found, date) or found <= _today(leader) or (latest and found.isoformat() > latest):
        return None
    return found.isoformat()


def _today(leader: Leader) -> date:
    return local(leader.now, leader.zone).date()


def _set(leader: Leader, name: str, value: str, message_id: int | None) -> list[Letter]:
    """Keep who answers (or the like) for this network, and go on."""
    before = readiness.unsaid(leader.network, leader.desk)
    networks.change(leader.db, leader.network.id, **{name: value})
    _noted(leader, name)
    dialogs.leave(leader.db, leader.person.id, KIND)
    fresh = _fresh(leader)
    news = leader.text("readiness.noted", what=leader.text(f"readiness.{name}"), value=_value(fresh, name))
    letters = _next(fresh, news=news, message_id=message_id)
    if before and not readiness.unsaid(fresh.network, leader.desk):  # can be told it all, and so be asked
        letters += setup.own_joining(leader.db, fresh.network, leader.person.id, leader.desk, now=leader.now)
    return letters


def _chosen(leader: Leader, value: str, message_id: int | None) -> list[Letter] | None:
    """A member is the stand-in from now on, and hears what that means; None if they can't be."""
    found = next((one for one in _candidates(leader) if str(one.person_id) == value), None)
    if found is None:
        return None
    networks.change(leader.db, leader.network.id, stand_in=found.person_id)
    _noted(leader, "stand_in")
    fresh = _fresh(leader)
    what = leader.text("readiness.stand_in")
    news = leader.text("readiness.noted", what=what, value=found.name)
    letters = _next(fresh, news=news, message_id=message_id)
    if found.person_id != leader.person.id:
        told = leader.desk.text(found.language)
        words = told("readiness.you_stand_in", name=leader.person.name, network=leader.network.title)
        rested = undisturbed(found, leader.zone, now=leader.now)
        letters += mail.say(To(person=found.person_id), words, not_before=rested)
    return letters


def _noted(leader: Leader, name: str) -> None:
    about = {"network_id": leader.network.id, "person_id": leader.person.id}
    audit.note(leader.db, f"setting_{name}", now=leader.now, **about)


def _fresh(leader: Leader) -> Leader:
    network = networks.found(leader.db, leader.network.id)
    return Leader(leader.db, leader.person, network, leader.desk, leader.now)


# Screens ----------------------------------------------------------------------------------------------------------


def _next(leader: Leader, *, news: str = "", message_id: int | None = None) -> list[Letter]:
    """Ask for the first thing that is missing; with nothing missing, say that people can join."""
    opened = _opened(leader)
    if opened and news:
        return [*leader.show(news, message_id=message_id), *opened]
    missing = readiness.missing(leader.db, leader.network, leader.desk)
    screen = _step(leader, missing[0]) if missing else _overview(leader)
    html = f"{news}\n\n{screen.html}" if news else screen.html
    return [*leader.show(html, screen.keyboard, message_id), *opened]


def _opened(leader: Leader) -> list[Letter]:
    return opening.when_ready(leader.db, leader.network.id, leader.desk, now=leader.now, by=leader.person.id)


def _overview(leader: Leader, *, whole: bool = False) -> Screen:
    """What is there, what is missing, and a button for each thing that is (or, `whole`, for everything)."""
    text, network = leader.text, leader.network
    missing = readiness.missing(leader.db, network, leader.desk)
    none = Markup(f"<b>{text('readiness.missing')}</b>")
    lines = [
        f"· {text(f'readiness.{name}')}: {none if name in missing else safe(_value(leader, name))}"
        for name in rules.NAMES
    ]
    id = "readiness.overview" if missing else "readiness.overview_complete"
    html = text(id, network=network.title, lines=Markup("\n".join(lines)))
    asked = rules.NAMES if whole else missing
    buttons = [
        Button(text.plain(f"readiness.{name}"), callback("readiness.ask", network.id, name)) for name in asked
    ]
    if not missing and not whole:
        buttons = [
            Button(text.plain("setup.button.invite"), callback("invite.network", network.id)),
            Button(text.plain("common.button.change"), callback("readiness.all", network.id)),
        ]
    return Screen(html, tuple(buttons))


def _step(leader: Leader, name: str) -> Screen:
    """Ask for one thing: what it is, why, and what may be tapped."""
    text, network = leader.text, leader.network
    if name in NAMES:
        dialogs.put(leader.db, leader.person.id, KIND, name, {"network": network.id}, now=leader.now)
    else:
        dialogs.leave(leader.db, leader.person.id, KIND)
    answerable = privacy.of(network, leader.desk)
    html = text(f"readiness.{name}.ask", controller=answerable.controller or text("readiness.controller"))
    missing = readiness.missing(leader.db, network, leader.desk)
    if name in NAMES and name not in missing:
        told = text("readiness.told", value=_value(leader, name))
        html = Markup(f"{html}\n\n{told}")
    buttons = [_button(leader, name, value) for value, _ in _offers(leader, name)]
    if name == "help":
        buttons.append(Button(text.plain("readiness.button.help"), callback("helptext.show", network.id)))
    elif name == "stand_in":
        buttons.append(
            Button(text.plain("readiness.button.invite"), callback("readiness.invite", network.id))
        )
        buttons.append(
            Button(text.plain("readiness.button.members"), callback("readiness.members", network.id))
        )
    buttons.append(Button(text.plain("readiness.button.what"), callback("readiness.show", network.id)))
    return Screen(html, tuple(buttons))


def _offers(leader: Leader, name: str) -> list[tuple[str, str]]:
    """What may be tapped instead of typed: a short name, and the value behind it."""
    match name:
        case "officer":
            return [("none", NO_OFFICER)]
        case "processor":
            controller = privacy.of(leader.network, leader.desk).controller
            return [("same", controller)] if controller else []
        case "authority":
            return [
                (country, rules.AUTHORITIES[country]) for country in rules.countries(leader.network.timezone)
            ]
        case "last_day":
            return [(day, day) for day in rules.last_days(_today(leader), leader.desk.last_day)]
    return []


def _button(leader: Leader, name: str, value: str) -> Button:
    text = leader.text
    match name:
        case "authority":
            label = str(text.locale.territories[value])
        case "last_day":
            label = day_in_words(text, value)
        case _:
            label = text.plain(f"readiness.{name}.{value}")
    return Button(label, callback("readiness.set", leader.network.id, f"{name}.{value}"))


def _members(leader: Leader) -> Screen:
    """Who could stand in."""
    text, network = leader.text, leader.network
    buttons = [
        Button(one.name, callback("readiness.member", network.id, f"stand_in.{one.person_id}"))
        for one in _candidates(leader)[:OFFERED]
    ]
    back = Button(text.plain("common.button.back"), callback("readiness.ask", network.id, "stand_in"))
    id = "readiness.stand_in.choose" if buttons else "readiness.stand_in.nobody"
    return Screen(text(id), (*buttons, back))


def _candidates(leader: Leader) -> list[Member]:
    """Members who could stand in: everybody but the only one who leads."""
    leaders = [one.person_id for one in members.facilitators(leader.db, leader.network.id)]
    return [one for one in members.active(leader.db, leader.network.id) if leaders != [one.person_id]]


def _value(leader: Leader, name: str) -> str:
    """What is there, in short."""
    text, network = leader.text, leader.network
    if name == "help":
        return excerpt(help_of(network.help, network.language), SHOWN)
    if name == "stand_in":
        who = None if network.stand_in is None else members.who(leader.db, network.id, network.stand_in)
        return "" if who is None else who.name
    answerable = privacy.of(network, leader.desk)
    if name == "officer" and not answerable.has_officer:
        return text.plain("readiness.officer.none")
    if name == "last_day":
        return day_in_words(text, answerable.last_day)
    return excerpt(str(getattr(answerable, name)), SHOWN)
