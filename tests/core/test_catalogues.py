"""The catalogues themselves: whole in every language, readable by Telegram, and used as they are written."""

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.plurals import get_plural

from bot import catalogues
from bot.core.letters import MAX_LABEL, plain
from bot.core.texts import LANGUAGES, PLACEHOLDER, SOURCE, best_language
from bot.sandbox.entities import parse_html

ROOT = Path(__file__).parents[2]
ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
MAX_ANSWER = 200  # what Telegram shows when a button was pressed

# What nobody is to hear (design.md §1): praise for being active, guilt for being silent, scores. One more language is a
# line in each. Whole words; what only the operator reads is left out.
PRAISE = {
    "en": r"well done|great|awesome|amazing|fantastic|wonderful|excellent|good job|congratulations|proud|keep it up"
    r"|bravo|impress\w*|thanks for|thank you for (?:your|being|answering)",
    "nl": r"goed gedaan|geweldig|fantastisch|super|prachtig|uitstekend|gefeliciteerd|knap|trots|ga zo door|bravo"
    r"|bedankt voor|dank je voor|fijn dat je",
    "sv": r"bra jobbat|bra gjort|fantastisk\w*|jättebra|underbar\w*|grattis|duktig\w*|stolt|fortsätt så|bravo"
    r"|imponerande|tack för|kul att du",
}
GUILT = {
    "en": r"you haven'?t (?!joined)|you have not|still waiting|everyone else|everybody else|don'?t forget|you forgot"
    r"|you missed|we miss(?:ed)? you|last chance|hurry|overdue|finally|unfortunately|disappoint\w*|you should|you must",
    "nl": r"je hebt (?:nog )?(?:niet|geen)|vergeet niet|niet vergeten|je bent vergeten|iedereen behalve|we mist?en je"
    r"|laatste kans|haast je|schiet op|eindelijk|helaas|jammer|teleurgesteld|je zou moeten|je moet",
    "sv": r"du har (?:fortfarande )?inte|glöm inte|du glömde|alla utom|vi saknar dig|vi saknade dig|sista chansen"
    r"|skynda|äntligen|tyvärr|besviken|du borde|du måste",
}
SCORES = {
    "en": r"streaks?|in a row|scores?|points|badges?|ranking|leaderboard|achievements?|most active|top \d+",
    "nl": r"op rij|scores?|punten|badges?|ranglijst|prestaties?|actiefste|meest actieve",
    "sv": r"svit|i rad|poäng|märken|topplista|rankning|prestation\w*|mest aktiva?",
}

# Ids that code puts together from a stored name: every id under such a beginning counts as used. One more
# is a line here; where a handful of ids would do, write them out in the code instead.
DYNAMIC = {
    "editions.": "where somebody reads the summary, and the headings of the plain one, by their names",
    "group.": "stakeholder groups by their code",
    "groups.": "the same as headings",
    "circle.": "core, sounding, both",
    "common.button.": "what every subject may offer",
    "digests.button.": "the buttons of a draft by their verb",
    "digests.if_nobody_": "what happens without an answer, by the approval setting",
    "digests.state_": "a digest's state",
    "helping.cmd.": "what Telegram says of a command, by its name",
    "helptext.suggest_": "national lines, by country",
    "helptext.unread_": "what of it could not be read, by what was asked for",
    "invites.": "an invitation's field, button, role and problem, by its name",
    "joining.as_": "what somebody speaks as, by the group's code",
    "joining.button.": "consents on or off, invitations by kind and circle",
    "joining.invite_": "what an invitation is good for, by its kind",
    "joining.role_": "what somebody is invited to be, by the role",
    "members.": "states, fields and roles by their names",
    "pause.button.": "how long a pause lasts, and listening on or off",
    "operator.": "what the operator is told, by what happened",
    "print.letter_": "a group's letter in a chart, by the group's code",
    "privacy.": "the pages of /privacy, by their name",
    "readiness.": "what is missing before people can join, by its name",
    "settings.": "a setting's question, button and new state, by its name",
    "themes.problem_": "what can't be read in a file of themes, by its name",
    "sending.file_": "a PDF's name, by what it is",
    "setup.": "why a group can't be set up, and which rights are missing, by Telegram's names",
}


@dataclass(frozen=True)
class Use:
    """A call of `text(…)` or `text.plain(…)` in the code."""

    where: str
    id: str
    names: frozenset[str]
    whole: bool  # all names stand in the call: no **values
    button: bool


def names(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


@cache
def messages(language: str) -> dict[str, Message]:
    return {
        message.id[0] if message.pluralizable else message.id: message
        for path in catalogues.files(language)
        for message in catalogues.read(path, language)
        if message.id
    }


def every_form() -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        for id, message in messages(language).items():
            for form in forms(message):
                yield language, id, form


def none(bad: Iterable[str]) -> None:
    """Fail with a line for each; pytest's own comparison would show only the first."""
    if lines := sorted(set(bad)):
        pytest.fail("\n".join(lines), pytrace=False)


@cache
def trees() -> dict[str, ast.Module]:
    paths = [path for folder in ("bot", "handlers") for path in (ROOT / folder).rglob("*.py")]
    ours = [path for path in paths if "sandbox" not in path.parts]  # which imports nothing of ours
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in ours}


