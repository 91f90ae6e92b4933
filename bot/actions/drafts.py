"""Drafts of digests: how facilitators and the stand-in see them, and what their buttons do.

A new button is an entry of `VERBS` (states in which it may be pressed, and its function) and of `_buttons`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.actions import away, contributions, material
from bot.actions.answer import Answer
from bot.actions.material import Scene
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail, moments, publishing, whens
from bot.core import digest as core
from bot.core.letters import Button, Keyboard, base36, callback, from_base36, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from bot.render import chat
from storage import contributions as contribution_rows
from storage import dialogs, digests, members, outbox, people
from storage.db import Connection
from storage.digests import Digest, Item
from storage.members import Member
from storage.people import Person

KIND = "digest_draft"  # the kind of the letters that show a draft
DIALOG = "digests"
MAX_NOTE = 300  # characters
LASTS = timedelta(hours=1)  # so long the next thing typed is taken for a word or an hour
SHOWN = ("draft", "approved", "held")  # states in which there is a draft to look at

IF_NOBODY = {  # what happens if nobody looks at a draft
    publishing.OPEN: "digests.if_nobody_open",
    publishing.REQUIRED: "digests.if_nobody_required",
    publishing.TRUSTED: "digests.if_nobody_trusted",
}
STATES = {
    "due": "digests.state_due",
    "approved": "digests.state_approved",
    "held": "digests.state_held",
    "empty": "digests.state_empty",
    "missed": "digests.state_missed",
    "merged": "digests.state_merged",
    "cancelled": "digests.state_cancelled",
}
LABELS = {  # of the buttons, by what they do
    "good": "digests.button.good",
    "undo": "digests.button.undo",
    "through": "digests.button.through",
    "send": "digests.button.send",
    "hold": "digests.button.hold",
    "stop": "digests.button.stop",
    "again": "digests.button.again",
    "hide": "digests.button.hide",
    "show": "digests.button.show",
    "all": "digests.button.all",
    "more": "digests.button.more",
    "since": "digests.button.since",
    "word": "digests.button.word",
    "no_word": "digests.button.no_word",
    "hour": "digests.button.hour",
    "back": "digests.button.back",
}

# Who sees it ----------------------------------------------------------------------------------------------------


def readers(db: Connection, scene: Scene, *, with_stand_in: bool = False) -> list[Member]:
    """Return who gets the draft: the facilitators, and the stand-in once asked or while one of them pauses."""
    found = members.facilitators(db, scene.network.id)
    here = [one for one in found if one.paused_until is None or one.paused_until <= scene.now]
    if with_stand_in or len(here) < len(found) or not found:
        stand_in = scene.network.stand_in
        member = None if stand_in is None else members.who(db, scene.network.id, stand_in)
        if member is not None and member.active and member.id not in {one.id for one in here}:
            here.append(member)
    return here


def may(db: Connection, scene: Scene, person_id: int) -> bool:
    """Tell whether somebody decides about a digest: facilitators of its network and their stand-in."""
    member = members.who(db, scene.network.id, person_id)
    if member is None or not member.active:
        return False
    return member.facilitator or scene.network.stand_in == person_id


def _after_quiet(scene: Scene, member: Member) -> datetime:
    start, end = time.fromisoformat(member.quiet_from), time.fromisoformat(member.quiet_to)
    return moments.after_quiet(scene.now, scene.zone, start, end)


# Showing it -----------------------------------------------------------------------------------------------------


def send(
    db: Connection, digest_id: int, desk: Desk, *, now: datetime, to: Iterable[int] | None = None
) -> list[Letter]:
    """Show a draft in a new message: to these persons at once, or (None) to all who decide, after quiet hours."""
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None:
        return []
    asked = None if to is None else set(to)
    whom = [one for one in readers(db, scene, with_stand_in=True) if asked is None or one.person_id in asked]
    if asked is None:
        whom = readers(db, scene)
    whole = material.standing(db, scene)
    numbers = {person: int(number) for person, number in scene.digest.kept.get("drafts", {}).items()}
    letters: list[Letter] = []
    for member in whom:
        letters += _old_off(db, scene, member.person_id, numbers.get(str(member.person_id)))
        number = numbers[str(member.person_id)] = numbers.get(str(member.person_id), 0) + 1
        letters += mail.say(
            To(person=member.person_id),
            html(scene, whole, desk.text(member.language)),
            buttons(scene, desk.text(member.language)),
            key=_key(scene.digest.id, member.person_id, number),
            kind=KIND,
            about={"digest": digest_id, "person": member.person_id, "version": scene.digest.version + 1},
            not_before=None if asked is not None else _after_quiet(scene, member),
        )
    digests.change(db, digest_id, content={**scene.digest.kept, "drafts": numbers})
    return letters


def _key(digest_id: int, person_id: int, number: int) -> str:
    return f"draft:{digest_id}:{person_id}:{number}"


def _old_off(db: Connection, scene: Scene, person_id: int, number: int | None) -> list[Letter]:
    """The buttons of an earlier message of the same draft are gone: there is one to press."""
    row = None if number is None else outbox.by_key(db, _key(scene.digest.id, person_id, number))
    if row is None or row.message_id is None:
        return []
    return [mail.buttons_off(To(person=person_id), row.message_id, key=f"{row.key}:off")]


def refresh(
    db: Connection, digest_id: int, desk: Desk, *, now: datetime, but: Iterable[int] = ()
) -> list[Letter]:
    """Edit what facilitators see of a digest: its state and hour, what it says and what can be pressed."""
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None:
        return []
    whole = material.standing(db, scene)
    letters: list[Letter] = []
    for person, number in scene.digest.kept.get("drafts", {}).items():
        row = outbox.by_key(db, _key(digest_id, int(person), int(number)))
        if row is not None and row.message_id is not None and int(person) not in set(but):
            letters.append(_edited(db, scene, whole, int(person), row.message_id, row.key))
    return letters


def _edited(
    db: Connection, scene: Scene, whole: core.Material, person_id: int, message_id: int, key: str
) -> Letter:
    person = people.get(db, person_id)
    text = scene.desk.text(person.language if person else None)
    return mail.edit(
        To(person=person_id),
        message_id,
        html(scene, whole, text),
        buttons(scene, text),
        key=f"{key}:v{scene.digest.version}",
    )


def arrived(db: Connection, answer: Answer) -> None:
    """A draft stands in the chat; what changed while it was on its way is mended."""
    about = answer.about
    scene = material.scene(db, int(about["digest"]), answer.desk, now=answer.now)
    row = outbox.by_key(db, answer.row.key)
    if (
        scene is None
        or row is None
        or row.message_id is None
        or scene.digest.version <= int(about["version"])
    ):
        return
    whole = material.standing(db, scene)
    letter = _edited(db, scene, whole, int(about["person"]), row.message_id, row.key)
    outbox.write(db, [letter], now=answer.now)


def html(scene: Scene, whole: core.Material, text: Text) -> Markup:
    """Return a draft: how it stands with it, then the digest as members will see it."""
    head = header(scene, text)
    if scene.digest.state not in (*SHOWN, "published"):
        return head
    digest = core.compose(whole, scene.choice)
    return Markup(f"{head}\n\n{chat.message(digest, scene.text, scene.zone, now=scene.now)}")


def header(scene: Scene, text: Text) -> Markup:
    """Return in a line or two what will become of it."""
    digest = scene.digest
    at = full(scene, digest.publish_at, text)
    match digest.state:
        case "draft":
            what = text(IF_NOBODY[scene.network.approval])
            return Markup(f"{name(scene, text)} {text('digests.goes_out', at=at)} {what}")
        case "approved" if digest.kept.get("planned"):
            return text("digests.in_two_minutes")
        case "published":
            told = text("digests.was_sent", at=full(scene, digest.published_at or scene.now, text))
            left = int(digest.kept.get("unread", 0))
            return Markup(f"{told} {text('digests.left_out', count=left)}") if left else told
    return text(STATES[digest.state], at=at)


def name(scene: Scene, text: Text) -> Markup:
    """Return what it is a draft of."""
    if scene.meeting is not None:
        return text("digests.draft_meeting", day=day(scene, scene.meeting.starts_at, text))
    return text("digests.draft_weekly", network=scene.network.title)


def full(scene: Scene, moment: datetime, text: Text) -> str:
    """Return day and hour in the reader's language."""
    return dates.full(moment, scene.zone, text.language, now=scene.now)


