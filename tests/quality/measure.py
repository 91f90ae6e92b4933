"""Compares our digests of three written corpora with LexRank and with the first answers, and writes the table of
docs/digest-quality.md: `uv sync --group quality`, then `python -m tests.quality.measure`. A corpus more: its code in
`CORPORA`, and five files beside this one.
"""

import json
import random
import re
import statistics
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import evaluate
from bot.core import themes, words
from bot.evaluate import reading
from bot.evaluate.reading import Given, Line

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "digest-quality.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
CORPORA = ("en", "nl", "sv")
SEATS = 9
TAPPED, DRAWS = 0.6, 50
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Corpus:
    """A written corpus, and what its writer knows of it."""

    language: str
    lines: Mapping[str, Line]
    truth: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, language: str) -> "Corpus":
        data = (HERE / f"{language}.jsonl").read_bytes()
        found = reading.lines(data, called=language)
        truth = json.loads((HERE / f"{language}.truth.json").read_text(encoding="utf-8"))
        return cls(language, {str(line.id): line for line in found}, truth)

    def marked(self, what: str) -> set[str]:
        """The ids of single points, or of questions."""
        return {id for id, known in self.truth.items() if known.get(what)}

    def digest(self, codebook: str) -> dict[str, Any]:
        """Our digest, as the command gives it."""
        made = evaluate.run(
            str(HERE / f"{self.language}.jsonl"),
            meta=HERE / f"{self.language}.meta.json",
            codebook=str(HERE / f"{self.language}.{codebook}.toml"),
            language=self.language,
            seats=SEATS,
            form="json",
            now=NOW,
        )
        found: dict[str, Any] = json.loads(made)
        return found

    def given(self, codebook: str) -> Given:
        """What our digest is made from."""
        toml = (HERE / f"{self.language}.{codebook}.toml").read_bytes()
        sown = reading.codebook(toml, called=codebook, language=self.language)
        known = reading.meta((HERE / f"{self.language}.meta.json").read_bytes(), called="meta")
        found = tuple(self.lines.values())
        return reading.together(found, known, sown, language=self.language, seats=SEATS, now=NOW)


# Others ---------------------------------------------------------------------------------------------------------


def first(corpus: Corpus) -> list[str]:
    """The first three answers to each prompt."""
    by_prompt: dict[str, list[str]] = {}
    for id, line in corpus.lines.items():
        by_prompt.setdefault(str(line.prompt), []).append(id)
    return [id for ids in by_prompt.values() for id in ids[:3]]


def lexrank(corpus: Corpus) -> list[str]:
    """The nine answers that LexRank holds most representative, each answer taken as a sentence."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.summarizers.lex_rank import LexRankSummarizer

    class Ours:
        """NLTK's tokenizers need data from elsewhere; ours do as well."""

        def to_words(self, text: str) -> tuple[str, ...]:
            return tuple(words.tokens(text))

    texts = {id: f"{line.text} " for id, line in corpus.lines.items()}
    said = [Sentence(text, Ours()) for text in texts.values()]
    summarizer = LexRankSummarizer(lambda word: words.stem(word, corpus.language))
    summarizer.stop_words = words.stop_words(corpus.language)
    chosen = {str(one) for one in summarizer(ObjectDocumentModel([Paragraph(said)]), SEATS)}
    return [id for id, text in texts.items() if text.strip() in {one.strip() for one in chosen}]


# Measures -------------------------------------------------------------------------------------------------------


def covered(corpus: Corpus, ids: Collection[str]) -> tuple[float, float, float]:
    """Which share of the themes and of the roles some quotes show, and the carers' share of the quotes."""
    all_themes = {known["theme"] for known in corpus.truth.values()}
    all_roles = {line.role for line in corpus.lines.values()}
    roles = [corpus.lines[id].role for id in ids]
    carers = sum(role == _carer(corpus) for role in roles) / len(roles)
    return (
        len({corpus.truth[id]["theme"] for id in ids}) / len(all_themes),
        len(set(roles)) / len(all_roles),
        carers,
    )


def _carer(corpus: Corpus) -> str | None:
    roles = [line.role for line in corpus.lines.values()]
    return max(set(roles), key=roles.count)


