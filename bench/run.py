"""Each part of Yardstick beside what it is held against: CPU of the backend, alternating rounds, a module for each workload.

BENCH         workloads to run, with commas between (default: all but memory, which takes minutes more).
BENCH_SCALE   1 (default) is 4,000,000 observations and the published year of flights; 0.25 is a quarter of each.
BENCH_ROUNDS  rounds that count, after one that warms up (default 5 for the flights, 3 for the others).
bench/RESULTS.md keeps what runs at scale 1, of ratios from 0.25 on. At 1 and more a missed limit ends the last workload with exit code 1.
An argument names a database that is deployed and may be emptied; without one, a database is made anew, and another for volume.
"""

import os
import statistics
import sys
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from bench import (
    audit,
    capture,
    long,
    memory,
    organizations,
    percentiles,
    ratios,
    reads,
    refresh,
    results,
    sandbox,
    snapshots,
    volume,
    wide,
    writing,
)
from bench.measure import connect, cpu_seconds, measure
from runner import jobs
from runner.deploy import deploy
from runner.examples import set_up_flights
from runner.target import Target

FOLDER = Path(__file__).parent
LIMIT = 2.0
DATABASE = "yardstick_bench"
VOLUME = {"long": long, "percentiles": percentiles, "wide": wide, "writing": writing, "refresh": refresh}
OTHERS = ("flights", "sandbox", "audit", "capture", "snapshots", "reads")
OWN = ("organizations",)
CALCULATED = (
    "yardstick.metric_partials", "yardstick.metric_series", "yardstick.metric_calculations",
    "yardstick.calculation_slices", "yardstick.metric_dirty", "yardstick.source_changes", "bench.metric_calculations",
)  # fmt: skip


def text_of(name: str) -> str:
    return (FOLDER / "sql" / name).read_text()


def make_database(name: str = DATABASE) -> str:
    target = Target()
    if target.is_embedded:
        target.cluster.up()
    with target.connect(dbname="postgres") as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name}")
    dsn = target.conninfo(dbname=name)
    deploy(Target(dsn))
    with connect(dsn) as connection:
        # Scheduled work would run beside what is measured.
        jobs.unregister(Target(dsn), connection)
        # What another process does for a session is not in its CPU time.
        connection.execute(f"alter database {name} set max_parallel_workers_per_gather = 0")
    return dsn


def resize(connection: psycopg.Connection, scale: float) -> None:
    """More years of the same flights, on the same weekdays, or less of the year."""
    for year in range(1, int(scale)):
        connection.execute(
            """
            insert into flights.flights
            select
                year, month, day, dep_time, sched_dep_time, dep_delay, arr_time, sched_arr_time, arr_delay,
                carrier, flight, tailnum, origin, dest, air_time, distance, hour, minute,
                -- By the clock, so that no flight changes its day where summer time begins.
                (time_hour at time zone 'America/New_York' - %s * interval '364 days')
                at time zone 'America/New_York'
            from flights.flights
            where time_hour >= '2013-01-01 00:00-05'
            """,
            [year],
        )
    if scale < 1:
        connection.execute(
            "delete from flights.flights where time_hour >= timestamptz '2013-01-01 00:00-05' + %s * interval '1 day'",
            [round(365 * scale)],
        )
    connection.execute("vacuum analyze flights.flights")


def empty(connection: psycopg.Connection) -> None:
    """Back to nothing calculated, everything due; what this costs is nobody's time."""
    connection.execute(f"truncate {', '.join(CALCULATED)}")
    connection.execute(
        "select yardstick_engine.queue_history(id) from yardstick.metric_definitions where deleted_at is null"
    )
    connection.execute("checkpoint")


def by_yardstick(connection: psycopg.Connection) -> None:
    while connection.execute("select exists (select from yardstick.calculation_slices)").fetchone()[0]:
        connection.execute("call yardstick_engine.calculate_due()")
        failed = connection.execute(
            "select error_code, error_message from yardstick.calculation_slices where error_code is not null limit 1"
        ).fetchone()
        if failed:
            sys.exit(f"A slice failed: {failed}")


def by_hand(connection: psycopg.Connection) -> None:
    connection.execute(text_of("flights_by_hand.sql"))


def main() -> None:
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "0"))
    wanted = os.environ.get("BENCH", "").replace(",", " ").split() or [*OTHERS, *VOLUME, *OWN]
    if "memory" in wanted and len(wanted) > 1:
        sys.exit("The workload memory has rows of its own and runs alone: BENCH=memory")
    if unknown := set(wanted) - {*OTHERS, *VOLUME, *OWN, "memory"}:
        sys.exit(f"There is no workload {', '.join(sorted(unknown))}: {', '.join([*OTHERS, *VOLUME, *OWN, 'memory'])}")
    given = sys.argv[1] if len(sys.argv) > 1 else None
    are_within = []
    if set(wanted) & set(OTHERS):
        dsn = given or make_database()
        if "flights" in wanted:
            are_within.append(flights(dsn, scale, rounds or 5))
        if "sandbox" in wanted:
            are_within.append(sandbox.main(dsn))
        if "audit" in wanted:
            are_within.append(audit.main(dsn, cpu_seconds))
        if "capture" in wanted:
            are_within.append(capture.main(dsn, measure))
        if "snapshots" in wanted:
            are_within.append(snapshots.main(dsn, measure))
        if "reads" in wanted:
            are_within.append(reads.main(dsn))
    if set(wanted) & {*VOLUME, "memory"}:
        are_within.append(by_volume(wanted, given or make_database(f"{DATABASE}_volume"), scale, rounds or 3))
    if "organizations" in wanted:
        are_within.append(by_organizations(make_database(f"{DATABASE}_organizations"), scale))
    if scale >= 1 and not all(are_within):
        sys.exit(1)


