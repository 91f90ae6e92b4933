"""What the authors of private answers are asked, where nobody has looked at a draft: may these very words go out?"""

from datetime import datetime

from bot.actions import contributions, drafts, material, resting
from bot.actions.draft_press import Reaction, stale
from bot.actions.material import Scene
from bot.actions.unit import Desk
from bot.core import digest as core
from bot.core import mail, publishing
from bot.core.groups import Groups
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.render import chat
from storage import contributions as contribution_rows
from storage import digests, members
from storage.db import Connection
from storage.digests import Item
from storage.members import Member
from storage.people import Person


def ask(db: Connection, scene: Scene) -> list[Letter]:
    """Ask the authors of private answers about the exact words that would be quoted, in their own hours."""
    if scene.network.approval != publishing.OPEN:
        return []
    whole = material.standing(db, scene)
    replies = {reply.id: reply for reply in whole.replies}
    digest = core.compose(whole, scene.choice)
    items = digests.items(db, scene.digest.id)
    letters: list[Letter] = []
    quoted = (*scene.choice.questions, *(one for _, quotes in scene.choice.prompts for one in quotes))
    for chosen in {one.id: one for one in reversed(quoted)}.values():
        quote = next((one for one in digest.quotes if one.id == chosen.id), None)
        reply, item = replies.get(chosen.id), items.get(chosen.id)
        member = None if reply is None else members.get(db, reply.member)
        if quote is None or reply is None or item is None or member is None or reply.place == "group":
            continue
        if publishing.agreed(reply, chosen):
            continue
        hour = resting.asking(member, scene.zone, now=scene.now)
        if item.asked is not None or hour is None or not member.reachable or hour >= scene.digest.publish_at:
            continue
        digests.change_item(db, item.id, asked=f"asked:{chosen.mark}")
        letters += _question(scene, member, item, quote, whole.named, hour)
    return letters


def _question(
    scene: Scene, member: Member, item: Item, quote: core.Quote, named: Groups, hour: datetime
) -> list[Letter]:
    text = scene.desk.text(member.language)
    at = drafts.full(scene, scene.digest.publish_at, text)
    asked = text("digests.may_it", at=at, words=quote.words, label=chat.label(quote, text, named))
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
) -> Reaction:
    """An author said whether the words that were shown may go out; a no counts for good."""
    text = desk.text(person.language)
    item = digests.item(db, item_id)
    kept = None if item is None else contribution_rows.get(db, item.contribution_id)
    member = None if kept is None else members.get(db, kept.member_id)
    digest = None if item is None else digests.get(db, item.digest_id)
    if item is None or kept is None or member is None or digest is None or member.person_id != person.id:
        return stale(text)
    if digest.state not in digests.UNPUBLISHED or not (item.asked or "").startswith("asked:"):
        return stale(text)
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
