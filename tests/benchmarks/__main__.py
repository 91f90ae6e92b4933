"""`make bench`: all measures of design.md §5, or those named; prints the table of docs/benchmarks.md."""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import compiling, digesting, receiving, season, sending, starting, ticking
from tests.benchmarks.measures import Measure, Result, table

ALL: list[Measure] = [
    measure
    for module in (receiving, sending, digesting, compiling, ticking, starting, season)
    for measure in module.MEASURES
]


async def result(measure: Measure, runs: int) -> Result:
    """Run a measure, each time in an empty folder."""
    figures = []
    for number in range(runs):
        with tempfile.TemporaryDirectory(prefix="bln-bench-") as folder:
            figures.append(await measure.run(Path(folder)))
        sys.stderr.write(f"{measure.name} {number + 1}/{runs}: {figures[-1].ratio:.2f}\n")
    return Result(measure, figures)


async def main() -> None:
    names = [measure.name for measure in ALL]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*names, []], help=f"which: {', '.join(names)}; all if none"
    )
    parser.add_argument("--runs", type=int, help="how often each is run (five times; the season three times)")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    chosen = [measure for measure in ALL if not given.names or measure.name in given.names]
    results = [await result(measure, given.runs or measure.runs) for measure in chosen]
    sys.stdout.write(f"{table(results)}\n")


if __name__ == "__main__":
    asyncio.run(main())