def by_organizations(dsn: str, scale: float) -> bool:
    with connect(dsn) as connection:
        connection.execute("set client_min_messages = warning")
        found = organizations.main(dsn, connection, scale)
        ratios.show(found)
        if scale >= 0.25:
            organizations.keep(found, connection.execute("show server_version").fetchone()[0].split()[0])
    return not any(ratio.is_missed for ratio in found)


def by_volume(wanted: list[str], dsn: str, scale: float, rounds: int) -> bool:
    """The workloads of many rows, one after the other on the same rows; memory has its own."""
    found = []
    with connect(dsn) as connection:
        connection.execute("set client_min_messages = warning")
        version = connection.execute("show server_version").fetchone()[0].split()[0]
        volume.set_up(connection)
        volume.define(connection, range(1, volume.METRICS + 1), {"agg": "sum"})
        percentiles.define(connection)
        volume.fill(connection, int((memory.ROWS if wanted == ["memory"] else volume.ROWS) * scale))
        for name, workload in VOLUME.items():
            if name in wanted:
                sized = {"scale": scale} if workload in (wide, refresh) else {"rounds": rounds}
                if workload is wide:
                    sized["rounds"] = rounds
                part = workload.main(dsn, connection, **sized)
                ratios.show(part)
                found += part
        if "memory" in wanted:
            part = memory.main(dsn, connection, scale)
            ratios.show(part)
            found += part
    if scale >= 0.25:
        ratios.keep(found, f"{int(volume.ROWS * scale):,} observations of {volume.METRICS} metrics in a year, {rounds} rounds.", version)
    return not any(ratio.is_missed for ratio in found)


def flights(dsn: str, scale: float, rounds: int) -> bool:
    """Calculation of the flights from nothing, beside hand-written SQL."""
    console = Console()
    times = {"yardstick": [], "hand": []}
    with connect(dsn) as connection:
        set_up_flights(connection)
        resize(connection, scale)
        version = connection.execute("show server_version").fetchone()[0].split()[0]
        flights = connection.execute("select count(*) from flights.flights").fetchone()[0]
        # The first calculation makes the partitions that the copy then takes over.
        connection.execute("call yardstick_engine.calculate_due()")
        connection.execute(text_of("copy_table.sql"))
        for number in range(rounds + 1):
            empty(connection)
            order = [("yardstick", by_yardstick), ("hand", by_hand)]
            for name, work in order if number % 2 else reversed(order):
                cpu, wall = measure(dsn, work)
                if number:
                    times[name].append((cpu, wall))
            console.print(
                f"round {number}: "
                + ", ".join(f"{name} {values[-1][0]:.2f} s" for name, values in times.items() if values)
                if number
                else "warmed up"
            )
            different = connection.execute(text_of("differences.sql")).fetchone()[0]
            if different:
                sys.exit(f"{different} values differ between Yardstick and the hand-written SQL.")
        values = connection.execute("select count(*) from bench.metric_calculations").fetchone()[0]
    return report(console, times, scale, version, flights, values)


def report(console: Console, times: dict, scale: float, version: str, flights: int, values: int) -> bool:
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in times.items()}
    ratio = medians["yardstick"][0] / medians["hand"][0]
    size = f"{flights:,} flights, {values:,} values written, {len(times['hand'])} alternating rounds"
    console.print(size)
    table = Table(box=None)
    for heading in ("", "CPU s (median)", "wall s", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    lines = ["| | CPU s (median) | wall s | ratio |", "|---|---|---|---|"]
    for name, label in (("hand", "hand-written SQL"), ("yardstick", "Yardstick")):
        cpu, wall = medians[name]
        cells = (label, f"{cpu:.2f}", f"{wall:.2f}", f"{cpu / medians['hand'][0]:.2f}")
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    verdict = "within" if ratio <= LIMIT else "ABOVE"
    console.print(table)
    console.print(f"ratio {ratio:.2f}, {verdict} the limit {LIMIT:.1f}; all values equal")
    paragraphs = [
        "Written by `make bench`. CPU time (user and system) of the backend, COMMIT included; wall time "
        "depends on what else runs. Both wrote every column that the product fills, and all were equal each time.",
        f"{size}.",
        "\n".join(lines),
        f"Ratio **{ratio:.2f}**, limit {LIMIT:.1f}. {results.setting(version)}.",
    ]
    if scale == 1:
        results.keep("Calculation", paragraphs)
    return ratio <= LIMIT
