"""Which sentences ask something, in three languages, with and without a question mark."""

from typing import Any

import pytest
from hypothesis import given

from bot.core import questions
from bot.core.cutting import shown
from bot.core.voices import Reply
from tests.core.test_cutting import ANY
from tests.core.test_voices import REPLIES, TEXTS, reply

ASKED = (
    "Who do I call at night?",
    "I wonder whether others feel the same",
    "I often wonder how long this can go on.",
    "We'd like to know who decides about the day centre.",
    "I still don't understand why the letter never came.",
    "I don't know who to call at the weekend.",
    "Does anyone here have experience with a personal budget.",
    "Can somebody explain the form to me.",
    "Is there anywhere we could stay together for a weekend?",
    "My question is for the care manager.",
    "Why does nobody tell you this on the first day",
    "So how do you tell your children",
    "Is this it???",
    "“Is this all there is?”",
    "See https://example.org/a?b=c for the list, but who fills it in?",
    "Ik vraag me af of anderen dat ook hebben",
    "Soms vraag ik me echt af hoe lang dit nog goed gaat.",
    "Ik ben benieuwd hoe jullie dat doen.",
    "Ik snap niet waarom er drie mensen moeten komen.",
    "Ik begrijp nog steeds niet hoe dat formulier werkt.",
    "Weet iemand een adres voor logeeropvang",
    "Heeft iemand ervaring met een pgb.",
    "Wie weet hoe je dat aanvraagt.",
    "Mijn vraag is wie dat regelt.",
    "Ik zou graag van anderen horen hoe zij dat doen.",
    "Het is mij niet duidelijk wie er komt.",
    "Ik weet niet waar ik met hem naartoe moet.",
    "Waarom duurt dat zo lang",
    "Hoe krijg je hem zover",
    "Zou de gemeente dat kunnen betalen?",
    "Jag undrar om det finns någon grupp för oss",
    "Undrar hur andra gör på natten.",
    "Ibland undrar jag vem som bestämmer.",
    "Jag förstår inte varför vi måste vänta ett år.",
    "Vi vet inte vart vi ska vända oss.",
    "Vet någon vem man ringer på helgen",
    "Finns det någon grupp för unga.",
    "Någon här som har provat växelvård.",
    "Min fråga är till kommunen.",
    "Det är oklart vem som ansvarar för hjälpmedlen.",
    "Jag skulle vilja veta hur länge man får vänta.",
    "Varför ringer ingen tillbaka",
    "Hur gör ni när han inte vill följa med",
    "Vem betalar för resan?",
)
NOT_ASKED = (
    "We had a good week.",
    "Look at https://example.org/search?q=respite for more.",
    "See www.example.org/page? and read on.",
    "The leaflet says (?) that it is free.",
    "No wonder she is tired.",
    "You know what? We managed.",
    "How are you all?",
    "She asks me “when are we going home?” forty times a day.",
    "Every morning: 'who are you?' and then she laughs.",
    "I don't know what I would do without her.",
    "What helped me was the walk.",
    "When he sleeps I do the laundry.",
    "How much has changed in a year.",
    "Someone who knows both sides should do it.",
    "The doctor asked why I had come.",
    "We hebben een goede week gehad.",
    "Wat fijn dat jullie er zijn!",
    "Weet je wat? Het is gelukt.",
    "Hoe gaat het met jullie?",
    "‘Wanneer gaan we naar huis?’ vraagt ze elke avond.",
    "Hoe dan ook, het is goed gekomen.",
    "Waar ik tegenaan loop is de telefoon.",
    "Ik weet niet wat ik zonder haar zou moeten.",
    "Het scheelt als je iemand hebt om mee te praten.",
    "Wie weet wordt het beter.",
    "Dat heeft iemand van de gemeente mij verteld.",
    "Ik vraag me dat niet meer af.",
    "Dat is nooit een vraag geweest.",
    "Vi har haft en bra vecka.",
    "Vet du vad? Det gick bra.",
    "Hur mår ni?",
    "”Vem är du?” frågar mamma varje morgon.",
    "När han sover går jag ut.",
    "Det är skönt när man har någon att prata med.",
    "Jag vet inte vad jag skulle göra utan henne.",
    "Hur det än blir är vi två.",
    "Läkaren frågade varför jag kom.",
    "Jag undrar inte längre över det.",
    "Vad skönt att ni finns!",
)


@pytest.mark.parametrize("sentence", ASKED)
def test_what_asks_is_found(sentence: str) -> None:
    assert questions.asks(sentence)


@pytest.mark.parametrize("sentence", NOT_ASKED)
def test_what_does_not_ask_is_no_question(sentence: str) -> None:
    assert questions.question(sentence) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "We were four. Who calls the night nurse when it is late in the evening? Thanks.",
            "[…] Who calls the night nurse when it is late in the evening? […]",
        ),
        ("The nurse left. Why?", "The nurse left. Why?"),
        ("I wonder who pays", "I wonder who pays"),
        ("Ik snap niet waarom dat zo moet.", "Ik snap niet waarom dat zo moet."),
        ("Jag undrar vem som ringer.", "Jag undrar vem som ringer."),
        ("We had a good week.", None),
    ],
)
def test_a_short_question_is_shown_with_the_sentence_before_it(text: str, words: str | None) -> None:
    spans = questions.question(text)
    assert (shown(text, spans) if spans else None) == words


@given(ANY)
def test_a_question_is_to_the_letter_and_short(text: str) -> None:
    spans = questions.question(text, 120)
    assert not spans or len(shown(text, spans)) <= 120


@given(TEXTS)
def test_a_question_mark_behind_a_word_asks(text: str) -> None:
    said = text.replace("🙂", "so")
    assert bool(questions.question(said)) == ("? " in f"{said} ")


@given(REPLIES)
def test_carers_ask_first_and_each_person_once_before_anybody_twice(replies: list[Reply]) -> None:
    by_id = {one.id: one for one in replies}
    order = [by_id[one.id] for one in questions.found(replies)]
    members = [one.member for one in order]
    firsts = [one for number, one in enumerate(order) if one.member not in members[:number]]
    assert order[: len(firsts)] == firsts
    groups = [one.group == "carer" for one in firsts]
    assert groups == sorted(groups, reverse=True)
    assert [one.id for one in questions.raised(replies, most=3)] == [one.id for one in firsts[:3]]


@given(REPLIES)
def test_what_may_not_be_quoted_is_no_question_either(replies: list[Reply]) -> None:
    by_id = {one.id: one for one in replies}
    for one in questions.found(replies):
        assert by_id[one.id].state == "kept"
        assert not by_id[one.id].hidden
        assert "quote" in by_id[one.id].consents


def test_a_star_of_its_author_puts_a_question_before_the_earlier_ones() -> None:
    def asking(id: int, **values: Any) -> Reply:
        return reply(id, text="Who calls the night nurse?", **values)

    listed = [
        asking(1),
        asking(2, starred=True),
        asking(3, group="practitioner", starred=True),
        asking(4, member=2),
    ]
    assert [one.id for one in questions.found(listed)] == [2, 1, 3, 4]
