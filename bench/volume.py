"""The rows that the ratios are measured on: 200 metrics of 50 organizations with 20 departments each, a year of observations.

A few organizations, departments and metrics have most of the rows; 40 of the 1,000 departments observe a metric, and 3 of 100 rows come
late. The same rows each time. At scale 1 there are 4,000,000, in 1.1 million department-days.
"""

import json

ROWS = 4_000_000
METRICS = 200
ORGANIZATIONS = 50
DEPARTMENTS = 20
START, END = "2025-01-01", "2026-01-01"
WINDOWS = ("daily", "weekly", "monthly", "quarterly", "annual")

PEOPLE = """
select yardstick_api.sync_organization(jsonb_build_object('external_id', 'o' || n, 'organization_name', 'Organization ' || n))
from generate_series(1, {organizations}) as n;
create table bench_volume.organizations as
select o.id, substr(o.external_id, 2)::integer as number from yardstick.organizations as o where o.external_id ~ '^o[0-9]+$';
insert into yardstick.departments (organization_id, department_name, external_id)
select o.id, 'Department ' || n, 'd' || n from bench_volume.organizations as o cross join generate_series(1, {departments}) as n
order by o.number, n;
create table bench_volume.series (number integer primary key, metric_name text, organization_id uuid, department_id uuid);
select setseed(0.5);
insert into bench_volume.series
select row_number() over (order by k.shuffle), k.metric_name, k.organization_id, d.id
from (
    select
        random() as shuffle, 'measured_' || lpad((n % {metrics} + 1)::text, 3, '0') as metric_name, o.id as organization_id,
        'd' || floor({departments} * power(random(), 1.3)) + 1 as department
    from generate_series(0, {series} - 1) as n
    cross join lateral (select floor({organizations} * power(random(), 1.5) + 0 * n)::integer + 1 as number) as r
    inner join bench_volume.organizations as o on o.number = r.number
) as k
inner join yardstick.departments as d on d.organization_id = k.organization_id and d.external_id = k.department;
analyze bench_volume.series;
"""

OBSERVATIONS = """
insert into {target} (organization_id, metric_name, metric_category, value, department_id, user_id, measurement_date)
select s.organization_id, s.metric_name, 'operational', r.value, s.department_id, r.user_id, r.measured_at
from (
    select
        n,
        floor({series} * power(random(), 6))::integer + 1 as number,
        (random() * 10000)::numeric(15, 4) as value,
        ('00000000-0000-7000-8000-' || lpad((random() * 2000)::integer::text, 12, '0'))::uuid as user_id,
        case when random() < {late} then timestamptz '{end}' - {late_days} * random() * interval '1 day'
            else timestamptz '{start}' + (timestamptz '{end}' - timestamptz '{start}') * ((n - random()) / {rows}) end as measured_at
    from generate_series(1, {rows}) as n
) as r
inner join bench_volume.series as s on s.number = r.number
order by r.n
"""


def observations(target: str, rows: int, start: str, end: str, late: float, late_days: int) -> str:
    series = METRICS * 40
    return OBSERVATIONS.format(target=target, rows=rows, start=start, end=end, late=late, late_days=late_days, series=series)


def set_up(connection) -> None:
    """Organizations, departments, partitions; no observations, so that a metric defined now queues nothing."""
    connection.execute("drop schema if exists bench_volume cascade; create schema bench_volume")
    connection.execute("select yardstick_api.set_approval_gates(null, '{}', 'rows of a bench')")
    people = {"organizations": ORGANIZATIONS, "departments": DEPARTMENTS, "metrics": METRICS, "series": METRICS * 40}
    connection.execute(PEOPLE.format(**people))
    for table in ("analytics_metrics", "metric_partials", "metric_details"):
        connection.execute("select yardstick.ensure_year_partitions(%s, '2024-12-25', '2026-12-31')", [table])


def fill(connection, rows: int) -> None:
    """Observations of a year, noted by no trigger."""
    connection.execute("alter table yardstick.analytics_metrics disable trigger user")
    connection.execute("select setseed(0.7)")
    connection.execute(observations("yardstick.analytics_metrics", rows, START, END, 0.03, 365))
    connection.execute("alter table yardstick.analytics_metrics enable trigger user")
    connection.execute("vacuum analyze yardstick.analytics_metrics, yardstick.departments")


