"""Which group may stand beside somebody's words."""

import pytest

from bot import catalogues
from bot.core import groups

TEXTS = catalogues.load(strict=True)
K = 3


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
        (None, {"carer": 5}, "participant"),
        ("a code of tomorrow", {"a code of tomorrow": 5}, "participant"),
    ],
)
def test_a_group_is_named_from_k_members_on(group: str | None, sizes: dict[str, int], expected: str) -> None:
    assert groups.shown(group, sizes, K) == expected


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
    assert groups.label("carer", attribution, name, {"carer": 3}, K, TEXTS.of("en")) == expected


@pytest.mark.parametrize("language", ["en", "nl", "sv"])
def test_every_group_has_its_names(language: str) -> None:
    text = TEXTS.of(language)
    for code in (*groups.FINE, *groups.WIDE, groups.PARTICIPANT):
        assert text.plain(f"group.{code}")
        assert text.plain(f"groups.{code}")


def test_every_group_can_be_chosen_at_joining() -> None:
    chosen = {choice.code for choice in (*groups.CHOICES, *groups.FURTHER)} - {groups.MORE}
    assert chosen == set(groups.FINE)


def test_who_joins_counts_already() -> None:
    assert groups.with_one_more({"carer": 2}, "carer") == {"carer": 3}
    assert groups.with_one_more({"carer": 2}, None) == {"carer": 2}
