"""200 filtered metrics of a registered table, one row an event, beside one GROUP BY of it and beside a query for each metric."""

import json
from itertools import product

from bench import statements, volume
from bench.measure import alternate
from bench.ratios import Ratio

ROWS = 500_000
METRICS = 200
SAMPLE = 20
SEVERITIES, STATUSES = ("low", "medium", "high", "critical"), ("open", "waiting", "closed")
CATEGORIES, REGIONS = ("device", "supplier", "process", "document", "training"), ("north", "south", "east", "west")
HOST = """
drop schema if exists bench_host cascade;
create schema bench_host;
create table bench_host.tickets (
    id integer, organization_id uuid, department_id uuid, opened_at timestamptz, severity text, status text, category text, region text,
    cost numeric(12, 2), hours integer
);
grant usage on schema bench_host to yardstick_reader;
grant select on bench_host.tickets to yardstick_reader;
"""
TICKETS = """
insert into bench_host.tickets
select
    n as id, k.organization_id, k.department_id, k.opened_at,
    ('{{{severities}}}'::text[])[1 + floor(4 * random())::integer] as severity,
    ('{{{statuses}}}'::text[])[1 + floor(3 * random())::integer] as status,
    ('{{{categories}}}'::text[])[1 + floor(5 * random())::integer] as category,
    ('{{{regions}}}'::text[])[1 + floor(4 * random())::integer] as region,
    (random() * 5000)::numeric(12, 2) as cost,
    (random() * 400)::integer as hours
from (
    select n, d.organization_id, d.id as department_id, timestamptz '2025-01-01' + interval '1 year' * ((n - random()) / {rows}) as opened_at
    from (select n, floor(300 * power(random(), 1.2))::integer + 1 as place from generate_series(1, {rows}) as n) as n
    inner join (select row_number() over (order by id) as place, d.organization_id, d.id from yardstick.departments as d) as d using (place)
) as k
order by opened_at;
create index on bench_host.tickets (opened_at);
"""
SOURCE = {
    "name": "tickets", "relation": "bench_host.tickets", "time_column": "opened_at", "organization_column": "organization_id",
    "levels": {"dept": "department_id"},
}  # fmt: skip
CELL = "organization_id, department_id, (opened_at at time zone 'UTC')::date"
GROUP_BY = f"select count(*), sum(k.rows), sum(k.total) from (select {CELL}, count(*) as rows, sum(cost) as total from bench_host.tickets group by 1, 2, 3) as k"
# All that would be written is read: what nobody reads, the server does not work out.
EVERY_STATE = """
select count(*), sum(row_count), sum(value_sum), min(value_min), max(value_max), count(measure_id), count(aggregation_id), max(local_date)
from states
"""
ANCHOR = "one GROUP BY (organization, department, day) of sum and count"


def conditions() -> list[str]:
    """200 different ones over two to four columns."""
    three = [
        f"severity = '{severity}' and status = '{status}' and category = '{category}'"
        for severity, status, category in product(SEVERITIES, STATUSES, CATEGORIES)
    ]
    regional = [f"status = '{status}' and category = '{category}' and region = '{region}'"
                for status, category, region in product(STATUSES, CATEGORIES, REGIONS)]  # fmt: skip
    late = [f"region = '{region}' and hours > {hours} and severity <> '{severity}'"
            for region, hours, severity in product(REGIONS, (24, 72, 120, 240, 360), SEVERITIES)]  # fmt: skip
    return [*three, *regional, *late][:METRICS]


def define(connection) -> None:
    connection.execute("select yardstick_api.register_source(%s)", [json.dumps(SOURCE)])
    for number, condition in enumerate(conditions()):
        measure = {"agg": "count", "where": condition} if number % 2 else {"agg": "sum", "value": "cost", "where": condition}
        definition = {
            "metric_name": f"tickets_{number:03}", "display_name": f"Tickets {number}", "calculation_method": "aggregation",
            "data_sources": {"source": "tickets", "measures": {"n": measure}},
            "aggregation_levels": ["org", "dept"], "time_windows": list(volume.WINDOWS), "refresh_frequency": "real_time",
        }  # fmt: skip
        connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(definition)])


def query(number: int, condition: str) -> str:
    value = "count(*) as rows, null::numeric" if number % 2 else "count(cost) as rows, sum(cost)"
    return f"select {CELL} as day, {value} as value from bench_host.tickets where {condition} group by 1, 2, 3"


def check(connection, states: statements.Scan, stretches: list) -> None:
    connection.execute("create table bench_volume.ours (organization_id uuid, measure_id uuid, department_id uuid, day date, rows bigint, total numeric)")
    states.keep(connection, "organization_id, measure_id, aggregation_id, local_date, row_count, value_sum from states", stretches)
    expected = " union all ".join(
        f"select 'tickets_{number:03}' as metric, {CELL} as day, count(*) as rows, {'null::numeric' if number % 2 else 'sum(cost)'} as total"
        f" from bench_host.tickets where {condition} group by 2, 3, 4"
        for number, condition in enumerate(conditions())
    )
    different, cells = connection.execute(f"""
        select count(*) filter (where (o.rows, o.total) is distinct from (e.rows, e.total)), count(*)
        from ({expected}) as e
        full join (
            select d.metric_name as metric, ours.organization_id, ours.department_id, ours.day, ours.rows, ours.total
            from bench_volume.ours
            inner join yardstick.metric_definitions as d on (d.compiled #>> '{{measures,n,measure_id}}')::uuid = ours.measure_id
        ) as o using (metric, organization_id, department_id, day)
    """).fetchone()
    connection.execute("drop table bench_volume.ours; reset all")
    if different or not cells:
        raise SystemExit(f"{different} of {cells} cells of filtered metrics are not what their queries give.")


def main(dsn: str, connection, rounds: int, scale: float = 1) -> list[Ratio]:
    lists = {"severities": SEVERITIES, "statuses": STATUSES, "categories": CATEGORIES, "regions": REGIONS}
    connection.execute(HOST)
    # While there are no rows, nothing is queued.
    define(connection)
    connection.execute("select setseed(0.3)")
    connection.execute(TICKETS.format(rows=int(ROWS * scale), **{name: ",".join(values) for name, values in lists.items()}))
    connection.execute("vacuum analyze bench_host.tickets")
    source = volume.source_id(connection, "tickets")
    stretches = statements.weeks_at_once(connection, source)
    measures = statements.measures(connection, source)
    states = statements.scan_of(connection, source, measures)
    connection.execute("delete from yardstick.calculation_slices")
    check(connection, states, stretches)

    def by_hand(session) -> None:
        session.execute("set work_mem = '1GB'")
        session.execute(GROUP_BY)

    def scan(session) -> None:
        states.run(session, EVERY_STATE, stretches)

    def one_by_one(session) -> None:
        session.execute("set work_mem = '1GB'")
        for number, condition in list(enumerate(conditions()))[:: METRICS // SAMPLE]:
            session.execute(f"select count(*), sum(k.rows), sum(k.value) from ({query(number, condition)}) as k")

    times = alternate(dsn, {"hand": by_hand, "states": scan, "each": one_by_one}, rounds)
    each = times["each"] * METRICS / SAMPLE
    connection.execute("update yardstick.metric_definitions set is_active = false where metric_name like 'tickets%'")
    queries = f"one query a metric ({SAMPLE} of them, scaled)"
    return [
        Ratio(f"{METRICS} filtered metrics of a wide source, not written", ANCHOR, times["states"] / times["hand"], 10, 6),
        Ratio(f"{METRICS} filtered metrics of a wide source: times faster", queries, each / times["states"], 3, is_floor=True),
    ]
