"""What stands on paper: a digest as the values that digest.typ lays out, in the words of one language.

A section more is a function here and its place in `shown` and in the template. k was applied before: groups that may
not be told apart have no sign of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import corrections, dates
from bot.core.agreement import Agreement
from bot.core.digest import Digest, Quote, Section
from bot.core.groups import PARTICIPANT
from bot.core.letters import plain
from bot.core.texts import Text
from bot.core.votes import Result
from bot.render import chat, dots
from bot.render.dots import Keys
from bot.render.glyphs import all_printable, right_to_left


@dataclass(frozen=True)
class Page:
    """A digest on its way to paper, and what its sections need to know."""

    digest: Digest
    text: Text
    zone: ZoneInfo
    now: datetime
    network: str
    keys: Keys

    def shows(self, section: str) -> bool:
        """Whether no facilitator left a section out."""
        return section not in self.digest.hidden

    def day_and_hour(self, moment: datetime) -> str:
        """Return a moment in full."""
        return dates.full(moment, self.zone, self.text.language, now=self.now)


def shown(
    page: Page, room: Mapping[str, float], appendix: Sequence[Quote] | None, left_out: Sequence[int] = ()
) -> Any:
    """Return all that the template lays out; every word in it can be printed.

    `left_out`: of each section, how many quotes there was no room for.
    """
    parts: dict[str, Any] = {
        "agenda": _agenda(page),
        "agree": _agree(page),
        "differ": _differ(page),
        "results": _results(page),
        "themes": _themes(page),
        "voices": _voices(page, left_out) if page.shows("voices") else [],
        "singles": _singles(page),
        "corrected": _corrected(page),
        "put_right": _put_right(page),
        "who": _who(page, drawn=bool(room["drawn"])),
        "coming": _coming(page),
    }
    rows = _rows(parts)
    values = {
        **parts,
        **_head(page),
        "language": page.text.language,
        "room": dict(room),
        "keys": [{"letter": k.letter, "colour": k.colour, "name": k.name} for k in page.keys.values()],
        "legend": dots.legend(rows),
        "labels": [row["label"] for row in (*rows, *(parts["who"] or {"rows": []})["rows"])],
        "one_dot": page.text.plain("print.one_dot"),
        "footer": page.text.plain("print.footer", network=page.network),
        "appendix": None if appendix is None else _appendix(page, appendix),
    }
    return all_printable(values, page.text.plain("print.unprintable"))


def title(digest: Digest, text: Text, zone: ZoneInfo, network: str, *, now: datetime) -> str:
    """Return what the document is called: in a reader's list of files, and by a screen reader."""
    return f"{network}: {plain(chat.title(digest, text, zone, now=now))}"


