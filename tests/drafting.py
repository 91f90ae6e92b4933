"""A network in a database whose drafts are looked at: Frida and Olga lead, others answer; the clock's hand is ours."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from bot import catalogues
from bot.actions import digests as actions
from bot.actions import draft_presses, material
from bot.actions.draft_press import Reaction
from bot.actions.unit import Desk
from bot.core import consents
from bot.core.letters import base36, read_callback
from bot.core.mail import Letter, To
from storage import chats, contributions, digests, members, networks, people, postings, prompts
from storage import outbox as outbox_rows
from storage.contributions import Contribution
from storage.db import Connection, Database
from storage.tables import outbox

DESK = Desk(texts=catalogues.load(strict=True), bot_id=1, bot_username="bln_bot")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 6, 16, tzinfo=UTC)  # 17:00 in Amsterdam, when the weekly digest goes out
DRAFT = FRIDAY - timedelta(hours=24)
MINUTE = timedelta(minutes=1)
CARERS = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Fay")
STATES = ("due", "draft", "approved", "held", "published", "empty", "missed", "merged", "cancelled")


@dataclass
class Drafting:
    """The network, and the steps that tests of drafts are made of."""

    database: Database
    given: dict[str, int] = field(default_factory=dict)  # what each answered last, by name
    place: dict[str, Any] = field(default_factory=dict)  # where answers stand; in private unless it says so

    numbers: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.write(self._make)

    def _make(self, db: Connection) -> None:
        self.network = networks.create(
            db, title="Care", language="en", timezone="Europe/Amsterdam", now=MONDAY
        ).id
        self.chat = chats.keep(
            db, self.network, -100, circle="core", kind="supergroup", title="Care", now=MONDAY
        ).id
        named = [("Frida", True), ("Olga", True), *((name, False) for name in CARERS)]
        self.members = {
            name: self._member(db, number, name, leads) for number, (name, leads) in enumerate(named, 1)
        }
        self.posting = self._posting(db, "What helped?")

    def _posting(self, db: Connection, question: str) -> int:
        prompt = prompts.create(
            db,
            network_id=self.network,
            kind="open",
            text=question,
            when={"kind": "now"},
            state="done",
            created_at=MONDAY,
        )
        occurrence = prompts.occur(db, prompt.id, "2026-11-02T10:00", "posted", due_at=MONDAY, now=MONDAY)
        made = postings.create(
            db,
            occurrence_id=occurrence,
            prompt_id=prompt.id,
            network_id=self.network,
            chat_id=self.chat,
            token=f"t{prompt.id}",
            posted_at=MONDAY,
            closes_at=MONDAY + timedelta(days=7),
        )
        assert made is not None
        return made.id

    def _member(self, db: Connection, telegram_id: int, name: str, leads: bool) -> int:
        person = people.keep(db, telegram_id, name=name, username=None, language="en", now=MONDAY)
        people.change(db, person.id, reachable=True)
        member = members.keep(db, self.network, person.id, circle="core", now=MONDAY)
        group = "researcher" if leads else "carer"
        values: dict[str, Any] = {
            "state": "active",
            "group": group,
            "joined_at": MONDAY,
            "facilitator": leads,
        }
        members.change(db, member.id, **values)
        for use in (consents.TAKE_PART, consents.QUOTE):
            version = consents.version(use, "en")
            members.agree(db, member.id, use, True, version=version, language="en", now=MONDAY)
        return member.id

    # Rows

    def write(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        """Do something in a transaction."""
        return self.database.write_now(function, *args, **values)

    def read(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        """Look something up."""
        return self.database.read_now(function, *args, **values)

    def answer(self, by: str, text: str, *, at: datetime = MONDAY, **values: Any) -> int:
        """Somebody answers the question in private."""

        def keep(db: Connection) -> int:
            kept = contributions.keep(
                db,
                network_id=self.network,
                posting_id=self.posting,
                member_id=self.members[by],
                **{"place": "private", "kind": "text", **self.place, **values},
                text=text,
                sent_at=at,
                arrived_at=at,
            )
            return kept.id

        self.given[by] = found = int(self.write(keep))
        return found

    def asked_again(self, question: str) -> None:
        """Another question is posted; what is given from now on answers that one."""
        self.posting = int(self.write(self._posting, question))

    def kept(self, by: str) -> Contribution:
        """What somebody answered, as it is now."""
        found: Contribution = self.read(contributions.get, self.given[by])
        return found

    def change(self, by: str, **values: Any) -> None:
        """Change somebody's membership."""
        self.write(members.change, self.members[by], **values)

    def person(self, name: str) -> Any:
        """Return somebody as a person."""
        return self.read(lambda db: people.get(db, members.get(db, self.members[name]).person_id))  # type: ignore[union-attr]

    # Time

    def tick(self, now: datetime) -> None:
        """Do what is due, as the clock does, until nothing is due."""
        for network in self.read(actions.unplanned, now=now):
            self.write(actions.plan, network, DESK, now=now)
        while found := self.read(actions.due, now=now):
            for digest in found:
                work = self.read(actions.read, digest, DESK, now=now)
                work = work and replace(work, task=None)  # pictures take longer than the rest
                self.write(actions.write, digest, DESK, now=now, made=actions.make(work))

    def drafted(self, **answers: str) -> None:
        """Everybody answers, and the draft is made."""
        for name, text in answers.items():
            self.answer(name, text)
        self.tick(MONDAY)
        self.tick(DRAFT)

    # The digest

    def all(self) -> list[digests.Digest]:
        """Every digest there is."""
        return list(self.read(digests.of_network, self.network, STATES))

    @property
    def digest(self) -> digests.Digest:
        """The one that has a draft, or is out."""
        return next(one for one in self.all() if one.state in ("draft", "approved", "held", "published"))

    def item(self, by: str) -> digests.Item:
        """The place of somebody's answer in it."""
        found: digests.Item = self.read(digests.items, self.digest.id)[self.given[by]]
        return found

    def press(
        self, verb: str, nonce: str = "", *, by: str = "Frida", at: datetime = DRAFT, message: int = 5
    ) -> Reaction:
        """Press a button of the draft."""
        digest = self.digest.id
        found: Reaction = self.write(
            draft_presses.pressed, self.person(by), verb, digest, nonce, message, DESK, now=at
        )
        return found

    def on(self, verb: str, about: str, **more: Any) -> Reaction:
        """Press a button about somebody's answer."""
        return self.press(verb, base36(self.given[about]), **more)

    def draft(self, at: datetime = DRAFT) -> str:
        """The draft as it is shown now."""
        return said(self.press("back", at=at).letters)

    # Letters

    def to(self, name: str) -> To:
        """Somebody's private chat."""
        return To(person=self.person(name).id)

    def say(self, letters: Any) -> None:
        """Write letters into the outbox, as a handler does."""
        named = (replace(one, key=one.key or f"test:{next(self.numbers)}") for one in letters)
        self.write(outbox_rows.write, list(named), now=DRAFT)

    def shown(self) -> str:
        """The summary as it reads in its chat now."""
        scene = self.read(material.scene, self.digest.id, DESK, now=FRIDAY)
        digest = self.read(actions.published, scene, self.chat)
        return " ".join(quote.words for quote in digest.quotes)

    def letters(self, prefix: str) -> list[Letter]:
        """Letters by their keys, as they wait in the outbox."""
        query = select(outbox.c.method, outbox.c.params, outbox.c.not_before, outbox.c.person_id)
        rows = self.read(
            lambda db: db.execute(query.where(outbox.c.key.startswith(prefix)).order_by(outbox.c.id)).all()
        )
        return [Letter(To(person=row[3]), row[0], row[1], not_before=row[2]) for row in rows]

    def sent(self) -> list[str]:
        """The summaries that went out."""
        query = select(outbox.c.params).where(outbox.c.kind == actions.KIND).order_by(outbox.c.id)
        return [
            str(row[0].get("text", row[0].get("caption", "")))
            for row in self.read(lambda db: db.execute(query).all())
        ]


def said(letters: Any) -> str:
    """What letters say, one below the other."""
    return "\n".join(str(one.params.get("text", "")) for one in letters)


def buttons(letters: Any) -> dict[str, str]:
    """The buttons of letters: what they say, and their data."""
    rows = [row for one in letters for row in one.params.get("reply_markup", {}).get("inline_keyboard", [])]
    return {button["text"]: button.get("callback_data", "") for row in rows for button in row}


def pressing(letters: Any, label: str) -> tuple[str, int, str]:
    """What a button stands for: its verb, its id and its nonce."""
    found = read_callback(buttons(letters)[label])
    assert found is not None
    return found.action.partition(".")[2], found.id, found.nonce
