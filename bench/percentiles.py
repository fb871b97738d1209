"""A fifth of the metrics wants a percentile: what keeping their values adds to the scan, and whether it is exact."""

from bench import statements, volume
from bench.measure import alternate
from bench.ratios import Ratio

PERCENTILES = 40
EXACT = """
with hand as (
    select metric_name, organization_id, department_id, (measurement_date at time zone 'UTC')::date as day, array_agg(value order by value) as sorted
    from yardstick.analytics_metrics where metric_name <= %s group by 1, 2, 3, 4
)
select
    count(*) filter (where o.value_list is distinct from h.sorted or abs(
        yardstick_engine.percentile_of(o.value_list, 95) - (
            select percentile_cont(0.95) within group (order by v::float8) from unnest(h.sorted) as v
        )::numeric
    ) > 0.000001),
    count(*)
from (
    select ours.organization_id, m.measure_key as metric_name, aggregation_id as department_id, local_date as day, value_list
    from bench_volume.ours inner join yardstick.metric_measures as m on m.id = measure_id
) as o
full join hand as h using (organization_id, metric_name, department_id, day)
"""


def define(connection) -> None:
    """Asleep until their workload wakes them."""
    volume.define(connection, range(1, PERCENTILES + 1), {"agg": "percentile", "p": 95}, "p95")
    connection.execute("update yardstick.metric_definitions set is_active = false where metric_name like 'p95%'")


def main(dsn: str, connection, rounds: int) -> list[Ratio]:
    connection.execute("update yardstick.metric_definitions set is_active = true where metric_name like 'p95%'")
    source = volume.source_id(connection)
    stretches = statements.weeks_at_once(connection, source)
    both = statements.measures(connection, source, "sums", "list")
    groups = connection.execute("select measure_ids from yardstick_engine.scan_groups(%s)", [both]).fetchall()
    if len(groups) > 1:
        raise SystemExit("The engine reads the rows once for sums and lists together; this measures one statement.")
    sums, fused = (statements.scan_of(connection, source, ids) for ids in (statements.measures(connection, source), both))
    connection.execute("drop table if exists bench_volume.ours; create table bench_volume.ours"
        " (organization_id uuid, measure_id uuid, aggregation_id uuid, local_date date, value_list numeric[])")  # fmt: skip
    fused.keep(connection, "organization_id, measure_id, aggregation_id, local_date, value_list from states where is_list", stretches)
    different, cells = connection.execute(EXACT, [f"measured_{PERCENTILES:03}"]).fetchone()
    connection.execute("drop table bench_volume.ours; reset all; delete from yardstick.calculation_slices")
    if different or not cells:
        raise SystemExit(f"{different} of {cells} lists of values are not those of the rows.")

    def with_lists(session) -> None:
        fused.count(session, statements.LISTS, stretches)

    def without(session) -> None:
        sums.count(session, statements.SUMS, stretches)

    times = alternate(dsn, {"without": without, "with": with_lists}, rounds)
    connection.execute("update yardstick.metric_definitions set is_active = false where metric_name like 'p95%'")
    return [
        Ratio(
            f"{PERCENTILES} of 200 metrics want an exact percentile besides, scan not written", "the same scan without them",
            times["with"] / times["without"], 1.35, 1.2,
        )
    ]  # fmt: skip


