"""A full run of everything due, and then one row in a hundred more: new days, and late rows of the sixty days before."""

import threading

from bench import volume
from bench.measure import TICKS, measure
from bench.ratios import Ratio

ANCHOR = "the full run of the same metrics"
STATISTICS = "vacuum analyze yardstick.metric_calculations, yardstick.metric_partials, yardstick.metric_series, yardstick.metric_details"
COMPARED = """
organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start, metric_value, previous_value,
change_percentage, sample_size, calculation_status, metadata
"""
DIFFERENCES = """
select
    (select count(*) from (select * from bench_volume.refreshed except select {columns} from yardstick.metric_calculations) as k)
    + (select count(*) from (select {columns} from yardstick.metric_calculations except select * from bench_volume.refreshed) as k),
    (select count(*) from bench_volume.refreshed)
"""


def new_rows(connection, rows: int, number: int) -> None:
    """Nine of ten in the week that follows, one of ten late; the triggers note what changed."""
    low, high = (f"2026-01-{1 + 7 * number + extra:02}" for extra in (0, 7))
    connection.execute("select setseed(%s)", [0.1 + number / 10])
    connection.execute(volume.observations("yardstick.analytics_metrics", rows, low, high, 0.1, 67))
    connection.execute("analyze yardstick.analytics_metrics")


def full(dsn: str, connection, workers: int) -> tuple[float, float]:
    """CPU and wall seconds of calculating everything from nothing."""
    volume.forget(connection)
    volume.queue(connection, volume.source_id(connection))
    spent = []
    threads = [threading.Thread(target=lambda: spent.append(measure(dsn, volume.calculate))) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(spent) < workers:
        raise SystemExit("A worker failed.")
    return max(sum(cpu for cpu, _ in spent), 1 / TICKS), max(wall for _, wall in spent)


def refreshed(dsn: str, connection, rows: int, number: int, check=None) -> tuple[float, float]:
    """CPU of the refresh after more rows over that of the full run, and wall of two workers over that of one; all give the same values."""
    # The first run has no statistics, costs more for it, and would flatter what is held against it.
    full(dsn, connection, 1)
    connection.execute(STATISTICS)
    cpu, wall = full(dsn, connection, 1)
    if check:
        check(connection)
    connection.execute(STATISTICS)
    new_rows(connection, rows, number)
    again, _ = measure(dsn, volume.calculate)
    connection.execute("drop table if exists bench_volume.refreshed")
    connection.execute(f"create table bench_volume.refreshed as select {COMPARED} from yardstick.metric_calculations")
    _, both = full(dsn, connection, 2)
    different, values = connection.execute(DIFFERENCES.format(columns=COMPARED)).fetchone()
    if different or not values:
        raise SystemExit(f"{different} of {values} values differ between a refresh and a calculation from nothing by two workers.")
    return again / cpu, both / wall


def main(dsn: str, connection, scale: float = 1) -> list[Ratio]:
    rows = max(int(volume.ROWS * scale) // 100, 1)
    sums, both = refreshed(dsn, connection, rows, 0, volume.check_values)
    connection.execute("update yardstick.metric_definitions set is_active = metric_name like 'p95%'")
    lists, _ = refreshed(dsn, connection, rows, 1)
    connection.execute("update yardstick.metric_definitions set is_active = metric_name like 'measured%'")
    return [
        Ratio("everything from nothing, two workers at once: wall", "one worker: wall", both),
        Ratio(f"1 % new and late rows, {volume.METRICS} metrics whose states subtract", ANCHOR, sums, 0.08, 0.04),
        Ratio("1 % new and late rows, percentiles", ANCHOR, lists, 0.25, 0.1),
    ]
