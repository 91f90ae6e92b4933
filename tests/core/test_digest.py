"""What a digest contains, how it is put together again, and how it reads."""

import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import catalogues
from bot.core import choosing, digest, groups, publishing, turnout, voices
from bot.core.choosing import choose
from bot.core.digest import Asked, Gathering, Material, compose
from bot.core.letters import plain, utf16_length
from bot.core.publishing import Way
from bot.core.voices import Reply
from bot.render import chat
from tests.core.test_voices import ALL, AT, TEXTS, reply

TEXT = catalogues.load(strict=True)
ZONE = ZoneInfo("Europe/Amsterdam")
FRIDAY = datetime(2026, 11, 6, 16, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
MEETING = Gathering("Second meeting", "Library", THURSDAY)


def material(*replies: Reply, **values: Any) -> Material:
    usual: dict[str, Any] = {
        "chain": "weekly",
        "number": 0,
        "prompts": tuple(Asked(n, f"Question {n}?") for n in sorted({one.prompt for one in replies})),
        "replies": replies,
        "groups": {"carer": 4, "practitioner": 3, "politician": 1},
        "k": 3,
        "publish_at": FRIDAY,
    }
    return Material(**(usual | values))


REPLIES = st.lists(
    st.builds(
        dict,
        prompt=st.integers(1, 12),
        member=st.integers(1, 12),
        text=st.one_of(TEXTS, st.just("")),
        kind=st.sampled_from(["text", "voice", "photo"]),
        group=st.sampled_from(groups.FINE),
        attribution=st.sampled_from(["role", "name", "none"]),
        consents=st.sampled_from([ALL, (*ALL, "name"), ("take_part",)]),
        state=st.sampled_from(["kept", "kept", "taken_back"]),
        active=st.sampled_from([True, True, True, False]),
        hidden=st.booleans(),
    ),
    max_size=40,
).map(lambda rows: tuple(reply(n, **row) for n, row in enumerate(rows, 1)))
SIZES = st.dictionaries(st.sampled_from(groups.FINE), st.integers(1, 5))


def html(whole: Material, language: str = "en") -> str:
    return chat.message(compose(whole, choose(whole)), TEXT.of(language), ZONE, now=FRIDAY)


@settings(max_examples=60, deadline=None)
@given(REPLIES, SIZES, st.sampled_from(["en", "nl", "sv"]), st.text(max_size=300))
def test_it_fits_into_one_message_and_two_minutes(
    replies: tuple[Reply, ...], sizes: dict[str, int], language: str, note: str
) -> None:
    whole = material(
        *replies, groups=sizes, meeting=MEETING, next_question=THURSDAY, note=note, note_by="Frida"
    )
    shown = plain(html(whole, language))
    assert utf16_length(shown) < 3800  # the draft's own lines come before
    assert len(shown.split()) <= choosing.WORDS


def test_what_is_put_right_later_takes_nothing_out_of_what_went_out() -> None:
    long = (
        "The neighbour sat with him for an afternoon each week and so I could sleep and see my sister again"
    )
    said = [reply(n, member=n, prompt=1 + n % 3, text=f"{long} {n}.") for n in range(1, 13)]
    whole = material(*said, meeting=MEETING, note=" ".join(["word"] * 150))
    right = " ".join(["It was a son and not a daughter."] * 8)
    before = plain(html(whole)).split("\n\n")[1:]  # the first names minutes
    after = plain(html(replace(whole, put_right=((right, None),)))).split("\n\n")[1:]
    assert len(" ".join(before).split()) > 300
    assert right in " ".join(after)
    assert [part for part in before if part not in after] == []
    more = html(replace(whole, put_right=((right, None),) * 12))
    assert utf16_length(plain(more)) < 4096  # else it could not be mended at all
    assert right in more


@settings(max_examples=60, deadline=None)
@given(REPLIES, st.randoms())
def test_the_same_window_gives_the_same_digest(replies: tuple[Reply, ...], random: Any) -> None:
    shuffled = list(replies)
    random.shuffle(shuffled)
    first, second = material(*replies), replace(material(*replies), replies=tuple(shuffled))
    assert choose(first) == choose(second)
    assert compose(first, choose(first)) == compose(second, choose(second))


@settings(max_examples=60, deadline=None)
@given(REPLIES, SIZES)
def test_each_quote_is_verbatim_allowed_and_names_no_small_group(
    replies: tuple[Reply, ...], sizes: dict[str, int]
) -> None:
    whole = material(*replies, groups=sizes)
    by_id = {one.id: one for one in replies}
    for quote in compose(whole, choose(whole)).quotes:
        one = by_id[quote.id]
        assert voices.quotable(one)
        assert all(piece.strip() in one.text for piece in quote.words.split(voices.MARK))
        assert quote.name is None or (one.attribution == "name" and "name" in one.consents)
        assert quote.group == groups.PARTICIPANT or _members(quote.group, sizes) >= 3


@given(st.lists(st.sampled_from(groups.FINE)), SIZES)
def test_groups_that_wrote_or_did_not_have_k_members(authors: list[str], sizes: dict[str, int]) -> None:
    wrote, silent = turnout.heard(authors, sizes, 3)
    assert all(_members(code, sizes) >= 3 for code in (*wrote, *silent))
    for code in silent:
        assert not [author for author in authors if author == code or groups.BROAD[author] == code]


@given(SIZES, st.integers(2, 5), st.data())
def test_who_is_silent_leaves_no_few_to_have_written(
    sizes: dict[str, int], k: int, data: st.DataObject
) -> None:
    authors = data.draw(st.lists(st.sampled_from(sorted(sizes)), min_size=1)) if sizes else []
    wrote, silent = turnout.heard(authors, sizes, k)
    drawn = turnout.wrote_by(authors, sizes, k)
    left = {code: n for code, n in sizes.items() if not {code, groups.BROAD[code]} & {*silent}}
    assert not authors or not silent or sum(left.values()) >= k
    for code in (
        wrote if not drawn else ()
    ):  # nor is what is left of its broad group beside one that is silent
        beside = [fine for fine, broad in groups.BROAD.items() if code in (fine, broad)]
        assert sum(left.get(fine, 0) for fine in beside) >= k


def test_who_left_since_is_counted_with_others_and_is_not_the_only_one() -> None:
    assert turnout.heard(["cared_for"], {"carer": 5, "cared_for": 1}, 3) == (("lived",), ())
    sizes = {"carer": 5, "practitioner": 3}
    assert turnout.wrote_by(["carer", "practitioner", "researcher"], sizes, 3) == {
        "carer": 1,
        groups.PARTICIPANT: 2,
    }
    whole = compose(
        replace(material(reply(1, member=1, group="researcher")), groups={"carer": 5}), digest.Choice()
    )
    assert (whole.people, whole.members) == (1, 6)


def _members(code: str, sizes: dict[str, int]) -> int:
    return sum(size for fine, size in sizes.items() if code in (fine, groups.BROAD[fine]))


@settings(max_examples=60, deadline=None)
@given(REPLIES)
def test_what_is_stored_finds_the_same_words_again(replies: tuple[Reply, ...]) -> None:
    whole = material(*replies)
    choice = choose(whole)
    stored = json.loads(json.dumps(digest.to_json(choice)))
    assert digest.from_json(stored) == choice
    assert pickle.loads(pickle.dumps(whole)) == whole


def test_what_was_taken_back_hidden_or_changed_is_left_out_when_it_goes_out() -> None:
    replies = [reply(n, text=f"Words of {n}.") for n in (1, 2, 3)]
    choice = choose(material(*replies))
    now = material(
        replace(replies[0], state="taken_back", text=""), replace(replies[1], text="Other words."), replies[2]
    )
    (section,) = compose(now, choice).sections
    assert [quote.words for quote in section.quotes] == ["Words of 3."]
    assert (section.replies, section.people) == (2, 2)
    assert [q.id for q in compose(material(replace(replies[2], hidden=True)), choice).quotes] == []


def test_what_came_after_the_draft_does_not_come_in_unseen() -> None:
    choice = choose(material(reply(1)))
    assert [quote.id for quote in compose(material(reply(1), reply(2)), choice).quotes] == [1]


def test_people_are_counted_and_wordless_answers_too() -> None:
    whole = material(
        reply(1, member=1),
        reply(2, member=1),
        reply(3, kind="voice", text=""),
        reply(4, kind="photo", text=""),
    )
    shown = plain(html(whole))
    assert "4 replies from 3 people. 1 spoken answer. 1 answer is a picture or a file." in shown


def test_what_a_meeting_digest_says_in_its_order() -> None:
    whole = material(
        reply(1, text="Who calls the night nurse when it is late? I never know."),
        reply(2, text="Twelve homes in a night, one nurse.", group="practitioner"),
        reply(3, text="I count votes.", group="politician", attribution="role"),
        reply(4, text="My name may stand here.", attribution="name", consents=(*ALL, "name")),
        chain="meeting",
        meeting=MEETING,
        next_question=datetime(2026, 11, 16, 9, tzinfo=UTC),
        note="See you there.",
        note_by="Frida",
    )
    shown = plain(html(whole))
    order = [
        "Before our meeting on Thursday 12 November at 17:30",
        "Frida, who leads the group: See you there.",
        "Questions we could take up",
        "1. “Who calls the night nurse when it is late? […]” – a carer",
        "Question 1?",
        "4 replies from 4 people.",
        "– Anna",
        "– a care professional",
        "– a participant",
        "Who has written",
        "4 of 8: 2 carers and 2 others.",
        "What comes next",
        "We meet on Thursday 12 November at 17:30: Library.",
        "The next question comes on Monday 16 November at 10:00.",
    ]
    places = [shown.find(line) for line in order]
    assert -1 not in places, order[places.index(-1)]
    assert "politician" not in shown.lower()


def test_who_has_not_been_heard_is_named_from_k_members_on() -> None:
    assert turnout.heard(["carer"], {"carer": 3, "practitioner": 4, "politician": 2}, 3) == (
        ("carer",),
        ("practitioner",),
    )
    assert turnout.heard([], {"politician": 2, "researcher": 1}, 3) == ((), ("decide",))
    # A small group is not given away by naming its broad one beside a large one of the same side.
    assert turnout.heard(["carer", "cared_for"], {"carer": 3, "cared_for": 1}, 3) == (("carer",), ())


def test_words_of_members_are_no_markup_and_long_quotes_are_folded() -> None:
    shown = html(
        material(reply(1, text="<b>loud</b> & clear"), reply(2, text="A long sentence goes on " * 5 + "."))
    )
    assert "&lt;b&gt;loud&lt;/b&gt; &amp; clear" in shown
    assert "<blockquote expandable>" in shown


@pytest.mark.parametrize("language", ["en", "nl", "sv"])
def test_it_can_be_read_in_every_language(language: str) -> None:
    shown = html(material(reply(1), meeting=MEETING, chain="meeting"), language)
    assert "{" not in shown
    assert "My neighbour came by." in shown


# Its way out ----------------------------------------------------------------------------------------------------

DRAFT = datetime(2026, 11, 5, 16, tzinfo=UTC)
ASK = datetime(2026, 11, 6, 4, tzinfo=UTC)
WAY = Way("due", "open", DRAFT, FRIDAY, ASK)
MADE = replace(WAY, state="draft", checking=DRAFT, made_at=DRAFT)
ASKED = replace(MADE, stand_in_at=ASK)
LOOKED = replace(ASKED, called=True)
CHECKED = replace(LOOKED, checked_at=FRIDAY - publishing.CHECK)


@pytest.mark.parametrize(
    ("way", "unanswered", "now", "step"),
    [
        (WAY, False, "05 15:59", "wait"),
        (WAY, False, "05 16:00", "check"),
        (replace(WAY, checking=DRAFT), True, "05 16:01", "wait"),
        (replace(WAY, checking=DRAFT), True, "05 16:10", "make"),
        (replace(WAY, checking=DRAFT), False, "05 16:00", "make"),
        (replace(WAY, stale=True), False, "03 10:00", "check"),  # /digest
        (replace(MADE, made_at=AT), False, "05 15:00", "wait"),
        (replace(MADE, made_at=AT), False, "05 16:00", "make"),  # the draft that everybody waits for
        (MADE, False, "06 03:59", "wait"),
        (MADE, False, "06 04:00", "ask"),
        (replace(MADE, state="approved"), False, "06 04:00", "wait"),
        (replace(MADE, made_at=datetime(2026, 11, 6, 12, tzinfo=UTC)), False, "06 13:59", "wait"),
        (replace(MADE, made_at=datetime(2026, 11, 6, 12, tzinfo=UTC)), False, "06 14:00", "ask"),
        (ASKED, False, "06 14:59", "wait"),
        (ASKED, False, "06 15:00", "call"),  # the coordinators
        (replace(ASKED, stand_in_at=datetime(2026, 11, 6, 15, tzinfo=UTC)), False, "06 15:29", "wait"),
        (replace(ASKED, stand_in_at=datetime(2026, 11, 6, 15, tzinfo=UTC)), False, "06 15:30", "call"),
        (LOOKED, False, "06 15:50", "check"),
        (CHECKED, False, "06 15:55", "wait"),
        (CHECKED, True, "06 16:00", "publish"),
        (LOOKED, False, "06 18:00", "check"),
        (replace(LOOKED, approval="required"), False, "06 16:00", "hold"),
        (replace(CHECKED, approval="required", state="approved"), False, "06 16:00", "publish"),
        (CHECKED, False, "07 16:01", "miss"),
        (replace(CHECKED, meeting=FRIDAY), False, "06 16:00", "miss"),
        (replace(CHECKED, stale=True), False, "06 16:00", "make"),
        (replace(CHECKED, state="held"), False, "06 16:00", "wait"),
        (replace(CHECKED, state="published"), False, "06 16:00", "wait"),
    ],
)
def test_each_step_has_its_moment(way: Way, unanswered: bool, now: str, step: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-{now}").replace(tzinfo=UTC)
    found, until = publishing.step(way, unanswered=unanswered, now=moment)
    assert found == step
    assert until is None or until > moment


def test_without_approval_words_stay_where_they_were_said() -> None:
    openly, private = reply(1, chat=5), reply(2, place="private", chat=None)
    words = voices.pick(private, voices.quote(private.text))
    assert publishing.open_here(openly, None, 5)
    assert not publishing.open_here(openly, None, 6)
    assert not publishing.open_here(private, words, 5)
    assert publishing.open_here(replace(private, answer=f"yes:{words.mark}"), words, 5)
    assert not publishing.open_here(replace(private, answer="yes:other words"), words, 5)
    assert publishing.unread([openly, private], [words], [5, 6]) == [2]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "10 carers, a volunteer and one other person"),
        ("nl", "10 mantelzorgers, een vrijwilliger en één ander"),
        ("sv", "10 anhöriga, en volontär och en person till"),
    ],
)
def test_one_of_a_group_is_one(language: str, said: str) -> None:
    counts = {"carer": 10, "volunteer": 1, "participant": 1}
    assert chat.by_group(counts, TEXT.of(language), groups.USUAL) == said
