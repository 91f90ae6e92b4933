"""Lists of people to invite: all of a list or nothing, and where it is wrong."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogues
from bot.core import roster
from bot.core.joining import NAMES
from bot.core.roster import HEADINGS, LANGUAGES, ORDER, Invitee, Roster

TEXTS = catalogues.load(strict=True)
KNOWN = roster.known(
    [("carer", "carer"), ("a carer", "carer"), ("een mantelzorger", "carer"), ("Politici", "politician")],
    ("core", "sounding"),
    ["Zed Zwart"],
)


def read(text: str, encoding: str = "utf-8") -> Roster:
    return roster.read(text.encode(encoding), KNOWN)


def wrong(text: str, encoding: str = "utf-8") -> list[tuple[str, int, str]]:
    found = read(text, encoding)
    assert found.people == ()  # nothing is imported where something is wrong
    return [(one.what, one.line, one.column) for one in found.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "heads",
    [
        ("name", "stakeholder group", "circle", "language"),
        ("Naam", "Groep", "Kring", "Taal"),
        ("Namn", "GRUPP", "krets", "språk"),
    ],
)
def test_a_list_is_read_as_spreadsheets_write_it(
    encoding: str, delimiter: str, heads: tuple[str, ...]
) -> None:
    lines = [
        heads,
        ("Åsa Öberg", "een mantelzorger", "klankbord", "nl"),
        ("Ben", "", "", ""),
        ("", "", "", ""),
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert read(text, encoding).people == (
        Invitee("Åsa Öberg", "carer", "sounding", "nl"),
        Invitee("Ben", None, "core", None),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naam;telefoon\nAnna;06", [("heading", 1, "2")]),
        ("group,circle\ncarer,core", [("no_names", 1, "1")]),
        ("name,naam\nA,B", [("heading_twice", 1, "2")]),
        ("name,group\nAnna,plumber", [("group", 2, "group")]),
        ("name,circle\nAnna,core\nBen,inner", [("circle", 3, "circle")]),
        ("name,Taal\nAnna,deutsch", [("language", 2, "Taal")]),
        ("name,group\nAnna,carer,extra", [("beyond", 2, "3")]),
        ("name,group\n,carer", [("name", 2, "name")]),
        ("name\n12345", [("name", 2, "name")]),
        (f"name\n{'a' * 61}", [("name_long", 2, "name")]),
        ("name\nAn\u202ena", [("sign", 2, "name")]),
        ("name\nAnna\nBen\n ANNA ", [("double", 4, "name")]),
        ("name\nzed zwart", [("taken", 2, "name")]),
        ('name,group\nBen,carer\nAnna,"carer\nCy,carer', [("quotes", 3, "group")]),
        ("name\n", [("empty", 1, "1")]),
        ("", [("no_names", 1, "1")]),
        ("name\nAnna\n\n\nBen,x", [("beyond", 5, "2")]),
        (
            "name,group,circle\nAnna,x,y\nAnna,carer,core",
            [("group", 2, "group"), ("circle", 2, "circle"), ("double", 3, "name")],
        ),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert wrong(text) == expected


def test_another_encoding_is_refused_where_it_shows() -> None:
    text = "name;group\nAnna;carer\nBen;häkare"
    assert wrong(text, "cp1252") == [("encoding", 3, "group")]
    assert wrong(text, "utf-16") == [("encoding", 1, "1")]
    assert wrong("förnamn;grupp\nAnna;", "cp1252") == [("encoding", 1, "1")]


def test_more_than_can_be_invited_at_once_is_refused() -> None:
    names = (
        "\n".join(f"Guest {'x' * n}" for n in range(1, 50))
        + "\n"
        + "\n".join(f"P{'y' * n}" for n in range(20))
    )
    assert wrong(f"name\n{names}") == [("many", roster.MAX_PEOPLE + 2, "1")]


def test_lines_can_be_typed() -> None:
    found = roster.typed('Anna | carer | klankbord | sv\nBen "Bo" Berg', KNOWN)
    assert found.people == (Invitee("Anna", "carer", "sounding", "sv"), Invitee('Ben "Bo" Berg'))
    assert [one.what for one in roster.typed("Anna | plumber", KNOWN).problems] == ["group"]


@given(st.binary(max_size=400))
def test_whatever_is_sent_brings_people_or_problems(data: bytes) -> None:
    found = roster.read(b"name;group\n" + data, KNOWN)
    assert bool(found.people) != bool(found.problems)
    assert all(one.line >= 1 and one.column for one in found.problems)


names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=30).filter(
    lambda name: any(sign.isalpha() for sign in name)
)


@given(st.lists(names, min_size=1, max_size=8, unique_by=roster.same), st.sampled_from([",", ";", "\t"]))
def test_a_well_made_list_is_read_as_it_was_written(given_names: list[str], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(
        [("name", "group"), *((name, "carer") for name in given_names)]
    )
    found = read(out.getvalue())
    taken = [name for name in given_names if roster.same(name) == "zed zwart"]
    if not taken:
        assert [one.name for one in found.people] == [" ".join(name.split()) for name in given_names]
        assert {one.group for one in found.people} == {"carer"}


def test_our_own_list_can_be_read_again_in_every_language() -> None:
    known = roster.known([], ("core", "sounding"), [])
    for language in TEXTS.languages:
        text = TEXTS.of(language)
        heads = [text.plain(f"invites.head_{name}") for name in ORDER]
        rows = [("Anna", "", text.plain(f"circle.label.{circle}"), NAMES[language]) for circle in ("core",)]
        found = roster.read(roster.written(heads, rows), known)
        assert found.people == (Invitee("Anna", None, "core", language),)


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    out = roster.written(["name"], [["=1+1"], ["@x"], ["Anna"]]).decode("utf-8-sig")
    assert out.splitlines() == ["name", "'=1+1", "'@x", "Anna"]


def test_every_language_can_be_named_in_a_list() -> None:
    assert set(LANGUAGES) == set(NAMES)
    assert set(HEADINGS) == set(ORDER)
