"""The page as a person uses it: in Chromium, with mouse, thumb and keyboard."""

import io
import wave
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox import people
from tests.browser.conftest import PHONE
from tests.browser.scene import START, Scene, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEYBOARD = {"inline_keyboard": [[{"text": "Looks good", "callback_data": "ok"}]]}


async def come(page: Page, scene: Scene, person: Any) -> None:
    """Open the page as somebody."""
    await page.goto(f"{scene.url}/?person={person.id}")
    await expect(page.locator(f"body[data-ready='{person.id}']")).to_be_attached()


def group_pane(page: Page) -> Locator:
    return page.locator("#pane-group")


def private_pane(page: Page) -> Locator:
    return page.locator("#pane-private")


def said(pane: Locator | Page, text: str) -> Locator:
    """Return the words of a message."""
    return pane.locator(".text", has_text=text)


def in_list(page: Page, title: str) -> Locator:
    """Return a chat in the list of chats."""
    return page.get_by_role("navigation").locator("button", has=page.get_by_text(title, exact=True))


async def write(pane: Locator, text: str) -> None:
    await pane.get_by_role("textbox", name="Message").fill(text)
    await pane.get_by_role("textbox", name="Message").press("Enter")


async def options(bubble: Locator, choice: str) -> None:
    """Choose from the menu of a message."""
    await bubble.locator("xpath=ancestor::li[1]").get_by_role("button", name="Options for").click()
    await bubble.page.get_by_role("menu", name="Message").get_by_text(choice, exact=True).click()


async def test_an_empty_sandbox_offers_to_create_a_person(page: Page, scene: Scene) -> None:
    await scene.bot("setMyDescription", description="I keep the thread between meetings.")
    await page.goto(scene.url)
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Anna de Vries")
    await dialog.get_by_label("Name").press("Enter")
    await expect(page.get_by_label("You are")).to_contain_text("Anna de Vries")
    await expect(private_pane(page).get_by_text("I keep the thread")).to_be_visible()
    await private_pane(page).get_by_role("button", name="Start", exact=True).click()
    await expect(private_pane(page).get_by_text("I keep the thread")).to_be_hidden()
    await expect(said(private_pane(page), "/start")).to_be_visible()
    assert [update["text"] for update in scene.updates("message")] == ["/start"]


