"""Digests as their readers see them: on a phone, on paper, in three languages. `python -m tests.samples docs/samples`
draws them anew, with Chromium. Look at them before you commit them.
"""

import asyncio
import io
import shutil
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import Page as PlaywrightPage
from playwright.async_api import async_playwright

from bot import catalogues
from bot.actions.sending import COMES
from bot.core import corrections
from bot.core.digest import Digest
from bot.core.texts import LANGUAGES, Text
from bot.render import chart, dots, typeset
from bot.render import chat as chat_form
from bot.render import print as paper
from bot.render.paper import Page
from bot.sandbox.server import listen, serving
from tests.browser.conftest import ARGUMENTS
from tests.browser.scene import Scene, new_scene
from tests.samples.networks import MEETING, NOW, Sample, sample

TEXTS = catalogues.load(strict=True)
PHONE = {"width": 380, "height": 800}
SCALE = 1.5
CHROME = 150  # pixels of the page around the messages
# The page's background has hundreds of colours, which those of the dots would have to make room for
PLAIN = "document.querySelectorAll('*').forEach(e => { e.style.backgroundImage = 'none' })"
COLOURS = 44  # of a picture: it stays small, and looks the same


def main(folder: Path) -> None:
    """Draw everything."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_draw(folder))


async def _draw(folder: Path) -> None:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for language in LANGUAGES:
            here, text = sample(language), TEXTS.of(language)
            _printed(folder, here, text)
            phone = await chromium.new_page(viewport=PHONE, device_scale_factor=SCALE)  # type: ignore[arg-type]
            await _phoned(folder / f"{language}-phone.png", phone, here, text)
            await phone.close()
        await chromium.close()


# On paper -------------------------------------------------------------------------------------------------------


def _printed(folder: Path, here: Sample, text: Text) -> None:
    """The PDF before a meeting, its pages and that of a week as pictures, and the first page of the appendix."""
    zone, title, name = ZoneInfo(here.written.timezone), here.written.title, text.language
    pdf = paper.pdf(here.before, text, zone, now=NOW, title=title, appendix=here.answers)
    (folder / f"{name}-meeting.pdf").write_bytes(pdf)
    pages = {"meeting": _pictures(here.before, text, here), "week": _pictures(here.week, text, here)}
    for what, found in pages.items():
        print(name, what, len(found), "pages")  # noqa: T201 - for who draws them
        for number, page in enumerate(found[:3], 1):
            save(page, folder / f"{name}-{what}-{number}.png")


def _pictures(digest: Digest, text: Text, here: Sample) -> list[bytes]:
    zone, title = ZoneInfo(here.written.timezone), here.written.title
    answers = here.answers if digest is here.before else None
    page = Page(digest, text, zone, NOW, title, dots.keys(digest, text, quotes=here.answers))
    return typeset.pages(paper.TEMPLATE, paper.fitted(page, answers), ppi=paper.DOTS)


def save(png: bytes, file: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).save(file, optimize=True)


# On the phone ---------------------------------------------------------------------------------------------------


async def _phoned(file: Path, page: PlaywrightPage, here: Sample, text: Text) -> None:
    """What stands in the group: the picture, the message with its buttons, the PDF; unfolded as far as it is short."""
    scene = new_scene(NOW)
    sock = listen("127.0.0.1", 0)
    scene.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    async with serving(scene.app, sock):
        anna = scene.person("Anna")
        group = scene.group(here.written.title, anna)
        await _published(scene, group.id, here, text)
        await page.goto(f"{scene.url}/?person={anna.id}")
        await page.locator(f"body[data-ready='{anna.id}']").wait_for()
        await page.locator("nav button", has_text=here.written.title).first.click()
        await page.locator(".composer").first.wait_for()
        high = await page.evaluate(
            "Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))"
        )
        await page.set_viewport_size({"width": PHONE["width"], "height": high + CHROME})
        await page.evaluate(PLAIN)
        await page.wait_for_timeout(500)  # until the page has drawn itself anew
        save(await page.screenshot(), file)


async def _published(scene: Scene, chat: int, here: Sample, text: Text) -> None:
    """Let the bot send what it publishes."""
    zone, digest = ZoneInfo(here.written.timezone), here.before
    until = corrections.until(NOW, MEETING, zone)
    picture = chart.png(digest, text)
    assert picture is not None
    photo = {"photo": ("chart.png", picture.bytes, "image/png")}
    await scene.bot("sendPhoto", photo, chat_id=chat, caption=picture.alt)
    html = chat_form.message(digest, text, zone, now=NOW, printed=True, until=until)
    rows = [[{"text": label, "callback_data": "sample"} for label in row] for row in _labels(digest, text)]
    keyboard = {"inline_keyboard": rows}
    await scene.bot("sendMessage", chat_id=chat, text=html, parse_mode="HTML", reply_markup=keyboard)
    pdf = paper.pdf(digest, text, zone, now=NOW, title=here.written.title)
    name = f"{text.plain('sending.file_sheet')}-2026-11-10.pdf"
    await scene.bot("sendDocument", {"document": (name, pdf, "application/pdf")}, chat_id=chat)


def _labels(digest: Digest, text: Text) -> list[list[str]]:
    """The buttons below a digest."""
    asked = range(1, len(digest.questions) + len(digest.own_questions) + 1)
    numbers = [text.plain("agenda.button.that", number=number) for number in asked]
    return [
        *(numbers[at : at + 2] for at in range(0, len(numbers), 2)),
        [text.plain(label) for label in COMES.values()],
        [text.plain("corrections.button.begin")],
        [text.plain("editions.button.aloud"), text.plain("digests.button.about")],
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
