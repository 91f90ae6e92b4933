"""What a digest is made from: read from the rows, as plain values for the core."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions import edited
from bot.actions.unit import Desk
from bot.core import agreement, consents, schedule
from bot.core import digest as core
from bot.core import votes as votes_core
from bot.core.danger import KEPT_OUT
from bot.core.digest import Asked, Choice, Gathering, Material
from bot.core.publishing import Way
from bot.core.texts import Text
from bot.core.voices import Reply
from storage import (
    chats,
    contributions,
    digests,
    groups,
    meetings,
    members,
    networks,
    people,
    reactions,
    restored,
    statements,
    themes,
    votes,
)
from storage.chats import Chat
from storage.db import Connection
from storage.digests import Digest, Found
from storage.meetings import Meeting
from storage.networks import Network

SUPERGROUP = "-100"  # with which the ids of chats begin whose messages have addresses


@dataclass(frozen=True)
class Scene:
    """A digest with what belongs to it."""

    digest: Digest
    network: Network
    meeting: Meeting | None  # the one it prepares
    desk: Desk
    now: datetime
    doubtful: bool = False  # see `Way`
    to_listen: int = 0  # spoken answers that nobody has put into words yet
    left_out: int = 0  # answers that may be about somebody's safety
    untold: int = 0  # of them, of whom the bot can't write to
    waiting: int = 0  # points that wait for the yes of the one who raised them
    to_come: int = 0  # results of what closes before it goes out

    @cached_property
    def zone(self) -> ZoneInfo:
        """The network's time zone."""
        return ZoneInfo(self.network.timezone)

    @cached_property
    def text(self) -> Text:
        """The texts in the network's language."""
        return self.desk.text(self.network.language)

    @cached_property
    def choice(self) -> Choice:
        """What was chosen for the draft."""
        return core.from_json(self.digest.kept.get("choice"))

    @property
    def way(self) -> Way:
        """How far it has come."""
        digest, kept = self.digest, self.digest.kept
        return Way(
            state=digest.state,
            approval=self.network.approval,
            draft_at=digest.draft_at,
            publish_at=digest.publish_at,
            stand_in_due=schedule.stand_in_at(digest.publish_at, self.zone),
            stand_in_at=digest.stand_in_at,
            checking=_moment(kept.get("checking")),
            checked_at=digest.checked_at,
            made_at=_moment(kept.get("made_at")),
            stale=bool(kept.get("stale")),
            called=bool(kept.get("called")),
            meeting=None if self.meeting is None else self.meeting.starts_at,
            doubtful=self.doubtful,
            redraw="redraw" in kept,
        )

    @property
    def unapproved(self) -> bool:
        """Whether nobody has looked: then only what needs nobody's look, and what its author agreed to, may go out."""
        return self.digest.approved_at is None


def scene(db: Connection, digest_id: int, desk: Desk, *, now: datetime) -> Scene | None:
    """Return a digest with what belongs to it."""
    digest = digests.get(db, digest_id)
    if digest is None:
        return None
    meeting = None if digest.meeting_id is None else meetings.get(db, digest.meeting_id)
    doubtful = restored.doubtful(db, digest.publish_at)
    to_listen = len(contributions.to_listen(db, digest.network_id))
    since = digests.last_cut(db, digest.network_id, digest.chain)
    left_out, untold = contributions.held_back(db, digest.network_id, since=since)
    network = networks.found(db, digest.network_id)
    waiting = digests.pending(db, digest_id)
    told = (doubtful, to_listen, left_out, untold, waiting, _to_come(db, digest, now=now))
    return Scene(digest, network, meeting, desk, now, *told)


def _to_come(db: Connection, digest: Digest, *, now: datetime) -> int:
    """Return how many results stand in a digest when it goes out, and not yet in its draft."""
    if digest.state == "published" or now >= digest.publish_at:
        return 0
    then = digest.publish_at
    polls = len(votes.due(db, digest, now=then)) - len(votes.due(db, digest, now=now))
    rounds = len(statements.due(db, digest, now=then)) - len(statements.due(db, digest, now=now))
    return max(0, polls) + max(0, rounds)


def audience(db: Connection, scene: Scene) -> list[Chat]:
    """Return the chats that a digest goes to: the weekly one to the core group, before a meeting to all."""
    circle = "both" if scene.digest.chain == digests.MEETING else "core"
    return chats.audience(db, scene.network.id, circle)


def standing(db: Connection, scene: Scene) -> Material:
    """Return what a digest is put together from again: what stands in it, with the words as they are now."""
    return of(db, scene, digests.standing(db, scene.digest.id))


