"""A network with something of everything in it, and what must be the same after somebody tried to get at it."""

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.sandbox.driver import Sandbox
from storage import tables
from storage.db import Connection
from tests.stories.story import Seeded, Story, seed_member

ROOT = Path(__file__).parents[2]
SECRET = "hush"  # stands in everything that only the network may read
FLOWS = ("inbox", "outbox", "tallies", "facts")  # what comes and goes with every update

# In which files the verbs of a subject's buttons stand.
MODULES = {
    "about": ["actions/about"],
    "agenda": ["actions/agenda"],
    "alert": ["actions/alerts"],
    "answering": ["actions/answering"],
    "appear": ["actions/appear"],
    "asks": ["actions/asks"],
    "catchup": ["actions/catchup"],
    "consents": ["actions/consents"],
    "contributions": ["actions/contributions"],
    "corrections": ["actions/corrections"],
    "danger": ["actions/danger"],
    "digests": [
        "actions/draft_presses",
        "actions/draft_agenda",
        "actions/draft_masks",
        "actions/draft_pictures",
        "actions/draft_themes",
        "actions/draft_quotes",
        "actions/draft_sections",
        "actions/draft_answers",
        "actions/drafts",
        "actions/digests",
    ],
    "editions": ["actions/editions"],
    "erasing": ["actions/erasing"],
    "groups": ["actions/groups"],
    "helptext": ["actions/helptext"],
    "invite": ["actions/invites"],
    "joining": ["actions/joining", "core/joining"],
    "leaving": ["actions/leaving"],
    "listening": ["actions/listening"],
    "me": ["actions/me"],
    "media": ["actions/media"],
    "members": ["actions/members"],
    "mine": ["actions/mine"],
    "mydata": ["actions/mydata"],
    "objecting": ["actions/objecting"],
    "pause": ["actions/quiet"],
    "persons": ["actions/persons"],
    "meetings": ["actions/meetings", "actions/invitations", "core/meetings"],
    "prompts": [
        "actions/plan",
        "actions/forming",
        "actions/planning",
        "actions/questions",
        "actions/previews",
    ],
    "privacy": ["actions/privacy"],
    "quiet": ["actions/quiet"],
    "readiness": ["actions/preparing"],
    "roster": ["actions/rosters"],
    "settings": ["actions/settings"],
    "setup": ["actions/setup"],
    "sentences": ["actions/sentences"],
    "stances": ["actions/stances"],
    "stars": ["actions/stars"],
    "statements": ["actions/statements"],
    "singles": ["actions/singles"],
    "talk": ["actions/talk"],
    "telling": ["actions/telling"],
    "told": ["actions/told"],
    "themes": ["actions/themes"],
    "votes": ["actions/votes", "actions/ballots"],
    "which": ["actions/which"],
}
# Verbs that stand only in the patterns of handlers.
IN_PATTERNS = {
    "agenda": {"that"},
    "corrections": {"begin"},
    "stances": {"here"},
    "joining": {"kept", "ok"},
    "objecting": {"no"},
    "digests": {"about", "yes", "no"},
    "votes": {"pick"},
    "which": {"take"},
}


