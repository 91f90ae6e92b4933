"""axe-core on the page: nothing that keeps somebody who sees or hears badly, or uses no mouse, from using it."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.scene import Scene, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

SERIOUS = ("serious", "critical")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}


async def found(page: Page) -> list[str]:
    """Return axe's serious and critical findings: the rule, and where."""
    results: dict[str, Any] = (await Axe().run(page, options=RULES)).response
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:120]}"
        for one in results["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


async def open_page(page: Page, scene: Scene, person: Any) -> None:
    await page.goto(f"{scene.url}/?person={person.id}")
    await expect(page.locator(f"body[data-ready='{person.id}']")).to_be_attached()


async def full(scene: Scene) -> Any:
    """A group and a private chat with everything that messages can be."""
    anna, frida = scene.person("Anna de Vries", "carer"), scene.person("Frida Jansen", "facilitator")
    group = scene.group("Care partnership", frida, anna)
    keyboard = {"inline_keyboard": [[{"text": "Answer privately", "url": "https://t.me/bln_bot?start=p_1"}]]}
    asked = await scene.bot(
        "sendMessage",
        chat_id=group.id,
        text="<b>This week's question</b>\n<blockquote expandable>Long\nwords\nof\nsomebody</blockquote>",
        parse_mode="HTML",
        reply_markup=keyboard,
    )
    answer = scene.says(anna, "My neighbour", group, to=asked["message_id"])
    await scene.bot(
        "setMessageReaction",
        chat_id=group.id,
        message_id=answer,
        reaction=[{"type": "emoji", "emoji": "✍"}],
    )
    scene.says(anna, "/start")
    await scene.bot(
        "sendPhoto",
        {"photo": ("results.png", picture(), "image/png")},
        chat_id=anna.id,
        caption="How the votes stand: yes 5, no 3.",
    )
    row = [{"text": "Change that", "callback_data": "a"}, {"text": "Undo", "callback_data": "b"}]
    await scene.bot("sendMessage", chat_id=anna.id, text="Saved.", reply_markup={"inline_keyboard": [row]})
    return anna


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_filled_page_has_no_serious_finding(page: Page, scene: Scene, size: Any, scheme: Any) -> None:
    anna = await full(scene)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.set_viewport_size(size)
    await open_page(page, scene, anna)
    assert await found(page) == []


async def test_an_empty_page_with_its_dialog_has_no_serious_finding(page: Page, scene: Scene) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(scene.url)
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await found(page) == []


async def test_the_menu_of_a_message_has_no_serious_finding(page: Page, scene: Scene) -> None:
    anna = await full(scene)
    await page.emulate_media(reduced_motion="reduce")
    await open_page(page, scene, anna)
    await page.get_by_role("button", name="Options for").last.click()
    await expect(page.get_by_role("menu", name="Message")).to_be_visible()
    assert await found(page) == []
