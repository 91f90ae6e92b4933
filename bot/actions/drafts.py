"""Drafts of digests: how facilitators and the stand-in see them; what their buttons do stands in `draft_presses`.

A new button of the draft itself is an entry of `LABELS` and of `buttons`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions import away, material, resting, standing_in
from bot.actions.answer import Answer
from bot.actions.material import Scene
from bot.actions.unit import Desk
from bot.core import dates, mail, publishing
from bot.core import digest as core
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, split
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from bot.render import chat
from storage import digests, outbox, people
from storage.db import Connection
from storage.members import Member

KIND = "digest_draft"  # the kind of the letters that show a draft
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
    "masks": "masking.button.masks",
    "agenda": "agenda.button.questions",
    "all": "digests.button.all",
    "more": "digests.button.more",
    "since": "digests.button.since",
    "word": "digests.button.word",
    "no_word": "digests.button.no_word",
    "hour": "digests.button.hour",
    "back": "digests.button.back",
    "through_more": "digests.button.more",
    "page": "digests.button.more",
    "swap": "drafts.button.swap",
    "sections": "drafts.button.parts",
    "leave": "drafts.button.leave",
    "put": "drafts.button.put",
    "themes": "drafts.button.themes",
    "up": "drafts.button.up",
}

# What else was said about a digest, and changes with it: (db, scene).
FOLLOW: list[Callable[[Connection, Scene], list[Letter]]] = []

# Who sees it ----------------------------------------------------------------------------------------------------


def readers(db: Connection, scene: Scene, *, with_stand_in: bool = False) -> list[Member]:
    """Return who gets the draft: the facilitators, and the stand-in once asked or while one of them pauses."""
    return standing_in.here(db, scene.network, now=scene.now, with_stand_in=with_stand_in)


def may(db: Connection, scene: Scene, person_id: int) -> bool:
    """Tell whether somebody decides about a digest: facilitators of its network and their stand-in."""
    return standing_in.may(db, scene.network, person_id)


def _after_quiet(scene: Scene, member: Member) -> datetime:
    return resting.undisturbed(member, scene.zone, now=scene.now)


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
        shown, keyboard = page(scene, whole, desk.text(member.language))
        letters += mail.say(
            To(person=member.person_id),
            shown,
            keyboard,
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
    letters = [letter for follow in FOLLOW for letter in follow(db, scene)]
    for person, number in scene.digest.kept.get("drafts", {}).items():
        row = outbox.by_key(db, _key(digest_id, int(person), int(number)))
        if row is None or int(person) in set(but):
            continue
        if row.message_id is None and not may(db, scene, int(person)):
            outbox.drop(db, row.id, "leads no longer")
        elif row.message_id is not None:
            letters.append(_edited(db, scene, whole, int(person), row.message_id, row.key))
        else:  # on its way; if it is there already, `arrived` edits it once that is known
            outbox.reword(db, row.id, _edited(db, scene, whole, int(person), 0, row.key).params["text"])
    return letters


def refresh_older(db: Connection, digest_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Edit the earlier messages of a draft, which stand above the one that can be pressed: words were erased."""
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None:
        return []
    whole = material.standing(db, scene)
    letters: list[Letter] = []
    for person, last in scene.digest.kept.get("drafts", {}).items():
        for number in range(1, int(last)):
            row = outbox.by_key(db, _key(digest_id, int(person), number))
            if row is not None and row.message_id is not None:
                letter = _edited(db, scene, whole, int(person), row.message_id, row.key)
                bare = {name: value for name, value in letter.params.items() if name != "reply_markup"}
                letters.append(replace(letter, params=bare))
    return letters


def _edited(
    db: Connection, scene: Scene, whole: core.Material, person_id: int, message_id: int, key: str
) -> Letter:
    person = people.get(db, person_id)
    text = scene.desk.text(person.language if person else None)
    shown, keyboard = page(scene, whole, text) if may(db, scene, person_id) else (header(scene, text), None)
    key = f"{key}:v{scene.digest.version}"
    return mail.edit(To(person=person_id), message_id, shown, keyboard, key=key)


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


def page(scene: Scene, whole: core.Material, text: Text, number: int = 0) -> tuple[str, Keyboard | None]:
    """Return a page of a draft with its buttons: nearly always there is but one."""
    found = split(html(scene, whole, text))
    number = number if number < len(found) else 0
    keyboard = buttons(scene, text)
    if len(found) == 1 or keyboard is None:
        return found[number], keyboard
    more = (
        button(scene, text, "page", str(number + 1))
        if number + 1 < len(found)
        else button(scene, text, "back")
    )
    return found[number], Keyboard((*keyboard.rows, (more,)))