def day(scene: Scene, moment: datetime, text: Text) -> str:
    """Return the day in the reader's language."""
    return dates.day(moment, scene.zone, text.language, now=scene.now)


def buttons(scene: Scene, text: Text) -> Keyboard | None:
    """Return what can be pressed, the first one is what goes on."""
    verbs = {
        "draft": ("good", "through", "send", "hold"),
        "approved": ("undo", "through", "send", "hold"),
        "held": ("send", "through"),
    }.get(scene.digest.state)
    if scene.digest.state == "approved" and scene.digest.kept.get("planned"):
        verbs = ("stop",)
    return None if verbs is None else _keyboard(scene, text, verbs)


def _keyboard(scene: Scene, text: Text, verbs: Sequence[str]) -> Keyboard:
    return keyboard_rows(_button(scene, text, verb) for verb in verbs)


def _button(scene: Scene, text: Text, verb: str, nonce: str = "") -> Button:
    return Button(text.plain(LABELS[verb]), callback(f"digests.{verb}", scene.digest.id, nonce))


# What the clock says --------------------------------------------------------------------------------------------


def tell(
    db: Connection,
    scene: Scene,
    id: str,
    *,
    key: str,
    to: Sequence[int] | None = None,
    away: bool = False,
) -> list[Letter]:
    """Tell everybody who decides (or only `to`, who asked) something about a digest."""
    letters: list[Letter] = []
    for member in readers(db, scene, with_stand_in=to is not None):
        if to is not None and member.person_id not in to:
            continue
        text = scene.desk.text(member.language)
        lines = [*_away(db, scene, text)] if away else []
        lines.append(text(id, at=full(scene, scene.digest.publish_at, text), title=scene.network.title))
        hour = None if to is not None else _after_quiet(scene, member)
        html = "\n".join(lines)
        letters += mail.say(
            To(person=member.person_id), html, key=f"{key}:{member.person_id}", not_before=hour
        )
    return letters