def _rows(parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of dots that need a legend; in *who has written* each has its name beside it."""
    found = [row for one in _items(parts["differ"]) for row in one["stances"]]
    found += [row for one in _items(parts["results"]) for row in one["rows"]]
    return [*found, *(parts["themes"] or {"rows": []})["rows"]]


def _items(part: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return list(part["items"]) if part else []


# Pieces ---------------------------------------------------------------------------------------------------------


def _said(page: Page, quote: Quote) -> dict[str, Any]:
    called = chat.label(quote, page.text, page.digest.named)
    cell = (PARTICIPANT if quote.name else quote.group,)
    places = list(page.keys)
    return {
        "words": quote.words,
        "rtl": right_to_left(quote.words),
        "label": _capital(called),
        "key": places.index(cell if cell in page.keys else dots.OTHERS),
    }


def _theme(page: Page, code: str | None) -> str:
    return _capital(chat.theme_name(page.digest, code, page.text) or "")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _heading(page: Page, id: str) -> str:
    return plain(page.text(id))  # the phone's headings are bold by tags


# Sections, in the order of the page -----------------------------------------------------------------------------


def _head(page: Page) -> dict[str, Any]:
    digest, text = page.digest, page.text
    if digest.chain == "meeting" and digest.meeting is not None:
        heading = text.plain("print.before_meeting")
        at = page.day_and_hour(digest.meeting.starts_at)
        when = [at, *([digest.meeting.place] if digest.meeting.place else [])]
    else:
        heading = text.plain("print.of_week") if digest.chain == "weekly" else text.plain("print.of_file")
        when = [dates.day(digest.publish_at, page.zone, text.language, now=page.now)]
    replies = sum(section.replies for section in digest.sections)
    lead = text.plain(
        "digests.counts",
        replies=text.plain("digests.replies", count=replies),
        people=text.plain("digests.people", count=digest.people),
    )
    note = text(
        "digests.note", name=digest.note_by or text.plain("digests.facilitator"), words=digest.note or ""
    )
    return {
        "title": title(digest, text, page.zone, page.network, now=page.now),
        "network": page.network,
        "heading": heading,
        "when": [_capital(one) for one in when],
        "lead": [lead] if replies else [],
        "note": plain(note) if digest.note else None,
    }


def _agenda(page: Page) -> dict[str, Any] | None:
    """Questions with a box to tick, and before a meeting empty lines for more."""
    digest, text = page.digest, page.text
    before = digest.chain == "meeting" and digest.meeting is not None
    asked = [*(_asked(page, quote) for quote in digest.questions), *map(_own, digest.own_questions)]
    if not page.shows("questions") or not (asked or before):
        return None
    return {
        "heading": _heading(page, "digests.questions" if digest.meeting else "digests.questions_alone"),
        "hint": text.plain("print.tick") if before else "",
        "questions": asked,
        "open": before,
    }


def _own(words: str) -> dict[str, Any]:
    return {"words": words, "rtl": right_to_left(words), "theme": "", "label": ""}


def _asked(page: Page, quote: Quote) -> dict[str, Any]:
    words = page.text.plain("print.quoted", words=quote.words)
    said = _said(page, quote) | {"words": words, "theme": _theme(page, quote.theme)}
    return said | {"label": chat.label(quote, page.text, page.digest.named)}


def _agree(page: Page) -> dict[str, Any] | None:
    if not page.digest.agreements or not page.shows("agree"):
        return None
    items = [_statement(page, one, agreeing(one, page.text), ()) for one in page.digest.agreements]
    return {"heading": _heading(page, "digests.agree"), "items": items}


def agreeing(one: Agreement, text: Text) -> str:
    """Return how many agree, and whether in all groups."""
    id = "print.agreeing_everywhere" if one.everywhere else "print.agreeing"
    return text.plain(id, number=one.agree, voters=one.voters)


def _differ(page: Page) -> dict[str, Any] | None:
    if not page.digest.differences or not page.shows("differ"):
        return None
    items = [
        _statement(
            page, one, differing(one, page.text), stances(one, page.keys, page.text) if one.groups else ()
        )
        for one in page.digest.differences
    ]
    return {"heading": _heading(page, "digests.differ"), "items": items}


def differing(one: Agreement, text: Text) -> str:
    """Return what people say to a sentence, in counts."""
    return text.plain("print.differing", agree=one.agree, disagree=one.disagree, unsure=one.unsure)


def stances(one: Agreement, keys: Keys, text: Text) -> list[dict[str, Any]]:
    """Return what people say to a sentence, as rows of dots."""
    labels = ("print.stance_agree", "print.stance_disagree", "print.stance_unsure")
    totals = (one.agree, one.disagree, one.unsure)
    return [
        {"label": text.plain(label)}
        | dots.row({(code,): by[place] for code, by in one.groups.items()}, total, keys, text)
        for place, (label, total) in enumerate(zip(labels, totals, strict=True))
        if total
    ]


def _statement(page: Page, one: Agreement, counts: str, rows: Sequence[Any]) -> dict[str, Any]:
    return {
        "words": page.text.plain("print.quoted", words=one.words),
        "rtl": right_to_left(one.words),
        "counts": counts,
        "stances": list(rows),
    }


def _results(page: Page) -> dict[str, Any] | None:
    if not page.digest.results or not page.shows("results"):
        return None
    return {
        "heading": page.text.plain("print.results"),
        "items": [_result(page, result) for result in page.digest.results],
    }


def _result(page: Page, result: Result) -> dict[str, Any]:
    text = page.text
    hint = [text.plain("print.voters", count=result.voters)]
    if result.several:
        hint.append(text.plain("print.several"))
    if result.kind == "scale":
        hint.append(text.plain("print.scale"))
    return {
        "question": result.question,
        "hint": " ".join(hint),
        "rows": options(result, page.keys, text),
    }


def options(result: Result, keys: Keys, text: Text) -> list[dict[str, Any]]:
    """Return what was chosen, option by option, as rows of dots."""
    return [
        {"label": option if option is not None else _capital(text.plain("digests.own_answer"))}
        | dots.row({cell: by[place] for cell, by in result.groups.items()}, result.counts[place], keys, text)
        for place, option in enumerate(result.options)
    ]


def _themes(page: Page) -> dict[str, Any] | None:
    rows = themes(page.digest, page.keys, page.text) if page.shows("themes") else []
    return {"heading": page.text.plain("print.themes"), "rows": rows} if rows else None


def themes(digest: Digest, keys: Keys, text: Text) -> list[dict[str, Any]]:
    """Return how many people spoke of each theme, as rows of dots; the order was decided before, not by size."""
    return [
        {"label": _capital(chat.theme_name(digest, one.code, text) or one.code)}
        | dots.row({(code,): number for code, number in one.groups.items()}, one.people, keys, text)
        for one in digest.themes
        if one.people
    ]


def _voices(page: Page, left_out: Sequence[int]) -> list[dict[str, Any]]:
    sections = page.digest.sections
    missing = left_out or [0] * len(sections)
    return [_answers(page, section, number) for section, number in zip(sections, missing, strict=True)]


def _answers(page: Page, section: Section, missing: int) -> dict[str, Any]:
    counts = plain(chat.counted(section, page.text))
    if missing:
        counts = f"{counts} {page.text.plain('print.left_out', count=missing)}"
    return {
        "question": section.question,
        "counts": counts,
        "quotes": [_said(page, quote) for quote in (*section.quotes, *section.more)],
    }


def _singles(page: Page) -> dict[str, Any] | None:
    if not page.digest.singles or not page.shows("singles"):
        return None
    hint = page.text.plain("print.singles_hint")
    return _quoted(page, "digests.singles", page.digest.singles) | {"hint": hint}


def _corrected(page: Page) -> dict[str, Any] | None:
    if not page.digest.corrected or not page.shows("corrected"):
        return None
    return _quoted(page, "digests.corrected", page.digest.corrected)


def _put_right(page: Page) -> dict[str, Any] | None:
    """What who leads has put right since it went out."""
    digest, text = page.digest, page.text
    if not digest.put_right or not page.shows("put_right"):
        return None
    nobody = text.plain("digests.facilitator")
    said = [
        text.plain("digests.put_right_by", name=by or nobody, words=words) for words, by in digest.put_right
    ]
    return _quoted(page, "digests.put_right", ()) | {"lines": said}


def _quoted(page: Page, heading: str, quotes: Sequence[Quote]) -> dict[str, Any]:
    said = [_said(page, quote) for quote in quotes]
    return {"heading": _heading(page, heading), "hint": "", "quotes": said, "lines": []}


def _who(page: Page, *, drawn: bool) -> dict[str, Any] | None:
    """Who has written and who has not been heard yet, by group and never by name."""
    digest, text = page.digest, page.text
    if not page.shows("turnout"):
        return None
    if drawn and digest.members:
        lines = [text.plain("digests.wrote_of", number=digest.people, members=digest.members)]
    else:
        lines = [plain(chat.wrote(digest, text))]
    if digest.wrote and not digest.wrote_by:
        lines.append(text.plain("digests.among", groups=_amid(page, digest.wrote)))
    if digest.silent:
        lines.append(text.plain("digests.silent", groups=_amid(page, digest.silent)))
    rows = wrote(digest, page.keys, text) if drawn else []
    return {"heading": _heading(page, "digests.who"), "rows": rows, "line": " ".join(lines)}


def wrote(digest: Digest, keys: Keys, text: Text) -> list[dict[str, Any]]:
    """Return how many people of each group wrote, as rows of dots."""
    return [
        {"label": chat.together((code,), text, digest.named)}
        | dots.row({(code,): number}, number, keys, text)
        | {"alt": text.plain("digests.people", count=number)}
        for code, number in digest.wrote_by.items()
    ]


def _amid(page: Page, codes: Sequence[str]) -> str:
    named = [page.digest.named.amid(code, page.text) for code in codes]
    return dates.joined(named, page.text.language)


def _coming(page: Page) -> dict[str, Any] | None:
    digest, text = page.digest, page.text
    lines = []
    if digest.meeting is not None and digest.chain != "meeting":
        at, where = page.day_and_hour(digest.meeting.starts_at), digest.meeting.place
        lines.append(
            text.plain("digests.meet_at", at=at, place=where) if where else text.plain("digests.meet", at=at)
        )
    if digest.next_question is not None:
        lines.append(text.plain("digests.next_question", at=page.day_and_hour(digest.next_question)))
    if (
        digest.chain == "weekly" or digest.meeting is not None
    ):  # else it comes from a file, and nobody can be told
        meeting = digest.meeting.starts_at if digest.meeting and digest.chain == "meeting" else None
        until = corrections.until(digest.publish_at, meeting, page.zone)
        lines.append(text.plain("print.correct", at=page.day_and_hour(until)))
    if not lines:
        return None
    return {"heading": _heading(page, "digests.coming"), "lines": lines}


def _appendix(page: Page, quotes: Sequence[Quote]) -> dict[str, Any]:
    """All answers by theme, in the codebook's order, those of no theme last."""
    order = [theme.code for theme in page.digest.codebook]

    def place(quote: Quote) -> int:
        return order.index(quote.theme) if quote.theme in order else len(order)

    return {
        "heading": page.text.plain("print.appendix"),
        "hint": page.text.plain("print.not_for_passing_on"),
        "lead": page.text.plain("print.appendix_lead"),
        "themes": [
            {
                "name": _theme(page, order[at]) if at < len(order) else page.text.plain("print.no_theme"),
                "quotes": [_said(page, quote) for quote in found],
            }
            for at, found in groupby(sorted(quotes, key=place), key=place)
        ],
    }
