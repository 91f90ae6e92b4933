"""What is erased by itself, four times a day: what is no longer needed is not kept.

One thing more is a small function and its line in `RULES`. A rule erases what is older than its age, and no more at a
time than leaves the database to others; while there is more, the rules are followed again soon.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import logs
from bot.actions import (
    alerts,
    appear,
    codebooks,
    consents,
    helptext,
    joining,
    listening,
    opening,
    operator,
    retention,
    roles,
    sentences,
    sheets,
    talk_requests,
    telling,
)
from bot.actions.unit import Desk
from storage import (
    answering,
    audit,
    contributions,
    copies,
    dialogs,
    erasures,
    facts,
    inbox,
    links,
    outbox,
    parcels,
    prints,
    prompts,
    reactions,
    tallies,
    themes,
)
from storage import retention as erasing
from storage.db import Connection, trouble

log = logs.logger(__name__)

EVERY = timedelta(hours=6)
SOON = timedelta(seconds=10)  # until a rule that did not come to its end goes on
NAME = "tidied"  # the fact: when the rules were last followed, and when they are next
LIMIT = erasing.LIMIT
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """What is erased (or ended) at which age; `follow` returns how many.

    It is not at its end when they were `LIMIT`; where `whole`, as long as there was anything.
    """

    name: str
    follow: "Callable[[Connection, Desk, datetime, datetime], int]"  # (db, desk, before, now)
    age: timedelta = timedelta(0)
    whole: bool = False

    def goes_on(self, count: int) -> bool:
        """Whether there may be more than the `count` things that were erased."""
        return count > 0 if self.whole else count >= LIMIT


def _inbox(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """The ids of updates that were handled; they were for recognising a repeat."""
    return inbox.forget_old(db, now=now)


def _parked(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Updates that no handler could take, and nobody gave back after an upgrade."""
    return inbox.forget_parked(db, before=before)


