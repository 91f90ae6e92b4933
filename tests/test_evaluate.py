"""`bln-bot digest`: a file of replies goes in, a digest comes out, or the line that is wrong is named."""

import json
import random
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.__main__ import app
from bot.core.groups import BROAD
from bot.evaluate import roles

CORPORA = Path(__file__).parent / "quality"
BOOK = '[themes.nights]\nwords = ["sleep", "night"]\n\n[themes.money]\nwords = ["money"]\n\n[themes.bare]\nwords = []\n'
FORMS = ("text", "html", "json", "pdf", "png")


def line(id: Any = "r1", **values: Any) -> dict[str, Any]:
    usual = {"author": "Ann", "role": "carer", "prompt": "p1", "text": "I have no sleep at night."}
    return {"id": id, **usual, **values}


@pytest.fixture
def at(tmp_path: Path) -> Path:
    (tmp_path / "book.toml").write_text(BOOK)
    return tmp_path


def ran(at: Path, said: Sequence[dict[str, Any]] | bytes, *options: str, **meta: Any) -> Result:
    data = said if isinstance(said, bytes) else "\n".join(json.dumps(one) for one in said).encode()
    (at / "replies.jsonl").write_bytes(data)
    (at / "meta.json").write_text(json.dumps(meta))
    files = [str(at / "replies.jsonl"), "--meta", str(at / "meta.json"), "--codebook", str(at / "book.toml")]
    return CliRunner().invoke(app, ["digest", *files, *options])


def made(at: Path, said: Sequence[dict[str, Any]] | bytes, *options: str, **meta: Any) -> dict[str, Any]:
    done = ran(at, said, "--format", "json", *options, **meta)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout_bytes)
    return found


# What comes out -------------------------------------------------------------------------------------------------


def test_json_gives_ids_roles_and_prompts_back_as_they_came(at: Path) -> None:
    said = [
        line(1, prompt=7, role="Family carer", text="No sleep. Who knows a night nurse?"),
        line(
            "b-2",
            author=5,
            role="Bürgermeister",
            prompt="p1",
            text="There is money for it in the spring budget.",
        ),
    ]
    found = made(at, said, prompts={"7": "What is hard?"})
    assert found["quotes"] == [
        {
            "id": 1,
            "prompt": 7,
            "role": "Family carer",
            "text": "No sleep. Who knows a night nurse?",
            "themes": ["nights"],
        },
        {
            "id": "b-2",
            "prompt": "p1",
            "role": "Bürgermeister",
            "text": "There is money for it in the spring budget.",
            "themes": ["money"],
        },
    ]
    assert found["single"] == []
    assert found["questions"] == [{"id": 1, "text": "No sleep. Who knows a night nurse?", "theme": "nights"}]
    assert found["themes"] == {"nights": {"Family carer": 1}, "money": {"Bürgermeister": 1}, "bare": {}}
    assert found["unassigned"] == []
    assert found["appendix"] == [{"id": one["id"], "text": one["text"]} for one in said]


def test_without_a_codebook_there_are_no_themes_and_all_else(at: Path) -> None:
    (at / "replies.jsonl").write_text(json.dumps(line(text="Who can help me at night?")))
    done = CliRunner().invoke(app, ["digest", str(at / "replies.jsonl"), "--format", "json"])
    found = json.loads(done.stdout_bytes)
    assert found["themes"] == {}
    assert found["quotes"][0]["themes"] == []
    assert found["questions"] == [{"id": "r1", "text": "Who can help me at night?", "theme": None}]
    assert found["unassigned"] == ["r1"]


@pytest.mark.parametrize("language", ["en", "nl", "sv"])
def test_a_corpus_shows_every_role_and_quotes_to_the_letter_whatever_its_order(
    at: Path, language: str
) -> None:
    corpus = (CORPORA / f"{language}.jsonl").read_text().splitlines()
    (at / "book.toml").write_bytes((CORPORA / f"{language}.codebook.toml").read_bytes())
    meta = json.loads((CORPORA / f"{language}.meta.json").read_text())
    said = [json.loads(one) for one in corpus]
    first = ran(at, said, "--format", "json", "--language", language, **meta)
    random.Random(3).shuffle(said)
    assert (
        ran(at, said, "--format", "json", "--language", language, **meta).stdout_bytes == first.stdout_bytes
    )
    found = json.loads(first.stdout_bytes)
    texts = {one["id"]: one["text"] for one in said}
    assert len(found["quotes"]) == 9
    assert {quote["role"] for quote in found["quotes"]} == {one["role"] for one in said}
    for quote in (*found["quotes"], *found["single"], *found["questions"]):
        assert all(part.strip() in texts[quote["id"]] for part in quote["text"].split("[…]"))
    assert len(found["appendix"]) == len(said)


