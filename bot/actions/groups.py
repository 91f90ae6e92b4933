"""`/groups`: what a network calls its stakeholder groups, those it adds, and which are offered at joining.

A group is known by its code for good: renaming changes what people read from then on, never who belongs to it.
"""

from dataclasses import replace
from datetime import datetime

from bot.actions import contributions
from bot.actions.unit import Desk
from bot.actions.which import Leader, leader
from bot.core import mail
from bot.core.groups import BROAD, MAX_MANY, MAX_ONE, Groups, Named, Naming, read_names, read_naming
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import audit, dialogs, groups, members
from storage import contributions as contribution_rows
from storage.db import Connection
from storage.dialogs import Dialog
from storage.members import Member
from storage.people import Person

KIND = "groups"
NEW = "new"  # in a dialog, in place of a code
NO_BROAD = "none"
LABELS = {  # what somebody of an added group may be called where too few share it
    "lived": "groups_of.button.lived",
    "work": "groups_of.button.work",
    "decide": "groups_of.button.decide",
    NO_BROAD: "groups_of.button.none",
}
FEW = 5  # lines beside which there is room for an example


def place(db: Connection, member: Member, code: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Let a member speak as one of another group. What they decided about being named was about the old one."""
    if member.group == code:
        return []
    members.change(db, member.id, group=code, shown_alone=None, alone_asked_at=None)
    return contributions.changed_all(db, contribution_rows.of_member(db, member.id), desk, now=now)


# /groups ----------------------------------------------------------------------------------------------------------


def begin(leader: Leader, line: str) -> list[Letter]:
    """`/groups`, or with a name behind it: `/groups carer = een mantelzorger, mantelzorgers`."""
    dialogs.leave(leader.db, leader.person.id, KIND)
    if not line.strip():
        return _main(leader)
    naming = read_naming(line, _of(leader), leader.text)
    if naming is None:
        unread = leader.text("groups_of.unread", typed=line[:60], one=MAX_ONE, many=MAX_MANY)
        return mail.say(leader.to, Markup(f"{unread}\n\n{leader.text('groups_of.example')}"))
    return _named(leader, naming)


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
    leads = leader(db, person, network_id, desk, now=now)
    if leads is None:
        return None
    dialogs.leave(db, person.id, KIND)
    code, _, value = nonce.partition(".")
    named = _of(leads)
    if verb == "show":
        return _main(leads, message_id)
    if verb == "add":
        return _ask_names(leads, NEW, message_id)
    if code not in named.fine:
        return None
    match verb:
        case "one":
            return _one(leads, code, message_id)
        case "rename":
            return _ask_names(leads, code, message_id)
        case "offer" if value in ("on", "off"):
            return _offer(leads, code, value == "on", message_id)
        case "broad" if code not in BROAD and value in LABELS:
            _change(leads, replace(_own(named, code), broad=None if value == NO_BROAD else value))
            return _one(leads, code, message_id, news="groups_of.saved")
        case "usual":
            return _drop(leads, code, message_id)
    return None


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Names were typed."""
    leads = leader(db, person, int(dialog.data.get("network", 0)), desk, now=now)
    if leads is None:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("error.not_allowed"))
    names = read_names(words)
    if names is None:
        unread = leads.text("groups_of.unread", typed=words[:60], one=MAX_ONE, many=MAX_MANY)
        return mail.say(leads.to, unread)
    dialogs.close(db, person.id)
    code = str(dialog.data.get("code"))
    return _named(leads, Naming(None if code == NEW else code, None, *names))


# What is written --------------------------------------------------------------------------------------------------


def _of(leader: Leader) -> Groups:
    return groups.of(leader.db, leader.network.id)


def _own(named: Groups, code: str) -> Named:
    """What the network says of a group, so far perhaps nothing."""
    return next((one for one in named.own if one.code == code), Named(code, named.broad(code)))


def _change(leader: Leader, group: Named) -> None:
    groups.put(leader.db, leader.network.id, group)
    audit.note(leader.db, "groups", now=leader.now, network_id=leader.network.id, person_id=leader.person.id)


def _named(leader: Leader, naming: Naming) -> list[Letter]:
    """Write the names down: in the network's language, unless another one was given."""
    named, language = _of(leader), naming.language or leader.network.language
    new = naming.code is None or naming.code not in named.fine
    code = groups.new_code(leader.db, leader.network.id) if new or naming.code is None else naming.code
    own = Named(code, None) if new else _own(named, code)
    _change(leader, replace(own, names={**own.names, language: (naming.one, naming.many)}))
    if new:
        return _ask_broad(leader, code)
    return _one(leader, code, news="groups_of.saved")


