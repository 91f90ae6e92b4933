"""Taking what members give: kept once, acknowledged every time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.actions import arriving, danger, measure, media, persons, receipts
from bot.actions.belonging import taking_part
from bot.actions.contributions import changed, mark
from bot.actions.measure import Giver
from bot.actions.unit import Desk
from bot.core import mail
from bot.core.contributions import OTHER, UNREAD, Given, Place, Reply, keepable, late, speaks_of
from bot.core.mail import Letter, To
from bot.core.measure import size_of, thinned
from storage import chats, contributions, members, outbox, postings
from storage.chats import Chat
from storage.contributions import Contribution
from storage.db import Connection
from storage.members import Member
from storage.postings import Posting


@dataclass(frozen=True)
class Taken:
    """What was given, or whose words became others, as it stands now, and what stands around it."""

    kept: Contribution
    member: Member
    posting: Posting
    new: bool = False  # given just now: it has no earlier words, and danger was looked for before the receipt


# Who must know of it: (db, taken, desk, now=now). What they return is said after the receipt. They are told after it
# was kept, when an album gets further words, and after an edit.
TAKEN: list[Callable[..., list[Letter]]] = []


def taken(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Tell whoever looks at what comes in of words that have become others; each sees what the last one changed."""
    letters: list[Letter] = []
    for hook in TAKEN:
        kept = contributions.get(db, contribution_id)
        member = None if kept is None else members.get(db, kept.member_id)
        posting = None if kept is None else postings.get(db, kept.posting_id)
        if kept is not None and member is not None and posting is not None:
            letters += hook(db, Taken(kept, member, posting), desk, now=now)
    return letters


# In a group --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spoken:
    """A message of a group: what it holds, and where it stands in the talk. `author` is a Telegram id."""

    given: Given
    author: int
    reply: Reply | None
    topic: int | None  # the forum topic it stands in