def test_seats_are_the_number_of_quotes_in_all(at: Path) -> None:
    said = [
        line(n, author=n % 7, prompt=n % 4, text=f"Answer {n} about the {n}th long night.") for n in range(28)
    ]
    for seats in (0, 1, 5, 12):
        assert len(made(at, said, "--seats", str(seats))["quotes"]) == seats


def test_without_consent_words_are_counted_and_never_quoted(at: Path) -> None:
    said = [line(1, consent=False, starred=True, text="What about the night?"), line(2, author="Bo")]
    found = made(at, said)
    assert [quote["id"] for quote in found["quotes"]] == [2]
    assert (found["single"], found["questions"]) == ([], [])
    assert found["themes"]["nights"] == {"carer": 2}
    assert [one["id"] for one in found["appendix"]] == [1, 2]
    assert "What about" not in ran(at, said, "--format", "html").output


def test_what_members_would_see_names_no_group_of_fewer_than_three(at: Path) -> None:
    said = [line(n, author=n, text=f"Night number {n} without sleep.") for n in range(4)]
    said.append(line(9, author="M", role="mayor", text="There will be money."))
    shown = ran(at, said).output
    assert "– a carer" in shown
    assert "There will be money.\n– a participant" in shown
    assert "mayor" not in shown
    assert {quote["role"] for quote in made(at, said)["quotes"]} == {"carer", "mayor"}


def test_the_language_is_that_of_the_replies(at: Path) -> None:
    said = [line(1, text="Jag får inte sova på natten och det är för att han går upp.")]
    assert "En gång" not in ran(at, said).output
    assert "har skrivit" in ran(at, said).output
    assert "geschreven" in ran(at, [line(1, lang="nl-BE")]).output
    assert "written" in ran(at, said, "--language", "en").output


def test_our_codebooks_go_by_their_name(at: Path) -> None:
    done = ran(
        at, [line(text="He keeps getting lost outside.")], "--codebook", "dementia", "--format", "json"
    )
    assert json.loads(done.stdout_bytes)["quotes"][0]["themes"] == ["Safe at home, outside"]


# What comes in --------------------------------------------------------------------------------------------------


def test_unusual_files_are_read(at: Path) -> None:
    last = json.dumps(
        line("r10", author="Bo", role=None, prompt="unknown", reactions={"👍": ["Ann", "who?"]})
    )
    first = json.dumps(line("r2", extra={"of": "no matter"}, at="2026-11-02T09:00:00Z", starred=None))
    found = made(at, f"\ufeff\r\n{last}\r\n \n\n{first}".encode(), people={"Bo": "volunteer"}, more=1)
    assert [one["id"] for one in found["appendix"]] == ["r2", "r10"]
    assert [quote["role"] for quote in found["quotes"]] == ["carer", "volunteer"]
    assert found["quotes"][1]["prompt"] == "unknown"


def test_standard_input_is_read(at: Path) -> None:
    done = CliRunner().invoke(app, ["digest", "-", "--format", "json"], input=json.dumps(line()))
    assert [quote["id"] for quote in json.loads(done.stdout_bytes)["quotes"]] == ["r1"]


GOOD = json.dumps(line("g"))


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (b'{"id": 2, "author": "A"', "not JSON"),
        (b"[1, 2]", "not an object"),
        (b"[" * 100_000, "line 2"),
        (GOOD.encode(), 'the id "g" stands in line 1 too'),
        (json.dumps({**line(2), "text": None}).encode(), '"text" is missing'),
        (json.dumps({**line(2), "author": ["A"]}).encode(), '"author"'),
        (json.dumps(line(True)).encode(), '"id"'),
        (json.dumps(line(2, role=3)).encode(), '"role"'),
        (json.dumps(line(2, author="Nobody", role=None)).encode(), '"role" is missing'),
        (json.dumps(line(2, reactions={"👍": 3})).encode(), '"reactions"'),
        (json.dumps(line(2, at="yesterday")).encode(), '"at"'),
        (json.dumps(line(2, starred="very")).encode(), '"starred"'),
        (json.dumps(line(2, consent="perhaps")).encode(), '"consent"'),
        (b'{"id": "\xff"}', "UTF-8"),
        (b'{"id": 1' + b"0" * 5000 + b"}", "line 2"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_nothing_is_written(at: Path, second: bytes, says: str) -> None:
    done = ran(at, GOOD.encode() + b"\n" + second, "--output", str(at / "out"))
    assert done.exit_code == 2
    assert "ine 2" in done.stderr
    assert says in done.stderr
    assert done.stdout == ""
    assert not (at / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("meta.json", "{", "line 1"),
        ("meta.json", '{"people": ["Ann"]}', '"people"'),
        ("book.toml", "[themes.x]\nwords = [", "line"),
        ("book.toml", '[themes.x]\nwords = "sleep"', "line"),
        ("book.toml", "", "theme"),
    ],
)
def test_another_file_that_is_wrong_is_named_too(at: Path, name: str, content: str, says: str) -> None:
    ran(at, [line()])
    (at / name).write_text(content)
    files = [str(at / "replies.jsonl"), "--meta", str(at / "meta.json"), "--codebook", str(at / "book.toml")]
    done = CliRunner().invoke(app, ["digest", *files])
    assert (done.exit_code, done.stdout) == (2, "")
    assert name in done.stderr
    assert says in done.stderr