def uses() -> Iterator[Use]:
    """Every call with a text's id in it; dynamic ids end with "*"."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            id = written(node.args[0])
            if called in ("text", "plain") and id is not None:
                given = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
                whole = len(given) == len(node.keywords)
                yield Use(f"{file}:{node.lineno}", id, given, whole, called == "plain")


def written(node: ast.expr) -> str | None:
    """The id that an expression stands for, with "*" for what is put in; None if it is no id."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value):
        return node.value
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        beginning = str(node.values[0].value)
        return f"{beginning}*" if re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z0-9_.]*", beginning) else None
    return None


def mentioned() -> set[str]:
    """Every string in the code that could be an id, as tables name ids too."""
    return {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value)
    }


# Each language is whole


def test_the_catalogues_can_be_read_and_every_language_has_texts() -> None:
    texts = catalogues.load(strict=True)
    assert texts.languages == LANGUAGES
    assert all(texts.catalogues[language].messages for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_subjects_and_ids(language: str) -> None:
    assert [path.name for path in catalogues.files(language)] == [
        path.name for path in catalogues.files(SOURCE)
    ]
    assert set(messages(language)) ^ set(messages(SOURCE)) == set()


def test_every_text_is_written_and_settled() -> None:
    none(f"{language} {id}" for language, id, form in every_form() if not form.strip())
    none(f"{la} {id}" for la in LANGUAGES for id, message in messages(la).items() if message.fuzzy)
    none(id for id in messages(SOURCE) if not ID.fullmatch(id))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_values_of_the_english_one(language: str) -> None:
    def values(code: str, id: str) -> set[str]:
        # A singular may do without its number ("one person"); the last form has all.
        return names(forms(messages(code)[id])[-1])

    ids = set(messages(language)) & set(messages(SOURCE))
    none(id for id in ids if values(language, id) != values(SOURCE, id))
    none(
        id
        for id in ids
        for form in forms(messages(language)[id])
        if values(SOURCE, id) - names(form) - {"count"}
    )


def test_every_brace_belongs_to_a_value() -> None:
    left = ((language, id, PLACEHOLDER.sub("", form)) for language, id, form in every_form())
    none(f"{language} {id}" for language, id, form in left if set(form) & set("{}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_the_forms_of_its_language(language: str) -> None:
    rule = get_plural(language)
    for path in catalogues.files(language):
        catalog = catalogues.read(path, language)
        assert (catalog.num_plurals, catalog.plural_expr) == (rule.num_plurals, rule.plural_expr), path.name
    plurals = {id for id, message in messages(language).items() if message.pluralizable}
    assert plurals == {id for id, message in messages(SOURCE).items() if message.pluralizable}
    none(id for id in plurals if len(forms(messages(language)[id])) != rule.num_plurals)
    none(id for id in plurals if set(messages(language)[id].id) != {id})


# Each text can be sent, and sounds like us


def test_telegram_reads_every_text_as_we_do() -> None:
    for language, id, form in every_form():
        html = PLACEHOLDER.sub("x", form)
        text, _ = parse_html(html, auto=False)  # raises where Telegram would refuse it
        assert text == plain(html).strip(), f"{language} {id}"
        # Values have their double quotes escaped, not their single ones.
        assert not re.search(r"='[^>]*>", form), f"{language} {id}"


def test_no_text_has_an_exclamation_mark_or_more_than_one_emoji() -> None:
    none(f"{language} {id}" for language, id, form in every_form() if "!" in form)
    none(f"{language} {id}" for language, id, form in every_form() if len(EMOJI.findall(form)) > 1)


@pytest.mark.parametrize("words", [PRAISE, GUILT, SCORES], ids=["praise", "guilt", "scores"])
def test_nobody_is_praised_blamed_or_scored(words: dict[str, str]) -> None:
    patterns = {language: re.compile(rf"\b(?:{words[language]})\b", re.IGNORECASE) for language in LANGUAGES}
    none(
        f"{language} {id}: {found[0]}"
        for language, id, form in every_form()
        if not id.startswith("operator.") and (found := patterns[language].search(form))
    )


def test_no_state_is_a_sign() -> None:
    signs = re.compile("[☐☑☒✓✔✗✘✅❌⬜🔲🔳⏸▶🔕🔔]")
    none(f"{language} {id}" for language, id, form in every_form() if signs.search(form))


def test_every_text_is_tidy() -> None:
    for language, id, form in every_form():
        assert form == unicodedata.normalize("NFC", form).strip(), f"{language} {id}"
        assert not re.search(r"  |\t|\r| \n", form), f"{language} {id}"


def test_dutch_says_je_and_not_u() -> None:
    formal = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
    none(id for language, id, form in every_form() if language == "nl" and formal.search(form))


def test_every_button_has_few_words_and_no_html() -> None:
    labels = [(language, id, form) for language, id, form in every_form() if ".button." in id]
    assert labels
    none(f"{la} {id}: {form}" for la, id, form in labels if len(PLACEHOLDER.sub("", form)) > MAX_LABEL)
    none(f"{la} {id}" for la, id, form in labels if re.search(r"[<>&\n]", form))
    none(f"{la} {id}" for la, id, form in labels if not re.search(r"\w", form))


# Each text is used, and each used text is there


def test_every_id_in_the_code_has_its_text_and_its_values() -> None:
    bad = []
    for use in uses():
        if use.id.endswith("*"):
            if not any(use.id[:-1].startswith(beginning) for beginning in DYNAMIC):
                bad.append(f"{use.where} {use.id} is put together, but not in DYNAMIC")
            continue
        message = messages(SOURCE).get(use.id)
        if message is None:
            bad.append(f"{use.where} {use.id} has no text")
            continue
        needed = names(forms(message)[-1]) | ({"count"} if message.pluralizable else set())
        if use.whole and use.names != needed:
            bad.append(f"{use.where} {use.id} needs {sorted(needed)}, is given {sorted(use.names)}")
    none(bad)


def test_every_button_named_in_the_code_has_its_text() -> None:
    whole = (id for id in mentioned() if ".button." in id and not id.endswith(("_", ".")))
    none(id for id in whole if id not in messages(SOURCE))


def test_every_text_without_html_in_the_code_has_none_in_the_catalogue() -> None:
    bare = {use.id for use in uses() if use.button}
    none(f"{la} {id}" for la, id, form in every_form() if id in bare and re.search(r"</?[a-z]|&\w+;", form))


def test_every_text_is_used() -> None:
    used = mentioned()
    unused = (id for id in messages(SOURCE) if id not in used and not id.startswith(tuple(DYNAMIC)))
    none(unused)


def test_every_dynamic_beginning_has_texts() -> None:
    assert [
        beginning for beginning in DYNAMIC if not any(id.startswith(beginning) for id in messages(SOURCE))
    ] == []


# Reading


def write(folder: Path, language: str, subject: str, body: str, plural: str = "n != 1") -> None:
    path = folder / language / "LC_MESSAGES" / f"{subject}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = (
        f'"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=({plural});\\n"\n'
    )
    path.write_text(f'msgid ""\nmsgstr ""\n{header}\n{body}', encoding="utf-8")


def test_all_files_of_a_language_are_one_catalogue(tmp_path: Path) -> None:
    for language in LANGUAGES:
        write(tmp_path, language, "one", 'msgid "one.a"\nmsgstr "å {x}"\n')
        write(
            tmp_path,
            language,
            "two",
            'msgid "two.b"\nmsgid_plural "two.b"\nmsgstr[0] "{count} thing"\nmsgstr[1] "{count} things"\n',
        )
    text = catalogues.load(folder=tmp_path, strict=True).of("sv")
    assert text("one.a", x="<") == "å &lt;"
    assert [text("two.b", count=count) for count in (0, 1)] == ["0 things", "1 thing"]


def test_a_text_that_is_not_translated_comes_in_english(tmp_path: Path) -> None:
    write(tmp_path, "en", "one", 'msgid "one.a"\nmsgstr "English"\n')
    write(tmp_path, "sv", "one", 'msgid "one.a"\nmsgstr ""\n')
    texts = catalogues.load(folder=tmp_path)
    assert texts.of("sv")("one.a") == "English"
    assert texts.missing == {("sv", "one.a")}


def test_an_id_in_two_files_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "en", "one", 'msgid "one.a"\nmsgstr "A"\n')
    write(tmp_path, "en", "two", 'msgid "one.a"\nmsgstr "A"\n')
    with pytest.raises(
        catalogues.CatalogueError, match=r"one\.a \(en\) stands in two\.po and in another file"
    ):
        catalogues.load(folder=tmp_path)


def test_an_id_twice_in_a_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "en", "one", 'msgid "one.a"\nmsgstr "A"\n\nmsgid "one.a"\nmsgstr "B"\n')
    with pytest.raises(catalogues.CatalogueError, match=r"one\.po \(en\) has one\.a twice"):
        catalogues.load(folder=tmp_path)


def test_files_that_count_differently_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, "en", "one", 'msgid "one.a"\nmsgstr "A"\n')
    write(tmp_path, "en", "two", 'msgid "two.a"\nmsgstr "A"\n', plural="n > 1")
    with pytest.raises(catalogues.CatalogueError, match="disagree"):
        catalogues.load(folder=tmp_path)


def test_a_catalogue_of_ours_is_found_for_every_phone() -> None:
    assert {best_language(code) for code in ("en-US", "nl-NL", "sv-FI")} == set(LANGUAGES)
