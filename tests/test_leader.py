"""Who leads: one at a time, until its connection ends; whoever receives beside it is heard."""

import asyncio

import psycopg
import pytest

from bot.core.mail import To, say
from bot.leader import Leader
from bot.sandbox.driver import Sandbox
from bot.sender import Sender
from storage import leading
from storage.db import Database, Locked, opened
from tests.mailing import posting
from tests.stories.lines import Line

LONG = 20.0


async def test_one_leads_and_the_next_when_it_lets_go(database_url: str) -> None:
    first, second = Leader(database_url), Leader(database_url)
    assert not first.sure
    await first.take()
    assert first.sure
    with pytest.raises(Locked, match="only on PostgreSQL can several run"):
        await second.take()
    assert not second.sure
    await first.release()
    assert not first.sure
    await second.take()
    assert second.sure
    await second.release()


async def test_whose_connection_ends_leads_no_longer(postgresql_url: str) -> None:
    first, second = Leader(postgresql_url), Leader(postgresql_url)
    await first.take()
    _end_locks(postgresql_url)
    await asyncio.wait_for(first.until_lost(), LONG)
    assert not first.sure
    await second.take()  # although the first has not given it back
    await first.release()
    assert second.sure
    await second.release()


async def test_who_is_told_to_stop_does(postgresql_url: str) -> None:
    leader = Leader(postgresql_url)
    await leader.take()
    await asyncio.to_thread(leader.lose)  # a write was refused, in a database thread
    await asyncio.wait_for(leader.until_lost(), LONG)
    assert not leader.sure
    await leader.release()


async def test_who_hears_nothing_from_the_database_is_not_sure_and_can_let_go(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.leader.SURE", 0.2)
    monkeypatch.setattr("bot.leader.BEAT", 0.05)
    async with Line(postgresql_url).laid() as line:
        leader = Leader(line.url)
        await leader.take()
        line.cut()
        await asyncio.wait_for(leader.until_lost(), LONG)
        assert not leader.sure
        await asyncio.wait_for(leader.release(), LONG)  # its thread waits in the dead line


async def test_the_leader_hears_what_others_put_into_the_inbox(postgresql_url: str) -> None:
    heard = asyncio.Event()
    leader = Leader(postgresql_url, news=heard.set)
    await leader.take()
    with opened(postgresql_url) as database:
        await database.write(leading.tell)
    await asyncio.wait_for(heard.wait(), LONG)
    await leader.release()


async def test_who_no_longer_leads_makes_no_call_for_what_it_has_claimed(database: Database) -> None:
    async with Sandbox.running() as telegram, posting(database, telegram) as post:
        sender = Sender(database, post.bot, post.clock, post.desk, may=lambda: False)
        user = telegram.user("Anna")
        await telegram.start(user)
        await post.write(*say(To(telegram=user.id), "hello", key="a"))
        await sender.work()
        assert telegram.said(user) == []
        assert await post.state("a") == "sending"  # which whoever leads now calls unknown


def _end_locks(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'bln-bot lock'"
        )
