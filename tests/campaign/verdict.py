"""What came of a scenario: the ledger of what people gave and what was due, against database and groups."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from storage import inbox
from storage.db import Connection
from storage.tables import chats, contributions, digests, occurrences, outbox, postings, prompts
from tests.campaign.stage import Recovery, Stage

QUESTION = re.compile(r"What helped you on evening \d{3}\?")
SENT_AGAIN, LOST_TWICE = "I sent it once more", "twice. I don't send it a third time"
PARKED = "bln-bot retry"


@dataclass(frozen=True)
class Row:
    """One line of the table; `broken` are promises that were not kept."""

    fault: str
    database: str
    times: int = 0
    updates: int = 0
    given: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    posts: int = 0
    posts_doubled: int = 0
    recovery: Recovery | None = None
    notes: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


@dataclass
class Found:
    """What the database holds at the end."""

    texts: list[str] = field(default_factory=list)  # of contributions, in the order of their ids
    parked: int = 0
    posted: Counter[str] = field(default_factory=Counter)  # questions whose letters were not refused
    missed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    digests: dict[int, int] = field(default_factory=dict)  # published, by network
    summaries_missed: int = 0
    summaries_refused: dict[int, int] = field(default_factory=dict)  # by network


def judge(stage: Stage, found: Found, *, fault: str, database: str, failures: Sequence[str]) -> Row:
    """Compare what was promised with what came of it."""
    queue = stage.telegram.state.queue
    lost, doubled, disordered = contributions_of(stage.said, found.texts)
    posts, posts_doubled, wrong = posts_of(stage, found)
    broken = [*failures, *wrong]
    for what, count in (("lost", lost), ("doubled", doubled), ("out of order", disordered)):
        if count:
            broken.append(f"{count} contributions {what}")
    notes = list(stage.notes)
    if stage.setting.probing:
        if posts_doubled:
            broken.append(f"{posts_doubled} posts doubled")
    else:
        told = len(operator_heard(stage, SENT_AGAIN))
        notes.append(f"no probing here: {told} sent once more, and the operator was told of each")
        if told < posts_doubled:
            broken.append(f"{posts_doubled} posts doubled, but the operator heard of {told}")
    if found.parked != stage.poison:
        broken.append(f"{found.parked} updates parked, {stage.poison} were poisonous")
    if stage.poison and len(operator_heard(stage, PARKED)) < stage.poison:
        broken.append("the operator did not hear of what was parked")
    return Row(
        fault=fault,
        database=database,
        times=stage.times,
        updates=queue.pushed - queue.expired,
        given=sum(len(texts) for texts in stage.said.values()),
        lost=lost,
        doubled=doubled,
        disordered=disordered,
        posts=posts,
        posts_doubled=posts_doubled,
        recovery=max(stage.recoveries, key=lambda one: one.real, default=None),
        notes=tuple(notes),
        broken=tuple(broken),
    )


def contributions_of(said: dict[str, list[str]], kept: list[str]) -> tuple[int, int, int]:
    """Return how many are lost, how many too many there are, and how many stand behind one that came later."""
    place = {text: (where, number) for where, texts in said.items() for number, text in enumerate(texts)}
    times = Counter(filter(None, kept))  # one that was erased has no words
    lost = sum(1 for text in place if not times[text])
    doubled = sum(count - 1 for count in times.values()) + sum(1 for text in times if text not in place)
    disordered, highest = 0, dict.fromkeys(said, -1)
    for text in dict.fromkeys(kept):
        if text in place:
            where, number = place[text]
            disordered += number < highest[where]
            highest[where] = max(highest[where], number)
    return lost, doubled, disordered


def posts_of(stage: Stage, found: Found) -> tuple[int, int, list[str]]:
    """Return how many posts there are, how many of these are copies, and what is wrong with them."""
    broken: list[str] = []
    total = copies = 0
    heard = "\n".join(message.text for message in stage.telegram.said(stage.frida))
    asked: Counter[str] = Counter()
    for circle in stage.circles:
        # What was deleted again had been seen. A group that became a supergroup is two chats, of one title.
        groups = [chat for chat in stage.telegram.state.chats.values() if chat.title == circle.group.title]
        shown = [
            message for chat in groups for message in stage.telegram.transcript(chat) if message.from_bot
        ]
        texts = Counter(message.versions[0] if message.edited else message.text for message in shown)
        total += len(texts)
        copies += sum(count - 1 for count in texts.values())
        asked.update(
            found for text in texts if text.startswith("A question") for found in QUESTION.findall(text)
        )
        summaries = sum(1 for text in texts if "to read." in text)
        refused = found.summaries_refused.get(circle.id, 0)
        published = found.digests.get(circle.id, 0) - refused
        if refused:
            stage.note(f"{refused} summary refused, and the operator was told that the group is out of reach")
            heard_of = operator_heard(stage, "can't reach the group") or operator_heard(
                stage, "refused a message"
            )
            if not heard_of:
                broken.append(f"{circle.group.title}: the operator did not hear of a refused summary")
        if summaries != published or not published + refused:
            broken.append(
                f"{circle.group.title}: {summaries} summaries stand there, {published} were published"
            )
    missing = [question for question in found.posted if not asked[question]]
    if missing:
        twice = len(operator_heard(stage, LOST_TWICE))
        if stage.setting.probing or twice < len(missing):
            broken.append(f"{len(missing)} questions are missing, such as {missing[0]!r}")
        else:
            stage.note(f"{len(missing)} questions lost twice, and the operator was told of each")
    if found.summaries_missed:
        stage.note(f"{found.summaries_missed} summaries missed, and what was said stands in the next")
        if heard.count("The summary for") < found.summaries_missed:
            broken.append("the facilitator did not hear of a missed summary")
    for kind, questions in (("missed", found.missed), ("refused", found.refused)):
        untold = [question for question in questions if question not in heard]
        if questions:
            stage.note(f"{len(questions)} questions {kind}, and the facilitator was told")
        if untold:
            broken.append(f"{len(untold)} questions {kind} and the facilitator not told")
    return total, copies, broken


def operator_heard(stage: Stage, words: str) -> list[str]:
    """Return what the operator was told with these words."""
    where = stage.ops if stage.setting.ops_chat else stage.olle
    return [message.text for message in stage.telegram.said(where, containing=words)]


def find(db: Connection) -> Found:
    """Read all that is judged."""
    found = Found(parked=len(inbox.parked(db)))
    found.texts = list(db.execute(select(contributions.c.text).order_by(contributions.c.id)).scalars())
    asked = select(prompts.c.text, occurrences.c.state).join(
        occurrences, occurrences.c.prompt_id == prompts.c.id
    )
    found.missed = [text for text, state in db.execute(asked) if state == "missed"]
    words = select(postings.c.id, prompts.c.text).join(prompts, prompts.c.id == postings.c.prompt_id)
    question = {f"posting:{id}": text for id, text in db.execute(words)}
    for key, state in db.execute(select(outbox.c.key, outbox.c.state).where(outbox.c.kind == "posting")):
        if state == "failed":
            found.refused.append(question[key])
        else:
            found.posted[question[key]] += 1
    for network_id, state in db.execute(select(digests.c.network_id, digests.c.state)):
        if state == "published":
            found.digests[network_id] = found.digests.get(network_id, 0) + 1
        found.summaries_missed += state == "missed"
    sent = select(chats.c.network_id, outbox.c.state).join(chats, chats.c.id == outbox.c.chat_id)
    for network_id, state in db.execute(sent.where(outbox.c.kind == "digest")):
        if state == "failed":
            found.summaries_refused[network_id] = found.summaries_refused.get(network_id, 0) + 1
    return found


# The table ------------------------------------------------------------------------------------------------------

COLUMNS = (
    "fault",
    "times",
    "updates in",
    "lost",
    "doubled",
    "out of order",
    "posts",
    "posts doubled",
    "seconds to recover",
    "note",
)
HEAD = (f"| {' | '.join(COLUMNS)} |", f"|---|{'---:|' * (len(COLUMNS) - 2)}---|")


def table(rows: Iterable[Row]) -> str:
    """Return the rows of one database as Markdown."""
    return "\n".join([*HEAD, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    recovery = "–" if row.recovery is None else f"{row.recovery.real:.1f} ({row.recovery.simulated:.0f})"
    numbers = (row.times, row.updates, row.lost, row.doubled, row.disordered, row.posts, row.posts_doubled)
    notes = "; ".join([*(f"**BROKEN: {one}**" for one in row.broken), *row.notes])
    cells = [row.fault, *map(str, numbers), recovery, notes.replace("|", "/").replace("\n", " ")]
    return f"| {' | '.join(cells)} |"
