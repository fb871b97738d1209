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

PEOPLE = f"""
select yardstick_api.sync_organization(jsonb_build_object('external_id', 'o' || n, 'organization_name', 'Organization ' || n))
from generate_series(1, {ORGANIZATIONS}) as n;
create table bench_volume.organizations as
select o.id, substr(o.external_id, 2)::integer as number from yardstick.organizations as o where o.external_id ~ '^o[0-9]+$';
insert into yardstick.departments (organization_id, department_name, external_id)
select o.id, 'Department ' || n, 'd' || n from bench_volume.organizations as o cross join generate_series(1, {DEPARTMENTS}) as n
order by o.number, n;
create table bench_volume.series (number integer primary key, metric_name text, organization_id uuid, department_id uuid);
select setseed(0.5);
insert into bench_volume.series
select row_number() over (order by k.shuffle), k.metric_name, k.organization_id, d.id
from (
    select
        random() as shuffle, 'measured_' || lpad((n % {METRICS} + 1)::text, 3, '0') as metric_name, o.id as organization_id,
        'd' || floor({DEPARTMENTS} * power(random(), 1.3)) + 1 as department
    from generate_series(0, {METRICS * 40 - 1}) as n
    cross join lateral (select floor({ORGANIZATIONS} * power(random(), 1.5) + 0 * n)::integer + 1 as number) as r
    inner join bench_volume.organizations as o on o.number = r.number
) as k
inner join yardstick.departments as d on d.organization_id = k.organization_id and d.external_id = k.department;
analyze bench_volume.series;
"""

# A row in a hundred more, of the days after, or up to sixty days late.
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