def _offer(leader: Leader, code: str, on: bool, message_id: int | None) -> list[Letter]:
    named = _of(leader)
    if not on and named.offered() == (code,):
        return _one(leader, code, message_id, news="groups_of.last_one")
    _change(leader, replace(_own(named, code), offered=on))
    return _one(leader, code, message_id, news="groups_of.saved")


def _drop(leader: Leader, code: str, message_id: int | None) -> list[Letter] | None:
    """Call a group as usual again, or give up one that was added and that nobody speaks as."""
    own = _own(_of(leader), code)
    if code in BROAD:
        _change(leader, replace(own, names={}))
        return _one(leader, code, message_id, news="groups_of.saved")
    if groups.in_use(leader.db, leader.network.id, code):
        return _one(leader, code, message_id, news="groups_of.in_use")
    groups.remove(leader.db, leader.network.id, code)
    return _main(leader, message_id)


# Screens ----------------------------------------------------------------------------------------------------------


def _main(leader: Leader, message_id: int | None = None) -> list[Letter]:
    text, named, network = leader.text, _of(leader), leader.network.id
    lines = [_line(named, code, text) for code in _special(named)]
    buttons = [Button(named.many(code, text), callback("groups.one", network, code)) for code in named.fine]
    buttons.append(Button(text.plain("groups_of.button.add"), callback("groups.add", network)))
    parts = [text("groups_of.main", network=leader.network.title)]
    parts += [Markup("\n".join(lines))] if lines else []
    parts += [text("groups_of.example")] if len(lines) < FEW else []
    return leader.show(Markup("\n\n".join(parts)), keyboard_rows(buttons), message_id)


def _special(named: Groups) -> list[str]:
    """What isn't as everywhere: renamed, added, or not offered."""
    return [code for code in named.fine if named.renamed(code) or code not in named.offered()]


def _line(named: Groups, code: str, text: Text) -> Markup:
    id = "groups_of.line" if code in named.offered() else "groups_of.line_off"
    return text(id, many=named.many(code, text), one=named.one(code, text))


def _one(
    leader: Leader, code: str, message_id: int | None = None, *, news: str | None = None
) -> list[Letter]:
    """One group: how it reads, and what can be changed."""
    text, named, network = leader.text, _of(leader), leader.network.id
    broad = named.broad(code)
    one, many, k = named.one(code, text), named.many(code, text), leader.desk.k
    html = (
        text("groups_of.one", many=many, one=one, broad=named.one(broad, text), count=k)
        if broad
        else text("groups_of.one_alone", many=many, one=one, count=k)
    )
    on = code in named.offered()
    offer = "groups_of.button.offered_on" if on else "groups_of.button.offered_off"
    buttons = [
        Button(text.plain("groups_of.button.rename"), callback("groups.rename", network, code)),
        Button(text.plain(offer), callback("groups.offer", network, f"{code}.{'off' if on else 'on'}")),
    ]
    if code not in BROAD:
        buttons.append(Button(text.plain("groups_of.button.drop"), callback("groups.usual", network, code)))
    elif named.renamed(code):
        buttons.append(Button(text.plain("groups_of.button.usual"), callback("groups.usual", network, code)))
    buttons.append(Button(text.plain("common.button.back"), callback("groups.show", network)))
    parts = [text(news)] if news else []
    return leader.show(Markup("\n\n".join([*parts, html])), keyboard_rows(buttons), message_id)


def _ask_names(leader: Leader, code: str, message_id: int | None) -> list[Letter]:
    data = {"network": leader.network.id, "code": code}
    dialogs.put(leader.db, leader.person.id, KIND, "names", data, now=leader.now)
    back = Button(leader.text.plain("common.button.back"), callback("groups.show", leader.network.id))
    return leader.show(leader.text("groups_of.ask_names"), keyboard_rows([back]), message_id)


def _ask_broad(leader: Leader, code: str) -> list[Letter]:
    """Of an added group: which broad one may be named where too few share it?"""
    text, named = leader.text, _of(leader)
    buttons = [
        Button(
            text.plain(label),
            callback("groups.broad", leader.network.id, f"{code}.{broad}"),
        )
        for broad, label in LABELS.items()
    ]
    asked = text("groups_of.ask_broad", one=named.one(code, text), count=leader.desk.k)
    return leader.show(asked, keyboard_rows(buttons))
