"""Inviting, as facilitators do it: a list of people, sheets to print, and who has not come after a week."""

import csv
import io
from datetime import timedelta
from typing import Any

from bot.sandbox.driver import Sandbox
from tests.stories.story import Story
from tests.stories.test_joining import led, tap

LIST = "naam;groep;kring;taal\r\nAnna;mantelzorgers;kerngroep;nl\r\nBen Berg;politicians;;\r\n"


async def sent(telegram: Sandbox, frida: Any, data: bytes) -> str:
    """Send a file when a list is asked for; return what was said to it."""
    await telegram.send(frida, "/invite list")
    await telegram.settle()
    await telegram.document(frida, name="people.csv", data=data)
    await telegram.settle()
    return telegram.last(frida).text


async def test_a_list_of_people_becomes_links_and_sheets(bln: Story, telegram: Sandbox) -> None:
    _, frida = await led(bln, telegram)
    said = await sent(telegram, frida, "namn;grupp\nAnna;anhöriga".encode("cp1252"))
    assert "imported nothing" in said
    assert "Line 2, column grupp: the file isn't in UTF-8" in said
    assert "2 invitations" in await sent(telegram, frida, LIST.encode("utf-8-sig"))
    await tap(telegram, frida, "Make the invitations")
    files = [message for message in telegram.said(frida) if message.kind == "document"]
    table, sheets = (telegram.file(message) for message in files[-2:])
    assert sheets.startswith(b"%PDF-")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["name", "Anna", "Ben Berg"]
    anna = telegram.user("Anneke", language="en")  # on her phone she has another name, and another language
    await telegram.follow(anna, rows[1][-1])
    await telegram.settle()
    assert telegram.last(anna).text.startswith("Dag Anneke.")
    await tap(telegram, anna, "Nederlands", "Verder", "Ik ben 18+ en ga akkoord", "Ik zorg voor een naaste")
    await tap(telegram, anna, "Nee, niet aanhalen", "Verder")
    await after_a_week(telegram, frida)


async def after_a_week(telegram: Sandbox, frida: Any) -> None:
    """Ben has not come: who invited him hears so, shows the invitation again, and drops it."""
    telegram.move(by=timedelta(days=7))
    await telegram.settle()
    reminder = telegram.said(frida, containing="Nobody has opened this invitation")[-1]
    assert "Ben Berg" in reminder.text
    await telegram.press(frida, reminder, "Show it again")
    await telegram.settle()
    assert telegram.last(frida).kind == "photo"
    await telegram.send(frida, "/members")
    await telegram.settle()
    listed = telegram.last(frida).text
    assert "Anneke: Carers, core group, joined" in listed
    assert "Ben Berg: Politicians, core group, invited, never started" in listed
    await tap(telegram, frida, "Ben Berg", "Take it back")
    assert "lets nobody in any more" in telegram.last(frida).text


async def test_a_network_is_handed_over(bln: Story, telegram: Sandbox) -> None:
    network, frida = await led(bln, telegram)
    anna = telegram.user("Anna")
    await bln.member(network, anna)
    await telegram.send(frida, "/members")
    await telegram.settle()
    await tap(telegram, frida, "Frida", "Hand over", "Anna")
    await tap(telegram, anna, "Yes, I'll lead")
    assert telegram.said(anna, containing="You lead Care partnership now")
    await telegram.send(frida, "/members")
    await telegram.settle()
    assert "Only a facilitator" in telegram.last(frida).text