def _letters(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Letters that were sent, of which the words went at once."""
    return outbox.forget_served(db, before=before, long_before=now - EDITABLE, limit=LIMIT)


def _visitors(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Whom the bot told that nothing is kept about them."""
    return outbox.forget_visitors(db, before=before, limit=LIMIT)


def _stale(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Letters that could not be sent for so long that nobody wants them."""
    return outbox.give_up(db, before=before, limit=LIMIT)


def _pauses(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Chats to which nothing was to be sent for a while."""
    return outbox.forget_pauses(db, before=before)


def _dialogs(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """What somebody was just writing, and left."""
    return dialogs.forget_old(db, now=now)


def _waiting(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """What somebody wrote in private and never said what it answers."""
    return answering.forget_old(db, now=now)


def _sounds(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Spoken answers that were put into words, unless their authors want them kept."""
    return listening.erase_sounds(db, now=now, limit=LIMIT)


def _phones(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Telephone numbers of who would rather tell an answer."""
    return telling.forget_phones(db, desk, now=now, limit=LIMIT)


def _drafts(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Questions that were begun and never planned."""
    return prompts.forget_drafts(db, before=before)


def _joins(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Who began to join and did not go on, who asked to be let in, and when somebody was last told how to join."""
    return joining.forget_half_way(db, now=now)


def _links(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Invitations that were used or have expired; until then their owners are told so."""
    return links.forget_served(db, before=before)


def _guests(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Whom invitations were for that nobody used in time."""
    return links.forget_guests(db, now=now)


def _asked(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Who was asked to lead and never answered; and sheets that could not be made."""
    return facts.forget(db, (roles.ASKED, sheets.ORDERED), before=before)


def _held(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Files whose senders never said whether they may be kept."""
    return contributions.forget_held(db, before=before)


def _reactions(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """What was felt about messages that might have been ours, and were not."""
    return reactions.forget_unmatched(db, since=before - MATCHED, before=before, limit=LIMIT)


def _facts(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """What Telegram said of a group that was being set up: its administrators' ids are in it."""
    return facts.forget(db, LEARNT, before=before)


def _tallies(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """How much somebody sent lately."""
    return tallies.forget_old(db, now=now)


def _consents(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Ask again who agreed to words that have changed."""
    return consents.ask_again(db, desk, now=now)


def _alone(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Ask who shares a group with too few how it should say."""
    return appear.ask_alone(db, desk, now=now)


def _networks(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Networks in which nothing has happened for a year; those who lead them were told a month before."""
    return retention.go_on(db, desk, now=now)


def _last_day(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Tell of the last day of all, a month before."""
    return retention.announce(db, desk, now=now)


def _words(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Everything of networks whose time is over."""
    return retention.erase(db, desk, now=now, limit=LIMIT)


def _people(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Who is in no network any more."""
    return erasing.erase_unattached(db, before=before, limit=PEOPLE)


def _parcels(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Files that could not be sent to who asked for them."""
    return parcels.forget_old(db, before=before)


def _prints(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Pictures and PDFs of summaries: whoever was to get them has them by now."""
    return prints.forget_old(db, before=before)


def _erasures(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Marks of erasures, once no copy of the database can be so old."""
    return erasures.forget_old(db, before=before)


def _copies(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Copies from before an upgrade: nobody goes back so far, and what was erased since stands in them."""
    return copies.forget(db, before=before)


def _openings(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Networks that people can join since the settings were filled in, or can't any more."""
    return opening.look_after(db, desk, now=now)


def _numbers(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Help texts of which nobody has said for long that the numbers are still right: somebody is asked."""
    return helptext.ask_again(db, desk, now=now)


def _unopened(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Alerts that nobody has opened: the coordinators hear of it."""
    return alerts.remind(db, desk, now=now)


def _talks(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """That somebody asked to be contacted."""
    return talk_requests.forget_old(db, before=before)


def _sentences(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Ask authors whose sentence is to go out, and who could not be asked before."""
    return sentences.ask_later(db, desk, now=now)


def _audit(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Who did what so long ago that nobody needs to answer for it."""
    return audit.forget(db, before=before)


def _themes(db: Connection, desk: Desk, before: datetime, now: datetime) -> int:
    """Themes that were removed some days ago; where there are answers and no themes, somebody is asked."""
    return themes.forget_removed(db, now=now) + codebooks.offer(db, desk, now=now)


EDITABLE = 400 * DAY  # a meeting is announced at most so long before it; a draft nobody answered is dead
MATCHED = 30 * DAY  # what is older was looked at before
LEARNT = ("administrators:", "chat:", "count:", "history:")
PEOPLE = 20  # at a time: much refers to each

RULES = (
    Rule("inbox", _inbox, inbox.REMEMBERED),
    Rule("parked", _parked, 8 * DAY),
    Rule("stale", _stale, 30 * DAY),
    Rule("letters", _letters, 30 * DAY),
    Rule("visitors", _visitors, timedelta(hours=1)),
    Rule("pauses", _pauses, DAY),
    Rule("dialogs", _dialogs),
    Rule("waiting", _waiting),
    Rule("sounds", _sounds),
    Rule("phones", _phones),
    Rule("drafts", _drafts, dialogs.LASTS),
    Rule("joins", _joins, joining.HALF_WAY),
    Rule("links", _links, 60 * DAY),
    Rule("guests", _guests),
    Rule("asked", _asked, roles.STANDS),
    Rule("held", _held, 7 * DAY),
    Rule("reactions", _reactions, 7 * DAY),
    Rule("facts", _facts, DAY),
    Rule("tallies", _tallies),
    Rule("openings", _openings),
    Rule("numbers", _numbers),
    Rule("unopened", _unopened),
    Rule("talks", _talks, 7 * DAY),
    Rule("themes", _themes),
    Rule("consents", _consents),
    Rule("alone", _alone),
    Rule("sentences", _sentences),
    Rule("networks", _networks),
    Rule("last_day", _last_day),
    Rule("words", _words, whole=True),
    Rule("people", _people, 7 * DAY, whole=True),
    Rule("copies", _copies, 30 * DAY),
    Rule("audit", _audit, 730 * DAY),
    Rule("parcels", _parcels, 7 * DAY),
    Rule("prints", _prints, 7 * DAY),
    Rule("erasures", _erasures, erasures.REMEMBERED),
)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the rules are followed next."""
    last = facts.get(db, NAME)
    # A last time in the future is from a clock that was wrong: it must not keep what is to be erased.
    return now if last is None or last.at > now else datetime.fromisoformat(last.value["next"])


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return one thing to do, if its hour has come."""
    at = upcoming(db, now=now)
    return [0] if at is not None and at <= now else []


def tidy(db: Connection, _: int, desk: Desk, *, now: datetime) -> int:
    """Follow every rule; return how many things were erased, which the audit table keeps."""
    numbers = _follow_all(db, desk, now=now)
    if numbers is None:
        numbers = {rule.name: _follow(db, rule, desk, now=now) for rule in RULES}
    more = any(rule.goes_on(numbers[rule.name]) for rule in RULES)
    hour = retention.next_moment(db, desk, now=now) or now + EVERY
    next = now + SOON if more else min(now + EVERY, hour)
    facts.put(db, NAME, {"next": next.isoformat()}, now=now)
    done = {name: number for name, number in numbers.items() if number}
    if done:
        audit.note(db, "tidied", now=now, **done)
    return sum(done.values())


def _follow_all(db: Connection, desk: Desk, *, now: datetime) -> dict[str, int] | None:
    """Follow all rules together, as nearly always goes well; None, and nothing is done, if one of them fails."""
    savepoint = db.begin_nested()
    try:
        numbers = {rule.name: rule.follow(db, desk, now - rule.age, now) for rule in RULES}
    except Exception as error:
        if trouble(error):
            raise
        savepoint.rollback()
        return None
    savepoint.commit()
    return numbers


def _follow(db: Connection, rule: Rule, desk: Desk, *, now: datetime) -> int:
    """Follow a rule; one that fails must not keep what the others erase, and the operator hears of it."""
    savepoint = db.begin_nested()
    try:
        count = rule.follow(db, desk, now - rule.age, now)
    except Exception as error:
        if trouble(error):
            raise
        savepoint.rollback()
        name = type(error).__name__
        log.error("job.failed", job="housekeeping", which=rule.name, error=name, exc_info=error)
        told = {"job": "housekeeping", "which": rule.name, "error": name}
        letters = operator.tell(db, desk, "job_failed", key=f"job:{rule.name}:{now.date()}", **told)
        outbox.write(db, letters, now=now)
        return 0
    savepoint.commit()
    return count
