"""A list of people to invite, as a file or typed: read whole, or told line by line what is wrong with it.

One more column: a line in `HEADINGS` and its reading in `_invitee`.
"""

import csv
import io
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MAX_PEOPLE = 60
MAX_BYTES = 100_000
MAX_NAME = 60
TYPED = "|"  # what stands between the columns of a line that is typed
ORDER = ("name", "group", "circle", "language")
HEADINGS = {
    "name": ("name", "first name", "naam", "voornaam", "namn", "förnamn"),
    "group": ("group", "stakeholder group", "groep", "belanghebbendengroep", "grupp", "intressentgrupp"),
    "circle": ("circle", "kring", "cirkel", "krets"),
    "language": ("language", "taal", "språk"),
}
CIRCLES = {
    "core": ("core", "core group", "kern", "kerngroep", "kärna", "kärngrupp", "kärngruppen"),
    "sounding": (
        *("sounding", "sounding board", "klankbord", "klankbordgroep"),
        *("referens", "referensgrupp", "referensgruppen"),
    ),
}
LANGUAGES = {
    "en": ("en", "english", "engels", "engelska"),
    "nl": ("nl", "dutch", "nederlands", "nederländska"),
    "sv": ("sv", "swedish", "zweeds", "svenska"),
}
ARTICLES = ("a ", "an ", "een ", "en ", "ett ")


@dataclass(frozen=True)
class Invitee:
    """Somebody to be invited; `group` and `language` None: asked when they join."""

    name: str
    group: str | None = None
    circle: str = "core"
    language: str | None = None


@dataclass(frozen=True)
class Problem:
    """What can't be read, and where; `what` ends the id of its text, `column` is a heading or a number."""

    what: str
    line: int
    column: str
    value: str = ""
    other: int = 0  # another line that it is about


@dataclass(frozen=True)
class Known:
    """The words that are understood in a network, and the names that are taken."""

    groups: Mapping[str, str]  # by what it is called
    circles: Mapping[str, str]
    names: Collection[str] = ()
    languages: Mapping[str, str] = field(default_factory=lambda: _turned(LANGUAGES))


@dataclass(frozen=True)
class Roster:
    """Who is to be invited; nobody at all where there are problems."""

    people: tuple[Invitee, ...] = ()
    problems: tuple[Problem, ...] = ()


def known(names: Iterable[tuple[str, str]], circles: Collection[str], taken: Collection[str]) -> Known:
    """Return what is understood; `names` are (what a group is called, its code)."""
    groups = {form: code for name, code in names for form in _forms(name)}
    there = {code: words for code, words in CIRCLES.items() if code in circles}
    return Known(groups, _turned(there), {same(name) for name in taken})


def _forms(name: str) -> Iterator[str]:
    said = same(name)
    yield said
    for article in ARTICLES:
        if said.startswith(article):
            yield said.removeprefix(article)


