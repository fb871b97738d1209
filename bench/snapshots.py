"""The snapshots of a month that has just ended, of 200,000 series with 13 months each, beside one bare GROUP BY of the same rows.

CPU time (user and system) of the session, COMMIT included.
"""

import statistics

import psycopg
from rich.console import Console
from rich.table import Table

from bench import results, series
from bench.measure import TICKS

LIMIT = 3.5
ROUNDS = 5
# The sums are asked for, or the planner would leave them out, and read the index alone.
BARE = """
select count(*), sum(g.total), sum(g.months)
from (
    select organization_id, metric_id, aggregation_level, aggregation_id, sum(metric_value) as total, count(metric_value) as months
    from yardstick.metric_calculations
    where time_window = 'monthly'
    group by 1, 2, 3, 4
) as g
"""
LAST_MONTH = "date_trunc('month', now() at time zone 'UTC')::date - 1"


def bare(session: psycopg.Connection) -> None:
    session.execute("set jit = off")
    session.execute(BARE)


def steps(session: psycopg.Connection, progress: str, last: str, as_of: str = "now()") -> str:
    while last not in progress:
        progress = session.execute(f"select yardstick_engine.snapshot_step({as_of}, %s)::text", [progress], prepare=True).fetchone()[0]
        if "stopped_by" in progress:
            raise SystemExit(f"Taking snapshots was stopped: {progress}")
    return progress


def main(dsn: str, measure, rounds: int = ROUNDS) -> bool:
    """Prints and keeps the ratios; False when it is above its limit."""
    console = Console()
    by_hand = (results.FILE.parent / "sql" / "snapshots_by_hand.sql").read_text()
    times = {"bare": [], "due": [], "taken": []}
    with psycopg.connect(dsn, autocommit=True, application_name="yardstick bench") as connection:
        series.fill(connection)
        connection.execute("set enable_nestloop = off; set enable_mergejoin = off; set work_mem = '64MB'")
        # Other organizations of this database have snapshots of their own to take.
        others = connection.execute(
            "with o as (update yardstick.organizations set is_active = false"
            " where is_active and coalesce(external_id, '') not like 'series-%' returning id) select array_agg(id) from o"
        ).fetchone()[0]
        connection.execute("truncate yardstick.snapshot_slices")
        # The months before stand already, as they do when a month ends; this one comes behind them, and is taken back each time: taken
        # together with them, it would be put into the holes that it left between their rows.
        steps(connection, "{}", "is_done", as_of=f"({LAST_MONTH})::timestamp at time zone 'UTC'")
        connection.execute("vacuum analyze yardstick.metric_snapshots")
        for number in range(rounds + 1):
            connection.execute(f"delete from yardstick.metric_snapshots where snapshot_type = 'monthly' and snapshot_date = {LAST_MONTH}")
            connection.execute("vacuum yardstick.metric_snapshots")
            # Nobody notes that snapshots were taken back: all are compared again.
            connection.execute("truncate yardstick.snapshot_looks")
            reached = []

            def due(session: psycopg.Connection, reached=reached) -> None:
                reached.append(steps(session, "{}", "is_queued"))

            def take(session: psycopg.Connection, reached=reached) -> None:
                steps(session, reached[0], "is_done")

            measured = {}
            for name, work in (("bare", bare), ("due", due), ("taken", take)) if number % 2 else (("due", due), ("taken", take), ("bare", bare)):
                measured[name], _ = measure(dsn, work)
            different = connection.execute(by_hand).fetchone()[0] if number < 2 else 0
            if different:
                raise SystemExit(f"{different} snapshots differ from those worked out by hand.")
            if number:
                for name, cpu in measured.items():
                    times[name].append(cpu)
            console.print(f"round {number}: " + ", ".join(f"{name} {cpu:.2f} s" for name, cpu in measured.items()))
        written = connection.execute(
            f"select count(*) from yardstick.metric_snapshots where snapshot_type = 'monthly' and snapshot_date = {LAST_MONTH}"
        ).fetchone()[0]
        version = connection.execute("show server_version").fetchone()[0].split()[0]
        if others:
            connection.execute("update yardstick.organizations set is_active = true where id = any(%s)", [others])
    return report(console, times, written, version)


def report(console: Console, times: dict, written: int, version: str) -> bool:
    # A tick of the clock, so that a ratio exists at any size.
    medians = {name: max(statistics.median(values), 1 / TICKS) for name, values in times.items()}
    ratio = medians["taken"] / medians["bare"]
    table = Table(box=None)
    for heading in ("", "CPU s", "ratio", "limit"):
        table.add_column(heading, justify="right" if heading else "left")
    lines = ["| | CPU s | ratio | limit |", "|---|---|---|---|"]
    for name, label, limit in (
        ("bare", "one bare GROUP BY of all months (sum and count, no sink)", ""),
        ("taken", f"{written:,} snapshots taken and written", f"{LIMIT}"),
        ("due", "finding that they are due, beside it", "none"),
    ):
        cells = (label, f"{medians[name]:.2f}", f"{medians[name] / medians['bare']:.2f}", limit)
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    is_fast = ratio <= LIMIT
    console.print(table)
    console.print(f"snapshots: ratio {ratio:.2f}, {'within' if is_fast else 'ABOVE'} the limit {LIMIT}; all equal to those worked out by hand")
    if series.is_published():
        results.keep("Snapshots", [
            f"{series.count():,} series of {series.ORGANIZATIONS} organizations, 13 months each, the last of which has just ended; the snapshots of "
            "the months before stand. CPU of the session, COMMIT included, median of "
            f"{len(times['bare'])} alternating rounds; changes and trends checked against plain SQL.",
            "\n".join(lines),
            f"{results.setting(version)}.",
        ])  # fmt: skip
    return is_fast or not series.is_published()
