"""A digest as a chat message: Telegram HTML in the reader's language. A section more is a function in `SECTIONS`."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import dates, groups
from bot.core.agreement import Agreement
from bot.core.choosing import WORDS
from bot.core.digest import Digest, Quote, Section
from bot.core.groups import Groups
from bot.core.letters import MAX_ENTITIES, MAX_LENGTH, Markup, member_words, plain, split, utf16_length
from bot.core.markup import parse, safe
from bot.core.texts import Text
from bot.core.votes import Result

READ = 210  # words a minute
FOLDED = 110  # characters from which a quote is folded
ALL = 99


@dataclass(frozen=True)
class Room:
    """How many of each there is room for. What a message has no room for stands in the PDF."""

    quotes: int = ALL  # of each prompt
    sections: int = ALL
    singles: int = ALL
    corrected: int = ALL
    questions: int = ALL
    statements: int = ALL  # of each kind
    results: int = ALL
    by_group: bool = True
    put_right: int = ALL  # the latest


# What is given up, one step after the other, until two minutes and one message are enough.
ROOMS = (
    Room(),
    Room(singles=2, corrected=3),
    Room(singles=2, corrected=3, by_group=False),
    Room(singles=1, corrected=2, by_group=False),
    Room(quotes=2, singles=2, corrected=2, statements=3, by_group=False),
    Room(quotes=1, singles=1, corrected=2, statements=3, by_group=False),
    Room(quotes=1, singles=1, corrected=1, questions=3, statements=2, results=3, by_group=False),
    Room(1, 4, 1, 1, 3, 1, 2, by_group=False),
    Room(1, 2, 0, 1, 2, 1, 1, by_group=False),
    Room(0, 3, 0, 0, 1, 1, 1, by_group=False),
    Room(0, 1, 0, 0, 1, 0, 0, by_group=False),
    Room(0, 0, 0, 0, 0, 0, 0, by_group=False),
)


@dataclass(frozen=True)
class Page:
    """What a section is written from. `until`: so long something can be corrected."""

    digest: Digest
    text: Text
    zone: ZoneInfo
    now: datetime
    room: Room = ROOMS[0]
    until: datetime | None = None

    def full(self, moment: datetime) -> str:
        """Return day and hour in the reader's language."""
        return dates.full(moment, self.zone, self.text.language, now=self.now)


def message(
    digest: Digest,
    text: Text,
    zone: ZoneInfo,
    *,
    now: datetime,
    printed: bool = False,
    until: datetime | None = None,
) -> Markup:
    """Return the digest as members see it: one message. `printed`: a PDF stands below it."""
    return fitted(
        digest,
        lambda one, room: _message(Page(less(one, room), text, zone, now, room, until), printed=printed),
    )


def fitted(digest: Digest, make: Callable[[Digest, Room], str]) -> Markup:
    """Return what is made with as much room as there is.

    What was taken in or put right later is added: it takes no room from what stood there when it went out, unless
    it would not be one message any more.
    """
    before = replace(digest, corrected=(), put_right=())
    taken = next((step for step, room in enumerate(ROOMS) if fits(make(before, room))), len(ROOMS) - 1)
    rooms = ROOMS[taken:]
    if digest == before:
        return Markup(split(make(before, rooms[0]))[0])
    added = [replace(rooms[0], corrected=most, put_right=most) for most in (ALL, 3, 1)]
    for room in (*added, *(replace(room, put_right=1) for room in rooms)):
        html = make(digest, room)
        if fits(html, words=None):
            break
    return Markup(split(html)[0])


def less(digest: Digest, room: Room) -> Digest:
    """Return a digest with as much of each as there is room for; of the prompts the latest ones."""
    if room == ROOMS[0]:
        return digest
    sections = digest.sections[-room.sections :] if room.sections else ()
    asked = digest.questions[: room.questions]
    return replace(
        digest,
        questions=asked,
        own_questions=digest.own_questions[: room.questions - len(asked)],
        agreements=digest.agreements[: room.statements],
        differences=digest.differences[: room.statements],
        results=digest.results[: room.results],
        sections=tuple(replace(one, quotes=one.quotes[: room.quotes]) for one in sections),
        singles=digest.singles[: room.singles],
        corrected=digest.corrected[: room.corrected],
        put_right=digest.put_right[-room.put_right :],
    )


def fits(html: str, words: int | None = WORDS) -> bool:
    """Whether it is one message, of at most so many words: two minutes."""
    said, spans = parse(html)
    short = words is None or len(said.split()) <= words
    return short and utf16_length(said) < MAX_LENGTH and len(spans) <= MAX_ENTITIES


def _message(page: Page, *, printed: bool) -> Markup:
    shown = [make for name, make in SECTIONS if name not in page.digest.hidden]
    body = [section for make in shown if (section := make(page))]
    words = sum(len(plain(part).split()) for part in body)
    head = [title(page.digest, page.text, page.zone, now=page.now), "\n"]
    head.append(page.text("digests.read", count=max(1, math.ceil(words / READ))))
    if printed:
        head += [" ", page.text("digests.pdf_below")]
    return Markup("\n\n".join(["".join(head), *body]))


