"""`/settings`: what holds in a network, changed by buttons; each change says what now holds and when next."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import digests as summaries
from bot.actions import opening
from bot.actions import prompts as planning
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail
from bot.core import settings as rules
from bot.core.joining import NAMES, Screen
from bot.core.letters import Button, callback
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import audit, dialogs, digests, members, networks, prompts
from storage.db import Connection
from storage.dialogs import Dialog
from storage.digests import MEETING, WEEKLY
from storage.networks import Network
from storage.people import Person

KIND = "settings"
# The buttons of the first screen, in this order; `weekly_day` goes on to the hour.
SHOWN = (
    "language",
    "timezone",
    "weekly_day",
    "meeting_hours",
    "approval",
    "stand_in",
    "topic_each",
    "weekly_cap",
)
NOBODY = "0"


def begin(leader: Leader) -> list[Letter]:
    """`/settings`."""
    screen = main(leader.db, leader.network, leader.text, now=leader.now)
    return leader.show(screen.html, screen.keyboard)


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
    network = led(db, person, network_id)
    if network is None:
        return None
    text, to = desk.text(person.language), To(person=person.id)
    more: list[Letter] = []
    name, _, value = nonce.partition(".")
    if verb == "show":
        dialogs.leave(db, person.id, KIND)
        screen = main(db, network, text, now=now)
    elif verb == "ask" and name in (*rules.CHOICES, "stand_in"):
        screen = _question(db, person, network, name, text, now=now)
    elif verb == "set":
        known = _stand_in(db, network, value) if name == "stand_in" else rules.unpacked(name, value)
        if known is None:
            return None
        more, screen = change(db, person, network, name, known, desk, now=now)
    else:
        return None
    if message_id is None:
        return [*mail.say(to, screen.html, screen.keyboard), *more]
    return [mail.edit(to, message_id, screen.html, screen.keyboard), *more]


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """A time zone or an hour was typed."""
    text, to = desk.text(person.language), To(person=person.id)
    network = led(db, person, int(dialog.data.get("network", 0)))
    if network is None:
        dialogs.close(db, person.id)
        return mail.say(to, text("error.not_allowed"))
    value = rules.read(dialog.step, words)
    if value is None:
        screen = _question(db, person, network, dialog.step, text, now=now)
        unread = text(f"settings.{dialog.step}.unread", typed=words[:60])
        return mail.say(to, f"{unread}\n\n{screen.html}", screen.keyboard)
    more, screen = change(db, person, network, dialog.step, value, desk, now=now)
    return [*mail.say(to, screen.html, screen.keyboard), *more]


def led(db: Connection, person: Person, network_id: int) -> Network | None:
    """Return the network if this person leads it."""
    return next((network for network in networks.led_by(db, person.id) if network.id == network_id), None)


def _stand_in(db: Connection, network: Network, value: str) -> str | None:
    if value == NOBODY:
        return value
    return next((value for member in members.active(db, network.id) if str(member.person_id) == value), None)


def change(
    db: Connection, person: Person, network: Network, name: str, value: str, desk: Desk, *, now: datetime
) -> tuple[list[Letter], Screen]:
    """Write a setting down, move what hangs on it, and say what now holds."""
    text = desk.text(person.language)
    if name == "stand_in":
        networks.change(db, network.id, stand_in=None if value == NOBODY else int(value))
    else:
        networks.change(db, network.id, **rules.columns(name, value))
    if name in ("weekly_day", "weekly_time"):
        networks.change(db, network.id, weekly=True)
    audit.note(db, f"setting_{name}", now=now, network_id=network.id, person_id=person.id)
    letters = _move(db, network, name, desk, now=now)
    if name == "stand_in":
        letters += opening.when_ready(db, network.id, desk, now=now, by=person.id)
    changed = networks.found(db, network.id)
    if name == "weekly_day":  # a day needs an hour
        return letters, _question(db, person, changed, "weekly_time", text, now=now)
    dialogs.leave(db, person.id, KIND)
    shown = _shown(name)
    value_now = _value(db, changed, name, text, now=now)
    news = text("settings.changed", what=text(f"settings.button.{shown}"), value=value_now)
    next_time = _next_time(db, changed, name, text, now=now)
    return letters, main(db, changed, text, news=Markup(f"{news} {next_time}".strip()), now=now)


def _move(db: Connection, network: Network, name: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Let what is planned follow."""
    if name == "timezone":
        for prompt in prompts.planned(db, network.id):
            planning.replan(db, prompt, now=now)
    if name in ("timezone", "weekly", "weekly_day", "weekly_time", "meeting_hours"):
        return summaries.replan(db, network.id, desk, now=now)
    return []


