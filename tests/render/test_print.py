"""A digest on paper: it fits, nothing is lost on the way, and screen readers can read it."""

import io
import json
import re
from dataclasses import asdict, replace
from typing import Any

import pytest
from PIL import Image

from bot.core.digest import Digest, Quote
from bot.core.groups import PARTICIPANT
from bot.core.texts import LANGUAGES
from bot.render import dots, paper, print, typeset
from bot.render.paper import Page
from tests.printing import NOW, TEXT, ZONE, rich, weekly

AIRY = asdict(print.AIRY)
HOSTILE = {
    "markup": '#eval("1") #let x = 1; $ x^2 $ *bold* _it_ `raw` \\ = heading <label> @ref [link](x) // no',
    "braces": "{count} {{ }} %s <b>bold</b> &amp; \" ' ${x}",
    "long": "x" * 400,
    "sentence without end": "and then " * 50,
    "right to left": "أنا أعتني بأمي منذ ثلاث سنوات. שלום",
    "emoji": "😀😀👍🏽",
    "elsewhere": "谢谢你们的帮助",
    "controls": "a\x00b\x1bc\u202ed\ufffee\ud800f",
}


def pdf(digest: Digest, language: str = "en", **values: Any) -> bytes:
    return print.pdf(digest, TEXT.of(language), ZONE, now=NOW, title="Care partnership", **values)


