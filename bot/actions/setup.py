"""Setting up: who becomes coordinator, binding a group to a network, and the bot's rights there.

What Telegram knows of a group is asked for one question after the other; `_go_on` goes on when an answer is there.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions import joining, measure, opening, readiness, visitors
from bot.actions.answer import Answer
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import consents, dates, mail
from bot.core import setup as rules
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import audit, chats, dialogs, facts, members, networks, people
from storage.chats import Chat
from storage.db import Connection
from storage.dialogs import Dialog
from storage.networks import Network
from storage.people import Person

KIND = "setup"
LOOK = "look"  # the kind of a question about a group
HISTORY = "history"  # the kind of the question who may read what was written before
FRESH = timedelta(minutes=5)
QUESTIONS = {"administrators": "getChatAdministrators", "chat": "getChat", "count": "getChatMemberCount"}

# The coordinator ------------------------------------------------------------------------------------------------


def claim(db: Connection, visitor: Visitor, code: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """The operator's link was opened: who opens it first becomes coordinator."""
    text = visitor.text(desk)
    if not desk.setup_code or not hmac.compare_digest(code.encode(), desk.setup_code.encode()):
        measure.guessed(db, visitor.telegram_id, now=now)
        return mail.say(visitor.to, text("setup.code_wrong"))
    name = f"claimed:{hashlib.sha256(code.encode()).hexdigest()[:32]}"  # a new code is a new link
    used = facts.get(db, name)
    known = people.by_telegram_id(db, visitor.telegram_id)
    if used is not None and (known is None or not known.coordinator):
        return mail.say(visitor.to, text("setup.code_used"))
    person = visitors.keep(db, visitor, desk, now=now)
    if used is None:
        people.change(db, person.id, coordinator=True)
        facts.put(db, name, {}, now=now)
        audit.note(db, "coordinator", now=now, person_id=person.id)
    return next_for_coordinator(person, desk)


def next_for_coordinator(person: Person, desk: Desk) -> list[Letter]:
    """What a coordinator does first; and what the operator left open."""
    text = desk.text(person.language)
    keyboard = keyboard_rows([Button(text.plain("setup.button.add"), url=add_link(desk))])
    letters = mail.say(To(person=person.id), text("setup.coordinator", name=person.name), keyboard)
    return letters


def add_link(desk: Desk) -> str:
    """Return the link that adds the bot to a group, with the rights it needs ticked."""
    return f"https://t.me/{desk.bot_username}?startgroup=setup&admin={rules.ASKED_FOR}"


# /setup -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A group as an update shows it."""

    telegram_id: int
    kind: str
    title: str
    topic_id: int | None = None


