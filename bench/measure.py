"""CPU of a backend: user and system time, from the first statement of a session of its own to its last COMMIT."""

import os
import statistics
import time
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")


def connect(dsn: str) -> psycopg.Connection:
    return psycopg.connect(dsn, autocommit=True, application_name="yardstick bench")


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


def alternate(dsn: str, works: dict, rounds: int, prepare=None) -> dict[str, float]:
    """Median CPU seconds of each work, in rounds that take them in turn forwards and backwards; one round before warms up."""
    times = {name: [] for name in works}
    for number in range(rounds + 1):
        for name in works if number % 2 else reversed(works):
            if prepare:
                prepare(name)
            cpu, _ = measure(dsn, works[name])
            if number:
                times[name].append(cpu)
    # A tick of the clock, so that a ratio exists at any size.
    return {name: max(statistics.median(values), 1 / TICKS) for name, values in times.items()}
