"""Changes with their audit beside the same changes without: the triggers of the audit sleep in every other round.

Wall time of a definition change, COMMIT included (median): what is waited for is the disk. CPU time of 100,000 observations by
COPY, none of them kept by hand (the least of all rounds): each should cost what it did before there was an audit.
"""

import json
import statistics
import time

import psycopg
from rich.console import Console
from rich.table import Table

from bench import results

CHANGES = 300
COPIES = 7
ROWS = 100_000
LIMITS = {"change": 1.5, "copy": 1.05}
TABLES = ("metric_definitions", "metric_definition_versions", "analytics_metrics")


def audit(connection, is_on: bool) -> None:
    for table in TABLES:
        for event in ("insert", "update", "delete"):
            connection.execute(f"alter table yardstick.{table} {'enable' if is_on else 'disable'} trigger audit_{event}")


def define(connection, number: int) -> None:
    definition = {
        "metric_name": "bench_audit", "display_name": f"Bench {number}", "calculation_method": "aggregation",
        "data_sources": {"source": "analytics_metrics", "key": "bench_audit", "measures": {"n": {"agg": "sum"}}},
        "calculation_formula": "100.0 * n / (n + 1)", "unit_of_measure": "%",
    }  # fmt: skip
    connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(definition)])


def changing(connection) -> dict[bool, float]:
    times = {True: [], False: []}
    number = 0
    for turn in range(2 * CHANGES // 10):
        is_on = turn % 2 == 0
        audit(connection, is_on)
        for _ in range(10):
            number += 1
            start = time.perf_counter()
            define(connection, number)
            times[is_on].append(time.perf_counter() - start)
    return {is_on: statistics.median(values[10:]) * 1000 for is_on, values in times.items()}


def copying(connection, cpu_seconds) -> dict[bool, float]:
    organization = connection.execute(
        "select yardstick_api.sync_organization(%s)", [json.dumps({"external_id": "bench", "organization_name": "Bench"})]
    ).fetchone()[0]
    by_hand = {"metric_name": "bench_by_hand", "display_name": "By hand", "calculation_method": "manual"}
    connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(by_hand)])
    connection.execute("select yardstick.ensure_year_partitions('analytics_metrics', '2026-01-01', '2026-12-31')")
    data = "".join(
        f"{organization}\tflow_{n % 20}\toperational\t{n}\t2026-03-{1 + n % 28:02d} 12:00:00+00\n" for n in range(ROWS)
    ).encode()
    pid = connection.info.backend_pid
    times = {True: [], False: []}
    for number in range(2 * COPIES):
        is_on = number % 2 == 0
        audit(connection, is_on)
        connection.execute("truncate yardstick.analytics_metrics; checkpoint")
        before = cpu_seconds(pid)
        with connection.cursor().copy(
            "copy yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date) from stdin"
        ) as stream:
            stream.write(data)
        times[is_on].append(cpu_seconds(pid) - before)
    return {is_on: min(values) * 1000 for is_on, values in times.items()}


def main(dsn: str, cpu_seconds) -> bool:
    """Prints and keeps two ratios; False when one is above its limit."""
    with psycopg.connect(dsn, autocommit=True, application_name="yardstick bench") as connection:
        connection.execute("set client_min_messages = warning")
        measured = {"change": changing(connection), "copy": copying(connection, cpu_seconds)}
        audit(connection, True)
        version = connection.execute("show server_version").fetchone()[0].split()[0]
    return report(measured, version)


def report(measured: dict, version: str) -> bool:
    table = Table(box=None)
    for heading in ("", "without ms", "with audit ms", "ratio", "limit"):
        table.add_column(heading, justify="right" if heading else "left")
    lines = ["| | without ms | with audit ms | ratio | limit |", "|---|---|---|---|---|"]
    is_within = True
    labels = {"change": "one definition change (wall, COMMIT included)", "copy": f"COPY of {ROWS:,} observations (CPU)"}
    for name, times in measured.items():
        ratio = times[True] / times[False]
        is_within = is_within and ratio <= LIMITS[name]
        cells = (labels[name], f"{times[False]:.2f}", f"{times[True]:.2f}", f"{ratio:.2f}", f"{LIMITS[name]}")
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    console = Console()
    console.print(table)
    console.print("audit: within the limits" if is_within else "audit: a ratio is ABOVE its limit")
    results.keep("Audit", [
        "Changes with their audit beside the same ones with its triggers asleep, in alternating rounds: the median of the wall times "
        "of definition changes, the least CPU time of a COPY of observations none of which is kept by hand.",
        "\n".join(lines),
        f"{results.setting(version)}.",
    ])  # fmt: skip
    return is_within
