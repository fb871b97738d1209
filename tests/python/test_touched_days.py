"""Days that are touched are valued and no others, whether all of a stretch are, or some, or of each organization or metric its own."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
FIRST, DAYS = date(2025, 1, 30), 22
DIVIDED = "there are rows but no value: the denominator is zero or an operand is missing"


@pytest.fixture
def world(engine):
    """Two organizations with a department in another, days without rows, and values that are none or do not fit."""
    chance = random.Random(11)
    rows = []
    for number, zone in enumerate(("UTC", "Pacific/Apia")):
        organization = engine.organization(f"o{number}", timezone=zone)
        above = engine.door("sync_department", {"external_id": "a", "department_name": "A"}, organization)
        below = engine.door("sync_department", {"external_id": "b", "department_name": "B", "parent_department_id": above}, organization)
        beside = engine.door("sync_department", {"external_id": "c", "department_name": "C"}, organization)
        rows += [
            (organization, chance.choice(("cost", "delay")), chance.randrange(1, 1000), NOW - timedelta(minutes=chance.randrange(30000)),
             chance.choice((above, below, beside, None)))
            for _ in range(160)
        ]  # fmt: skip
    engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2025-01-01', '2025-12-31')")
    with engine.connection.cursor() as cursor:
        cursor.executemany(
            "insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date, department_id)"
            " values (%s, %s, 'operational', %s, %s, %s)",
            rows,
        )
    for name, keys in (
        ("cost", {}),
        ("mean", {"measures": {"n": {"agg": "avg"}}, "key": "cost"}),
        ("less", {"measures": {"s": {"agg": "sum"}, "n": {"agg": "count"}}, "key": "delay", "calculation_formula": "s / (n - 2)"}),
        ("much", {"measures": {"s": {"agg": "sum"}, "n": {"agg": "count"}}, "key": "delay", "calculation_formula": "s * 300000000 + n"}),
        ("middle", {"measures": {"n": {"agg": "percentile", "p": 37.5}}, "key": "delay"}),
        ("whole", {"key": "cost", "aggregation_levels": ["org"]}),
    ):
        engine.metric(name, **{"aggregation_levels": ["org", "dept"], **keys})
    engine.calculate(NOW)
    return engine


def names(engine, table, name):
    return dict(engine.execute(f"select id, {name} from yardstick.{table}").fetchall())


def valued(engine, cells, by_metric):
    """What is stored when nothing was and these (metric, organization, day) are valued, by name or all metrics of each day."""
    engine.execute("truncate yardstick.metric_calculations")
    metrics = {name: id for id, name in names(engine, "metric_definitions", "metric_name").items()}
    days = sorted({cell[1:] for cell in cells}, key=str)
    source = engine.one("select id from yardstick.metric_sources where source_name = 'analytics_metrics'")
    named = [[metrics[cell[0]] for cell in cells], [cell[1] for cell in cells], [cell[2] for cell in cells]] if by_metric else [None] * 3
    engine.execute(
        "select yardstick_engine.calculate_cells(%s, %s, 1, %s, %s, array_fill(null::text, array[%s]), %s, %s::uuid[], %s::uuid[], %s::date[])",
        [source, list(metrics.values()), [organization for organization, _ in days], [day for _, day in days], len(days), NOW, *named],
    )
    return engine.stored()


def expected(stored, cells):
    """The same rows; what was not valued has no value that could be the one before."""
    rows = {}
    for key, row in stored.items():
        if (key[1], key[0], key[5]) in cells:
            before = stored.get((*key[:5], key[5] - timedelta(1))) if (key[1], key[0], key[5] - timedelta(1)) in cells else None
            previous = before and before["value"]
            change = (row["value"] - previous) * 100 / abs(previous) if previous and row["value"] is not None else None
            rows[key] = {**row, "previous": previous, "change": change and round(change, 2)}
    return rows


@pytest.mark.parametrize("shape", ["all", "but_one", "some", "of_one", "by_metric"])
def test_touched_days_are_valued_and_no_others(world, shape):
    chance = random.Random(5)
    stored = world.stored()
    metrics = names(world, "metric_definitions", "metric_name").values()
    days = [(organization, FIRST + timedelta(n)) for organization in names(world, "organizations", "id") for n in range(DAYS)]
    if shape == "but_one":
        days.remove(chance.choice(days[5:DAYS - 5]))
    elif shape == "some":
        days = chance.sample(days, 20)
    elif shape == "of_one":
        days = days[:DAYS] + chance.sample(days[DAYS:], 5)
    cells = {(metric, *day) for metric in metrics for day in days}
    if shape == "by_metric":
        cells = set(chance.sample(sorted(cells, key=str), 100))
    right = expected(stored, cells)
    assert len(right) > 50 and (shape == "all" or len(right) < len(stored))
    assert valued(world, cells, shape == "by_metric") == right


def test_values_are_those_of_the_rows(world):
    """By plain SQL: the sum of a day, with departments below; divided by nothing it is none, and what is too big is an error."""
    hand = {
        (organization, level, scope, day): (total, rows)
        for organization, level, scope, day, total, rows in world.execute("""
            select a.organization_id, k.level, k.scope_id, (a.measurement_date at time zone o.timezone)::date, sum(a.value), count(*)
            from yardstick.analytics_metrics as a
            inner join yardstick.organizations as o on o.id = a.organization_id
            left join yardstick.departments as d on d.id = a.department_id
            cross join lateral (
                values ('org', a.organization_id), ('dept', d.id), ('dept', d.parent_department_id)
            ) as k (level, scope_id)
            where k.scope_id is not null and a.metric_name = 'delay'
            group by 1, 2, 3, 4
        """).fetchall()
    }
    stored = world.stored()
    less = {(key[0], *key[2:4], key[5]): row for key, row in stored.items() if key[1] == "less"}
    much = {(key[0], *key[2:4], key[5]): row for key, row in stored.items() if key[1] == "much"}
    assert less.keys() == much.keys() == hand.keys()
    seen = set()
    for key, (total, rows) in hand.items():
        ended = less[key]["ends_at"] <= NOW
        for row, value in ((less[key], None if rows == 2 else total / (rows - 2)), (much[key], total * 300000000 + rows)):
            fits = value is None or abs(value) < Decimal("99999999999.99995")
            assert row["value"] == (None if value is None or not fits else round(value, 4)) and row["sample"] == rows
            assert (row["status"], row["notes"], row["error"]) == (
                ("warning", DIVIDED, None) if value is None
                else ("success", None, None) if fits
                else ("error", "the value does not fit numeric(15,4)", "22003")
            )  # fmt: skip
            is_valid = value is not None and fits
            assert row["quality"] == (int(is_valid) if ended else None)
            assert [row["metadata"][part] for part in ("is_complete", "completeness", "validity", "timeliness")] == (
                [True, 1, int(is_valid), 1] if ended else [False, None, None, None]
            )
            seen.add((row["status"], ended))
    assert seen >= {("warning", True), ("success", True), ("error", True), ("success", False)}


def test_a_day_that_lost_its_rows_has_no_value_and_says_so(world):
    organization, day = world.execute("""
        select a.organization_id, (a.measurement_date at time zone o.timezone)::date
        from yardstick.analytics_metrics as a inner join yardstick.organizations as o on o.id = a.organization_id
        where a.metric_name = 'cost' and a.measurement_date < '2025-02-15' order by a.measurement_date desc limit 1
    """).fetchone()
    world.execute(
        "delete from yardstick.analytics_metrics as a using yardstick.organizations as o"
        " where o.id = a.organization_id and o.id = %s and (a.measurement_date at time zone o.timezone)::date = %s",
        [organization, day],
    )
    world.calculate(NOW + timedelta(minutes=1))
    row = world.stored()[organization, "whole", "org", organization, "daily", day]
    assert (row["value"], row["sample"], row["status"], row["quality"]) == (None, 0, "warning", None)
    assert row["notes"] == "no source rows are left in this period"
    assert row["metadata"] == {"is_complete": True, "completeness": 0, "validity": None, "timeliness": 0}
