"""Which summary somebody wants: in the group only, in private too, or the short version; and a text for the voice."""

from datetime import datetime

from bot.actions import material, me, receipts, sending
from bot.actions.belonging import taking_part
from bot.actions.draft_press import Reaction, stale
from bot.actions.material import Scene
from bot.actions.printing import PRIVATE
from bot.actions.receipts import Screen
from bot.actions.sending import ALOUD, CIRCLES, FULL, PLAIN
from bot.actions.unit import Desk
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter
from storage import chats, members, outbox
from storage.db import Connection
from storage.members import Member
from storage.people import Person

GROUP = "group"
EDITIONS = (GROUP, FULL, PLAIN)
SENT = {"aloud": ALOUD, "whole": FULL}  # by the verb of the button

# /me, Summary -----------------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    member_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Show what somebody chose, or choose; None for a button that means nothing (any more)."""
    member = me.own(db, person, member_id)
    if member is None:
        return None
    if verb == "show":
        screen = _ask(member, desk)
    elif verb == "set" and nonce in EDITIONS:
        screen = _choose(db, member, nonce, desk)
    else:
        return None
    return receipts.show(person.id, message_id, screen)


def _ask(member: Member, desk: Desk) -> Screen:
    text = desk.text(member.language)
    buttons = [
        Button(text.plain(f"editions.button.{one}"), callback("editions.set", member.id, one))
        for one in EDITIONS
        if one != member.edition
    ]
    html = text("editions.ask", now_holds=text(f"editions.now_{member.edition}"))
    return Screen(html, keyboard_rows([*buttons, me.back(member.id, text)]), asks=True)


def _choose(db: Connection, member: Member, edition: str, desk: Desk) -> Screen:
    members.change(db, member.id, edition=edition)
    text = desk.text(member.language)
    undo = Button(text.plain("common.button.undo"), callback("editions.set", member.id, member.edition))
    return Screen(text(f"editions.set_{edition}"), keyboard_rows([undo, me.back(member.id, text)]))


# Below a summary --------------------------------------------------------------------------------------------------


def wanted(
    db: Connection,
    person: Person | None,
    verb: str,
    digest_id: int,
    desk: Desk,
    *,
    place: int | None,
    now: datetime,
) -> Reaction:
    """Send the text to be read aloud, or the whole summary, in private; `place`: Telegram's id of the group.

    Whoever pressed it in a group has read what stands there; elsewhere only what may be read anywhere is sent.
    """
    text = desk.text(person.language if person else None)
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or scene.digest.state != "published" or verb not in SENT:
        return stale(text)
    member = None if person is None else taking_part(db, members.who(db, scene.network.id, person.id))
    chat_id = _chat(db, scene, place)
    if (
        member is None
        or person is None
        or (chat_id is None and member.circle not in CIRCLES[scene.digest.chain])
    ):
        return Reaction(answer=text.plain("editions.not_joined"), alert=True)
    if not person.reachable:
        return Reaction(answer=text.plain("editions.in_private"), alert=True)
    letters = _send(db, scene, member, SENT[verb], chat_id)
    return Reaction(letters, text.plain("editions.look") if place is not None else "")


def _chat(db: Connection, scene: Scene, place: int | None) -> int | None:
    """Return the group in which the button was pressed, if the summary stands there."""
    chat = None if place is None else chats.by_telegram_id(db, place)
    keys = scene.digest.kept.get("keys", {})
    return chat.id if chat is not None and str(chat.id) in keys else None


def _send(db: Connection, scene: Scene, member: Member, form: str, chat_id: int | None) -> list[Letter]:
    base = f"{sending.copy_key(scene, member.person_id)}:{form}"
    number = len(outbox.of_kind(db, sending.COPY, base)) + 1
    of, key = PRIVATE if chat_id is None else chat_id, f"{base}{number}"
    return sending.copy(db, scene, member, form, key=key, of=of, silent=True, unsure="abandon")