class Season:
    """Care partnership (Frida leads, Anna and Ben answer), and Neighbours, led by Olga."""

    def __init__(self, bln: Story, telegram: Sandbox) -> None:
        self.bln, self.telegram = bln, telegram
        self.frida, self.anna, self.ben = (telegram.user(name) for name in ("Frida", "Anna", "Ben"))
        self.network: Seeded
        self.others: Seeded

    async def begin(self) -> "Season":
        telegram, bln = self.telegram, self.bln
        everybody = [self.frida, self.anna, self.ben]
        group = telegram.group(f"Care {SECRET}", admins=[self.frida], members=everybody)
        self.network = await bln.network(group, title=f"Care {SECRET}")
        await bln.member(self.network, self.frida, facilitator=True)
        for user in (self.anna, self.ben):
            await bln.member(self.network, user)
        await bln.ready(self.network)
        question = await bln.posted(self.network, f"What helps {SECRET}?")
        self.question = question
        await telegram.reply(self.anna, to=question, text=f"My neighbour {SECRET}")
        await telegram.press(self.anna, question, "Answer privately")
        await telegram.settle()
        await telegram.send(self.anna, f"A day off {SECRET}")
        await telegram.photo(self.anna, f"Our garden {SECRET}")
        for text in (
            f"/prompt tomorrow 10:00 | And now {SECRET}?",
            f"/meeting 20 november 17:30 | Criteria {SECRET} | Library {SECRET}",
            "/prompts",
            "/meetings",
            "/settings",
            "/groups",
            "/themes",
            "/ready",
            "/invite",
            "/members",
            "/digest",
        ):
            await telegram.send(self.frida, text)
            await telegram.settle()
        await self._knock()
        await bln.network(telegram.group("Partners"), title="Partners")  # forged ids are 1 and 2
        neighbours = telegram.group("Neighbours", admins=[self.frida])
        self.others = await bln.network(neighbours, title="Neighbours")
        telegram.move(by=timedelta(milliseconds=1))  # what is due for the new networks is due now
        await telegram.settle()
        return self

    async def _knock(self) -> None:
        """Somebody who came by a forwarded link waits to be let in."""
        guest = self.telegram.user("Gerda")
        await self.telegram.start(guest, f"p_{await self.bln.database.read(_token)}")
        await self.telegram.settle()

    async def joined(self, network: Seeded, user: Any, **values: Any) -> int:
        """Somebody who has joined without having said anything."""
        return await self.bln.database.write(seed_member, network.id, user, now=self.telegram.now(), **values)

    def buttons(self) -> list[str]:
        """The data of every button that anybody was ever shown."""
        found = set()
        for call in self.telegram.calls:
            markup = call.params.get("reply_markup") or {}
            markup = json.loads(markup) if isinstance(markup, str) else markup
            for row in markup.get("inline_keyboard", []):
                found |= {button["callback_data"] for button in row if "callback_data" in button}
        return sorted(found)

    async def state(self) -> dict[str, list[str]]:
        """Everything that is kept, without what comes and goes with every update."""
        return await self.bln.database.read(dump)

    async def letters(self, since: int) -> list[dict[str, Any]]:
        """What the bot wanted to say since then."""
        return await self.bln.database.read(_letters, since)

    async def newest_letter(self) -> int:
        """Where `letters` begins."""
        return max((letter["id"] for letter in await self.letters(0)), default=0)


def dump(db: Connection) -> dict[str, list[str]]:
    """Return every row of every table but those of what flows."""
    return {
        table.name: sorted(
            repr(tuple(row))
            # Every message in a group moves the newest one known there.
            for row in db.execute(select(*(one for one in table.c if one.name != "last_message_id")))
        )
        for table in tables.metadata.sorted_tables
        if table.name not in FLOWS
    }


def _token(db: Connection) -> str:
    token: str = db.execute(select(tables.postings.c.token)).scalars().first() or ""
    return token


def _letters(db: Connection, since: int) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in db.execute(select(tables.outbox).where(tables.outbox.c.id > since))]


def forged() -> Iterator[str]:
    """Presses with every word that could be a verb of a subject, on the rows that the season made first."""
    for subject, modules in MODULES.items():
        verbs = {word for module in modules for word in _words(ROOT / "bot" / f"{module}.py")}
        for verb in sorted(verbs | IN_PATTERNS.get(subject, set())):
            # The season's draft is the second digest.
            yield f"v1:{subject}.{verb}:{2 if subject == 'digests' else 1}:{'yes' if len(verb) % 2 else ''}"


def _words(path: Path) -> Iterator[str]:
    """The words in a file that stand where verbs do: in `case`, in comparisons, as keys."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        places: list[Any] = []
        if isinstance(node, ast.MatchValue):
            places = [node.value]
        elif isinstance(node, ast.Compare):
            places = [one for side in node.comparators for one in getattr(side, "elts", [side])]
        elif isinstance(node, ast.Dict):
            places = node.keys
        for place in places:
            value = getattr(place, "value", None)
            if isinstance(value, str) and value.rpartition(".")[2].replace("_", "").isalpha():
                yield value.rpartition(".")[2]