def _away(db: Connection, scene: Scene, text: Text) -> list[Markup]:
    gone = away.absence(db, now=scene.now)
    if gone is None:
        return []
    return [text("prompts.away", since=full(scene, gone[0], text), until=full(scene, gone[1], text))]


def remind(db: Connection, scene: Scene) -> list[Letter]:
    """Nobody has looked yet: the stand-in gets the draft, who has it gets a line."""
    fresh = readers(db, scene, with_stand_in=True)
    have = set(scene.digest.kept.get("drafts", {}))
    letters: list[Letter] = []
    for member in fresh:
        if str(member.person_id) not in have:
            continue
        text = scene.desk.text(member.language)
        at = full(scene, scene.digest.publish_at, text)
        letters += mail.say(
            To(person=member.person_id),
            text("digests.nobody_looked", at=at),
            _keyboard(scene, text, ("good", "again")),
            key=f"look:{scene.digest.id}:{member.person_id}",
            not_before=_after_quiet(scene, member),
        )
    new = [one for one in fresh if str(one.person_id) not in have]
    for member in new:
        shown = send(db, scene.digest.id, scene.desk, now=scene.now, to=[member.person_id])
        letters += [replace(letter, not_before=_after_quiet(scene, member)) for letter in shown]
    return letters


def ask_authors(db: Connection, scene: Scene) -> list[Letter]:
    """Ask the authors of private answers about the exact words that would be quoted, in their own hours."""
    if scene.network.approval != publishing.OPEN:
        return []
    whole = material.standing(db, scene)
    replies = {reply.id: reply for reply in whole.replies}
    digest = core.compose(whole, scene.choice)
    items = digests.items(db, scene.digest.id)
    letters: list[Letter] = []
    for chosen in {one.id: one for one in reversed(scene.choice.all)}.values():
        quote = next((one for one in digest.quotes if one.id == chosen.id), None)
        reply, item = replies.get(chosen.id), items.get(chosen.id)
        member = None if reply is None else members.get(db, reply.member)
        if quote is None or reply is None or item is None or member is None or reply.place == "group":
            continue
        hour = _after_quiet(scene, member)
        paused = member.paused_until is not None and member.paused_until > hour
        if item.asked is not None or paused or not member.reachable or hour >= scene.digest.publish_at:
            continue
        digests.change_item(db, item.id, asked=f"asked:{chosen.mark}")
        letters += _question(scene, member, item, quote, hour)
    return letters


