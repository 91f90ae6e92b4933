"""Corrections below a summary: they stand in every form of it, and leave room for the summary itself."""

from typing import Any

import pytest

from bot.actions import digests as publishing
from bot.actions import material, sending
from bot.render import plain
from storage import corrections
from storage.db import Connection, Database
from storage.tables import outbox
from tests.actions.test_corrections import LATER, Published
from tests.actions.test_digests import DESK

BUS = "The bus goes at nine, not at eight."


@pytest.fixture
def out(database: Database) -> Published:
    bench = Published(database)
    sent = {"state": "sent", "message_id": 50}
    bench.write(lambda db: db.execute(outbox.update().where(outbox.c.kind == publishing.KIND).values(**sent)))
    return bench


def put_right(out: Published, words: str, *, author: int = 0) -> None:
    values: dict[str, Any] = {"words": None, "answer": words, "state": "accepted", "at": LATER}
    values |= {"settled_by": out.person(out.frida).id, "settled_at": LATER}
    member = out.authors[author % 3]
    out.write(corrections.create, digest_id=out.digest, member_id=member, kind="wrong", **values)


@pytest.mark.parametrize("edition", [plain.edition, plain.aloud])
def test_who_reads_it_in_plain_words_or_hears_it_gets_the_correction_too(
    out: Published, edition: Any
) -> None:
    put_right(out, BUS)
    assert BUS in out.shown()

    def read(db: Connection) -> str:
        scene = material.scene(db, out.digest, DESK, now=LATER)
        assert scene is not None
        digest = sending.published(db, scene, out.chat)
        return str(edition(digest, scene.text, scene.zone, now=LATER))

    assert "The bus goes at nine" in out.write(read)


def test_many_corrections_do_not_push_the_summary_out_of_its_message(out: Published) -> None:
    assert "slept through the night" in out.shown()
    for number in range(8):
        put_right(out, f"{number}: {'word ' * 48}".strip(), author=number)
    assert "slept through the night" in out.shown()
