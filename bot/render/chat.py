"""A digest as a chat message: Telegram HTML in the network's language. A section more is a function in `SECTIONS`."""

import math
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core import dates
from bot.core.digest import Digest, Quote, Section
from bot.core.groups import Groups
from bot.core.letters import Markup, member_words, plain
from bot.core.texts import Text

READ = 210  # words a minute
FOLDED = 110  # characters from which a quote is folded
PAGE = 1600  # characters of answers on a page; escaped and in UTF-16 they still fit a message


def message(digest: Digest, text: Text, zone: ZoneInfo, *, now: datetime) -> Markup:
    """Return the digest as members see it: one message."""
    body = [section for make in SECTIONS if (section := make(digest, text, zone, now))]
    words = sum(len(plain(part).split()) for part in body)
    read = text("digests.read", count=max(1, math.ceil(words / READ)))
    return Markup("\n\n".join([f"{title(digest, text, zone, now=now)}\n{read}", *body]))


def title(digest: Digest, text: Text, zone: ZoneInfo, *, now: datetime) -> Markup:
    """Return what it is a digest of."""
    if digest.chain == "meeting" and digest.meeting is not None:
        at = dates.full(digest.meeting.starts_at, zone, text.language, now=now)
        return text("digests.title_meeting", at=at)
    return text("digests.title_weekly", day=dates.day(digest.publish_at, zone, text.language, now=now))


def label(quote: Quote, text: Text, named: Groups) -> str:
    """Return what stands beside somebody's words."""
    return quote.name or named.one(quote.group, text)


def pages(quotes: Sequence[Quote], text: Text, named: Groups) -> list[str]:
    """Return whole answers, numbered, in pieces that fit one message; a very long one is cut."""
    found: list[str] = []
    for number, quote in enumerate(quotes, 1):
        words = quote.words if len(quote.words) <= PAGE else f"{quote.words[:PAGE]} […]"
        called = label(quote, text, named)
        line = text("digests.one", number=str(number), words=member_words(words), label=called)
        if found and len(found[-1]) + len(line) < PAGE:
            found[-1] += f"\n\n{line}"
        else:
            found.append(str(line))
    return found


def numbered(digest: Digest, text: Text, hidden: Sequence[int]) -> Markup:
    """Return the quotes one by one, as a facilitator goes through them; what is hidden says so."""
    lines = []
    for number, quote in enumerate(once(digest), 1):
        words = text("digests.is_hidden") if quote.id in hidden else member_words(quote.words)
        called = label(quote, text, digest.named)
        lines.append(text("digests.one", number=str(number), words=words, label=called))
    return Markup("\n\n".join(lines))


def once(digest: Digest) -> list[Quote]:
    """Return the quotes, the first one of each contribution: they are hidden together."""
    return list({quote.id: quote for quote in reversed(digest.quotes)}.values())[::-1]


# Sections -------------------------------------------------------------------------------------------------------


def own_words(digest: Digest, text: Text, zone: ZoneInfo, now: datetime) -> str:
    """What the facilitator added."""
    if not digest.note:
        return ""
    return text("digests.note", name=digest.note_by or text.plain("digests.facilitator"), words=digest.note)


def questions(digest: Digest, text: Text, zone: ZoneInfo, now: datetime) -> str:
    """What members asked, as proposals for the agenda."""
    if not digest.questions:
        return ""
    lines = [
        text(
            "digests.question",
            number=str(number),
            words=member_words(quote.words),
            label=label(quote, text, digest.named),
        )
        for number, quote in enumerate(digest.questions, 1)
    ]
    heading = "digests.questions" if digest.meeting is not None else "digests.questions_alone"
    return "\n".join([text(heading), *lines])


def voices(digest: Digest, text: Text, zone: ZoneInfo, now: datetime) -> str:
    """What was said to each prompt."""
    return "\n\n".join(_voices(section, text, digest.named) for section in digest.sections)


def _voices(section: Section, text: Text, named: Groups) -> str:
    counts = [
        text(
            "digests.counts",
            replies=text("digests.replies", count=section.replies),
            people=text("digests.people", count=section.people),
        )
    ]
    if section.spoken:
        counts.append(text("digests.spoken", count=section.spoken))
    if section.pictures:
        counts.append(text("digests.pictures", count=section.pictures))
    quotes = [_quote(quote, text, named) for quote in section.quotes]
    return "\n".join([text("digests.asked", question=section.question), " ".join(counts), *quotes])


def _quote(quote: Quote, text: Text, named: Groups) -> Markup:
    folded = " expandable" if len(quote.words) > FOLDED else ""
    # Who speaks stands below the fold, not in it: unfolded or not, one sees whose words these are.
    words = Markup(f"<blockquote{folded}>{member_words(quote.words)}</blockquote>")
    return text("digests.quote", words=words, label=label(quote, text, named))


def turnout(digest: Digest, text: Text, zone: ZoneInfo, now: datetime) -> str:
    """Who has written and who has not been heard yet, by group and never by name."""
    lines = [text("digests.wrote", count=digest.people)]
    if digest.wrote:
        lines.append(text("digests.among", groups=_groups(digest.wrote, text, digest.named)))
    if digest.silent:
        lines.append(text("digests.silent", groups=_groups(digest.silent, text, digest.named)))
    return "\n".join([text("digests.who"), *lines])


def _groups(codes: Sequence[str], text: Text, named: Groups) -> str:
    return dates.joined([named.amid(code, text) for code in codes], text.language)


def coming(digest: Digest, text: Text, zone: ZoneInfo, now: datetime) -> str:
    """The next meeting and the next question."""
    lines = []
    if digest.meeting is not None:
        at = dates.full(digest.meeting.starts_at, zone, text.language, now=now)
        where = digest.meeting.place
        lines.append(text("digests.meet_at", at=at, place=where) if where else text("digests.meet", at=at))
    if digest.next_question is not None:
        at = dates.full(digest.next_question, zone, text.language, now=now)
        lines.append(text("digests.next_question", at=at))
    return "\n".join([text("digests.coming"), *lines]) if lines else ""


SECTIONS = (own_words, questions, voices, turnout, coming)  # the order is the digest's
