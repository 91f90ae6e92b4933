"""A codebook as a file and as typed words: read whole or refused with its lines, and written as it can be read again.

    [themes.respite]
    names = { nl = "Respijt", sv = "Avlösning" }
    words = { nl = ["respijt", "oppas"], sv = ["avlösning"] }

In one language it is enough to write `[themes."Even ademhalen"]` and `words = ["respijt", "oppas"]`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.letters import MAX_LABEL
from bot.core.texts import LANGUAGES
from bot.core.themes import Codebook, Theme

MAX_THEMES = 30
MAX_NAME = MAX_LABEL  # it stands on a button
MAX_WORDS = 40  # of a theme, in one language
MAX_WORD = 40  # characters
MAX_BYTES = 100_000
CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")  # what may stand in a button's data; any other name is only shown
AT_LINE = re.compile(r"line (\d+)")
HEAD = re.compile(
    r"""^([ \t]*\[[ \t]*themes[ \t]*\.[ \t]*)([^\s"'.\]][^"'.\]\n]*?)(?=[ \t]*[.\]])""", re.MULTILINE
)
BARE = re.compile(r"[A-Za-z0-9_-]+")

# What can be wrong with a file; each has a text, `themes.problem_<what>`.
WRONG = (
    *("bytes", "big", "toml", "none", "many", "form", "language"),
    *("name", "double", "words", "many_words", "word"),
)

SIZES = ("many", "language", "name", "double", "many_words", "word")  # matters to the bot alone


@dataclass(frozen=True)
class Problem:
    """What can't be read, and in which line."""

    line: int
    what: str  # of `WRONG`
    value: str = ""


@dataclass(frozen=True)
class Read:
    """A codebook that was read; with problems there is none."""

    codebook: Codebook = ()
    problems: tuple[Problem, ...] = ()


# Files ----------------------------------------------------------------------------------------------------------


def decoded(data: bytes, language: str) -> Read:
    """Read a file as it was sent; words without a language are in this one."""
    if len(data) > MAX_BYTES:
        return Read(problems=(Problem(1, "big"),))
    try:
        return read(data.decode("utf-8-sig"), language, strict=True)
    except UnicodeDecodeError as error:
        return Read(problems=(Problem(data.count(b"\n", 0, error.start) + 1, "bytes"),))


def read(text: str, language: str, *, strict: bool = False) -> Read:
    """Read a codebook; `code` is the name in the file, and the name shown where `names` says nothing else.

    `strict`: everything has to fit the bot's buttons and languages too.
    """
    try:
        found = tomllib.loads(HEAD.sub(_with_quotes, text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = AT_LINE.search(str(error))
        return Read(problems=(Problem(int(at[1]) if at else text.count("\n") + 1, "toml"),))
    tables = found.get("themes")
    if not isinstance(tables, dict) or not tables:
        return Read(problems=(Problem(1, "none"),))
    lines = _Lines(text)
    problems = [one for one in _all_problems(tables, lines) if strict or one.what not in SIZES]
    if problems:
        return Read(problems=tuple(sorted(problems, key=lambda one: one.line)))
    return Read(tuple(_theme(code, table, language) for code, table in tables.items()))


def _with_quotes(head: re.Match[str]) -> str:
    """`[themes.hemgång]`, which TOML wants in quotes and nobody expects it to."""
    return head[0] if BARE.fullmatch(head[2]) else f"{head[1]}{_quoted(head[2])}"


class _Lines:
    """Where the themes of a file begin."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

    def of(self, code: str, word: str = "") -> int:
        """Return the line of a theme, or of a word in it, counted from 1; 1 where it can't be found."""
        begin = next((n for n, line in enumerate(self._lines) if self._heads(line, code)), None)
        if begin is None:
            return next((n for n, line in enumerate(self._lines, 1) if code in line), 1)
        for number in range(begin, len(self._lines)):
            line = self._lines[number]
            if word and word in line:
                return number + 1
            if number > begin and line.lstrip().startswith("[") and not self._heads(line, code):
                break
        return begin + 1

    @staticmethod
    def _heads(line: str, code: str) -> bool:
        named = "|".join(re.escape(one) for one in (code, f'"{code}"', f"'{code}'"))
        return re.match(rf"\s*\[\s*themes\s*\.\s*(?:{named})\s*[.\]]", line) is not None


def _all_problems(tables: Mapping[str, Any], lines: _Lines) -> Iterator[Problem]:
    if len(tables) > MAX_THEMES:
        yield Problem(lines.of(list(tables)[MAX_THEMES]), "many")
    taken: set[tuple[str, str]] = set()
    for code, table in tables.items():
        if not isinstance(table, dict):
            yield Problem(lines.of(code), "form", code)
            continue
        names, words = table.get("names", {}), table.get("words", {})
        yield from _names(code, names, taken, lines)
        yield from _words(code, words, lines)


def _names(code: str, names: Any, taken: set[tuple[str, str]], lines: _Lines) -> Iterator[Problem]:
    """What is wrong with the names of a theme; its code is its name where there is no other."""
    if not isinstance(names, dict):
        yield Problem(lines.of(code), "form", code)
        return
    for language, name in (names or {"": code}).items():
        if language and language not in LANGUAGES:
            yield Problem(lines.of(code, language), "language", language)
        if not isinstance(name, str):
            yield Problem(lines.of(code), "form", code)
        elif not _fits(name, MAX_NAME):
            yield Problem(lines.of(code, name), "name", name)
        elif (language, name.casefold()) in taken:
            yield Problem(lines.of(code, name), "double", name)
        else:
            taken.add((language, name.casefold()))


def _words(code: str, words: Any, lines: _Lines) -> Iterator[Problem]:
    by_language = {"": words} if isinstance(words, list) else words
    if not isinstance(by_language, dict):
        yield Problem(lines.of(code), "words", code)
        return
    for language, found in by_language.items():
        if language and language not in LANGUAGES:
            yield Problem(lines.of(code, language), "language", language)
        if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
            yield Problem(lines.of(code), "words", code)
            continue
        if len(found) > MAX_WORDS:
            yield Problem(lines.of(code), "many_words", code)
        for word in found:
            if not _fits(word, MAX_WORD):
                yield Problem(lines.of(code, word), "word", word)


def _fits(words: str, most: int) -> bool:
    return 0 < len(words.strip()) <= most and not any(ord(sign) < 32 for sign in words)


def _theme(code: str, table: Mapping[str, Any], language: str) -> Theme:
    names = {one: name.strip() for one, name in table.get("names", {}).items()} or {language: code.strip()}
    words = table.get("words", {})
    by_language = {language: words} if isinstance(words, list) else words
    return Theme(code, names, {one: distinct(found) for one, found in by_language.items() if found})


def distinct(words: Sequence[str]) -> tuple[str, ...]:
    """Return words without the space around them, each once, whatever its capitals."""
    kept: dict[str, str] = {}
    for word in words:
        kept.setdefault(" ".join(word.split()).casefold(), " ".join(word.split()))
    return tuple(word for word in kept.values() if word)


def written(codebook: Codebook) -> str:
    """Return the codebook as a file that `read` reads as the same."""
    return "\n".join(_written(theme) for theme in codebook)


def _written(theme: Theme) -> str:
    head = theme.code if CODE.fullmatch(theme.code) else _quoted(theme.code)
    lines = [
        f"[themes.{head}]",
        f"names = {_table({one: _quoted(name) for one, name in theme.names.items()})}",
    ]
    lines.append(f"[themes.{head}.words]")
    for language, words in theme.words.items():
        lines.append(f"{language} = [{', '.join(map(_quoted, words))}]")
    return "\n".join([*lines, ""])


def _table(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name} = {value}" for name, value in values.items()) + " }"


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if ord(sign) >= 32 and ord(sign) != 127 else " " for sign in escaped) + '"'


# Typed ----------------------------------------------------------------------------------------------------------


def read_words(typed: str) -> tuple[str, ...] | None:
    """Read words with commas between them; None where one is too long, or where there are too many."""
    words = distinct([one.strip(" .\"'“”„»«") for one in re.split(r"[,;\n]", typed)])
    return words if len(words) <= MAX_WORDS and all(_fits(word, MAX_WORD) for word in words) else None


def read_name(typed: str) -> tuple[str | None, str] | None:
    """Read a name, perhaps with its language before it ("nl = Respijt"); None for one that fits no button."""
    before, equals, after = typed.partition("=")
    language = language_in(before) if equals else None
    name = " ".join((after if language else typed).split())
    return (language, name) if _fits(name, MAX_NAME) else None


def language_in(words: str) -> str | None:
    """Return the language that a code such as "nl" names."""
    code = words.strip().lower()
    return code if code in LANGUAGES else None


def taken(codebook: Codebook, name: str, *, but: str = "") -> bool:
    """Whether another theme is called so, in any language."""
    return any(
        name.casefold() == other.casefold()
        for theme in codebook
        if theme.code != but
        for other in theme.names.values()
    )


def matched(new: Codebook, old: Codebook) -> Codebook:
    """Return a codebook from a file with the codes of the one it replaces: what is called the same is the same.

    A name that can't be a code becomes "": it gets one when it is kept.
    """
    known = {theme.code for theme in old}
    called = {name.casefold(): theme.code for theme in old for name in theme.names.values()}
    given: set[str] = set()
    found = []
    for theme in new:
        code = theme.code if theme.code in known else _called(theme, called, given)
        code = code if code not in given else ""
        given.add(code)
        found.append(Theme(code, theme.names, theme.words))
    return tuple(found)


def _called(theme: Theme, called: Mapping[str, str], given: set[str]) -> str:
    codes = (called.get(name.casefold(), "") for name in theme.names.values())
    same = next((code for code in codes if code and code not in given), "")
    return same or (theme.code if CODE.fullmatch(theme.code) else "")