def begin(
    db: Connection, person: Person, place: Place, typed: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """`/setup <title>` by a coordinator in a group: all answers come in private."""
    text, to = desk.text(person.language), To(person=person.id)
    bound = chats.by_telegram_id(db, place.telegram_id)
    if bound is not None:
        return _bound(db, person, bound, place, text)
    title = rules.title_of(typed)
    if len(title) > rules.MAX_TITLE:
        return mail.say(to, text("setup.title_long", count=rules.MAX_TITLE))
    about = {
        "person": person.id,
        "chat": place.telegram_id,
        "chat_kind": place.kind,
        "chat_title": place.title,
        "topic": place.topic_id,
        "title": title,
    }
    if not title:
        return _ask_title(db, person, about, text, now=now)
    return _go_on(db, about, desk, now=now)


def _bound(db: Connection, person: Person, bound: Chat, place: Place, text: Text) -> list[Letter]:
    """The group has a network: who leads it chooses with `/setup` the topic in which the bot writes."""
    to, network = To(person=person.id), networks.found(db, bound.network_id)
    if place.topic_id == bound.topic_id or not leads(db, bound, person):
        return mail.say(to, text("setup.bound_already", network=network.title))
    chats.change(db, bound.id, topic_id=place.topic_id)
    return mail.say(to, text("setup.topic", chat=bound.title))


def leads(db: Connection, chat: Chat, person: Person) -> bool:
    """Tell whether somebody leads the network of a group."""
    return any(network.id == chat.network_id for network in networks.led_by(db, person.id))


def _ask_title(
    db: Connection, person: Person, about: dict[str, Any], text: Text, *, now: datetime
) -> list[Letter]:
    dialogs.put(db, person.id, KIND, "title", about, now=now)
    buttons = []
    suggestion = rules.title_of(about["chat_title"])[: rules.MAX_TITLE]
    if suggestion:
        buttons.append(Button(suggestion[:60], callback("setup.title", 0, str(about["chat"]))))
    words = text("setup.title", chat=about["chat_title"])
    return mail.say(To(person=person.id), words, keyboard_rows(buttons) if buttons else None)


def titled(
    db: Connection, person: Person, typed: str | None, desk: Desk, *, chat: str | None = None, now: datetime
) -> list[Letter] | None:
    """The title was typed, or the group's own taken (None); None if nobody is asked for it (any more)."""
    dialog = _dialog(db, person, "title", chat, now=now)
    if dialog is None:
        return None
    text = desk.text(person.language)
    title = rules.title_of(dialog.data["chat_title"] if typed is None else typed)
    if not title or (typed is not None and len(title) > rules.MAX_TITLE):
        return mail.say(To(person=person.id), text("setup.title_long", count=rules.MAX_TITLE))
    dialogs.close(db, person.id)
    return _go_on(db, {**dialog.data, "title": title[: rules.MAX_TITLE]}, desk, now=now)


def _dialog(db: Connection, person: Person, step: str, chat: str | None, *, now: datetime) -> Dialog | None:
    dialog = dialogs.of(db, person.id, now=now)
    if dialog is None or dialog.kind != KIND or dialog.step != step:
        return None
    return dialog if chat is None or chat == str(dialog.data["chat"]) else None


# What Telegram knows of the group ---------------------------------------------------------------------------------


def _go_on(db: Connection, about: dict[str, Any], desk: Desk, *, now: datetime) -> list[Letter]:
    """Ask what is not known yet, or was learnt too long ago; when all is known, decide."""
    known: dict[str, Any] = {}
    for name, method in QUESTIONS.items():
        fact = facts.get(db, f"{name}:{about['chat']}")
        if fact is None or now - fact.at > FRESH:
            question = {**about, "question": name}
            return [mail.ask(LOOK, To(telegram=about["chat"]), method, about=question)]
        known[name] = fact.value.get("is")
    return _decide(db, about, known, desk, now=now)


def looked(db: Connection, answer: Answer) -> None:
    """Telegram answered a question about a group (or refused to)."""
    about = dict(answer.about)
    name = about.pop("question")
    facts.put(db, f"{name}:{about['chat']}", {"is": rules.kept(name, answer.result)}, now=answer.now)
    joining.write_after(db, answer, _go_on(db, about, answer.desk, now=answer.now))


def _decide(
    db: Connection, about: dict[str, Any], known: Mapping[str, Any], desk: Desk, *, now: datetime
) -> list[Letter]:
    person = people.get(db, about["person"])
    if person is None or not person.coordinator:
        return []
    text, to = desk.text(person.language), To(person=person.id)
    administrators = known["administrators"]
    why = rules.refusal(administrators, known["chat"], person.telegram_id)
    if why is not None:
        for (
            name
        ) in QUESTIONS:  # who mends it and sends /setup again must not be told the same for five minutes
            facts.drop(db, f"{name}:{about['chat']}")
        return mail.say(to, text(f"setup.{why}", chat=about["chat_title"], title=about["title"]))
    about = about | {
        "missing": rules.missing(rules.standing_of(administrators, desk.bot_id)),
        "history": bool(known["chat"].get("has_visible_history")),
        "count": max(int(known["count"] or 0) - 1, 0),  # we are one of them
    }
    others = _without_board(db, person)
    if others:
        return _ask_which(db, person, about, others, text, now=now)
    return _found(db, person, about, desk, now=now)


def _without_board(db: Connection, person: Person) -> list[Network]:
    """The networks to which this group could be the sounding board."""
    return [
        network
        for network in networks.led_by(db, person.id)
        if network.state == "active"
        and all(chat.circle != "sounding" for chat in chats.of_network(db, network.id))
    ]


def _ask_which(
    db: Connection, person: Person, about: dict[str, Any], others: list[Network], text: Text, *, now: datetime
) -> list[Letter]:
    dialogs.put(db, person.id, KIND, "which", about, now=now)
    chat = str(about["chat"])
    buttons = [Button(text.plain("setup.button.new"), callback("setup.new", 0, chat))]
    buttons += [
        Button(
            text.plain("setup.button.board", network=network.title[:40]),
            callback("setup.board", network.id, chat),
        )
        for network in others[:20]
    ]
    words = text("setup.which", chat=about["chat_title"])
    return mail.say(To(person=person.id), words, keyboard_rows(buttons))


def chose(
    db: Connection, person: Person, network_id: int | None, chat: str, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    """A new network (None), or the sounding board of one; None for an old button."""
    dialog = _dialog(db, person, "which", chat, now=now)
    if dialog is None or not person.coordinator or chats.by_telegram_id(db, dialog.data["chat"]) is not None:
        return None
    if network_id is None:
        dialogs.close(db, person.id)
        return _found(db, person, dialog.data, desk, now=now)
    network = next((found for found in _without_board(db, person) if found.id == network_id), None)
    if network is None:
        return None
    dialogs.close(db, person.id)
    return _bind(db, person, network, "sounding", dialog.data, desk, now=now)


# Binding ----------------------------------------------------------------------------------------------------------


def _found(
    db: Connection, person: Person, about: dict[str, Any], desk: Desk, *, now: datetime
) -> list[Letter]:
    """Make a network; who set it up leads it, and is asked in private what everybody is asked."""
    bound = chats.by_telegram_id(db, about["chat"])
    if bound is not None:  # two taps, or two coordinators at once
        title = networks.found(db, bound.network_id).title
        return mail.say(
            To(person=person.id), desk.text(person.language)("setup.bound_already", network=title)
        )
    network = networks.create(
        db, title=about["title"], language=person.language, timezone=desk.timezone, now=now
    )
    member = members.keep(db, network.id, person.id, circle="core", now=now)
    members.change(db, member.id, facilitator=True, state="active", joined_at=now)
    if readiness.missing(db, network, desk):
        opening.close(db, network.id, now=now)
    letters = _bind(db, person, network, "core", about, desk, now=now)
    return letters + own_joining(db, network, person.id, desk, now=now)


def own_joining(
    db: Connection, network: Network, person_id: int, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Ask who leads a network what everybody is asked, as soon as they can be told what everybody is told."""
    leader = members.who(db, network.id, person_id)
    if (
        leader is None
        or readiness.unsaid(network, desk)
        or consents.TAKE_PART in members.consent(db, leader.id)
    ):
        return []
    return joining.first_screen(db, leader, desk, now=now)


def _bind(
    db: Connection,
    person: Person,
    network: Network,
    circle: str,
    about: Mapping[str, Any],
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    chat = chats.keep(
        db,
        network.id,
        about["chat"],
        circle=circle,
        kind=about["chat_kind"],
        title=about["chat_title"],
        topic_id=about["topic"],
        now=now,
    )
    chats.change(db, chat.id, rights=about["missing"])
    audit.note(db, "bound", now=now, network_id=network.id, person_id=person.id, chat=chat.id)
    text = desk.text(person.language)
    lines = [_bound_line(network, circle, about, text, now=now), *_advice(about, text)]
    missing = readiness.missing(db, network, desk)
    if missing:
        lines.append(text("readiness.before", count=len(missing)))
        first = Button(text.plain("common.button.go_on"), callback("readiness.next", network.id, "below"))
    else:
        first = Button(text.plain("setup.button.invite"), callback("invite.network", network.id))
    settings = Button(text.plain("setup.button.settings"), callback("settings.show", network.id))
    keyboard = keyboard_rows([first, settings])
    letters = mail.say(To(person=person.id), Markup("\n\n".join(lines)), keyboard)
    return letters + opening.introduce(db, chat, about["missing"], desk, now=now)


def _bound_line(
    network: Network, circle: str, about: Mapping[str, Any], text: Text, *, now: datetime
) -> Markup:
    if circle == "sounding":
        return text("setup.bound_board", network=network.title, chat=about["chat_title"])
    zone = ZoneInfo(network.timezone)
    return text(
        "setup.bound",
        network=network.title,
        chat=about["chat_title"],
        time=dates.clock_time(now, zone, text.language),
        zone=network.timezone,
    )


def _advice(about: Mapping[str, Any], text: Text) -> list[Markup]:
    """What the coordinator should know of the group: who has not joined, who reads, what the bot lacks."""
    lines = []
    if about["count"]:
        lines.append(text("setup.not_joined", count=about["count"]))
    if about["history"]:
        lines.append(text("setup.visible_history"))
    return lines + lacking(about["missing"], text)


def lacking(missing: list[str], text: Text) -> list[Markup]:
    """What is missing, in plain words, and how to mend it."""
    return [text(f"setup.missing_{name}") for name in missing]


# The bot's rights -------------------------------------------------------------------------------------------------


def standing_changed(
    db: Connection,
    place: Place,
    standing: Mapping[str, Any],
    by_telegram_id: int,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """The bot was added, promoted, demoted or removed in a group."""
    for name in QUESTIONS:
        facts.drop(db, f"{name}:{place.telegram_id}")
    chat = chats.by_telegram_id(db, place.telegram_id)
    if chat is None:
        return _added(db, place, standing, by_telegram_id, desk)
    if not rules.inside(standing):
        return _tell(db, chat, desk, "setup.removed", now=now) if chats.gone(db, chat.id) else []
    missing = rules.missing(standing)
    back, before = chat.state != "active", chat.rights or []
    chats.change(db, chat.id, state="active", rights=missing)
    letters = opening.introduce(db, chat, missing, desk, now=now)
    if rules.ADMINISTRATOR in before and rules.ADMINISTRATOR not in missing:
        # Telegram tells administrators only whether newcomers can read what was written before.
        letters.append(mail.ask(HISTORY, To(chat=chat.id), "getChat", about={"chat": chat.id}))
    if missing and (back or set(missing) - set(before)):
        return letters + _tell(db, chat, desk, "setup.back" if back else "setup.less", missing, now=now)
    if back or (before and not missing):
        return letters + _tell(db, chat, desk, "setup.back" if back else "setup.complete", now=now)
    return letters


def history_known(db: Connection, answer: Answer) -> None:
    """Telegram said whether newcomers can read what was written before them: if so, the facilitators are warned."""
    chat = chats.get(db, answer.about["chat"])
    seen = rules.kept("chat", answer.result)
    if chat is not None and seen is not None and seen["has_visible_history"]:
        joining.write_after(db, answer, _tell(db, chat, answer.desk, "setup.visible_history", now=answer.now))


def _added(
    db: Connection, place: Place, standing: Mapping[str, Any], by_telegram_id: int, desk: Desk
) -> list[Letter]:
    """In a group without a network only a coordinator hears from the bot; strangers can create nothing."""
    person = people.by_telegram_id(db, by_telegram_id)
    if person is None or not person.coordinator or not rules.inside(standing):
        return []
    text = desk.text(person.language)
    missing = rules.missing(standing)
    lines = [text("setup.added", chat=place.title)]
    if rules.ADMINISTRATOR in missing:
        lines += lacking([rules.ADMINISTRATOR], text)
    return mail.say(To(person=person.id), Markup("\n\n".join(lines)))


def _tell(
    db: Connection, chat: Chat, desk: Desk, id: str, missing: list[str] | None = None, *, now: datetime
) -> list[Letter]:
    """Tell who leads the network, outside their quiet hours."""
    zone = ZoneInfo(networks.found(db, chat.network_id).timezone)
    letters: list[Letter] = []
    for leader in members.facilitators(db, chat.network_id):
        text = desk.text(leader.language)
        lines = [text(id, chat=chat.title), *lacking(missing or [], text)]
        rested = undisturbed(leader, zone, now=now)
        letters += mail.say(To(person=leader.person_id), Markup("\n\n".join(lines)), not_before=rested)
    return letters


def moved(db: Connection, old: int, new: int, *, now: datetime) -> None:
    """A group became a supergroup; a set-up in hand goes on there."""
    chats.migrate(db, old, new, now=now)
    for dialog in dialogs.of_kind(db, KIND):
        if dialog.data.get("chat") == old:
            data = {**dialog.data, "chat": new, "chat_kind": "supergroup"}
            dialogs.put(db, dialog.person_id, KIND, dialog.step, data, now=now)