def accuracy(corpus: Corpus, codebook: str, *, tapped: float = 0.0) -> float:
    """How often the first theme is the one that the writer had in mind; authors of a share say so themselves."""
    given = corpus.given(codebook)
    codes = {theme.name(corpus.language): theme.code for theme in given.material.codebook}
    known = {number: codes[corpus.truth[str(line.id)]["theme"]] for number, line in given.lines.items()}

    def right(taps: Collection[int]) -> float:
        replies = [
            replace(reply, tapped=(known[reply.id],) if reply.id in taps else ())
            for reply in given.material.replies
        ]
        found = themes.assign(replies, given.material.codebook, corpus.language)
        return sum(found[id][:1] == (code,) for id, code in known.items()) / len(known)

    if not tapped:
        return right(())
    draw = random.Random(5)
    count = round(tapped * len(known))
    return statistics.mean(right(draw.sample(sorted(known), count)) for _ in range(DRAWS))


def asked(corpus: Corpus, ids: Collection[str]) -> str:
    """How many of the questions were found, and how many of what was found are questions."""
    wanted = corpus.marked("question")
    hits = len(wanted & set(ids))
    return f"{hits} of {len(wanted)}, {len(ids) - hits} too many"


def by_mark(corpus: Corpus) -> set[str]:
    """The replies with a question mark."""
    return {
        id for id, line in corpus.lines.items() if "?" in re.sub(r"[\"“”'‘’«»].*?[\"“”'‘’«»]", "", line.text)
    }


# The table ------------------------------------------------------------------------------------------------------


def rows() -> Iterator[Sequence[str]]:
    """Yield the table's rows: what, how, and each corpus."""
    all_of_them = [Corpus.of(language) for language in CORPORA]
    digests = [corpus.digest("codebook") for corpus in all_of_them]
    quotes = [[str(one["id"]) for one in found["quotes"]] for found in digests]
    ways = {
        "ours": quotes,
        "LexRank": [lexrank(corpus) for corpus in all_of_them],
        "first three": [first(corpus) for corpus in all_of_them],
    }
    for number, what in enumerate(
        ("themes in nine quotes", "roles in nine quotes", "quotes that are carers'")
    ):
        for way, chosen in ways.items():
            shares = [covered(corpus, ids)[number] for corpus, ids in zip(all_of_them, chosen, strict=True)]
            yield what, way, *(f"{share:.2f}" for share in shares)
    single = [corpus.marked("single") for corpus in all_of_them]
    for way, chosen in ways.items():
        yield "points of one carer, in nine quotes", way, *_counts(single, chosen)
    asked_for = [
        [str(one["id"]) for part in ("quotes", "questions", "single") for one in found[part]]
        for found in digests
    ]
    yield "points of one carer, in questions or asked about too", "ours", *_counts(single, asked_for)
    appendix = [[str(one["id"]) for one in found["appendix"]] for found in digests]
    yield "points of one carer, with the appendix", "ours", *_counts(single, appendix)
    found_questions = [{str(one["id"]) for one in found["questions"]} for found in digests]
    yield "questions", "ours", *(asked(c, ids) for c, ids in zip(all_of_them, found_questions, strict=True))
    yield "questions", "a question mark", *(asked(corpus, by_mark(corpus)) for corpus in all_of_them)
    for way, codebook, tapped in (
        ("seed words as first written", "codebook", 0.0),
        ("seed words, added to once", "grown", 0.0),
        ("as first written, authors tapped on 60 %", "codebook", TAPPED),
        ("added to once, authors tapped on 60 %", "grown", TAPPED),
    ):
        yield (
            "first theme is right",
            way,
            *(f"{accuracy(c, codebook, tapped=tapped):.2f}" for c in all_of_them),
        )


def _counts(single: Sequence[set[str]], chosen: Sequence[Collection[str]]) -> Iterator[str]:
    for wanted, ids in zip(single, chosen, strict=True):
        yield f"{len(wanted & set(ids))} of {len(wanted)}"


def table() -> str:
    """Return everything as Markdown."""
    head = f"| what | how | {' | '.join(CORPORA)} |\n|---|---|{'---:|' * len(CORPORA)}"
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows())])


def main() -> None:
    found = table()
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{found}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    sys.stdout.write(f"{found}\n")


if __name__ == "__main__":
    main()
