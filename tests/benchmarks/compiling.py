"""A digest from 40, 1,000 and 10,000 replies in memory, beside splitting the same replies into words once."""

import random
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.core import choosing, digest, words
from bot.core.digest import Material
from bot.evaluate import reading
from bot.evaluate.reading import Line
from tests.benchmarks.measures import RUNS, Figures, Measure

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CODEBOOK = Path(__file__).parents[1] / "quality" / "nl.codebook.toml"
ROLES = (
    ("mantelzorger",) * 13
    + ("zorgprofessional",) * 3
    + ("mantelzorgorganisatie", "vrijwilliger")
    + (
        "beleidsmaker",
        "onderzoeker",
    )
)
PROMPTS = ("zwaar", "kracht", "samen")
LENGTHS = range(14, 115)
STARRED = 0.1
WARM = 40


async def compiled(folder: Path, *, count: int) -> Figures:
    """Choose and put together; what is loaded once in a process is loaded before."""
    _digest(_material(WARM, seed=1))
    material = _material(count, seed=2)
    began = time.process_time()
    _digest(material)
    ours = time.process_time() - began
    began = time.process_time()
    said = sum(len(words.tokens(reply.text)) for reply in material.replies)
    plain = time.process_time() - began
    if said < count * min(LENGTHS):
        raise AssertionError(f"{said} words in {count} replies")
    return Figures(ours * 1000, plain * 1000)


def _digest(material: Material) -> None:
    made = digest.compose(material, choosing.choose(material))
    if len(made.sections) != len(PROMPTS) or not made.themes:
        raise AssertionError("a digest without its sections or themes")


def _material(count: int, *, seed: int) -> Material:
    """Replies of words as common as they are, by half as many people, of whom two in three are carers."""
    draw = random.Random(seed)
    frequencies = words.frequencies("nl")
    known, weights = list(frequencies), [10**zipf for zipf in frequencies.values()]
    pool = draw.choices(known, weights, k=200_000)
    lines = []
    for number in range(count):
        start, length = draw.randrange(len(pool) - max(LENGTHS)), draw.choice(LENGTHS)
        said = pool[start : start + length]
        author = draw.randrange(max(19, count // 2))
        sentences = (" ".join(said[at : at + 12]).capitalize() for at in range(0, length, 12))
        lines.append(
            Line(
                id=number,
                author=author,
                role=ROLES[author % len(ROLES)],
                prompt=PROMPTS[number % len(PROMPTS)],
                text=". ".join(sentences) + ("?" if draw.random() < STARRED else "."),
                number=number + 1,
                starred=draw.random() < STARRED,
            )
        )
    sown = reading.codebook(CODEBOOK.read_bytes(), called=CODEBOOK.name, language="nl")
    return reading.together(lines, reading.Meta(), sown, language="nl", seats=9, now=NOW).material


MEASURES = [
    Measure(
        f"compile-{count}",
        f"a digest of {count:,} replies: themes, quotes, questions, points of one person",
        "splitting the same replies into words once",
        "ms",
        aim,
        partial(compiled, count=count),
        runs=RUNS if count < 10_000 else 3,
    )
    for count, aim in ((40, 150), (1_000, 150), (10_000, 150))
]
