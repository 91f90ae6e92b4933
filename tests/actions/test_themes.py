"""`/themes` for those who lead and coordinators, and *What is it about?* below an answer; each on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions import about, codebooks, contributions, mine
from bot.actions import themes as actions
from bot.actions.answer import Answer
from bot.actions.which import Leader
from bot.core.contributions import File, Given
from bot.core.letters import read_callback
from bot.core.mail import Letter
from bot.core.outcomes import Sent
from bot.core.themes import Theme
from storage import contributions as contribution_rows
from storage import dialogs, members, networks, outbox, people, prompts, themes
from storage.db import Connection, Database
from storage.people import Person
from tests.accessible import too_much
from tests.actions.test_consents import begun, data, labels, shown
from tests.actions.test_contributions import ANNA, DESK, NOW, OMAR, every, say, scene, words

Within = Callable[[Callable[[Connection], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Call a function in one transaction."""
    return database.write_now


def omar(db: Connection) -> Person:
    found = people.by_telegram_id(db, OMAR)
    assert found is not None
    return found


class Led:
    """Anna's network, led by Omar, who taps and types."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.here = scene(db)
        members.change(db, self.here.omar, facilitator=True)
        self.letters: list[Letter] | None = []

    def opens(self) -> "Led":
        network = networks.found(self.db, self.here.network)
        self.letters = actions.begin(Leader(self.db, omar(self.db), network, DESK, NOW))
        return self

    def taps(self, label: str, *, who: Person | None = None) -> list[Letter] | None:
        found = read_callback(data(self.letters, label))
        assert found is not None
        subject, _, verb = found.action.partition(".")
        act = {"themes": actions, "about": about, "mine": mine, "contributions": contributions}[subject]
        self.letters = act.pressed(
            self.db, who or omar(self.db), verb, found.id, found.nonce, message_id=5, desk=DESK, now=NOW
        )
        return self.letters

    def writes(self, text: str, *files: File) -> list[Letter]:
        dialog = dialogs.of(self.db, omar(self.db).id, now=NOW)
        assert dialog is not None
        assert dialog.kind == codebooks.KIND
        said = Given(OMAR, 90, "text", text, files, None, NOW)
        self.letters = actions.given(self.db, omar(self.db), dialog, said, DESK, now=NOW)
        return self.letters

    @property
    def names(self) -> list[str]:
        return [theme.name("en") for theme in themes.codebook(self.db, self.here.network)]

    def words(self, name: str, language: str = "en") -> tuple[str, ...]:
        found = themes.codebook(self.db, self.here.network)
        return next(theme for theme in found if theme.name("en") == name).words.get(language, ())

    def has(self, *names: str, **words: tuple[str, ...]) -> "Led":
        for name in names:
            theme = Theme("", {"en": name}, {"en": words.get(name.lower(), ())})
            themes.create(self.db, self.here.network, theme)
        return self


# The codebook


def test_a_network_has_no_themes_until_somebody_chooses(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).opens()
        assert labels(led.letters)[:3] == ["Care partnership", "Carers' wellbeing", "Dementia at home"]
        led.taps("Dementia at home")
        assert "<b>Memory and language</b>: forget, memory" in shown(led.letters)
        assert led.names == []  # shown first
        led.taps("Use these")
        assert led.names[:2] == ["Memory and language", "Behaviour and mood"]
        assert "Memory and language" in labels(led.letters)

    within(story)


def test_a_theme_is_added_with_its_words_renamed_and_moved(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money", "Sleep").opens()
        led.taps("Add a theme")
        led.writes("  The   nights ")
        assert "The nights" in shown(led.letters)
        led.writes("night, awake;Night")
        assert led.words("The nights") == ("night", "awake")
        led.taps("Words: English")
        led.writes("+ bed")
        assert led.words("The nights") == ("night", "awake", "bed")
        led.taps("Words: English")
        led.taps("Nederlands")
        led.writes("nacht")
        assert led.words("The nights", "nl") == ("nacht",)
        led.taps("Change the name")
        led.writes("Nights")
        led.taps("Earlier")
        assert led.names == ["Money", "Nights", "Sleep"]
        led.taps("Nights")
        led.taps("Later")
        assert led.names == ["Money", "Sleep", "Nights"]
        led.taps("Nights")
        led.taps("Words: English")
        led.taps("No words")
        assert led.words("Nights") == ()
        assert "no words yet" in shown(led.letters)

    within(story)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("x" * 25, "it has to fit a button"),
        ("mONEY", "There is a theme called <i>mONEY</i> already"),
        ("   ", "I need words"),
    ],
)
def test_a_name_that_cannot_be_used_is_asked_for_again(within: Within, typed: str, answer: str) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money").opens()
        led.taps("Add a theme")
        assert answer in shown(led.writes(typed))
        led.writes("Sleep")  # it is still waited for
        assert led.names == ["Money", "Sleep"]

    within(story)


def test_there_are_thirty_themes_at_most(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has(*(f"Theme {number}" for number in range(30))).opens()
        assert "Theme 8" not in labels(led.letters)
        assert "Theme 8" in labels(led.taps("More"))
        assert "There are 30 themes" in shown(led.taps("Add a theme"))

    within(story)


def test_a_removed_theme_comes_back_with_what_people_said(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money", "Sleep").opens()
        say(db, words("I never sleep"))
        (kept,) = every(db, led.here)
        sleep = themes.entries(db, led.here.network)[1]
        themes.tap(db, kept.id, sleep.id, themes.AUTHOR, now=NOW)
        led.taps("Sleep")
        led.taps("Remove the theme")
        assert led.names == ["Money"]
        assert themes.taps(db, [kept.id]) == {}
        led.taps("Undo")
        assert led.names == ["Money", "Sleep"]
        assert themes.taps(db, [kept.id]) == {kept.id: ((sleep.code,), ())}
        led.taps("Remove the theme")
        assert themes.forget_removed(db, now=NOW + timedelta(days=6)) == 0
        assert themes.forget_removed(db, now=NOW + timedelta(days=7)) == 1
        assert led.taps("Undo") is None

    within(story)


def test_a_theme_does_not_come_back_beside_one_of_its_name(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money").opens()
        led.taps("Money")
        removed = led.taps("Remove the theme")
        led.has("Money")
        led.letters = removed
        assert "There is a theme called" in shown(led.taps("Undo"))
        assert led.names == ["Money"]

    within(story)


def test_only_who_leads_the_network_changes_its_themes(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money").opens()
        for label in ("Money", "Add a theme", "As a file", "Words without a theme"):
            led.opens()
            assert led.taps(label, who=led.here.person) is None
        led.opens()
        led.taps("Add a theme")
        members.change(db, led.here.omar, facilitator=False)
        assert "too old" in shown(led.writes("Sleep"))
        assert led.names == ["Money"]

    within(story)


# The programme's


def test_a_coordinator_makes_the_list_that_all_networks_can_begin_with(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db)
        assert "Only a facilitator" in shown(actions.programme(db, led.here.person, DESK, now=NOW))
        people.change(db, led.here.person.id, coordinator=True)
        anna = people.by_telegram_id(db, ANNA)
        assert anna is not None
        led.letters = actions.programme(db, anna, DESK, now=NOW)
        led.taps("Carers' wellbeing", who=anna)
        led.taps("Use these", who=anna)
        assert "Themes for all networks" in shown(led.letters)
        assert len(themes.codebook(db, None)) == 9
        assert led.names == []  # nothing changes in a network by itself
        led.opens()
        led.taps("The one for all networks")
        led.taps("Use these")
        assert led.names == [theme.name("en") for theme in themes.codebook(db, None)]

    within(story)


# As a file


def test_the_list_leaves_as_a_file_and_a_changed_one_takes_its_place(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money", "Sleep", sleep=("sleep",)).opens()
        say(db, words("I never sleep"))
        (kept,) = every(db, led.here)
        sleep = themes.entries(db, led.here.network)[1]
        themes.tap(db, kept.id, sleep.id, themes.AUTHOR, now=NOW)
        led.taps("As a file")
        assert led.letters
        file = led.letters[0].files["document"].data.decode()
        assert '[themes.own_2]\nnames = { en = "Sleep" }' in file
        led.writes('[themes.Sleep]\nwords = ["sleep", "awake"]\n[themes.Hope]\n')
        assert led.names == ["Money", "Sleep"]  # nothing before a tap
        led.taps("Use these")
        assert led.names == ["Sleep", "Hope"]
        assert led.words("Sleep") == ("sleep", "awake")
        assert themes.taps(db, [kept.id]) == {kept.id: ((sleep.code,), ())}

    within(story)


def test_a_file_with_mistakes_changes_nothing_and_says_where_they_are(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money").opens()
        led.taps("As a file")
        told = shown(led.writes(f"[themes.Money]\nwords = 3\n[themes.{'x' * 30}]\n"))
        assert "Line 1: the words of <i>Money</i>" in told
        assert "Line 3: the name" in told
        assert "brackets" in shown(led.writes("Hello there"))
        assert led.names == ["Money"]

    within(story)


def test_a_sent_file_is_fetched_and_shown_before_anything_changes(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).opens()
        led.taps("As a file")
        asked = led.writes("", File("document", "f1", "themes.toml", "application/toml", 80))
        assert [letter.method for letter in asked] == ["getFile"]
        outbox.write(db, [replace(asked[0], key="get:1")], now=NOW)
        row = outbox.by_key(db, "get:1")
        assert row is not None
        codebooks.fetched(db, Answer(row, Sent(None, b'[themes.Night]\nwords = ["dark"]\n'), DESK, NOW))
        dialog = dialogs.of(db, omar(db).id, now=NOW)
        assert dialog is not None
        assert dialog.step == codebooks.PREVIEW
        assert led.names == []
        actions.pressed(db, omar(db), "use", led.here.network, "", message_id=5, desk=DESK, now=NOW)
        assert led.names == ["Night"]
        assert led.words("Night") == ("dark",)
        large = File("document", "f2", "themes.toml", "application/toml", 9_000_000)
        led.opens().taps("As a file")
        assert "too large" in shown(led.writes("", large))

    within(story)


# What an answer is about


def test_an_author_says_what_it_is_about_and_takes_it_back(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money", "Sleep")
        say(db, words("It's hard"))
        (kept,) = every(db, led.here)
        anna = led.here.person
        led.letters = contributions.pressed(db, anna, "stay", kept.id, "", message_id=5, desk=DESK, now=NOW)
        assert labels(led.letters) == [
            "Change that",
            "This one matters to me",
            "What is it about?",
            "Take it back",
        ]
        assert "So far I go by the words" in shown(led.taps("What is it about?", who=anna))
        assert labels(led.letters) == ["Money", "Sleep", "Back"]
        assert "counted under <i>Sleep</i>" in shown(led.taps("Sleep", who=anna))
        assert "<i>Money and Sleep</i>" in shown(led.taps("Money", who=anna))
        led.taps("Sleep", who=anna)
        assert "counted under <i>Money</i>" in shown(led.taps("Back", who=anna))
        assert themes.taps(db, [kept.id]) == {kept.id: (("own_1",), ())}
        assert about.pressed(db, omar(db), "list", kept.id, "r.0", message_id=5, desk=DESK, now=NOW) is None

    within(story)


def test_in_my_answers_it_is_the_same_and_many_themes_come_page_by_page(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has(*(f"Theme {number}" for number in range(12)))
        say(db, words("It's hard"))
        (kept,) = every(db, led.here)
        anna = led.here.person
        led.letters = mine.pressed(db, anna, "one", kept.id, "", message_id=5, desk=DESK, now=NOW)
        led.taps("What is it about?", who=anna)
        assert labels(led.letters)[-3:] == ["Theme 9", "More", "Back"]
        led.taps("More", who=anna)
        led.taps("Theme 11", who=anna)
        assert labels(led.letters) == ["Theme 10", "Theme 11", "More", "Back"]
        led.taps("Back", who=anna)
        assert "What helped you?" in shown(led.letters)
        assert "counted under <i>Theme 11</i>" in shown(led.letters)

    within(story)


def test_without_themes_nobody_is_asked_what_it_is_about(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db)
        say(db, words("It's hard"))
        (kept,) = every(db, led.here)
        led.letters = contributions.pressed(
            db, led.here.person, "stay", kept.id, "", message_id=5, desk=DESK, now=NOW
        )
        assert "What is it about?" not in labels(led.letters)

    within(story)


# Words without a theme


def test_a_word_that_comes_back_belongs_to_a_theme_with_two_taps(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("Money", "Sleep", sleep=("sleep",))
        say(db, words("The wheelchair is broken"))
        say(db, words("Nobody mends my wheelchair", 61), author=OMAR)
        led.opens()
        assert "wheelchair" in labels(led.taps("Words without a theme"))
        led.taps("wheelchair")
        told = shown(led.taps("Money"))
        assert "<i>wheelchair</i> belongs to <i>Money</i> now" in told
        assert led.words("Money") == ("wheelchair",)
        assert "wheelchair" not in labels(led.letters)
        assert (
            actions.pressed(db, omar(db), "word", led.here.network, "0" * 8, message_id=5, desk=DESK, now=NOW)
            is None
        )

    within(story)


# Whether a network wants themes


def test_a_network_with_answers_is_asked_once_whether_it_wants_themes(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db)
        for number in range(7):
            say(db, words(f"Answer {number}", 60 + number))
        assert codebooks.offer(db, DESK, now=NOW) == 0  # too few
        say(db, words("One more", 70))
        assert codebooks.offer(db, DESK, now=NOW) == 1
        assert codebooks.offer(db, DESK, now=NOW + timedelta(days=30)) == 0
        (letter,) = begun(db, codebooks.OFFERED)
        assert "themes" in letter.params["text"]
        later = actions.pressed(db, omar(db), "later", led.here.network, "", message_id=5, desk=DESK, now=NOW)
        assert "/themes" in shown(later)

    within(story)


def test_who_has_themes_is_not_asked(within: Within) -> None:
    def story(db: Connection) -> None:
        Led(db).has("Money")
        for number in range(9):
            say(db, words(f"Answer {number}", 60 + number))
        assert codebooks.offer(db, DESK, now=NOW) == 0

    within(story)


def test_the_longest_answer_with_all_that_is_said_of_it_stays_short(within: Within) -> None:
    def story(db: Connection) -> None:
        led = Led(db).has("W" * 24, "X" * 24, "Y" * 24)
        say(db, words("It is hard. " * 100))
        (kept,) = every(db, led.here)
        for entry in themes.entries(db, led.here.network):
            themes.tap(db, kept.id, entry.id, themes.AUTHOR, now=NOW)
        contribution_rows.change(db, kept.id, starred_at=NOW)
        prompts.change(db, led.here.posting.prompt_id, text="Why is it so? " * 50)
        for act, verb in ((mine, "one"), (contributions, "stay"), (about, "list")):
            told = act.pressed(db, led.here.person, verb, kept.id, "", message_id=5, desk=DESK, now=NOW)
            assert too_much(shown(told), labels(told)) == []

    within(story)
