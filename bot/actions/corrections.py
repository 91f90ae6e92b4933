"""*Something is wrong, my point is missing*: said in private about a summary that is out; accepted, it is edited.

A point that is missing is always an answer of that member: one that stands in the summary without being quoted, or one
they write now, which comes late. So it is quoted as they want to be shown, and goes when they take it back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import contributions as giving
from bot.actions import digests as publishing
from bot.actions import receipts, resting, standing_in, taking
from bot.actions.belonging import taking_part
from bot.actions.draft_press import Reaction, stale
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import consents, dates, mail
from bot.core import corrections as rules
from bot.core.contributions import Given, title
from bot.core.danger import KEPT_OUT
from bot.core.letters import Button, base36, callback, keyboard_rows, member_words
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
        return _settle(db, person, verb, id, message_id, desk, now=now)
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
    rows = [
        Button(title(one.text, 24), callback("corrections.mine", digest.id, base36(one.id)))
        for one in _unquoted(db, digest, member)[:OFFERED]
    ]
    for posting_id, question in _asked(db, digest):
        label = (
            text.plain("corrections.button.write") if len(_asked(db, digest)) == 1 else title(question, 24)
        )
        rows.append(Button(label, callback("corrections.write", digest.id, base36(posting_id))))
    rows.append(Button(text.plain("corrections.button.stop"), callback("corrections.stop", digest.id)))
    return Screen(text("corrections.which"), keyboard_rows(rows), asks=True)


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
    if any(one.contribution_id == kept.id for one in corrections.of_member(db, digest.id, member.id)):
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
        return _answered(db, person, int(dialog.data["correction"]), given.text, desk, now=now)
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
    for leader in standing_in.here(db, network, now=now):
        text = desk.text(leader.language)
        letters += mail.say(
            To(person=leader.person_id),
            _note(db, said, digest, member, network, desk, text, now=now),
            keyboard_rows(_choices(said, digest, text)),
            key=f"{_key(said)}{leader.person_id}",
            about=None if said.contribution_id is None else {"contribution": said.contribution_id},
            not_before=resting.undisturbed(leader, zone, now=now),
        )
    return letters


def _key(said: Correction) -> str:
    return f"correction:{said.id}:"


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
        Button(text.plain("masking.button.masks"), callback("digests.masks", digest.id)),
        refuse,
    ]


def _settle(
    db: Connection, person: Person, verb: str, id: int, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    said = corrections.get(db, id)
    digest = None if said is None else digests.get(db, said.digest_id)
    if said is None or digest is None or said.state != "asked" or digest.state != "published":
        return None
    if not standing_in.may(db, networks.found(db, digest.network_id), person.id):
        return None
    return LEADING[verb](db, person, said, digest, desk, now)


def _accept(
    db: Connection, person: Person, said: Correction, digest: Digest, desk: Desk, now: datetime
) -> list[Letter] | None:
    """Take a missing point in, if its words are the same and still may be quoted."""
    if said.contribution_id is None:
        return None
    letters = followed(db, said.contribution_id, desk, now=now)
    again = corrections.get(db, said.id)
    if again is None or again.state != "asked":
        return letters
    if said.contribution_id not in digests.items(db, digest.id):
        digests.take(db, digest, [said.contribution_id])
    item = digests.items(db, digest.id).get(said.contribution_id)
    if item is None:  # it stands in another summary of the chain by now
        return mail.say(To(person=person.id), desk.text(person.language)("corrections.elsewhere"))
    digests.change_item(db, item.id, quoted=True, hidden=False)
    corrections.change(db, said.id, state="accepted", settled_by=person.id, settled_at=now)
    mended = publishing.mend(db, digest.id, desk, now=now)
    return [
        *mended,
        *_closed(db, said, "corrections.note_yes", desk),
        *_tell(db, said, "corrections.taken_in", desk, now=now),
    ]


def _decline(
    db: Connection, person: Person, said: Correction, digest: Digest, desk: Desk, now: datetime
) -> list[Letter] | None:
    corrections.change(db, said.id, state="declined", settled_by=person.id, settled_at=now, words=None)
    return [
        *_closed(db, said, "corrections.note_no", desk),
        *_tell(db, said, "corrections.declined", desk, now=now),
    ]


def _answer(
    db: Connection, person: Person, said: Correction, digest: Digest, desk: Desk, now: datetime
) -> list[Letter] | None:
    dialogs.put(db, person.id, DIALOG, "answer", {"correction": said.id}, now=now, lasts=LASTS)
    return mail.say(To(person=person.id), desk.text(person.language)("corrections.which_words"))


def _answered(
    db: Connection, person: Person, correction_id: int, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Show the correction below the summary, with the name of who wrote it."""
    text, words = desk.text(person.language), words.strip()
    said = corrections.get(db, correction_id)
    digest = None if said is None else digests.get(db, said.digest_id)
    if said is None or digest is None or said.state != "asked":
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), text("digests.over"))
    if not standing_in.may(db, networks.found(db, digest.network_id), person.id):
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), text("error.not_allowed"))
    if not words or len(words) > rules.ANSWER:
        return mail.say(To(person=person.id), text("corrections.too_long", most=rules.ANSWER))
    dialogs.close(db, person.id)
    corrections.change(
        db, said.id, state="accepted", answer=words, words=None, settled_by=person.id, settled_at=now
    )
    mended = publishing.mend(db, digest.id, desk, now=now)
    below = mail.say(To(person=person.id), text("corrections.put_right"))
    return [
        *mended,
        *below,
        *_closed(db, said, "corrections.note_yes", desk),
        *_tell(db, said, "corrections.right_now", desk, now=now),
    ]


Act = Callable[[Connection, Person, Correction, Digest, Desk, datetime], list[Letter] | None]
LEADING: dict[str, Act] = {"yes": _accept, "no": _decline, "answer": _answer}


def _closed(db: Connection, said: Correction, id: str, desk: Desk) -> list[Letter]:
    """What those who lead were told is settled: the words are in none of those messages any more."""
    letters: list[Letter] = []
    for row in outbox.beginning(db, _key(said)):
        reader = None if row.person_id is None else people.get(db, row.person_id)
        if reader is None or row.method != "sendMessage":
            continue
        if row.message_id is None:
            if row.state == "pending":
                outbox.failed(db, row, "withdrawn")
            continue
        html = desk.text(reader.language)(id)
        letters.append(mail.edit(To(person=reader.id), row.message_id, html, key=f"{row.key}:settled"))
    return letters


def followed(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """What waits for who leads is over when its words were changed, taken back, or are not to be quoted."""
    kept = contributions.get(db, contribution_id)
    letters: list[Letter] = []
    for said in corrections.asked_about(db, contribution_id):
        if kept is None or not _quotable(db, kept) or rules.mark(kept.read) != said.mark:
            corrections.change(db, said.id, state="withdrawn", settled_at=now)
            letters += _closed(db, said, "corrections.note_gone", desk)
    return letters


def _tell(db: Connection, said: Correction, id: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Tell the member what became of it, in their hours."""
    member = members.get(db, said.member_id)
    if member is None or not member.reachable:
        return []
    zone = ZoneInfo(networks.found(db, member.network_id).timezone)
    hour = resting.undisturbed(member, zone, now=now)
    html = desk.text(member.language)(id)
    return mail.say(To(person=member.person_id), html, key=f"corrected:{said.id}", not_before=hour)


giving.CHANGED.append(followed)
