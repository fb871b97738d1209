"""Organizations, departments and kinds of rows that the host keeps in types of its own are found by their texts."""

from datetime import UTC, datetime

import pytest

AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
TYPES = {
    "enum": ("create type host.word as enum ('north', 'south', 'd1', 'd2', 'alpha', 'Beta', 'no')", "host.word"),
    "domain over an enum": (
        "create type host.bare as enum ('north', 'south', 'd1', 'd2', 'alpha', 'Beta', 'no');"
        "create domain host.word as host.bare check (value <> 'no')", "host.word",
    ),
    "domain over text": ("create domain host.word as text check (length(value) < 9)", "host.word"),
    "char": ("select", "character(9)"),
    "varchar": ("select", "varchar(9)"),
}  # fmt: skip
ROWS = """
insert into host.events
select o.external_id::{0}, (array['d1', 'd2', null])[1 + n % 3]::{0}, (array['alpha', 'Beta'])[1 + n % 2]::{0}, timestamptz '2025-05-01 00:00Z' + n * interval '7 hours', n
from yardstick.organizations as o cross join generate_series({1}, {2}) as n
"""
EXPECTED = """
select o.external_id, m.name, coalesce(d.external_id, '-'), (date_trunc('month', e.happened_at, o.timezone) at time zone o.timezone)::date,
    case m.name when 'alphas' then sum(e.amount) filter (where e.kind::text = 'alpha') else count(distinct e.kind) end
from host.events as e
inner join yardstick.organizations as o on o.external_id = e.organization::text
cross join (values ('alphas'), ('kinds')) as m (name)
inner join (
    select x.organization_id, x.external_id from yardstick.departments as x union all select y.id, null from yardstick.organizations as y
) as d on d.organization_id = o.id and (d.external_id is null or d.external_id = e.department::text)
group by 1, 2, 3, 4
"""
STORED = """
select o.external_id, m.metric_name, coalesce(d.external_id, '-'), (c.period_start at time zone o.timezone)::date, c.metric_value
from yardstick.metric_calculations as c
inner join yardstick.metric_definitions as m on m.id = c.metric_id
inner join yardstick.organizations as o on o.id = c.organization_id
left join yardstick.departments as d on d.id = c.aggregation_id
"""


@pytest.mark.parametrize("name", TYPES)
def test_rows_are_found_by_the_text_of_what_they_name(engine, name):
    made, type_name = TYPES[name]
    engine.execute("create schema host; grant usage on schema host to yardstick_reader")
    engine.execute(made)
    engine.execute(
        f"create table host.events (organization {type_name}, department {type_name}, kind {type_name}, happened_at timestamptz, amount numeric)"
    )
    engine.execute(
        "grant select on host.events to yardstick_reader; create index on host.events (organization, happened_at)"
    )
    for organization, zone in (("north", "Asia/Kathmandu"), ("south", "America/Sao_Paulo")):
        made = engine.organization(organization, timezone=zone)
        for department in ("d1", "d2"):
            engine.door("sync_department", {"external_id": department, "department_name": department}, made)
    source = {
        "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization",
        "levels": {"dept": "department"}, "key_column": "kind", "value_column": "amount", "capture": True,
    }  # fmt: skip
    engine.door("register_source", source)
    shape = {"source": "events", "aggregation_levels": ["org", "dept"], "time_windows": ["monthly"]}
    engine.metric("alphas", key="alpha", **shape)
    engine.metric("kinds", measures={"n": {"agg": "count_distinct", "value": "kind"}}, **shape)

    def check(minute):
        engine.settle(AS_OF.replace(minute=minute))
        stored = engine.execute(STORED).fetchall()
        assert sorted(stored, key=str) == sorted(engine.execute(EXPECTED).fetchall(), key=str) and stored

    engine.execute(ROWS.format(type_name, 0, 150))
    check(0)
    engine.execute(ROWS.format(type_name, 151, 158))
    engine.execute("update host.events set kind = 'Beta', organization = 'south' where amount = 3")
    check(20)


def test_how_the_hosts_database_writes_names_texts_and_numbers_changes_nothing(engine, database, calendar):
    for name, value in {"extra_float_digits": "-9", "quote_all_identifiers": "on", "standard_conforming_strings": "off", "datestyle": "'SQL, DMY'", "intervalstyle": "'sql_standard'"}.items():
        engine.execute(f"alter database \"{database.name}\" set {name} = {value}")
    engine.execute("create schema host; grant usage on schema host to yardstick_reader; create domain host.word as text")
    engine.execute("create table host.events (organization text, department host.word, place text, code uuid, happened_at timestamptz, amount numeric)")
    engine.execute("grant select on host.events to yardstick_reader")
    north = engine.organization("north", timezone="Asia/Kathmandu")
    department = engine.door("sync_department", {"external_id": "d1", "department_name": "d1"}, north)
    insert = "insert into host.events values ('north', 'd1', %s, gen_random_uuid(), '2025-05-01 12:00Z', %s)"
    engine.execute(insert, [r"C:\new", 3])
    engine.execute(insert, ["C:new", 4])
    engine.execute(insert, ["far", 5000])
    session = type(engine)(database)
    source = {
        "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization",
        "levels": {"dept": "department"}, "value_column": "amount", "capture": True,
    }  # fmt: skip
    session.door("register_source", source)
    for name, where in (("slashed", r"place = 'C:\new'"), ("known", "code is not null")):
        session.metric(name, source="events", measures={"n": {"agg": "sum", "where": where}}, aggregation_levels=["org", "dept"])
    session.metric("mean", source="events", measures={"n": {"agg": "avg"}})
    session.door("define_metric", {
        "metric_name": "asked", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["events"]}, "time_windows": ["daily"],
        "calculation_formula": r"select sum(amount) as value, count(*) as sample_size from events"
        r" where place = 'C:\new' and happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()",
    })  # fmt: skip
    session.settle(AS_OF)
    session.execute(insert, [r"C:\new", 10])
    session.refresh(north, "asked", "2025-05-01 00:00Z", "2025-05-02 00:00Z")
    session.settle(AS_OF.replace(minute=30))
    for name in ("slashed", "known", "asked"):
        rows = session.execute("select is_equal from yardstick_api.verify_rollup(%s, 10, 1)", [name]).fetchall()
        assert rows and {is_equal for (is_equal,) in rows} == {True}
    ended = datetime(2025, 5, 1, 18, 15, tzinfo=UTC)
    assert session.exact(north, [("slashed", "org", north, "daily", ended)]) == [13]
    session.connection.close()
    found = {(key[1], key[3]): row for key, row in engine.stored().items()}
    assert found["mean", north]["interval"] == calendar.interval_of_mean([3, 4, 10, 5000])
    assert {key: row["value"] for key, row in found.items() if key[0] != "mean"} == {
        ("slashed", north): 13, ("slashed", department): 13, ("known", north): 5017, ("known", department): 5017, ("asked", north): 13,
    }  # fmt: skip
    assert engine.execute("select drift_reason from yardstick.metric_definitions where drifted_at is not null").fetchall() == []
    assert engine.execute("select check_name, detail from yardstick_ops.health where not ok and check_name ~ 'captur|offer'").fetchall() == []
