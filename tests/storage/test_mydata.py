"""What somebody is given of all that is stored: every table is thought of, and no other person's words are in it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column

from bot.core.mydata import as_json, parts
from storage import mydata, tables
from storage.db import Connection, Database
from storage.mydata import NOT_THEIRS, ONLY, SEARCHED, TABLES, Whose
from tests.storage.test_erased import NAME, NUMBER, PHONE, USER, WORD, Life


def test_every_table_is_given_or_has_a_reason_why_not() -> None:
    named = [*TABLES, *SEARCHED, *NOT_THEIRS]
    assert sorted(named) == sorted(tables.metadata.tables)
    assert all(NOT_THEIRS.values())


def test_what_is_not_given_leads_to_nobody() -> None:
    def person(column: Column[Any]) -> bool:
        return bool(
            {key.column.table.name for key in column.foreign_keys} & {"people", "members", "contributions"}
        )

    leading = [name for name in NOT_THEIRS for column in tables.metadata.tables[name].c if person(column)]
    assert leading == []


def test_only_columns_that_are_there_are_named() -> None:
    assert [
        (name, column)
        for name, columns in ONLY.items()
        for column in columns
        if column not in tables.metadata.tables[name].c
    ] == []


def test_everything_about_a_person_is_given_and_nothing_of_others(database: Database) -> None:
    def found(db: Connection) -> dict[str, Any]:
        life = Life(db)
        return mydata.rows(db, Whose(life.anna, NUMBER, life.network, life.member))

    given = database.write_now(found)
    assert {name for name in TABLES if not given[name]} == {"networks"}  # she doesn't stand in
    assert given["facts"][0]["name"].startswith("administrators:")
    data = as_json(given)
    assert [needle for needle in (WORD, str(NUMBER), NAME, USER, PHONE) if needle not in data] == []
    assert "A walk in the morning" not in data
    assert "Frida" not in data


def test_files_are_called_so_that_every_computer_can_open_them(tmp_path: Path) -> None:
    names = [
        mydata.file_name(7, "photo", None, None),
        mydata.file_name(8, "document", "../../etc/passwd.PDF", None),
        mydata.file_name(9, "document", "no ending", "application/x"),
        mydata.file_name(10, "voice", None, "audio/ogg"),
    ]
    assert names == ["7-photo.jpg", "8-document.pdf", "9-document.bin", "10-voice.ogg"]


@pytest.mark.parametrize(
    ("sizes", "shares"),
    [
        ([], [[]]),
        ([(1, 5), (2, 5)], [[1, 2]]),
        ([(1, 6), (2, 5), (3, 5)], [[1], [2, 3]]),
        ([(1, 99), (2, 1)], [[1], [2]]),
    ],
)
def test_many_files_are_shared_among_archives(sizes: list[tuple[int, int]], shares: list[list[int]]) -> None:
    assert parts(sizes, limit=10) == shares
