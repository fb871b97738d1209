"""The statement that reads a source: once, whatever its measures share; days on each organization's clock; members by uuid or by name."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import _zoneinfo, available_timezones

import pytest

AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)


def scans_of(plan, table):
    found = [plan] if plan.get("Relation Name", "").startswith(table) else []
    return found + [scan for part in plan.get("Plans", []) for scan in scans_of(part, table)]


@pytest.fixture
def observed(engine):
    """Three organizations in three zones, four keys, each hour of the days around a change of clocks."""
    ids = [
        engine.organization(name, timezone=zone)
        for name, zone in (("york", "America/New_York"), ("delhi", "Asia/Kolkata"), ("howe", "Australia/Lord_Howe"))
    ]
    engine.execute("select yardstick.ensure_year_partitions('analytics_metrics', '2025-01-01', '2025-12-31')")
    engine.execute(
        """
        insert into yardstick.departments (organization_id, department_name, external_id)
        select o.id, 'D' || n, 'd' || n from unnest(%s::uuid[]) as o (id), generate_series(1, 2) as n
        """,
        [ids],
    )
    engine.execute(
        """
        insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, department_id, measurement_date)
        select o.id, 'key_' || n %% 4, 'quality', n / 8.0, case when n %% 5 > 0 then d.id end, start + n * interval '17 minutes'
        from unnest(%s::uuid[]) as o (id)
        cross join (values (timestamptz '2025-03-08 00:00+00'), ('2025-04-04 00:00+00')) as s (start)
        cross join generate_series(0, 400) as n
        inner join yardstick.departments as d on d.organization_id = o.id and d.external_id = 'd' || 1 + n %% 2
        """,
        [ids],
    )
    return ids


EXPECTED = """
select (r.measurement_date at time zone o.timezone)::date, sum(r.value), count(*)
from yardstick.analytics_metrics as r inner join yardstick.organizations as o on o.id = r.organization_id
where o.id = %s and (%s::text is null or r.metric_name = %s) group by 1
"""


def test_measures_of_one_key_of_any_key_and_of_one_organization_are_each_right(engine, observed):
    york = observed[0]
    for key in range(4):
        engine.metric(f"all_{key}", key=f"key_{key}")
    engine.metric("any", measures={"n": {"agg": "sum"}})
    engine.metric("own_key", organization=york, key="key_1")
    engine.metric("own_any", organization=york, measures={"n": {"agg": "sum"}})
    engine.calculate(AS_OF)
    stored = engine.stored()
    for organization in observed:
        names = [(f"all_{key}", f"key_{key}") for key in range(4)] + [("any", None)]
        for name, key in [*names, *([("own_key", "key_1"), ("own_any", None)] if organization == york else [])]:
            expected = {day: (total, rows) for day, total, rows in engine.execute(EXPECTED, [organization, key, key]).fetchall()}
            found = {
                at[5]: (row["value"], row["sample"]) for at, row in stored.items() if at[:3] == (organization, name, "org") and at[4] == "daily"
            }
            assert found == {day: (Decimal(total), rows) for day, (total, rows) in expected.items()}, name
        assert organization == york or not any(at[0] == organization and at[1].startswith("own") for at in stored)


def test_keyed_measures_that_share_an_aggregate_read_their_source_once(engine, observed):
    for key in range(4):
        engine.metric(f"all_{key}", key=f"key_{key}")
    source, measures = engine.execute("select source_id, array_agg(id) from yardstick.metric_measures group by 1").fetchone()
    text = engine.one("select yardstick_engine.scan_statement(%s, %s, false, true)", [source, measures])
    engine.execute("set enable_nestloop = off; set enable_mergejoin = off; set enable_sort = off")
    engine.execute(f"prepare scan (date, date, uuid[], text[], date[], timestamptz, timestamptz, text[], text[], uuid) as {text}")
    keys = "{" + ",".join(map(str, observed)) + "}"
    with engine.connection.transaction(force_rollback=True):
        engine.execute("select yardstick.ensure_year_partitions('metric_partials', '2025-01-01', '2025-12-31')")
        plan = engine.one(
            "explain (analyze, timing off, format json) execute scan ('2025-03-03', '2025-04-14', null, null, null,"
            f" '2025-03-03 00:00+00', '2025-04-14 00:00+00', '{keys}', null, '{source}')"
        )
    plan = plan if isinstance(plan, list) else json.loads(plan)
    scans = scans_of(plan[0]["Plan"], "analytics_metrics")
    assert scans and all(scan["Actual Loops"] == 1 for scan in scans if scan["Actual Rows"])


def test_many_conditions_on_the_same_rows_are_each_right_and_absent_where_none_holds(engine, observed):
    york = observed[0]
    asked = {
        f"{agg}_{int(limit)}": (agg, f"value > {limit} and metric_name <> 'key_{int(limit) % 4}'")
        for limit in (0, 9, 30, 49.8, 1000) for agg in ("count", "sum", "min", "max")
    }  # fmt: skip
    for name, (agg, condition) in asked.items():
        value = {} if agg == "count" else {"value": "nullif(value, 50)"}
        engine.metric(name, measures={"n": {"agg": agg, "where": condition, **value}})
    engine.metric("own", organization=york, measures={"n": {"agg": "sum", "where": "value > 45"}})
    engine.metric("keyed", key="key_2", measures={"n": {"agg": "max", "where": "value > 40"}})
    asked |= {"own": ("sum", "value > 45"), "keyed": ("max", "value > 40 and metric_name = 'key_2'")}
    engine.calculate(AS_OF)
    stored = engine.stored()
    for organization in observed:
        for name, (agg, condition) in asked.items():
            read = "count(*)" if agg == "count" else f"{agg}({'r.value' if name in ('own', 'keyed') else 'nullif(r.value, 50)'})"
            expected = engine.execute(
                f"""
                select (r.measurement_date at time zone o.timezone)::date, {read}
                from yardstick.analytics_metrics as r inner join yardstick.organizations as o on o.id = r.organization_id
                where o.id = %s and {condition} group by 1
                """,
                [organization],
            ).fetchall()
            found = {at[5]: row["value"] for at, row in stored.items() if at[:3] == (organization, name, "org") and at[4] == "daily"}
            wanted = {day: Decimal(value) for day, value in expected if value is not None}
            assert found == (wanted if name != "own" or organization == york else {}), name


def test_no_zone_changes_its_clocks_twice_within_three_days():
    """Why a day that begins and ends at one distance from UTC has it throughout."""
    for name in available_timezones():
        zone = _zoneinfo.ZoneInfo.no_cache(name)
        distance = zone._tti_before.utcoff if zone._tti_before else None
        last = None
        for moment, kind in zip(zone._trans_utc, zone._ttinfos, strict=True):
            if kind.utcoff != distance:
                assert last is None or moment - last > 3 * 86400 or moment < 0, name
                last, distance = moment, kind.utcoff


def test_few_late_rows_among_many_metrics_give_what_a_calculation_from_nothing_gives(engine):
    """Twenty metrics, of which each late row touches one, on a day of its own; some rows are gone."""
    north = engine.organization("north", timezone="Asia/Kolkata")
    engine.execute("select yardstick.ensure_year_partitions('analytics_metrics', '2024-01-01', '2025-12-31')")
    engine.execute(
        """
        insert into yardstick.departments (organization_id, department_name, external_id)
        select %s, 'D' || n, 'd' || n from generate_series(1, 3) as n
        """,
        [north],
    )
    for number in range(20):
        agg = ({"agg": "sum"}, {"agg": "avg"}, {"agg": "percentile", "p": 75}, {"agg": "stddev"}, {"agg": "last"})[number % 5]
        engine.metric(
            f"key_{number}", measures={"n": agg}, key=f"key_{number}", aggregation_levels=["org", "dept"],
            time_windows=["daily", "weekly", "monthly", "quarterly", "annual"],
        )  # fmt: skip
    engine.derived("share", {"a": {"metric": "key_0"}, "b": {"metric": "key_5", "lag": 1}}, calculation_formula="a / b")

    def observe(rows, keys, days, as_of):
        engine.execute(
            """
            insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, department_id, measurement_date)
            select d.organization_id, 'key_' || n %% %s, 'quality', n * n %% 97 / 8.0, d.id, timestamptz '2024-11-20 03:00+00' + n * 7 %% %s * interval '1 day'
            from generate_series(1, %s) as n
            inner join yardstick.departments as d on d.organization_id = %s and d.external_id = 'd' || 1 + n %% 3
            """,
            [keys, days, rows, north],
        )
        engine.calculate(as_of)

    observe(2000, 20, 90, AS_OF)
    # Noted with the late rows, calculated with them.
    engine.execute(
        "delete from yardstick.analytics_metrics where metric_name in ('key_7', 'key_12', 'key_13') and measurement_date < '2024-11-25'"
    )
    observe(17, 17, 60, AS_OF + timedelta(minutes=10))

    after = engine.stored()
    assert len(after) > 1000
    engine.execute("truncate yardstick.metric_partials, yardstick.metric_details, yardstick.metric_series, yardstick.metric_calculations")
    engine.execute("select yardstick_engine.queue_history(id) from yardstick.metric_definitions where source_id is not null")
    engine.calculate(AS_OF + timedelta(minutes=20))
    again = engine.stored()
    # Values whose rows are gone stay as rows without a value; a calculation from nothing has none.
    assert {key: row for key, row in after.items() if row["value"] is not None} == {
        key: row for key, row in again.items() if row["value"] is not None
    }