def title(digest: Digest, text: Text, zone: ZoneInfo, *, now: datetime) -> Markup:
    """Return what it is a digest of."""
    if digest.chain == "meeting" and digest.meeting is not None:
        at = dates.full(digest.meeting.starts_at, zone, text.language, now=now)
        return text("digests.title_meeting", at=at)
    # From a file: nobody knows how long it took.
    id = "digests.title_weekly" if digest.chain == "weekly" else "evaluate.heading"
    return text(id, day=dates.day(digest.publish_at, zone, text.language, now=now))


def label(quote: Quote, text: Text, named: Groups) -> str:
    """Return what stands beside somebody's words."""
    return quote.name or named.one(quote.group, text)


def once(digest: Digest) -> list[Quote]:
    """Return the quotes, the first one of each contribution: they are hidden together."""
    return list({quote.id: quote for quote in reversed(digest.quotes)}.values())[::-1]


# Sections -------------------------------------------------------------------------------------------------------


def own_words(page: Page) -> str:
    """What the facilitator added."""
    digest, text = page.digest, page.text
    if not digest.note:
        return ""
    return text("digests.note", name=digest.note_by or text.plain("digests.facilitator"), words=digest.note)


def questions(page: Page) -> str:
    """What members asked, as proposals for the agenda, and what the facilitators put there themselves."""
    digest, text = page.digest, page.text
    lines = [_question(page, number, quote) for number, quote in enumerate(digest.questions, 1)]
    for number, own in enumerate(digest.own_questions, len(lines) + 1):
        lines.append(text("digests.question_own", number=str(number), words=member_words(own)))
    if not lines:
        return ""
    heading = "digests.questions" if digest.meeting is not None else "digests.questions_alone"
    return "\n".join([text(heading), *lines])


def _question(page: Page, number: int, quote: Quote) -> Markup:
    said: dict[str, Any] = {"number": str(number), "words": member_words(quote.words)}
    said["label"] = _label(quote, page)
    theme = theme_name(page.digest, quote.theme, page.text)
    if theme is None:
        return page.text("digests.question", **said)
    return page.text("digests.question_theme", theme=theme[:1].upper() + theme[1:], **said)


def theme_name(digest: Digest, code: str | None, text: Text) -> str | None:
    """Return what a theme is called; None for none, and for one that is in the codebook no more."""
    return next((theme.name(text.language) for theme in digest.codebook if theme.code == code), None)


def agree(page: Page) -> str:
    """What we agree on, in counts."""
    lines = [agreed(one, page.text) for one in page.digest.agreements[: page.digest.brief]]
    return "\n".join([page.text("digests.agree"), *lines]) if lines else ""


def agreed(one: Agreement, text: Text) -> Markup:
    """Return a sentence and how many agree with it."""
    id = "digests.agreed_everywhere" if one.everywhere else "digests.agreed"
    return text(id, words=member_words(one.words), agree=one.agree, voters=one.voters)


def differ(page: Page) -> str:
    """Where we differ, in counts; by broad group as far as it may be told."""
    text, lines = page.text, []
    for one in page.digest.differences[: page.digest.brief]:
        lines.append(differs(one, text))
        if page.room.by_group:
            lines += [
                text(
                    "digests.differs_group",
                    group=page.digest.named.many(code, text),
                    agree=counts[0],
                    voters=sum(counts),
                )
                for code, counts in one.groups.items()
            ]
    return "\n".join([text("digests.differ"), *lines]) if lines else ""


def differs(one: Agreement, text: Text) -> Markup:
    """Return a sentence and what people say to it."""
    counts = {"agree": one.agree, "disagree": one.disagree, "unsure": one.unsure}
    return text("digests.differs", words=member_words(one.words), **counts)


def results(page: Page) -> str:
    """What was chosen, and by whom as far as it may be told."""
    return "\n\n".join(_result(one, page) for one in page.digest.results)


def _result(one: Result, page: Page) -> str:
    text = page.text
    lines = [
        text("digests.asked", question=one.question),
        text("digests.chosen", answers=text("digests.people", count=one.voters), options=options(one, text)),
    ]
    if one.kind == "scale":
        lines[-1] = Markup(f"{lines[-1]} {text('print.scale')}")
    if page.room.by_group:
        for codes, counts in one.groups.items():
            called = together(codes, text, page.digest.named)
            lines.append(text("digests.chosen_by", group=called, options=options(one, text, counts)))
    return "\n".join(lines)


def options(one: Result, text: Text, counts: Sequence[int] | None = None) -> Markup:
    """Return how often each option was chosen; of a group only those that were."""
    parts = [
        text(
            "digests.option", option=text.plain("digests.own_answer") if option is None else option, number=n
        )
        for option, n in zip(one.options, one.counts if counts is None else counts, strict=True)
        if n or counts is None
    ]
    return Markup(" · ".join(parts))


def together(codes: Sequence[str], text: Text, named: Groups) -> str:
    """Return what groups that are counted together are called, as the beginning of a line."""
    names = dates.joined([_called(code, text, named) for code in codes], text.language)
    return names[:1].upper() + names[1:]


