"""docs/metrics-semantics.md: its rows are recorded and calculated, and every number that it shows comes out; once more by hand."""

import json
import re
import statistics
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.range import Range

from runner import ROOT

PAGE = (ROOT / "docs" / "metrics-semantics.md").read_text()
BERLIN = ZoneInfo("Europe/Berlin")
AS_OF = datetime(2026, 3, 1, 9, tzinfo=BERLIN)
SHARES = {"on_time": {"agg": "count", "where": "value <= 20"}, "closed": {"agg": "count"}}
MEASURES = {
    "capa_days": {"days": {"agg": "avg"}},
    "capa_count": {"capas": {"agg": "count"}},
    "capa_on_time": SHARES,
    "capa_late_ratio": SHARES,
    "capa_risk": {"longest": {"agg": "max"}},
}
DIRECTIONS = {"lower is better": "lower_better", "higher is better": "higher_better", "a range": "target_range"}
STORED = """
    select to_jsonb(c) || jsonb_build_object('organization_id', o.organization_name, 'metric_id', m.metric_name,
        'aggregation_id', coalesce(d.department_name, 'the plant')), c.*
    from yardstick.{} as c
    inner join yardstick.organizations as o on c.organization_id = o.id
    inner join yardstick.metric_definitions as m on c.metric_id = m.id
    left join yardstick.departments as d on c.aggregation_id = d.id
"""


def tables():
    """Each table of the page by its heading row: the cells of its other rows."""
    found = {}
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, re.M):
        heading, _, *lines = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines())
        found.setdefault(tuple(heading), []).append(lines)
    return found


def recorded():
    """(department, day, days) of every row."""
    ((*lines,),) = tables()["department", "day: days to close"]
    return [
        (name, date.fromisoformat(f"{year}-{day}"), int(value))
        for line, values in lines
        for name, year in [line.split(", ")]
        for day, value in re.findall(r"(\d\d-\d\d): (\d+)", values)
    ]


def definitions():
    ((*lines,),) = tables()["metric", "what it is", "formula", "target", "direction"]
    for name, _, formula, target, direction in lines:
        name = name.strip("`")
        definition = {
            "metric_name": name, "display_name": name, "calculation_method": "aggregation", "time_windows": ["daily", "monthly"],
            "aggregation_levels": ["org", "dept"], "metric_type": "percentage" if name == "capa_on_time" else "ratio",
            "data_sources": {"source": "analytics_metrics", "key": "days_to_close", "measures": MEASURES[name]},
        }  # fmt: skip
        if formula:
            definition["calculation_formula"] = formula.strip("`")
        if direction:
            definition["direction"] = DIRECTIONS[direction]
        if " to " in target:
            definition["target_low"], definition["target_high"] = map(int, target.split(" to "))
        elif target:
            definition["target_value"] = int(target)
        yield definition


@pytest.fixture(scope="module")
def calculated(cluster):
    """(table, metric, scope) -> column -> value, of February by month."""
    database = cluster.clone()
    with database.connect() as connection:

        def call(function, argument):
            return connection.execute(f"select yardstick_api.{function}(%s)", [json.dumps(argument, default=str)]).fetchone()[0]

        plant = call("sync_organization", {"external_id": "p", "organization_name": "Example plant", "timezone": BERLIN.key})
        with connection.transaction():
            connection.execute("select yardstick_api.use_organization(%s)", [plant])
            departments = {
                name: call("sync_department", {"external_id": name, "department_name": name})
                for name in sorted({name for name, _, _ in recorded()})
            }
            call("record_values", [
                {"metric_name": "days_to_close", "department_id": departments[name], "value": value,
                 "measured_at": datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN).isoformat()}
                for name, day, value in recorded()
            ])  # fmt: skip
        for definition in definitions():
            call("define_metric", definition)
        connection.execute("call yardstick_engine.calculate_due(%s)", [AS_OF])
        connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
        found = {"now": connection.execute("select now()").fetchone()[0]}
        for table, time in (("metric_calculations", "time_window"), ("metric_snapshots", "snapshot_type")):
            cursor = connection.execute(
                STORED.format(table) + f" where {time} = 'monthly' and"
                + (" snapshot_date = '2026-02-28'" if time == "snapshot_type" else " period_start = '2026-02-01 00:00+01'")
            )
            names = [column.name for column in cursor.description][1:]
            for shown, *row in cursor:
                columns = dict(zip(names, row, strict=True))
                columns |= {name: shown[name] for name in ("organization_id", "metric_id", "aggregation_id")}
                found[table, columns["metric_id"], columns["aggregation_id"]] = columns
        yield found
    cluster.drop(database)