@pytest.mark.parametrize(
    "options", [["--codebook", "nowhere"], ["--language", "xx"], ["--meta", "nowhere.json"]]
)
def test_an_option_that_fits_nothing_ends_with_2(at: Path, options: list[str]) -> None:
    assert ran(at, [line()], *options).exit_code == 2
    assert CliRunner().invoke(app, ["digest", str(at / "no.jsonl")]).exit_code == 2


# Bad input ------------------------------------------------------------------------------------------------------

ODD = [
    line(1, author="A", text="👍👍"),
    line(2, author="B", text=""),
    line(3, author="C", text="أحتاج إلى راحة. من يساعدني؟ \u202e"),
    line(4, author="D", text="<b>Bold</b> <script>alert(1)</script> @ann & https://x.example/?a=1"),
    line(5, author="E", text="night" * 800),
    line(6, author="F", text="night after night " * 240),
    line(7, author="G", text="One\r\n\u2028two\x00\x1b[31m. \ud83d Three?"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "said",
    [
        ODD,
        [line(n, text=f"Night {n}. And then?", prompt=n % 3) for n in range(30)],
        [
            line(n, author=n % 60, role="abcde"[n % 5], text=f"Night number {n} and money.")
            for n in range(300)
        ],
    ],
    ids=["odd", "one person", "300 to one"],
)
def test_whatever_people_write_each_form_comes_out(at: Path, form: str, said: list[dict[str, Any]]) -> None:
    done = ran(at, said, "--format", form)
    assert done.exit_code == 0, done.stderr
    begins = {"pdf": b"%PDF", "png": b"\x89PNG", "html": b"<!doctype html>", "json": b"{"}
    assert done.stdout_bytes.startswith(begins.get(form, b"Summary"))


def test_what_people_write_is_no_markup_in_a_page(at: Path) -> None:
    class Tags(HTMLParser):
        seen: set[str]

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.seen.add(tag)

    page = Tags()
    page.seen = set()
    page.feed(ran(at, ODD, "--format", "html").output)
    assert "script" not in page.seen


def test_an_appendix_has_what_the_two_pages_have_not(at: Path) -> None:
    said = [line(n, author=n, text=f"Night number {n} was long.") for n in range(40)]
    usual, whole = (ran(at, said, "--format", "pdf", *more).stdout_bytes for more in ((), ("--appendix",)))
    assert _pages(usual) <= 2 < _pages(whole)


def _pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b", pdf))


def test_a_place_that_cannot_be_written_is_named(at: Path) -> None:
    done = ran(at, [line()], "--output", str(at))
    assert done.exit_code == 2
    assert str(at) in done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_nobody_answered(at: Path, form: str) -> None:
    assert ran(at, b"", "--format", form).exit_code == 0
    assert ran(at, b"\n\n", "--format", form).exit_code == 0


# Roles ----------------------------------------------------------------------------------------------------------


def test_roles_we_know_are_our_groups_in_whatever_language() -> None:
    codes, _ = roles.groups(["Mantelzorger", "anhörig", "Vårdpersonal", "beleidsmaker", "piano tuner"], "nl")
    assert codes == {
        "Mantelzorger": "carer",
        "anhörig": "carer",
        "Vårdpersonal": "practitioner",
        "beleidsmaker": "decision_maker",
        "piano tuner": "own_1",
    }


@given(st.lists(st.one_of(st.text(min_size=1), st.sampled_from([*roles.KNOWN, *BROAD])), max_size=12))
def test_two_roles_are_never_one_group_unless_both_are_carers(said: list[str]) -> None:
    codes, named = roles.groups(said, "en")
    by_code: dict[str, set[str]] = {}
    for role in said:
        by_code.setdefault(codes[role], set()).add(roles.usual(role))
        assert codes[role] in named.fine
    assert all(len(same) == 1 for code, same in by_code.items() if code != "carer")
