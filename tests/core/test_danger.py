"""The safety list: what must bring the help numbers, and what a carers' network talks about every day."""

import pytest

from bot.core.danger import hits

HARD = [
    "Some days I can't go on.",
    "I can\u2019t take it anymore",
    "HE HITS ME when he is confused",
    "I'm scared of my husband",
    "I feel I might hurt him",
    "They would be better off\nwithout me",
    "She talks about ending her life",
    "Ik kan niet meer.",
    "Ik wou dat ik dood was",
    "Hij slaat me",
    "Ik ben bang voor mijn man",
    "Ik ben bang dat hij zichzelf iets aandoet",
    "ze is mishandeld",
    "Jag orkar inte mer",
    "Jag vill inte leva längre",
    "Han slår mig ibland",
    "Hon pratar om att ta livet av sig",
    "Jag är rädd för min son",
]
EVERYDAY = [
    "My mother is dying and I want to be with her",
    "I can't go on holiday",
    "I hit a wall with the forms",
    "I'm so tired, and nobody answers the phone",
    "We push her wheelchair up the hill",
    "kill two birds with one stone",
    "De dood van mijn vader was een opluchting",
    "Ik kan niet meer naar de winkel",
    "Zij slaat een dag over",
    "Palliatieve zorg thuis",
    "Hon dog i våras, hemma",
    "Det slår mig att vi behöver mer hjälp",
    "Vi slog upp telefonnumret",
    "Jag är trött och rädd för framtiden",
]


@pytest.mark.parametrize("words", HARD)
def test_what_sounds_like_danger_brings_help(words: str) -> None:
    assert hits(words)


@pytest.mark.parametrize("words", EVERYDAY)
def test_illness_tiredness_and_grief_are_no_alarm(words: str) -> None:
    assert not hits(words)


def test_a_network_adds_its_own_words_with_any_ending() -> None:
    own = {"nl": ["het kanaal in"], "en": ["Insulin"]}
    assert hits("Hij wil het kanaal inrijden", own)
    assert hits("too much INSULIN", own)
    assert not hits("The canal is nice", own)
    assert not hits("misinsuline", own)  # not amid another word


def test_signs_in_a_network_s_word_mean_themselves() -> None:
    assert not hits("anything at all", {"en": [".*", "a.y"]})
    assert hits("it was c++ again", {"en": ["c++"]})
