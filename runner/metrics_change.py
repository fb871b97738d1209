"""Metrics kept as code: what has to happen to one metric."""

from dataclasses import dataclass, field

from runner.definition_files import Definition
from runner.definition_text import canonical

# A change of these changes values; of the others, what is said about them.
VALUE_KEYS = (
    "calculation_method", "data_sources", "calculation_formula", "parameters", "aggregation_levels", "time_windows",
)  # fmt: skip


@dataclass
class Impact:
    """What a change does to the values of a metric."""

    beside: list[dict] = field(default_factory=list)  # the last periods of an organization, as they are and as they would be
    stored: list[dict] = field(default_factory=list)  # by window: how many values there are
    latest: list[dict] = field(default_factory=list)
    note: str | None = None
    reaches: list[str] = field(default_factory=list)  # metrics that are made of it, however many steps away


@dataclass
class Change:
    """What has to happen to one metric."""

    verb: str  # new, changed, brought back, unchanged, missing
    name: str
    definition: Definition | None = None
    old: dict | None = None
    new: dict | None = None
    metric_id: str | None = None
    impact: Impact | None = None
    waits: bool = False  # for somebody to approve it

    @property
    def is_work(self) -> bool:
        return self.verb in ("new", "changed", "brought back")

    @property
    def changes_values(self) -> bool:
        return self.verb == "changed" and any(
            canonical(self.old.get(key)) != canonical(self.new.get(key)) for key in VALUE_KEYS
        )
