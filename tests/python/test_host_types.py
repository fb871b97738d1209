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
