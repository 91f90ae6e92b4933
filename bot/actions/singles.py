"""One person raised: whoever did is asked first, in private and in their hours, about the very words.

What they said is kept with the contribution's place in a digest (`single`): asked, yes with a colon and the mark of the
words, or no. Nothing goes out without that yes; changed words have none, and their author is asked once more.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import contributions as giving
from bot.actions import drafts, material, mine, receipts, resting, taking
from bot.actions.material import Scene
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core import dates, mail, voices
from bot.core import digest as core
from bot.core.contributions import storable
from bot.core.danger import KEPT_OUT
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Text
from bot.core.voices import Chosen, Reply
from bot.render import chat
from storage import contributions, dialogs, digests, members, outbox
from storage.contributions import Contribution
from storage.db import Connection
from storage.dialogs import Dialog
from storage.digests import Digest, Item
from storage.people import Person

DIALOG = "singles"
OWN_WORDS = timedelta(days=1)  # so long what its author types are the new words
MOST = 2  # so often somebody is asked about an answer: again only after its words changed
OPEN = ("draft", "approved")

# Asking -----------------------------------------------------------------------------------------------------------


def ask(db: Connection, digest_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Ask the authors of points that only they raised, each about one of them in a digest.

    Its draft says how many wait: whoever calls this shows it afterwards.
    """
    scene = material.scene(db, digest_id, desk, now=now)
    if scene is None or scene.digest.state not in OPEN:
        return []
    whole = material.standing(db, scene)
    if "singles" in whole.hidden:
        return []
    replies = {reply.id: reply for reply in whole.replies}
    items = digests.items(db, digest_id)
    letters: list[Letter] = []
    known = False
    for chosen in scene.choice.singles:
        reply, item = replies.get(chosen.id), items.get(chosen.id)
        if reply is None or item is None or not core.showable(reply, chosen) or _said(item, chosen):
            continue
        if said := _said_elsewhere(db, item, chosen):
            digests.change_item(db, item.id, single=said)
            known = True
            continue
        others = {replies[id].member for id, one in items.items() if one.single and id in replies}
        if reply.member in others and item.single is None:
            continue
        asked = _ask(db, scene, whole, reply, chosen, item)
        if asked:
            digests.change_item(db, item.id, single=f"asked:{chosen.mark}")
            items[chosen.id] = replace(item, single=f"asked:{chosen.mark}")
            letters += asked
            known = True
    if known:
        digests.change(db, digest_id)  # what is just being made of it is made again
    return letters


def _said(item: Item, chosen: Chosen) -> bool:
    """Whether its author was asked about these very words, or wants none of them shown."""
    return item.single is not None and item.single in ("no", f"asked:{chosen.mark}", f"yes:{chosen.mark}")


def _said_elsewhere(db: Connection, item: Item, chosen: Chosen) -> str | None:
    """What its author said of these very words, or was asked, for another summary or for another reason."""
    said = {one for place in digests.places(db, chosen.id) for one in (place.single, place.asked) if one}
    if f"yes:{chosen.mark}" in said:
        return f"yes:{chosen.mark}"
    pending = f"asked:{chosen.mark}"
    return pending if pending in {one.single for one in digests.places(db, chosen.id)} else None


def _ask(
    db: Connection, scene: Scene, whole: core.Material, reply: Reply, chosen: Chosen, item: Item
) -> list[Letter]:
    member = members.get(db, reply.member)
    hour = None if member is None else resting.asking(member, scene.zone, now=scene.now)
    if member is None or not member.reachable or hour is None or hour >= scene.digest.publish_at:
        return []
    outbox.withdraw(db, f"single:{reply.id}:")  # about words that were changed since
    if len(outbox.beginning(db, f"single:{reply.id}:")) >= MOST:
        return []
    screen = _question(scene, whole, chosen, scene.desk.text(member.language))
    key = f"single:{reply.id}:{chosen.mark}:{item.id}"
    return mail.say(To(person=member.person_id), screen.html, screen.keyboard, key=key, not_before=hour)


def _question(
    scene: Scene, whole: core.Material, chosen: Chosen, text: Text, id: str = "singles.ask"
) -> Screen:
    reply = next(one for one in whole.replies if one.id == chosen.id)
    label = chat.label(core.authors(whole)[reply.id], text, whole.named)
    words = member_words(voices.shown(reply.text, chosen.spans))
    at = drafts.full(scene, scene.digest.publish_at, text)
    if id == "singles.cut":
        html = text("singles.cut", at=at, words=words, label=label)
    else:
        html = text("singles.ask", at=at, words=words, label=label)
    return Screen(html, _keyboard(chosen, text), asks=True)


def _keyboard(chosen: Chosen, text: Text) -> Keyboard:
    return keyboard_rows(
        [
            Button(text.plain("singles.button.yes"), callback("singles.yes", chosen.id, chosen.mark)),
            Button(text.plain("singles.button.reword"), callback("singles.reword", chosen.id, chosen.mark)),
            Button(text.plain("common.button.no"), callback("singles.no", chosen.id, chosen.mark)),
        ]
    )