def in_group(db: Connection, spoken: Spoken, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take a message of a group, if it answers a posting; the rest of what is said there is left alone.

    It answers if it replies to the posting or to a reply below it, or stands in the posting's own topic.
    """
    given = spoken.given
    chat = chats.by_telegram_id(db, given.telegram_chat_id)
    if chat is None or given.foreign or given.kind == OTHER:
        return []
    posting, below = _answered(db, chat, spoken, desk.bot_id)
    if posting is None and given.album is None:
        return []
    member = taking_part(db, members.by_telegram_id(db, chat.network_id, spoken.author))
    if member is None:
        if posting is None:
            return []
        return arriving.join_hint(db, chat, spoken.author, desk, now=now, reply_to=given.message_id or None)
    if posting is None:
        posting = _of_album(db, member, given)
    if posting is None:
        return []
    if given.kind == UNREAD:
        return unread(member, desk)
    counted = measure.count(db, Giver.of(member), _size(given), desk, in_group=True, now=now)
    if counted.refused:
        return list(counted.letters)
    conversation = _to_another(spoken, member, below, desk.bot_id)
    letters = take(
        db,
        posting,
        member,
        given,
        chat_id=chat.id,
        moved=given.telegram_chat_id != chat.telegram_id,
        conversation=conversation,
        desk=desk,
        now=now,
    )
    return thinned(letters, counted.over, now=now)


def _size(given: Given) -> int:
    return size_of(file.size for file in given.files)


def _answered(
    db: Connection, chat: Chat, spoken: Spoken, bot_id: int
) -> tuple[Posting | None, Contribution | None]:
    """Return the posting that a message answers, and the contribution it replies to if it does not reply to us.

    In a topic every message carries a reply to the topic's first message: being a reply means nothing there.
    """
    if spoken.reply is not None:
        for posting, below in _replied_to(db, chat, spoken.reply, bot_id):
            if posting is not None and posting.network_id == chat.network_id:
                return posting, below
    return (None if spoken.topic is None else postings.in_topic(db, chat.id, spoken.topic)), None


def _replied_to(
    db: Connection, chat: Chat, reply: Reply, bot_id: int
) -> Iterator[tuple[Posting | None, Contribution | None]]:
    """Try the ways to find what a reply is to, the surest first."""
    here = reply.chat in (None, chat.telegram_id)
    where = chat if here or reply.chat is None else chats.by_telegram_id(db, reply.chat)
    # An id that the group had before means old message ids, which now belong to other messages.
    current = where is not None and reply.chat in (None, where.telegram_id)
    if where is not None and current and reply.message_id:
        yield postings.behind(db, where.id, reply.message_id), None
        below = contributions.behind(db, where.telegram_id, reply.message_id)
        if below is not None:
            yield postings.get(db, below.posting_id), below
    for token in reply.tokens:
        yield postings.by_token(db, token), None
    if reply.author == bot_id and where is not None:
        known = current and reply.message_id and outbox.knows(db, where.id, reply.message_id)
        if not known:
            yield _unplaced(db, where, reply), None


def _unplaced(db: Connection, chat: Chat, reply: Reply) -> Posting | None:
    """A message of ours from before the group became a supergroup: by its words, else the latest posting."""
    candidates = postings.unplaced(db, chat.id)
    for posting in candidates:
        if speaks_of(reply.words, posting.text):
            return posting
    return None if reply.words or not candidates else candidates[0]


def _of_album(db: Connection, member: Member, given: Given) -> Posting | None:
    """A further picture of an album: only the first one need be a reply."""
    found = None if given.album is None else contributions.of_album(db, member.id, given.album)
    return None if found is None else postings.get(db, found.posting_id)


def _to_another(spoken: Spoken, member: Member, below: Contribution | None, bot_id: int) -> bool:
    """Whether it speaks to another member rather than answering the question."""
    if below is not None:
        return below.member_id != member.id
    reply = spoken.reply
    if reply is None or reply.tokens or reply.message_id == spoken.topic:
        return False
    return reply.author not in (None, bot_id, spoken.author)


# Anywhere ----------------------------------------------------------------------------------------------------------


def take(
    db: Connection,
    posting: Posting,
    member: Member,
    given: Given,
    *,
    chat_id: int | None = None,
    moved: bool = False,
    conversation: bool = False,
    desk: Desk,
    now: datetime,
) -> list[Letter]:
    """Keep what an active member gave as an answer to `posting`; return what acknowledges it.

    `chat_id` is the group it stands in, None for the private chat; `moved`: that group has become a supergroup
    since, where the message's number means another one, or none: a ✍ that fails there reads as *deleted*. The same
    message twice changes and says nothing more, and the further pictures of an album say nothing more.
    """
    if not keepable(given) or contributions.behind(db, given.telegram_chat_id, given.message_id) is not None:
        return []
    found = None if given.album is None else contributions.of_album(db, member.id, given.album)
    if found is not None:
        return _add(db, found, member, given, desk, now=now)
    place: Place = "private" if chat_id is None else "group"
    kept = contributions.keep(
        db,
        network_id=posting.network_id,
        posting_id=posting.id,
        member_id=member.id,
        place=place,
        chat_id=chat_id,
        message_id=None if moved else given.message_id,
        album=given.album,
        kind=given.kind,
        text=given.text,
        conversation=conversation,
        late=late(given, posting.closes_at),
        sent_at=given.sent_at,
        arrived_at=now,
    )
    contributions.stands_in(db, kept.id, given.telegram_chat_id, given.message_id)
    fetching = media.keep(db, kept, member, given.files, now=now)
    kept, alerts = danger.look(db, kept, member, desk, now=now)
    acknowledged = _acknowledge(db, member, kept, desk, now=now)
    what = Taken(kept, member, posting, new=True)
    looked = [letter for hook in TAKEN for letter in hook(db, what, desk, now=now)]
    return [*fetching, *acknowledged, *alerts, *looked]


def _add(
    db: Connection, album: Contribution, member: Member, given: Given, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Add a further picture to an album, unless the album was taken back meanwhile."""
    contributions.stands_in(db, album.id, given.telegram_chat_id, given.message_id)
    if album.state != "kept":
        return []
    if given.text:
        text = f"{album.text}\n{given.text}" if album.text else given.text
        contributions.change(db, album.id, text=text)
    fetching = media.keep(db, album, member, given.files, now=now)
    return [*fetching, *taken(db, album.id, desk, now=now)] if given.text else fetching


def _acknowledge(
    db: Connection, member: Member, kept: Contribution, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Return the silent ✍ in the group and, the first time or with a question, a line in private."""
    hinted = persons.to_hint(db, member, kept, now=now)
    if (
        kept.chat_id is None or kept.message_id is None
    ):  # what can't be marked, its author is told of in private
        if kept.chat_id is not None and not member.reachable:
            return []
        receipt = receipts.of(db, member, kept, desk)
        screen = persons.hinted(db, receipt, receipts.screen(receipt), hinted, now=now)
        return receipts.first_word(receipt, screen)
    marked = mark(kept, key=f"mark:{kept.id}", first=True)
    # Most answers in a group need nothing else: their author was told before.
    usual = kept.kind == "text" and not kept.conversation and not kept.late and kept.danger is None
    if not member.reachable or (usual and member.told_at is not None and not hinted):
        return [marked]
    receipt = receipts.of(db, member, kept, desk)
    screen = persons.hinted(db, receipt, receipts.screen(receipt), hinted, now=now)
    too_big = any(medium.state == "too_big" for medium in receipt.media)
    if member.told_at is not None and not (screen.asks or too_big or kept.late):
        return [marked]
    if member.told_at is None:
        members.change(db, member.id, told_at=now)
    return [marked, *receipts.first_word(receipt, screen)]


def unread(member: Member, desk: Desk) -> list[Letter]:
    """Say that a new kind of message could not be read; only where that person can be told."""
    text = desk.text(member.language)
    to = To(person=member.person_id)
    return mail.say(to, text("contributions.unread"), silent=True) if member.reachable else []


# Edits -------------------------------------------------------------------------------------------------------------


def edit(db: Connection, given: Given, desk: Desk, *, edited_at: datetime, now: datetime) -> list[Letter]:
    """Take the new words of a contribution; the earlier ones are kept until the digest."""
    kept = contributions.behind(db, given.telegram_chat_id, given.message_id)
    if kept is not None and kept.state == "taken_back":
        return _too_late(db, kept, given, desk)
    if kept is None or kept.state != "kept" or given.kind == OTHER:
        return []
    if kept.edited_at is not None and edited_at < kept.edited_at:
        return []  # an older edit that comes late
    member = taking_part(db, members.get(db, kept.member_id))
    posting = postings.get(db, kept.posting_id)
    if member is None or posting is None:
        return []
    if given.kind == UNREAD:
        return unread(member, desk)
    if given.text != kept.text:
        counted = measure.count_edit(db, Giver.of(member), desk, now=now)
        if counted.refused:
            return list(counted.letters)
    letters = _edit_words(db, kept, given, posting, desk, edited_at=edited_at, now=now)
    if not media.differs(db, kept, given.files):
        return [*letters, *taken(db, kept.id, desk, now=now)] if given.text != kept.text else letters
    contributions.forget_media(db, kept.id)
    contributions.change(db, kept.id, picture=None, kind=given.kind)
    fetching = media.keep(db, kept, member, given.files, now=now)
    again = contributions.get(db, kept.id)
    assert again is not None
    screen = receipts.screen(receipts.of(db, member, again, desk))
    asking = receipts.show(member.person_id, None, screen) if screen.asks and member.reachable else []
    told = [*changed(db, kept.id, desk, now=now), *taken(db, kept.id, desk, now=now)]
    return [*letters, *fetching, *asking, *told]


def reword(db: Connection, kept: Contribution, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take the new words of a contribution that its author typed to us, as an edit in Telegram would bring them."""
    posting = postings.get(db, kept.posting_id)
    if posting is None or not words or words == kept.text:
        return []
    given = Given(0, kept.message_id or 0, kept.kind, words, (), kept.album, now)
    letters = _edit_words(db, kept, given, posting, desk, edited_at=now, now=now)
    return [*letters, *taken(db, kept.id, desk, now=now)]


def _too_late(db: Connection, kept: Contribution, given: Given, desk: Desk) -> list[Letter]:
    """What was taken back does not come back with an edit; its author is told so once."""
    member = taking_part(db, members.get(db, kept.member_id))
    if member is None or not member.reachable or not given.text.strip():
        return []
    text = desk.text(member.language)
    key = f"edit_gone:{kept.id}"
    return mail.say(To(person=member.person_id), text("contributions.edit_gone"), key=key, silent=True)


def _edit_words(
    db: Connection,
    kept: Contribution,
    given: Given,
    posting: Posting,
    desk: Desk,
    *,
    edited_at: datetime,
    now: datetime,
) -> list[Letter]:
    # The words of an album stand below one of its pictures; the others have none, and change nothing.
    elsewhere = kept.album is not None and not given.text and given.message_id != kept.message_id
    # A spoken answer whose author has said what its words are has no others below it.
    spoken = kept.heard_state == "confirmed" and not given.text
    if given.text == kept.text or elsewhere or spoken:
        return []
    contributions.version(db, kept.id, kept.text, at=kept.edited_at or kept.sent_at)
    is_late = kept.late or edited_at > posting.closes_at
    contributions.change(db, kept.id, text=given.text, edited_at=edited_at, late=is_late)
    return changed(db, kept.id, desk, now=now)
