"""What the bot sends: texts, limits, keyboards, replies, edits, deletions, forwards, and how it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageOriginUser, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox.driver import Chat, Sandbox, User
from tests.sandbox.conftest import Api


@pytest.fixture
async def anna(telegram: Sandbox) -> User:
    """Somebody who has pressed Start."""
    anna = telegram.user("Anna", language="nl")
    await telegram.start(anna)
    return anna


@pytest.fixture
def group(telegram: Sandbox, anna: User) -> Chat:
    """A supergroup in which the bot is administrator."""
    return telegram.group("Care", members=[anna], admins=[telegram.user("Frida")])


async def test_html_becomes_text_and_entities(telegram: Sandbox, bot: Bot, anna: User) -> None:
    sent = await bot.send_message(
        anna.id, "  <b>Bold</b> &amp; <i>x</i> https://example.org ", parse_mode="HTML"
    )
    assert sent.text == "Bold & x https://example.org"
    assert [e.type for e in sent.entities] == ["bold", "italic", "url"]
    assert telegram.last(anna).html == "<b>Bold</b> &amp; <i>x</i> https://example.org"


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": "  "}, "message text is empty"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag",
        ),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),  # counted in UTF-16 units
        ({"chat_id": 4711, "text": "x"}, "chat not found"),
        ({"chat_id": "", "text": "x"}, "chat_id is empty"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "message_thread_id": 1}, "message thread not found"),
    ],
)
async def test_what_is_refused(api: Api, anna: User, params: dict[str, Any], description: str) -> None:
    refusal = await api.refused("sendMessage", **{"chat_id": anna.id, **params})
    assert refusal.startswith(f"Bad Request: {description}")


async def test_only_the_first_hundred_entities_are_rendered(api: Api, anna: User) -> None:
    sent = await api("sendMessage", chat_id=anna.id, text="<b>a</b> " * 120, parse_mode="HTML")
    assert len(sent["entities"]) == 100


@pytest.mark.parametrize(("size", "fits"), [(64, True), (65, False), (0, False)])
async def test_callback_data_has_1_to_64_bytes(api: Api, anna: User, size: int, fits: bool) -> None:
    data = "é" * (size // 2) + "x" * (size % 2)
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    answer = await api.raw("sendMessage", chat_id=anna.id, text="?", reply_markup=keyboard)
    assert answer.json()["ok"] is fits


async def test_nobody_is_written_to_before_start_or_after_a_block(telegram: Sandbox, bot: Bot) -> None:
    stranger, frida = telegram.user("Stranger"), telegram.user("Frida")
    telegram.group("Care", members=[frida])
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(stranger.id, "x")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(frida.id, "x")
    await telegram.start(frida)
    await bot.send_message(frida.id, "x")
    await telegram.block(frida)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(frida.id, "x")
    await telegram.start(frida)
    await bot.send_message(frida.id, "x")
    frida.deactivated = True
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(frida.id, "x")


async def test_a_group_without_the_bot_refuses(telegram: Sandbox, bot: Bot, group: Chat, anna: User) -> None:
    await telegram.remove_bot(group)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "x")
    await telegram.add_bot(anna, group)
    await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(group.id, "x")


async def test_message_ids_are_sequential_in_a_supergroup_and_shared_elsewhere(
    telegram: Sandbox, bot: Bot, anna: User, group: Chat
) -> None:
    basic = telegram.group("Old", members=[anna], kind="group")
    ids = [
        (await bot.send_message(where, "x")).message_id for where in (group.id, anna.id, group.id, basic.id)
    ]
    assert ids == [1, 2, 2, 3]  # Anna's Start was the box's first


async def test_a_basic_group_becomes_a_supergroup(telegram: Sandbox, api: Api, bot: Bot, anna: User) -> None:
    old = telegram.group("Old", members=[anna], kind="group")
    new = await telegram.migrate(old)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(old.id, "x")
    assert caught.value.new_chat_id == new.id
    said = [u["message"] for u in await api.updates()][-2:]
    assert [(m["chat"]["id"], m.get("migrate_to_chat_id"), m.get("migrate_from_chat_id")) for m in said] == [
        (old.id, new.id, None),
        (new.id, None, old.id),
    ]
    assert (await bot.send_message(new.id, "x")).message_id == 2


async def test_a_reply_shows_what_it_answers_one_level_deep(
    telegram: Sandbox, api: Api, bot: Bot, anna: User, group: Chat
) -> None:
    button = InlineKeyboardMarkup([[InlineKeyboardButton("Answer", url="https://t.me/x?start=p_1")]])
    await bot.send_message(group.id, "A question", reply_markup=button)
    first = await telegram.reply(anna, to=telegram.last(group), text="one")
    await telegram.reply(anna, to=first, text="two")
    one, two = (u["message"] for u in (await api.updates())[-2:])
    assert (
        one["reply_to_message"]["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://t.me/x?start=p_1"
    )
    assert two["reply_to_message"]["message_id"] == first.id
    assert "reply_to_message" not in two["reply_to_message"]
    assert one["message_thread_id"] == two["message_thread_id"] == telegram.last(group).id
    assert "is_topic_message" not in one


async def test_a_reply_may_go_without_its_target_or_quote_it(
    telegram: Sandbox, bot: Bot, group: Chat
) -> None:
    lenient = ReplyParameters(999, allow_sending_without_reply=True)
    assert (await bot.send_message(group.id, "x", reply_parameters=lenient)).reply_to_message is None
    sent = await bot.send_message(group.id, "a long question")
    quoting = await bot.send_message(
        group.id, "y", reply_parameters=ReplyParameters(sent.message_id, quote="long")
    )
    assert quoting.quote is not None
    assert quoting.quote.position == 2
    with pytest.raises(BadRequest, match="Quote_text_invalid"):
        await bot.send_message(
            group.id, "y", reply_parameters=ReplyParameters(sent.message_id, quote="short")
        )


async def test_edits_must_change_something(bot: Bot, telegram: Sandbox, anna: User) -> None:
    sent = await bot.send_message(anna.id, "one")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("one", anna.id, sent.message_id)
    edited = await bot.edit_message_text("two", anna.id, sent.message_id)
    assert not isinstance(edited, bool)
    assert edited.edit_date is not None
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("two", anna.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("two", anna.id, telegram.transcript(anna)[0].id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(anna.id, sent.message_id, caption="x")


async def test_messages_can_be_deleted_for_48_hours(
    telegram: Sandbox, bot: Bot, group: Chat, anna: User
) -> None:
    sent = await bot.send_message(group.id, "one")
    old = await bot.send_message(group.id, "two")
    await bot.delete_message(group.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(group.id, sent.message_id)
    theirs = await telegram.send(anna, "/mydata", chat=group)
    await bot.delete_message(group.id, theirs.id)
    telegram.move(by=timedelta(hours=48))
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, old.message_id)


async def test_forwarding_finds_out_what_stands_where(telegram: Sandbox, bot: Bot, group: Chat) -> None:
    ops = telegram.group("Ops", members=[telegram.user("Olle")])
    link = InlineKeyboardMarkup([[InlineKeyboardButton("Answer", url="https://t.me/x?start=p_1")]])
    sent = await bot.send_message(group.id, "A question", reply_markup=link)
    copy = await bot.forward_message(ops.id, group.id, sent.message_id, disable_notification=True)
    assert isinstance(copy.forward_origin, MessageOriginUser)
    assert copy.forward_origin.sender_user.id == bot.id
    assert (copy.text, copy.reply_markup) == ("A question", link)
    with pytest.raises(BadRequest, match="Message to forward not found"):
        await bot.forward_message(ops.id, group.id, sent.message_id + 1)
    assert (await bot.copy_message(ops.id, group.id, sent.message_id)).message_id == 2


async def test_twenty_a_minute_in_a_group_and_a_short_burst(telegram: Sandbox, api: Api, group: Chat) -> None:
    async def wait() -> int:
        answer = (await api.raw("sendMessage", chat_id=group.id, text="x")).json()
        return 0 if answer["ok"] else int(answer["parameters"]["retry_after"])

    assert [await wait() for _ in range(4)] == [0, 0, 0, 1]
    for _ in range(17):
        telegram.move(by=timedelta(seconds=1))
        assert await wait() == 0
    telegram.move(by=timedelta(seconds=10))
    assert await wait() == 33
    telegram.move(by=timedelta(seconds=33))
    assert await wait() == 0


async def test_thirty_a_second_over_all(telegram: Sandbox, api: Api) -> None:
    people = [telegram.user(f"P{n}") for n in range(31)]
    for person in people:
        telegram.state.private(person).started = True
    answers = [await api.raw("sendMessage", chat_id=person.id, text="x") for person in people]
    assert [a.status_code for a in answers] == [200] * 30 + [429]
    assert answers[-1].json()["parameters"] == {"retry_after": 1}


async def test_a_press_is_answered_once(telegram: Sandbox, api: Api, bot: Bot, anna: User) -> None:
    keys = InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("Yes", callback_data="v1:yes"),
                InlineKeyboardButton("Site", url="https://x.org"),
            ]
        ]
    )
    await bot.send_message(anna.id, "Well?", reply_markup=keys)
    message = telegram.last(anna)
    assert message.buttons == [["Yes", "Site"]]
    assert await telegram.press(anna, message, "Site") == "https://x.org"
    query = await telegram.press(anna, message, "v1:yes")
    update = (await api.updates())[-1]["callback_query"]
    assert (update["data"], update["message"]["message_id"]) == ("v1:yes", message.id)
    await bot.answer_callback_query(query, "Noted")
    answer = telegram.answer(query)
    assert answer is not None
    assert answer.text == "Noted"
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query)


async def test_reactions_of_the_bot(telegram: Sandbox, bot: Bot, anna: User, group: Chat) -> None:
    message = await telegram.send(anna, "hello", chat=group)
    await bot.set_message_reaction(group.id, message.id, "✍")
    assert message.reactions == {bot.id: ["✍"]}
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(group.id, message.id, "❤️")  # with a variation selector