def pages(document: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b", document))


def handed_over(digest: Digest, appendix: Any = None, left_out: Any = ()) -> Any:
    """What the template lays out."""
    text = TEXT.of("en")
    page = Page(digest, text, ZONE, NOW, "Care partnership", dots.keys(digest, text))
    return paper.shown(page, AIRY, appendix, left_out)


def on_paper(digest: Digest, appendix: Any = None, left_out: Any = ()) -> str:
    """The same as one text."""
    return json.dumps(handed_over(digest, appendix, left_out), ensure_ascii=False).replace("\u200b", "")


def saying(words: str) -> Digest:
    """A digest in which everything that people wrote is these words."""
    whole = rich()
    return replace(
        whole,
        questions=tuple(replace(quote, words=words) for quote in whole.questions),
        sections=tuple(
            replace(section, question=words[:110], quotes=(Quote(1, words[:190], "carer", words[:60]),))
            for section in whole.sections
        ),
        agreements=tuple(replace(one, words=words) for one in whole.agreements),
        differences=tuple(replace(one, words=words) for one in whole.differences),
        results=tuple(replace(one, options=(words[:60], *one.options[1:])) for one in whole.results),
        own_questions=(words,),
        note=words,
        put_right=((words, None),),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_a_meeting_it_is_two_pages_for_screen_readers_too(language: str) -> None:
    document = pdf(rich(), language)
    assert pages(document) == 2
    assert document.count(b"/MediaBox[0 0 595.2") == 2  # A4
    for needed in (b"pdfuaid:part", b"/StructTreeRoot", b"/MarkInfo", b"/Title", b"AtkinsonHyperlegible"):
        assert needed in document
    assert re.search(rb"/Lang ?\(" + language.encode(), document)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_other_weeks_it_is_one_page(language: str) -> None:
    assert pages(pdf(weekly(), language)) == 1


def test_every_quote_and_every_row_of_dots_is_there_for_who_hears_it() -> None:
    digest = rich()
    document = pdf(digest)
    quoted = sum(len(section.quotes) for section in digest.sections) + len(digest.singles)
    assert document.count(b"/S/BlockQuote") == quoted
    rows = 3 + 4 + 5 + 4 + 3  # stances, options, a scale, themes, who has written
    assert document.count(b"/S/Figure") == document.count(b"/Alt") == rows
    assert b"/Alt(9 people (Carers: 5, Care professionals: 1, Others: 3))" in document


def test_everything_that_is_said_stands_on_paper() -> None:
    digest = rich(note="Bring coffee.", put_right=(("It was Tuesday.", "Frida"),))
    found = on_paper(digest)
    words = [quote.words for quote in digest.quotes] + [
        one.words for one in (*digest.agreements, *digest.differences)
    ]
    for part in (
        *words,
        *digest.own_questions,
        "Bring coffee.",
        "Frida: It was Tuesday.",
        "Library, Main Street 4",
    ):
        assert part in found
    assert "Thursday 12 November at 17:30" in found
    assert "by Wednesday 11 November at 12:00" in found


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_people_write_is_words_and_nothing_else(words: str) -> None:
    values = handed_over(saying(words), [Quote(1, words * 10, "carer")])
    assert pages(typeset.made(print.TEMPLATE, values, "pdf")) >= 3


def test_however_much_there_is_to_say_nothing_of_it_is_lost() -> None:
    long = Quote(
        900, "A sentence that goes on for quite a while until there is hardly any room. " * 2, "carer"
    )
    whole = rich()
    sections = tuple(
        replace(section, quotes=tuple(replace(long, id=number) for number in range(20)))
        for section in whole.sections
    )
    document = pdf(replace(whole, sections=sections, singles=()))
    assert pages(document) > 2
    assert document.count(b"/S/BlockQuote") == 60  # what cannot be made to fit flows on


def test_where_a_quote_less_is_enough_it_says_so_and_every_group_keeps_one() -> None:
    whole = rich()
    first, *others = whole.sections[0].quotes
    more = [
        Quote(80 + number, "I could tell of the same thing as well. " * 4, "carer") for number in range(3)
    ]
    digest = replace(whole, sections=(replace(whole.sections[0], quotes=(first, *more, *others)),))
    shorter = print.without(digest, print.spare(digest))
    assert len(shorter.quotes) == len(digest.quotes) - print.SPARE
    said = [quote.group for quote in shorter.sections[0].quotes]
    assert sorted(said) == sorted(["carer", "practitioner", PARTICIPANT])
    assert shorter.sections[0].quotes[0] == first
    assert "14 replies from 13 people. 2 quotes had no room on this page." in on_paper(digest, left_out=[2])


def test_a_quote_that_stands_in_print_only_is_never_left_out() -> None:
    whole = rich()
    only = Quote(90, "Only here.", "carer")
    digest = replace(whole, sections=tuple(replace(section, more=(only,)) for section in whole.sections))
    shorter = print.without(digest, print.spare(digest))
    assert all(section.more == (only,) for section in shorter.sections)
    assert "Only here." in on_paper(shorter)


def test_all_the_answers_are_for_who_leads_and_begin_on_a_page_of_their_own() -> None:
    warning = TEXT.of("en").plain("print.not_for_passing_on")
    answers = [Quote(1, "Nobody else may read this.", "carer", theme="night"), Quote(2, "Nor this.", "carer")]
    assert pages(pdf(rich(), appendix=answers)) == 3
    found = on_paper(rich(), answers)
    assert all(part in found for part in (warning, answers[0].words, answers[1].words))
    assert found.index(answers[0].words) < found.index("Under no theme yet") < found.index(answers[1].words)
    assert warning not in on_paper(rich())


@pytest.mark.parametrize(
    ("section", "gone"),
    [
        ("questions", "why don't I count?"),
        ("agree", "offered with the diagnosis"),
        ("differ", "Respite care is my lifeline"),
        ("results", "After work"),
        ("voices", "I'm not a parcel"),
        ("singles", "only Finnish"),
        ("themes", "What it was about"),
        ("turnout", "Not heard yet"),
    ],
)
def test_what_a_facilitator_left_out_is_not_on_paper_either(section: str, gone: str) -> None:
    assert gone in on_paper(rich())
    assert gone not in on_paper(rich(hidden=frozenset({section})))


def test_the_same_digest_is_the_same_file() -> None:
    assert pdf(weekly()) == pdf(weekly())


def test_the_pages_can_be_one_picture_below_each_other() -> None:
    drawn = print.png(rich(), TEXT.of("en"), ZONE, now=NOW, title="Care partnership")
    with Image.open(io.BytesIO(drawn)) as picture:
        wide, high = picture.size
    assert abs(high - 2 * wide * 2**0.5) < 5  # two of A4


def test_a_digest_with_almost_nothing_in_it_is_a_page_as_well() -> None:
    bare = {
        "questions": (),
        "sections": (),
        "themes": (),
        "wrote_by": {},
        "members": 0,
        "silent": (),
        "wrote": (),
    }
    assert pages(pdf(weekly(**bare, people=0, next_question=None, meeting=None))) == 1


def test_what_cannot_be_drawn_is_told_in_one_way() -> None:
    with pytest.raises(print.CannotDraw):
        typeset.made("missing.typ", {}, "pdf")
    with pytest.raises(print.CannotDraw):
        typeset.made("digest.typ", {}, "pdf")
