"""What the buttons of a draft do, and what is typed into one.

A new button is an entry of `VERBS` (the states in which it may be pressed, and its function) and of `drafts.LABELS`;
what is typed after it, one of `TYPED`. Those for quotes, parts,
answers and masking stand in files of their own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions import (
    draft_agenda,
    draft_answers,
    draft_masks,
    draft_pictures,
    draft_quotes,
    draft_sections,
    draft_themes,
    drafts,
    material,
    told,
)
from bot.actions.draft_press import DIALOG, Press, Reaction, Verbs, stale, wait_for
from bot.actions.material import Scene
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail, moments, publishing, whens
from bot.core.letters import Button, Keyboard, base36, callback, from_base36, page_of
from bot.core.mail import Letter, To
from storage import contributions as contribution_rows
from storage import dialogs, digests
from storage.db import Connection
from storage.dialogs import Dialog
from storage.people import Person

MAX_NOTE = 300  # characters


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
        return stale(text)
    if not drafts.may(db, scene, person.id):
        return Reaction(answer=text.plain("error.not_allowed"), alert=True)
    states, act = VERBS[verb]
    if scene.digest.state not in states:
        return stale(text)
    open_dialog = dialogs.of(db, person.id, now=now)
    if open_dialog is not None and open_dialog.kind == DIALOG:
        dialogs.close(db, person.id)  # what is typed next is no note any more
    return act(Press(db, scene, person, text, nonce, message_id))


def about(db: Connection, digest_id: int, desk: Desk, language: str | None, *, now: datetime) -> Reaction:
    """Say what the summary in a group is; anybody there may ask."""
    text = desk.text(language)
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or scene.digest.state != "published":
        return stale(text)
    return Reaction(answer=text.plain("digests.about"), alert=True)


def _good(press: Press) -> Reaction:
    now = press.scene.now
    press.change(state="approved", approved_at=now, approved_by=press.person.id, next_at=now)
    return _approved(press)


def _approved(press: Press) -> Reaction:
    """Somebody has looked: the originals have served, and whose words were masked hears of it."""
    letters = told.tell(press.db, press.again())
    contribution_rows.settle(press.db, list(digests.items(press.db, press.digest.id)))
    here = press.refreshed()
    return Reaction([*here.letters, *letters], here.answer)


def _undo(press: Press) -> Reaction:
    if "planned" in press.digest.kept:  # another one sends it right now, and this one's message was older
        return _stop(press)
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
    return _approved(press)


def _stop(press: Press) -> Reaction:
    kept = dict(press.digest.kept)
    if "planned" not in kept:
        return stale(press.text)
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


def _since(press: Press) -> Reaction:
    """Move the cut to now; the clock makes the draft again, and everybody's message follows."""
    if "planned" in press.digest.kept:
        _stop(press)
        press = replace(press, scene=press.again())
    content = {**press.digest.kept, "stale": True, "since": True}
    state = "draft" if press.digest.state == "approved" else press.digest.state
    press.change(state=state, approved_at=None, approved_by=None, content=content, next_at=press.scene.now)
    return press.refreshed(press.text.plain("digests.in_a_moment"))


def _back(press: Press) -> Reaction:
    return press.refreshed()


def _page(press: Press) -> Reaction:
    """Show another page of a long draft."""
    return press.draft(page_of(press.nonce))


def _again(press: Press) -> Reaction:
    """Show the draft anew, at the end of the chat."""
    scene = press.scene
    return Reaction(drafts.send(press.db, scene.digest.id, scene.desk, now=scene.now, to=[press.person.id]))


# Its hour -------------------------------------------------------------------------------------------------------


def _hour(press: Press) -> Reaction:
    """Offer other hours; any other can be typed."""
    scene, text = press.scene, press.text
    rows = [
        (
            Button(
                dates.short_day(at, scene.zone, text.language),
                callback("digests.at", scene.digest.id, base36(int(at.timestamp()))),
            ),
        )
        for at in _offered(scene)
    ]
    wait_for(press, "hour")
    at = drafts.full(scene, scene.digest.publish_at, text)
    return press.show(
        text("digests.which_hour", at=at), Keyboard((*rows, (drafts.button(scene, text, "back"),)))
    )


def _offered(scene: Scene) -> list[datetime]:
    hours = (scene.digest.publish_at + timedelta(hours=hours) for hours in (-3, 3, 24))
    return [at for at in hours if _possible(scene, at)]