def _called(code: str, text: Text, named: Groups) -> str:
    return text.plain("digests.others") if code == groups.PARTICIPANT else named.amid(code, text)


def voices(page: Page) -> str:
    """What was said to each prompt."""
    return "\n\n".join(_voices(section, page) for section in page.digest.sections)


def _voices(section: Section, page: Page) -> str:
    quotes = [_quote(quote, page) for quote in section.quotes]
    return "\n".join(
        [page.text("digests.asked", question=section.question), counted(section, page.text), *quotes]
    )


def counted(section: Section, text: Text) -> str:
    """Return how many answers there are to a prompt, and in what form."""
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
    return " ".join(counts)


def _quote(quote: Quote, page: Page) -> Markup:
    folded = " expandable" if len(quote.words) > FOLDED else ""
    # Who speaks stands below the fold, not in it: unfolded or not, one sees whose words these are.
    words = Markup(f"<blockquote{folded}>{member_words(quote.words)}</blockquote>")
    return page.text("digests.quote", words=words, label=_label(quote, page))


def _label(quote: Quote, page: Page) -> Markup:
    """Who speaks; a way to the message where it shows who wrote it anyway."""
    called = safe(label(quote, page.text, page.digest.named))
    return called if quote.link is None else Markup(f'<a href="{safe(quote.link)}">{called}</a>')


def singles(page: Page) -> str:
    """What one person raised, folded."""
    shown = page.digest.singles[: page.digest.brief]
    if not shown:
        return ""
    lines = [
        page.text("digests.single", words=member_words(quote.words), label=_label(quote, page))
        for quote in shown
    ]
    folded = "\n\n".join(lines)
    return f"{page.text('digests.singles')}\n<blockquote expandable>{folded}</blockquote>"


def corrected(page: Page) -> str:
    """What was missing, and was taken in after it went out."""
    shown = [_quote(quote, page) for quote in page.digest.corrected]
    return "\n".join([page.text("digests.corrected"), *shown]) if shown else ""


def put_right(page: Page) -> str:
    """What who leads has put right since it went out, in their words."""
    text = page.text
    lines = [
        text("digests.put_right_by", name=name or text.plain("digests.facilitator"), words=words)
        for words, name in page.digest.put_right
    ]
    return "\n".join([text("digests.put_right"), *lines]) if lines else ""


def turnout(page: Page) -> str:
    """Who has written and who has not been heard yet, by group and never by name."""
    digest, text = page.digest, page.text
    lines = [wrote(digest, text)]
    if digest.wrote and not digest.wrote_by:
        lines.append(text("digests.among", groups=_groups(digest.wrote, text, digest.named)))
    if digest.silent:
        lines.append(text("digests.silent", groups=_groups(digest.silent, text, digest.named)))
    return "\n".join([text("digests.who"), *lines])


def wrote(digest: Digest, text: Text) -> Markup:
    """Return how many have written, by group as far as it may be told."""
    if not digest.members:
        return text("digests.wrote", count=digest.people)
    counts = {"number": digest.people, "members": digest.members}
    if not digest.wrote_by:
        return text("digests.wrote_of", **counts)
    return text("digests.wrote_by", **counts, groups=by_group(digest.wrote_by, text, digest.named))


def by_group(counts: Mapping[str, int], text: Text, named: Groups) -> str:
    """Return "10 carers, a volunteer and 6 others"."""
    parts = [_many(number, code, text, named) for code, number in counts.items() if number]
    return dates.joined(parts, text.language)


def _many(number: int, code: str, text: Text, named: Groups) -> str:
    if number > 1:
        return f"{number} {_called(code, text, named)}"
    return text.plain("digests.one_other") if code == groups.PARTICIPANT else named.one(code, text)


def _groups(codes: Iterable[str], text: Text, named: Groups) -> str:
    return dates.joined([named.amid(code, text) for code in codes], text.language)


def coming(page: Page) -> str:
    """The next meeting and the next question."""
    digest, text, lines = page.digest, page.text, []
    if digest.meeting is not None:
        at = page.full(digest.meeting.starts_at)
        where = digest.meeting.place
        lines.append(text("digests.meet_at", at=at, place=where) if where else text("digests.meet", at=at))
    if digest.next_question is not None:
        lines.append(text("digests.next_question", at=page.full(digest.next_question)))
    return "\n".join([text("digests.coming"), *lines]) if lines else ""


def correctable(page: Page) -> str:
    """Until when something can be corrected."""
    return "" if page.until is None else page.text("digests.correct_until", at=page.full(page.until))


# The order is the digest's. The name is by which facilitators leave a section out (`Digest.hidden`).
SECTIONS: tuple[tuple[str, Callable[[Page], str]], ...] = (
    ("note", own_words),
    ("questions", questions),
    ("agree", agree),
    ("differ", differ),
    ("results", results),
    ("voices", voices),
    ("singles", singles),
    ("corrected", corrected),
    ("put_right", put_right),
    ("turnout", turnout),
    ("coming", coming),
    ("until", correctable),
)
