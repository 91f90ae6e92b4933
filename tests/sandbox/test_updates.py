"""getUpdates: what acknowledges, what expires, who gets what."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from telegram import Bot, ReactionTypeEmoji, Update

from bot.sandbox.driver import Sandbox
from tests.sandbox.conftest import Api


async def texts(api: Api, **params: object) -> list[str]:
    """What the next getUpdates says."""
    return [update["message"]["text"] for update in await api("getUpdates", **params)]


async def test_only_an_offset_acknowledges(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    for word in ("one", "two", "three"):
        await telegram.send(anna, word)
    first = await api("getUpdates", limit=2)
    assert [u["message"]["text"] for u in first] == ["one", "two"]
    assert await texts(api, offset=first[0]["update_id"] + 1) == ["two", "three"]
    assert [u["message"]["text"] for u in await api.updates()] == ["two", "three"]
    assert await texts(api, offset=-1) == ["three"]  # destroys what lies before


async def test_an_offset_out_of_the_window_acknowledges_nothing(telegram: Sandbox, api: Api) -> None:
    await telegram.send(telegram.user("Anna"), "kept")
    assert await texts(api, offset=2_000_000_000) == ["kept"]


async def test_an_acknowledgement_and_a_gesture_move_the_clock_by_a_millisecond(
    telegram: Sandbox, api: Api
) -> None:
    start = telegram.now()
    await telegram.send(telegram.user("Anna"), "hello")
    assert telegram.now() == start + timedelta(milliseconds=1)
    await api("getUpdates", offset=(await api.updates())[0]["update_id"] + 1)
    assert telegram.now() == start + timedelta(milliseconds=2)


async def test_asking_for_the_same_offset_at_once_is_throttled(telegram: Sandbox, api: Api) -> None:
    for word in ("one", "two"):
        await telegram.send(telegram.user("Anna"), word)
    assert await texts(api) == ["one", "two"]
    assert await texts(api) == ["one"]


async def test_a_long_poll_wakes_at_once(telegram: Sandbox, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50, read_timeout=60))
    await telegram.requests(1)
    await telegram.send(telegram.user("Anna"), "now")
    (update,) = await asyncio.wait_for(poll, 5)
    assert update.message is not None
    assert update.message.text == "now"


async def test_the_earlier_of_two_pollers_is_sent_away(telegram: Sandbox, api: Api) -> None:
    early = asyncio.create_task(api.refused("getUpdates", timeout=50))
    await telegram.requests(1)
    late = asyncio.create_task(api("getUpdates", timeout=50))
    assert await early == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    await telegram.send(telegram.user("Anna"), "for the late one")
    assert len(await late) == 1


async def test_kinds_that_are_not_wanted_are_lost_on_arrival(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna])
    message = await telegram.send(anna, "hello", chat=group)
    await telegram.react(anna, message, "❤")  # not in the default list
    assert [list(u)[1] for u in await api.updates()] == ["message"]
    await api("getUpdates", allowed_updates=["message_reaction"])
    await telegram.react(anna, message, "🔥")
    await telegram.send(anna, "not wanted", chat=group)
    assert [list(u)[1] for u in await api.updates()] == ["message", "message_reaction"]
    await api.raw("getUpdates", offset=-1)  # the list is remembered
    await telegram.send(anna, "still not wanted", chat=group)
    assert [list(u)[1] for u in await api.updates()] == ["message_reaction"]


async def test_messages_wait_a_day_and_presses_150_seconds(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    await telegram.start(anna)
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    await api("sendMessage", chat_id=anna.id, text="Well?", reply_markup=keyboard)
    query = await telegram.press(anna, telegram.last(anna), "Yes")
    telegram.move(by=timedelta(seconds=150))
    assert len(await api("getUpdates", limit=5)) == 1
    assert await api.refused("answerCallbackQuery", callback_query_id=query) == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )
    telegram.move(by=timedelta(hours=24))
    telegram.state.queue.expire()
    assert await api.updates() == []


@pytest.mark.parametrize("days", [1, 8])
async def test_ids_may_start_anywhere_after_a_quiet_week(telegram: Sandbox, api: Api, days: int) -> None:
    anna = telegram.user("Anna")
    await telegram.send(anna, "before")
    (before,) = await api.updates()
    await api.forget()
    telegram.move(by=timedelta(days=days))
    await telegram.send(anna, "after")
    (after,) = await api.updates()
    assert (after["update_id"] == before["update_id"] + 1) is (days == 1)


async def test_in_privacy_mode_a_member_sees_commands_replies_to_it_and_service_messages() -> None:
    async with Sandbox.running(privacy=True) as telegram, httpx.AsyncClient(verify=False) as client:
        await privately(telegram, Api(telegram, client))


async def privately(telegram: Sandbox, api: Api) -> None:
    """What a bot in privacy mode hears, as member and as administrator."""
    assert (await api("getMe"))["can_read_all_group_messages"] is False
    anna, bo = telegram.user("Anna"), telegram.user("Bo")
    group = telegram.group("Care", members=[anna], bot="member")
    await api("sendMessage", chat_id=group.id, text="A question")
    await telegram.send(anna, "among ourselves", chat=group)
    await telegram.send(anna, f"@{telegram.username} a mention", chat=group)
    await telegram.send(anna, "/help", chat=group)
    await telegram.send(anna, "/help@other_bot", chat=group)
    await telegram.reply(anna, to=telegram.last(group), text="an answer")
    await telegram.join(bo, group)
    heard = [u["message"].get("text", "service") for u in await api.updates()]
    assert heard == ["/help", "an answer", "service"]
    await telegram.promote_bot(group)
    await telegram.send(anna, "heard now", chat=group)
    assert (await api.updates())[-1]["message"]["text"] == "heard now"


async def test_reactions_are_reported_to_an_administrator_as_the_whole_set(
    telegram: Sandbox, api: Api, bot: Bot
) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna], bot="member")
    await api.raw("getUpdates", allowed_updates=["message_reaction", "message_reaction_count"])
    message = await telegram.send(anna, "hello", chat=group)
    await telegram.react(anna, message, "👍")
    assert await api.updates() == []
    await telegram.promote_bot(group)
    await telegram.react(anna, message, "❤", "🔥")
    await telegram.unreact(anna, message)
    changes = [Update.de_json(u, bot).message_reaction for u in await api.updates()]
    sets = [change.new_reaction for change in changes if change]
    assert sets == [(ReactionTypeEmoji("❤"), ReactionTypeEmoji("🔥")), ()]


async def test_an_album_is_as_many_updates_and_a_deletion_none(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna])
    album = await telegram.album(anna, 3, "our garden", chat=group)
    messages = [u["message"] for u in await api.updates()]
    assert len({m["media_group_id"] for m in messages}) == 1
    assert [m.get("caption") for m in messages] == ["our garden", None, None]
    await telegram.delete(album[0])
    assert len(await api.updates()) == 3
    wrong = await api.refused("setMessageReaction", chat_id=group.id, message_id=album[0].id)
    assert wrong == "Bad Request: message to react not found"


async def test_edits_arrive_if_the_bot_knows_the_message(telegram: Sandbox, api: Api) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna], bot=None)
    unknown = await telegram.send(anna, "before the bot came", chat=group)
    await telegram.add_bot(anna, group, admin=True)
    known = await telegram.send(anna, "one", chat=group)
    await telegram.edit(anna, unknown, "unknown still")
    await telegram.edit(anna, known, "two")
    edits = [u["edited_message"] for u in await api.updates() if "edited_message" in u]
    assert [(e["text"], "edit_date" in e) for e in edits] == [("two", True)]
    assert known.versions == ["one"]