def header(scene: Scene, text: Text) -> Markup:
    """Return in a line or two what will become of it."""
    digest = scene.digest
    at = full(scene, digest.publish_at, text)
    match digest.state:
        case "draft":
            what = text(IF_NOBODY[scene.network.approval])
            return Markup(
                f"{name(scene, text)} {text('digests.goes_out', at=at)} {what}"
                f"{_left_out(scene, text)}{_waiting(scene, text)}{_to_come(scene, text)}"
            )
        case "approved" if digest.kept.get("planned"):
            return text("digests.in_two_minutes")
        case "published":
            told = text("digests.was_sent", at=full(scene, digest.published_at or scene.now, text))
            left = int(digest.kept.get("unread", 0))
            return Markup(f"{told} {text('digests.left_out', count=left)}") if left else told
    state = text(STATES[digest.state], at=at)
    return (
        Markup(f"{state}{_waiting(scene, text)}{_to_come(scene, text)}") if digest.state in SHOWN else state
    )


def _to_come(scene: Scene, text: Text) -> Markup:
    """That results come in before it goes out, for which quotes have to make room on the phone."""
    if not scene.to_come:
        return Markup("")
    line = text("drafts.to_come", count=scene.to_come)
    return Markup(f"\n{line}")


def _waiting(scene: Scene, text: Text) -> Markup:
    """That points wait for their authors' yes; which ones stands in *Go through it*."""
    if not scene.waiting:
        return Markup("")
    line = text("drafts.one_waits", count=scene.waiting)
    return Markup(f"\n{line}")


def _left_out(scene: Scene, text: Text) -> Markup:
    """That something is left out for somebody's safety; what it is stands in an alert of its own."""
    if not scene.left_out:
        return Markup("")
    line = text("danger.draft", count=scene.left_out)
    told = "" if scene.untold else f" {text('danger.draft_told', count=scene.left_out)}"
    return Markup(f"\n{line}{told}")


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
        "published": ("masks", "agenda"),
    }.get(scene.digest.state)
    if scene.digest.state == "approved" and scene.digest.kept.get("planned"):
        verbs = ("stop",)
    if verbs is None:
        return None
    shown = [button(scene, text, verb) for verb in verbs]
    if scene.to_listen:
        shown.append(listen_button(scene, text))
    return keyboard_rows(shown)


def listen_button(scene: Scene, text: Text) -> Button:
    """The way to what was spoken and waits to be put into words."""
    label = text.plain("listening.button.list")
    return Button(label, callback("listening.list", scene.network.id))


def keyboard_of(scene: Scene, text: Text, verbs: Sequence[str]) -> Keyboard:
    """Return buttons that do what these words say."""
    return keyboard_rows(button(scene, text, verb) for verb in verbs)


def button(scene: Scene, text: Text, verb: str, nonce: str = "") -> Button:
    """Return a button of `LABELS`."""
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


def tell_of_sounds(db: Connection, scene: Scene) -> list[Letter]:
    """Nothing was written, and no draft shows the way to what was spoken."""
    letters: list[Letter] = []
    for member in readers(db, scene):
        text = scene.desk.text(member.language)
        letters += mail.say(
            To(person=member.person_id),
            text("listening.waits", count=scene.to_listen, title=scene.network.title),
            keyboard_rows([listen_button(scene, text)]),
            key=f"listen_to:{scene.digest.id}:{member.person_id}",
            not_before=_after_quiet(scene, member),
        )
    return letters


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
            keyboard_of(scene, text, ("good", "again")),
            key=f"look:{scene.digest.id}:{member.person_id}:{int(scene.now.timestamp())}",
            not_before=_after_quiet(scene, member),
        )
    new = [one for one in fresh if str(one.person_id) not in have]
    for member in new:
        shown = send(db, scene.digest.id, scene.desk, now=scene.now, to=[member.person_id])
        letters += [replace(letter, not_before=_after_quiet(scene, member)) for letter in shown]
    return letters


def call(db: Connection, scene: Scene) -> list[Letter]:
    """Tell the coordinators that nobody has looked; those who decide themselves have heard it before."""
    return standing_in.tell_coordinators(
        db,
        scene.network,
        "standing_in.draft_waits",
        scene.desk,
        key=f"look:{scene.digest.id}:{int(scene.now.timestamp())}",
        now=scene.now,
        at=scene.digest.publish_at,
        but=[one.person_id for one in readers(db, scene, with_stand_in=True)],
    )
