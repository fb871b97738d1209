"""What each organization costs where there are thousands: from nothing, when a row of one of them comes late, and when nothing is due."""

from bench import ratios, results, volume
from bench.measure import TICKS, measure
from bench.ratios import Ratio

ORGANIZATIONS = 1000
TIMES = 4
METRICS = 10
LATE = 5
TICKS_WITHOUT_WORK = 10
HEADING = "Many organizations"
ZONES = "array['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu']"
PEOPLE = """
select yardstick_api.sync_organization(jsonb_build_object('external_id', 'm' || n, 'organization_name', 'Organization ' || n))
from generate_series({first}, {last}) as n;
-- Each would be looked for among all zones of the server.
alter table yardstick.organizations disable trigger check_timezone;
update yardstick.organizations as o set timezone = ({zones})[1 + substr(o.external_id, 2)::integer % 4] where o.external_id ~ '^m[0-9]+$';
alter table yardstick.organizations enable trigger check_timezone;
alter table yardstick.analytics_metrics disable trigger user;
insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)
select o.id, 'measured_' || lpad(m::text, 3, '0'), 'operational', m + day, timestamptz '2026-02-02 12:00+00' + day * interval '1 day'
from yardstick.organizations as o cross join generate_series(1, {metrics}) as m cross join generate_series(0, 1) as day
where o.external_id ~ '^m[0-9]+$' and substr(o.external_id, 2)::integer between {first} and {last};
alter table yardstick.analytics_metrics enable trigger user;
delete from yardstick.metric_dirty;
delete from yardstick.calculation_slices;
vacuum analyze;
"""
LATE_ROW = """
insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)
select o.id, 'measured_001', 'operational', 1, '2026-02-03 12:30+00'
from yardstick.organizations as o where o.external_id = 'm' || %s
"""
WRONG = """
select count(*)
from (
    select a.organization_id, d.id as metric_id, (a.measurement_date at time zone o.timezone)::date as local_date, sum(a.value) as total
    from yardstick.analytics_metrics as a
    inner join yardstick.organizations as o on o.id = a.organization_id
    inner join yardstick.metric_definitions as d on d.metric_name = a.metric_name
    group by 1, 2, 3
) as wanted
full join (
    select c.organization_id, c.metric_id, (c.period_start at time zone o.timezone)::date as local_date, c.metric_value as total
    from yardstick.metric_calculations as c
    inner join yardstick.organizations as o on o.id = c.organization_id
    where c.time_window = 'daily' and c.aggregation_level = 'org'
) as found using (organization_id, metric_id, local_date)
where wanted.total is distinct from found.total
"""


def add(connection, first: int, last: int) -> None:
    people = PEOPLE.format(first=first, last=last, zones=ZONES, metrics=METRICS)
    for statement in people.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def costs(dsn: str, connection, organizations: int) -> dict[str, float]:
    """CPU seconds of a calculation from nothing, of a few late rows one by one, and of as many ticks with nothing to do."""
    volume.forget(connection)
    connection.execute("select yardstick_engine.queue_history(id) from yardstick.metric_definitions where deleted_at is null")
    nothing, _ = measure(dsn, volume.calculate)
    connection.execute("vacuum analyze")
    measure(dsn, volume.calculate)
    late = 0.0
    for number in range(LATE):
        connection.execute(LATE_ROW, [1 + number * organizations // LATE])
        late += measure(dsn, volume.calculate)[0]
    wrong = connection.execute(WRONG).fetchone()[0]
    if wrong:
        raise SystemExit(f"{wrong} daily values of {organizations} organizations differ from the sums of their rows.")

    def idle(session) -> None:
        for _ in range(TICKS_WITHOUT_WORK):
            volume.calculate(session)

    return {name: max(cpu, 1 / TICKS) for name, cpu in (("nothing", nothing), ("late", late), ("idle", measure(dsn, idle)[0]))}


def main(dsn: str, connection, scale: float = 1) -> list[Ratio]:
    few = max(int(ORGANIZATIONS * scale), 4)
    many = few * TIMES
    connection.execute("select yardstick_api.set_approval_gates(null, '{}', 'rows of a bench')")
    for table in ("analytics_metrics", "metric_partials", "metric_details"):
        connection.execute("select yardstick.ensure_year_partitions(%s, '2026-01-01', '2026-12-31')", [table])
    volume.define(connection, range(1, METRICS + 1), {"agg": "sum"})
    connection.execute("update yardstick.metric_definitions set time_windows = '{daily,monthly}' where metric_name like 'measured%'")
    add(connection, 1, few)
    before = costs(dsn, connection, few)
    add(connection, few + 1, many)
    after = costs(dsn, connection, many)
    return [
        Ratio(f"{many:,} organizations calculated from nothing", f"{TIMES} x {few:,} organizations", after["nothing"] / before["nothing"] / TIMES, 1.5, 1.1),
        Ratio(f"a late row of one of {many:,} organizations", f"of one of {few:,}", after["late"] / before["late"], 3, 1.5),
        Ratio(f"a tick without work of {many:,} organizations", f"of {few:,}", after["idle"] / before["idle"], 4, 2),
    ]  # fmt: skip


def keep(found: list[Ratio], version: str) -> None:
    lines = [f"| {' | '.join(ratios.COLUMNS)} |", ratios.RULE, *(f"| {' | '.join(ratio.cells)} |" for ratio in found)]
    results.keep(HEADING, [
        f"CPU time of the backend: {METRICS} metrics of two days in four time zones, daily and monthly; what grows with the square of the "
        f"organizations would cost {TIMES} times as much an organization, and {TIMES**2} times as much a row or a tick. Daily values equal the sums of their rows.",
        "\n".join(lines),
        f"{results.setting(version)}.",
    ])  # fmt: skip
