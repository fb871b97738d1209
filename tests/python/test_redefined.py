"""Definitions, sources and organizations that become others while what they were is being calculated: in the end each value is what plain
arithmetic over the rows gives by what serves then, and nothing is left of what served before."""

import contextlib
import random
import threading
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import psycopg
import pytest

WINDOWS = ("daily", "weekly", "monthly", "quarterly", "annual")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
HOST = """
create schema host;
create table host.rows (
    id integer generated always as identity primary key, organization uuid, department uuid, team uuid, kind text,
    happened_at timestamptz, noted_at timestamptz, amount numeric, points integer
);
grant usage on schema host to yardstick_reader;
grant select on host.rows to yardstick_reader;
"""
SOURCE = {
    "name": "rows", "relation": "host.rows", "time_column": "happened_at", "organization_column": "organization",
    "levels": {"dept": "department", "team": "team"}, "key_column": "kind", "capture": True,
}  # fmt: skip
# What is left for nobody: no state without a series, no series without a measure, no work for what is not there.
ORPHANS = {
    "states": """
        select p.series_id from yardstick.metric_partials as p
        where not exists (select from yardstick.metric_series as s where s.series_id = p.series_id and s.organization_id = p.organization_id)
        union all
        select d.series_id from yardstick.metric_details as d
        where not exists (select from yardstick.metric_series as s where s.series_id = d.series_id and s.organization_id = d.organization_id)
    """,
    "series": """
        select s.series_id from yardstick.metric_series as s
        where not exists (select from yardstick.metric_measures as m where m.id = s.measure_id)
            or s.aggregation_level = 'own' and not exists (select from yardstick.departments as d where d.id = s.aggregation_id)
    """,
    "work": """
        select d.source_id from yardstick.metric_dirty as d
        union all
        select s.source_id from yardstick.calculation_slices as s
        union all
        select p.metric_id from yardstick.metric_pending as p
        union all
        select c.source_id from yardstick.source_changes as c
    """,
    "revisions": """
        select r.metric_id from yardstick.metric_calculation_revisions as r
        where not exists (select from yardstick.metric_definition_versions as v where v.metric_id = r.metric_id and v.version = r.metric_version)
    """,
    "values": """
        select c.metric_id from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as d on d.id = c.metric_id
        inner join yardstick.organizations as o on o.id = c.organization_id and o.is_active
        where d.deleted_at is null and d.is_active and c.metric_value is not null and c.metric_version <> d.version
            and c.time_window = any(d.time_windows) and c.aggregation_level = any(d.aggregation_levels)
    """,
}


def orphans(engine):
    return {name: rows for name, query in ORPHANS.items() if (rows := engine.execute(query).fetchall())}


def aggregated(agg, numbers):
    if agg == "count":
        return Fraction(len(numbers))
    if not numbers:
        return None
    ordered = sorted(numbers)
    middle = Fraction(len(ordered) - 1, 2)
    return {
        "sum": lambda: sum(numbers),
        "avg": lambda: sum(numbers) / len(numbers),
        "max": lambda: ordered[-1],
        "count_distinct": lambda: Fraction(len(set(numbers))),
        "percentile": lambda: (ordered[middle.__floor__()] + ordered[middle.__ceil__()]) / 2,
    }[agg]()


CONDITIONS = {None: lambda row: True, "amount > 50": lambda row: row["amount"] > 50, "points is distinct from 3": lambda row: row["points"] != 3}


