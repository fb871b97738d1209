"""Lists of values that are kept in the pass which adds them up, and sums of whole numbers: against the rows, and against lists read alone."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
HOST = """
create schema host;
create table host.readings (
    organization text, department text, kind text, happened_at timestamptz,
    amount numeric(18, 4), pieces integer, great bigint, weight numeric
);
grant usage on schema host to yardstick_reader;
grant select on host.readings to yardstick_reader;
insert into yardstick.departments (organization_id, department_name, external_id)
select o.id, n, n from yardstick.organizations as o cross join unnest(array['d1', 'd2']) as n;
-- From one row to dozens in a cell, nulls, NaN, equal values, negative ones, other numbers of places.
insert into host.readings
select
    o.external_id, case when n % 4 > 0 then 'd' || 1 + n % 2 end, 'kind_' || n % 7 % 3, timestamptz '2025-05-01 06:00+00' + n * n % 211 * interval '7 hours',
    case when n % 19 = 0 then null when n % 23 = 0 then 'NaN' else (n * n % 997 - 400) / 16.0 end,
    case when n % 17 > 0 then n * n % 97 - 30 end, case when n % 13 > 0 then 9000000000000000000 - n * n % 89 end,
    case when n % 29 = 0 then 'Infinity' when n % 23 = 0 then 'NaN' else trim_scale(n * n % 83 / 8.0) end
from yardstick.organizations as o cross join generate_series(1, 1200) as n
"""
VALUES = {
    "amount": "case when amount < 'NaN' then amount end", "pieces": "pieces::numeric", "great": "great::numeric",
    "weight": "case when weight < 'Infinity' then weight end",
    "large": "case when amount > 10 and amount < 'NaN' then amount end", "some": "case when great % 2 = 0 then great::numeric end",
}  # fmt: skip
MEASURES = {
    "large": {"value": "amount", "where": "amount > 10 and amount < 'NaN'"}, "some": {"value": "great", "where": "great % 2 = 0"},
}  # fmt: skip
# Every scale and digit counts: numbers are compared as text.
EXPECTED = """
select o.external_id, d.external_id, r.kind, c.name, (r.happened_at at time zone o.timezone)::date::text, count(*),
    sum(c.value)::text, min(c.value)::text, max(c.value)::text, array_agg(c.value order by c.value)::text
from host.readings as r
inner join yardstick.organizations as o on o.external_id = r.organization
left join yardstick.departments as d on d.organization_id = o.id and d.external_id = r.department
cross join lateral (values {values}) as c (name, value)
where c.value is not null
group by 1, 2, 3, 4, 5
"""
STATES = """
select o.external_id, d.external_id, m.measure_key, (
        select string_agg(distinct split_part(f.metric_name, '_', 2), '') from yardstick_engine.measure_uses(array[m.id]) as u
        inner join yardstick.metric_definitions as f on f.id = u.metric_id
    ), p.period_start::text, p.row_count, {columns}
