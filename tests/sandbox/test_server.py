"""The HTTP side: tokens, the four ways of giving parameters, the clock, faults, the webhook, the end."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import NetworkError, TimedOut

from bot.sandbox import server
from bot.sandbox.driver import Sandbox
from bot.sandbox.state import State
from tests.sandbox.conftest import Api


async def test_the_token_is_checked(telegram: Sandbox, api: Api) -> None:
    other = "123456:" + "x" * 35
    for path, status, description in [
        (f"{telegram.token}/getme", 200, None),
        (f"{telegram.token}/noSuchMethod", 404, "Not Found: method not found"),
        (f"{other}/getMe", 401, "Unauthorized"),
        ("nonsense/getMe", 404, "Not Found"),
    ]:
        answer = await api.client.post(telegram.base_url + path)
        assert (answer.status_code, answer.json().get("description")) == (status, description)


async def test_parameters_come_as_query_form_multipart_or_json(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    flat = {"chat_id": str(anna.id), "text": "x", "reply_markup": json.dumps(keyboard)}
    for request in (
        api.client.get(url, params=flat),
        api.client.post(url, data=flat),
        api.client.post(url, data=flat, files={"parse_mode": (None, b"HTML")}),
        api.client.post(url, json={"chat_id": anna.id, "text": "x", "reply_markup": keyboard}),
    ):
        assert (await request).json()["ok"], (await request).text
        assert telegram.last(anna).buttons == [["Yes"]]
        telegram.move(by=timedelta(seconds=2))


async def test_the_clock_is_told_when_it_moves(telegram: Sandbox, api: Api) -> None:
    first = (await api.client.get(telegram.clock_url)).json()
    assert (first["now"], first["rate"]) == (telegram.now().isoformat(), 0)
    later = telegram.now() + timedelta(hours=3)
    waiting = asyncio.create_task(
        api.client.get(
            telegram.clock_url, params={"done": first["now"], "next": later.isoformat()}, timeout=30
        )
    )
    await telegram.wait_for(lambda: telegram.state.clock.next == later)
    assert telegram.state.clock.jump()
    assert (await waiting).json()["now"] == later.isoformat()
    stale = await api.client.get(telegram.clock_url, params={"done": first["now"]})  # it missed the jump
    assert stale.json()["now"] == later.isoformat()


async def test_the_bots_clock_can_be_wrong_while_telegrams_is_right(telegram: Sandbox, api: Api) -> None:
    clock, now = telegram.state.clock, telegram.now()

    async def told(seen: Any, done: datetime) -> Any:
        params = {"seen": seen, "done": done.isoformat(), "next": (done + timedelta(hours=1)).isoformat()}
        return (await api.client.get(telegram.clock_url, params=params, timeout=30)).json()

    first = (await api.client.get(telegram.clock_url)).json()
    for by in (timedelta(days=3), timedelta(days=-3), timedelta(0)):
        telegram.mistime(by)
        answer = await told(first["version"], datetime.fromisoformat(first["now"]))
        assert datetime.fromisoformat(answer["now"]) == now + by
        assert (clock.done, clock.next) == (None, None)  # it had not heard yet, and spoke of another time
        asking = asyncio.create_task(told(answer["version"], now + by))
        await telegram.wait_for(lambda: clock.done == now)
        assert clock.next == now + timedelta(hours=1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        first = answer
    assert telegram.now() == now


async def test_a_running_clock_runs(telegram: Sandbox) -> None:
    before = telegram.now()
    telegram.play(1_000_000)
    await asyncio.to_thread(lambda: None)
    assert telegram.now() > before
    telegram.play(0)
    assert telegram.now() == telegram.now()


async def test_a_done_but_lost_answer(telegram: Sandbox, bot: Bot) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    for kind in ("lost", "reset"):
        telegram.fault("sendMessage", kind, chat=anna)
        with pytest.raises(NetworkError):
            await bot.send_message(anna.id, kind)
    telegram.fault("sendMessage", "5xx", status=503)
    with pytest.raises(NetworkError, match="Service Unavailable"):
        await bot.send_message(anna.id, "5xx")
    assert [m.text for m in telegram.said(anna)] == ["lost"]
    assert [call.outcome for call in telegram.calls[-3:]] == ["lost (executed)", "reset", "5xx"]


@pytest.mark.parametrize(("executed", "said"), [("before", 1), ("never", 0), ("after", 1)])
async def test_a_request_that_hangs(telegram: Sandbox, bot: Bot, executed: str, said: int) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    telegram.fault("sendMessage", "hang", executed=executed)
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "x", read_timeout=0.1)
    await telegram.wait_for(lambda: telegram.calls[-1].outcome != "pending")
    assert len(telegram.said(anna)) == said


async def test_faults_by_chance_and_number(telegram: Sandbox, api: Api) -> None:
    telegram.fault("getMe", "429", times=2, skip=1, retry_after=7)
    answers = [(await api.raw("getMe")).status_code for _ in range(4)]
    assert answers == [200, 429, 429, 200]
    telegram.fault("getMe", "429", probability=0.5)
    answers = [(await api.raw("getMe")).status_code for _ in range(50)]
    assert 10 < answers.count(429) < 40
    telegram.no_faults()
    assert (await api.raw("getMe")).status_code == 200


async def test_updates_twice_out_of_order_and_with_lower_ids(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna])
    await api.raw("getUpdates", allowed_updates=["message", "message_reaction"])
    message = await telegram.send(anna, "one", chat=group)
    await telegram.react(anna, message, "❤")
    telegram.fault("getUpdates", "reorder")
    batch = await api("getUpdates", offset=1)
    assert [list(u)[1] for u in batch] == ["message_reaction", "message"]
    assert batch[0]["update_id"] < batch[1]["update_id"]
    telegram.fault("getUpdates", "duplicate")
    assert await api("getUpdates", offset=batch[-1]["update_id"] + 1) == batch
    telegram.fault("getUpdates", "jump", to=5)
    await api("getUpdates", offset=batch[-1]["update_id"] + 1, timeout=0)
    await telegram.send(anna, "two", chat=group)
    assert [u["update_id"] for u in await api.updates()] == [5]


async def test_a_webhook_gets_updates_with_its_secret_and_again_after_an_error(
    telegram: Sandbox, api: Api
) -> None:
    got: list[tuple[str | None, str]] = []
    answers = [500, 200, 200]

    async def hook(request: Request) -> Response:
        update = await request.json()
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["message"]["text"]))
        return Response(status_code=answers.pop(0))

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    app.state.sandbox = State(now=telegram.now())
    sock = server.listen("127.0.0.1", 0)
    async with server.serving(app, sock):
        url = f"http://127.0.0.1:{sock.getsockname()[1]}/hook"
        await api("setWebhook", url=url, secret_token="s3cret", allowed_updates=["message"])
        assert "can't use getUpdates method while webhook is active" in await api.refused("getUpdates")
        await telegram.send(telegram.user("Anna"), "one")
        await telegram.wait_for(lambda: len(got) == 1)
        await telegram.wait_for(lambda: "last_error_message" in telegram.state.webhook)
        assert (await api("getWebhookInfo"))["pending_update_count"] == 1
        telegram.move(by=timedelta(seconds=1))
        await telegram.wait_for(lambda: not telegram.state.queue.pending)
        await api("deleteWebhook")
    assert got == [("s3cret", "one")] * 2


async def follow_clock(telegram: Sandbox, moments: list[datetime], seen: list[datetime]) -> None:
    """A bot that is finished at once, wherever time goes, and has something to do at `moments`."""
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as client:
        params: dict[str, str] = {}
        while True:
            told: dict[str, Any] = (await client.get(telegram.clock_url, params=params)).json()
            now = datetime.fromisoformat(told["now"])
            seen.append(now)
            params = {"done": told["now"], "seen": str(told["version"])}
            if ahead := [moment for moment in moments if moment > now]:
                params["next"] = min(ahead).isoformat()


async def test_travelling_stops_wherever_the_bot_has_something_to_do(telegram: Sandbox) -> None:
    start, seen = telegram.now(), list[datetime]()
    moments = [start + timedelta(hours=hour) for hour in (1, 2, 5)]
    following = asyncio.create_task(follow_clock(telegram, moments, seen))
    await telegram.settle()
    assert telegram.now() == start
    await telegram.travel(to=start + timedelta(hours=3))
    assert [moment for moment in seen if moment in moments] == moments[:2]
    assert telegram.now() == start + timedelta(hours=3)
    await telegram.settle(within=timedelta(hours=2))
    assert telegram.now() == moments[2]
    following.cancel()
    await asyncio.wait([following])


async def test_a_bot_that_does_not_finish_is_described(telegram: Sandbox) -> None:
    await telegram.send(telegram.user("Anna"), "hello")
    with pytest.raises(AssertionError, match="1 updates not acknowledged:\n  message"):
        await telegram.settle(real_seconds=0.01)
