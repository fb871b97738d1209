"""The statements that explain_metric shows, run as they stand by a superuser in place of the engine, give the states and values that the
engine gave: for each shape of metric, and for texts that a careless hand would take for something else."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
HOST = """
create schema host;
create table host.rows (organization uuid, department text, kind text, happened_at timestamptz, amount numeric, "of it" integer, note text);
grant usage on schema host to yardstick_reader;
grant select on host.rows to yardstick_reader;
"""
NOTES = ["it's", '100% "sure"', "%s %I $1 :x", r"C:\new\\t", "été 日本 😀", "{}", "/* no */ -- end", "$$q$$", "a\nb"]
SHAPES = {
    "keyed": {"key": "a", "measures": {"n": {"agg": "sum", "value": "amount"}}},
    "mean": {"measures": {"n": {"agg": "avg", "value": "amount"}}, "metric_type": "average"},
    "share": {
        "measures": {"part": {"agg": "count", "where": "amount > 3"}, "whole": {"agg": "count"}}, "metric_type": "percentage",
        "calculation_formula": "100.0 * part / whole",
    },
    "list": {"measures": {"n": {"agg": "percentile", "p": 90, "value": "amount"}}},
    "keys": {"key": "b", "measures": {"n": {"agg": "count_distinct", "value": "note"}}},
    "ends": {"measures": {"first": {"agg": "first", "value": "amount"}, "last": {"agg": "last", "value": "amount"}}, "calculation_formula": "last - first"},
    "stock": {"measures": {"n": {"agg": "sum", "value": "amount", "over_time": "last"}}},
    "sum and list": {
        "measures": {"n": {"agg": "sum", "value": "amount"}, "m": {"agg": "percentile", "p": 50, "value": "amount"}}, "calculation_formula": "n - m",
    },
    "column in quotes": {"measures": {"n": {"agg": "max", "value": '"of it" * 2'}}, "where": '"of it" % 3 = 1'},
    "wide": {
        "measures": {f"n{n}": {"agg": "count", "where": f"amount > {n} and \"of it\" <> {n} and note <> '{n}'"} for n in range(12)},
        "calculation_formula": " + ".join(f"{n + 1} * n{n}" for n in range(12)),
    },
}  # fmt: skip
TEXTS = {f"text {n}": {"measures": {"n": {"agg": "count"}}, "where": "note = '{}'".format(t.replace("'", "''"))} for n, t in enumerate(NOTES)}


@pytest.fixture
def acme(engine):
    organization = engine.organization("acme", timezone="America/New_York")
    for name, above in (("d1", None), ("d2", "d1")):
        engine.door("sync_department", {"external_id": name, "department_name": name, **({"parent_department_id": above} if above else {})}, organization)
    engine.execute(HOST)
    rows = [
        (organization, (None, "d1", "d2")[n // 9 % 3], "ab"[n // 27 % 2], NOW - timedelta(hours=7 * n), n % 23 / 4, n % 7, NOTES[n % len(NOTES)]) for n in range(900)
    ]
    with engine.connection.cursor() as cursor:
        cursor.executemany("insert into host.rows values (%s, %s, %s, %s, %s, %s, %s)", rows)
    engine.door("register_source", {
        "name": "rows", "relation": "host.rows", "time_column": "happened_at", "organization_column": "organization",
        "levels": {"dept": "department"}, "key_column": "kind", "capture": True,
    })  # fmt: skip
    return organization


def run(engine, statement, values):
    """As it stands, with the parameters that its comments name."""
    types = re.findall(r"^-- \$\d+ ([a-z]+(?:\[\])?)", statement, re.M)
    assert len(types) == len(values) == max(map(int, re.findall(r"\$(\d+)(?=::|\D)", re.sub(r"'(?:[^']|'')*'", "", statement))))
    with engine.connection.cursor() as cursor:
        cursor.execute(f"prepare shown ({', '.join(types)}) as {statement}".encode())
    given = engine.one("select string_agg(quote_nullable(v), ', ' order by n) from unnest(%s::text[]) with ordinality as u (v, n)", [values])
    engine.execute(f"execute shown ({given})".encode())
    engine.execute("deallocate shown")


def as_array(values):
    return "{" + ",".join(str(value) for value in values) + "}"


def work_by_hand(engine, name, organization):
    metric, source = engine.execute("select id, source_id from yardstick.metric_definitions where metric_name = %s", [name]).fetchone()
    steps = engine.execute("select step, statement from yardstick_api.explain_metric(%s)", [name]).fetchall()
    low, high = date(2024, 12, 30), date(2025, 11, 24)
    days = [low + timedelta(n) for n in range((high - low).days)]

    def periods(window):
        return [
            row[0] for row in engine.execute(
                "select distinct yardstick_engine.period_floor(d, yardstick_engine.period_type(%s), 1, 1) from unnest(%s::date[]) as d", [window, days]
            ).fetchall()
        ]  # fmt: skip

    measures = [row[0] for row in engine.execute("select m from yardstick_engine.metric_measure_ids(%s) as m", [metric]).fetchall()]
    for step, statement in steps:
        kind = step.split(":")[0]
        if kind == "scan":
            bounds = [datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=shift) for day, shift in ((low, -30), (high, 30))]
            run(engine, statement, [str(low), str(high), None, None, None, *map(str, bounds), as_array([organization]), None, str(source)])
        elif kind == "merge":
            for part, merged in ((1, ("weekly", "monthly")), (3, ("quarterly", "annual"))):
                types = {"weekly": 2, "monthly": 3, "quarterly": 4, "annual": 5}
                touched = [(types[window], start) for window in merged for start in periods(window)]
                run(engine, statement, [
                    as_array(measures), as_array([organization] * len(touched)), as_array(t for t, _ in touched), as_array(s for _, s in touched),
                    str(min(s for _, s in touched)), "2026-01-01", str(part),
                ])  # fmt: skip
        elif kind in WINDOWS:
            starts = periods(kind)
            run(engine, statement, [
                as_array([organization] * len(starts)), as_array(starts), as_array([metric]), str(NOW), str(source), str(min(starts)),
                str(max(starts)), "2026-01-03 00:00Z", None,
            ])  # fmt: skip


@pytest.mark.parametrize("name", [*SHAPES, *TEXTS])
def test_what_is_shown_gives_what_is_stored(engine, acme, name):
    definition = dict((SHAPES | TEXTS)[name])
    measures, key = definition.pop("measures"), definition.pop("key", None)
    name = name.replace(" ", "_")
    engine.metric(name, None, "rows", measures, key, aggregation_levels=["org", "dept"], time_windows=WINDOWS, **definition)
    engine.settle(NOW)
    wanted, states = engine.compared(), engine.partials()
    assert len({key[2:5] for key in wanted}) == 15, "three scopes in five windows"
    for table in ("metric_calculations", "metric_partials", "metric_details", "metric_series", "metric_dirty"):
        engine.execute(f"delete from yardstick.{table}")
    with engine.connection.transaction():
        engine.execute("set local timezone = 'UTC'; set local search_path = pg_catalog, pg_temp")
        work_by_hand(engine, name, acme)
    found = engine.compared()
    assert engine.differing(engine.partials(), states) == ([], 0)
    # How it came about: each window is valued once here, before the longer ones.
    assert engine.differing(found, wanted) == ([], 0)
