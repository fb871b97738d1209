"""Calculation of the flights from nothing, beside hand-written SQL: CPU of the backend, alternating rounds.
Then the sandbox, the audit, the triggers on captured tables, snapshots and reads by BI logins: the modules beside this one.

BENCH_SCALE  1 (default) is the published year; 2 adds the same flights 52 weeks earlier; 0.25 is a quarter.
BENCH_ROUNDS rounds that count, after one that warms up (default 5).
The published year is what bench/RESULTS.md keeps.
An argument names a database that is deployed and may be emptied; without one, yardstick_bench is made anew.
"""

import os
import statistics
import sys
import time
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from bench import audit, capture, reads, results, sandbox, snapshots
from runner import jobs
from runner.deploy import deploy
from runner.examples import set_up_flights
from runner.target import Target

FOLDER = Path(__file__).parent
LIMIT = 2.0
DATABASE = "yardstick_bench"
TICKS = os.sysconf("SC_CLK_TCK")
CALCULATED = (
    "yardstick.metric_partials", "yardstick.metric_series", "yardstick.metric_calculations",
    "yardstick.calculation_slices", "yardstick.metric_dirty", "bench.metric_calculations",
)  # fmt: skip


def text_of(name: str) -> str:
    return (FOLDER / "sql" / name).read_text()


def connect(dsn: str) -> psycopg.Connection:
    return psycopg.connect(dsn, autocommit=True, application_name="yardstick bench")


def make_database() -> str:
    target = Target()
    if target.is_embedded:
        target.cluster.up()
    with target.connect(dbname="postgres") as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        connection.execute(f"create database {DATABASE}")
    dsn = target.conninfo(dbname=DATABASE)
    deploy(Target(dsn))
    # Scheduled work would run beside what is measured.
    with connect(dsn) as connection:
        jobs.unregister(Target(dsn), connection)
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


def cpu_seconds(pid: int) -> float:
    """User and system time of a process; the name in the second field may hold blanks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(dsn: str, work) -> tuple[float, float]:
    """CPU and wall seconds of a session of its own, from its first statement to its last COMMIT."""
    with connect(dsn) as connection:
        pid = connection.info.backend_pid
        connection.execute("select 1")
        before, start = cpu_seconds(pid), time.monotonic()
        work(connection)
        return cpu_seconds(pid) - before, time.monotonic() - start


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
    console = Console()
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    dsn = sys.argv[1] if len(sys.argv) > 1 else make_database()
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
    is_fast = all([sandbox.main(dsn), audit.main(dsn, cpu_seconds), capture.main(dsn, measure)])
    is_fast = snapshots.main(dsn, measure) and is_fast
    is_fast = reads.main(dsn) and is_fast
    report(console, times, scale, version, flights, values)
    if not is_fast:
        sys.exit(1)


def report(console: Console, times: dict, scale: float, version: str, flights: int, values: int) -> None:
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
        "depends on what else runs. Values, previous values, changes and sample sizes were equal each time.",
        f"{size}.",
        "\n".join(lines),
        f"Ratio **{ratio:.2f}**, limit {LIMIT:.1f}. {results.setting(version)}.",
    ]
    if scale == 1:
        results.keep("Calculation", paragraphs)
    if ratio > LIMIT and scale >= 1:
        sys.exit(1)
