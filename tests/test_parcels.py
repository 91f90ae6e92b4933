"""Files that wait outside of their letters: fetched for the call, and erased whatever becomes of it."""

from collections.abc import AsyncIterator

import pytest

from bot.core import mail
from bot.core.mail import File, To
from bot.sandbox.driver import Sandbox
from storage import parcels
from storage.db import Database
from tests.mailing import Post, person, posting

PAGE = File("mydata.html", "text/html", b"<p>Everything</p>" * 1000)


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running() as telegram:
        yield telegram


async def send(post: Post, who: int) -> int:
    parcel = await post.database.write(parcels.keep, who, PAGE, now=post.clock.now())
    await post.write(*mail.parcel(To(person=who), parcel, "Save it.", key="page"))
    return parcel


async def test_a_parcel_arrives_whole_and_is_kept_no_longer(database: Database, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    async with posting(database, telegram) as post:
        parcel = await send(post, await database.write(person, anna.id))
        assert (await post.row("page")).params["parcel"] == parcel  # no bytes in the letter
        await post.all(seconds=5)
        [said] = telegram.said(anna)
        assert telegram.file(said) == PAGE.data
        assert said.text == "Save it."
        assert await database.read(parcels.get, parcel) is None


async def test_a_parcel_that_cannot_be_delivered_is_kept_no_longer(
    database: Database, telegram: Sandbox
) -> None:
    anna = telegram.user("Anna")  # who has not pressed Start
    async with posting(database, telegram) as post:
        parcel = await send(post, await database.write(person, anna.id))
        await post.all(seconds=5)
        assert await post.state("page") == "failed"
        assert await database.read(parcels.get, parcel) is None


async def test_a_parcel_whose_answer_was_lost_is_sent_again(database: Database, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    async with posting(database, telegram) as post:
        await send(post, await database.write(person, anna.id))
        telegram.fault("sendDocument", "reset")
        await post.all(minutes=5)
        assert await post.state("page") == "sent"
        assert [telegram.file(said) for said in telegram.said(anna)] == [PAGE.data]


async def test_without_its_parcel_a_letter_is_no_call(database: Database, telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    async with posting(database, telegram) as post:
        parcel = await send(post, await database.write(person, anna.id))
        await database.write(parcels.forget_old, before=post.clock.now().replace(year=2030))
        await post.all(seconds=5)
        assert await post.state("page") == "failed"
        assert await database.read(parcels.get, parcel) is None
        assert post.calls("sendDocument") == []
