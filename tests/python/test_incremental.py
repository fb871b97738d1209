"""Whatever happens to the rows, in whatever order: what is stored is what a calculation from nothing gives, and what plain
arithmetic over the rows gives."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from tests.python.oracle import WINDOWS, Definitions, Metric, Row, check, expected, scopes_of

ORGANIZATIONS = {
    "south": {"timezone": "Pacific/Auckland"},
    "west": {"timezone": "America/Los_Angeles", "week_start": 7},
    "middle": {"timezone": "Asia/Kathmandu", "fiscal_year_start_month": 4},
}

ALL_LEVELS = ["org", "dept", "team", "user"]

# name -> key, condition, measures, formula, levels, windows; each measure: aggregate, condition of its own, other keys
METRICS = {
    "total_cost": ("cost", None, {"n": ("sum", None)}, None, ALL_LEVELS, WINDOWS),
    "mean_cost": ("cost", None, {"n": ("avg", None)}, None, ["org", "dept"], WINDOWS),
    "least_cost": ("cost", None, {"n": ("min", None)}, None, ["dept", "team"], ["daily", "monthly"]),
    "greatest_delay": ("delay", None, {"n": ("max", None)}, None, ["org", "user"], ["weekly", "annual"]),
    "observations": (None, None, {"n": ("count", None)}, None, ALL_LEVELS, WINDOWS),
    "dear_share": (
        "cost", None, {"dear": ("count", "value > 50"), "rows": ("count", None)}, "100.0 * dear / rows",
        ["org", "dept", "team"], WINDOWS,
    ),
    "cheap_share": (
        None, None, {"dear": ("count", "value > 50"), "rows": ("count", None)}, "(rows - dear) * 100 / rows",
        ["dept", "user"], ["weekly", "quarterly"],
    ),
    "cost_over_cheap": (
        "cost", None, {"total": ("sum", None), "cheap": ("count", "value <= 50")}, "total / cheap",
        ["org", "dept", "user"], ["daily", "weekly", "quarterly"],
    ),
    "spread": (
        None, "value >= 10", {"low": ("min", None), "high": ("max", None)}, "high - low", ["org", "team"], ["monthly", "quarterly"],
    ),
    "deviation": ("cost", None, {"n": ("stddev", None)}, None, ["org", "dept"], WINDOWS),
    "kinds": (None, None, {"n": ("count_distinct", "value > 50")}, None, ALL_LEVELS, WINDOWS),
    "median_cost": ("cost", None, {"n": ("percentile", None, {"p": 50})}, None, ["org", "dept", "team"], WINDOWS),
    "first_cost": ("cost", None, {"n": ("first", None)}, None, ["org", "user"], WINDOWS),
    "last_of_all": (None, None, {"n": ("last", None)}, None, ALL_LEVELS, ["daily", "weekly", "quarterly"]),
    "stock": ("cost", None, {"n": ("sum", None, {"over_time": "last"})}, None, ["org", "dept"], WINDOWS),
    "mean_stock": ("cost", None, {"n": ("sum", None, {"over_time": "avg"})}, None, ["org", "team"], ["weekly", "annual"]),
    "peak": (None, None, {"n": ("count", None, {"over_time": "max"})}, None, ["org", "dept"], ["monthly", "annual"]),
    "mixed": (
        "cost", None, {
            "high": ("percentile", None, {"p": 90.5}), "low": ("percentile", None, {"p": 10}), "dear": ("count_distinct", "value > 50"),
            "total": ("sum", None), "closing": ("sum", None, {"over_time": "last"}),
        }, "high - low + dear + total / closing", ["org", "dept"], WINDOWS,
    ),
}  # fmt: skip

# What the confidence interval is made of.
INTERVALS = {
    "observations": lambda calendar, states: calendar.interval_of_count(len(states["n"])),
    "mean_cost": lambda calendar, states: calendar.interval_of_mean([value for value, _, _ in states["n"]]),
    "dear_share": lambda calendar, states: calendar.interval_of_share(len(states.get("dear", [])), len(states["rows"])),
    "cheap_share": lambda calendar, states: calendar.interval_of_share(
        len(states["rows"]) - len(states.get("dear", [])), len(states["rows"])
    ),
}

# name -> children by alias (metric, lag), formula, levels, windows
DERIVED = {
    "growth": ({"now": ("total_cost", 0), "before": ("total_cost", 1)}, "now - before", ["org", "dept", "team"], WINDOWS),
    "cost_of_one": ({"cost": ("total_cost", 0), "seen": ("observations", 0)}, "cost / seen", ALL_LEVELS, WINDOWS),
    "growth_of_growth": ({"now": ("growth", 0), "share": ("cost_of_one", 2)}, "now / share", ["org", "team"], ["daily", "monthly"]),
}  # fmt: skip

CONDITIONS = {
    None: lambda value: True,
    "value > 50": lambda value: value is not None and value > 50,
    "value <= 50": lambda value: value is not None and value <= 50,
    "value >= 10": lambda value: value is not None and value >= 10,
}

# What a measure takes of a row.
VALUES = {None: lambda value: value, "value": lambda value: value}

FORMULAS = {
    "100.0 * dear / rows": lambda m: 100 * m["dear"] / m["rows"] if m["rows"] else None,
    "(rows - dear) * 100 / rows": lambda m: (m["rows"] - m["dear"]) * 100 / m["rows"] if m["rows"] else None,
    "total / cheap": lambda m: m["total"] / m["cheap"] if m["total"] is not None and m["cheap"] else None,
    "high - low": lambda m: m["high"] - m["low"] if m["high"] is not None and m["low"] is not None else None,
    "high - low + dear + total / closing": lambda m: m["high"] - m["low"] + m["dear"] + m["total"] / m["closing"]
    if m["closing"]
    else None,
    "now - before": lambda m: None if None in m.values() else m["now"] - m["before"],
    "cost / seen": lambda m: None if None in m.values() or not m["seen"] else m["cost"] / m["seen"],
    "now / share": lambda m: None if None in m.values() or not m["share"] else m["now"] / m["share"],
}

DEFINITIONS = Definitions(
    {name: Metric(*metric) for name, metric in METRICS.items()}, DERIVED, CONDITIONS, VALUES, FORMULAS, intervals=INTERVALS
)


class World:
    """Three organizations far apart, departments three deep, and what happens to their observations."""

    def __init__(self, engine, seed, definitions=DEFINITIONS):
        self.engine, self.random, self.definitions = engine, random.Random(seed), definitions
        self.zones, self.parents, self.members = {}, {}, {}
        for name, keys in ORGANIZATIONS.items():
            organization = engine.organization(name, **keys)
            self.zones[organization] = keys
            departments = []
            for number, parent in enumerate((None, 0, 1, 0, None)):
                made = engine.door(
                    "sync_department",
                    {
                        "external_id": f"d{number}", "department_name": f"Department {number}",
                        **({"parent_department_id": departments[parent]} if parent is not None else {}),
                    },
                    organization,
                )  # fmt: skip
                self.parents[made] = departments[parent] if parent is not None else None
                departments.append(made)
            teams = [
                engine.door("sync_team", {"external_id": f"t{n}", "team_name": f"T{n}"}, organization) for n in (1, 2)
            ]
            users = [
                engine.door("sync_user", {"external_id": f"u{n}", "user_name": f"U{n}"}, organization)
                for n in (1, 2, 3)
            ]
            self.members[organization] = (departments, teams, users)
        self.now = datetime(2025, 1, 3, 5, tzinfo=UTC)

    def define(self):
        for name, (key, where, measures, formula, levels, windows, *_) in self.definitions.metrics.items():
            self.engine.metric(
                name,
                key=key,
                where=where,
                measures={
                    alias: {"agg": agg, **({"where": condition} if condition else {}), **(keys[0] if keys else {})}
                    | ({"value": "value"} if agg == "count_distinct" else {})
                    for alias, (agg, condition, *keys) in measures.items()
                },
                aggregation_levels=levels,
                time_windows=windows,
                **({"calculation_formula": formula} if formula else {}),
                **({"metric_type": "percentage"} if name.endswith("_share") else {}),
            )
        for name, (children, formula, levels, windows) in self.definitions.derived.items():
            self.engine.derived(
                name,
                {alias: {"metric": metric, "lag": lag} for alias, (metric, lag) in children.items()},
                calculation_formula=formula,
                aggregation_levels=levels,
                time_windows=windows,
            )

    def rows(self, calendar):
        for organization, name, value, at, department, team, user in self.engine.execute(
            "select organization_id, metric_name, value, measurement_date, department_id, team_id, user_id"
            " from yardstick.analytics_metrics where not is_deleted"
        ).fetchall():
            day = at.astimezone(calendar.zone(self.zones[organization]["timezone"])).date()
            yield Row(organization, name, None if value is None else Fraction(value), at, day, scopes_of(self, department, team, user))

    def instant(self):
        # Mostly the weeks around New Year, at times long ago, sometimes to the second of a local midnight.
        days = self.random.choice((6, 30, 60, 500))
        at = self.now - timedelta(seconds=self.random.randrange(days * 86400))
        if self.random.random() < 0.3:
            at = at.replace(hour=self.random.choice((8, 11, 18)), minute=self.random.choice((0, 15)), second=0)
        return at.replace(microsecond=0)

    def observation(self, organization):
        departments, teams, users = self.members[organization]
        pick = self.random.choice
        return {
            "id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "metric_name": pick(("cost", "cost", "delay", "other")),
            "value": None if self.random.random() < 0.05 else pick((0, -7.25, 50, self.random.randrange(10000) / 100)),
            "value_text": "seen",
            "measured_at": self.instant().isoformat(),
            "department_id": pick([*departments, None]),
            "team_id": pick([*teams, None]),
            "user_id": pick([*users, None]),
        }

    def happen(self):
        engine, pick = self.engine, self.random.choice
        organization = pick(list(self.members))
        departments, teams, users = self.members[organization]
        some = "id in (select id from yardstick.analytics_metrics order by md5(id::text || %s) limit %s)"
        which = [str(self.random.random()), self.random.randrange(1, 8)]
        change = self.random.random()
        if change < 0.40:
            count = self.random.choice((1, 3, 20))
            engine.record(organization, [self.observation(organization) for _ in range(count)])
        elif change < 0.50:
            engine.execute(f"delete from yardstick.analytics_metrics where {some}", which)
        elif change < 0.60:
            engine.execute(
                f"update yardstick.analytics_metrics set value = value * -1.5 + 20, measurement_date = %s where {some}",
                [self.instant(), *which],
            )
        elif change < 0.70:
            # To another organization, whose departments they are then of.
            engine.execute(
                f"update yardstick.analytics_metrics set organization_id = %s, department_id = %s, team_id = %s, user_id = %s"
                f" where {some}",
                [organization, pick(departments), pick([*teams, None]), pick([*users, None]), *which],
            )
        elif change < 0.80:
            engine.execute(
                f"update yardstick.analytics_metrics set metric_name = %s, is_deleted = %s where {some}",
                [pick(("cost", "delay", "other")), self.random.random() < 0.3, *which],
            )
        elif change < 0.90:
            engine.execute(
                "delete from yardstick.analytics_metrics as a using yardstick.organizations as o"
                " where o.id = a.organization_id and a.organization_id = %s and (a.measurement_date at time zone o.timezone)::date = %s",
                [organization, self.instant().date()],
            )
        elif change < 0.96:
            engine.execute(
                "delete from yardstick.analytics_metrics where organization_id = %s and department_id = %s",
                [organization, pick(departments)],
            )
        elif self.random.random() < 0.5:
            engine.execute("truncate yardstick.analytics_metrics")
        self.now += timedelta(hours=self.random.choice((0, 1, 7, 26, 26, 200)))


@pytest.mark.parametrize("seed", [1])
def test_what_is_stored_is_what_the_rows_say(engine, calendar, seed):
    world = World(engine, seed)
    for organization in world.members:
        engine.record(organization, [world.observation(organization) for _ in range(40)])
    world.define()
    for step in range(11):
        world.now += timedelta(minutes=1)
        engine.calculate(world.now)
        if step % 5 == 0:
            check(world, calendar)
        for _ in range(world.random.randrange(1, 5)):
            world.happen()
    world.now += timedelta(minutes=1)
    engine.calculate(world.now)
    check(world, calendar)

    known = engine.traces()
    engine.calculate(world.now)
    assert engine.traces() == known

    incremental, states = engine.compared(), engine.partials()
    engine.forget()
    engine.calculate(world.now)
    fresh, fresh_states = engine.compared(), engine.partials()
    assert engine.differing(states, fresh_states) == ([], 0)
    gone = set(incremental) - set(fresh)
    assert all(incremental[key]["status"] == "warning" and incremental[key]["value"] is None for key in gone)
    assert engine.differing({key: row for key, row in incremental.items() if key not in gone}, fresh) == ([], 0)


def differing(world, calendar, chance, count, keys=()):
    wanted = expected(world, calendar, world.now)
    # What is stored and has lost its rows has no value.
    keys = sorted({*wanted, *keys}, key=str)
    wrong, looked_at = [], []
    for organization, calendar_keys in world.zones.items():
        chosen = chance.sample(own := [key for key in keys if key[0] == organization], min(count, len(own)))
        if not chosen:
            continue
        cells = []
        for _, metric, level, scope, window, first in chosen:
            _, after = calendar.period_of(
                first, window, calendar_keys.get("week_start", 1), calendar_keys.get("fiscal_year_start_month", 1)
            )
            cells.append((metric, level, scope, window, calendar.midnight(after, calendar_keys["timezone"])))
        found = world.engine.exact(organization, cells)
        wrong += [
            (key, value, wanted.get(key, {}).get("value"))
            for key, value in zip(chosen, found, strict=True)
            if value != wanted.get(key, {}).get("value")
        ]
        looked_at += chosen
    return wrong, looked_at


@pytest.mark.parametrize("seed", [2])
def test_exact_values_are_what_the_rows_say_before_and_after_they_are_calculated(engine, calendar, seed):
    world = World(engine, seed)
    chance = random.Random(seed)
    for organization in world.members:
        engine.record(organization, [world.observation(organization) for _ in range(40)])
    world.define()
    for step in range(5):
        stored = set(engine.stored())
        before = engine.traces()
        wrong, looked_at = differing(world, calendar, chance, 30, stored)
        assert wrong == [] and len(looked_at) > 50
        assert engine.traces() == before
        world.now += timedelta(minutes=1)
        engine.calculate(world.now)
        assert engine.left() == (0, 0)
        after = engine.stored()
        values = {key: after.get(key, {}).get("value") for key in looked_at}
        wanted = expected(world, calendar, world.now)
        assert values == {key: wanted.get(key, {}).get("value") for key in looked_at}
        for _ in range(step + 3):
            world.happen()
    wrong, _ = differing(world, calendar, chance, 30, set(engine.stored()))
    assert wrong == []
