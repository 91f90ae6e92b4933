"""`/helptext`: what those who lead a network give for somebody in trouble, by buttons, typed, or in one line.

Every six months they are asked whether the numbers are still right, then every week, and the coordinators hear of it.
"""

import re
import textwrap
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import preparing, standing_in, which
from bot.actions.receipts import Screen
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail
from bot.core import helptext as rules
from bot.core.joining import NAMES
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.settings import wall
from bot.core.texts import LANGUAGES, Markup, Text
from storage import audit, dialogs, networks, outbox
from storage.db import Connection
from storage.dialogs import Dialog
from storage.networks import Network
from storage.people import Person

KIND = "helptext"
SHOWN = 90  # characters of each text, where all of them are shown
HOURS, WORDS = "hours", "words"  # steps; the others are languages
NAMED = {"hours": HOURS, "uren": HOURS, "tider": HOURS, "words": WORDS, "woorden": WORDS, "ord": WORDS}
FIRST = re.compile(r"(\w+)\s*(?:[|\n]|\s|\Z)\s*(.*)", re.DOTALL)


def begin(leader: Leader, typed: str) -> list[Letter]:
    """`/helptext`, alone or with what is to be set: `nl | …`, `hours | 9:00 | 17:00`, `words sv | …`."""
    typed = typed.strip().lstrip("|").strip()
    if not typed:
        screen = main(leader.network, leader.text, leader.now)
        return leader.show(screen.html, screen.keyboard)
    first = FIRST.match(typed)
    name = first[1].lower() if first else ""
    rest = first[2].lstrip("|").strip() if first else ""
    if name in NAMED and NAMED[name] == HOURS:
        return _take(leader, HOURS, leader.network.language, rest)
    if name in NAMED:
        second = FIRST.match(rest)
        language = rules.language_in(second[1]) if second else None
        words = second[2].lstrip("|").strip() if second and language else rest
        return _take(leader, WORDS, language or leader.network.language, words)
    if language := rules.language_in(name):
        return _take(leader, language, language, rest)
    return _take(leader, leader.network.language, leader.network.language, typed)


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
    """Show or change; None for who may not, and for what was never offered."""
    leader = which.leader(db, person, network_id, desk, now=now)
    if leader is None:
        return None
    language = rules.language_in(nonce) or leader.network.language
    match verb:
        case "show":
            dialogs.leave(db, person.id, KIND)
            screen = main(leader.network, leader.text, now)
        case "ask" if nonce in (*LANGUAGES, HOURS, WORDS):
            screen = _question(leader, nonce, language)
        case "words" if nonce in LANGUAGES:
            screen = _question(leader, WORDS, language)
        case "use" if nonce in LANGUAGES and (suggested := _suggestion(leader, nonce)):
            return _written(leader, nonce, language, suggested, message_id)
        case "none" if nonce in LANGUAGES:
            return _written(leader, WORDS, language, [], message_id)
        case "at" if any(nonce == _packed(hours) for hours in rules.HOURS):
            chosen = next(hours for hours in rules.HOURS if nonce == _packed(hours))
            return _written(leader, HOURS, language, chosen, message_id)
        case "right" if leader.network.help:
            networks.change(db, network_id, help_checked_at=now)
            audit.note(db, "help_checked", now=now, network_id=network_id, person_id=person.id)
            return leader.show(leader.text("helptext.checked"), None, message_id)
        case _:
            return None
    return leader.show(screen.html, screen.keyboard, message_id)


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """What was typed in the dialog."""
    leader = which.leader(db, person, int(dialog.data.get("network", 0)), desk, now=now)
    if leader is None:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("error.not_allowed"))
    return _take(leader, dialog.step, str(dialog.data.get("language", leader.network.language)), words)


def _take(leader: Leader, step: str, language: str, words: str) -> list[Letter]:
    """Read what was typed and write it down, or say what is needed; the question is asked again."""
    read = {HOURS: rules.read_hours, WORDS: rules.read_words}.get(step, rules.accepted)
    value = read(words)
    if value is None:
        screen = _question(leader, step, language)
        why = f"helptext.unread_{step if step in (HOURS, WORDS) else 'text'}"
        unread = leader.text(why, typed=words[:60], most=rules.MAX_HELP)
        return leader.show(Markup(f"{unread}\n\n{screen.html}"), screen.keyboard)
    return _written(leader, step, language, value, None)


def _written(
    leader: Leader,
    step: str,
    language: str,
    value: "str | list[str] | tuple[str, str]",
    message_id: int | None,
) -> list[Letter]:
    db, network = leader.db, leader.network
    if step == HOURS:
        networks.change(db, network.id, office_from=value[0], office_to=value[1])
    elif step == WORDS:
        networks.change(db, network.id, danger={**(network.danger or {}), language: list(value)})
    else:
        help = {**(network.help or {}), language: value}
        networks.change(db, network.id, help=help, help_checked_at=leader.now)
    dialogs.leave(db, leader.person.id, KIND)
    what = step if step in (HOURS, WORDS) else "text"
    audit.note(db, f"helptext_{what}", now=leader.now, network_id=network.id, person_id=leader.person.id)
    changed = networks.found(db, network.id)
    screen = main(changed, leader.text, leader.now)
    html = Markup(f"{leader.text('helptext.changed')}\n\n{screen.html}")
    letters = leader.show(html, screen.keyboard, message_id)
    if network.help or not changed.help:
        return letters
    return letters + preparing.go_on(replace(leader, network=changed))  # the first one: set-up goes on


# Screens ----------------------------------------------------------------------------------------------------------