def define(connection, numbers, measure: dict, name: str = "measured", **keys) -> None:
    """A metric for each number, of the observations of that number."""
    for number in numbers:
        definition = {
            "metric_name": f"{name}_{number:03}", "display_name": f"{name} {number}", "calculation_method": "aggregation",
            "data_sources": {"source": "analytics_metrics", "key": f"measured_{number:03}", "measures": {"n": measure}},
            "aggregation_levels": ["org", "dept"], "time_windows": list(WINDOWS), "refresh_frequency": "real_time", **keys,
        }  # fmt: skip
        connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(definition)])


def source_id(connection, name: str = "analytics_metrics"):
    return connection.execute("select id from yardstick.metric_sources where source_name = %s", [name]).fetchone()[0]


CALCULATED = (
    "metric_partials", "metric_details", "metric_series", "metric_calculations", "calculation_slices", "metric_dirty", "metric_pending",
    "calculation_costs",
)  # fmt: skip


def forget(connection) -> None:
    """Back to nothing calculated and nothing queued."""
    connection.execute("truncate " + ", ".join(f"yardstick.{table}" for table in CALCULATED) + "; checkpoint")


def queue(connection, source_id) -> None:
    """All weeks of all measures of the active metrics of a source, those of later rows included."""
    connection.execute(
        """
        select yardstick_engine.queue_weeks(m.source_id, array_agg(m.id order by m.id), %(start)s::date - 1, %(end)s::date + 21)
        from yardstick.metric_measures as m
        where m.source_id = %(source)s and exists (select from yardstick_engine.measure_uses(array[m.id]))
        group by m.source_id
        """,
        {"source": source_id, "start": START, "end": END},
    )


def calculate(session) -> None:
    """All that is due, as the job does it."""
    while True:
        session.execute("call yardstick_engine.calculate_due()")
        left, failed = session.execute(
            "select count(*), min(error_code || ' ' || error_message) from yardstick.calculation_slices"
        ).fetchone()
        if failed:
            raise SystemExit(f"A slice failed: {failed}")
        if not left:
            return


# Every value of sums against the observations, in all windows and at both levels.
DIFFERENCES = """
with days as (
    select a.metric_name, a.organization_id, a.department_id, (a.measurement_date at time zone 'UTC')::date as day, sum(a.value) as total, count(*) as rows
    from yardstick.analytics_metrics as a
    group by 1, 2, 3, 4
),
windows (time_window, field) as (values ('daily', 'day'), ('weekly', 'week'), ('monthly', 'month'), ('quarterly', 'quarter'), ('annual', 'year')),
expected as (
    select d.metric_name, d.organization_id, 'dept' as level, d.department_id as scope_id, w.time_window, date_trunc(w.field, d.day::timestamp) as start,
        sum(d.total) as total, sum(d.rows) as rows
    from days as d cross join windows as w group by 1, 2, 3, 4, 5, 6
    union all
    select d.metric_name, d.organization_id, 'org', d.organization_id, w.time_window, date_trunc(w.field, d.day::timestamp), sum(d.total), sum(d.rows)
    from days as d cross join windows as w group by 1, 2, 3, 4, 5, 6
)
select count(*) filter (where e.total is distinct from c.metric_value or e.rows is distinct from c.sample_size), count(*)
from expected as e
full join (
    select d.metric_name, c.organization_id, c.aggregation_level as level, c.aggregation_id as scope_id, c.time_window,
        c.period_start at time zone 'UTC' as start, c.metric_value, c.sample_size
    from yardstick.metric_calculations as c inner join yardstick.metric_definitions as d on d.id = c.metric_id
    where d.metric_name like 'measured%'
) as c using (metric_name, organization_id, level, scope_id, time_window, start)
"""


def check_values(connection) -> int:
    """How many values stand, all of them right."""
    connection.execute("set work_mem = '512MB'")
    different, values = connection.execute(DIFFERENCES).fetchone()
    connection.execute("reset work_mem")
    if different or not values:
        raise SystemExit(f"{different} of {values} values are not what the observations give.")
    return values
