"""The checks of the checks: what Telegram's description allows passes, what it does not is named."""

import io
from typing import Any

import pytest

from tests.botapi import check_object, check_request, check_result

USER = {"id": 1, "is_bot": False, "first_name": "Anna"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Care"}
MESSAGE = {"message_id": 5, "date": 1_800_000_000, "chat": GROUP, "from": USER, "text": "hello"}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getMe", {}),
        ("sendMessage", {"chat_id": 1, "text": "x"}),
        ("sendmessage", {"chat_id": "@x", "text": "x", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": "1", "text": "x", "disable_notification": "true"}),
        (
            "sendMessage",
            {
                "chat_id": 1,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]},
            },
        ),
        (
            "sendMessage",
            {
                "chat_id": 1,
                "text": "x",
                "reply_markup": '{"inline_keyboard": [[{"text": "a", "url": "https://t.me/x"}]]}',
            },
        ),
        ("sendPhoto", {"chat_id": 1, "photo": b"x"}),
        ("sendPhoto", {"chat_id": 1, "photo": io.BytesIO(b"x")}),
        ("sendPhoto", {"chat_id": 1, "photo": "AgAC"}),
        ("sendMediaGroup", {"chat_id": 1, "media": '[{"type": "photo", "media": "attach://a"}]'}),
        (
            "setMessageReaction",
            {"chat_id": 1, "message_id": 2, "reaction": [{"type": "emoji", "emoji": "✍"}]},
        ),
        ("setMessageReaction", {"chat_id": 1, "message_id": 2, "reaction": []}),
        ("sendLocation", {"chat_id": 1, "latitude": "52.1", "longitude": 5}),
    ],
)
def test_a_right_request_passes(method: str, params: dict[str, Any]) -> None:
    assert check_request(method, params) == []


@pytest.mark.parametrize(
    ("method", "params", "wrong"),
    [
        ("sendMesage", {}, "sendMesage: no such method"),
        ("sendMessage", {"chat_id": 1}, "sendMessage.text: missing"),
        ("sendMessage", {"chat_id": 1, "text": "x", "silent": True}, "sendMessage.silent: unknown field"),
        ("sendMessage", {"chat_id": [], "text": "x"}, "sendMessage.chat_id: [] is not Integer"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"url": "x"}]]}},
            "sendMessage.reply_markup.inline_keyboard[0][0].text: missing",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": "{"},
            "sendMessage.reply_markup: '{' is not JSON for InlineKeyboardMarkup",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "parse_mode": "html5"},
            "sendMessage.parse_mode: 'html5' is none of HTML, MarkdownV2, Markdown",
        ),
        (
            "setMessageReaction",
            {"chat_id": 1, "message_id": True, "reaction": []},
            "setMessageReaction.message_id: True is not Integer",
        ),
        (
            "setMessageReaction",
            {"chat_id": 1, "message_id": 1, "reaction": [{"type": "emoji"}]},
            "setMessageReaction.reaction[0].emoji: missing",
        ),
    ],
)
def test_a_wrong_request_says_what_is_wrong(method: str, params: dict[str, Any], wrong: str) -> None:
    assert check_request(method, params) == [wrong]


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("User", USER),
        ("Message", MESSAGE),
        ("Message", {**MESSAGE, "pinned_message": {"chat": GROUP, "message_id": 3, "date": 0}}),
        ("Message", {**MESSAGE, "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 2}]}),
        ("Update", {"update_id": 1, "message": MESSAGE}),
        ("ChatMember", {"status": "member", "user": USER}),
        ("Array of User", [USER]),
    ],
)
def test_a_right_object_passes(type_name: str, value: Any) -> None:
    assert check_object(type_name, value) == []


@pytest.mark.parametrize(
    ("type_name", "value", "wrong"),
    [
        ("Nothing", {}, "Nothing: no such type"),
        ("User", {**USER, "id": "1"}, "User.id: '1' is not Integer"),
        ("User", {**USER, "age": 1}, "User.age: unknown field"),
        ("Message", {**MESSAGE, "chat": 5}, "Message.chat: 5 is not Chat"),
        (
            "Update",
            {"update_id": 1, "message": {**MESSAGE, "from": {}}},
            "Update.message.from.first_name: missing",
        ),
        (
            "ChatMember",
            {"status": "left", "user": USER, "is_member": True},
            "ChatMember.is_member: unknown field",
        ),
        ("Array of User", [USER, {**USER, "is_bot": 0}], "Array of User[1].is_bot: 0 is not Boolean"),
    ],
)
def test_a_wrong_object_says_what_is_wrong(type_name: str, value: Any, wrong: str) -> None:
    assert wrong in check_object(type_name, value)


def test_results_are_checked_too() -> None:
    assert check_result("getMe", USER) == []
    assert check_result("editMessageText", True) == []
    assert check_result("getUpdates", [{"update_id": "x"}]) == [
        "getUpdates()[0].update_id: 'x' is not Integer"
    ]