class World:
    """Two organizations, a table of theirs, and what is defined over it now."""

    def __init__(self, engine, seed):
        self.engine, self.random = engine, random.Random(seed)
        self.now, self.source, self.definitions = NOW, dict(SOURCE), {}
        self.zones = {engine.organization(name, timezone=zone): zone for name, zone in (("east", "Asia/Tokyo"), ("west", "America/Denver"))}
        self.closed, self.parents, self.teams = set(), {}, {}
        for organization in self.zones:
            for name, above in (("a", None), ("b", "a"), ("c", "a")):
                keys = {"parent_department_id": above} if above else {}
                made = engine.door("sync_department", {"external_id": name, "department_name": name, **keys}, organization)
                self.parents.setdefault(organization, {})[made] = next(iter(self.parents[organization])) if above else None
            self.teams[organization] = [engine.door("sync_team", {"external_id": n, "team_name": n}, organization) for n in "tu"]
        engine.execute(HOST)
        self.write(200)
        engine.door("register_source", self.source)

    def moment(self):
        days = self.random.choice((10, 60, 400))
        return self.now - timedelta(seconds=self.random.randrange(days * 86400))

    def write(self, count):
        pick = self.random.choice
        for _ in range(count):
            organization = pick(list(self.zones))
            at = self.moment()
            self.engine.execute(
                "insert into host.rows (organization, department, team, kind, happened_at, noted_at, amount, points)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    organization, pick([*self.parents[organization], None]), pick([*self.teams[organization], None]), pick("aab"), at,
                    at + timedelta(days=pick((0, 3, 40))), self.random.randrange(10000) / 100, self.random.randrange(6),
                ],
            )  # fmt: skip

    def change_rows(self):
        chance = self.random.random()
        some = f"id in (select id from host.rows order by md5(id::text || '{self.random.random()}') limit {self.random.randrange(1, 20)})"
        if chance < 0.5:
            self.write(self.random.randrange(1, 10))
        elif chance < 0.65:
            self.engine.execute(f"delete from host.rows where {some}")
        elif chance < 0.75:
            # The oldest or the newest go, so that the history is a shorter one.
            self.engine.execute("delete from host.rows where happened_at < %s", [self.now - timedelta(days=self.random.randrange(100, 400))])
        elif chance < 0.8:
            self.engine.execute("delete from host.rows where happened_at > %s", [self.now - timedelta(days=self.random.randrange(5, 60))])
        elif chance < 0.9:
            self.engine.execute(f"update host.rows set kind = 'b', amount = amount + 7.5 where {some}")
        else:
            self.engine.execute(f"update host.rows set happened_at = happened_at - interval '50 days' where {some}")

    def define(self):
        pick = self.random.choice
        name = pick(("first", "second", "third"))
        levels = pick((["org"], ["org", "dept"], ["org", "dept", "team"], ["dept"]))
        if self.source.get("levels") is None:
            levels = ["org"]
        definition = {
            "measures": {
                "n": {"agg": pick(("sum", "avg", "max", "count_distinct", "percentile", "count")), "value": pick(("amount", "points"))},
            },
            "key": pick((None, "a", "b")), "where": pick(list(CONDITIONS)), "levels": levels,
            "windows": sorted({pick(WINDOWS), pick(WINDOWS), "annual"}, key=WINDOWS.index), "is_active": self.random.random() < 0.85,
        }  # fmt: skip
        if self.random.random() < 0.3:
            definition["measures"]["m"] = {"agg": "count"}
        measures = {k: {**v, **({"p": 50} if v["agg"] == "percentile" else {})} for k, v in definition["measures"].items()}
        self.engine.metric(
            name, source="rows", measures=measures, key=definition["key"], where=definition["where"], aggregation_levels=levels,
            time_windows=definition["windows"], is_active=definition["is_active"],
            calculation_formula="n + 1000 * m" if "m" in measures else None,
        )  # fmt: skip
        self.definitions[name] = definition

    def retire(self):
        if self.definitions:
            name = self.random.choice(list(self.definitions))
            self.engine.execute("select yardstick_api.retire_metric(%s, 'of no use')", [name])
            del self.definitions[name]

    def register(self):
        wanted = {
            **SOURCE, "time_column": self.random.choice(("happened_at", "noted_at")),
            "row_filter": self.random.choice((None, None, "points > 1")),
        }  # fmt: skip
        source = {k: v for k, v in wanted.items() if v is not None}
        self.engine.door("register_source", source)
        self.source = source

    def open_or_close(self):
        organization = self.random.choice(list(self.zones))
        self.engine.door("sync_organization", {"id": organization, "is_active": organization in self.closed})
        self.closed ^= {organization}

    def happen(self):
        chance = self.random.random()
        if chance < 0.45:
            self.change_rows()
        elif chance < 0.75:
            self.define()
        elif chance < 0.82:
            self.retire()
        elif chance < 0.9:
            self.register()
        else:
            self.open_or_close()

    def work(self, worker):
        chance = self.random.random()
        if chance < 0.3:
            worker.execute("select yardstick_engine.plan_due(%s)", [self.now])
        elif chance < 0.8:
            worker.execute("select yardstick_engine.calculate_next(%s)", [self.now])
        else:
            (worker.commit if chance < 0.93 else worker.rollback)()

    def expected(self, calendar):
        names = ("organization", "department", "team", "kind", "happened_at", "noted_at", "amount", "points")
        rows = [dict(zip(names, row, strict=True)) for row in self.engine.execute(f"select {', '.join(names)} from host.rows").fetchall()]
        cells = {}
        for row in rows:
            if self.source.get("row_filter") and not row["points"] > 1:
                continue
            organization = row["organization"]
            day = row[self.source["time_column"]].astimezone(calendar.zone(self.zones[organization])).date()
            scopes = [("org", organization), ("team", row["team"])]
            above = row["department"]
            while above:
                scopes.append(("dept", above))
                above = self.parents[organization][above]
            for name, definition in self.definitions.items():
                if not definition["is_active"] or definition["key"] not in (None, row["kind"]) or not CONDITIONS[definition["where"]](row):
                    continue
                for level, scope in scopes:
                    if scope and level in definition["levels"]:
                        for window in definition["windows"]:
                            first, _ = calendar.period_of(day, window)
                            cells.setdefault((organization, name, level, scope, window, first), []).append(row)
        found = {}
        for key, inside in cells.items():
            measures = self.definitions[key[1]]["measures"]
            value = aggregated(measures["n"]["agg"], [Fraction(row[measures["n"]["value"]]) for row in inside])
            found[key] = calendar.rounded(value + 1000 * len(inside) if "m" in measures else value, 4)
        return found


