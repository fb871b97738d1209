"""The sandbox beside what it is built on: a check beside a bare temporary view, formulas beside the same queries.

Wall time of one session, the median of alternating rounds: what is waited for stands in two backends.
"""

import json
import statistics
import time

import psycopg
from rich.console import Console
from rich.table import Table

from bench import results

LIMIT = 20.0
ROUNDS = 7
FORMULAS = 1000
PERIOD = {"period_start": "2026-01-01T00:00:00+00:00", "period_end": "2026-02-01T00:00:00+00:00"}
HOST = """
drop schema if exists bench_host cascade;
create schema bench_host;
create table bench_host.events (organization text, department text, happened_at timestamptz, amount numeric);
insert into bench_host.events
select 'bench', 'd' || n % 3, timestamptz '2026-01-01' + n * interval '7 hours', n from generate_series(1, 100) as n;
create index on bench_host.events (happened_at);
analyze bench_host.events;
grant usage on schema bench_host to yardstick_reader;
grant select on bench_host.events to yardstick_reader;
"""
SOURCE = {
    "name": "bench_events", "relation": "bench_host.events", "time_column": "happened_at", "organization_column": "organization",
}  # fmt: skip
QUERY = (
    "select department as aggregation_id, 100.0 * count(*) filter (where amount > {number}) / count(*) as value, count(*) as sample_size "
    "from {table} where happened_at >= {start} and happened_at < {end} group by department"
)


def text(number: int, table: str, start: str, end: str) -> str:
    return QUERY.format(number=number, table=table, start=start, end=end)


def formula(number: int) -> str:
    return text(number, "bench_events", "yardstick.period_start()", "yardstick.period_end()")


def plain(number: int) -> str:
    return text(number, "bench_host.events", f"'{PERIOD['period_start']}'", f"'{PERIOD['period_end']}'")


def timed(work, *arguments) -> float:
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def main(dsn: str) -> bool:
    """Prints and keeps two ratios; False when one is above its limit."""
    with psycopg.connect(dsn, autocommit=True, application_name="yardstick bench") as connection:
        connection.execute("set client_min_messages = warning")
        connection.execute(HOST)
        organization = {"external_id": "bench", "organization_name": "Bench"}
        organization_id, source_id = (
            connection.execute(f"select yardstick_api.{name}(%s)", [json.dumps(value)]).fetchone()[0]
            for name, value in (("sync_organization", organization), ("register_source", SOURCE))
        )
        checks = checking(connection, source_id)
        runs = running(connection, organization_id, source_id)
        version = connection.execute("show server_version").fetchone()[0].split()[0]
        connection.execute("drop schema bench_host cascade")
    return report(checks, runs, version)


def checking(connection, source_id) -> dict[str, float]:
    def view(number: int) -> None:
        connection.execute(f"create temp view bench_bare as {plain(number)}")

    def check(number: int) -> None:
        connection.execute("select yardstick_engine.probe_query('formula', %s, %s)", [formula(number), [source_id]])

    times = {"bare": [], "ours": []}
    for _ in range(200):
        for name, work in (("bare", view), ("ours", check)):
            # Both write to the catalog: the disk, which would make them alike, is left out.
            with connection.transaction(force_rollback=True):
                times[name].append(timed(work, number))
    return {name: statistics.median(values[50:]) for name, values in times.items()}


def running(connection, organization_id, source_id) -> dict[str, float]:
    requests = json.dumps([
        {"no": number, "query": formula(number), "source_ids": [str(source_id)], **PERIOD} for number in range(FORMULAS)
    ])  # fmt: skip

    def queries() -> None:
        for number in range(FORMULAS):
            connection.execute(plain(number), prepare=False).fetchall()

    def sandbox() -> None:
        rows = connection.execute("select * from yardstick_engine.run_queries(%s, %s)", [organization_id, requests]).fetchall()
        if len([row for row in rows if row[-1]]) != FORMULAS or any(row[5] for row in rows):
            raise SystemExit("The sandbox did not calculate all formulas.")

    times = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        for name, work in (("bare", queries), ("ours", sandbox)):
            times[name].append(timed(work))
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def report(checks: dict, runs: dict, version: str) -> bool:
    table = Table(box=None)
    for heading in ("", "bare ms", "Yardstick ms", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    lines = ["| | bare ms | Yardstick ms | ratio |", "|---|---|---|---|"]
    ratios = []
    for label, times in (
        ("check one formula, beside `create temp view`", checks),
        (f"{FORMULAS:,} formulas, beside the same queries", runs),
    ):
        ratios.append(times["ours"] / times["bare"])
        cells = (label, f"{times['bare'] * 1000:.2f}", f"{times['ours'] * 1000:.2f}", f"{ratios[-1]:.1f}")
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    console = Console()
    console.print(table)
    console.print(f"ratios within the limit {LIMIT:.0f}" if max(ratios) <= LIMIT else f"a ratio is ABOVE the limit {LIMIT:.0f}")
    results.keep("Sandbox", [
        "Wall time of one session (median of alternating rounds): checking a SELECT, and running checked ones in the session "
        "of the sandbox, connection included.",
        "\n".join(lines),
        f"Limit {LIMIT:.0f} each. {results.setting(version)}.",
    ])  # fmt: skip
    return max(ratios) <= LIMIT
