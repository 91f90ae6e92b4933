"""Invitations to print: what stands on them, that each is one page, and that screen readers can read them."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import sheets
from bot.core.texts import LANGUAGES
from bot.render import sheet
from storage import facts, links, networks, people, tables
from storage.db import Connection, Database
from tests.joiners import DESK, NOW, Ground, ground, invitation

CONTACT = "Zorgbelang Utrecht, mevrouw De Vries-van den Berg, 030 299 19 70, privacy@zorgbelang.example"
TITLE = "Samen zorgen voor wie thuis woont en hulp nodig heeft, in de wijken Overvecht en Kanaleneiland"


@pytest.fixture
def at(database: Database) -> Any:
    """Run a test's body in one transaction."""
    return database.write_now


def ordered(db: Connection, here: Ground, **values: Any) -> int:
    """Order the sheet of an invitation; returns the link's id."""
    link = links.of(db, "join", invitation(db, here, **values))
    assert link is not None
    sheets.order(db, here.frida, [link.id], now=NOW)
    return link.id


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b", pdf))


def test_a_sheet_says_what_this_is_and_how_to_join(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        ordered(db, here, name="Anna", language="nl")
        work = sheets.read(db, here.frida, DESK, now=NOW)
        assert work is not None
        (page,) = work.sheets
        said = " ".join([page.title, *page.opening, page.how, *page.steps, *page.closing])
        for part in (
            "Care partnership",
            "Voor Anna",
            "Frida van Zorgbelang Utrecht",
            "Telegram",
            "030 299 19 70",
        ):
            assert part in said
        assert "vrijdag 1 januari 2027" in said
        assert page.link.startswith("https://t.me/bln_bot?start=j_")

    at(body)


def test_it_comes_once_to_who_ordered_it(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        assert sheets.upcoming(db, now=NOW) is None
        ordered(db, here)
        assert list(sheets.due(db, now=NOW)) == [here.frida]
        made = sheets.make(sheets.read(db, here.frida, DESK, now=NOW))
        for _ in range(2):
            sheets.write(db, here.frida, DESK, now=NOW, made=made)
        sent = db.execute(select(tables.outbox.c.method, tables.outbox.c.person_id)).all()
        assert [tuple(row) for row in sent] == [("sendDocument", here.frida)]
        assert facts.beginning(db, sheets.ORDERED) == []

    at(body)


def test_of_an_invitation_that_was_taken_back_nothing_is_printed(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        links.drop(db, ordered(db, here))
        made = sheets.make(sheets.read(db, here.frida, DESK, now=NOW))
        sheets.write(db, here.frida, DESK, now=NOW, made=made)
        assert db.execute(select(tables.outbox.c.id)).all() == []
        assert list(sheets.due(db, now=NOW)) == []

    at(body)


def test_however_much_there_is_to_say_a_sheet_is_one_page_for_screen_readers_too(sqlite_url: str) -> None:
    def body(db: Connection) -> sheets.Work | None:
        here = ground(db)
        networks.change(db, here.network, title=TITLE)
        people.change(db, here.frida, name="Frida Margaretha van der Linden-de Graaf")
        name = "Wilhelmina van Nassau-Weilburg de Oude"
        tokens = [invitation(db, here, name=name, language=language) for language in LANGUAGES]
        found = [links.of(db, "join", token) for token in tokens]
        sheets.order(db, here.frida, [link.id for link in found if link is not None], now=NOW)
        return sheets.read(db, here.frida, replace(DESK, contact=CONTACT), now=NOW)

    database = Database.open(sqlite_url)
    work = database.write_now(body)
    database.close_now()
    assert work is not None
    assert [page.language for page in work.sheets] == list(LANGUAGES)
    pdf = sheet.pdf(work.sheets)
    assert pages(pdf) == 3
    assert pdf.count(b"/MediaBox[0 0 419.5") == 3  # A5
    for needed in (b"pdfuaid:part", b"/StructTreeRoot", b"/Lang", b"AtkinsonHyperlegible"):
        assert needed in pdf
