"""Percentiles and distinct counts that may be estimated: exact up to the bound, beyond it within the error that is stated, however
many of the two extensions there are."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.python import oracle

BOUND = 1000
# Of the rank, in percent of the rows, and of four standard errors of 2^14 registers.
RANK_ERROR = Fraction(1, 2)
COUNT_ERROR = 4 * 1.04 / 2**7
NOW = datetime(2025, 6, 1, tzinfo=UTC)
KEYS = {"aggregation_levels": ["org", "dept"], "time_windows": ["daily", "monthly", "annual"]}
APPROXIMATE = {"accuracy": "approximate"}
HIGH = {"agg": "percentile", "p": 99, **APPROXIMATE}
PERCENTS = {"median": 50, "high": 99}
METRICS = {
    "median": {"n": {"agg": "percentile", "p": 50, **APPROXIMATE}},
    "high": {"n": HIGH},
    "kinds": {"n": {"agg": "count_distinct", **APPROXIMATE}},
}
# (department, day) -> rows. January has days beyond the bound, February none, March only as a whole.
DAYS = {
    ("a", date(2025, 1, 10)): 1500, ("b", date(2025, 1, 10)): 400, ("a", date(2025, 1, 11)): 300, ("b", date(2025, 1, 12)): 1001,
    ("a", date(2025, 2, 3)): 900, ("b", date(2025, 2, 4)): 50, ("a", date(2025, 3, 5)): 600, ("a", date(2025, 3, 6)): 600,
    ("b", date(2025, 3, 6)): 400,
}  # fmt: skip


@pytest.fixture(scope="module")
def available(cluster):
    database = cluster.clone()
    with database.connect() as connection:
        names = "select name from pg_available_extensions where name in ('tdigest', 'hll')"
        return {name for (name,) in connection.execute(names).fetchall()}


@pytest.fixture
def install(engine, available):
    def install(*names):
        lacking = set(names) - available
        if lacking:
            pytest.skip(f"the server has no package of the extension {', '.join(sorted(lacking))} (Debian: postgresql-NN-tdigest, -hll)")
        engine.execute("create schema if not exists sketches")
        engine.execute("grant usage on schema sketches to yardstick_engine_role")
        for name in names:
            engine.execute(f"create extension {name} schema sketches")

    return install


class World:
    def __init__(self, engine):
        self.engine = engine
        self.random = random.Random(7)
        self.rows = []
        self.organization = engine.organization("one", timezone="UTC")
        self.departments = {}
        with engine.connection.transaction():
            engine.execute("select yardstick_api.use_organization(%s)", [self.organization])
            for name in ("a", "b"):
                self.departments[name] = engine.one(
                    "select yardstick_api.sync_department(%s)", [f'{{"external_id": "{name}", "department_name": "{name}"}}']
                )
        for name, measures in METRICS.items():
            engine.metric(name, measures=measures, key="seen", **KEYS)
        engine.metric(
            "both", measures={"high": HIGH, "kinds": METRICS["kinds"]["n"]}, key="seen", calculation_formula="high / kinds", **KEYS
        )
        for (department, day), count in DAYS.items():
            self.happen(department, day, count)
        engine.calculate(NOW)

    def happen(self, department, day, count):
        new = [(department, day, Decimal(str(round(self.random.lognormvariate(3, 2), 2)))) for _ in range(count)]
        self.rows += new
        self.engine.record(
            self.organization,
            [
                {
                    "metric_name": "seen", "measured_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "value": float(value),
                    "department_id": self.departments[department],
                }
                for department, day, value in new
            ],
        )  # fmt: skip

    def cells(self):
        """(level, scope, window, first day) -> the values in it, by department and day."""
        found = defaultdict(lambda: defaultdict(list))
        for department, day, value in self.rows:
            for scope in (("org", self.organization), ("dept", self.departments[department])):
                for window, first in (("daily", day), ("monthly", day.replace(day=1)), ("annual", day.replace(month=1, day=1))):
                    found[(*scope, window, first)][department, day].append(value)
        return found

    def stored(self):
        return {key[1:]: row for key, row in self.engine.stored().items()}

    def check(self, installed):
        """Every stored value against the rows; returns how many were estimated."""
        stored, estimates = self.stored(), 0
        for key, parts in self.cells().items():
            values = [value for part in parts.values() for value in part]
            estimated = {
                "tdigest": "tdigest" in installed and len(values) > BOUND,
                "hll": "hll" in installed and sum(len(set(part)) for part in parts.values()) > BOUND,
            }
            methods = ", ".join(sorted(name for name, is_so in estimated.items() if is_so))
            for name in (*METRICS, "both"):
                row = stored.pop((name, *key))
                assert (row["status"], row["sample"]) == ("success", len(values)), (name, key)
                method = {"both": methods, "kinds": "hll" if estimated["hll"] else ""}.get(name, "tdigest" if estimated["tdigest"] else "")
                assert row["metadata"].get("method", "") == method, (name, key)
                estimates += bool(method)
                if name in PERCENTS:
                    low, high = (
                        percentile(values, max(min(PERCENTS[name] + step, 100), 0)) if method else percentile(values, PERCENTS[name])
                        for step in (-RANK_ERROR, RANK_ERROR)
                    )
                    assert rounded(low) <= row["value"] <= rounded(high), (name, key)
                elif name == "kinds":
                    exact = len(set(values))
                    assert abs(row["value"] - exact) <= (COUNT_ERROR * exact if method else 0), (name, key)
                    assert row["value"] == int(row["value"])
                elif not method:
                    assert row["value"] == rounded(Fraction(percentile(values, 99)) / len(set(values))), key
        assert not stored
        return estimates


def percentile(values, percent):
    return oracle.percentile([Fraction(value) for value in values], percent)


def rounded(value):
    scaled = Fraction(value) * 10**4
    return Decimal((scaled + Fraction(1, 2)).__floor__()).scaleb(-4)


@pytest.mark.parametrize("installed", [(), ("tdigest",), ("hll",), ("tdigest", "hll")], ids=lambda names: "-".join(names) or "none")
def test_values_are_exact_up_to_the_bound_and_within_the_error_beyond(engine, install, installed):
    install(*installed)
    world = World(engine)
    assert bool(world.check(installed)) == bool(installed)
    details = "select count(centroids), count(registers), count(*) from yardstick.metric_details"
    digests, registers, states = engine.execute(details).fetchone()
    assert (digests > 0, registers > 0) == ("tdigest" in installed, "hll" in installed) and states > digests + registers
    assert engine.one(
        "select count(*) from yardstick.metric_details"
        " where num_nonnulls(value_list, key_list, centroids, registers) <> 1 or cardinality(value_list) > %(bound)s and %(t)s"
        " or cardinality(key_list) > %(bound)s and %(h)s",
        {"bound": BOUND, "t": "tdigest" in installed, "h": "hll" in installed},
    ) == 0  # fmt: skip


def test_what_changes_is_what_a_calculation_from_nothing_gives(engine, install):
    install("tdigest", "hll")
    world = World(engine)
    # A list becomes a sketch, a sketch grows, and a sketch becomes a list again.
    world.happen("b", date(2025, 1, 10), 700)
    world.happen("a", date(2025, 1, 10), 10)
    engine.execute(
        "delete from yardstick.analytics_metrics where department_id = %s and measurement_date::date = '2025-01-12'", [world.departments["b"]]
    )
    world.rows = [row for row in world.rows if row[:2] != ("b", date(2025, 1, 12))]
    world.happen("b", date(2025, 1, 12), 20)
    engine.calculate(NOW + timedelta(minutes=1))
    assert world.check(("tdigest", "hll")) > 0
    incremental, traces = engine.compared(), engine.traces()["metric_calculations"]
    for name in (*METRICS, "both"):
        engine.refresh(world.organization, name, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC))
    engine.calculate(NOW + timedelta(minutes=2))
    assert engine.compared() == incremental
    assert engine.traces()["metric_calculations"] == traces


def test_an_extension_that_is_dropped_is_asked_for_and_a_refresh_is_exact(engine, install):
    install("tdigest", "hll")
    world = World(engine)
    engine.execute("drop extension tdigest")
    engine.execute("drop extension hll")
    # A day read again is exact; the month still holds estimated days.
    world.happen("a", date(2025, 1, 11), 5)
    engine.calculate(NOW + timedelta(minutes=1))
    stored = world.stored()
    scope = ("dept", world.departments["a"])
    day = [row[2] for row in world.rows if row[:2] == ("a", date(2025, 1, 11))]
    assert stored["median", *scope, "daily", date(2025, 1, 11)]["value"] == rounded(percentile(day, 50))
    for name, method in (("median", "tdigest"), ("kinds", "hll")):
        month = stored[name, *scope, "monthly", date(2025, 1, 1)]
        assert (month["value"], month["status"], month["error"]) == (None, "error", "YS008")
        assert f"create extension {method} again" in month["notes"]
        assert "method" not in month["metadata"]
    for name in (*METRICS, "both"):
        engine.refresh(world.organization, name, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC))
    engine.calculate(NOW + timedelta(minutes=2))
    assert world.check(()) == 0


def test_an_extension_that_comes_later_serves_what_is_calculated_next(engine, install):
    world = World(engine)
    install("tdigest", "hll")
    assert world.check(()) == 0
    for department, day in DAYS:
        world.happen(department, day, 1)
    engine.calculate(NOW + timedelta(minutes=1))
    assert world.check(("tdigest", "hll")) > 0


def test_exact_values_and_verification_know_the_estimates(engine, install):
    install("tdigest", "hll")
    world = World(engine)
    january = [row[2] for row in world.rows if row[1].month == 1]
    cells = [(name, "org", None, "monthly", datetime(2025, 2, 1, tzinfo=UTC)) for name in ("median", "kinds")]
    assert engine.exact(world.organization, cells) == [rounded(percentile(january, 50)), len(set(january))]

    verified = "select stored_value, recomputed_value, is_equal, detail from yardstick_api.verify_rollup(%s, 1000, 1)"
    for name in METRICS:
        rows = engine.execute(verified, [name]).fetchall()
        assert len(rows) == len(world.cells()) and all(row[2] for row in rows), name
    assert any(stored != recomputed for stored, recomputed, _, _ in engine.execute(verified, ["median"]).fetchall())
    told = {row[2:] for row in engine.execute(verified, ["both"]).fetchall()}
    assert told == {(True, None), (None, "is a formula over estimates, whose error is not known")}

    for name, factor in (("median", 1.2), ("kinds", 1.04)):
        engine.execute(
            "update yardstick.metric_calculations as c set metric_value = metric_value * %s from yardstick.metric_definitions as d"
            " where d.id = c.metric_id and d.metric_name = %s and c.metadata ? 'method'",
            [factor, name],
        )
        rows = engine.execute(verified, [name]).fetchall()
        assert {row[2:] for row in rows} == {(True, None), (False, "the value differs")}


def test_values_that_no_double_holds_are_no_failure(engine, install):
    install("tdigest")
    world = World(engine)
    engine.execute("create schema host")
    engine.execute("create table host.wide (organization text, at timestamptz, value numeric)")
    engine.execute("grant usage on schema host to yardstick_reader")
    engine.execute("grant select on host.wide to yardstick_reader")
    engine.execute(
        "insert into host.wide select 'one', '2025-01-10 12:00+00', case n % 100 when 0 then -1e400 when 1 then 1e400 when 2 then 1e-400 else n end"
        " from generate_series(1, 2000) as n"
    )
    engine.door(
        "register_source",
        {"name": "wide", "relation": "host.wide", "time_column": "at", "organization_column": "organization", "capture": True},
    )
    measures = {"n": METRICS["median"]["n"] | {"value": "value"}}
    engine.metric("of_wide", source="wide", measures=measures, **KEYS | {"aggregation_levels": ["org"]})
    engine.calculate(NOW + timedelta(minutes=1))
    row = world.stored()["of_wide", "org", world.organization, "monthly", date(2025, 1, 1)]
    assert row["metadata"]["method"] == "tdigest" and 985 <= row["value"] <= 1015
