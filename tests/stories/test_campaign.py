"""A few faults of the campaign one after the other, in the life of one real process; `make campaign` plays them all."""

from pathlib import Path

from tests.campaign.faults import FAULTS
from tests.campaign.playing import play

SOME = (
    "kill -9",
    "SIGTERM, killed 2 s later",
    "storms of 429",
    "lost answers",
    "updates twice and out of order",
    "poison updates",
)


async def test_whatever_goes_wrong_nothing_is_lost_or_doubled(sqlite_url: str, tmp_path: Path) -> None:
    row = await play([FAULTS[name] for name in SOME], sqlite_url, tmp_path, seed=17, short=True)
    assert (row.broken, row.lost, row.doubled, row.disordered, row.posts_doubled) == ((), 0, 0, 0, 0)
    assert row.posts > 48
    assert row.given > 60