from yardstick.{table} as p
inner join yardstick.metric_series as s on s.series_id = p.series_id and s.organization_id = p.organization_id
inner join yardstick.metric_measures as m on m.id = s.measure_id
inner join yardstick.organizations as o on o.id = s.organization_id
left join yardstick.departments as d on d.id = s.aggregation_id and s.aggregation_level = 'own'
where true {condition}
"""


@pytest.fixture(params=[True, False], ids=["of keys", "of any key"])
def readings(engine, request):
    for name, zone in (("north", "America/New_York"), ("south", "Asia/Kolkata")):
        engine.organization(name, timezone=zone)
    engine.execute(HOST)
    engine.execute("select yardstick.ensure_year_partitions(t, '2025-01-01', '2025-12-31') from unnest(array['metric_partials', 'metric_details']) as t")
    engine.door(
        "register_source",
        {
            "name": "readings", "relation": "host.readings", "time_column": "happened_at", "organization_column": "organization",
            "levels": {"dept": "department"}, **({"key_column": "kind"} if request.param else {}),
        },
    )  # fmt: skip
    engine.keys = ["kind_0", "kind_1", "kind_2"] if request.param else [None]
    return engine


def define(engine, *aggs, lists=("kind_0", "kind_2", None)):
    for key in engine.keys:
        for agg in aggs:
            for name in VALUES:
                if agg["agg"] == "sum" or key in lists:
                    measures = {"n": {**agg, **MEASURES.get(name, {"value": name})}}
                    engine.metric(
                        f"{agg['agg']}{agg.get('p', '')}_{name}_{key or 'all'}", source="readings", key=key, measures=measures,
                        aggregation_levels=["org", "dept"], time_windows=["daily", "monthly"],
                    )  # fmt: skip


SUM, MEDIAN, HIGH = {"agg": "sum"}, {"agg": "percentile", "p": 50}, {"agg": "percentile", "p": 95}


def expected(engine):
    rows = engine.execute(EXPECTED.format(values=", ".join(f"('{name}', {text})" for name, text in VALUES.items()))).fetchall()
    if engine.keys == [None]:
        rows = engine.execute(
            EXPECTED.format(values=", ".join(f"('{name}', {text})" for name, text in VALUES.items())).replace("r.kind, c.name", "null, c.name")
        ).fetchall()
    return rows


def lists_of(engine):
    return sorted(engine.execute(STATES.format(table="metric_details", columns="p.value_list::text", condition="")).fetchall(), key=str)


def sums_of(engine):
    columns = "p.value_sum::text, p.value_min::text, p.value_max::text"
    return sorted(
        engine.execute(STATES.format(table="metric_partials", columns=columns, condition="and p.period_type = 1")).fetchall(), key=str
    )


def check(engine):
    rows = expected(engine)
    assert len(rows) > 1000 and {1, 2, 3, 4} <= {row[5] for row in rows}
    assert sums_of(engine) == sorted((row[:9] for row in rows), key=str)
    assert lists_of(engine) == sorted((row[:6] + row[9:] for row in rows if row[2] != "kind_1"), key=str)


def groups(engine):
    return engine.execute(
        "select g.measure_ids, bool_or(m.state_kind = 'sums'), bool_or(m.state_kind = 'list')"
        " from yardstick_engine.scan_groups(array(select id from yardstick.metric_measures)) as g"
        " inner join yardstick.metric_measures as m on m.id = any(g.measure_ids) group by 1"
    ).fetchall()


def test_sums_and_lists_of_one_pass_are_those_of_the_rows(readings):
    define(readings, SUM, MEDIAN)
    assert [group[1:] for group in groups(readings)] == [(True, True)]
    readings.calculate(AS_OF)
    check(readings)


def test_lists_read_alone_are_the_same(readings):
    define(readings, MEDIAN)
    assert [group[1:] for group in groups(readings)] == [(False, True)]
    readings.calculate(AS_OF)
    alone = lists_of(readings)
    assert alone == sorted((row[:6] + row[9:] for row in expected(readings) if row[2] != "kind_1"), key=str)
    define(readings, SUM)
    readings.forget()
    readings.calculate(AS_OF)
    assert lists_of(readings) == alone


def test_percentiles_are_those_of_the_rows(readings, calendar):
    define(readings, SUM, MEDIAN, HIGH)
    readings.calculate(AS_OF)
    stored, small = readings.stored(), [name for name in VALUES if name not in ("great", "some")]
    found = 0
    for organization, day, kind, name, values in readings.execute(
        f"""
        select o.id, (r.happened_at at time zone o.timezone)::date, {"r.kind" if readings.keys[0] else "null"}, c.name, array_agg(c.value order by c.value)
        from host.readings as r
        inner join yardstick.organizations as o on o.external_id = r.organization
        cross join lateral (values {", ".join(f"('{name}', {text})" for name, text in VALUES.items() if name in small)}) as c (name, value)
        where c.value is not null and r.kind <> 'kind_1' or c.value is not null and {not readings.keys[0]}
        group by 1, 2, 3, 4
        """
    ).fetchall():
        for percent in (50, 95):
            row = stored[organization, f"percentile{percent}_{name}_{kind or 'all'}", "org", organization, "daily", day]
            place = Fraction(percent, 100) * (len(values) - 1)
            low = int(place)
            exact = Fraction(values[low]) + (place - low) * (Fraction(values[min(low + 1, len(values) - 1)]) - Fraction(values[low]))
            assert (row["value"], row["sample"]) == (calendar.rounded(exact, 4), len(values))
            found += 1
    assert found > 500


def test_changed_rows_change_sums_and_lists(readings):
    """By the cells alone: what stands is read again for those days, and what is gone is taken away."""
    define(readings, SUM, MEDIAN)
    readings.calculate(AS_OF)
    (ids,) = (group[0] for group in groups(readings))
    readings.execute("update host.readings set amount = amount + 1, great = great - 1 where happened_at::date = '2025-05-09'")
    readings.execute("update host.readings set department = 'd1' where department is null and happened_at::date = '2025-05-20'")
    readings.execute("delete from host.readings where happened_at::date between '2025-05-24' and '2025-05-26' or kind = 'kind_2' and happened_at < '2025-05-13'")
    readings.execute("insert into host.readings select 'north', 'd2', 'kind_0', '2025-05-25 15:00+00', n, n, n, n from generate_series(1, 3) as n")
    source = readings.one("select id from yardstick.metric_sources where source_name = 'readings'")
    days = readings.execute(
        "select o.id, d::date from yardstick.organizations as o, generate_series(date '2025-05-01', date '2025-05-27', interval '1 day') as d"
    ).fetchall()

    def again():
        readings.execute("truncate yardstick.metric_dirty")
        readings.execute(
            "select yardstick_engine.scan_source(%s, %s, '2025-05-01', '2025-05-28', %s, %s, %s)",
            [source, ids, [day[0] for day in days], [None] * len(days), [day[1] for day in days]],
        )
        return set(readings.one("select coalesce(array_agg(distinct m), '{}') from yardstick.metric_dirty as d, unnest(d.measure_ids) as m"))

    assert again() == set(ids)
    check(readings)
    assert again() == set()


@pytest.mark.parametrize("readings", [True], indirect=True)
def test_a_list_that_fails_costs_no_sum_and_no_other_list(readings):
    define(readings, SUM, MEDIAN)
    bad = readings.one("select id from yardstick.metric_measures where state_kind = 'list' and measure_key = 'kind_2' and filter is null and expression ~ 'pieces'")
    readings.execute(
        f"""
        create function host.refuse() returns trigger language plpgsql as $$
        begin
            if exists (select from yardstick.metric_series as s where s.series_id = new.series_id and s.measure_id = '{bad}') then
                raise exception 'no such list' using errcode = '23514';
            end if;
            return new;
        end $$;
        grant usage on schema host to public;
        create trigger refuse before insert on yardstick.metric_details for each row execute function host.refuse()
        """
    )
    readings.calculate(AS_OF)
    rows = expected(readings)
    assert sums_of(readings) == sorted((row[:9] for row in rows), key=str)
    assert lists_of(readings) == sorted(
        (row[:6] + row[9:] for row in rows if row[2] != "kind_1" and (row[2], row[3]) != ("kind_2", "pieces")), key=str
    )
    failed = readings.execute("select metric_name from yardstick.metric_definitions where last_error_code is not null order by 1").fetchall()
    assert failed == [("percentile50_pieces_kind_2",)]


def test_lists_of_what_nothing_adds_up_and_other_states_are_read_apart(readings):
    define(readings, SUM)
    key = readings.keys[0]
    for name, measure in {
        "other": {"agg": "percentile", "p": 50, "value": "abs(weight)"}, "filtered": {"agg": "percentile", "p": 50, "value": "pieces", "where": "pieces > 3"},
        "ends": {"agg": "last", "value": "pieces"}, "many": {"agg": "count_distinct", "value": "pieces"},
    }.items():  # fmt: skip
        readings.metric(name, source="readings", key=key, measures={"n": measure})
    assert sorted(group[1:] for group in groups(readings)) == [(False, True), (True, False)]


def test_a_list_of_one_organization_keeps_no_row_of_another(readings):
    north = readings.one("select id from yardstick.organizations where external_id = 'north'")
    define(readings, SUM)
    readings.metric(
        "own", organization=north, source="readings", key=readings.keys[0], measures={"n": {"agg": "percentile", "p": 50, "value": "pieces"}}
    )
    ((ids, *_),) = groups(readings)
    text = readings.one("select yardstick_engine.scan_statement(source_id, %s, false, true) from yardstick.metric_measures limit 1", [ids])
    assert "lower(l.organization_key::text) = any (" in text
    readings.calculate(AS_OF)
    found = lists_of(readings)
    assert found and {row[0] for row in found} == {"north"}
    assert [row[4:] for row in found] == [
        row[4:6] + row[9:]
        for row in sorted(expected(readings), key=str)
        if (row[0], row[2], row[3]) == ("north", readings.keys[0], "pieces")
    ]


def test_sums_beyond_a_bigint_are_exact(readings):
    """Values of eighteen digits, in units of the last: ten of them are beyond it."""
    readings.execute("truncate host.readings")
    readings.execute(
        "insert into host.readings select 'north', 'd1', 'kind_0', timestamptz '2025-05-05 15:00+00' + n % 3 * interval '1 day',"
        " 92000000000000.1234 + n, n, 9223372036854775807 - n, n from generate_series(1, 60) as n"
    )
    define(readings, SUM, MEDIAN)
    readings.calculate(AS_OF)
    assert sums_of(readings) == sorted((row[:9] for row in expected(readings)), key=str)
    assert lists_of(readings) == sorted((row[:6] + row[9:] for row in expected(readings)), key=str)
    assert readings.one("select count(*) from yardstick.metric_definitions where last_error_code is not null") == 0
    assert readings.one("select count(*) from yardstick.calculation_slices") == 0
    readings.settle(AS_OF + timedelta(minutes=1))
