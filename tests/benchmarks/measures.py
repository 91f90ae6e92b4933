"""What a benchmark is: ours beside something plain, in one run, as a ratio; five runs, median and spread."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RUNS = 5


@dataclass(frozen=True)
class Figures:
    """What one run measured: ours, what it is held against, both in the measure's unit, and what stands beside them."""

    ours: float
    against: float
    beside: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Ours to what it is held against."""
        return self.ours / self.against


@dataclass(frozen=True)
class Measure:
    """A row of design.md §5. `run` gets an empty folder of its own each time."""

    name: str
    what: str
    against: str
    unit: str
    aim: float
    run: Callable[[Path], Awaitable[Figures]]
    at_least: bool = False  # else the ratio is to be at most `aim`
    runs: int = RUNS

    def met(self, ratio: float) -> bool:
        """Whether the aim of design.md is reached."""
        return ratio >= self.aim if self.at_least else ratio <= self.aim


@dataclass(frozen=True)
class Result:
    """All runs of a measure."""

    measure: Measure
    figures: Sequence[Figures]

    @property
    def ratio(self) -> float:
        """The median of the runs' ratios."""
        return statistics.median(one.ratio for one in self.figures)

    def line(self) -> str:
        """Return the row of the table."""
        measure, ratios = self.measure, [one.ratio for one in self.figures]
        sign = "≥" if measure.at_least else "≤"
        verdict = "reached" if measure.met(self.ratio) else "**missed**"
        cells = (
            measure.what,
            measure.against,
            f"{_median(one.ours for one in self.figures)} {measure.unit}",
            f"{_median(one.against for one in self.figures)} {measure.unit}",
            f"{self.ratio:.2f}",
            f"{min(ratios):.2f} to {max(ratios):.2f}",
            f"{sign} {measure.aim:g}",
            verdict,
        )
        return f"| {' | '.join(cells)} |"

    def beside(self) -> str:
        """Return what else was measured, in words; empty if nothing was."""
        names = self.figures[0].beside
        parts = [f"{name}: {_median(one.beside[name] for one in self.figures)}" for name in names]
        return f"- {self.measure.what}: {'; '.join(parts)}." if parts else ""


HEAD = "| what | against | ours | theirs | ratio | of runs | aim | |\n|---|---|---:|---:|---:|---|---|---|"


def table(results: Sequence[Result]) -> str:
    """Return everything as Markdown."""
    lines = [HEAD, *(one.line() for one in results)]
    beside = [words for one in results if (words := one.beside())]
    return "\n".join([*lines, "", "Beside them, not aimed at:", "", *beside] if beside else lines)


def _median(values: "Sequence[float] | object") -> str:
    middle = statistics.median(values)  # type: ignore[arg-type]
    return f"{middle:,.0f}" if middle >= 100 else f"{middle:,.2f}"
