"""Who is quoted with a […] that those who lead put there hears of it in private, before the summary goes out.

`tell` may be called as often as one likes: what somebody was told is kept with the place of their words in the digest
(`told`, the mark of the words), and they are told again only of other words.
"""

from datetime import datetime

from bot.actions import contributions as giving
from bot.actions import drafts, masking, material, persons, receipts, resting
from bot.actions.material import Scene
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import digest as core
from bot.core import mail, publishing, voices
from bot.core import masking as rules
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Text
from bot.core.voices import Chosen, Reply
from bot.render import chat
from storage import contributions, digests, members, outbox
from storage.contributions import Contribution
from storage.db import Connection
from storage.digests import Item
from storage.people import Person


def tell(db: Connection, scene: Scene) -> list[Letter]:
    """Tell the authors of masked quotes, each in their own hours; who has paused finds it in *My answers*."""
    whole = material.standing(db, scene)
    replies = {reply.id: reply for reply in whole.replies}
    shown = {quote.id for quote in core.compose(whole, scene.choice).quotes}
    items = digests.items(db, scene.digest.id)
    kept = contributions.many(db, list(shown))
    letters: list[Letter] = []
    for chosen in _masked(scene.choice.all, replies, kept):
        reply, item = replies[chosen.id], items.get(chosen.id)
        if item is None or item.told == chosen.mark or chosen.id not in shown:
            continue
        if publishing.agreed(reply, chosen):  # its author was shown these very words
            digests.change_item(db, item.id, told=chosen.mark)
            continue
        letters += _letters(db, scene, whole, chosen, item, kept[chosen.id])
    return letters


def _masked(
    choice: tuple[Chosen, ...], replies: dict[int, Reply], kept: dict[int, Contribution]
) -> list[Chosen]:
    """The quotes, one of each contribution, with a […] of somebody else's among their words."""
    found: dict[int, Chosen] = {}
    for chosen in choice:
        reply, one = replies.get(chosen.id), kept.get(chosen.id)
        if reply is None or one is None or one.masked_by is None or not core.showable(reply, chosen):
            continue
        if voices.MARK in "".join(voices.parts(reply.text, chosen.spans)):
            found.setdefault(chosen.id, chosen)
    return list(found.values())


def _letters(
    db: Connection, scene: Scene, whole: core.Material, chosen: Chosen, item: Item, kept: Contribution
) -> list[Letter]:
    member = members.get(db, kept.member_id)
    manner = None if member is None else resting.telling(member, scene.zone, now=scene.now)
    if member is None or manner is None or not member.reachable or member.person_id == kept.masked_by:
        return []
    digests.change_item(db, item.id, told=chosen.mark)
    outbox.withdraw(db, f"told:{item.id}:")  # of words that are masked otherwise by now
    text = scene.desk.text(member.language)
    label = chat.label(core.authors(whole)[kept.id], text, whole.named)
    words = member_words(voices.shown(kept.read, chosen.spans))
    what = _what(db, kept, text)
    if scene.digest.state == "published":
        html = text("told.out", what=what, words=words, label=label)
    else:
        at = drafts.full(scene, scene.digest.publish_at, text)
        html = text("told.before", what=what, words=words, label=label, at=at)
    keyboard = keyboard_rows(
        [
            Button(text.plain("told.button.fine"), callback("told.fine", kept.id)),
            Button(text.plain("told.button.no"), callback("told.no", kept.id)),
        ]
    )
    key = f"told:{item.id}:{chosen.mark}"
    to = To(person=member.person_id)
    return mail.say(to, html, keyboard, key=key, silent=manner.silent, not_before=manner.at)


def _what(db: Connection, kept: Contribution, text: Text) -> str:
    """What was left out, as far as it is known: once a summary is approved, it is kept nowhere."""
    hidden = rules.hidden(kept.text, kept.masked) if kept.masked is not None else None
    found = persons.found_in(db, kept, kept.text) if hidden else []
    kinds = {
        next(
            (one.kind for one in found if one.of(kept.text) in passage or passage in one.of(kept.text)), None
        )
        for passage in hidden or [""]
    }
    kind = kinds.pop() if len(kinds) == 1 else None
    return text.plain("told.something") if kind is None else text.plain(masking.KINDS[kind])


# Buttons ----------------------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    contribution_id: int,
    _nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what an author's button says; None for one that means nothing (any more)."""
    receipt = giving.own(db, person, contribution_id, desk)
    if receipt is None:
        return None
    match verb:
        case "fine":
            return receipts.show(person.id, message_id, Screen(receipt.text("told.fine")))
        case "no":
            contributions.change(db, contribution_id, may_quote="no")
            letters = giving.changed(db, contribution_id, desk, now=now)
            return [*receipts.show(person.id, message_id, Screen(receipt.text("told.no"))), *letters]
    return None