def _turned(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {form: code for code, forms in words.items() for form in forms}


def same(words: str) -> str:
    """Return words so that those which mean the same are the same."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().replace("_", " ").split())


# Reading ----------------------------------------------------------------------------------------------------------


def read(data: bytes, here: Known) -> Roster:
    """Read a file: columns with headings, in UTF-8, separated by commas, semicolons or tabs."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        return Roster(problems=(Problem("encoding", 1, "1"),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Roster(problems=(_undecodable(data, error.start),))
    return _read(text, _delimiter(text), here)


def typed(text: str, here: Known) -> Roster:
    """Read lines that were typed: name | group | circle | language, without headings."""
    return _read(text, TYPED, here, headings=ORDER)


def _delimiter(text: str) -> str:
    """What separates the columns: whatever stands most often in the first line."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _undecodable(data: bytes, at: int) -> Problem:
    before = data[:at]
    begin = before.rfind(b"\n") + 1
    first = data.partition(b"\n")[0].decode("utf-8-sig", errors="replace")
    delimiter = _delimiter(first)
    number = before[begin:].count(delimiter.encode())
    headings = [] if begin == 0 else first.split(delimiter)
    return Problem("encoding", data[:begin].count(b"\n") + 1, _column(headings, number))


def _column(headings: Sequence[str], number: int) -> str:
    """How the column is called whose number (from 0) this is."""
    called = headings[number].strip(' "\r') if number < len(headings) else ""
    return called or str(number + 1)


def _read(text: str, delimiter: str, here: Known, headings: Sequence[str] | None = None) -> Roster:
    found, problem = _rows(text, delimiter)
    if problem is not None:
        return Roster(problems=(problem,))
    if headings is None:
        head, *found = found or [(1, [])]
        headings = [cell.strip() for cell in _trimmed(head[1])]
        if wrong := tuple(_wrong_headings(headings, head[0])):
            return Roster(problems=wrong)
    return _people(found, headings, here)


def _rows(text: str, delimiter: str) -> tuple[list[tuple[int, list[str]]], Problem | None]:
    """Return the rows that hold something, each with the number of its first line."""
    found: list[tuple[int, list[str]]] = []
    lines = io.StringIO(text, newline="")
    if delimiter == TYPED:  # nobody means to quote there
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error:
        cells = (text.splitlines() or [""])[min(line, len(text.splitlines())) - 1].split(delimiter)
        quoted = next((n for n, cell in enumerate(cells) if '"' in cell), 0)
        return [], Problem("quotes", line, _column(found[0][1] if found else [], quoted))
    return found, None


def _trimmed(row: Sequence[str]) -> list[str]:
    """Without the empty cells at the end, which spreadsheets leave there."""
    cells = list(row)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _wrong_headings(headings: Sequence[str], line: int) -> Iterator[Problem]:
    wanted = _turned(HEADINGS)
    seen: dict[str, int] = {}
    for number, heading in enumerate(headings):
        column = wanted.get(same(heading))
        if column is None:
            yield Problem("heading", line, str(number + 1), heading[:MAX_NAME])
        elif column in seen:
            yield Problem("heading_twice", line, str(number + 1), heading)
        seen.setdefault(column or "", number)
    if "name" not in seen:
        yield Problem("no_names", line, "1")


def _people(found: Sequence[tuple[int, list[str]]], headings: Sequence[str], here: Known) -> Roster:
    wanted = _turned(HEADINGS)
    columns = {wanted[same(heading)]: number for number, heading in enumerate(headings)}
    people: list[Invitee] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for line, row in found:
        place = _Place(line, row, headings, columns)
        invitee = _invitee(place, here, problems)
        problems += place.beyond()
        name = same(invitee.name)
        if name in lines:
            problems.append(place.problem("double", "name", other=lines[name]))
        elif name in here.names:
            problems.append(place.problem("taken", "name"))
        lines.setdefault(name, line)
        people.append(invitee)
    if not people:
        problems.append(Problem("empty", 1, "1"))
    if len(people) > MAX_PEOPLE:
        problems.append(Problem("many", found[MAX_PEOPLE][0], "1"))
    return Roster(problems=tuple(problems)) if problems else Roster(tuple(people))


@dataclass(frozen=True)
class _Place:
    """A row of the list."""

    line: int
    row: Sequence[str]
    headings: Sequence[str]
    columns: Mapping[str, int]

    def cell(self, column: str) -> str:
        number = self.columns.get(column)
        return " ".join(self.row[number].split()) if number is not None and number < len(self.row) else ""

    def problem(self, what: str, column: str, other: int = 0) -> Problem:
        number = self.columns.get(column, 0)
        value = self.cell(column)[:MAX_NAME]
        return Problem(what, self.line, _column(self.headings, number), value, other)

    def beyond(self) -> Iterator[Problem]:
        """What stands where there is no heading."""
        for number, cell in enumerate(self.row[len(self.headings) :], len(self.headings) + 1):
            if cell.strip():
                yield Problem("beyond", self.line, str(number), cell.strip()[:MAX_NAME])


def _invitee(place: _Place, here: Known, problems: list[Problem]) -> Invitee:
    """Read a row; what can't be read is added to the problems."""

    def meant(column: str, words: Mapping[str, str]) -> str | None:
        said = place.cell(column)
        if said and same(said) not in words:
            problems.append(place.problem(column, column))
        return words.get(same(said)) if said else None

    name = place.cell("name")
    if not any(sign.isalpha() for sign in name):
        problems.append(place.problem("name", "name"))
    elif len(name) > MAX_NAME:
        problems.append(place.problem("name_long", "name"))
    elif not name.isprintable():
        problems.append(place.problem("sign", "name"))
    group, circle = meant("group", here.groups), meant("circle", here.circles)
    return Invitee(name, group, circle or "core", meant("language", here.languages))


# Writing ----------------------------------------------------------------------------------------------------------


def written(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as spreadsheets open it: UTF-8 with its mark, semicolons, and no formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([heads, *([_harmless(cell) for cell in row] for row in rows)])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A name that a spreadsheet would take for a formula gets a sign in front that it does not show."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
