"""The scene in which somebody joins: what its screens speak of, gathered from the rows."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import privacy
from bot.actions.unit import Desk
from bot.core import dates, groups
from bot.core.joining import Scene
from storage import chats, links, meetings, members, networks, postings, prompts
from storage import groups as group_rows
from storage.db import Connection
from storage.members import Member
from storage.networks import Network


def scene(db: Connection, member: Member, origin: str, desk: Desk, *, now: datetime) -> Scene:
    """Gather what the screens speak of."""
    network = networks.found(db, member.network_id)
    text = desk.text(member.language)
    zone = ZoneInfo(network.timezone)
    answerable = privacy.of(network, desk)
    sizes = members.sizes(db, network.id)
    invitation = None if member.active else links.opened_by(db, network.id, member.person_id)
    meeting = next(iter(meetings.coming(db, network.id, now=now)), None)
    question = next_question(db, network, member, now=now)
    posting = _open_posting(db, network, member, now=now)
    return Scene(
        text=text,
        member_id=member.id,
        name=member.name,
        network=network.title,
        circle=member.circle,
        circles=_circles(db, network),
        weekly_cap=network.weekly_cap,
        facilitators=[leader.name for leader in members.facilitators(db, network.id)],
        controller=answerable.controller,
        contact=answerable.contact,
        last_day=answerable.last_day,
        keep_months=desk.keep_months,
        about=privacy.about(db, network, desk),
        group=member.group,
        invited_group=None if invitation is None else invitation.group,
        role="member" if invitation is None else invitation.role,
        named=group_rows.of(db, network.id),
        sizes=sizes if member.active else groups.with_one_more(sizes, member.group),
        k=desk.k,
        agreed=members.consent(db, member.id),
        origin=origin,
        next_question="" if question is None else dates.full(question, zone, text.language, now=now),
        next_meeting="" if meeting is None else dates.full(meeting.starts_at, zone, text.language, now=now),
        place="" if meeting is None else meeting.place,
        open_posting=posting,
    )


def _circles(db: Connection, network: Network) -> str:
    return "both" if any(chat.circle == "sounding" for chat in chats.of_network(db, network.id)) else "core"


def next_question(db: Connection, network: Network, member: Member, *, now: datetime) -> datetime | None:
    """Return when a member is asked something next."""
    coming = (
        prompt.next_due_at
        for prompt in prompts.planned(db, network.id)
        if prompt.circle in ("both", member.circle) and prompt.next_due_at is not None
    )
    return next((at for at in coming if at > now), None)


def _open_posting(db: Connection, network: Network, member: Member, *, now: datetime) -> int | None:
    standing = postings.open_in(db, network.id, now=now)
    return next((posting.id for posting in standing if posting.circle == member.circle), None)