def main(network: Network, text: Text, now: datetime) -> Screen:
    """Everything that holds, and a button for each."""
    zone, help, danger = ZoneInfo(network.timezone), network.help or {}, network.danger or {}
    lines = [
        text(
            "helptext.line",
            language=NAMES[one],
            words=_short(help.get(one)) or text.plain("helptext.nothing"),
        )
        for one in LANGUAGES
    ]
    begin, end = (
        dates.clock_time(wall(one), zone, text.language) for one in (network.office_from, network.office_to)
    )
    lines.append(text("helptext.office", begin=begin, end=end))
    words = [word for one in LANGUAGES for word in danger.get(one, ())]
    lines.append(text("helptext.own", words=", ".join(words) or text.plain("helptext.no_words")))
    if network.help_checked_at is not None:
        lines.append(
            text("helptext.checked_on", day=dates.day(network.help_checked_at, zone, text.language, now=now))
        )
    buttons = [Button(NAMES[one], callback("helptext.ask", network.id, one)) for one in LANGUAGES]
    buttons.append(Button(text.plain("helptext.button.hours"), callback("helptext.ask", network.id, HOURS)))
    buttons.append(Button(text.plain("helptext.button.words"), callback("helptext.ask", network.id, WORDS)))
    if help:
        buttons.append(Button(text.plain("helptext.button.right"), callback("helptext.right", network.id)))
    html = text("helptext.main", network=network.title, lines=Markup("\n".join(lines)))
    return Screen(html, keyboard_rows(buttons))


def _short(words: str | None) -> str:
    return textwrap.shorten(words or "", SHOWN, placeholder=" …")


def _question(leader: Leader, step: str, language: str) -> Screen:
    """Ask for one of them; what is typed next is taken for it."""
    network, text = leader.network, leader.text
    data = {"network": network.id, "language": language}
    dialogs.put(leader.db, leader.person.id, KIND, step, data, now=leader.now)
    buttons: list[Button] = []
    if step == HOURS:
        html = text("helptext.ask_hours")
        for hours in rules.HOURS:
            begin, end = (
                dates.clock_time(wall(one), ZoneInfo(network.timezone), text.language) for one in hours
            )
            label = f"{begin} – {end}"
            buttons.append(Button(label, callback("helptext.at", network.id, _packed(hours))))
    elif step == WORDS:
        html = text("helptext.ask_words", language=NAMES[language])
        others = [one for one in LANGUAGES if one != language]
        buttons += [Button(NAMES[one], callback("helptext.words", network.id, one)) for one in others]
        if (network.danger or {}).get(language):
            label = text.plain("helptext.button.none")
            buttons.append(Button(label, callback("helptext.none", network.id, language)))
    else:
        html = text("helptext.ask_text", language=NAMES[language])
        suggested, there = _suggestion(leader, language), (network.help or {}).get(language)
        if there:
            html = Markup(f"{html}\n\n{text('helptext.now', words=there)}")
        elif suggested:
            html = Markup(f"{html}\n\n{text('helptext.suggested', words=suggested)}")
            buttons.append(
                Button(text.plain("helptext.button.use"), callback("helptext.use", network.id, step))
            )
    buttons.append(Button(text.plain("common.button.back"), callback("helptext.show", network.id)))
    return Screen(html, keyboard_rows(buttons))


def _suggestion(leader: Leader, language: str) -> str:
    """The national lines of the network's country, in words of that language; empty where none are known."""
    country = rules.country_of(leader.network.timezone, leader.network.language)
    return "" if country is None else leader.desk.text(language).plain(f"helptext.suggest_{country.lower()}")


def _packed(hours: tuple[str, str]) -> str:
    return "-".join(one.replace(":", "") for one in hours)


# Still right? -----------------------------------------------------------------------------------------------------


def ask_again(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Ask those who lead whether the numbers are still right, where it is time; return how many networks."""
    asked = 0
    for network in networks.active(db):
        if network.help and network.help_checked_at is None:  # it was set where nobody counts the months
            networks.change(db, network.id, help_checked_at=now)
        elif rules.to_ask(network.help, network.help_checked_at, network.help_asked_at, now=now):
            outbox.write(db, _still_right(db, network, desk, now=now), now=now)
            networks.change(db, network.id, help_asked_at=now)
            asked += 1
    return asked


def _still_right(db: Connection, network: Network, desk: Desk, *, now: datetime) -> list[Letter]:
    checked, before = network.help_checked_at, network.help_asked_at
    assert checked is not None
    key = f"helptext:{network.id}:{int(now.timestamp())}"
    letters: list[Letter] = []
    whom = standing_in.here(db, network, now=now)
    for member in (one for one in whom if one.facilitator):
        text = desk.text(member.language)
        zone = ZoneInfo(network.timezone)
        html = text(
            "helptext.still_right",
            network=network.title,
            day=dates.day(checked, zone, text.language, now=now),
            words=" · ".join(words for words in (network.help or {}).values() if words),
        )
        buttons = keyboard_rows(
            [
                Button(text.plain("helptext.button.right"), callback("helptext.right", network.id)),
                Button(text.plain("common.button.change"), callback("helptext.show", network.id)),
            ]
        )
        hour = undisturbed(member, zone, now=now)
        letters += mail.say(
            To(person=member.person_id), html, buttons, key=f"{key}:{member.person_id}", not_before=hour
        )
    if not letters or (
        before is not None and before > checked
    ):  # nobody is there, or nobody answered last week
        letters += standing_in.tell_coordinators(
            db, network, "helptext.nobody_checked", desk, key=key, now=now
        )
    return letters
