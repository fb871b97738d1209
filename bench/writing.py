"""What writing values costs: beside a bare INSERT of the same rows, beside narrow rows, and when nothing has changed."""

from bench import statements, volume
from bench.measure import alternate, measure
from bench.ratios import Ratio

METRICS = 50
COLUMNS = """
organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start, metric_value, previous_value,
change_percentage, target_value, variance_from_target, percentile_rank, calculation_status, calculation_notes, error_code,
data_quality_score, sample_size, confidence_interval, dimensions, metadata, metric_version, calculation_timestamp
"""
KEY = "organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start"
TABLES = """
drop table if exists bench_volume.rows, bench_volume.copy, bench_volume.narrow, bench_volume.narrow_rows cascade;
create table bench_volume.rows as select {columns} from yardstick.metric_calculations order by {key};
create table bench_volume.copy (like yardstick.metric_calculations including all);
create table bench_volume.narrow (series_id integer not null, period date not null, value numeric, primary key (series_id, period));
create table bench_volume.narrow_rows as
select
    dense_rank() over (order by organization_id, metric_id, aggregation_level, aggregation_id)::integer as series_id,
    (period_start at time zone 'UTC')::date as period, metric_value as value
from bench_volume.rows order by 1, 2;
"""
TRACES = "select c.tableoid, c.ctid, c.xmin::text from yardstick.{table} as c order by 1, 2"
VERSIONED = ("metric_calculations", "metric_partials", "metric_series")


def main(dsn: str, connection, rounds: int) -> list[Ratio]:
    volume.forget(connection)
    metrics = connection.execute(
        "select array(select id from yardstick.metric_definitions where metric_name like 'measured%%' order by metric_name limit %s)", [METRICS]
    ).fetchone()[0]
    source = volume.source_id(connection)
    measures = connection.execute(
        "select array_agg((compiled #>> '{measures,n,measure_id}')::uuid) from yardstick.metric_definitions where id = any(%s)", [metrics]
    ).fetchone()[0]
    for low, high in statements.weeks_at_once(connection, source):
        connection.execute("select yardstick_engine.scan_source(%s, %s, %s, %s)", [source, measures, low, high])
    connection.execute("vacuum analyze yardstick.metric_partials, yardstick.metric_series")
    organizations, starts = connection.execute("""
        select array_agg(o.id), array_agg(g.day::date)
        from bench_volume.organizations as o cross join generate_series(timestamp '2025-01-01', '2025-12-31', interval '1 day') as g (day)
    """).fetchone()

    def calculate(session) -> None:
        session.execute(
            "select yardstick_engine.calculate_cells(%s, %s, 1, %s, %s, array_fill(null::text, array[%s]), now())",
            [source, metrics, organizations, starts, len(starts)],
        )

    calculate(connection)
    connection.execute("vacuum analyze yardstick.metric_calculations")
    connection.execute(TABLES.format(columns=COLUMNS, key=KEY))
    check(connection)

    def prepare(name: str) -> None:
        connection.execute("truncate yardstick.metric_calculations, bench_volume.copy, bench_volume.narrow; checkpoint")

    # The table itself, beside it without the engine: the same partitions, keys, checks and triggers.
    works = {
        "ours": calculate,
        "hand": lambda session: session.execute(f"insert into yardstick.metric_calculations ({COLUMNS}) select {COLUMNS} from bench_volume.rows order by {KEY}"),
        "copy": lambda session: session.execute(f"insert into bench_volume.copy ({COLUMNS}) select {COLUMNS} from bench_volume.rows order by {KEY}"),
        "narrow": lambda session: session.execute("insert into bench_volume.narrow select * from bench_volume.narrow_rows order by 1, 2"),
    }  # fmt: skip
    times = alternate(dsn, works, rounds, prepare)
    prepare("")
    for name in ("copy", "narrow"):
        works[name](connection)
    sizes = dict(connection.execute(
        "select n, pg_total_relation_size('bench_volume.' || n)::float from unnest(array['copy', 'narrow']) as n (n)"
    ).fetchall())  # fmt: skip
    return [
        Ratio(f"daily values of {METRICS} metrics calculated and written", "INSERT of the same rows into the same table", times["ours"] / times["hand"], 2, 1.3),
        Ratio("a stored value: CPU", "a narrow row (series, day, value) with its key", times["copy"] / times["narrow"], 4, 2),
        Ratio("a stored value: bytes, with its key", "a narrow row (series, day, value) with its key", sizes["copy"] / sizes["narrow"], 3, 2),
        *unchanged(dsn, connection, calculate),
    ]  # fmt: skip


def check(connection) -> None:
    different, values = connection.execute("""
        select count(*) filter (where (r.metric_value, r.sample_size) is distinct from (h.total, h.rows)), count(*)
        from (
            select d.metric_name, r.organization_id, r.aggregation_id, (r.period_start at time zone 'UTC')::date as day, r.metric_value, r.sample_size
            from bench_volume.rows as r inner join yardstick.metric_definitions as d on d.id = r.metric_id
        ) as r
        full join (
            select metric_name, organization_id, case grouping(department_id) when 0 then department_id else organization_id end as aggregation_id,
                (measurement_date at time zone 'UTC')::date as day, sum(value) as total, count(*) as rows
            from yardstick.analytics_metrics
            where metric_name in (select d.metric_name from bench_volume.rows as r inner join yardstick.metric_definitions as d on d.id = r.metric_id)
            group by grouping sets ((1, 2, 4, department_id), (1, 2, 4))
        ) as h using (metric_name, organization_id, aggregation_id, day)
    """).fetchone()
    if different or not values:
        raise SystemExit(f"{different} of {values} values are not what the observations give.")


def unchanged(dsn: str, connection, calculate) -> list[Ratio]:
    """The same again: no row version, and how much WAL."""
    def wal() -> int:
        return connection.execute("select (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()[0]

    def traces() -> list:
        return [connection.execute(TRACES.format(table=table)).fetchall() for table in VERSIONED]

    start = wal()
    measure(dsn, calculate)
    first = wal() - start
    before, start = traces(), wal()
    measure(dsn, calculate)
    again = wal() - start
    new = sum(left != right for left, right in zip(before, traces(), strict=True))
    return [
        Ratio("the same values calculated again: tables with a new row version", "none", new, 0),
        Ratio("the same values calculated again: WAL", "the WAL of the first time", again / first),
    ]
