"""Words of people stay words: no name, title, answer or caption becomes markup, a link of ours, or breaks a message."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.core import mail
from bot.core import meetings as rules
from bot.core.meetings import Event
from bot.sandbox.driver import Message, Sandbox
from bot.sandbox.model import Chat, User
from tests.stories.story import Story

NASTY = {
    "signs": "\n".join(
        (
            "</blockquote></b><b>bold</b><script>x</script>",
            "<a href='https://evil.example/?q=1'>our page</a> & [x](tg://user?id=1)",
            "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp; &",
            "{question} {0} %s %(name)s {network.title}",
        )
    ),
    "many": "<b>x</b>" * 150,
    "direction": "\u202etxt.exe\u202c \u2067\u05d0\u2066 a\u200bb\ufeff",
}


def everything(telegram: Sandbox, *where: Chat | User) -> list[Message]:
    return [message for place in where for message in telegram.transcript(place) if message.from_bot]


def never_markup(said: list[Message]) -> None:
    """Whatever of ours is bold or a link is not what somebody wrote, and every link goes to us."""
    for message in said:
        for entity in message.entities:
            if entity["type"] == "text_link":
                assert entity["url"].startswith("https://t.me/"), entity
            if entity["type"] in ("bold", "italic"):
                part = message.text.encode("utf-16-le")[
                    entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2
                ].decode("utf-16-le")
                assert part not in ("bold", "x", "our page"), message.text


@pytest.mark.parametrize("kind", NASTY)
async def test_nothing_that_people_write_is_markup(bln: Story, telegram: Sandbox, kind: str) -> None:
    nasty = NASTY[kind]
    line = " ".join(nasty.split("\n"))  # names and titles have one
    frida, anna = telegram.user(line[:60]), telegram.user("Anna " + line[:50])
    group = telegram.group(line[:120], admins=[frida], members=[anna])
    network = await bln.network(group, title=line[:100])
    await bln.member(network, frida, facilitator=True, attribution="name")
    await bln.member(network, anna, attribution="name")
    for text in (f"/prompt now | {line}", f"/meeting tomorrow 17:30 | {line[:200]} | {line[:200]}"):
        await telegram.send(frida, text)
        await telegram.settle()
    await telegram.travel(by=timedelta(minutes=3))
    question = next(one for one in telegram.said(group) if ["Answer privately"] in one.buttons)
    await telegram.reply(anna, to=question, text=nasty)
    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    await telegram.send(anna, nasty)
    await telegram.photo(anna, nasty[:1000])
    await telegram.document(anna, nasty[:1000], name=f"{line[:60]}/../../x.html")
    for text in ("/digest", "/prompts", "/meetings", "/settings", "/invite"):
        await telegram.send(frida, text)
        await telegram.settle()
    await telegram.settle()
    refused = [call for call in telegram.calls if "parse" in call.outcome or "too long" in call.outcome]
    assert [(call.method, call.outcome) for call in refused] == []
    said = everything(telegram, group, frida, anna)
    never_markup(said)
    if kind == "signs":  # what was asked and what was answered, sign by sign
        assert any(line in message.text for message in telegram.said(group))
        for part in nasty.split("\n"):
            assert any(part in message.text for message in telegram.said(frida)), part


def test_no_link_of_a_member_is_shown_with_a_preview() -> None:
    """Telegram makes https://… clickable in every chat, ours or not; what is ours to decide is off."""
    [letter] = mail.say(mail.To(person=1), "https://evil.example")
    assert letter.params["link_preview_options"] == {"is_disabled": True}
    edited = mail.edit(mail.To(person=1), 5, "https://evil.example")
    assert edited.params["link_preview_options"] == {"is_disabled": True}


EVIL = "Tea\r\nATTENDEE:mailto:eve@evil.example\nEND:VEVENT\nBEGIN:VEVENT\nURL:https://evil.example;X=1,2\\n"


@pytest.mark.parametrize(
    "place", [EVIL, "https://evil.example/\r\nATTENDEE:mailto:eve@evil.example", 'https://x/";X="']
)
def test_a_title_cannot_write_into_a_calendar(place: str) -> None:
    starts_at = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    event = Event(
        id=1,
        title=EVIL,
        place=place,
        starts_at=starts_at,
        sequence=0,
        cancelled=False,
        network=EVIL,
        bot="bln_bot",
    )
    file = rules.calendar(event, now=datetime(2026, 11, 2, tzinfo=UTC))
    lines = file.data.replace(b"\r\n ", b"").splitlines()
    [only] = Calendar.from_ical(file.data).walk("VEVENT")
    assert "ATTENDEE" not in only
    assert [line for line in lines if line.startswith((b"ATTENDEE", b"X="))] == []
    assert [line for line in lines if line.startswith(b"URL")] in ([], [b"URL:" + place.encode()])
    assert lines.count(b"BEGIN:VEVENT") == 1
    assert file.name == "2026-11-20.ics"
