"""*Something is wrong, my point is missing*: said in private about a summary that is out; accepted, it is edited.

A point that is missing is always an answer of that member: one that stands in the summary without being quoted, or one
they write now, which comes late. So it is quoted as they want to be shown, and goes when they take it back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import contributions as giving
from bot.actions import digests as publishing
from bot.actions import receipts, resting, standing_in, taking
from bot.actions.belonging import taking_part
from bot.actions.draft_press import BELOW, Reaction, stale
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import consents, cutting, danger, dates, mail
from bot.core import corrections as rules
from bot.core.contributions import Given, title
from bot.core.danger import KEPT_OUT
from bot.core.letters import Button, Keyboard, base36, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import (
    contributions,
    corrections,
    dialogs,
    digests,
    groups,
    meetings,
    members,
    networks,
    outbox,
    people,
    postings,
)
from storage.contributions import Contribution
from storage.corrections import Correction
from storage.db import Connection
from storage.digests import Digest
from storage.members import Member
from storage.networks import Network
from storage.people import Person

DIALOG = "corrections"
LASTS = timedelta(hours=1)
MOST = 5  # of one member about one summary
OFFERED = 6  # answers
LISTED = 160  # characters of each, and of a question
FEW_WORDS = 60  # characters by which who leads knows again what it was about


def button(digest_id: int, text: Text) -> Button:
    """Return the button below a summary that begins all this."""
    return Button(text.plain("corrections.button.begin"), callback("corrections.begin", digest_id))


def until(db: Connection, digest: Digest, network: Network) -> datetime:
    """Return until when something can be said about a summary that is out."""
    meeting = meetings.starts_at(db, digest.meeting_id)
    return rules.until(digest.published_at or digest.publish_at, meeting, ZoneInfo(network.timezone))


# Members --------------------------------------------------------------------------------------------------------


def begun(
    db: Connection, person: Person | None, digest_id: int, desk: Desk, *, private: bool, now: datetime
) -> Reaction:
    """Somebody pressed the button: go on in private, wherever it was."""
    text = desk.text(person.language if person else None)
    digest = digests.get(db, digest_id)
    if digest is None or digest.state != "published":
        return stale(text)
    member = None if person is None else taking_part(db, members.who(db, digest.network_id, person.id))
    if member is None or person is None:
        return Reaction(answer=text.plain("corrections.not_joined"), alert=True)
    if not private and not person.reachable:
        return Reaction(answer=text.plain("corrections.in_private"), alert=True)
    shown = _first(db, digest, text, now=now)
    letters = receipts.show(person.id, None, shown)
    return Reaction(letters, "" if private else text.plain("corrections.look"), alert=not private)


def _first(db: Connection, digest: Digest, text: Text, *, now: datetime) -> Screen:
    network = networks.found(db, digest.network_id)
    zone = ZoneInfo(network.timezone)
    at = dates.full(until(db, digest, network), zone, text.language, now=now)
    if now > until(db, digest, network):
        return Screen(text("corrections.over", at=at))
    day = dates.day(digest.published_at or now, zone, text.language, now=now)
    choices = [
        Button(text.plain("corrections.button.wrong"), callback("corrections.wrong", digest.id)),
        Button(text.plain("corrections.button.missing"), callback("corrections.missing", digest.id)),
        Button(text.plain("corrections.button.stop"), callback("corrections.stop", digest.id)),
    ]
    return Screen(text("corrections.what", day=day, at=at), keyboard_rows(choices), asks=True)


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
    """Do what a button says; None for one that means nothing (any more). `id`: of the digest, or of the correction."""
    if verb in LEADING:
        return _settle(db, person, verb, id, nonce, message_id, desk, now=now)
    digest = digests.get(db, id)
    member = None if digest is None else members.who(db, digest.network_id, person.id)
    if digest is None or digest.state != "published" or taking_part(db, member) is None or member is None:
        return None
    text = desk.text(person.language)
    if verb == "stop":
        dialogs.leave(db, person.id, DIALOG)
        return receipts.show(person.id, message_id, Screen(text("corrections.stopped")))
    if now > until(db, digest, networks.found(db, digest.network_id)):
        return receipts.show(person.id, message_id, _first(db, digest, text, now=now))
    if corrections.how_many(db, digest.id, member.id) >= MOST:
        return receipts.show(person.id, message_id, Screen(text("corrections.enough")))
    match verb:
        case "wrong":
            dialogs.put(db, person.id, DIALOG, "wrong", {"digest": digest.id}, now=now, lasts=LASTS)
            seen = receipts.seen_as(db, member, desk)[0]
            return receipts.show(
                person.id, message_id, _asks(text("corrections.say_it", shown=seen), digest, text)
            )
        case "missing":
            return receipts.show(person.id, message_id, _answers(db, digest, member, text))
        case "mine":
            return _chosen(db, digest, member, nonce, message_id, desk, now=now)
        case "write":
            return _write(db, person, digest, nonce, message_id, text, now=now)
    return None


def _asks(html: str, digest: Digest, text: Text) -> Screen:
    never = Button(text.plain("corrections.button.stop"), callback("corrections.stop", digest.id))
    return Screen(html, keyboard_rows([never]), asks=True)


def _answers(db: Connection, digest: Digest, member: Member, text: Text) -> Screen:
    """Offer their answers that are counted there and not quoted, and to write another one."""
    if not consents.may(members.consent(db, member.id), consents.QUOTE):
        return Screen(text("corrections.not_quoted"))
    mine, asked = _unquoted(db, digest, member)[:OFFERED], _asked(db, digest)
    lines: list[str] = [text("corrections.which")]
    rows: list[Button] = []
    if mine:
        lines.append(f"\n{text('corrections.mine')}")
    for number, one in enumerate(mine, 1):
        lines.append(f"{number}. {member_words(title(one.text.strip() or one.read, LISTED))}")
        label = text.plain("corrections.button.pass", number=str(number))
        rows.append(Button(label, callback("corrections.mine", digest.id, base36(one.id))))
    if asked:
        lines.append(f"\n{text('corrections.to_write')}")
    for number, (posting_id, question) in enumerate(asked, len(mine) + 1):
        lines.append(f"{number}. {member_words(title(question, LISTED))}")
        label = text.plain("corrections.button.write", number=str(number))
        rows.append(Button(label, callback("corrections.write", digest.id, base36(posting_id))))
    rows.append(Button(text.plain("corrections.button.stop"), callback("corrections.stop", digest.id)))
    return Screen(Markup("\n".join(lines)), keyboard_rows(rows), asks=True)


def _unquoted(db: Connection, digest: Digest, member: Member) -> list[Contribution]:
    items = digests.items(db, digest.id)
    kept = contributions.many(db, list(items))
    return [
        one
        for one in kept.values()
        if one.member_id == member.id and not items[one.id].quoted and _quotable(db, one)
    ]


def _quotable(db: Connection, kept: Contribution) -> bool:
    """Whether a point may be shown at all; what sounds like danger is not passed on this way either."""
    return (
        kept.state == "kept"
        and any(sign.isalnum() for sign in kept.read)
        and kept.may_quote != "no"
        and (kept.may_quote == "yes" or not kept.conversation)
        and kept.danger not in KEPT_OUT
        and consents.may(members.consent(db, kept.member_id), consents.QUOTE)
    )


def _asked(db: Connection, digest: Digest) -> list[tuple[int, str]]:
    """Return the questions of a digest: the latest posting of each, with its words."""
    kept = contributions.many(db, list(digests.items(db, digest.id)))
    found: dict[int, tuple[int, str]] = {}
    for posting_id in sorted({one.posting_id for one in kept.values()}):
        posting = postings.get(db, posting_id)
        if posting is not None:
            found[posting.prompt_id] = (posting.id, posting.text)
    return list(found.values())[-OFFERED:]


def _chosen(
    db: Connection,
    digest: Digest,
    member: Member,
    nonce: str,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter] | None:
    kept = next((one for one in _unquoted(db, digest, member) if base36(one.id) == nonce), None)
    if kept is None:
        return None
    before = corrections.of_member(db, digest.id, member.id)
    if any(one.contribution_id == kept.id and one.state != "withdrawn" for one in before):
        return receipts.show(
            member.person_id, message_id, Screen(desk.text(member.language)("corrections.again"))
        )
    about = {"contribution_id": kept.id, "mark": rules.mark(kept.read)}
    told = _ask(db, digest, member, rules.MISSING, desk, now=now, **about)
    passed = Screen(desk.text(member.language)("corrections.passed"))
    return [*receipts.show(member.person_id, message_id, passed), *told]


def _write(
    db: Connection,
    person: Person,
    digest: Digest,
    nonce: str,
    message_id: int | None,
    text: Text,
    *,
    now: datetime,
) -> list[Letter] | None:
    asked = next((one for one in _asked(db, digest) if base36(one[0]) == nonce), None)
    if asked is None:
        return None
    data = {"digest": digest.id, "posting": asked[0]}
    dialogs.put(db, person.id, DIALOG, "missing", data, now=now, lasts=LASTS)
    html = text("corrections.write", question=member_words(asked[1]))
    return receipts.show(person.id, message_id, _asks(html, digest, text))


# What is typed --------------------------------------------------------------------------------------------------


def typed(db: Connection, person: Person, given: Given, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take what is wrong, a point that is missing, or the correction of who leads."""
    dialog = dialogs.of(db, person.id, now=now)
    text = desk.text(person.language)
    if dialog is None or dialog.kind != DIALOG:
        return []
    if dialog.step == "answer":
        return _answered(db, person, dialog, given, desk, now=now)
    digest = digests.get(db, int(dialog.data["digest"]))
    member = None if digest is None else taking_part(db, members.who(db, digest.network_id, person.id))
    if digest is None or member is None or now > until(db, digest, networks.found(db, digest.network_id)):
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), text("corrections.too_late"))
    words = given.text.strip()
    if len(words) > rules.LONGEST and dialog.step == "wrong":
        return mail.say(To(person=person.id), text("corrections.too_long", most=rules.LONGEST))
    dialogs.close(db, person.id)
    if dialog.step == "wrong":
        told = _ask(db, digest, member, rules.WRONG, desk, now=now, words=words)
        return [*mail.say(To(person=person.id), text("corrections.passed")), *told]
    return _given(db, digest, member, int(dialog.data["posting"]), given, desk, now=now)


