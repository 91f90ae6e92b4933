"""Letters: what Telegram is asked, under which key, in which lane."""

import pytest

from bot.core.letters import Button, Keyboard
from bot.core.mail import (
    File,
    To,
    ask,
    buttons_off,
    delete,
    edit,
    forward,
    keyboard_marks,
    media,
    photo,
    react,
    say,
)

BUTTON = Keyboard(((Button("Answer", url="https://t.me/bln_bot?start=p_abc"),),))


@pytest.mark.parametrize(
    ("to", "lane"),
    [(To(chat=3), "chat:3"), (To(person=7), "person:7"), (To(telegram=123), "tg:123"), (To(), "bot")],
)
def test_each_place_has_its_lane(to: To, lane: str) -> None:
    assert to.lane == lane
    assert say(to, "x", key="k")[0].queue == lane


def test_a_short_text_is_one_message() -> None:
    (letter,) = say(To(chat=1), "Hello <b>Anna</b>", BUTTON, key="k", mark="start=p_abc", unsure="probe")
    assert (letter.method, letter.key, letter.mark, letter.unsure) == (
        "sendMessage",
        "k",
        "start=p_abc",
        "probe",
    )
    assert letter.params == {
        "text": "Hello <b>Anna</b>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": BUTTON.markup(),
    }


def test_a_long_text_has_its_buttons_at_the_end_and_replies_at_the_beginning() -> None:
    letters = say(To(chat=1), "word " * 2000, BUTTON, key="k", mark="m", reply_to=5, thread=9, silent=True)
    assert [letter.key for letter in letters] == ["k", "k:2", "k:3"]
    assert ["reply_markup" in letter.params for letter in letters] == [False, False, True]
    assert [letter.mark for letter in letters] == [None, None, "m"]
    assert letters[0].params["reply_parameters"] == {"message_id": 5, "allow_sending_without_reply": True}
    assert ["reply_parameters" in letter.params for letter in letters] == [True, False, False]
    assert {letter.params["message_thread_id"] for letter in letters} == {9}
    assert all(letter.params["disable_notification"] for letter in letters)


def test_pieces_without_a_key_are_numbered_later() -> None:
    assert {letter.key for letter in say(To(chat=1), "word " * 2000)} == {""}


def test_a_file_is_uploaded_or_named() -> None:
    file = File("a.png", "image/png", b"x")
    (up,), (named,) = photo(To(chat=1), file, "Look", key="k"), media(To(chat=1), "voice", "FILE", key="k")
    assert (up.method, up.files, up.params["caption"]) == ("sendPhoto", {"photo": file}, "Look")
    assert (named.method, named.files, named.params) == ("sendVoice", {}, {"voice": "FILE"})


def test_a_long_caption_becomes_a_text_with_the_buttons() -> None:
    first, second = photo(To(chat=1), "FILE", "word " * 300, BUTTON, key="k", mark="m", kind="posting")
    assert (first.params, first.mark, first.kind) == ({"photo": "FILE"}, None, "posting")
    assert (second.method, second.key, second.mark, second.kind) == (
        "sendMessage",
        "k:caption",
        "m",
        "posting",
    )
    assert "reply_markup" in second.params


def test_what_may_be_done_twice_is_repeated() -> None:
    to = To(chat=1)
    letters = [
        edit(to, 5, "x"),
        buttons_off(to, 5),
        react(to, 5, "✍"),
        delete(to, 5),
        ask("k", to, "getChat"),
    ]
    assert {letter.unsure for letter in letters} == {"repeat"}


def test_reactions_and_questions_stand_in_lanes_of_their_own() -> None:
    assert react(To(chat=1), 5, None).queue == "chat:1:reactions"
    assert react(To(chat=1), 5, None).params == {"message_id": 5, "reaction": []}
    asked = ask("admins", To(chat=1), "getChatAdministrators", about={"network": 2}, key="q:1")
    assert (asked.queue, asked.kind, asked.about) == ("own:q:1", "admins", {"network": 2})


def test_a_forwarded_message_makes_no_sound() -> None:
    letter = forward(To(telegram=-9), -1001, 5, key="k")
    assert letter.params == {"from_chat_id": -1001, "message_id": 5, "disable_notification": True}


def test_buttons_tell_by_what_they_are_recognised() -> None:
    rows = [
        [{"text": "a", "url": "https://t.me/bln_bot?start=p_abc"}],
        [{"text": "b", "callback_data": "v1:x:1:"}],
    ]
    assert keyboard_marks(rows) == ["start=p_abc", "v1:x:1:"]
