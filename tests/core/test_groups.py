"""Which group may stand beside somebody's words, and what a network calls it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogues
from bot.core import choosing, digest, groups
from bot.core.groups import FINE, PARTICIPANT, ROLE, USUAL, WIDE, Groups, Named, Naming
from bot.core.voices import Reply

TEXTS = catalogues.load(strict=True)
EN, NL, SV = (TEXTS.of(language) for language in ("en", "nl", "sv"))
K = 3
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
OWN = Groups(
    (
        Named("carer", "lived", {"nl": ("een naaste", "naasten")}),
        Named("own_1", "work", {"nl": ("een buur", "buren"), "en": ("a neighbour", "neighbours")}),
        Named("own_2", None, {"nl": ("een imam", "imams")}),
        Named("politician", "decide", {}, offered=False),
    ),
    "nl",
)


@pytest.mark.parametrize(
    ("group", "sizes", "expected"),
    [
        ("carer", {"carer": 3}, "carer"),
        ("carer", {"carer": 2, "cared_for": 1}, "lived"),
        ("cared_for", {"carer": 3, "cared_for": 1}, "lived"),
        ("carer", {"carer": 2, "practitioner": 5}, "participant"),
        ("researcher", {"researcher": 1, "politician": 1, "decision_maker": 1}, "decide"),
        ("other", {"other": 3}, "other"),
        ("other", {"other": 2, "carer": 9}, "participant"),
        ("own_1", {"own_1": 3}, "own_1"),
        ("own_1", {"own_1": 1, "volunteer": 2}, "work"),
        ("volunteer", {"own_1": 2, "volunteer": 1}, "work"),
        ("own_2", {"own_2": 2, "carer": 9}, "participant"),
        (None, {"carer": 5}, "participant"),
        ("a code of tomorrow", {"a code of tomorrow": 5}, "participant"),
    ],
)
def test_a_group_is_named_from_k_members_on(group: str | None, sizes: dict[str, int], expected: str) -> None:
    assert OWN.shown(group, sizes, K) == expected


SIZES = st.dictionaries(st.sampled_from(OWN.fine), st.integers(1, 5), min_size=1)


@given(
    SIZES, st.sampled_from(["role", "none", "name"]), st.sampled_from([None, ROLE, PARTICIPANT]), st.data()
)
def test_no_label_names_a_group_below_k_unless_its_member_chose_so(
    sizes: Mapping[str, int], attribution: str, alone: str | None, data: st.DataObject
) -> None:
    group = data.draw(st.sampled_from(sorted(sizes)))
    text = data.draw(st.sampled_from([EN, NL, SV]))
    label = OWN.label(group, attribution, None, sizes, K, text, alone=alone)
    code = next(code for code in (PARTICIPANT, *WIDE, *OWN.fine) if OWN.one(code, text) == label)
    sharing = sum(n for fine, n in sizes.items() if code in (fine, OWN.broad(fine)))
    chosen = attribution != "none" and alone == ROLE and code == group
    assert code == PARTICIPANT or sharing >= K or chosen
    assert attribution != "none" or code == PARTICIPANT


@given(SIZES, st.lists(st.sampled_from([None, ROLE, PARTICIPANT]), min_size=1, max_size=6), st.data())
def test_in_a_digest_only_those_are_named_below_k_who_chose_it(
    sizes: Mapping[str, int], choices: list[str | None], data: st.DataObject
) -> None:
    replies = tuple(
        _reply(id, data.draw(st.sampled_from(sorted(sizes))), alone) for id, alone in enumerate(choices)
    )
    material = digest.Material(
        chain="weekly",
        number=1,
        prompts=(digest.Asked(1, "What helped?"),),
        replies=replies,
        groups=sizes,
        k=K,
        publish_at=MONDAY,
        named=OWN,
    )
    by_id = {reply.id: reply for reply in replies}
    made = digest.compose(material, choosing.choose(material))
    for quote in (*made.quotes, *digest.said(material)):
        sharing = sum(n for fine, n in sizes.items() if quote.group in (fine, OWN.broad(fine)))
        assert quote.group == PARTICIPANT or sharing >= K or by_id[quote.id].alone == ROLE
        assert quote.name is None  # nobody here agreed to be named, and the facilitator's list says no more
    for code in (*made.wrote, *made.silent):
        assert sum(n for fine, n in sizes.items() if code in (fine, OWN.broad(fine))) >= K


def _reply(id: int, group: str, alone: str | None) -> Reply:
    return Reply(
        id=id,
        prompt=1,
        member=id,
        group=group,
        place="private",
        chat=None,
        kind="text",
        text=f"What helped me most this week was my neighbour, number {id} in our street.",
        attribution="role",
        name="Anna",
        consents=("take_part", "quote"),
        arrived_at=MONDAY,
        alone=alone,
    )


@pytest.mark.parametrize(
    ("attribution", "name", "expected"),
    [
        ("name", "Anna", "Anna"),
        ("name", None, "a carer"),  # chosen, but not agreed to any more
        ("role", "Anna", "a carer"),
        ("none", "Anna", "a participant"),
    ],
)
def test_the_label_follows_the_attribution(attribution: str, name: str | None, expected: str) -> None:
    assert USUAL.label("carer", attribution, name, {"carer": 3}, K, EN) == expected


@pytest.mark.parametrize(
    ("attribution", "named", "expected"),
    [("none", True, PARTICIPANT), ("role", True, "carer"), ("name", False, "carer"), ("name", True, "Anna")],
)
def test_who_leads_reads_no_more_than_its_author_chose(attribution: str, named: bool, expected: str) -> None:
    agreed = ("take_part", "quote", "name") if named else ("take_part", "quote")
    reply = replace(_reply(1, "carer", None), attribution=attribution, consents=agreed)
    material = digest.Material(
        chain="weekly", number=1, prompts=(), replies=(reply,), groups={"carer": 3}, k=K, publish_at=MONDAY
    )
    (quote,) = digest.said(material)
    assert (quote.name or quote.group) == expected


# What a network calls them


@pytest.mark.parametrize("language", ["en", "nl", "sv"])
def test_every_group_has_its_names(language: str) -> None:
    text = TEXTS.of(language)
    for code in (*FINE, *WIDE, PARTICIPANT):
        assert USUAL.one(code, text)
        assert USUAL.many(code, text)


def test_own_names_come_in_the_readers_language_or_the_networks() -> None:
    assert [OWN.one("own_1", text) for text in (EN, NL, SV)] == ["a neighbour", "een buur", "een buur"]
    assert [OWN.many("carer", text) for text in (EN, NL)] == ["Naasten", "Naasten"]
    assert OWN.one("volunteer", SV) == "en volontär"
    assert OWN.choice("carer", NL) == "Een naaste"
    assert OWN.choice("volunteer", NL) == "Ik ben vrijwilliger"


def test_who_works_in_care_is_known_of_added_groups_too() -> None:
    assert [code for code in OWN.fine if OWN.in_care(code)] == [
        "volunteer",
        "practitioner",
        "care_manager",
        "own_1",
    ]


def test_what_is_offered_at_joining() -> None:
    assert set(USUAL.offered()) == set(FINE)
    assert set(FINE) - set(OWN.offered()) == {"politician"}
    assert OWN.offered()[-3:] == ("own_1", "own_2", "other")


def test_who_joins_counts_already() -> None:
    assert groups.with_one_more({"carer": 2}, "carer") == {"carer": 3}
    assert groups.with_one_more({"carer": 2}, None) == {"carer": 2}


@pytest.mark.parametrize(
    ("group", "sizes", "expected"),
    [
        ("politician", {"politician": 1}, True),
        ("politician", {"politician": 1, "researcher": 2}, False),  # the broad one can be named
        ("carer", {"carer": 3}, False),
        ("own_2", {"own_2": 1, "carer": 5}, True),
    ],
)
def test_who_would_be_named_by_nothing(group: str, sizes: dict[str, int], expected: bool) -> None:
    assert OWN.few(group, sizes, K) is expected


# What is typed


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            "carer = een mantelzorger, mantelzorgers",
            Naming("carer", None, "een mantelzorger", "mantelzorgers"),
        ),
        (
            "Naasten = een mantelzorger,mantelzorgers",
            Naming("carer", None, "een mantelzorger", "mantelzorgers"),
        ),
        ("carer sv = en anhörig, anhöriga", Naming("carer", "sv", "en anhörig", "anhöriga")),
        (
            "decision maker = een wethouder, wethouders",
            Naming("decision_maker", None, "een wethouder", "wethouders"),
        ),
        ("een vrijwilliger = een maatje, maatjes", Naming("volunteer", None, "een maatje", "maatjes")),
        ("nieuw = een buur, buren", Naming(None, None, "een buur", "buren")),
        ("new en = a neighbour, neighbours", Naming(None, "en", "a neighbour", "neighbours")),
        ("own_1 = een buurvrouw, buurvrouwen", Naming("own_1", None, "een buurvrouw", "buurvrouwen")),
        ("nobody = a, b", None),
        ("carer een mantelzorger, mantelzorgers", None),
        ("carer = een mantelzorger", None),
        ("carer = <b>x</b>, y", None),
        ("carer = " + "x" * 25 + ", y", None),
        ("carer = a, b, c", None),
        ("", None),
    ],
)
def test_a_line_that_names_a_group(typed: str, expected: Naming | None) -> None:
    assert groups.read_naming(typed, OWN, NL) == expected
