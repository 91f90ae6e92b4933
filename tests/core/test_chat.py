"""A digest on the phone, in few words and read aloud: always short enough, and never other words than people's own."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import catalogues
from bot.core.agreement import Agreement
from bot.core.digest import Digest, Gathering, Quote, Section
from bot.core.groups import PARTICIPANT
from bot.core.letters import plain, split, utf16_length
from bot.core.markup import parse
from bot.core.texts import LANGUAGES
from bot.core.themes import Theme
from bot.core.votes import Result
from bot.render import chat
from bot.render import plain as words_only

TEXTS = catalogues.load(strict=True)
ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
MEETING = Gathering("Second meeting", "Library", NOW + timedelta(days=2))
THEMES = (Theme("respite", {"en": "Respite", "nl": "Respijt", "sv": "Avlösning"}, {}),)


def statement(
    id: int,
    words: str,
    agree: int = 15,
    disagree: int = 1,
    *,
    everywhere: bool = False,
    groups: Mapping[str, tuple[int, int, int]] = MappingProxyType({}),
) -> Agreement:
    return Agreement(id, id, words, agree, disagree, 1, everywhere, groups)


FULL = Digest(
    chain="meeting",
    publish_at=NOW,
    since=None,
    meeting=MEETING,
    questions=(Quote(1, "Who can I call at night?", "carer", theme="respite"),),
    sections=(
        Section(
            "What helped you this week?",
            14,
            13,
            1,
            0,
            (
                Quote(2, "The group saved me. I found people there. They listened.", "carer"),
                Quote(3, "A short handover.", PARTICIPANT, "Dirk", link="https://t.me/c/1/9"),
            ),
            7,
        ),
    ),
    people=19,
    wrote=("carer",),
    silent=("politician",),
    next_question=NOW + timedelta(days=6),
    note="See you there.",
    note_by="Frida",
    own_questions=("How shall we go on?",),
    agreements=(statement(4, "A group for carers from the first day.", everywhere=True),),
    differences=(
        statement(5, "Respite is my lifeline.", 7, 6, groups={"lived": (6, 1, 0), "work": (1, 5, 1)}),
    ),
    results=(
        Result(
            9,
            "choice",
            "Where shall we meet?",
            ("Library", "Online", None),
            (9, 6, 2),
            17,
            {("carer",): (9, 0, 1), ("practitioner", PARTICIPANT): (0, 6, 1)},
        ),
    ),
    singles=(Quote(6, "I sleep in the car.", "carer"),),
    corrected=(Quote(8, "The taxi never comes.", "carer"),),
    codebook=THEMES,
    wrote_by={"carer": 10, "practitioner": 3, PARTICIPANT: 6},
    members=19,
    put_right=(("The line is open until 22.", "Frida"),),
)


def shown(digest: Digest = FULL, language: str = "en", **values: object) -> str:
    return str(chat.message(digest, TEXTS.of(language), ZONE, now=NOW, **values))  # type: ignore[arg-type]


def test_the_sections_stand_in_the_order_of_the_digest() -> None:
    said = plain(shown(printed=True, until=NOW + timedelta(days=1)))
    order = [
        "Before our meeting on Thursday 12 November at 17:30",
        "More is in the PDF below.",
        "Frida, who leads the group: See you there.",
        "1. Respite: “Who can I call at night?” – a carer",
        "2. How shall we go on? – from who leads the group",
        "“A group for carers from the first day.” 15 of 17 agree, in all groups.",
        "“Respite is my lifeline.” Agree: 7. Disagree: 6. Not sure: 1.",
        "People who work in care: 1 of 7 agree.",
        "Answered by 17 people: Library (9) · Online (6) · own answer (2).",
        "Care professionals and others: Online (6) · own answer (1).",
        "14 replies from 13 people.",
        "The group saved me.",
        "– Dirk",
        "“I sleep in the car.” – a carer",
        "The taxi never comes.",
        "Frida: The line is open until 22.",
        "19 of 19: 10 carers, 3 care professionals and 6 others.",
        "Not heard yet: politicians.",
        "The next question comes on Monday 16 November at 17:30.",
        "until Wednesday 11 November at 17:30",
    ]
    at = [said.index(part) for part in order]
    assert at == sorted(at)
    assert "%" not in said


def test_only_words_with_a_name_lead_to_their_message() -> None:
    links = [span.opening for span in parse(shown())[1] if span.name == "a"]
    assert links == ['<a href="https://t.me/c/1/9">']


@pytest.mark.parametrize("name", ["questions", "agree", "differ", "results", "voices", "singles", "turnout"])
def test_a_section_that_was_left_out_is_nowhere(name: str) -> None:
    heading = {
        "questions": "call at night",
        "agree": "first day",
        "differ": "my lifeline",
        "results": "Online",
        "voices": "saved me",
        "singles": "in the car",
        "turnout": "10 carers",
    }[name]
    less = replace(FULL, hidden=frozenset({name}))
    text = TEXTS.of("en")
    assert heading in shown()
    assert heading not in shown(less)
    assert heading not in words_only.edition(less, text, ZONE, now=NOW)
    assert heading not in words_only.aloud(less, text, ZONE, now=NOW)


def test_what_is_read_aloud_has_no_sign_that_a_voice_stumbles_over() -> None:
    digest = replace(
        FULL,
        sections=(replace(FULL.sections[0], quotes=(Quote(2, "Ja 😀 […] & <b>så</b> 👩‍👩‍👧.", "carer"),)),),
    )
    said = plain(words_only.aloud(digest, TEXTS.of("sv"), ZONE, now=NOW))
    assert "En anhörig säger: ”Ja (ord utelämnade) b så /b .”" in said
    assert "klockan 17.30" in said
    assert not re.search("[•·–—*_#|<>&😀\u200d]|kl\\.", said)
    assert "Fråga 2.\nHow shall we go on?" in said


def test_the_plain_edition_has_an_idea_on_each_line_and_the_carer_first() -> None:
    said = plain(words_only.edition(FULL, TEXTS.of("en"), ZONE, now=NOW)).split("\n")
    assert said[0] == "Before our meeting on Thursday 12 November at 17:30"
    assert "A carer: “Who can I call at night?”" in said
    assert "15 of 17 agree: “A group for carers from the first day.”" in said
    assert "A carer: “The group saved me. I found people there. They listened.”" in said
    assert "19 people have written." in said
    assert said.index("Questions") < said.index("What helped you this week?")


def test_a_long_quote_is_cut_to_whole_sentences_in_the_plain_edition() -> None:
    long = "We waited. Nobody came. " + " ".join(["Then the whole family had to find another way"] * 4) + "."
    digest = replace(FULL, sections=(replace(FULL.sections[0], quotes=(Quote(2, long, "carer"),)),))
    assert "A carer: “We waited. Nobody came. […]”" in plain(
        words_only.edition(digest, TEXTS.of("en"), ZONE, now=NOW)
    )


# Whatever people wrote ------------------------------------------------------------------------------------------

ODD = ["home", "I", "när", "<b>", "&", "😀", "hjälp.", "Why?", "ملاحظة", "a.b", "[…]", "x" * 30, "…", "w"]


def some(seed: int) -> Digest:
    """A digest of odd words, by a number: drawn piece by piece, one takes longer than all that is done with it."""
    dice = Random(seed)

    def said() -> str:
        return " ".join(dice.choices(ODD, k=dice.randint(1, 90)))[:190].strip()

    def quote() -> Quote:
        group, name = (
            dice.choice(["carer", "practitioner", "lived", PARTICIPANT]),
            dice.choice([None, "Ann <i> & 😀"]),
        )
        return Quote(
            dice.randint(1, 10_000), said(), group, name, link=dice.choice([None, "https://t.me/c/1/2"])
        )

    def quotes(most: int) -> tuple[Quote, ...]:
        return tuple(quote() for _ in range(dice.randint(0, most)))

    def statements() -> tuple[Agreement, ...]:
        groups = {"lived": (3, 3, 0), "work": (4, 3, 1)}
        return tuple(statement(n, said(), 7, 6, groups=groups) for n in range(dice.randint(0, 6)))

    def result(n: int) -> Result:
        groups: dict[tuple[str, ...], tuple[int, ...]] = {("carer",): (9, 5, 0), (PARTICIPANT,): (0, 3, 3)}
        return Result(n, "choice", said(), ("A" * 60, "B b " * 15, None), (9, 8, 3), 20, groups)

    return replace(
        FULL,
        chain=dice.choice(["weekly", "meeting"]),
        questions=quotes(5),
        sections=tuple(Section(said()[:110], 300, 20, 3, 2, quotes(4), n) for n in range(dice.randint(0, 9))),
        note=dice.choice([None, said()]),
        agreements=statements(),
        differences=statements(),
        results=tuple(result(n) for n in range(dice.randint(0, 5))),
        singles=quotes(4),
        corrected=quotes(4),
    )


DIGESTS = st.integers(0, 10**6).map(some)


@settings(max_examples=20)
@given(DIGESTS, st.sampled_from(LANGUAGES))
def test_whatever_people_wrote_it_is_one_message_of_two_minutes(digest: Digest, language: str) -> None:
    out = replace(digest, corrected=(), put_right=())
    assert len(parse(shown(out, language, printed=True, until=NOW + timedelta(days=1)))[0].split()) <= 420
    html = shown(digest, language, printed=True, until=NOW + timedelta(days=1))  # what came later is added
    said, spans = parse(html)
    assert utf16_length(said) < 4096
    assert len(spans) <= 100
    assert len(split(html)) == 1


@settings(max_examples=20)
@given(DIGESTS, st.sampled_from(LANGUAGES))
def test_the_plain_edition_is_short_and_in_peoples_own_words(digest: Digest, language: str) -> None:
    text = TEXTS.of(language)
    said = plain(words_only.edition(digest, text, ZONE, now=NOW))
    assert len(said.split()) <= 150
    assert not parse(words_only.edition(digest, text, ZONE, now=NOW))[1]
    originals = [_bare(quote.words) for quote in digest.quotes]
    originals += [_bare(one.words) for one in (*digest.agreements, *digest.differences)]
    for words in re.findall("[“‘”]([^“”‘’]+)[”’]", said):
        for part in words.split("[…]"):
            assert any(_bare(part) in original for original in originals)


@settings(max_examples=10)
@given(DIGESTS, st.sampled_from(LANGUAGES))
def test_read_aloud_is_one_message(digest: Digest, language: str) -> None:
    html = words_only.aloud(digest, TEXTS.of(language), ZONE, now=NOW)
    assert len(split(html)) == 1


def _bare(words: str) -> str:
    return " ".join(re.sub("[\u2066-\u2069]", "", words).split())
