"""What tests of statements rounds share: a network whose members have answered, and what they press."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bot.actions import plan, prompts, sentences, stances, statements, taking
from bot.actions.which import Leader
from bot.core.contributions import Given
from bot.core.letters import base36, read_callback
from bot.core.mail import Letter
from storage import chats, contributions, members, networks, outbox, people, postings
from storage import sentences as rows
from storage.db import Connection
from storage.people import Person
from storage.postings import Posting
from storage.tables import outbox as outbox_table
from tests.actions.test_contributions import User, post
from tests.mailing import desk
from tests.stories.story import seed_member, seed_network

DESK = desk()
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)  # 10:00 in Amsterdam
TUESDAY = datetime(2026, 11, 3, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 10, 9, tzinfo=UTC)  # the round has closed
FRIDA = 1
CARERS, WORKERS = (11, 12, 13), (21, 22, 23)
SAID = {
    11: "The night nurse must come before six. I am tired.",
    12: "Carers should have one number to call.",
    13: "A group for carers helps right from the diagnosis.",
    21: "We professionals need an hour a week for families.",
    22: "Respite care has to be planned a month ahead.",
    23: "Every family should have one plan on paper.",
}


class House:
    """A network of six who have answered a question, and Frida, who leads it."""

    def __init__(self, db: Connection) -> None:
        self.db, self.now, self.seen = db, MONDAY, 0
        self.network = seed_network(db, -1001, "Care partnership", now=MONDAY, weekly=False)
        self.chat = chats.of_network(db, self.network)[0].id
        self.question = post(db, self.network, self.chat, message_id=50)
        self.members = {
            FRIDA: seed_member(db, self.network, User(FRIDA, "Frida"), now=MONDAY, facilitator=True)
        }
        for id in CARERS + WORKERS:
            group = "carer" if id in CARERS else "practitioner"
            self.members[id] = seed_member(db, self.network, User(id, f"Person{id}"), now=MONDAY, group=group)
        self.answers = {id: self.answer(id, text) for id, text in SAID.items()}

    def answer(self, id: int, text: str) -> int:
        given = Given(id, 60 + id, "text", text, (), None, self.now)
        member = members.get(self.db, self.members[id])
        assert member is not None
        taking.take(self.db, self.question, member, given, desk=DESK, now=self.now)
        kept = contributions.behind(self.db, id, 60 + id)
        assert kept is not None
        return kept.id

    def person(self, id: int) -> Person:
        found = people.by_telegram_id(self.db, id)
        assert found is not None
        return found

    @property
    def leader(self) -> Leader:
        return Leader(self.db, self.person(FRIDA), networks.found(self.db, self.network), DESK, self.now)

    # What is pressed

    def press(self, id: int, data: str) -> list[Letter]:
        pressed = read_callback(data)
        assert pressed is not None
        subject, _, verb = pressed.action.partition(".")
        act = {"statements": statements, "sentences": sentences, "stances": stances, "prompts": plan}[subject]
        letters = act.pressed(
            self.db, self.person(id), verb, pressed.id, pressed.nonce, message_id=7, desk=DESK, now=self.now
        )
        assert letters is not None
        outbox.write(
            self.db, [replace(one, key=one.key or f"t{self._number()}") for one in letters], now=self.now
        )
        return list(letters)

    def _number(self) -> int:
        self.seen += 1
        return self.seen

    def choose(self, *ids: int) -> Letter:
        """Frida takes a sentence of each of these people."""
        shown = statements.begin(self.leader)[0]
        wanted = [SAID[id].split(". ")[0].rstrip(".") for id in ids]
        for _ in range(4):
            for data, label in buttons(shown):
                if data.startswith("v1:statements.pick") and _meant(shown, label, wanted):
                    shown = self.press(FRIDA, data)[0]
            more = [data for data, _ in buttons(shown) if data.startswith("v1:statements.page")]
            if not more:
                break
            shown = self.press(FRIDA, more[0])[0]
        return shown

    def planned(self, *ids: int) -> int:
        """A round of these people's sentences, planned for tomorrow; their authors are asked."""
        shown = self.choose(*ids)
        done = next(data for data, _ in buttons(shown) if data.startswith("v1:statements.done"))
        self.press(FRIDA, done)
        found = rows.draft(self.db, self.network)
        assert found is not None
        self.press(FRIDA, f"v1:prompts.when:{base36(found)}:tomorrow")
        return found

    def asked(self) -> dict[int, list[tuple[str, str]]]:
        """The buttons below the questions to authors, by Telegram id."""
        found: dict[int, list[tuple[str, str]]] = {}
        query = (
            select(outbox_table).where(outbox_table.c.key.startswith("sentence:")).order_by(outbox_table.c.id)
        )
        names = {self.person(id).id: id for id in self.members}
        for row in self.db.execute(query):
            found[names[row.person_id]] = buttons_of(row.params)
        return found

    def say(self, id: int, verb: str) -> list[Letter]:
        return self.press(id, next(data for data, _ in self.asked()[id] if f".{verb}:" in data))

    def posted(self, *yes: int) -> Posting:
        """A round to which these authors said yes, standing in the group."""
        prompt = self.planned(*SAID)
        for id in yes or tuple(SAID):
            self.say(id, "yes")
        self.now = TUESDAY
        prompts.post_due(self.db, prompt, DESK, now=self.now)
        posting = postings.of_prompt(self.db, prompt)[0]
        postings.stands(self.db, posting.id, posting.chat_id, 70)
        return replace(posting, message_id=70)

    def in_group(self) -> dict[str, Any]:
        query = select(outbox_table.c.params).where(outbox_table.c.kind == prompts.KIND)
        params: dict[str, Any] = (
            self.db.execute(query.order_by(outbox_table.c.id.desc())).scalars().first() or {}
        )
        return params

    def here(self, id: int, number: int, answer: str) -> stances.Told | None:
        """A press below the round in the group."""
        data = [data for data, label in buttons_of(self.in_group()) if data.endswith(f".{answer}")][
            number - 1
        ]
        found = read_callback(data)
        assert found is not None
        return stances.here(self.db, self.person(id), found.id, found.nonce, DESK, now=self.now)


def _meant(shown: Letter, label: str, wanted: list[str]) -> bool:
    number = label.rpartition(" ")[2]
    line = next(one for one in shown.params["text"].split("\n") if one.startswith(f"<b>{number}.</b>"))
    return any(words in line for words in wanted)


def buttons_of(params: dict[str, Any]) -> list[tuple[str, str]]:
    keyboard = params.get("reply_markup", {}).get("inline_keyboard", [])
    return [(button.get("callback_data", ""), button["text"]) for row in keyboard for button in row]


def buttons(letter: Letter) -> list[tuple[str, str]]:
    return buttons_of(dict(letter.params))
