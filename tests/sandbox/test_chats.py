"""Chats and who is in them: rights, joins, topics, invite links, pins, senders that are no persons."""

from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest

from bot.sandbox.driver import Sandbox
from bot.sandbox.people import Impossible
from tests.sandbox.conftest import Api

EVERYTHING = [
    "message",
    "edited_message",
    "chat_member",
    "my_chat_member",
    "message_reaction",
    "callback_query",
]


async def test_what_a_chat_tells_about_itself(telegram: Sandbox, api: Api, bot: Bot) -> None:
    anna, frida = telegram.user("Anna"), telegram.user("Frida")
    group = telegram.group(
        "Care", members=[anna], admins=[frida], username="care_utrecht", visible_history=True
    )
    told = await bot.get_chat("@care_utrecht")
    assert (told.id, told.username, told.title) == (group.id, "care_utrecht", "Care")
    assert (await api("getChat", chat_id=group.id))["has_visible_history"] is True
    assert await bot.get_chat_member_count(group.id) == 3
    assert {a.user.first_name: a.status for a in await bot.get_chat_administrators(group.id)} == {
        "Frida": "creator",
        "BLN": "administrator",
    }
    assert (await bot.get_chat_member(group.id, anna.id)).status == "member"
    with pytest.raises(BadRequest, match="Participant_id_invalid"):
        await bot.get_chat_member(group.id, telegram.user("Stranger").id)
    await telegram.demote_bot(group)
    assert "has_visible_history" not in await api("getChat", chat_id=group.id)


async def test_coming_and_going_is_told_twice_to_an_administrator(
    telegram: Sandbox, api: Api, bot: Bot
) -> None:
    anna, frida = telegram.user("Anna"), telegram.user("Frida")
    group = telegram.group("Care", admins=[frida])
    await api.raw("getUpdates", allowed_updates=EVERYTHING)
    link = await bot.create_chat_invite_link(group.id, name="Core")
    await telegram.follow(anna, link.invite_link)
    await telegram.leave(anna, group)
    await telegram.join(anna, group)
    await telegram.remove(anna, group)
    updates = [Update.de_json(u, bot) for u in await api.updates()]
    changes = [u.chat_member for u in updates if u.chat_member]
    assert [c.new_chat_member.status for c in changes] == ["member", "left", "member", "kicked"]
    assert changes[0].invite_link is not None
    assert changes[0].invite_link.name == "Core"
    assert (
        len([u for u in updates if u.message and (u.message.new_chat_members or u.message.left_chat_member)])
        == 4
    )
    await bot.revoke_chat_invite_link(group.id, link.invite_link)
    with pytest.raises(Impossible, match="not valid"):
        await telegram.follow(anna, link.invite_link)


async def test_the_bot_is_told_of_its_own_standing(telegram: Sandbox, api: Api) -> None:
    frida = telegram.user("Frida")
    group = telegram.group("Care", admins=[frida], bot=None)
    url = f"https://t.me/{telegram.username}?startgroup=t0ken&admin=pin_messages+delete_messages"
    message = await telegram.follow(frida, url, group=group)
    assert message is not None
    assert message.text == f"/start@{telegram.username} t0ken"
    await telegram.promote_bot(group, {"can_pin_messages": False})
    await telegram.demote_bot(group)
    await telegram.remove_bot(group)
    await telegram.start(frida)
    await telegram.block(frida)
    await telegram.unblock(frida)
    changes = [u["my_chat_member"]["new_chat_member"] for u in await api.updates() if "my_chat_member" in u]
    assert [c["status"] for c in changes] == [
        *("member", "administrator", "administrator", "member", "kicked"),
        *("kicked", "member"),
    ]
    assert [c.get("can_pin_messages") for c in changes[1:3]] == [True, False]
    assert [c.get("can_invite_users") for c in changes[1:3]] == [False, True]