def follow(db: Connection, digest_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Show those who lead the draft as it is now; what is just being made of it is made again."""
    digests.change(db, digest_id)
    return drafts.refresh(db, digest_id, desk, now=now)


# Buttons ----------------------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    contribution_id: int,
    mark: str,
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
        case "yes":
            return _yes(db, receipt, mark, message_id, desk, now=now)
        case "no":
            return _no(db, receipt, message_id, desk, now=now)
        case "reword":
            return _reword(db, receipt, mark, message_id, now=now)
        case "keep":
            return _keep(db, receipt, mark, message_id, desk, now=now)
    return None


def _yes(
    db: Connection, receipt: Receipt, mark: str, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    places = _places(db, receipt.kept.id, mark)
    waits = [(item, digest) for item, digest in places if digest.state in digests.UNPUBLISHED]
    if not waits:
        return _late(db, receipt, places, mark, message_id, now=now)
    letters: list[Letter] = []
    for item, digest in waits:
        digests.change_item(db, item.id, single=f"yes:{mark}")
        if digest.state in ("draft", "held") and _chosen_in(digest, mark) is None:  # others were chosen since
            digests.change(db, digest.id, content={**digest.kept, "stale": True}, next_at=now)
        letters += follow(db, digest.id, desk, now=now)
    at = _hour(receipt, waits[0][1].publish_at, now=now)
    html = receipt.text("singles.said_yes", at=at, label=receipt.label())
    return [*_show(receipt, message_id, Screen(html, _undo(receipt, mark))), *letters]


def _places(db: Connection, contribution_id: int, mark: str) -> list[tuple[Item, Digest]]:
    """Where its author was asked about these very words."""
    found = []
    for item in digests.places(db, contribution_id):
        digest = digests.get(db, item.digest_id)
        if digest is not None and item.single in (f"asked:{mark}", f"yes:{mark}"):
            found.append((item, digest))
    return found


def _late(
    db: Connection,
    receipt: Receipt,
    places: list[tuple[Item, Digest]],
    mark: str,
    message_id: int | None,
    *,
    now: datetime,
) -> list[Letter] | None:
    """That summary is out without these words: from now on they stand in the chain's next one."""
    out = next(((item, digest) for item, digest in places if not item.quoted), None)
    if out is not None:
        _put_off(db, *out, mark, now=now)
    elif not _left_over(db, receipt.kept, mark):
        return None
    return _show(receipt, message_id, Screen(receipt.text("singles.late"), _undo(receipt, mark)))


def _left_over(db: Connection, kept: Contribution, mark: str) -> bool:
    """Let what stands in no summary, as nobody had looked at it, stand in the next one with its author's yes."""
    if digests.places(db, kept.id) or mark != voices.mark(kept.read, voices.quote(kept.read)):
        return False
    for coming in digests.of_network(db, kept.network_id, ("due",))[:1]:
        digests.take(db, coming, [kept.id])
        item = digests.items(db, coming.id)[kept.id]
        digests.change_item(db, item.id, single=f"yes:{mark}")
        digests.change(db, coming.id)
    return True


def _put_off(db: Connection, item: Item, digest: Digest, mark: str, *, now: datetime) -> None:
    """Let a point stand in the chain's next summary, with its author's yes if that is planned already."""
    coming = digests.of_network(db, digest.network_id, ("due", "draft"))
    later = next((one for one in coming if one.chain == digest.chain and one.id != digest.id), None)
    if later is None:
        digests.release(db, digest.id, [item.contribution_id])
        return
    digests.move_item(db, item.id, later.id)
    digests.change_item(db, item.id, single=f"yes:{mark}")
    if later.state == "draft":
        digests.change(db, later.id, content={**later.kept, "stale": True}, next_at=now)
    else:
        digests.change(db, later.id)


def _no(
    db: Connection, receipt: Receipt, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter]:
    """A no counts for good: these words are quoted nowhere."""
    for item in digests.places(db, receipt.kept.id):
        if item.single is not None:
            digests.change_item(db, item.id, single="no")
    contributions.change(db, receipt.kept.id, may_quote="no")
    letters = giving.changed(db, receipt.kept.id, desk, now=now)
    way_back = keyboard_rows([receipt.button("me.button.answers", "mine.one")])
    return [*_show(receipt, message_id, Screen(receipt.text("singles.said_no"), way_back)), *letters]


def _undo(receipt: Receipt, mark: str) -> Keyboard:
    return keyboard_rows([receipt.button("singles.button.after_all", "singles.no", mark)])


def _hour(receipt: Receipt, at: datetime, *, now: datetime) -> str:
    return dates.full(at, ZoneInfo(receipt.network.timezone), receipt.text.language, now=now)


def _show(receipt: Receipt, message_id: int | None, screen: Screen) -> list[Letter]:
    return receipts.show(receipt.member.person_id, message_id, screen)


# Other words ------------------------------------------------------------------------------------------------------


def _reword(
    db: Connection, receipt: Receipt, mark: str, message_id: int | None, *, now: datetime
) -> list[Letter] | None:
    """Ask for the words as they may stand there; what stands in a group is changed there, where everybody sees it."""
    text, kept = receipt.text, receipt.kept
    if not _places(db, kept.id, mark):
        return None
    keep = receipt.button("common.button.leave_it", "singles.keep", mark)
    if kept.place == "group":
        where = mine.link(db, kept, text)
        return _show(receipt, message_id, Screen(text("singles.in_group"), keyboard_rows([*where, keep])))
    about = {"contribution": kept.id, "mark": mark}
    dialogs.put(db, receipt.member.person_id, DIALOG, "words", about, now=now, lasts=OWN_WORDS)
    html = text("singles.write", words=member_words(kept.text), most=voices.LIMIT)
    return _show(receipt, message_id, Screen(html, keyboard_rows([keep]), asks=True))


def _keep(
    db: Connection, receipt: Receipt, mark: str, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    """Back to the question."""
    dialogs.leave(db, receipt.member.person_id, DIALOG)
    for item, _ in _places(db, receipt.kept.id, mark):
        screen = _again(db, receipt, item, mark, desk, now=now)
        if screen is not None:
            return _show(receipt, message_id, screen)
    return None


def _again(
    db: Connection,
    receipt: Receipt,
    item: Item,
    mark: str,
    desk: Desk,
    *,
    now: datetime,
    id: str = "singles.ask",
) -> Screen | None:
    """The question about words as they are now, if they are still those of the mark."""
    scene = material.scene(db, item.digest_id, desk, now=now)
    if scene is None:
        return None
    whole = material.standing(db, scene)
    reply = next((one for one in whole.replies if one.id == receipt.kept.id and voices.kept(one)), None)
    chosen = None if reply is None else _chosen(reply.id, reply.text, mark, scene.digest)
    return None if chosen is None else _question(scene, whole, chosen, receipt.text, id)


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Take the new words: they are the yes, unless they are too long to be shown whole."""
    receipt = giving.own(db, person, int(dialog.data["contribution"]), desk)
    words = storable(words).strip()
    if receipt is None:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("mine.gone"))
    if not words:
        return []
    places = _places(db, receipt.kept.id, str(dialog.data["mark"]))
    dialogs.close(db, person.id)
    told = taking.reword(db, receipt.kept, words, desk, now=now)
    after = giving.own(db, person, receipt.kept.id, desk)
    if after is None or after.kept.danger in KEPT_OUT or not places:
        news = mail.say(To(person=person.id), receipt.text("mine.reworded"))
        return told if after is not None and after.kept.danger in KEPT_OUT else [*news, *told]
    return [*_reworded(db, after, places, desk, now=now), *told]


def _reworded(
    db: Connection, receipt: Receipt, places: list[tuple[Item, Digest]], desk: Desk, *, now: datetime
) -> list[Letter]:
    read = receipt.kept.read
    spans = voices.quote(read)
    mark = voices.mark(read, spans)
    whole = voices.shown(read, spans) == read.strip()
    item, digest = next(((i, d) for i, d in places if d.state in ("draft", "held")), places[0])
    if digest.state not in (
        "draft",
        "held",
    ):  # approved as it was, or out: nobody has looked at the new words
        _put_off(db, item, digest, mark, now=now)
        return _show(receipt, None, Screen(receipt.text("singles.late"), _undo(receipt, mark)))
    digests.change_item(db, item.id, single=f"{'yes' if whole else 'asked'}:{mark}")
    digests.change(db, digest.id)
    screen = None if whole else _again(db, receipt, item, mark, desk, now=now, id="singles.cut")
    if screen is None:
        words, label = member_words(voices.shown(read, spans)), receipt.label()
        html = receipt.text("singles.reworded", words=words, label=label)
        screen = Screen(html, _undo(receipt, mark))
    return _show(receipt, None, screen)


# When words change ------------------------------------------------------------------------------------------------


def dropped(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Forget a yes to words that are no more, and don't ask about them."""
    kept = contributions.get(db, contribution_id)
    for item in digests.places(db, contribution_id):
        mark = (item.single or "").partition(":")[2]
        digest = digests.get(db, item.digest_id)
        if mark and digest is not None and not _stands(kept, mark, digest):
            digests.change_item(db, item.id, single=None)
            outbox.withdraw(db, f"single:{contribution_id}:")
    return []


def _stands(kept: Contribution | None, mark: str, digest: Digest) -> bool:
    return (
        kept is not None
        and kept.state == "kept"
        and kept.may_quote != "no"
        and _chosen(kept.id, kept.read, mark, digest) is not None
    )


def _chosen(contribution_id: int, read: str, mark: str, digest: Digest) -> Chosen | None:
    """Return the words that a mark stands for, if they still stand there."""
    known = _chosen_in(digest, mark)
    for spans in [*([known.spans] if known else []), voices.quote(read)] if read.strip() else []:
        if all(0 <= start < end <= len(read) for start, end in spans) and voices.mark(read, spans) == mark:
            return Chosen(contribution_id, spans, mark)
    return None


def _chosen_in(digest: Digest, mark: str) -> Chosen | None:
    singles = core.from_json(digest.kept.get("choice")).singles
    return next((one for one in singles if one.mark == mark), None)


giving.CHANGED.append(dropped)