def of(db: Connection, scene: Scene, found: Sequence[Found]) -> Material:
    """Return the material of a digest; what was fixed when it went out stays as it was."""
    digest, network = scene.digest, scene.network
    out = digest.state == "published"
    asked = digests.asked(db, {one.prompt for one in found})
    frozen: Mapping[str, Any] = digest.kept.get("frozen") or {}
    replies = _replies(db, network.id, found, out=digest.published_at if out else None)
    by_hand = edited.of_digest(db, digest.id, replies, out=out)
    return Material(
        chain=digest.chain,
        number=frozen.get("number", digests.number(db, network.id, digest.chain)),
        prompts=tuple(Asked(one.id, one.text) for one in asked),
        replies=replies,
        groups=frozen.get("groups") or members.sizes(db, network.id),
        k=scene.desk.k,
        publish_at=digest.publish_at,
        since=digests.last_cut(db, network.id, digest.chain),
        meeting=_gathering(db, scene) if not frozen else _thawed(frozen),
        next_question=(
            _moment(frozen.get("next_question"))
            if frozen
            else digests.next_question(db, network.id, after=max(scene.now, digest.publish_at))
        ),
        note=digest.note,
        note_by=_name(db, digest.note_by),
        named=groups.of(db, network.id),
        language=network.language,
        codebook=themes.codebook(db, network.id),
        polls=votes.polls(db, digest, now=scene.now),
        statements=statements.of_digest(db, digest, now=scene.now),
        own_questions=by_hand.own_questions,
        dropped=by_hand.dropped,
        corrected=by_hand.corrected,
        put_right=by_hand.put_right,
        hidden=frozenset(digest.kept.get("hidden_sections", ())),
        swapped={int(first): other for first, other in digest.kept.get("swapped", {}).items()},
        theme_order=tuple(digest.kept.get("theme_order", ())),
    )


def frozen(material: Material) -> dict[str, Any]:
    """Return what must not change any more once a digest went out, though it may be edited: numbers, no words."""
    meeting = material.meeting
    return {
        "number": material.number,
        "groups": dict(material.groups),
        "next_question": material.next_question and material.next_question.isoformat(),
        "meeting": meeting and [meeting.title, meeting.place, meeting.starts_at.isoformat()],
        "rounds": agreement.frozen(
            material.statements, sizes=material.groups, k=material.k, named=material.named
        ),
        "results": votes_core.frozen(
            material.polls, sizes=material.groups, k=material.k, named=material.named
        ),
    }


def _thawed(frozen: Mapping[str, Any]) -> Gathering | None:
    kept = frozen.get("meeting")
    return None if not kept else Gathering(kept[0], kept[1], datetime.fromisoformat(kept[2]))


def _gathering(db: Connection, scene: Scene) -> Gathering | None:
    meeting = scene.meeting
    if meeting is None:
        after = max(scene.now, scene.digest.publish_at)
        meeting = next(iter(meetings.coming(db, scene.network.id, now=after)), None)
    return None if meeting is None else Gathering(meeting.title, meeting.place, meeting.starts_at)


def _replies(
    db: Connection, network_id: int, found: Sequence[Found], *, out: datetime | None
) -> tuple[Reply, ...]:
    """The contributions as choosing needs them; `out`: when the digest they stand in was published."""
    given = members.consents_of(db, network_id)
    allowed = {member: consents.allowed(answers) for member, answers in given.items()}
    ids = [one.id for one in found]
    taps = themes.taps(db, ids, until=out)
    choosing = out is None  # what is out was chosen long ago
    past = digests.past_quotes(db, network_id) if choosing else {}
    reacted = reactions.groups_on(db, ids) if choosing else {}
    return tuple(
        Reply(
            id=one.id,
            prompt=one.prompt,
            member=one.member,
            group=one.group,
            place=one.place,
            chat=one.chat,
            kind=one.kind,
            text=one.text,
            attribution=one.attribution,
            name=one.name,
            consents=allowed.get(one.member, ()),
            arrived_at=one.arrived_at,
            active=one.active if choosing else consents.stands(one.member_state, one.left_how),
            conversation=one.conversation,
            may_quote=one.may_quote,
            state=one.state,
            late=one.late,
            hidden=one.hidden,
            past=past.get(one.member, 0),
            answer=one.answer,
            alone=one.alone,
            flagged=bool(one.flags),
            single=one.single,
            starred=one.starred,
            tapped=taps[one.id][0] if one.id in taps else (),
            tagged=taps[one.id][1] if one.id in taps else (),
            reacted=reacted.get(one.id, ()),
            language=one.language,
            link=_link(one, allowed.get(one.member, ())),
        )
        for one in found
        if one.danger not in KEPT_OUT
    )


def _link(one: Found, agreed: Sequence[str]) -> str | None:
    """The way to a message in a supergroup: only where its author is named anyway, and no word of it was masked."""
    named = one.attribution == "name" and consents.together(agreed, consents.NAME)
    told = (one.message_id or 0) > 0 and str(one.in_chat).startswith(SUPERGROUP)
    if not named or not told or one.place != "group" or one.masked:
        return None
    return f"https://t.me/c/{str(one.in_chat).removeprefix(SUPERGROUP)}/{one.message_id}"


def _name(db: Connection, person_id: int | None) -> str | None:
    person = None if person_id is None else people.get(db, person_id)
    return None if person is None else person.name


def _moment(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)


def without_hidden(material: Material) -> Material:
    """Return the material as if nothing was hidden: a facilitator may show it again."""
    return replace(material, replies=tuple(replace(reply, hidden=False) for reply in material.replies))