def as_shown(row, column, text, now):
    """What is stored, written as the page writes it."""
    value = row[column]
    if text == "random":
        return text if value.version == 4 else value
    if text == "now":
        return text if abs((value - now).total_seconds()) < 600 else value
    if value is None:
        return "none"
    if isinstance(value, datetime):
        return f"{value.astimezone(BERLIN):%Y-%m-%d %H:%M}"
    if isinstance(value, Range):
        assert value.bounds == "[]"
        return f"{value.lower} to {value.upper}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {json.dumps(value[name])}" for name in ("is_complete", "completeness", "validity", "timeliness"))
    if isinstance(value, Decimal):
        return text if Decimal(text) == value else str(value)
    return str(value)


def examples():
    """(table, metric, scope, column, text) of everything that the page shows."""
    whole, single = tables()["column", "example", "what it means"]
    for table, lines in (("metric_calculations", whole), ("metric_snapshots", single)):
        yield from ((table, "capa_days", "Filling", column.strip("`"), text) for column, text, _ in lines)
    for lines in tables()["metric, scope, February", "column", "example", "because"]:
        for where, column, text, _ in lines:
            metric, scope = where.split(", ")
            yield "metric_calculations", metric.strip("`"), scope, column.strip("`"), text


@pytest.mark.parametrize(("table", "metric", "scope", "column", "text"), list(examples()))
def test_an_example_comes_out(calculated, table, metric, scope, column, text):
    assert as_shown(calculated[table, metric, scope], column, text, calculated["now"]) == text


@pytest.mark.parametrize("table", ["metric_calculations", "metric_snapshots"])
def test_every_column_has_an_example(database, table):
    with database.connect() as connection:
        columns = connection.execute(
            "select column_name from information_schema.columns where table_schema = 'yardstick' and table_name = %s", [table]
        ).fetchall()
    assert {name for (name,) in columns} == {column for t, _, _, column, _ in examples() if t == table}


# --- Once more, from the rows as the page prints them


def shown(metric, scope, column, table="metric_calculations"):
    (text,) = {e[4] for e in examples() if e[:4] == (table, metric, scope, column)}
    return text


def month(department, year, number):
    return [Fraction(value) for name, day, value in recorded() if name == department and (day.year, day.month) == (year, number)]


def mean(values):
    return sum(values) / len(values)


def change(value, before):
    return 100 * (value - before) / abs(before)


def test_what_the_page_shows_follows_from_its_rows(calendar):
    filling, now = month("Filling", 2026, 2), mean(month("Filling", 2026, 2))
    means = [mean(month(name, 2026, 2)) for name in ("Filling", "Packaging", "Laboratory", "Warehouse")]

    def interval(found):
        return f"{found.lower} to {found.upper}"

    assert interval(calendar.interval_of_mean(filling)) == shown("capa_days", "Filling", "confidence_interval")
    assert interval(calendar.interval_of_count(4)) == shown("capa_count", "Filling", "confidence_interval")
    assert interval(calendar.interval_of_share(3, 4)) == shown("capa_on_time", "Filling", "confidence_interval")
    for name, value in zip(("Filling", "Packaging", "Laboratory", "Warehouse"), means, strict=True):
        assert str(calendar.rank(value, means)) == shown("capa_days", name, "percentile_rank")
    for column, year, number in (
        ("month_over_month_change", 2026, 1), ("quarter_over_quarter_change", 2025, 11), ("year_over_year_change", 2025, 2),
    ):  # fmt: skip
        text = shown("capa_days", "Filling", column, "metric_snapshots")
        assert calendar.rounded(change(now, mean(month("Filling", year, number))), 2) == Decimal(text)
    quarters = statistics.quantiles(filling, n=4, method="inclusive")
    for column, value in (
        ("metric_value", now), ("avg_value", now), ("min_value", min(filling)), ("max_value", max(filling)),
        ("std_deviation", Fraction(statistics.stdev(filling))), ("sample_count", 4), ("percentile_25", quarters[0]),
        ("percentile_50", quarters[1]), ("percentile_75", quarters[2]),
        ("percentile_95", statistics.quantiles(filling, n=20, method="inclusive")[-1]),
    ):  # fmt: skip
        text = shown("capa_days", "Filling", column, "metric_snapshots")
        assert calendar.rounded(Fraction(value), 4) == Decimal(text), column
