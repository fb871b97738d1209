"""Where a scan finds a row's organization and department: by either of their names or by none, on one clock and on several."""

from datetime import UTC, datetime

import pytest

AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
# The clocks of New York change on 9 March, those of Lord Howe on 6 April, by half an hour.
ONE_CLOCK = {"north": "America/New_York", "south": "America/New_York"}
# What the host calls them, in a column of texts or of uuids.
NAMES = {
    "text": {name: name for name in ("north", "south", "howe", "d1", "d2", "nobody")},
    "uuid": {
        "north": "fd000000-0000-4000-8000-000000000001", "south": "00000000-0000-4000-8000-000000000002", "howe": "7f000000-0000-4000-8000-000000000003",
        "d1": "d0000000-0000-4000-8000-000000000001", "d2": "d0000000-0000-4000-8000-000000000002", "nobody": "90000000-0000-4000-8000-000000000000",
    },
}  # fmt: skip
TIMES = {
    "timestamptz": "(r.happened_at at time zone o.timezone)::date", "timestamp": "r.happened_at::date", "date": "r.happened_at",
}  # fmt: skip
# A department is meant by either of its names, by what nobody or only another organization has, or by none; an organization too, by what
# nobody has; numbers may be no numbers.
ROWS = """
insert into host.events
select
    (case when n % 31 = 0 then '{nobody}' when n % 3 = 0 then o.id::text else o.external_id end)::{keys},
    (case n % 7 when 0 then null when 1 then '{nobody}' when 2 then other.id::text when 3 then d.id::text else d.external_id end)::{keys},
    'key_' || n % 3,
    start + n * interval '37 minutes',
    case when n % 50 = 0 then null when n % 41 = 0 then 'NaN' else (n * n % 9973 - 4000) / 16.0 end,
    case when n % 43 = 0 then 'Infinity' when n % 41 = 0 then 'NaN' else n / 8.0 end
from yardstick.organizations as o
cross join (values (timestamp '2025-03-07 19:00'), ('2025-04-03 19:00')) as s (start)
cross join generate_series(0, 400) as n
inner join yardstick.departments as d on d.organization_id = o.id and d.department_name = 'd' || 1 + n / 2 % 2
cross join lateral (select x.id from yardstick.departments as x where x.organization_id <> o.id order by x.id limit 1) as other
"""
EXPECTED = """
select
    o.external_id, d.external_id, r.event, c.name, ({day})::text, count(v.value), sum(v.value)::text, min(v.value)::text, max(v.value)::text,
    (array_agg(v.value order by v.value) filter (where v.value is not null))::text
from host.events as r
inner join yardstick.organizations as o on r.organization::text in (o.id::text, o.external_id)
left join yardstick.departments as d on d.organization_id = o.id and r.department::text in (d.id::text, d.external_id)
cross join lateral (values ('amount', r.amount), ('weight', r.weight), ('large', case when r.amount > 100 then r.amount end)) as c (name, number)
cross join lateral (select case when c.number not in ('NaN', 'Infinity') then c.number end as value) as v
group by 1, 2, 3, 4, 5 having count(v.value) > 0
"""
FOUND = """
select
    o.external_id, d.external_id, m.measure_key, c.name, p.period_start::text, p.row_count, p.value_sum::text, p.value_min::text, p.value_max::text,
    l.value_list::text
from yardstick.metric_partials as p
inner join yardstick.metric_series as s on s.series_id = p.series_id and s.organization_id = p.organization_id
inner join yardstick.metric_measures as m on m.id = s.measure_id
inner join yardstick.organizations as o on o.id = s.organization_id
left join yardstick.departments as d on d.id = s.aggregation_id and s.aggregation_level = 'own'
cross join lateral (
    select case when m.filter is not null then 'large' when m.expression ~ 'weight' then 'weight' else 'amount' end as name
) as c
left join (
    select md.expression, md.filter, md.measure_key, sd.aggregation_id, b.period_start, b.value_list
    from yardstick.metric_details as b
    inner join yardstick.metric_series as sd on sd.series_id = b.series_id and sd.organization_id = b.organization_id
    inner join yardstick.metric_measures as md on md.id = sd.measure_id
) as l on (l.expression, l.measure_key, l.aggregation_id, l.period_start) = (m.expression, m.measure_key, s.aggregation_id, p.period_start)
    and l.filter is not distinct from m.filter
where p.period_type = 1
"""


@pytest.fixture(params=[*((time_type, "text") for time_type in TIMES), ("timestamptz", "uuid")], ids=" ".join)
def events(engine, request):
    """Rows of two organizations on one clock, and metrics of a decimal, of any number, and of a decimal under a condition."""
    engine.time_type, engine.keys = request.param
    engine.execute(f"""
        create schema host;
        create table host.events (organization {engine.keys}, department {engine.keys}, event varchar(20), happened_at {engine.time_type}, amount numeric(12, 4), weight numeric);
        grant usage on schema host to yardstick_reader;
        grant select on host.events to yardstick_reader;
        select yardstick.ensure_year_partitions(t, '2025-01-01', '2025-12-31') from unnest(array['metric_partials', 'metric_details']) as t;
    """)
    settle(engine, ONE_CLOCK)
    engine.door(
        "register_source",
        {
            "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization",
            "levels": {"dept": "department"}, "key_column": "event",
        },
    )  # fmt: skip
    for key in range(3):
        for name, value in {"amount": {}, "weight": {}, "large": {"where": "amount > 100 and amount < 'NaN'"}}.items():
            for agg in ({"agg": "sum"}, {"agg": "percentile", "p": 50}):
                measure = {**agg, "value": "weight" if name == "weight" else "amount", **value}
                engine.metric(f"{agg['agg']}_{name}_{key}", source="events", key=f"key_{key}", measures={"n": measure}, aggregation_levels=["org", "dept"])
    engine.calculate(AS_OF)
    return engine


