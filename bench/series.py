"""Values of 200,000 series, 13 ended months each, for what reads values: 50 organizations, 20 departments each, 200 metrics; BENCH_SCALE
makes them fewer or more."""

import math
import os

import psycopg
from rich.console import Console

from bench import results

ORGANIZATIONS, DEPARTMENTS, METRICS = 50, 20, 200


def shape() -> tuple[int, int, int]:
    """Organizations, departments of each, metrics: a dashboard needs 20 of these, and the seventh of those is the one that is looked at."""
    wanted = ORGANIZATIONS * DEPARTMENTS * METRICS * float(os.environ.get("BENCH_SCALE", "1"))
    metrics = max(20, round(wanted / ORGANIZATIONS / DEPARTMENTS))
    organizations = max(7, min(ORGANIZATIONS, round(wanted / DEPARTMENTS / metrics)))
    departments = max(7, min(DEPARTMENTS, round(wanted / organizations / metrics)))
    return organizations, departments, metrics


def metrics() -> int:
    return shape()[2]


def count() -> int:
    return math.prod(shape())


def is_published() -> bool:
    return shape() == (ORGANIZATIONS, DEPARTMENTS, METRICS)


def fill(connection: psycopg.Connection) -> None:
    """Once in a database: what is there stays."""
    if connection.execute("select exists (select from yardstick.organizations where external_id like 'series-%')").fetchone()[0]:
        return
    Console().print(f"filling {count():,} series of 13 months")
    for name, number in zip(("organizations", "departments", "metrics"), shape(), strict=True):
        connection.execute(f"set bench.{name} = {number}")
    connection.execute((results.FILE.parent / "sql" / "series.sql").read_text())
    connection.execute("vacuum analyze yardstick.metric_calculations")
