"""What a benchmark found: rows of figures, aims that are met or not, and checks that must hold."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One short run: requests (or transactions) a second, waits in milliseconds, and microseconds of CPU for each.

    Zero where it does not apply: pgbench has no gateway, and SQLite computes within the gateway.
    """

    per_second: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    gateway_us: float = 0.0
    database_us: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """Runs of one kind, taken in turns with those of the rows beside it."""

    section: str
    name: str
    samples: tuple[Sample, ...]

    def middle(self, figure: str) -> float:
        """The median of a figure over the runs."""
        return median(getattr(sample, figure) for sample in self.samples)

    @property
    def per_second(self) -> float:
        """The median rate."""
        return self.middle("per_second")


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure that should be at least, or at most, some bound; a benchmark that misses it has still gone well."""

    name: str
    value: float
    least: float | None = None
    most: float | None = None
    how: str = ""

    @property
    def is_met(self) -> bool:
        """Whether it is."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def verdict(self) -> str:
        """In one word; none where there is no bound."""
        return "" if self.least is None and self.most is None else "PASS" if self.is_met else "BELOW"

    @property
    def bound(self) -> str:
        """The bound, in words."""
        if self.least is None and self.most is None:
            return "only shown"
        return f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold, or the benchmark has failed."""

    name: str
    holds: bool
    found: str


@dataclass(slots=True)
class Report:
    """Everything a run has found so far."""

    machine: dict[str, str] = field(default_factory=dict[str, str])
    rows: list[Row] = field(default_factory=list[Row])
    aims: list[Aim] = field(default_factory=list[Aim])
    checks: list[Check] = field(default_factory=list[Check])

    def row(self, section: str, name: str) -> Row | None:
        """A row by its name, if it was measured."""
        return next((row for row in self.rows if (row.section, row.name) == (section, name)), None)

    @property
    def is_right(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    def text(self) -> str:
        """For people."""
        parts = ["\n".join(f"{name}: {value}" for name, value in self.machine.items())]
        if self.rows:
            parts.append(_table(_HEAD, [_cells(row) for row in self.rows]))
        if self.aims:
            lines = [[aim.verdict, aim.name, f"{aim.value:.2f}", aim.bound, aim.how] for aim in self.aims]
            parts.append(_table(("", "aim", "found", "bound", "how measured"), lines))
        if self.checks:
            found = [["holds" if check.holds else "WRONG", check.name, check.found] for check in self.checks]
            parts.append(_table(("", "check", "found"), found))
        return "\n\n".join(parts)

    def markdown(self) -> str:
        """The ratios, for a page of the documentation."""
        lines = [f"| {aim.name} | {aim.value:.2f} | {aim.bound} | {aim.verdict} |" for aim in self.aims]
        return "\n".join(("| what | found | aim | |", "|---|---|---|---|", *lines))

    def json(self) -> str:
        """For programs."""
        rows = [
            {"section": row.section, "name": row.name}
            | {figure: row.middle(figure) for figure in asdict(row.samples[0])}
            | {"runs": [asdict(sample) for sample in row.samples]}
            for row in self.rows
        ]
        aims = [asdict(aim) | {"met": aim.is_met} for aim in self.aims]
        return json.dumps(
            {"machine": self.machine, "rows": rows, "aims": aims, "checks": [asdict(check) for check in self.checks]},
            indent=2,
        )

    def write(self, target: str | None, *, markdown: bool = False) -> None:
        """Print for people, or only the ratios as Markdown; and as JSON into a file, where `-` prints JSON alone."""
        if target == "-":
            print(self.json())
            return
        print(self.markdown() if markdown else self.text())
        if target:
            Path(target).write_text(self.json() + "\n")


_HEAD = ("", "", "per second", "p50 ms", "p99 ms", "gateway µs", "database µs", "runs")


def _cells(row: Row) -> list[str]:
    figures = [f"{row.per_second:,.0f}", *(_figure(row.middle(name)) for name in ("p50_ms", "p99_ms"))]
    figures += [f"{row.middle(name):.0f}" if row.middle(name) else "-" for name in ("gateway_us", "database_us")]
    return [row.section, row.name, *figures, " ".join(f"{sample.per_second:.0f}" for sample in row.samples)]


def _figure(value: float) -> str:
    return f"{value:.1f}" if value else "-"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[place]) for line in (head, *lines)) for place in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in (head, *lines))
