"""Codebooks as files and as typed words, and those of ours: their words find what people write, in three languages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions.codebooks import OURS, starting
from bot.core import codebooks
from bot.core.codebooks import MAX_NAME, MAX_THEMES, MAX_WORDS, decoded, matched, read, written
from bot.core.letters import fits
from bot.core.texts import LANGUAGES
from bot.core.themes import Theme, assign
from bot.core.voices import Reply

# What people write, with the theme it is about: a handful for each codebook and language.
SAID = {
    ("care_partnership", "en"): {
        "I can never reach anyone by phone after four o'clock.": "reaching",
        "Nobody explained to us what the tablets were for.": "information",
        "We want to be in the room when the decision is made.": "deciding",
        "They smile at me, but nobody really listens.": "heard",
        "Every week there is another face at the door.": "faces",
        "He was discharged on a Friday without anything being arranged.": "hospital",
        "Who is responsible for the medicines, them or me?": "tasks",
        "One afternoon of respite, so that I can get my hair cut.": "respite",
        "The application forms are twelve pages long.": "money",
    },
    ("care_partnership", "nl"): {
        "Na vijf uur krijg je niemand meer aan de telefoon.": "reaching",
        "Er lag een folder, maar niemand legde iets uit: graag betere uitleg.": "information",
        "Wij willen meebeslissen over het zorgplan van mijn vader.": "deciding",
        "De wijkverpleegkundige luistert tenminste echt naar mij.": "heard",
        "Elke dag een ander gezicht aan het bed.": "faces",
        "Hij kwam thuis uit het ziekenhuis zonder overdracht.": "hospital",
        "Wie is er nu verantwoordelijk voor de medicijnen?": "tasks",
        "Zonder de dagopvang op dinsdag had ik het niet gered.": "respite",
        "De kosten lopen op en de vergoeding is gestopt.": "money",
    },
    ("care_partnership", "sv"): {
        "Det går aldrig att nå någon på telefontiden.": "reaching",
        "Ingen förklarade vad medicinerna var till för.": "information",
        "Vi vill vara med när vårdplanen bestäms.": "deciding",
        "Biståndshandläggaren lyssnade på mig på riktigt.": "heard",
        "Det kommer nya ansikten varje vecka, mest vikarier.": "faces",
        "Han skrevs ut från sjukhuset en fredag.": "hospital",
        "Vem har ansvaret för medicinerna, hemtjänsten eller jag?": "tasks",
        "Växelvården är min livlina.": "respite",
        "Blanketten är på tolv sidor och ansökan tog ett halvår.": "money",
    },
    ("wellbeing", "en"): {
        "I'm up three times a night and never sleep through.": "sleep",
        "A day off once a month would help me more than advice.": "own_time",
        "I worry all the time about what happens if I fall ill.": "worry",
        "I feel so guilty when I raise my voice.": "grief",
        "It gets lonely, friends have stopped coming.": "together",
        "My own doctor says my blood pressure is too high.": "health",
        "My employer lets me come in late.": "work",
        "My sister and I quarrel about who does what.": "family",
        "Ten minutes in the garden and I can laugh again.": "strength",
    },
    ("wellbeing", "nl"): {
        "Ik slaap al maanden niet meer door.": "sleep",
        "Eén vrije middag in de week, dat zou zo schelen.": "own_time",
        "Ik lig te piekeren over later.": "worry",
        "Ik voel me schuldig als ik boos word.": "grief",
        "Het is eenzaam, mijn vriendinnen bellen niet meer.": "together",
        "De huisarts zegt dat mijn bloeddruk te hoog is.": "health",
        "Mijn werkgever doet gelukkig niet moeilijk.": "work",
        "Mijn broer en ik hebben er ruzie over.": "family",
        "Een kwartier wandelen en ik kan weer lachen.": "strength",
    },
    ("wellbeing", "sv"): {
        "Jag sover dåligt och vaknar av minsta ljud på natten.": "sleep",
        "En ledig eftermiddag i veckan skulle betyda allt.": "own_time",
        "Jag är orolig hela tiden för vad som ska hända.": "worry",
        "Jag har så dåligt samvete när jag blir arg.": "grief",
        "Anhöriggruppen gör att jag inte känner mig ensam.": "together",
        "Min egen hälsa kommer sist, värken i ryggen blir värre.": "health",
        "Chefen på jobbet har varit förstående.": "work",
        "Min bror och jag bråkar om vem som ska göra vad.": "family",
        "En promenad i skogen och jag orkar skratta igen.": "strength",
    },
    ("dementia", "en"): {
        "She repeats the same question and forgets the answer.": "memory",
        "In the evening he gets restless and angry.": "behaviour",
        "She left the stove on again, I don't feel safe.": "safety",
        "He refuses to shower and won't change his clothes.": "daily_care",
        "When they sing old songs she comes alive.": "days",
        "He walks about at night and I get no sleep.": "nights",
        "It took two years to get the diagnosis.": "diagnosis",
        "The day centre gives me two free mornings.": "respite",
        "We have been on the waiting list for the nursing home since May.": "moving",
        "Our daughter comes every Sunday with the grandchildren.": "around",
    },
    ("dementia", "nl"): {
        "Ze vergeet elk gesprek na vijf minuten.": "memory",
        "'s Avonds wordt hij onrustig en achterdochtig.": "behaviour",
        "Het fornuis heeft ze weer aan laten staan.": "safety",
        "Douchen wil hij niet meer, aankleden duurt een uur.": "daily_care",
        "Bij de muziek van vroeger leeft ze op.": "days",
        "Hij spookt 's nachts door het huis.": "nights",
        "De diagnose kwam pas na twee jaar.": "diagnosis",
        "De dagbesteding geeft mij even lucht.": "respite",
        "We staan op de wachtlijst voor het verpleeghuis.": "moving",
        "Onze dochter komt elke zondag.": "around",
    },
    ("dementia", "sv"): {
        "Hon glömmer allt efter fem minuter.": "memory",
        "På kvällen blir han rastlös och misstänksam.": "behaviour",
        "Spisen har stått på igen, och i går gick han vilse.": "safety",
        "Han vill inte duscha och klär på sig fel.": "daily_care",
        "När vi sjunger gamla sånger vaknar hon till.": "days",
        "Han är uppe hela nätterna och jag får ingen sömn.": "nights",
        "Utredningen tog två år innan vi fick diagnosen.": "diagnosis",
        "Dagverksamheten ger mig två lediga dagar.": "respite",
        "Vi står i kö till demensboendet.": "moving",
        "Vår dotter kommer varje söndag med barnbarnen.": "around",
    },
}


def reply(id: int, text: str) -> Reply:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return Reply(id, 1, id, "carer", "private", None, "text", text, "role", "Anna", ("take_part",), at)


# Ours


@pytest.mark.parametrize("name", OURS)
def test_ours_have_few_themes_with_enough_words_and_names_that_fit_a_button(name: str) -> None:
    found = starting(name)
    assert set(found.title) == set(LANGUAGES)
    assert all(fits(title) for title in found.title.values())
    assert 6 <= len(found.codebook) <= 10
    for theme in found.codebook:
        assert set(theme.names) == set(theme.words) == set(LANGUAGES), theme.code
        assert all(fits(called) for called in theme.names.values()), theme.code
        assert all(5 <= len(words) <= 8 for words in theme.words.values()), theme.code


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_ours_stands_for_two_themes(name: str, language: str) -> None:
    every = [word.casefold() for theme in starting(name).codebook for word in theme.words[language]]
    assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize(("name", "language"), SAID)
def test_what_people_write_is_found_by_our_words(name: str, language: str) -> None:
    said = SAID[name, language]
    codebook = starting(name).codebook
    assert set(said.values()) == {theme.code for theme in codebook}
    replies = [reply(number, text) for number, text in enumerate(said)]
    found = assign(replies, codebook, language)
    first = {text: (found[number] or ("",))[0] for number, text in enumerate(said)}
    assert {text: code for text, code in first.items() if code != said[text]} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We have breakfast together and then the paper comes."),
        ("nl", "Natuurlijk, dat vind ik alleen maar goed, en er zijn er honderden."),
        ("nl", "Het viel me op hoe handig dat is."),
        ("sv", "Naturligtvis, samarbetet fungerar bra och rollatorn står i hallen."),
        ("sv", "Det är hundratals sådana, på sätt och vis."),
    ],
)
@pytest.mark.parametrize("name", OURS)
def test_words_that_only_look_alike_are_no_theme(name: str, language: str, text: str) -> None:
    assert assign([reply(1, text)], starting(name).codebook, language) == {1: ()}


@pytest.mark.parametrize("name", OURS)
def test_ours_leave_as_a_file_and_come_back_the_same(name: str) -> None:
    codebook = starting(name).codebook
    assert read(written(codebook), "nl", strict=True) == codebooks.Read(codebook)


# Files


def test_words_without_a_language_are_in_the_one_that_is_asked_for() -> None:
    (theme,) = read('[themes."Even weg"]\nwords = ["respijt", " Respijt ", "oppas"]\n', "nl").codebook
    assert theme == Theme("Even weg", {"nl": "Even weg"}, {"nl": ("respijt", "oppas")})


def test_a_theme_without_words_is_fine() -> None:
    assert read("[themes.night]\n", "en", strict=True).codebook == (Theme("night", {"en": "night"}, {}),)


@pytest.mark.parametrize(
    ("file", "line", "what"),
    [
        ('[themes.night]\nwords = ["a", "b"\n\n[themes.day]\n', 4, "toml"),
        ("", 1, "none"),
        ("themes = 3\n", 1, "none"),
        ("[theme.night]\n", 1, "none"),
        ("[themes.night]\nwords = 3\n", 1, "words"),
        ("[themes.day]\n[themes.night]\nwords = [3]\n", 2, "words"),
        ("[themes]\nnight = 3\n", 2, "form"),
        ('[themes.night]\nwords = { de = ["Nacht"] }\n', 2, "language"),
        (f'[themes.night]\nnames = {{ en = "{"x" * (MAX_NAME + 1)}" }}\n', 2, "name"),
        ('[themes.a]\nnames = { en = "Night" }\n\n[themes.b]\nnames = { en = "NIGHT" }\n', 5, "double"),
        ('[themes.night]\nwords = [\n"night",\n"",\n]\n', 1, "word"),
        (
            f"[themes.night]\nwords = [{', '.join(['1'] * (MAX_WORDS + 1))}]\n".replace("1", '"a"'),
            1,
            "many_words",
        ),
        ("".join(f"[themes.t{n}]\n" for n in range(MAX_THEMES + 1)), MAX_THEMES + 1, "many"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(file: str, line: int, what: str) -> None:
    found = decoded(file.encode(), "en")
    assert found.codebook == ()
    assert [(one.line, one.what) for one in found.problems] == [(line, what)]


def test_what_is_no_text_or_too_much_is_told_too() -> None:
    assert [one.what for one in decoded(b"[themes.night]\n\xff", "en").problems] == ["bytes"]
    assert [one.what for one in decoded(b"#" * 200_000, "en").problems] == ["big"]


def test_a_file_for_the_command_line_may_be_in_any_language_and_size() -> None:
    found = read(f'[themes.{"x" * 60}]\nwords = {{ de = ["Nacht"] }}\n', "de")
    assert not found.problems
    assert found.codebook[0].words == {"de": ("Nacht",)}


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"[themes.a]\n{text}".encode()))
def test_nothing_that_is_sent_breaks_the_reading(data: bytes) -> None:
    found = decoded(data, "en")
    assert bool(found.codebook) != bool(found.problems)


NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=MAX_NAME)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(NAMES, st.lists(NAMES, max_size=4)), max_size=6, unique_by=lambda one: one[0].casefold()
    )
)
def test_whatever_is_written_is_read_again(themes: list[tuple[str, list[str]]]) -> None:
    codebook = tuple(
        Theme(f"own_{number}", {"nl": name}, {"nl": codebooks.distinct(words)} if words else {})
        for number, (name, words) in enumerate(themes)
    )
    assert read(written(codebook), "nl").codebook == codebook


# In the place of another one


def test_a_theme_of_the_same_name_stays_the_same_theme() -> None:
    old = (Theme("respite", {"nl": "Respijt"}, {}), Theme("own_1", {"nl": "Nacht"}, {}))
    new = (Theme("NACHT", {"nl": "Nacht"}, {"nl": ("slaap",)}), Theme("Het geld", {"nl": "Het geld"}, {}))
    assert [theme.code for theme in matched(new, old)] == ["own_1", ""]
    assert [theme.code for theme in matched(old[::-1], old)] == ["own_1", "respite"]


# Typed


def test_words_are_typed_with_commas_between() -> None:
    assert codebooks.read_words(' slaap, Nacht;"wakker liggen"\nslaap ') == (
        "slaap",
        "Nacht",
        "wakker liggen",
    )
    assert codebooks.read_words("x" * 41) is None
    assert codebooks.read_words(", ,") == ()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (" Even  weg ", (None, "Even weg")),
        ("nl = Even weg", ("nl", "Even weg")),
        ("1 = 2", (None, "1 = 2")),
        ("x" * 25, None),
        ("   ", None),
    ],
)
def test_a_name_is_typed_perhaps_with_its_language(typed: str, found: tuple[str | None, str] | None) -> None:
    assert codebooks.read_name(typed) == found
