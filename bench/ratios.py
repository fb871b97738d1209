"""The one table of ratios: what Yardstick costs over what it is held against, with the limit and the aim of each."""

import re
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench import results

HEADING = "Ratios"
COLUMNS = ("workload", "anchor", "ratio", "limit", "aim", "verdict")
RULE = "|---|---|---|---|---|---|"


@dataclass
class Ratio:
    workload: str
    anchor: str
    value: float
    limit: float | None = None
    aim: float | None = None
    # Of these the ratio has to be at least the limit: how many times faster.
    is_floor: bool = False

    def reaches(self, bound: float) -> bool:
        return self.value >= bound if self.is_floor else self.value <= bound

    @property
    def is_missed(self) -> bool:
        return self.limit is not None and not self.reaches(self.limit)

    @property
    def cells(self) -> tuple[str, ...]:
        sign = "at least " if self.is_floor else ""
        if self.limit is None:
            verdict = "" if self.aim is None else "aim met" if self.reaches(self.aim) else "aim missed"
        else:
            verdict = "MISSED" if self.is_missed else "aim met" if self.aim is not None and self.reaches(self.aim) else "within"
        bounds = ("" if bound is None else f"{sign}{bound:g}" for bound in (self.limit, self.aim))
        return (self.workload, self.anchor, f"{self.value:.3g}", *bounds, verdict)


def show(ratios: list[Ratio]) -> None:
    table = Table(box=None)
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in ("ratio", "limit", "aim") else "left")
    for ratio in ratios:
        table.add_row(*ratio.cells)
    Console().print(table)


def keep(ratios: list[Ratio], size: str, version: str) -> None:
    """Rows of workloads that were not run stay as they are."""
    kept = {}
    for line in results.section(HEADING).splitlines():
        if line.startswith("|") and not line.startswith(("| workload", "|--")):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            kept[cells[0], cells[1]] = line
    for ratio in ratios:
        kept[ratio.workload, ratio.anchor] = f"| {' | '.join(ratio.cells)} |"
    lines = [f"| {' | '.join(COLUMNS)} |", RULE, *(re.sub(r" +", " ", line) for line in kept.values())]
    results.keep(HEADING, [
        "CPU time (user and system) of the backend, COMMIT included, over that of the anchor in the same run: medians of alternating "
        "rounds, values held against the anchor's before. Above an aim but within its limit is within; above the limit is MISSED.",
        size,
        "\n".join(lines),
        f"{results.setting(version)}.",
    ])  # fmt: skip
