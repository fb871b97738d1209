"""Values of 200,000 series, 13 ended months each, for what reads values: 50 organizations, 20 departments each, up to 200 metrics."""

import os

import psycopg
from rich.console import Console

from bench import results

ORGANIZATIONS, DEPARTMENTS, METRICS = 50, 20, 200


def metrics() -> int:
    """BENCH_SCALE makes them fewer or more; a dashboard of 20 needs 20."""
    return max(20, round(METRICS * float(os.environ.get("BENCH_SCALE", "1"))))


def count() -> int:
    return ORGANIZATIONS * DEPARTMENTS * metrics()


def is_published() -> bool:
    return metrics() == METRICS


def fill(connection: psycopg.Connection) -> None:
    """Once in a database: what is there stays."""
    if connection.execute("select exists (select from yardstick.organizations where external_id like 'series-%')").fetchone()[0]:
        return
    Console().print(f"filling {count():,} series of 13 months")
    connection.execute(f"set bench.metrics = {metrics()}")
    connection.execute((results.FILE.parent / "sql" / "series.sql").read_text())
    connection.execute("vacuum analyze yardstick.metric_calculations")
