"""The summary before the meeting of `bln-bot demo`, as its network gets it: `python -m tests.samples.demo docs/samples`
plays the demo up to it, photographs the group on a phone, and draws the pages that were sent as a PDF.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from bot.actions import material, sending
from bot.core.digest import Digest
from bot.core.texts import LANGUAGES
from bot.demo import FOLDER, script
from bot.render import dots, typeset
from bot.render import print as paper
from bot.render.paper import Page
from storage import digests, networks
from storage.db import Connection, opened
from tests.browser.conftest import ARGUMENTS
from tests.mailing import desk
from tests.samples.__main__ import CHROME, PHONE, PLAIN, SCALE, TEXTS, save
from tests.test_demo import Visitor, buttons, running

DOTS = 100  # an inch, of the printed pages
GAP = 12  # pixels below the last message


def main(folder: Path) -> None:
    """Play and draw it in every language."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory(prefix="bln-sample-") as place:
            _play(Path(place), language, folder)
            _printed(Path(place), language, folder)


def _play(place: Path, language: str, folder: Path) -> None:
    about = TEXTS.of(language).plain("digests.button.about")

    def summaries(group: list[Any]) -> list[Any]:
        return [one for one in group if about in [button["text"] for button in buttons(one)]]

    def whole(group: list[Any]) -> list[Any]:
        """The second summary, once its PDF stands below it."""
        found = summaries(group)[1:]
        return found if found and group[-1]["id"] > found[0]["id"] else []

    with running(place, "--language", language, "--keep") as (process, url):
        visitor = Visitor(url)
        next(line for line in process.stdout or () if script.load(language).title in line)
        summary = visitor.jump_until(whole)[0]
        asyncio.run(_photographed(url, visitor, summary, folder / f"demo-{language}-phone.png"))
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


async def _photographed(url: str, visitor: Visitor, summary: Any, file: Path) -> None:
    """From the picture above the summary to the PDF below it."""
    view = visitor.view()
    someone = view["people"][1]["id"]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = await chromium.new_page(viewport=PHONE, device_scale_factor=SCALE)  # type: ignore[arg-type]
        await page.goto(f"{url}?person={someone}")
        await page.locator(f"body[data-ready='{someone}']").wait_for()
        await page.locator("nav button", has_text=view["groups"][0]["title"]).first.click()
        await page.locator(".composer").first.wait_for()
        high = await page.evaluate(
            "Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))"
        )
        await page.set_viewport_size({"width": PHONE["width"], "height": high + CHROME})
        await page.evaluate(PLAIN)
        await page.wait_for_timeout(500)
        first, last = (page.locator(f"[data-id='{summary['id'] + one}']").first for one in (-1, 1))
        top, end = [await one.bounding_box() or {"y": 0, "height": 0} for one in (first, last)]
        low = end["y"] + end["height"] + GAP
        clip = {"x": 0, "y": top["y"], "width": PHONE["width"], "height": low - top["y"]}
        save(await page.screenshot(clip=clip), file)  # type: ignore[arg-type]
        await chromium.close()


def _printed(place: Path, language: str, folder: Path) -> None:
    with opened(f"sqlite:///{place / FOLDER / 'bln.db'}") as database:
        digest, title, zone, at = database.read_now(_of_demo)
    text = TEXTS.of(language)
    page = Page(digest, text, zone, at, title, dots.keys(digest, text))
    for number, one in enumerate(typeset.pages(paper.TEMPLATE, paper.fitted(page), ppi=DOTS), 1):
        save(one, folder / f"demo-{language}-print-{number}.png")


def _of_demo(db: Connection) -> tuple[Digest, str, Any, datetime]:
    network = networks.active(db)[0]
    out = [one for one in digests.of_network(db, network.id, ("published",)) if one.chain == digests.MEETING]
    scene = material.scene(db, out[0].id, desk(), now=datetime.now(UTC))
    assert scene is not None
    chat = next(int(one) for one in out[0].kept["keys"])
    return sending.published(db, scene, chat), network.title, scene.zone, out[0].publish_at


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main(Path(sys.argv[1]))