def _given(
    db: Connection,
    digest: Digest,
    member: Member,
    posting_id: int,
    given: Given,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """Keep a point as a late answer, and ask for it to be taken in."""
    posting = postings.get(db, posting_id)
    if posting is None:
        return []
    letters = taking.take(db, posting, member, given, desk=desk, now=now)
    kept = contributions.behind(db, given.telegram_chat_id, given.message_id)
    if kept is None or not _quotable(db, kept):
        return letters
    about = {"contribution_id": kept.id, "mark": rules.mark(kept.read)}
    told = _ask(db, digest, member, rules.MISSING, desk, now=now, **about)
    passed = mail.say(
        To(person=member.person_id), desk.text(member.language)("corrections.passed"), silent=True
    )
    return [*letters, *passed, *told]


# Who leads ------------------------------------------------------------------------------------------------------


def _ask(
    db: Connection, digest: Digest, member: Member, kind: str, desk: Desk, *, now: datetime, **about: object
) -> list[Letter]:
    """Write it down and pass it on to those who lead, each in their hours."""
    made = corrections.create(db, digest_id=digest.id, member_id=member.id, kind=kind, at=now, **about)
    said, network = corrections.get(db, made), networks.found(db, digest.network_id)
    assert said is not None
    letters: list[Letter] = []
    zone = ZoneInfo(network.timezone)
    # Where all of them pause, it waits for them.
    for leader in standing_in.here(db, network, now=now) or members.facilitators(db, network.id):
        text = desk.text(leader.language)
        awake = max(now, leader.paused_until or now)
        letters += mail.say(
            To(person=leader.person_id),
            _note(db, said, digest, member, network, desk, text, now=now),
            keyboard_rows(_choices(said, digest, text)),
            key=f"{_key(said)}{leader.person_id}",
            about=_about(said),
            not_before=resting.undisturbed(leader, zone, now=awake),
        )
    return letters


def _key(said: Correction) -> str:
    return f"correction:{said.id}:"


def _about(said: Correction) -> dict[str, int]:
    """By what a letter is found when the words of a member that stand in it are erased."""
    if said.contribution_id is None:
        return {"member": said.member_id}
    return {"contribution": said.contribution_id}


def _note(
    db: Connection,
    said: Correction,
    digest: Digest,
    member: Member,
    network: Network,
    desk: Desk,
    text: Text,
    *,
    now: datetime,
) -> Markup:
    zone = ZoneInfo(network.timezone)
    agreed, named = members.consent(db, member.id), groups.of(db, network.id)
    sizes = members.sizes(db, network.id)
    kept = None if said.contribution_id is None else contributions.get(db, said.contribution_id)
    attribution = (kept.attribution if kept is not None else None) or member.attribution
    name = member.name if consents.may(agreed, consents.NAME) else None
    label = named.label(member.group, attribution, name, sizes, desk.k, text, alone=member.shown_alone)
    id = "corrections.is_wrong" if said.kind == rules.WRONG else "corrections.is_missing"
    return text(
        id,
        title=network.title,
        day=dates.day(digest.published_at or now, zone, text.language, now=now),
        label=label,
        words=member_words((said.words if kept is None else kept.read) or ""),
    )


def _choices(said: Correction, digest: Digest, text: Text) -> list[Button]:
    refuse = Button(text.plain("corrections.button.no"), callback("corrections.no", said.id))
    if said.kind == rules.MISSING:
        take_in = Button(text.plain("corrections.button.yes"), callback("corrections.yes", said.id))
        return [take_in, refuse]
    return [
        Button(text.plain("corrections.button.answer"), callback("corrections.answer", said.id)),
        Button(text.plain("masking.button.masks"), callback("digests.masks", digest.id, BELOW)),
        refuse,
    ]


@dataclass(frozen=True)
class Press:
    """A button of who leads, about what somebody said of a summary that is out."""

    db: Connection
    person: Person
    said: Correction
    digest: Digest
    nonce: str
    message_id: int | None
    desk: Desk
    now: datetime

    @property
    def text(self) -> Text:
        """In the language of who pressed."""
        return self.desk.text(self.person.language)

    @property
    def writing(self) -> dialogs.Dialog | None:
        """Their dialog, if they are writing this correction."""
        return _writing(dialogs.of(self.db, self.person.id, now=self.now), self.said.id)

    def show(self, html: Markup, *choices: Button) -> list[Letter]:
        """Show it where the button was pressed; what stands there may be a member's words."""
        to, below = To(person=self.person.id), keyboard_rows(choices) if choices else None
        if self.message_id is None:
            return mail.say(to, html, below, silent=True, about=_about(self.said))
        return [mail.edit(to, self.message_id, html, below, about=_about(self.said))]


def _writing(dialog: dialogs.Dialog | None, correction_id: int) -> dialogs.Dialog | None:
    ours = dialog is not None and dialog.kind == DIALOG and dialog.step == "answer"
    return dialog if ours and dialog is not None and dialog.data.get("correction") == correction_id else None


def _settle(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    nonce: str,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter] | None:
    """Do what who leads wants; also after members' time is over, as what was said in time is still to be settled."""
    said = corrections.get(db, id)
    digest = None if said is None else digests.get(db, said.digest_id)
    state, act = LEADING[verb]
    if said is None or digest is None or said.state != state or digest.state != "published":
        return None
    if not standing_in.may(db, networks.found(db, digest.network_id), person.id):
        return None
    return act(Press(db, person, said, digest, nonce, message_id, desk, now))


def _accept(press: Press) -> list[Letter] | None:
    """Take a missing point in, if its words are the same and still may be quoted."""
    db, said, digest = press.db, press.said, press.digest
    if said.contribution_id is None:
        return None
    letters = followed(db, said.contribution_id, press.desk, now=press.now)
    again = corrections.get(db, said.id)
    if again is None or again.state != "asked":
        return letters
    if said.contribution_id not in digests.items(db, digest.id):
        digests.take(db, digest, [said.contribution_id])
    item = digests.items(db, digest.id).get(said.contribution_id)
    if item is None:  # it stands in another summary of the chain by now
        return mail.say(To(person=press.person.id), press.text("corrections.elsewhere"))
    digests.change_item(db, item.id, quoted=True, hidden=False)
    corrections.change(db, said.id, state="accepted", settled_by=press.person.id, settled_at=press.now)
    mended = publishing.mend(db, digest.id, press.desk, now=press.now)
    return [
        *mended,
        *_closed(db, said, "corrections.did_add", press.desk, undo=True),
        *_tell(db, said, "corrections.taken_in", press.desk, now=press.now),
    ]


def _decline(press: Press) -> list[Letter] | None:
    db, said, now = press.db, press.said, press.now
    if press.writing is not None:
        dialogs.close(db, press.person.id)
    corrections.change(db, said.id, state="declined", settled_by=press.person.id, settled_at=now, words=None)
    return [
        *_closed(db, said, "corrections.did_leave", press.desk),
        *_tell(db, said, "corrections.declined", press.desk, now=now),
    ]


def _take_out(press: Press) -> list[Letter] | None:
    """Take out of the summary what was put there; the member hears of it if they were told that it stands there."""
    db, said, now = press.db, press.said, press.now
    if said.contribution_id is None and said.answer is None:
        return None  # who wrote it has erased it
    stood = said.contribution_id is None or _same(db, said)
    item = digests.items(db, press.digest.id).get(said.contribution_id or 0)
    if item is not None:
        digests.change_item(db, item.id, quoted=False)
    corrections.change(db, said.id, state="declined", answer=None, settled_by=press.person.id, settled_at=now)
    mended = publishing.mend(db, press.digest.id, press.desk, now=now)
    closed = _closed(db, said, "corrections.did_take_out", press.desk, step="out")
    here = [] if _edits(closed, press) else press.show(press.text("corrections.taken_out"))
    told = _tell(db, said, "corrections.out_again", press.desk, now=now, step=":out") if stood else []
    return [*mended, *closed, *here, *told]


def _edits(letters: list[Letter], press: Press) -> bool:
    mine = (one.params["message_id"] for one in letters if one.to.person == press.person.id)
    return press.message_id in mine


# Writing a correction: asked for, typed, shown, and put there by a press only ------------------------------------


def _answer(press: Press) -> list[Letter] | None:
    """Ask for it in place of what the member said, which stays in sight."""
    _wait(press, press.message_id)
    html = Markup(f"{_card(press)}\n\n{press.text('corrections.which_words')}")
    return press.show(html, _never(press.said, press.text))


def _anew(press: Press) -> list[Letter] | None:
    """Ask once more; what was typed is forgotten."""
    dialog = press.writing
    if dialog is None:
        return None
    _wait(press, dialog.data.get("card"))
    return press.show(press.text("corrections.which_words"), _never(press.said, press.text))


def _wait(press: Press, card: int | None) -> None:
    data = {"correction": press.said.id, "card": card}
    dialogs.put(press.db, press.person.id, DIALOG, "answer", data, now=press.now, lasts=LASTS)


def _never_mind(press: Press) -> list[Letter] | None:
    """Write nothing: what the member said has its buttons again."""
    dialog, choices = press.writing, _choices(press.said, press.digest, press.text)
    card = None if dialog is None else dialog.data.get("card")
    if dialog is not None:
        dialogs.close(press.db, press.person.id)
    if card is None or card == press.message_id:
        return press.show(_card(press), *choices)
    to, about = To(person=press.person.id), _about(press.said)
    back = mail.edit(to, card, _card(press), keyboard_rows(choices), about=about)
    return [*press.show(press.text("corrections.nothing_put")), back]


def _card(press: Press) -> Markup:
    member = members.get(press.db, press.said.member_id)
    assert member is not None  # what they said goes with them
    network = networks.found(press.db, press.digest.network_id)
    return _note(press.db, press.said, press.digest, member, network, press.desk, press.text, now=press.now)


def _never(said: Correction, text: Text) -> Button:
    return Button(text.plain("corrections.button.stop"), callback("corrections.never", said.id))


def _answered(
    db: Connection, person: Person, dialog: dialogs.Dialog, given: Given, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Show what was typed as it will stand below the summary; nothing is published by that."""
    text, words, to = desk.text(person.language), given.text.strip(), To(person=person.id)
    said = corrections.get(db, int(dialog.data["correction"]))
    digest = None if said is None else digests.get(db, said.digest_id)
    if said is None or digest is None or said.state != "asked" or digest.state != "published":
        dialogs.close(db, person.id)
        return mail.say(to, text("corrections.settled"))
    if not standing_in.may(db, networks.found(db, digest.network_id), person.id):
        dialogs.close(db, person.id)
        return mail.say(to, text("error.not_allowed"))
    if not words or len(words) > rules.ANSWER:
        return mail.say(to, text("corrections.too_long", most=rules.ANSWER))
    data = {**dialog.data, "words": words}
    dialogs.put(db, person.id, DIALOG, "answer", data, now=now, lasts=LASTS)
    choices = [
        Button(text.plain("corrections.button.put"), callback("corrections.put", said.id, _mark(words))),
        Button(text.plain("corrections.button.anew"), callback("corrections.anew", said.id)),
        _never(said, text),
    ]
    line = text("digests.put_right_by", name=person.name, words=member_words(words))
    html = text("corrections.preview", line=line)
    # Its key is one of those by which all is closed when somebody else has settled it.
    key = f"{_key(said)}{person.id}:{given.message_id}"
    return mail.say(to, html, keyboard_rows(choices), key=key, about=_about(said))


def _mark(words: str) -> str:
    """By what a button knows that these words are meant, and not those that were typed since."""
    return cutting.mark(words, [(0, len(words))])


def _put(press: Press) -> list[Letter] | None:
    """Put the correction below the summary, with the name of who wrote it."""
    db, said, dialog = press.db, press.said, press.writing
    words = "" if dialog is None else str(dialog.data.get("words") or "")
    if not words or _mark(words) != press.nonce:
        return None
    dialogs.close(db, press.person.id)
    settled = {"state": "accepted", "settled_by": press.person.id, "settled_at": press.now}
    corrections.change(db, said.id, answer=words, words=None, **settled)
    mended = publishing.mend(db, press.digest.id, press.desk, now=press.now)
    closed = _closed(db, said, "corrections.did_put", press.desk, undo=True)
    return [
        *mended,
        *(one for one in closed if not _edits([one], press)),
        *press.show(press.text("corrections.put_right"), _out(said, press.text)),
        *_tell(db, said, "corrections.right_now", press.desk, now=press.now),
    ]


def _out(said: Correction, text: Text) -> Button:
    return Button(text.plain("corrections.button.out"), callback("corrections.out", said.id))


LEADING: dict[str, tuple[str, Callable[[Press], list[Letter] | None]]] = {  # in which state, what is done
    "yes": ("asked", _accept),
    "no": ("asked", _decline),
    "answer": ("asked", _answer),
    "put": ("asked", _put),
    "anew": ("asked", _anew),
    "never": ("asked", _never_mind),
    "out": ("accepted", _take_out),
}


# What those who lead were told ----------------------------------------------------------------------------------

ABOUT = {  # with the beginning of the words, and without
    rules.WRONG: ("corrections.about_wrong", "corrections.about_wrong_bare"),
    rules.MISSING: ("corrections.about_missing", "corrections.about_missing_bare"),
}


def _closed(
    db: Connection, said: Correction, did: str, desk: Desk, *, undo: bool = False, step: str = "settled"
) -> list[Letter]:
    """Say in all those messages what it was about, in a few words, and what was done; the other words are gone."""
    few = _few_words(db, said)
    named, bare = ABOUT[said.kind]

    def note(text: Text) -> Markup:
        about = text(named, words=member_words(few)) if few else text(bare)
        return Markup(f"{about}\n{text(did)}")

    below = (lambda text: keyboard_rows([_out(said, text)])) if undo else None
    return _edited(db, said, note, desk, step, below)


def _edited(
    db: Connection,
    said: Correction,
    html: Callable[[Text], Markup],
    desk: Desk,
    step: str,
    below: Callable[[Text], Keyboard] | None = None,
) -> list[Letter]:
    """Put other words in place of what those who lead were told."""
    letters: list[Letter] = []
    for row in outbox.beginning(db, _key(said)):
        reader = None if row.person_id is None else people.get(db, row.person_id)
        if reader is None or row.method != "sendMessage":
            continue
        if row.message_id is None:
            if row.state == "pending":
                outbox.failed(db, row, "withdrawn")
            continue
        text, to = desk.text(reader.language), To(person=reader.id)
        keyboard = None if below is None else below(text)
        key = f"{row.key}:{step}"
        letters.append(mail.edit(to, row.message_id, html(text), keyboard, key=key, about=_about(said)))
    return letters


def _few_words(db: Connection, said: Correction) -> str:
    """Return the beginning of what it is about; nothing of what is gone, or sounds like danger."""
    words = said.words or ""
    if said.contribution_id is not None:
        kept = contributions.get(db, said.contribution_id)
        words = kept.read if kept is not None and _same(db, said) else ""
    digest = digests.get(db, said.digest_id)
    own = None if digest is None else networks.found(db, digest.network_id).danger
    return "" if danger.hits(words, own) else title(words, FEW_WORDS)


def _same(db: Connection, said: Correction) -> bool:
    """Whether a point still may be quoted, in the words that were passed on."""
    kept = None if said.contribution_id is None else contributions.get(db, said.contribution_id)
    return kept is not None and _quotable(db, kept) and rules.mark(kept.read) == said.mark


def followed(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """What who leads was told of a point is gone when its words were changed, taken back, or are not to be quoted."""
    letters: list[Letter] = []
    for said in corrections.about(db, contribution_id):
        if said.state == "withdrawn" or _same(db, said):
            continue
        if said.state == "asked":
            corrections.change(db, said.id, state="withdrawn", settled_at=now)
        letters += _edited(db, said, lambda text: text("corrections.note_gone"), desk, "gone")
    return letters


def _tell(
    db: Connection, said: Correction, id: str, desk: Desk, *, now: datetime, step: str = ""
) -> list[Letter]:
    """Tell the member what became of it, in their hours."""
    member = members.get(db, said.member_id)
    if member is None or not member.reachable:
        return []
    zone = ZoneInfo(networks.found(db, member.network_id).timezone)
    hour = resting.undisturbed(member, zone, now=now)
    html = desk.text(member.language)(id)
    return mail.say(To(person=member.person_id), html, key=f"corrected:{said.id}{step}", not_before=hour)


giving.CHANGED.append(followed)
