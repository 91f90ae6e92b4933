"""`python -m tests.campaign`: play every fault on both databases, print what came of it as Markdown."""

import argparse
import multiprocessing
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from tests.campaign.databases import KINDS, server
from tests.campaign.faults import FAULTS
from tests.campaign.playing import alone
from tests.campaign.verdict import Row, table

BEGIN, END = "<!-- campaign -->", "<!-- /campaign -->"  # in docs/campaign.md, around what --write puts there


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=17, help="what chance decides; the same gives the same")
    parser.add_argument("--short", action="store_true", help="each fault less often")
    parser.add_argument("--database", choices=KINDS, help="one of them only")
    parser.add_argument(
        "--only", action="append", metavar="FAULT", help="faults with these words in their name"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many scenarios at once")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table between the marks of this file"
    )
    parser.add_argument(
        "--logs", type=Path, metavar="FOLDER", help="keep what the bot wrote where something broke"
    )
    return parser.parse_args()


def main() -> int:
    given = arguments()
    names = [name for name in FAULTS if not given.only or any(one in name for one in given.only)]
    if not names:
        print(f"No fault has these words in its name. There are: {' · '.join(FAULTS)}", file=sys.stderr)  # noqa: T201
        return 2
    databases = [given.database] if given.database else list(KINDS)
    began = time.monotonic()
    rows: dict[tuple[str, str], Row] = {}
    with ExitStack() as held:
        shared = held.enter_context(server()).get_uri() if "postgresql" in databases else ""
        spawn = multiprocessing.get_context("spawn")
        pool = held.enter_context(ProcessPoolExecutor(given.jobs, mp_context=spawn, max_tasks_per_child=1))
        futures = {
            pool.submit(alone, name, database, shared, given.seed, given.short, given.logs): (name, database)
            for name in names
            for database in databases
        }
        for future in as_completed(futures):
            name, database = futures[future]
            rows[name, database] = row = future.result()
            verdict = "; ".join(row.broken) or "kept"
            print(f"{time.monotonic() - began:4.0f} s  {database}: {name}: {verdict}", file=sys.stderr)  # noqa: T201
    text = report(
        [[rows[name, database] for name in names] for database in databases], time.monotonic() - began, given
    )
    print(text)  # noqa: T201
    if given.write:
        write(given.write, text)
    return int(any(row.broken for row in rows.values()))


def report(tables: list[list[Row]], seconds: float, given: argparse.Namespace) -> str:
    """Return the tables with where and how they came about."""
    form = "short form" if given.short else "full form"
    lines = [
        f"Seed {given.seed}, {form}, {seconds / 60:.1f} minutes, {given.jobs} scenarios at once on "
        f"{multiprocessing.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}."
    ]
    for rows in tables:
        answers, posts = sum(row.given for row in rows), sum(row.posts for row in rows)
        broken = sum(bool(row.broken) for row in rows)
        lost, doubled = sum(row.lost for row in rows), sum(row.doubled for row in rows)
        lines += [
            f"### {'SQLite' if rows[0].database == 'sqlite' else 'PostgreSQL'}",
            table(rows),
            f"{answers} answers given, {lost} lost, {doubled} doubled; {posts} posts in groups; "
            f"promises broken in {broken} of {len(rows)} scenarios.",
        ]
    return "\n\n".join(lines)


def write(file: Path, text: str) -> None:
    """Put the tables between the marks of a file."""
    old = file.read_text()
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
