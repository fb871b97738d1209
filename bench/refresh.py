"""A full run of everything due, and then one row in a hundred more: new days, and late rows of the sixty days before."""

import threading

from bench import volume
from bench.measure import TICKS, measure
from bench.ratios import Ratio

ANCHOR = "the full run of the same metrics"
ORDER = "organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start"
COMPARED = f"{ORDER}, metric_value, previous_value, change_percentage, sample_size, calculation_status, metadata"


def new_rows(connection, rows: int, number: int) -> None:
    """Nine of ten in the week that follows, one of ten late; the triggers note what changed."""
    low, high = (f"2026-01-{1 + 7 * number + extra:02}" for extra in (0, 7))
    connection.execute("select setseed(%s)", [0.1 + number / 10])
    connection.execute(volume.observations("yardstick.analytics_metrics", rows, low, high, 0.1, 67))
    connection.execute("analyze yardstick.analytics_metrics")


def keep(connection, table: str) -> None:
    connection.execute(f"drop table if exists bench_volume.{table}; create table bench_volume.{table} as select {COMPARED} from yardstick.metric_calculations")


def refreshed(dsn: str, connection, rows: int, number: int) -> tuple[float, float]:
    """CPU seconds of a full run and of the refresh after more rows; the values of both ways are the same."""
    source = volume.source_id(connection)

    def full() -> float:
        volume.forget(connection)
        volume.queue(connection, source)
        connection.execute("truncate yardstick.metric_dirty")
        return measure(dsn, volume.calculate)[0]

    before = full()
    connection.execute("vacuum analyze yardstick.metric_calculations, yardstick.metric_partials, yardstick.metric_series, yardstick.metric_details")
    new_rows(connection, rows, number)
    after = measure(dsn, volume.calculate)[0]
    keep(connection, "refreshed")
    full()
    keep(connection, "anew")
    different, values = connection.execute("""
        select (select count(*) from (table bench_volume.refreshed except table bench_volume.anew) as k)
            + (select count(*) from (table bench_volume.anew except table bench_volume.refreshed) as k), (select count(*) from bench_volume.anew)
    """).fetchone()
    if different or not values:
        raise SystemExit(f"{different} of {values} values differ between a refresh and a calculation from nothing.")
    return max(before, 1 / TICKS), after


def main(dsn: str, connection, scale: float = 1) -> list[Ratio]:
    rows = max(int(volume.ROWS * scale) // 100, 1)
    one, two = walls(dsn, connection)
    volume.check_values(connection)
    sums = refreshed(dsn, connection, rows, 0)
    connection.execute("update yardstick.metric_definitions set is_active = metric_name like 'p95%'")
    lists = refreshed(dsn, connection, rows, 1)
    connection.execute("update yardstick.metric_definitions set is_active = metric_name like 'measured%'")
    return [
        Ratio("two workers, everything from nothing: wall", "one worker: wall", two / one),
        Ratio("1 % new and late rows, 200 metrics whose states subtract", ANCHOR, sums[1] / sums[0], 0.08, 0.04),
        Ratio("1 % new and late rows, 40 percentiles", ANCHOR, lists[1] / lists[0], 0.25, 0.1),
    ]


def walls(dsn: str, connection) -> tuple[float, float]:
    """Wall seconds of one worker and of two at once, from nothing."""
    found = []
    for workers in (1, 2):
        volume.forget(connection)
        volume.queue(connection, volume.source_id(connection))
        spent = []

        def work(spent: list = spent) -> None:
            spent.append(measure(dsn, volume.calculate)[1])

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(spent) < workers:
            raise SystemExit("A worker failed.")
        found.append(max(spent))
    return found[0], found[1]