async def test_somebody_who_does_not_exist_becomes_the_first_who_does(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/?person=17")
    await expect(page.get_by_role("dialog")).to_be_visible()
    anna = scene.person("Anna")
    await expect(page.locator(f"body[data-ready='{anna.id}']")).to_be_attached()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_a_new_group_has_the_bot_as_administrator(page: Page, scene: Scene) -> None:
    frida = scene.person("Frida Jansen", "facilitator")
    await come(page, scene, frida)
    await page.get_by_role("button", name="New group with the bot").click()
    await page.get_by_role("dialog").get_by_label("Title").fill("Care partnership")
    await page.get_by_role("dialog").get_by_role("button", name="Create").click()
    await expect(group_pane(page).get_by_role("heading", name="Care partnership")).to_be_visible()
    await group_pane(page).get_by_role("button", name="About this chat").click()
    await expect(page.get_by_role("dialog").get_by_text("Frida Jansen facilitator · owner")).to_be_visible()
    change = scene.updates("my_chat_member")[0]
    assert change["new_chat_member"]["status"] == "administrator"


async def test_what_is_typed_arrives_everywhere_and_only_as_text(page: Page, scene: Scene) -> None:
    anna, ria = scene.person("Anna"), scene.person("Ria")
    group = scene.group("Care", anna, ria)
    other = await page.context.new_page()
    await come(page, scene, anna)
    await come(other, scene, ria)
    words = "<img src=x onerror=alert(1)> & <b>bold</b> 😀 שלום"
    await write(group_pane(page), words)
    await expect(group_pane(other).locator(".text")).to_contain_text(words)
    await expect(other.locator("#announce")).to_have_text(f"Care. Anna: {words}")
    await expect(group_pane(other).locator(".bubble img, .bubble b")).to_have_count(0)
    update = scene.updates("message")[0]
    assert (update["text"], update["chat"]["id"], update["from"]["id"]) == (words, group.id, anna.id)
    assert (await group_pane(page).get_by_role("textbox").input_value()) == ""


async def test_shift_and_enter_begin_a_line(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    scene.group("Care", anna)
    await come(page, scene, anna)
    box = group_pane(page).get_by_role("textbox", name="Message")
    await box.click()
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await expect(group_pane(page).locator(".text")).to_contain_text("one\ntwo")


async def test_reply_edit_react_and_delete(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    prompt = await scene.bot("sendMessage", chat_id=group.id, text="What helped you?")
    await come(page, scene, anna)
    pane = group_pane(page)

    await options(said(pane, "What helped you?"), "Reply")
    await expect(pane.locator(".context")).to_contain_text("Reply to BLN bot")
    await write(pane, "My neighbor")
    mine = pane.locator("li.mine .bubble")
    await expect(mine.locator(".reply")).to_contain_text("What helped you?")
    assert scene.updates("message")[0]["reply_to_message"]["message_id"] == prompt["message_id"]

    await pane.get_by_role("textbox").press("ArrowUp")  # as in Telegram: the last one again
    await write(pane, "My neighbour")
    await expect(mine).to_contain_text("My neighbour")
    await expect(mine.locator(".meta")).to_contain_text("edited")
    assert scene.updates("edited_message")[0]["text"] == "My neighbour"

    await options(pane.locator("li.theirs .text"), "👍")
    reaction = pane.get_by_role("button", name="👍 from Anna")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    assert scene.updates("message_reaction")[0]["new_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    await reaction.click()
    await expect(reaction).to_have_count(0)

    await options(mine.locator(".text"), "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(mine).to_have_count(0)
    assert group.entries[prompt["message_id"]].deleted is False


async def test_a_button_press_reaches_the_bot_and_its_answer_the_person(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    people.start(scene.state, anna)
    await scene.bot("sendMessage", chat_id=anna.id, text="A draft", reply_markup=KEYBOARD)
    await come(page, scene, anna)
    await private_pane(page).get_by_role("button", name="Looks good").click()
    await expect(private_pane(page).locator(".waiting")).to_have_count(1)
    query = await wait_for_update(page, scene, "callback_query")
    assert query["data"] == "ok"
    await scene.bot("answerCallbackQuery", callback_query_id=query["id"], text="Thank you")
    await expect(page.get_by_role("status").get_by_text("Thank you")).to_be_visible()
    await expect(private_pane(page).locator(".waiting")).to_have_count(0)

    await private_pane(page).get_by_role("button", name="Looks good").click()
    query = await wait_for_update(page, scene, "callback_query", number=1)
    await scene.bot("answerCallbackQuery", callback_query_id=query["id"], text="It is out", show_alert=True)
    await expect(page.get_by_role("dialog").get_by_text("It is out")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="OK").click()


async def wait_for_update(page: Page, scene: Scene, kind: str, number: int = 0) -> dict[str, Any]:
    """Wait until the bot would be told of something."""
    assert await scene.state.changes.wait_for(lambda: len(scene.updates(kind)) > number, seconds=10)
    return scene.updates(kind)[number]


async def test_a_link_with_start_opens_the_private_chat(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    link = f"https://t.me/{scene.state.bot.username}?start=p_17"
    keyboard = {"inline_keyboard": [[{"text": "Answer privately", "url": link}]]}
    await scene.bot("sendMessage", chat_id=group.id, text="A question", reply_markup=keyboard)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await come(page, scene, anna)
    await in_list(page, "Care").click()
    await group_pane(page).get_by_role("button", name="Answer privately").click()
    await expect(said(private_pane(page), "/start p_17")).to_be_visible()
    await expect(group_pane(page)).to_be_hidden()
    assert scene.updates("message")[0]["text"] == "/start p_17"


async def test_a_link_with_startgroup_adds_the_bot_to_a_group(page: Page, scene: Scene) -> None:
    frida = scene.person("Frida")
    group = scene.group("Care", frida)
    del group.members[scene.state.bot.id]
    people.start(scene.state, frida)
    link = f"https://t.me/{scene.state.bot.username}?startgroup=g_5&admin=pin_messages"
    keyboard = {"inline_keyboard": [[{"text": "Add me to your group", "url": link}]]}
    await scene.bot("sendMessage", chat_id=frida.id, text="Next", reply_markup=keyboard)
    await come(page, scene, frida)
    await private_pane(page).get_by_role("button", name="Add me to your group").click()
    await page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    await expect(said(group_pane(page), f"/start@{scene.state.bot.username} g_5")).to_be_visible()
    assert scene.updates("my_chat_member")[0]["new_chat_member"]["status"] == "administrator"


async def test_formatting_is_drawn_and_long_quotes_unfold(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    people.start(scene.state, anna)
    quote = "\n".join(f"line {number}" for number in range(1, 9))
    text = f"<b>Bold <i>both</i></b> 😀 <tg-spoiler>secret</tg-spoiler>\n<blockquote expandable>{quote}</blockquote>end"
    await scene.bot("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
    await come(page, scene, anna)
    pane = private_pane(page)
    await expect(pane.locator("strong > em")).to_have_text("both")
    unfold = pane.get_by_role("button", name="Show all")
    await expect(unfold).to_have_attribute("aria-expanded", "false")
    folded = await pane.locator("blockquote").bounding_box()
    await unfold.click()
    unfolded = await pane.locator("blockquote").bounding_box()
    assert folded is not None
    assert unfolded is not None
    assert unfolded["height"] > folded["height"] + 60
    await pane.get_by_role("button", name="Hidden text").click()
    await expect(pane.locator(".spoiler.shown")).to_have_text("secret")


async def test_pictures_and_documents_of_the_bot_open(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    photo = {"photo": ("results.png", picture(), "image/png")}
    await scene.bot("sendPhoto", files=photo, chat_id=str(group.id), caption="Results")
    document = {"document": ("summary.pdf", b"%PDF-1.4 none", "application/pdf")}
    await scene.bot("sendDocument", files=document, chat_id=str(group.id))
    await come(page, scene, anna)
    await group_pane(page).get_by_role("button", name="Open the picture").click()
    await expect(page.get_by_role("dialog", name="Picture").get_by_text("Results")).to_be_visible()
    shown = await page.locator("#viewer-image").evaluate(
        "image => image.decode().then(() => image.naturalWidth)"
    )
    assert shown == 640
    await page.keyboard.press("Escape")
    link = group_pane(page).get_by_role("link", name="summary.pdf")
    answer = await page.request.get(f"{scene.url}/{await link.get_attribute('href')}")
    assert await answer.body() == b"%PDF-1.4 none"
    assert answer.headers["content-type"] == "application/pdf"


def recording() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes([128]) * 16_000)
    return out.getvalue()


async def test_pictures_voices_and_files_are_sent_as_what_they_are(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    people.start(scene.state, anna)
    await come(page, scene, anna)
    field = private_pane(page).locator(".file")
    await private_pane(page).get_by_role("textbox").fill("My card")
    await field.set_input_files({"name": "card.png", "mimeType": "image/png", "buffer": picture()})
    await expect(private_pane(page).locator("li.mine img")).to_be_visible()
    await field.set_input_files({"name": "voice.wav", "mimeType": "audio/wav", "buffer": recording()})
    await expect(private_pane(page).locator("small", has_text="Voice message, 0:02")).to_be_visible()
    await field.set_input_files({"name": "plan.toml", "mimeType": "text/plain", "buffer": b"a = 1"})
    await expect(private_pane(page).get_by_role("link", name="plan.toml")).to_be_visible()
    pictures = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": picture()} for n in range(2)]
    await field.set_input_files(pictures)  # type: ignore[arg-type]
    await expect(private_pane(page).locator("li.mine img")).to_have_count(3)
    _, photo, voice, file, *album = scene.updates("message")
    assert (photo["caption"], photo["photo"][0]["width"]) == ("My card", 640)
    assert voice["voice"]["duration"] == 2
    assert file["document"]["file_name"] == "plan.toml"
    assert len({one["media_group_id"] for one in album}) == 1


async def test_the_commands_of_the_bot_stand_behind_a_button(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    people.start(scene.state, anna)
    general = [{"command": "help", "description": "What I can do"}]
    here = [*general, {"command": "me", "description": "What is kept"}]
    await scene.bot("setMyCommands", commands=general)
    await scene.bot("setMyCommands", commands=here, scope={"type": "all_private_chats"})
    scene.group("Care", anna)
    await come(page, scene, anna)
    await private_pane(page).get_by_role("button", name="Commands").click()
    menu = private_pane(page).get_by_role("menu", name="Commands")
    await expect(menu.get_by_role("menuitem")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(private_pane(page).locator("li.mine").last).to_contain_text("/me")
    await group_pane(page).get_by_role("textbox").press_sequentially("/he")
    await group_pane(page).get_by_role("menuitem", name="/help").click()
    await expect(group_pane(page).locator("li.mine")).to_contain_text(f"/help@{scene.state.bot.username}")


async def test_time_is_shown_played_and_jumps_to_what_comes_next(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    clock = scene.state.clock
    clock.report(START, START + timedelta(days=1, hours=6))
    await come(page, scene, anna)
    bar = page.get_by_role("banner", name="Time")
    await expect(bar).to_contain_text("Monday, 23 November 2026 10:00")  # in Amsterdam
    jump = bar.get_by_role("button", name="Jump to what comes next")
    await expect(jump).to_contain_text("Tue 24 Nov, 16:00")
    await jump.click()
    await expect(bar).to_contain_text("Tuesday, 24 November 2026 16:00")
    await expect(jump).to_be_disabled()
    await bar.get_by_role("button", name="Play").click()
    await expect(bar.get_by_role("button", name="Pause")).to_be_visible()
    await bar.get_by_role("button", name="Faster").click()
    await expect(bar).to_contain_text("Each second is 1 minute")
    await expect(bar).to_contain_text("16:01")
    await bar.get_by_role("button", name="Pause").click()
    await expect(bar.get_by_role("button", name="Play")).to_be_visible()
    assert clock.rate == 0


async def test_one_can_become_somebody_else(page: Page, scene: Scene) -> None:
    anna, frida = scene.person("Anna", "carer"), scene.person("Frida", "facilitator")
    people.start(scene.state, anna)
    scene.group("Care", frida, anna)
    scene.says(anna, "only for the bot")
    await come(page, scene, anna)
    await expect(said(private_pane(page), "only for the bot")).to_be_visible()
    await page.get_by_label("You are").select_option(label="Frida · facilitator")
    await expect(page.locator(f"body[data-ready='{frida.id}']")).to_be_attached()
    await expect(said(page, "only for the bot")).to_have_count(0)
    await expect(private_pane(page).get_by_role("button", name="Start", exact=True)).to_be_visible()


async def test_the_bot_can_be_blocked_and_a_group_left(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    people.start(scene.state, anna)
    group = scene.group("Care", scene.person("Frida"), anna)
    await come(page, scene, anna)
    await private_pane(page).get_by_role("button", name="About this chat").click()
    await page.get_by_role("dialog").get_by_role("button", name="Block the bot").click()
    await private_pane(page).get_by_role("button", name="Unblock the bot").click()
    await expect(private_pane(page).get_by_role("textbox")).to_be_visible()
    await group_pane(page).get_by_role("button", name="About this chat").click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave the group").click()
    await expect(group_pane(page)).to_be_hidden()
    assert group.members[anna.id].status == "left"


async def test_a_refusal_is_said_and_what_was_written_stays(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    scene.group("Care", anna)
    await come(page, scene, anna)
    await write(group_pane(page), "x" * 4097)
    await expect(page.get_by_role("status").get_by_text("4096")).to_be_visible()
    await expect(group_pane(page).get_by_role("textbox")).to_have_value("x" * 4097)


async def test_topics_and_polls(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    group.forum = True
    topic = await scene.bot("createForumTopic", chat_id=group.id, name="Evenings")
    options_ = [{"text": "Yes"}, {"text": "Not yet"}]
    await scene.bot(
        "sendPoll",
        chat_id=group.id,
        message_thread_id=topic["message_thread_id"],
        question="Are you coming?",
        options=options_,
        is_anonymous=False,
    )
    await come(page, scene, anna)
    pane = group_pane(page)
    await expect(pane.locator(".poll")).to_be_hidden()
    await pane.get_by_role("tab", name="Evenings").click()
    await pane.get_by_role("button", name="Yes").click()
    await expect(pane.get_by_role("button", name="Yes 100%")).to_have_attribute("aria-pressed", "true")
    await write(pane, "In this topic")
    await expect(pane.locator("li.mine")).to_contain_text("In this topic")
    assert scene.updates("message")[-1]["message_thread_id"] == topic["message_thread_id"]


async def test_a_pinned_message_is_on_top_and_leads_there(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    hello = await scene.bot("sendMessage", chat_id=group.id, text="Hello, I am the bot")
    await scene.bot("pinChatMessage", chat_id=group.id, message_id=hello["message_id"])
    for number in range(40):
        scene.says(anna, f"message {number}", group)
    await come(page, scene, anna)
    first = group_pane(page).locator(".text", has_text="Hello, I am the bot")
    await expect(first).not_to_be_in_viewport()
    await group_pane(page).get_by_role("button", name="Pinned message").click()
    await expect(first).to_be_in_viewport()
    await group_pane(page).get_by_role("button", name="Go to the newest message").click()
    await expect(said(group_pane(page), "message 39")).to_be_in_viewport()


async def test_on_a_phone_the_list_comes_first_and_nothing_is_wider_than_the_screen(
    page: Page, scene: Scene
) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    scene.says(anna, "W" * 300, group)
    await scene.bot("sendMessage", chat_id=group.id, text="See https://example.org/" + "a" * 200)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await come(page, scene, anna)
    chat = in_list(page, "Care")
    await expect(chat).to_contain_text("1 new")
    await chat.click()
    await expect(group_pane(page).get_by_role("textbox")).to_be_visible()
    wide = await page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()"
        " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.className || e.tagName)"
    )
    assert wide == []
    await group_pane(page).get_by_role("button", name="Back to chats").click()
    await expect(chat).to_be_focused()
    await expect(chat).not_to_contain_text("new")


async def test_everything_can_be_done_by_keyboard(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    group = scene.group("Care", anna)
    await scene.bot("sendMessage", chat_id=group.id, text="What helped you?")
    await come(page, scene, anna)
    await group_pane(page).get_by_role("button", name="Options for").focus()
    await page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="Message")
    await expect(menu.get_by_role("menuitemcheckbox", name="React with 👍")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(menu.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(group_pane(page).get_by_role("textbox")).to_be_focused()
    await page.keyboard.type("Sleep")
    await page.keyboard.press("Enter")
    await expect(group_pane(page).locator("li.mine .reply")).to_contain_text("What helped you?")


async def test_every_button_and_field_has_a_name_and_every_part_its_landmark(
    page: Page, scene: Scene
) -> None:
    anna = scene.person("Anna", "carer")
    group = scene.group("Care", anna)
    people.start(scene.state, anna)
    await scene.bot("sendMessage", chat_id=group.id, text="A question", reply_markup=KEYBOARD)
    await come(page, scene, anna)
    for control in await page.locator("button:visible, select:visible, textarea:visible").all():
        name = await control.evaluate(
            "e => (e.getAttribute('aria-label') || e.innerText || e.textContent"
            " || e.labels?.[0]?.textContent || '').trim()"
        )
        assert name, await control.evaluate("e => e.outerHTML")
    await expect(page.get_by_role("banner", name="Time")).to_be_visible()
    await expect(page.get_by_role("navigation", name="You and your chats")).to_be_visible()
    await expect(page.get_by_role("main")).to_be_visible()
    await expect(page.get_by_role("region", name="Care, group")).to_be_visible()
    await expect(page.get_by_role("region", name="BLN bot, private chat")).to_be_visible()


async def test_other_pages_cannot_act_here(page: Page, scene: Scene) -> None:
    anna = scene.person("Anna")
    form = {"act": f'{{"kind": "start", "person": {anna.id}}}'}
    assert (await page.request.post(f"{scene.url}/page/act", form=form)).status == 403
    assert scene.updates("message") == []
    assert (await page.request.get(f"{scene.url}/page/..%2Fpage.py")).status == 404