def _possible(scene: Scene, at: datetime) -> bool:
    return at > scene.now and (scene.meeting is None or at < scene.meeting.starts_at)


def _at(press: Press) -> Reaction:
    try:
        at = datetime.fromtimestamp(from_base36(press.nonce), press.scene.zone)
    except (ValueError, OverflowError, OSError):
        return stale(press.text)
    return _move(press, at) or stale(press.text)


def _move(press: Press, at: datetime) -> Reaction | None:
    """Let it go out at another hour; None if that is over, or after the meeting."""
    if not _possible(press.scene, at):
        return None
    dialogs.close(press.db, press.person.id)
    content = {name: kept for name, kept in press.digest.kept.items() if name not in ("planned", "was")}
    press.change(publish_at=at, checked_at=None, next_at=press.scene.now, content=content)
    return press.refreshed()


# Their own words ------------------------------------------------------------------------------------------------


def _word(press: Press) -> Reaction:
    wait_for(press, "word")
    rows = [(drafts.button(press.scene, press.text, "back"),)]
    if press.digest.note:
        rows.insert(0, (drafts.button(press.scene, press.text, "no_word"),))
    return press.show(press.text("digests.which_word"), Keyboard(tuple(rows)))


def _no_word(press: Press) -> Reaction:
    press.change(note=None, note_by=None)
    return press.refreshed()


def typed(db: Connection, person: Person, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take what was typed after *Add a sentence* or *Change the hour*."""
    dialog = dialogs.of(db, person.id, now=now)
    press = None if dialog is None else _typing(db, person, dialog, desk, now=now)
    if dialog is None or press is None:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("digests.over"))
    return TYPED[dialog.step][1](press, words)


def _typing(db: Connection, person: Person, dialog: Dialog, desk: Desk, *, now: datetime) -> Press | None:
    scene = material.scene(db, int(dialog.data["digest"]), desk, now=now)
    if scene is None or dialog.step not in TYPED or scene.digest.state not in TYPED[dialog.step][0]:
        return None
    if not drafts.may(db, scene, person.id):
        return None
    text, about = desk.text(person.language), str(dialog.data.get("about", ""))
    return Press(db, scene, person, text, about, dialog.data.get("message"))


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
    others = drafts.refresh(press.db, scene.digest.id, scene.desk, now=scene.now, but=[press.person.id])
    return others + drafts.send(press.db, scene.digest.id, scene.desk, now=scene.now, to=[press.person.id])


VERBS: Verbs = {
    **draft_agenda.VERBS,
    **draft_masks.VERBS,
    **draft_pictures.VERBS,
    **draft_answers.VERBS,
    **draft_quotes.VERBS,
    **draft_sections.VERBS,
    **draft_themes.VERBS,
    "good": (("draft",), _good),
    "undo": (("approved",), _undo),
    "hold": (("draft", "approved"), _hold),
    "send": (drafts.SHOWN, _send),
    "stop": (("approved",), _stop),
    "since": (drafts.SHOWN, _since),
    "hour": (("draft", "approved"), _hour),
    "at": (("draft", "approved"), _at),
    "word": (drafts.SHOWN, _word),
    "no_word": (drafts.SHOWN, _no_word),
    "page": (drafts.SHOWN, _page),
    "back": ((*drafts.SHOWN, "published"), _back),
    "again": (drafts.SHOWN, _again),
}


Typed = Callable[[Press, str], list[Letter]]
TYPED: dict[str, tuple[tuple[str, ...], Typed]] = {
    "hour": (drafts.SHOWN, _typed_hour),
    "word": (drafts.SHOWN, _typed_word),
    draft_agenda.STEP: (draft_agenda.STATES, draft_agenda.typed),
    draft_masks.STEP: (draft_masks.STATES, draft_masks.typed),
}


# /digest --------------------------------------------------------------------------------------------------------


def show_now(leader: Leader) -> list[Letter]:
    """Show the draft of what comes next; where there is none yet, let the clock make one from what is there."""
    db, now = leader.db, leader.now
    coming = digests.of_network(db, leader.network.id, digests.UNPUBLISHED)
    shown = next((one for state in drafts.SHOWN for one in coming if one.state == state), None)
    if shown is not None:
        return drafts.send(db, shown.id, leader.desk, now=now, to=[leader.person.id])
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
