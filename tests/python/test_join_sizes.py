"""No join of the engine makes many times more rows than it is given, whatever the planner guesses of rows that a statement makes itself:
a backlog, late rows, moves, changed definitions, trees and calendars, conditions on a host's table, percentiles and snapshots, at a volume
at which such a join is a thousand times dearer than the right one."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

AS_OF = datetime(2025, 6, 20, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
KEYS = 12
# A value stands in the trend of the next thirty periods; more than that, no row is met by.
TIMES = 35
MANY = 20_000

PLACES = """
insert into yardstick.departments (organization_id, department_name, external_id, parent_department_id)
select o.id, 'D' || n, 'd' || n, null from yardstick.organizations as o, generate_series(1, 12) as n;
update yardstick.departments as d set parent_department_id = p.id
from yardstick.departments as p
where p.organization_id = d.organization_id and p.external_id = 'd' || substr(d.external_id, 2)::integer / 3
"""

ROWS = """
insert into {table} ({columns})
select o.id, 'key_' || k.key, {more} round((random() * 1000)::numeric, 2), d.id,
    timestamptz '2025-01-06 00:00+00' + random() * interval '120 days'
from generate_series(1, {rows}) as n
cross join lateral (
    select floor({organizations} * power(random(), 1.5) + 0 * n)::integer + 1 as organization, floor({keys} * random())::integer as key,
        floor(13 * random())::integer as department
) as k
inner join (select o.id, row_number() over (order by o.id) as number from yardstick.organizations as o) as o on o.number = k.organization
left join yardstick.departments as d on d.organization_id = o.id and d.external_id = 'd' || k.department
"""


class Plans:
    """What auto_explain says of every statement of a session."""

    def __init__(self):
        self.found = []

    def __call__(self, notice):
        text = notice.message_primary
        if "plan:\n" in text:
            self.found.append(json.loads(text.partition("plan:\n")[2]))

    def nodes(self):
        for plan in self.found:
            left = [plan["Plan"]]
            while left:
                node = left.pop()
                parts = node.get("Plans", [])
                left += parts
                yield plan["Query Text"], node, [part for part in parts if "Subplan Name" not in part]


def made(node):
    return node["Actual Rows"] * node["Actual Loops"]


def met(node):
    """Rows that a join made, or made only to throw them away."""
    return made(node) + node["Actual Loops"] * node.get("Rows Removed by Join Filter", 0)


@pytest.fixture
def watched(engine):
    """Five organizations in three zones with trees of departments, a host's table beside the observations; every plan is kept."""
    for number in range(5):
        engine.organization(f"o{number}", timezone=("UTC", "Asia/Kolkata", "America/Denver")[number % 3])
    engine.execute(PLACES)
    engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2024-12-25', '2025-12-31')")
    engine.execute("select setseed(0.3)")
    engine.execute("create schema host; create table host.ticket (organization_id uuid, kind text, cost numeric, department_id uuid, opened_at timestamptz)")
    engine.execute("create index on host.ticket (opened_at); grant usage on schema host to yardstick_reader; grant select on host.ticket to yardstick_reader")
    columns = {"organizations": 5, "keys": KEYS}
    engine.observations = lambda rows: ROWS.format(
        table="yardstick.analytics_metrics", rows=rows, more="'quality',", **columns,
        columns="organization_id, metric_name, metric_category, value, department_id, measurement_date",
    )  # fmt: skip
    engine.tickets = lambda rows: ROWS.format(
        table="host.ticket", rows=rows, more="", columns="organization_id, kind, cost, department_id, opened_at", **columns
    )
    engine.execute(engine.observations(25_000))
    engine.execute(engine.tickets(11_000))
    engine.execute("analyze")
    levels = ["org", "dept"]
    for key in range(KEYS):
        engine.metric(f"sum_{key}", key=f"key_{key}", aggregation_levels=levels, time_windows=WINDOWS)
        if key < 2:
            middle = {"n": {"agg": "percentile", "p": 50}}
            engine.metric(f"middle_{key}", key=f"key_{key}", measures=middle, aggregation_levels=levels, time_windows=WINDOWS)
    source = {
        "name": "ticket", "relation": "host.ticket", "time_column": "opened_at", "organization_column": "organization_id",
        "levels": {"dept": "department_id"}, "capture": True,
    }  # fmt: skip
    engine.door("register_source", source)
    for key in range(5):
        dear = {"dear": {"agg": "count", "where": f"kind = 'key_{key}' and cost > 500"}, "rows": {"agg": "count"}}
        engine.metric(
            f"share_{key}", source="ticket", measures=dear, calculation_formula="100.0 * dear / rows", aggregation_levels=levels, time_windows=WINDOWS
        )
    engine.derived("growth", {"now": "sum_0", "before": {"metric": "sum_0", "lag": 1}}, calculation_formula="now - before",
        aggregation_levels=levels, time_windows=WINDOWS)  # fmt: skip
    plans = Plans()
    engine.connection.add_notice_handler(plans)
    for setting, value in {
        "log_min_duration": "20ms", "log_analyze": "on", "log_timing": "off", "log_format": "json", "log_nested_statements": "on",
        "log_level": "notice",
    }.items():  # fmt: skip
        engine.execute("load 'auto_explain'")
        engine.execute(f"set auto_explain.{setting} = '{value}'")
    engine.plans = plans
    return engine


def check(plans):
    """Which joins make too much, with how much of what they are given."""
    found, joins = [], Counter()
    for text, node, parts in plans.nodes():
        if "Join" in node["Node Type"] or node["Node Type"] == "Nested Loop":
            given = max(made(part) for part in parts)
            joins[node["Node Type"]] += 1
            if met(node) > max(MANY, TIMES * given):
                condition = node.get("Hash Cond") or node.get("Merge Cond") or node.get("Join Filter")
                found.append((node["Node Type"], condition, f"{given} rows become {met(node)}", text[:200]))
    assert joins["Hash Join"] > 100, "no plans were seen"
    assert found == []


def test_no_join_of_the_engine_explodes(watched):
    engine = watched
    engine.calculate(AS_OF)
    engine.execute(engine.observations(450))
    engine.calculate(AS_OF)
    engine.execute(engine.observations(1_500))
    engine.execute(engine.tickets(1_000))
    engine.execute("update yardstick.analytics_metrics set value = value + 1 where metric_name = 'key_3' and measurement_date < '2025-03-01'")
    engine.execute("delete from yardstick.analytics_metrics where metric_name = 'key_4' and measurement_date >= '2025-05-01'")
    engine.execute("update host.ticket set opened_at = opened_at + interval '9 days' where kind = 'key_7'")
    engine.calculate(AS_OF)
    organization = engine.one("select id from yardstick.organizations where external_id = 'o0'")
    engine.door("sync_department", {"external_id": "d5", "department_name": "D5", "parent_department_id": None}, organization)
    engine.metric("sum_1", key="key_2", aggregation_levels=["org", "dept"], time_windows=WINDOWS)
    engine.calculate(AS_OF)
    engine.organization("o1", timezone="Asia/Tokyo", week_start=7)
    engine.settle(AS_OF)
    engine.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    check(engine.plans)