def stored(world):
    """What a reader is given."""
    return {
        key: row["value"]
        for key, row in world.engine.stored().items()
        if row["value"] is not None and (definition := world.definitions.get(key[1])) and definition["is_active"]
        and key[2] in definition["levels"] and key[4] in definition["windows"]
    }  # fmt: skip


READ = """
    select m.id from yardstick.metric_definitions as d
    cross join lateral yardstick_engine.metric_measure_ids(d.id) as m (id)
    where d.deleted_at is null and d.is_active
"""
BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def happen(world, worker):
    """What a worker holds has to wait, or the worker ends first."""
    if world.random.random() < 0.7:
        worker.commit()
    try:
        world.happen()
    except BUSY:
        worker.rollback()


def both_at_once(world, database):
    """Two workers calculate all that is due while things happen."""
    failures = []

    def calculate():
        try:
            with database.connect() as worker:
                worker.execute("call yardstick_engine.calculate_due(%s)", [world.now])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=calculate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        with contextlib.suppress(*BUSY):
            world.happen()
    for thread in threads:
        thread.join(60)
    assert not failures


@pytest.mark.parametrize("seed", [1])
def test_what_is_stored_is_what_serves_in_the_end(engine, database, calendar, seed):
    world = World(engine, seed)
    engine.execute("set lock_timeout = '100ms'")
    for _ in range(3):
        world.define()
    with database.connect(autocommit=False) as worker:
        for step in range(70):
            world.now += timedelta(minutes=world.random.choice((0, 1, 10, 600)))
            if step % 25 == 20:
                worker.commit()
                both_at_once(world, database)
            elif world.random.random() < 0.6:
                world.work(worker)
            else:
                happen(world, worker)

    for organization in set(world.closed):
        engine.door("sync_organization", {"id": organization, "is_active": True})
    world.now = engine.settle(world.now + timedelta(days=1))
    assert engine.differing(stored(world), world.expected(calendar)) == ([], 0)
    assert orphans(engine) == {}
    # States of measures that nobody reads now stand as they were.
    states = engine.partials()
    engine.forget()
    engine.calculate(world.now)
    fresh = engine.partials()
    read = {row[0] for row in engine.execute(READ).fetchall()}
    assert engine.differing(*({key: state for key, state in found.items() if key[1] in read} for found in (states, fresh))) == ([], 0)
