"""What the authors of private answers are asked, where nobody has looked at a draft: may these very words go out?

A no counts whenever it is said. A yes counts as long as nobody has looked; what came in between is told instead.
"""

from datetime import datetime

from bot.actions import contributions, drafts, material, receipts, resting
from bot.actions.draft_press import Reaction, stale
from bot.actions.material import Scene
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core import digest as core
from bot.core import mail, publishing
from bot.core.groups import Groups
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.render import chat
from storage import contributions as contribution_rows
from storage import digests, members, outbox, people
from storage.db import Connection
from storage.digests import Digest, Item
from storage.members import Member
from storage.outbox import Row
from storage.people import Person

KEY = "may:"  # how the keys of these questions begin: then the digest's id, and its item's

# Asking -----------------------------------------------------------------------------------------------------------


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
        letters += _question(scene, member, item, quote, chosen.mark, whole.named, hour)
    return letters


def _question(
    scene: Scene, member: Member, item: Item, quote: core.Quote, mark: str, named: Groups, hour: datetime
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
    key = f"{KEY}{scene.digest.id}:{item.id}:{scene.digest.version}"
    about = {"contribution": item.contribution_id, "item": item.id, "mark": mark}
    return mail.say(To(person=member.person_id), asked, keyboard, key=key, about=about, not_before=hour)


# Answering --------------------------------------------------------------------------------------------------------


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
    """An author said whether the words that were shown may go out."""
    item = digests.item(db, item_id)
    about = _asked_about(db, person, item_id) if item is None else item.contribution_id
    receipt = contributions.own(db, person, about, desk)
    if receipt is None:
        return stale(desk.text(person.language))
    if yes:
        return Reaction(receipts.show(person.id, message_id, _yes(db, receipt, item)))
    for place in digests.places(db, receipt.kept.id):
        if place.asked is not None or place.id == item_id:
            digests.change_item(db, place.id, asked="no")
    contribution_rows.change(db, receipt.kept.id, may_quote="no")
    letters = contributions.changed(db, receipt.kept.id, desk, now=now)
    return Reaction([*receipts.show(person.id, message_id, _unquoted(receipt)), *letters])


def _asked_about(db: Connection, person: Person, item_id: int) -> int:
    """What somebody was asked about whose words stand elsewhere since, or nowhere; 0 if that is not known any more."""
    found = (row for row in outbox.beginning(db, KEY) if row.about.get("item") == item_id)
    return next((int(row.about["contribution"]) for row in found if row.person_id == person.id), 0)


def _yes(db: Connection, receipt: Receipt, item: Item | None) -> Screen:
    if not receipt.quoted:
        return _unquoted(receipt)
    digest = None if item is None else digests.get(db, item.digest_id)
    since = _since(digest, item)
    if item is None or digest is None or since is not None:
        return _over(receipt, since or NOT_OUT)
    digests.change_item(db, item.id, asked="yes:" + (item.asked or "").partition(":")[2])
    digests.change(db, digest.id)
    return Screen(receipt.text("digests.said_yes"))


def _unquoted(receipt: Receipt) -> Screen:
    return Screen(receipt.text("digests.said_no"), keyboard_rows([_mine(receipt)]))


def _mine(receipt: Receipt) -> Button:
    return receipt.button("me.button.answers", "mine.one")


# What came in between ---------------------------------------------------------------------------------------------

NOT_OUT = "digests.not_out"


def _since(digest: Digest | None, item: Item | None) -> str | None:
    """Return the text for what has happened since its author was asked; None while their yes decides."""
    if (
        digest is None or item is None or digest.state == "due"
    ):  # handed on, unread, to one that is yet to be drafted
        return NOT_OUT
    if digest.approved_at is not None:
        return "digests.read_since"
    if digest.state == "published":
        return "digests.out_since" if item.quoted else NOT_OUT
    return "digests.changed_since" if item.asked is None else None


def _over(receipt: Receipt, since: str) -> Screen:
    return Screen(receipt.text(since), _still(receipt))


def _still(receipt: Receipt) -> Keyboard:
    """What can be done about it still."""
    return keyboard_rows([receipt.button("told.button.no", "told.no"), _mine(receipt)])


def close(db: Connection, scene: Scene) -> list[Letter]:
    """Let the questions that decide nothing any more say so; those still waiting for the morning are not asked."""
    asked = outbox.beginning(db, f"{KEY}{scene.digest.id}:")
    items = digests.items(db, scene.digest.id) if asked else {}
    return [letter for row in asked if "mark" in row.about for letter in _closed(db, scene, row, items)]


def _closed(db: Connection, scene: Scene, row: Row, items: dict[int, Item]) -> list[Letter]:
    item = items.get(int(row.about["contribution"]))
    said, since = None if item is None else item.asked, _since(scene.digest, item)
    if since is None or said not in (
        None,
        f"asked:{row.about['mark']}",
    ):  # answered, or asked about other words
        return []
    if row.state == "pending":
        outbox.remove(db, row.id)
        if item is not None:
            digests.change_item(db, item.id, asked=None)
        return []
    person = None if row.person_id is None else people.get(db, row.person_id)
    receipt = (
        None if person is None else contributions.own(db, person, int(row.about["contribution"]), scene.desk)
    )
    if receipt is None or row.message_id is None or not receipt.quoted:
        return []
    shown = _over(receipt, since)
    key = f"closed:{row.key}:{since}"
    return [mail.edit(To(person=row.person_id), row.message_id, shown.html, shown.keyboard, key=key)]


drafts.FOLLOW.append(close)
