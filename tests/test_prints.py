"""Pictures and PDFs that wait outside of their letters: read right before the call, and replaced where they stand."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from sqlalchemy import insert

from bot.core import mail
from bot.core.mail import File, To
from bot.sandbox.driver import Sandbox
from storage import networks, prints
from storage.db import Connection, Database
from storage.tables import digests
from tests.mailing import Post, person, posting


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


RED, BLUE = (File("chart.png", "image/png", picture(colour)) for colour in ("red", "blue"))


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running() as telegram:
        yield telegram


def _digest(db: Connection, post: Post) -> int:
    now = post.clock.now()
    network = networks.create(db, title="Care", language="en", timezone="UTC", now=now)
    values = {"network_id": network.id, "chain": "weekly", "occurrence": "1", "state": "published"}
    made = insert(digests).values(**values, draft_at=now, publish_at=now).returning(digests.c.id)
    return int(db.execute(made).scalar_one())


async def kept(post: Post, digest: int, file: File) -> int:
    return await post.database.write(prints.keep, digest, "chart", "en", file, now=post.clock.now())


async def test_a_picture_arrives_and_another_one_takes_its_place(
    database: Database, telegram: Sandbox
) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    async with posting(database, telegram) as post:
        to = To(person=await database.write(person, anna.id))
        digest = await database.write(_digest, post)
        id = await kept(post, digest, RED)
        await post.write(*mail.print_of(to, id, "photo", "One dot is one person.", key="chart"))
        await post.all(seconds=5)
        [said] = telegram.said(anna)
        assert (telegram.file(said), said.text) == (RED.data, "One dot is one person.")
        assert await kept(post, digest, BLUE) == id  # letters that wait would send the new one
        await post.write(mail.reprint(to, said.id, id, "photo", "Two dots.", key="chart:edit1"))
        await post.all(seconds=5)
        assert (telegram.file(said), said.text) == (BLUE.data, "Two dots.")
        assert "media" not in (await post.row("chart:edit1")).params


async def test_a_letter_waits_while_its_picture_is_drawn_anew(database: Database, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    async with posting(database, telegram) as post:
        to = To(person=await database.write(person, anna.id))
        digest = await database.write(_digest, post)
        id = await kept(post, digest, RED)
        await database.write(prints.blank, digest)
        await post.write(*mail.print_of(to, id, "photo", key="chart"), *mail.say(to, "After it", key="said"))
        await post.all(seconds=2)
        assert telegram.said(anna) == []
        await kept(post, digest, BLUE)
        await post.all(seconds=20)
        assert [one.kind for one in telegram.said(anna)] == ["photo", "text"]
        assert telegram.file(telegram.said(anna)[0]) == BLUE.data


async def test_a_letter_whose_picture_is_gone_holds_nothing_up(database: Database, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    async with posting(database, telegram) as post:
        to = To(person=await database.write(person, anna.id))
        id = await kept(post, await database.write(_digest, post), RED)
        await post.write(*mail.print_of(to, id, "photo", key="chart"), *mail.say(to, "After it", key="said"))
        await database.write(prints.forget_old, before=post.clock.now().replace(year=2030))
        await post.all(seconds=5)
        assert await post.state("chart") == "failed"
        assert [one.text for one in telegram.said(anna)] == ["After it"]