def settle(engine, zones):
    names = NAMES[engine.keys]
    for name, zone in zones.items():
        engine.execute(
            "insert into yardstick.departments (organization_id, department_name, external_id) select %s, * from unnest(array['d1', 'd2'], %s::text[])",
            [engine.organization(names[name], timezone=zone), [names["d1"], names["d2"]]],
        )
    engine.execute("truncate host.events; set timezone = 'UTC'")
    engine.execute(ROWS.format(keys=engine.keys, nobody=names["nobody"]))
    engine.execute("set timezone = 'America/Caracas'; analyze host.events")


def check(engine):
    expected = engine.execute(EXPECTED.format(day=TIMES[engine.time_type])).fetchall()
    found = engine.execute(FOUND).fetchall()
    assert len(expected) > 300
    assert sorted(found, key=str) == sorted(expected, key=str)


def scan_text(engine, measure_ids="sums"):
    return engine.one(
        "select yardstick_engine.scan_statement(source_id, array_agg(id), false, true) from yardstick.metric_measures where state_kind = %s group by source_id",
        [measure_ids],
    )


def test_on_one_clock_rows_are_grouped_by_the_place_their_names_mean(events):
    text = scan_text(events)
    assert "named as materialized" in text
    assert ("sorted as materialized" in text) == (events.keys == "uuid")
    check(events)


def test_on_several_clocks_each_organization_has_its_own_days(events):
    settle(events, {"howe": "Australia/Lord_Howe"})
    events.execute("truncate yardstick.metric_partials, yardstick.metric_details, yardstick.metric_series")
    events.execute("select yardstick_engine.queue_history(id) from yardstick.metric_definitions")
    events.calculate(AS_OF)
    # Dates are dates on any clock.
    assert ("named as materialized" in scan_text(events)) == (events.time_type != "timestamptz")
    check(events)


@pytest.mark.parametrize("events", [("timestamptz", "text"), ("timestamptz", "uuid")], indirect=True, ids=" ".join)
def test_an_organization_with_another_clock_that_comes_between_changes_no_day(events):
    head = scan_text(events).split(",\nseries_at as materialized")[0]
    events.organization("howe", timezone="Australia/Lord_Howe")
    events.execute(
        f"prepare scan (date, date, uuid[], text[], date[], timestamptz, timestamptz, text[], text[], uuid) as {head}"
        " select min(local_date)::text, max(local_date)::text, sum(row_count) from states"
    )
    # Bounds of all clocks: those of New York alone begin at 05:00 and end at 04:00.
    found = events.execute(
        "execute scan ('2025-03-08', '2025-03-10', null, null, null, '2025-03-07 13:00+00', '2025-03-10 05:00+00', null, null, null)"
    ).fetchone()
    rows = events.one(
        "select count(*) filter (where amount < 'NaN') + count(*) filter (where weight < 'Infinity') + count(*) filter (where amount > 100 and amount < 'NaN')"
        " from host.events where organization::text <> %s and happened_at >= '2025-03-08 05:00+00' and happened_at < '2025-03-10 04:00+00'",
        [NAMES[events.keys]["nobody"]],
    )
    assert found == ("2025-03-08", "2025-03-09", rows)


@pytest.mark.parametrize("events", [("timestamptz", "text")], indirect=True, ids=" ".join)
@pytest.mark.parametrize("is_folded", [False, True], ids=["apart", "folded"])
def test_keys_are_one_where_the_collation_of_their_column_says_so(events, is_folded):
    events.execute("update host.events set event = upper(event) where extract(minute from happened_at) > 30")
    if is_folded:
        events.execute("create collation host.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
        events.execute("alter table host.events alter column event type varchar(20) collate host.folded")
    events.execute("truncate yardstick.metric_partials, yardstick.metric_details, yardstick.metric_series")
    events.execute("select yardstick_engine.queue_history(id) from yardstick.metric_definitions")
    events.calculate(AS_OF)
    found = events.execute(
        """
        select m.measure_key, sum(p.row_count), sum(p.value_sum)
        from yardstick.metric_partials as p
        inner join yardstick.metric_series as s on s.series_id = p.series_id
        inner join yardstick.metric_measures as m on m.id = s.measure_id
        where p.period_type = 1 and m.filter is null and m.expression ~ 'amount'
        group by 1 order by 1
        """
    ).fetchall()
    expected = events.execute(
        """
        select k.key, count(r.amount), sum(r.amount)
        from unnest(array['key_0', 'key_1', 'key_2']) as k (key)
        inner join host.events as r on r.event = k.key and r.amount < 'NaN' and r.organization <> 'nobody'
        group by 1 order by 1
        """
    ).fetchall()
    assert len(expected) == 3
    assert found == expected