def _shown(name: str) -> str:
    return "weekly_day" if name in ("weekly", "weekly_time") else name


def _next_time(db: Connection, network: Network, name: str, text: Text, *, now: datetime) -> str:
    """When what was changed shows next; empty where it shows nowhere in particular."""
    chain = {"weekly": WEEKLY, "weekly_time": WEEKLY, "timezone": WEEKLY, "meeting_hours": MEETING}.get(name)
    planned = [
        one.publish_at for one in digests.of_network(db, network.id, digests.OPEN) if one.chain == chain
    ]
    if chain is None or not planned:
        return ""
    at = dates.full(min(planned), ZoneInfo(network.timezone), text.language, now=now)
    return text("settings.next_weekly" if chain == WEEKLY else "settings.next_meeting", at=at)


# Screens ----------------------------------------------------------------------------------------------------------


def main(db: Connection, network: Network, text: Text, *, now: datetime, news: str = "") -> Screen:
    """Everything that holds, and a button for each."""
    lines = [
        f"· {text(f'settings.button.{name}')}: {_value(db, network, name, text, now=now)}" for name in SHOWN
    ]
    html = text("settings.main", network=network.title, lines=Markup("\n".join(lines)))
    if news:
        html = Markup(f"{news}\n\n{html}")
    buttons = [
        Button(text.plain(f"settings.button.{name}"), callback("settings.ask", network.id, name))
        for name in SHOWN
    ]
    return Screen(html, tuple(buttons))


def _question(
    db: Connection, person: Person, network: Network, name: str, text: Text, *, now: datetime
) -> Screen:
    """One setting: what it means, and its values."""
    if name in rules.TYPED:
        dialogs.put(db, person.id, KIND, name, {"network": network.id}, now=now)
    else:
        dialogs.leave(db, person.id, KIND)
    if name == "stand_in":
        offered = [(str(m.person_id), m.name[:60]) for m in members.active(db, network.id)][:40]
        offered.append((NOBODY, text.plain("settings.stand_in.nobody")))
    else:
        offered = [(value, _label(name, value, text)) for value in rules.CHOICES[name]]
    if name == "weekly_day":
        offered.append(("", text.plain("settings.weekly.off")))
    buttons = [
        Button(
            label,
            callback("settings.set", network.id, f"{name}.{rules.packed(value)}" if value else "weekly.off"),
        )
        for value, label in offered
    ]
    buttons.append(Button(text.plain("common.button.back"), callback("settings.show", network.id)))
    now_holds = text("settings.now", value=_value(db, network, name, text, now=now))
    return Screen(Markup(f"{text(f'settings.{name}.ask')}\n\n{now_holds}"), tuple(buttons))


def _label(name: str, value: str, text: Text) -> str:
    match name:
        case "language":
            return NAMES[value]
        case "timezone":
            return value.rpartition("/")[2].replace("_", " ")
        case "weekly_day":
            day = dates.weekday_name(int(value), text.language)
            return day[:1].upper() + day[1:]
        case "weekly_time":
            return dates.clock_time(rules.wall(value), ZoneInfo("UTC"), text.language)
        case "meeting_hours":
            return text.plain("settings.meeting_hours.value", count=int(value))
        case "weekly_cap":
            return text.plain("settings.weekly_cap.value", count=int(value))
    return text.plain(f"settings.{name}.{value}")


def _value(db: Connection, network: Network, name: str, text: Text, *, now: datetime) -> Markup:
    """What holds now, in words."""
    zone = ZoneInfo(network.timezone)
    match name:
        case "language":
            return Markup(NAMES.get(network.language, network.language))
        case "timezone":
            here = dates.clock_time(now, zone, text.language)
            return text("settings.timezone.value", zone=network.timezone, time=here)
        case "weekly" | "weekly_day" | "weekly_time":
            if not network.weekly:
                return text("settings.weekly.none")
            day = dates.weekday_name(network.weekly_day, text.language)
            at = dates.clock_time(rules.wall(network.weekly_time), zone, text.language)
            return text("settings.weekly.value", day=day, time=at)
        case "meeting_hours":
            return text("settings.meeting_hours.value", count=network.meeting_hours)
        case "stand_in":
            stand_in = None if network.stand_in is None else members.who(db, network.id, network.stand_in)
            return (
                text("settings.stand_in.value", name=stand_in.name)
                if stand_in
                else text("settings.stand_in.none")
            )
        case "topic_each":
            return text("settings.topic_each.on" if network.topic_each else "settings.topic_each.off")
        case "weekly_cap":
            return text("settings.weekly_cap.value", count=network.weekly_cap)
    return text(f"settings.approval.{network.approval}_now")