@pytest.mark.parametrize(
    ("right", "method", "params", "refusal"),
    [
        (
            "can_pin_messages",
            "pinChatMessage",
            {"message_id": 1},
            "not enough rights to manage pinned messages",
        ),
        ("can_delete_messages", "deleteMessage", {"message_id": 1}, "message can't be deleted"),
        ("can_invite_users", "createChatInviteLink", {}, "not enough rights to manage chat invite link"),
        ("can_manage_topics", "createForumTopic", {"name": "x"}, "not enough rights to create a topic"),
        ("can_restrict_members", "banChatMember", {"user_id": 1}, "not enough rights to restrict"),
    ],
)
async def test_each_right_is_asked_for(
    telegram: Sandbox, api: Api, right: str, method: str, params: dict[str, Any], refusal: str
) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna], forum=True)
    await telegram.send(anna, "hello", chat=group)
    await telegram.promote_bot(group, {right: False})
    assert refusal in await api.refused(method, chat_id=group.id, **params)


async def test_pinning_says_so_and_can_be_undone(telegram: Sandbox, api: Api, bot: Bot) -> None:
    group = telegram.group("Care", members=[telegram.user("Anna")])
    sent = await bot.send_message(group.id, "The question")
    await bot.pin_chat_message(group.id, sent.message_id)
    assert (await api("getChat", chat_id=group.id))["pinned_message"]["message_id"] == sent.message_id
    assert telegram.transcript(group)[-1].kind == "pinned_message"
    await bot.unpin_chat_message(group.id)
    assert "pinned_message" not in await api("getChat", chat_id=group.id)


async def test_in_a_topic_everything_replies_to_the_message_that_made_it(
    telegram: Sandbox, api: Api, bot: Bot
) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", members=[anna], forum=True)
    topic = (await bot.create_forum_topic(group.id, "Week 1")).message_thread_id
    sent = await bot.send_message(group.id, "A question", message_thread_id=topic)
    assert (sent.is_topic_message, sent.message_thread_id) == (True, topic)
    await telegram.send(anna, "no reply", chat=group, thread=topic)
    await telegram.reply(anna, to=telegram.last(group), text="a reply")
    await telegram.send(anna, "in General", chat=group)
    other = await telegram.topic(group, "Elsewhere")
    await telegram.reply(anna, to=telegram.last(group), text="from elsewhere", thread=other)
    plain, reply, general, _, outside = (u["message"] for u in await api.updates())
    assert plain["reply_to_message"]["forum_topic_created"]["name"] == "Week 1"
    assert reply["reply_to_message"]["message_id"] == sent.message_id
    assert "message_thread_id" not in general
    assert outside["external_reply"]["message_id"] == sent.message_id
    assert outside["quote"]["text"] == "A question"
    await bot.close_forum_topic(group.id, topic)
    await bot.send_message(group.id, "an administrator still may", message_thread_id=topic)
    await telegram.promote_bot(group, {"can_manage_topics": False})
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(group.id, "x", message_thread_id=topic)
    await bot.delete_forum_topic(group.id, topic)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=topic)


async def test_senders_that_are_no_persons(telegram: Sandbox, api: Api, bot: Bot) -> None:
    frida, robot = telegram.user("Frida"), telegram.user("Robot", is_bot=True)
    group = telegram.group("Care", members=[robot], admins=[frida])
    await telegram.send_anonymously(frida, "hidden", group)
    await telegram.send_as_channel("News", "from a channel", group)
    await telegram.post_from_channel("News", "linked", group)
    await telegram.send(robot, "other bots are not heard", chat=group)
    messages = [Update.de_json(u, bot).message for u in await api.updates()]
    heard = [(m.from_user.id, m.sender_chat.type) for m in messages if m and m.from_user and m.sender_chat]
    assert heard == [(1087968824, "supergroup"), (136817688, "channel"), (777000, "channel")]


async def test_what_people_cannot_do(telegram: Sandbox) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care")
    with pytest.raises(Impossible, match="Anna is not a member of Care"):
        await telegram.send(anna, "x", chat=group)
    with pytest.raises(Impossible, match="cannot stand in a link"):
        await telegram.start(anna, "a b")
    message = await telegram.start(anna)
    with pytest.raises(Impossible, match="no button 'Yes' under message 1; it has no buttons"):
        await telegram.press(anna, message, "Yes")
    await telegram.block(anna)
    with pytest.raises(Impossible, match="has blocked the bot"):
        await telegram.send(anna, "x")
