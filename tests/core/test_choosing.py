"""What stands in a digest beside quotes, how much of it, and that bad input still makes one."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import choosing, cutting, digest, singles, voices
from bot.core.agreement import Stance, Statement
from bot.core.choosing import choose
from bot.core.digest import Material, compose
from bot.core.themes import Theme
from bot.core.voices import Reply, side
from bot.core.votes import Ballot, Poll
from tests.core.test_digest import material
from tests.core.test_voices import ALL, TEXTS, reply

NIGHTS = Theme("nights", {"en": "Nights"}, {"en": ("night", "sleep")})
MONEY = Theme("money", {"en": "Money"}, {"en": ("euro", "taxi", "pay")})
EMPTY = Theme("empty", {"en": "Nothing yet"}, {"en": ()})
BOOK = (NIGHTS, MONEY, EMPTY)
SIZES = {"carer": 9, "practitioner": 4, "researcher": 3}
ROLES = ("carer", "carer", "carer", "practitioner", "practitioner", "researcher")


def _numbered(rows: list[Any]) -> tuple[Reply, ...]:
    return tuple(reply(n, **{**row, "group": ROLES[row["member"] % 6]}) for n, row in enumerate(rows, 1))


REPLIES = st.lists(
    st.builds(
        dict,
        prompt=st.integers(1, 3),
        member=st.integers(0, 17),
        text=st.one_of(TEXTS, st.sampled_from(["", "👍", "I pay for the taxi myself, forty euros a week."])),
        kind=st.sampled_from(["text", "voice", "photo"]),
        consents=st.sampled_from([ALL, ALL, (*ALL, "name"), ("take_part",)]),
        attribution=st.sampled_from(["role", "name", "none"]),
        state=st.sampled_from(["kept", "kept", "kept", "taken_back"]),
        hidden=st.sampled_from([False, False, False, True]),
        starred=st.booleans(),
        single=st.sampled_from([None, "no", "asked:1"]),
    ),
    max_size=45,
).map(_numbered)


def whole(*replies: Reply, **values: Any) -> Material:
    return material(*replies, **({"groups": SIZES, "codebook": BOOK} | values))


def said(material: Material) -> list[str]:
    return [quote.words for quote in compose(material, choose(material)).quotes]


def _may(one: Reply) -> bool:
    """Whether it may be quoted: nobody waits for what its author says about it."""
    return voices.quotable(one) and not singles.waits(one)


# Whose words --------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(REPLIES)
def test_every_group_that_spoke_and_may_be_quoted_is_quoted_and_a_carer_in_each_prompt(
    replies: tuple[Reply, ...],
) -> None:
    made = whole(*replies)
    choice = choose(made)
    by_id = {one.id: one for one in replies}
    speaking = {side(one) for one in replies if _may(one)}  # three groups, three seats a prompt
    quoted = [by_id[one.id] for _, quotes in choice.prompts for one in quotes]
    assert {side(one) for one in quoted} == speaking
    for prompt, quotes in choice.prompts:
        if any(side(one) == "carer" and one.prompt == prompt and _may(one) for one in replies):
            assert side(by_id[quotes[0].id]) == "carer"


@settings(max_examples=40, deadline=None)
@given(REPLIES, st.randoms())
def test_only_words_that_may_be_shown_are_in_it_and_to_the_letter(
    replies: tuple[Reply, ...], random: Any
) -> None:
    made = whole(*replies)
    choice = choose(made)
    by_id = {one.id: one for one in replies}
    shuffled = list(replies)
    random.shuffle(shuffled)
    assert choose(replace(made, replies=tuple(shuffled))) == choice
    assert digest.from_json(json.loads(json.dumps(digest.to_json(choice)))) == choice
    for chosen in choice.all:
        one = by_id[chosen.id]
        assert voices.quotable(one)
        assert not singles.waits(one) or chosen in choice.singles
        assert all(part in one.text for part in cutting.parts(one.text, chosen.spans))
        assert len(cutting.shown(one.text, chosen.spans)) <= cutting.PRINT
    shown = compose(made, choice)
    for quote in shown.quotes:
        assert all(piece.strip() in by_id[quote.id].text for piece in quote.words.split(cutting.MARK))
    assert shown.singles == ()  # nobody has said yes


@settings(max_examples=30, deadline=None)
@given(REPLIES)
def test_each_reply_stands_in_one_place_among_quotes_and_points(replies: tuple[Reply, ...]) -> None:
    choice = choose(whole(*replies))
    quotes = [one.id for _, of_it in (*choice.prompts, *choice.more) for one in of_it]
    points = [one.id for one in (*choice.questions, *choice.singles)]
    assert max(Counter(quotes).values(), default=1) == 1
    assert max(Counter(points).values(), default=1) == 1
    assert not set(quotes) & {one.id for one in choice.singles}


def test_nine_quotes_on_the_phone_and_a_fourth_of_each_prompt_in_print() -> None:
    replies = [
        reply(
            n, prompt=n % 3 + 1, member=n, group=ROLES[n % 6], text=f"My night number {n} was short and loud."
        )
        for n in range(1, 40)
    ]
    choice = choose(whole(*replies))
    assert [len(quotes) for _, quotes in choice.prompts] == [3, 3, 3]
    assert [len(quotes) for _, quotes in choice.more] == [1, 1, 1]
    shown = compose(whole(*replies), choice)
    assert [len(section.quotes) for section in shown.sections] == [3, 3, 3]
    assert len(shown.quotes) == 12


def test_what_the_phone_has_no_room_for_stands_in_print() -> None:
    text = "We wait for the nurse each evening and nobody calls us back. "
    replies = [
        reply(n, prompt=n % 3 + 1, member=n, group=ROLES[n % 6], text=f"{n}. {text}") for n in range(1, 40)
    ]
    for note, phone in ((112, [2, 2, 3]), (160, [0, 0, 1])):
        made = whole(*replies, note="See you. " * note)
        choice = choose(made)
        assert [len(quotes) for _, quotes in choice.prompts] == phone
        sections = compose(made, choice).sections
        printed = [quote.id for one in sections for quote in (*one.quotes, *one.more)]
        assert len(printed) == len(set(printed)) == choosing.IN_PRINT


def test_to_a_single_prompt_every_group_is_quoted() -> None:
    groups = ("carer", "cared_for", "volunteer", "practitioner", "politician", "researcher")
    replies = [reply(n, group=group, text=f"Words of number {n}.") for n, group in enumerate(groups, 1)]
    (quotes,) = [quotes for _, quotes in choose(whole(*replies)).prompts]
    assert len(quotes) == 6


# What stands beside quotes ------------------------------------------------------------------------------------------

STATEMENTS = tuple(
    Statement(
        n,
        1,
        n,
        f"Sentence {n} that we were asked about in the round of this month, and it is long.",
        tuple(Stance(broad, answer) for broad in ("lived", "work", "decide") for _ in range(3)),
        9,
    )
    for n, answer in enumerate(("agree", "agree", "agree", "agree", "disagree", "disagree", "disagree"), 1)
)
POLL = Poll(
    7,
    "choice",
    "Which evening suits you?",
    ("Monday", "Tuesday"),
    tuple(Ballot("carer", (0,)) for _ in range(5)),
)


def test_a_digest_is_not_empty_where_people_only_voted() -> None:
    assert compose(whole(), choose(whole())).empty
    for values in ({"polls": (POLL,)}, {"statements": STATEMENTS}):
        made = whole(**values)
        assert not compose(made, choose(made)).empty
    shown = compose(whole(polls=(POLL,)), choose(whole(polls=(POLL,))))
    assert shown.results[0].counts == (5, 0)
    assert shown.silent == ()  # who chose has been heard, and nobody sees who did


def test_a_full_digest_says_everything_shorter_before_it_quotes_fewer_people() -> None:
    long = "We wait for the nurse each evening and nobody calls us back in time. " * 4
    replies = [
        reply(n, prompt=n % 3 + 1, member=n, group=ROLES[n % 6], text=f"{n}. {long}") for n in range(1, 31)
    ]
    calm, full = whole(*replies), whole(*replies, statements=STATEMENTS[:4], note="See you.")
    calmly, fully = choose(calm), choose(full)
    words = {
        name: sum(len(one.words) for one in compose(of, choice).quotes)
        for name, of, choice in (("calm", calm, calmly), ("full", full, fully))
    }
    assert words["full"] < words["calm"]
    assert sum(len(quotes) for _, quotes in fully.prompts) == 9
    assert fully.brief <= calmly.brief


def test_questions_have_a_theme_and_those_taken_off_the_agenda_are_gone() -> None:
    asking = reply(1, text="Who pays for the taxi to the clinic?")
    other = reply(2, text="Who else does not sleep at night?")
    made = whole(asking, other)
    assert [(one.id, one.theme) for one in compose(made, choose(made)).questions] == [
        (1, "money"),
        (2, "nights"),
    ]
    dropped = replace(made, dropped=frozenset({1}), own_questions=("What about Sundays?",))
    shown = compose(dropped, choose(made))
    assert [one.id for one in shown.questions] == [2]
    assert shown.own_questions == ("What about Sundays?",)
    assert [one.id for one in choose(dropped).questions] == [2]


def test_a_point_of_one_person_is_shown_with_that_persons_yes_to_these_words_only() -> None:
    replies = [reply(n, prompt=1, text=f"The night nurse number {n} came by again.") for n in range(1, 6)]
    lonely = reply(9, starred=True, past=9, text="My brother and I have not spoken since the house was sold.")
    made = whole(
        *replies, lonely, reply(10, starred=True, text="Trombone rehearsals keep me going.", single="no")
    )
    first = choose(replace(made, replies=(*replies, lonely)))
    (asked,) = [one for one in first.singles if one.id == 9] or pytest.fail("nobody is asked")
    assert 10 not in {one.id for one in choose(made).singles}
    for single, shown in (
        (None, []),
        (f"asked:{asked.mark}", []),
        ("yes:other", []),
        (f"yes:{asked.mark}", [9]),
    ):
        now = replace(made, replies=(*replies, replace(lonely, single=single)))
        assert [one.id for one in compose(now, first).singles] == shown


def test_words_of_danger_are_never_asked_about_as_a_point_of_one_person() -> None:
    replies = [reply(n, text=f"The night nurse number {n} came by again.") for n in range(1, 6)]
    hit = reply(9, starred=True, text="Since the spring he hits me when the evening pills are late.")
    assert all(one.id != 9 for one in choose(whole(*replies, hit)).singles)


def test_what_a_facilitator_left_out_is_in_no_quote() -> None:
    made = whole(reply(1, text="Who pays for the taxi?"), reply(2, text="We pay for it ourselves."))
    choice = choose(made)
    for hidden, left in (({"questions"}, 2), ({"voices"}, 1), ({"questions", "voices"}, 0)):
        shown = compose(replace(made, hidden=frozenset(hidden)), choice)
        assert len(shown.quotes) == left
        assert not shown.empty
        assert shown.hidden == frozenset(hidden)


def test_themes_stand_in_the_codebooks_order_or_the_facilitators_and_never_by_size() -> None:
    replies = [reply(n, text="We pay for the taxi.") for n in (1, 2, 3)] + [
        reply(4, text="No sleep at night.")
    ]
    made = whole(*replies)
    assert [one.code for one in compose(made, choose(made)).themes] == ["nights", "money"]
    turned = replace(made, theme_order=("money", "nights"))
    assert [(one.code, one.people) for one in compose(turned, choose(turned)).themes] == [
        ("money", 3),
        ("nights", 1),
    ]


def test_a_missing_point_stands_in_it_as_its_author_wants_to_be_shown() -> None:
    late = reply(
        3,
        text="Nobody spoke of Sundays.",
        attribution="name",
        consents=(*ALL, "name"),
        link="https://t.me/c/1/2",
    )
    made = whole(reply(1), late)
    choice = choose(whole(reply(1)))
    (quote,) = compose(replace(made, corrected=(voices.cut(late),)), choice).corrected
    assert (quote.words, quote.name, quote.link) == ("Nobody spoke of Sundays.", "Anna", "https://t.me/c/1/2")


def test_an_address_goes_with_a_name_only() -> None:
    made = whole(reply(1, link="https://t.me/c/1/2"))
    assert [one.link for one in compose(made, choose(made)).quotes] == [None]


@given(REPLIES, st.dictionaries(st.sampled_from(["carer", "practitioner", "researcher"]), st.integers(1, 5)))
def test_nobody_is_left_when_the_groups_that_wrote_are_subtracted(
    replies: tuple[Reply, ...], sizes: dict[str, int]
) -> None:
    made = whole(*replies, groups=sizes)
    shown = compose(made, digest.Choice())
    if shown.wrote_by:
        assert sum(shown.wrote_by.values()) == shown.people
    for code in shown.wrote_by:
        members = sum(n for group, n in sizes.items() if code in (group, made.named.broad(group)))
        assert code == "participant" or members >= made.k


# Bad input ----------------------------------------------------------------------------------------------------------

HEBREW = "אני עייפה מאוד, ואף אחד לא מתקשר אליי בלילה. מי יכול לעזור?"
BAD = {
    "nobody": (),
    "only voice": tuple(reply(n, kind="voice", text="") for n in range(1, 5)),
    "one person": tuple(reply(n, member=1, prompt=n % 3 + 1, text=f"I say {n} things.") for n in range(1, 9)),
    "many": tuple(
        reply(n, member=n % 90, group=ROLES[n % 6], text=f"Night number {n} was long.") for n in range(1, 301)
    ),
    "another language": tuple(
        reply(n, language="sl", text=f"Ponoči ne spim in nihče ne pride pomagat, teden {n}.")
        for n in range(1, 9)
    ),
    "markup": (reply(1, text="<b>loud</b> & <a href='x'>@anna</a> https://x.org/?q=1&r=2 [x](y) *z* _q_"),),
    "endless": (reply(1, text="and then we went on " * 200), reply(2, text="x" * 4000)),
    "emoji": tuple(reply(n, text="🙂👍🏽" * n) for n in range(1, 5)),
    "right to left": (reply(1, text=HEBREW), reply(2, text="\u202eabc\u202c def?")),
    "marks": (reply(1, text="She said […] and left. [...] Who was it?"),),
    "line ends": (reply(1, text="\r\n\r\n".join(f"line {n}" for n in range(90))),),
    "signs": (reply(1, text="\ud800 lone?"), reply(2, text="\x00a\x00")),
}


@pytest.mark.parametrize("name", sorted(BAD))
@pytest.mark.parametrize("book", [(), BOOK])
def test_bad_input_makes_a_digest_all_the_same(name: str, book: tuple[Theme, ...]) -> None:
    made = whole(*BAD[name], codebook=book)
    choice = choose(made)
    shown = compose(made, choice)
    assert shown.empty == (name == "nobody")
    assert all(0 < len(quote.words) <= cutting.PRINT for quote in shown.quotes)
    assert sum(len(quotes) for _, quotes in choice.prompts) <= choosing.SEATS
    if name in ("nobody", "only voice", "emoji"):
        assert shown.quotes == ()
    else:
        assert shown.quotes


def test_what_everybody_took_back_after_the_draft_leaves_nothing() -> None:
    replies = [reply(n, prompt=n % 2 + 1, starred=True) for n in range(1, 7)]
    choice = choose(whole(*replies))
    gone = whole(
        *(replace(one, state="taken_back", text="") for one in replies), prompts=whole(*replies).prompts
    )
    shown = compose(gone, choice)
    assert shown.empty
    assert shown.quotes == ()


def test_more_prompts_than_there_is_room_for_still_fit() -> None:
    question = (
        "How was it for you when the nurse came for the first time, and what would you tell others? " * 3
    )
    replies = [
        reply(n, prompt=n % 20 + 1, member=n, text=f"{n} is a number, and a long story too. " * 5)
        for n in range(1, 99)
    ]
    prompts = tuple(digest.Asked(n, question) for n in range(1, 21))
    made = whole(*replies, prompts=prompts, note="A word of mine. " * 10)
    shown = compose(made, choose(made))
    said = [quote.words for section in shown.sections for quote in section.quotes]
    said += [quote.words for quote in shown.questions] + [section.question for section in shown.sections]
    assert sum(len(words.split()) for words in [*said, made.note or ""]) <= choosing.WORDS
    assert shown.sections[-1].question.startswith("How was it")
    assert shown.sections[-1].quotes
