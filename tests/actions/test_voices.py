"""Whose words a digest takes out of the rows, and what it knows of them; on both databases."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.actions import material
from bot.core import choosing, consents, digest
from bot.core.cutting import MARK
from bot.core.digest import Choice, Material
from bot.core.themes import Theme
from storage import chats, contributions, digests, members, networks, reactions, themes
from storage.db import Connection, Database
from tests.actions.test_digests import DESK, DRAFT, FRIDAY, MONDAY, _contribution, _member, _posting

GROUPS = ("carer", "carer", "practitioner", "researcher", "volunteer", "politician")
NUMBERS = count(1)  # people and chats of one example are nobody in the next


@dataclass(frozen=True)
class Row:
    """An answer as it stands in the database."""

    author: int
    prompt: int
    state: str
    masked: bool
    hidden: bool
    danger: str | None

    @property
    def shown(self) -> bool:
        """Whether its words may be quoted at all, if its author agreed to that."""
        return self.state == "kept" and not self.hidden and self.danger is None


ROWS = st.lists(
    st.builds(
        Row,
        author=st.integers(0, 5),
        prompt=st.integers(0, 1),
        state=st.sampled_from(["kept", "kept", "kept", "kept", "taken_back"]),
        masked=st.sampled_from([False, False, True]),
        hidden=st.sampled_from([False, False, False, True]),
        danger=st.sampled_from([None, None, None, "held", "out"]),
    ),
    min_size=1,
    max_size=12,
)


def _said(number: int) -> str:
    return f"Neighbour{number} came by in the evening. Secret{number} was told to nobody else."


def _network(db: Connection) -> tuple[int, int]:
    unique = next(NUMBERS)
    network = networks.create(db, title="Care", language="en", timezone="Europe/Amsterdam", now=MONDAY).id
    chat = chats.keep(
        db, network, -1_000_000 - unique, circle="core", kind="supergroup", title="Care", now=MONDAY
    )
    return network, chat.id


def _standing(db: Connection, network: int, ids: list[int], hidden: list[int]) -> Material:
    made = digests.create(
        db,
        network_id=network,
        chain="weekly",
        occurrence="2026-W45",
        state="due",
        draft_at=DRAFT,
        publish_at=FRIDAY,
    )
    assert made is not None
    standing = digests.get(db, made)
    assert standing is not None
    digests.take(db, standing, ids)
    for one, item in digests.items(db, made).items():
        if one in hidden:
            digests.change_item(db, item.id, hidden=True)
    scene = material.scene(db, made, DESK, now=DRAFT)
    assert scene is not None
    return material.standing(db, scene)


def _from_rows(db: Connection, rows: list[Row], unquoted: set[int]) -> tuple[Material, dict[int, int]]:
    network, chat = _network(db)
    authors = [
        _member(db, network, 7_000 + next(NUMBERS), f"Author {n}", group=g) for n, g in enumerate(GROUPS)
    ]
    for author in unquoted:
        members.agree(db, authors[author], consents.QUOTE, False, version="1", language="en", now=MONDAY)
    postings = [_posting(db, network, chat, f"t{next(NUMBERS)}") for _ in range(2)]
    ids: dict[int, int] = {}
    for number, row in enumerate(rows):
        text = _said(number)
        one = _contribution(
            db, network, postings[row.prompt], authors[row.author], text, at=MONDAY, place="private"
        )
        masked = text.replace(f"Secret{number}", MARK) if row.masked else None
        contributions.change(db, one, state=row.state, danger=row.danger, masked=masked)
        ids[number] = one
    hidden = [ids[number] for number, row in enumerate(rows) if row.hidden]
    return _standing(db, network, list(ids.values()), hidden), ids


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, unquoted=st.sets(st.integers(0, 5), max_size=2))
def test_out_of_the_rows_each_group_is_quoted_and_nothing_that_may_not_be(
    database: Database, rows: list[Row], unquoted: set[int]
) -> None:
    whole, ids = database.write_now(_from_rows, rows, unquoted)
    shown = digest.compose(whole, choosing.choose(whole))
    numbers = {one: number for number, one in ids.items()}
    may = [number for number, row in enumerate(rows) if row.shown and row.author not in unquoted]
    for quote in shown.quotes:
        number = numbers[quote.id]
        assert number in may
        assert all(piece.strip() in _said(number) for piece in quote.words.split(MARK))
        assert not rows[number].masked or "Secret" not in quote.words
    quoted = {GROUPS[rows[numbers[one.id]].author] for section in shown.sections for one in section.quotes}
    assert quoted == {GROUPS[rows[number].author] for number in may}  # five groups, at least six seats


def test_what_is_known_of_a_contribution_reaches_the_choice(database: Database) -> None:
    whole, starred, plain, masked = database.write_now(_with_everything)
    of = {one.id: one for one in whole.replies}
    assert (of[starred].starred, of[plain].starred) == (True, False)
    assert (of[starred].reacted, of[plain].reacted) == (("practitioner",), ())
    assert (of[starred].tapped, of[starred].tagged, of[plain].tagged) == (("nights",), (), ("nights",))
    assert of[starred].link == "https://t.me/c/55/901"
    assert (of[plain].link, of[masked].link) == (None, None)
    assert whole.codebook[0].name("en") == "Nights"
    shown = digest.compose(whole, Choice())
    assert [(one.code, one.people) for one in shown.themes] == [("nights", 1)]


def _with_everything(db: Connection) -> tuple[Material, int, int, int]:
    network = networks.create(db, title="Care", language="en", timezone="Europe/Amsterdam", now=MONDAY).id
    chat = chats.keep(db, network, -10055, circle="core", kind="supergroup", title="Care", now=MONDAY).id
    anna = _member(db, network, 1, "Anna")
    nurse = _member(db, network, 2, "Nurse", group="practitioner")
    members.agree(db, anna, consents.NAME, True, version="1", language="en", now=MONDAY)
    posting = _posting(db, network, chat)

    def given(message: int, **values: Any) -> int:
        one = _contribution(
            db,
            network,
            posting,
            anna,
            "I sleep badly.",
            at=MONDAY,
            place="group",
            chat_id=chat,
            message_id=message,
        )
        contributions.change(db, one, **values)
        return one

    starred = given(901, attribution="name", starred_at=MONDAY)
    plain = given(902, attribution="role")
    masked = given(903, attribution="name", masked="I […] badly.")
    for member, message, emojis in ((nurse, 901, ["❤"]), (anna, 901, ["❤"]), (nurse, 902, [])):
        reactions.put(
            db,
            network_id=network,
            chat_id=chat,
            message_id=message,
            member_id=member,
            emojis=emojis,
            at=MONDAY,
        )
    theme = themes.create(db, network, Theme("nights", {"en": "Nights"}, {"en": ("awake",)}))
    themes.tap(db, starred, theme.id, "author", now=MONDAY)
    themes.tap(db, plain, theme.id, "facilitator", now=MONDAY)
    return _standing(db, network, [starred, plain, masked], []), starred, plain, masked
