"""Pictures of a carer's first minute and of what she can do about herself, on a phone, in three languages.

`.venv/bin/python -m tests.browser.pictures docs/screens` draws them anew; the real bot speaks, nothing is put together
by hand. Look at them before you commit them.
"""

import asyncio
import io
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Page, async_playwright

from bot.app import Bln
from bot.sandbox import server
from bot.sandbox.driver import MONDAY, Sandbox
from bot.sandbox.page import add_page
from bot.sandbox.state import State
from storage import people
from storage.db import Connection
from storage.migrate import migrate
from tests.browser.conftest import ARGUMENTS, PHONE
from tests.stories.conftest import settings
from tests.stories.story import Seeded, Story

LANGUAGES = ("en", "nl", "sv")
QUESTIONS = {
    "en": "What does a good care partnership need from you?",
    "nl": "Wat heb jij nodig om goed samen te kunnen zorgen?",
    "sv": "Vad behöver du för att samarbetet kring vården ska fungera?",
}
GAP, COLUMNS = 12, 6


@dataclass
class Phone:
    """Somebody's phone: presses the n-th button of the last message, writes, and is photographed after each step."""

    story: Story
    page: Page
    url: str
    who: Any
    shots: list[bytes] = field(default_factory=list)

    async def press(self, number: int = 1) -> None:
        """Press a button of the last message, counted from 1."""
        telegram = self.story.telegram
        labels = [label for row in telegram.last(self.who).buttons for label in row]
        await telegram.press(self.who, telegram.last(self.who), labels[number - 1])
        await self.look()

    async def write(self, words: str) -> None:
        """Write something in the private chat."""
        await self.story.telegram.send(self.who, words)
        await self.look()

    async def look(self) -> None:
        """Photograph the private chat."""
        await self.story.telegram.settle()
        await self.page.goto(f"{self.url}/?person={self.who.id}")
        await self.page.locator(f"body[data-ready='{self.who.id}']").wait_for()
        name = self.page.get_by_text("BLN bot", exact=True)
        await self.page.get_by_role("navigation").locator("button", has=name).click()
        await self.page.locator("#pane-private .composer").wait_for()
        await self.page.wait_for_timeout(150)  # until the page has scrolled to the end
        self.shots.append(await self.page.screenshot())

    def sheet(self, file: Path) -> None:
        """Put what was photographed side by side, and begin anew."""
        pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in self.shots]
        wide, high = pictures[0].size
        columns = min(COLUMNS, len(pictures))
        rows = -(-len(pictures) // columns)
        sheet = Image.new("RGB", (columns * (wide + GAP) + GAP, rows * (high + GAP) + GAP), "#8a8f98")
        for number, one in enumerate(pictures):
            row, column = divmod(number, columns)
            sheet.paste(one, (GAP + column * (wide + GAP), GAP + row * (high + GAP)))
        file.parent.mkdir(parents=True, exist_ok=True)
        sheet.quantize(128).save(file, optimize=True)
        self.shots.clear()


async def first_minute(phone: Phone, invitation: str) -> None:
    """From the invitation to *You're in*."""
    await phone.story.telegram.follow(phone.who, invitation)
    await phone.look()
    for button in (1, 1, 1, 1, 1, 1):
        await phone.press(button)


async def network_of(story: Story, language: str) -> tuple[Seeded, Any, str]:
    """A network led by Frida, and her invitation of one person."""
    telegram = story.telegram
    frida = telegram.user("Frida", language=language)
    network = await story.network(telegram.group("Care partnership", members=[frida]), language=language)
    await story.member(network, frida, group="practitioner", facilitator=True)
    await story.database.write(_speaks, frida.id, language)
    await story.ready(network)
    await telegram.send(frida, "/invite")
    await telegram.settle()
    for _ in ("one person", "make the invitation"):
        await telegram.press(frida, telegram.last(frida), telegram.last(frida).buttons[0][0])
        await telegram.settle()
    link = next(word for word in telegram.last(frida).text.split() if word.startswith("https://"))
    return network, frida, link


def _speaks(db: Connection, telegram_id: int, language: str) -> None:
    person = people.by_telegram_id(db, telegram_id)
    assert person is not None
    people.change(db, person.id, language=language)


async def draw(language: str, page: Page, folder: Path) -> None:
    """Play everything in one language."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/bln.db"
        migrate(url)
        state = State(now=MONDAY, seed=0)
        state.bot.first_name = "BLN bot"
        app = server.create_app(state)
        add_page(app)
        sock = server.listen("127.0.0.1", 0)
        async with server.serving(app, sock):
            telegram = Sandbox(state, sock.getsockname()[1])
            async with Bln.living(settings(telegram, url)) as living:
                story = Story(living, telegram)
                await _play(story, language, page, f"http://127.0.0.1:{telegram.port}", folder)


ANSWERS = {
    "en": (
        "Henk from next door sits with her on Tuesdays.",
        "Somebody who answers the telephone in the evening.",
    ),
    "nl": ("Mijn buurman Henk is er op dinsdag bij haar.", "Iemand die 's avonds de telefoon opneemt."),
    "sv": ("Min granne Henrik sitter hos henne på tisdagar.", "Någon som svarar i telefon på kvällen."),
}


async def _play(story: Story, language: str, page: Page, url: str, folder: Path) -> None:
    telegram = story.telegram
    network, frida, invitation = await network_of(story, language)
    anna = telegram.user("Anna", language=language)
    phone, hers = Phone(story, page, url, anna), Phone(story, page, url, frida)
    await first_minute(phone, invitation)
    phone.sheet(folder / f"joining-{language}.png")
    await telegram.join(anna, network.group)
    question = await story.posted(network, QUESTIONS[language])
    telegram.move(by=timedelta(minutes=1))
    await answer(phone, question, language)
    phone.sheet(folder / f"answering-{language}.png")
    await about_oneself(phone)
    phone.sheet(folder / f"me-{language}.png")
    await hers.write("/members")
    await telegram.send(frida, "/digest")
    await hers.look()
    await hers.press(2)
    hers.sheet(folder / f"facilitator-{language}.png")
    await trouble(phone)
    phone.sheet(folder / f"talk-{language}.png")
    await forget(phone)
    phone.sheet(folder / f"forget-{language}.png")


async def answer(phone: Phone, question: Any, language: str) -> None:
    """Open the question in private, write twice, speak, and put the next one off."""
    telegram = phone.story.telegram
    await telegram.press(phone.who, question, question.buttons[0][0])
    await phone.look()
    for words in ANSWERS[language]:
        await phone.write(words)
    await telegram.voice(phone.who, duration=80)
    await phone.look()
    await phone.press(1)
    await phone.write("/open")


async def about_oneself(phone: Phone) -> None:
    """What she sees of herself, screen by screen."""
    await phone.write("/me")
    sections = sum(len(row) for row in phone.story.telegram.last(phone.who).buttons)
    for number in range(1, sections + 1):
        if number > 1:
            await phone.story.telegram.send(phone.who, "/me")
            await phone.story.telegram.settle()
        await phone.press(number)
    for command in ("/catchup", "/privacy", "/help"):
        await phone.write(command)


async def trouble(phone: Phone) -> None:
    """She asks to be contacted."""
    await phone.write("/talk")
    await phone.press(1)
    await phone.press(1)


async def forget(phone: Phone) -> None:
    """She has everything erased."""
    await phone.write("/forget")
    await phone.press(1)


async def main(folder: Path) -> None:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = await chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
        for language in LANGUAGES:
            await draw(language, page, folder)
        await chromium.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