def _question(scene: Scene, member: Member, item: Item, quote: core.Quote, hour: datetime) -> list[Letter]:
    text = scene.desk.text(member.language)
    at = full(scene, scene.digest.publish_at, text)
    asked = text("digests.may_it", at=at, words=quote.words, label=chat.label(quote, text))
    keyboard = keyboard_rows(
        [
            Button(text.plain("common.button.yes"), callback("digests.yes", item.id)),
            Button(text.plain("common.button.no"), callback("digests.no", item.id)),
        ]
    )
    key = f"may:{item.id}:{scene.digest.version}"
    return mail.say(To(person=member.person_id), asked, keyboard, key=key, not_before=hour)


def answered(
    db: Connection,
    person: Person,
    yes: bool,
    item_id: int,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> "Reaction":
    """An author said whether the words that were shown may go out; a no counts for good."""
    text = desk.text(person.language)
    item = digests.item(db, item_id)
    kept = None if item is None else contribution_rows.get(db, item.contribution_id)
    member = None if kept is None else members.get(db, kept.member_id)
    digest = None if item is None else digests.get(db, item.digest_id)
    if item is None or kept is None or member is None or digest is None or member.person_id != person.id:
        return _stale(text)
    if digest.state not in digests.UNPUBLISHED or not (item.asked or "").startswith("asked:"):
        return _stale(text)
    letters: list[Letter] = []
    if yes:
        digests.change_item(db, item.id, asked="yes:" + (item.asked or "").partition(":")[2])
        digests.change(db, digest.id)
    else:
        digests.change_item(db, item.id, asked="no")
        contribution_rows.change(db, kept.id, may_quote="no")
        letters += contributions.changed(db, kept.id, desk, now=now)
    if message_id is not None:
        told = text("digests.said_yes" if yes else "digests.said_no")
        letters.append(mail.edit(To(person=person.id), message_id, told))
    return Reaction(letters)


# What is pressed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reaction:
    """What a press brings: letters, and what the button says at once."""

    letters: Sequence[Letter] = ()
    answer: str = ""
    alert: bool = False


@dataclass(frozen=True)
class Press:
    """A button of a draft, pressed by somebody who decides."""

    db: Connection
    scene: Scene
    person: Person
    text: Text
    nonce: str
    message_id: int | None

    @property
    def digest(self) -> Digest:
        """The digest it is about."""
        return self.scene.digest

    @property
    def to(self) -> To:
        """The private chat."""
        return To(person=self.person.id)

    def change(self, **values: object) -> None:
        """Change the digest."""
        digests.change(self.db, self.digest.id, **values)

    def refreshed(self, answer: str = "") -> Reaction:
        """Show everybody how it stands now, in the pressed message too, whichever that is."""
        scene = self.again()
        letters = refresh(self.db, scene.digest.id, scene.desk, now=scene.now)
        pressed = [
            one for one in letters if one.to == self.to and one.params.get("message_id") == self.message_id
        ]
        if not pressed and self.message_id is not None:
            whole = material.standing(self.db, scene)
            html_now = html(scene, whole, self.text)
            letters.append(mail.edit(self.to, self.message_id, html_now, buttons(scene, self.text)))
        return Reaction(letters, answer)

    def again(self) -> Scene:
        """Return the scene as it is now."""
        scene = material.scene(self.db, self.digest.id, self.scene.desk, now=self.scene.now)
        assert scene is not None
        return scene

    def show(self, words: str, keyboard: Keyboard | None = None) -> Reaction:
        """Put something else in place of the pressed message."""
        if self.message_id is None:
            return Reaction(mail.say(self.to, words, keyboard))
        return Reaction([mail.edit(self.to, self.message_id, words, keyboard)])


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    digest_id: int,
    nonce: str,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> Reaction:
    """Do what a button of a draft says, if this person may and it still means something."""
    text = desk.text(person.language)
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or verb not in VERBS:
        return _stale(text)
    if not may(db, scene, person.id):
        return Reaction(answer=text.plain("error.not_allowed"), alert=True)
    states, act = VERBS[verb]
    if scene.digest.state not in states:
        return _stale(text)
    open_dialog = dialogs.of(db, person.id, now=now)
    if open_dialog is not None and open_dialog.kind == DIALOG:
        dialogs.close(db, person.id)  # what is typed next is no note any more
    return act(Press(db, scene, person, text, nonce, message_id))


def about(db: Connection, digest_id: int, desk: Desk, language: str | None, *, now: datetime) -> Reaction:
    """Say what the summary in a group is; anybody there may ask."""
    text = desk.text(language)
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or scene.digest.state != "published":
        return _stale(text)
    return Reaction(answer=text.plain("digests.about"), alert=True)


def _stale(text: Text) -> Reaction:
    return Reaction(answer=text.plain("error.stale_button"), alert=True)


def _good(press: Press) -> Reaction:
    now = press.scene.now
    press.change(state="approved", approved_at=now, approved_by=press.person.id, next_at=now)
    return press.refreshed()


def _undo(press: Press) -> Reaction:
    press.change(state="draft", approved_at=None, approved_by=None, next_at=press.scene.now)
    return press.refreshed()


def _hold(press: Press) -> Reaction:
    press.change(state="held", approved_at=None, approved_by=None, next_at=None)
    return press.refreshed()


def _send(press: Press) -> Reaction:
    """It goes out in two minutes: one slip of a thumb must not publish."""
    now, digest = press.scene.now, press.digest
    # A second facilitator's press keeps what the first one's put aside, or *Stop* would come back to two minutes.
    content = {"planned": digest.publish_at.isoformat(), "was": digest.state, **digest.kept}
    press.change(
        state="approved",
        approved_at=now,
        approved_by=press.person.id,
        publish_at=now + publishing.IN_A_MOMENT,
        checked_at=None,
        next_at=now,
        content=content,
    )
    return press.refreshed()


def _stop(press: Press) -> Reaction:
    kept = dict(press.digest.kept)
    if "planned" not in kept:
        return _stale(press.text)
    hour, was = datetime.fromisoformat(kept.pop("planned")), kept.pop("was", "draft")
    state = "held" if was == "held" or hour <= press.scene.now else "draft"
    press.change(
        state=state,
        approved_at=None,
        approved_by=None,
        publish_at=hour,
        checked_at=None,
        next_at=None if state == "held" else press.scene.now,
        content=kept,
    )
    return press.refreshed()


def _through(press: Press) -> Reaction:
    """List the quotes, each with a button that hides it."""
    scene, text = press.again(), press.text
    whole = material.standing(press.db, scene)
    hidden = [reply.id for reply in whole.replies if reply.hidden]
    quotes = core.compose(material.without_hidden(whole), scene.choice)
    rows: list[tuple[Button, ...]] = []
    for number, quote in enumerate(chat.once(quotes), 1):
        verb = "show" if quote.id in hidden else "hide"
        label = text.plain(LABELS[verb], number=str(number))
        rows.append((Button(label, callback(f"digests.{verb}", scene.digest.id, base36(quote.id))),))
    more = (
        ("all", "since", "word", "hour", "back")
        if scene.digest.state != "held"
        else ("all", "since", "word", "back")
    )
    keyboard = Keyboard((*rows, *((_button(scene, text, verb),) for verb in more)))
    said = chat.numbered(quotes, scene.text, hidden)
    return press.show(f"{text('digests.through')}\n\n{said}", keyboard)


def _all(press: Press) -> Reaction:
    """Show every answer, page by page, in place of the draft: what is taken back meanwhile goes with the message."""
    scene, text = press.again(), press.text
    pages = chat.pages(core.said(material.standing(press.db, scene)), text)
    number = int(press.nonce) if press.nonce.isdecimal() and len(press.nonce) < 4 else 0
    if number >= len(pages):
        return _through(press)
    rows = [(_button(scene, text, "more", str(number + 1)),)] if number + 1 < len(pages) else []
    keyboard = Keyboard((*rows, (_button(scene, text, "back"),)))
    return press.show(f"{text('digests.all')}\n\n{pages[number]}", keyboard)


def _hide(press: Press) -> Reaction:
    return _hidden(press, True)


def _show(press: Press) -> Reaction:
    return _hidden(press, False)


def _hidden(press: Press, hidden: bool) -> Reaction:
    try:
        item = digests.items(press.db, press.digest.id).get(from_base36(press.nonce))
    except ValueError:
        item = None
    if item is None:
        return _stale(press.text)
    digests.change_item(press.db, item.id, hidden=hidden)
    press.change()
    here = _through(press)
    others = [
        one
        for one in refresh(press.db, press.digest.id, press.scene.desk, now=press.scene.now)
        if one.to != press.to
    ]
    return Reaction([*here.letters, *others], press.text.plain("digests.done"))


def _since(press: Press) -> Reaction:
    """Move the cut to now; the clock makes the draft again, and everybody's message follows."""
    content = {**press.digest.kept, "stale": True, "since": True}
    state = "draft" if press.digest.state == "approved" else press.digest.state
    press.change(state=state, approved_at=None, approved_by=None, content=content, next_at=press.scene.now)
    return press.refreshed(press.text.plain("digests.in_a_moment"))


def _back(press: Press) -> Reaction:
    return press.refreshed()


def _again(press: Press) -> Reaction:
    """Show the draft anew, at the end of the chat."""
    scene = press.scene
    return Reaction(send(press.db, scene.digest.id, scene.desk, now=scene.now, to=[press.person.id]))


# Its hour -------------------------------------------------------------------------------------------------------


def _hour(press: Press) -> Reaction:
    """Offer other hours; any other can be typed."""
    scene, text = press.scene, press.text
    rows = [
        (Button(full(scene, at, text), callback("digests.at", scene.digest.id, base36(int(at.timestamp())))),)
        for at in _offered(scene)
    ]
    _dialog(press, "hour")
    at = full(scene, scene.digest.publish_at, text)
    return press.show(text("digests.which_hour", at=at), Keyboard((*rows, (_button(scene, text, "back"),))))


def _offered(scene: Scene) -> list[datetime]:
    hours = (scene.digest.publish_at + timedelta(hours=hours) for hours in (-3, 3, 24))
    return [at for at in hours if _possible(scene, at)]


def _possible(scene: Scene, at: datetime) -> bool:
    return at > scene.now and (scene.meeting is None or at < scene.meeting.starts_at)


def _at(press: Press) -> Reaction:
    try:
        at = datetime.fromtimestamp(from_base36(press.nonce), press.scene.zone)
    except (ValueError, OverflowError, OSError):
        return _stale(press.text)
    return _move(press, at) or _stale(press.text)


def _move(press: Press, at: datetime) -> Reaction | None:
    """Let it go out at another hour; None if that is over, or after the meeting."""
    if not _possible(press.scene, at):
        return None
    dialogs.close(press.db, press.person.id)
    press.change(publish_at=at, checked_at=None, next_at=press.scene.now)
    return press.refreshed()


# Their own words ------------------------------------------------------------------------------------------------


def _word(press: Press) -> Reaction:
    _dialog(press, "word")
    rows = [(_button(press.scene, press.text, "back"),)]
    if press.digest.note:
        rows.insert(0, (_button(press.scene, press.text, "no_word"),))
    return press.show(press.text("digests.which_word"), Keyboard(tuple(rows)))


def _no_word(press: Press) -> Reaction:
    press.change(note=None, note_by=None)
    return press.refreshed()


def _dialog(press: Press, step: str) -> None:
    data = {"digest": press.digest.id, "message": press.message_id}
    dialogs.put(press.db, press.person.id, DIALOG, step, data, now=press.scene.now, lasts=LASTS)


def typed(db: Connection, person: Person, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take what was typed after *Add a word* or *Change the hour*."""
    text = desk.text(person.language)
    dialog = dialogs.of(db, person.id, now=now)
    scene = None if dialog is None else material.scene(db, int(dialog.data["digest"]), desk, now=now)
    if dialog is None or scene is None or scene.digest.state not in SHOWN or not may(db, scene, person.id):
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), text("digests.over"))
    press = Press(db, scene, person, text, "", dialog.data.get("message"))
    return _typed_hour(press, words) if dialog.step == "hour" else _typed_word(press, words)


def _typed_word(press: Press, words: str) -> list[Letter]:
    words = words.strip()
    if not words:
        return mail.say(press.to, press.text("digests.which_word"))
    if len(words) > MAX_NOTE:
        said = press.text("digests.word_too_long", count=len(words), most=MAX_NOTE)
        return mail.say(press.to, said)
    dialogs.close(press.db, press.person.id)
    press.change(note=words, note_by=press.person.id)
    return _anew(press)


def _typed_hour(press: Press, words: str) -> list[Letter]:
    scene = press.scene
    when = whens.read_date_time(words, language=press.text.language, zone=scene.zone, now=scene.now)
    moved = None
    if isinstance(when, whens.At):
        moved = _move(press, moments.utc(when.local, scene.zone))
    if moved is None:
        return mail.say(press.to, press.text("digests.no_hour", typed=words[:60]))
    return _anew(press)


def _anew(press: Press) -> list[Letter]:
    """After something was typed the draft stands at the end of the chat again; the others see it changed."""
    scene = press.scene
    others = refresh(press.db, scene.digest.id, scene.desk, now=scene.now, but=[press.person.id])
    return others + send(press.db, scene.digest.id, scene.desk, now=scene.now, to=[press.person.id])


VERBS: dict[str, tuple[tuple[str, ...], Callable[[Press], Reaction]]] = {
    "good": (("draft",), _good),
    "undo": (("approved",), _undo),
    "hold": (("draft", "approved"), _hold),
    "send": (SHOWN, _send),
    "stop": (("approved",), _stop),
    "through": (SHOWN, _through),
    "all": (SHOWN, _all),
    "more": (SHOWN, _all),
    "hide": (SHOWN, _hide),
    "show": (SHOWN, _show),
    "since": (SHOWN, _since),
    "hour": (("draft", "approved"), _hour),
    "at": (("draft", "approved"), _at),
    "word": (SHOWN, _word),
    "no_word": (SHOWN, _no_word),
    "back": (SHOWN, _back),
    "again": (SHOWN, _again),
}


# /digest --------------------------------------------------------------------------------------------------------


def show_now(leader: Leader) -> list[Letter]:
    """Show the draft of what comes next; where there is none yet, let the clock make one from what is there."""
    db, now = leader.db, leader.now
    coming = digests.of_network(db, leader.network.id, digests.UNPUBLISHED)
    shown = next((one for state in SHOWN for one in coming if one.state == state), None)
    if shown is not None:
        return send(db, shown.id, leader.desk, now=now, to=[leader.person.id])
    due = next((one for one in coming if one.state == "due"), None)
    if due is None:
        _unplanned(leader)
        return mail.say(leader.to, leader.text("digests.making"))
    show = [*due.kept.get("show", []), leader.person.id]
    digests.change(db, due.id, content={**due.kept, "show": show, "stale": True}, next_at=now)
    return mail.say(leader.to, leader.text("digests.making"))


def _unplanned(leader: Leader) -> None:
    """Nothing is planned: what is there is shown, and waits until somebody sends it or the next one takes it over."""
    now = leader.now
    digests.create(
        leader.db,
        network_id=leader.network.id,
        chain=digests.WEEKLY,
        occurrence=f"asked:{now.isoformat()}",
        state="held",
        draft_at=now,
        publish_at=now,
        next_at=now,
        content={"show": [leader.person.id], "stale": True, "since": True},
    )
