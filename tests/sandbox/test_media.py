"""Files, albums and polls; and the settings a bot makes at its start."""

from datetime import timedelta

import pytest
from telegram import Bot, BotCommand, InputMediaPhoto, MenuButtonCommands, Update
from telegram.error import BadRequest

from bot.sandbox.driver import Chat, Sandbox, User
from bot.sandbox.media_of import picture
from tests.sandbox.conftest import Api


@pytest.fixture
def anna(telegram: Sandbox) -> User:
    """A member of the group."""
    return telegram.user("Anna")


@pytest.fixture
def group(telegram: Sandbox, anna: User) -> Chat:
    """A supergroup in which the bot is administrator."""
    return telegram.group("Care", members=[anna])


async def test_files_people_send_can_be_fetched(telegram: Sandbox, api: Api, bot: Bot, anna: User) -> None:
    await telegram.photo(anna, "our garden", data=picture(300, 200))
    await telegram.voice(anna, duration=42, data=b"OggS spoken")
    await telegram.document(anna, name="notes.pdf", data=b"%PDF")
    for gesture in (telegram.video, telegram.video_note, telegram.sticker):
        await gesture(anna)
    for plain in (telegram.contact, telegram.location, telegram.dice):
        await plain(anna)
    messages = [m for m in (Update.de_json(u, bot).message for u in await api.updates()) if m]
    photo, voice, document = messages[:3]
    assert (photo.photo[-1].width, photo.caption) == (300, "our garden")
    assert voice.voice is not None
    assert telegram.transcript(anna)[1].body["voice"]["duration"] == 42
    assert bytes(await (await voice.voice.get_file()).download_as_bytearray()) == b"OggS spoken"
    assert document.document is not None
    assert (document.document.file_name, document.document.mime_type) == ("notes.pdf", "application/pdf")
    assert [m.kind for m in telegram.transcript(anna)[3:]] == [
        *("video", "video_note", "sticker", "contact", "location", "dice"),
    ]


async def test_a_file_above_20_mb_cannot_be_fetched(telegram: Sandbox, bot: Bot, anna: User) -> None:
    message = await telegram.video(anna, size=21 * 1024 * 1024)
    assert message.media is not None
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(message.media)


async def test_a_file_is_uploaded_once_and_used_again(telegram: Sandbox, bot: Bot, group: Chat) -> None:
    sent = await bot.send_document(
        group.id, b"%PDF", filename="digest.pdf", caption="<b>Digest</b>", parse_mode="HTML"
    )
    assert sent.document is not None
    again = await bot.send_document(group.id, sent.document.file_id)
    assert again.document is not None
    assert again.document.file_unique_id == sent.document.file_unique_id
    assert telegram.file(telegram.last(group)) == b"%PDF"
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_document(group.id, "nonsense")
    with pytest.raises(BadRequest, match="Can't use file of type document as photo"):
        await bot.send_photo(group.id, sent.document.file_id)


async def test_pictures_and_captions_have_limits(bot: Bot, group: Chat) -> None:
    await bot.send_photo(group.id, picture(), caption="x" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(group.id, picture(), caption="x" * 1025)
    with pytest.raises(BadRequest, match="Photo_invalid_dimensions"):
        await bot.send_photo(group.id, picture(2100, 100))
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(group.id, b"no picture")


async def test_an_album_may_arrive_in_part(telegram: Sandbox, bot: Bot, group: Chat) -> None:
    media = [
        InputMediaPhoto(picture(), caption="one"),
        InputMediaPhoto(picture()),
        InputMediaPhoto(picture()),
    ]
    assert len({m.media_group_id for m in await bot.send_media_group(group.id, media)}) == 1
    telegram.move(by=timedelta(minutes=1))
    telegram.fault("sendMediaGroup", "partial", after=2)
    with pytest.raises(
        BadRequest, match='Failed to send message #3 with the error message "too many requests'
    ):
        await bot.send_media_group(group.id, media)
    assert [m.kind for m in telegram.said(group)] == ["photo"] * 5


async def test_votes_arrive_by_poll_and_a_stopped_poll_is_whole(
    telegram: Sandbox, api: Api, bot: Bot, anna: User, group: Chat
) -> None:
    sent = await bot.send_poll(group.id, "Which day?", ["Monday", "Tuesday", "Friday"], is_anonymous=False)
    message = telegram.last(group)
    await telegram.vote(anna, message, 2)
    await telegram.vote(anna, message, 0)
    await telegram.vote(anna, message)
    await telegram.vote(anna, message, 1)
    updates = [Update.de_json(u, bot) for u in await api.updates()]
    answers = [u.poll_answer for u in updates if u.poll_answer]
    assert [a.option_ids for a in answers] == [(2,), (0,), (), (1,)]
    assert sent.poll is not None
    assert {a.poll_id for a in answers} == {sent.poll.id}
    assert [u.poll.total_voter_count for u in updates if u.poll] == [1, 1, 0, 1]
    closed = await bot.stop_poll(group.id, message.id)
    assert [o.voter_count for o in closed.options] == [0, 1, 0]
    with pytest.raises(BadRequest, match="Poll has already been closed"):
        await bot.stop_poll(group.id, message.id)


async def test_a_poll_closes_at_its_moment(telegram: Sandbox, api: Api, bot: Bot, group: Chat) -> None:
    await bot.send_poll(group.id, "Which day?", ["Monday", "Tuesday"], open_period=600)
    telegram.move(by=timedelta(seconds=600))
    (update,) = await api.updates()
    assert update["poll"]["is_closed"] is True


async def test_what_a_bot_sets_at_its_start(telegram: Sandbox, api: Api, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("help", "What I can do")], language_code="en")
    assert [c.command for c in await bot.get_my_commands(language_code="en")] == ["help"]
    assert await bot.get_my_commands(language_code="nl") == ()
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Help!", "x")])
    await bot.set_my_name("BLN Utrecht", language_code="nl")
    assert (await bot.get_my_name("nl")).name == "BLN Utrecht"
    await bot.set_my_description("Keeps the thread")
    assert (await bot.get_my_description()).description == "Keeps the thread"
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_chat_menu_button()).type == "commands"


async def test_every_request_is_recorded_as_it_came(telegram: Sandbox, bot: Bot, group: Chat) -> None:
    await bot.send_document(group.id, b"%PDF", filename="digest.pdf")
    call = telegram.calls[-1]
    assert (call.method, call.outcome, call.files) == ("sendDocument", "ok", ["digest.pdf"])
    assert call.params["chat_id"] == str(group.id)
    assert call.params["document"].data == b"%PDF"
