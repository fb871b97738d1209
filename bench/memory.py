"""A full run of ten million observations: the memory of its backend, its progress, and the same result when it is killed half way.

Run by its name alone, for it takes minutes: BENCH=memory.
"""

import contextlib
import hashlib
import threading
import time
from pathlib import Path

import psycopg

from bench import volume
from bench.measure import connect
from bench.ratios import Ratio

ROWS = 10_000_000
LIMIT = 256


def kilobytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise SystemExit(f"/proc/{pid}/status has no {name}.")


class Run:
    """The job that calculates, in a session of its own, watched from here."""

    def __init__(self, dsn: str, connection):
        self.dsn, self.connection = dsn, connection
        self.megabytes, self.shown = 0.0, []

    def job(self, session) -> None:
        while session.execute("select exists (select from yardstick.calculation_slices)").fetchone()[0]:
            session.execute("call yardstick_engine.run_job('calculate')")

    def left(self) -> int:
        return self.connection.execute("select count(*) from yardstick.calculation_slices").fetchone()[0]

    def start(self, kill_at: int | None = None) -> None:
        with connect(self.dsn) as session:
            pid = session.info.backend_pid
            session.execute("select 1")
            thread = threading.Thread(target=self.guarded, args=[session])
            thread.start()
            while thread.is_alive():
                thread.join(0.25)
                if Path(f"/proc/{pid}/status").exists():
                    self.megabytes = max(self.megabytes, (kilobytes(pid, "VmHWM") - kilobytes(pid, "RssShmem")) / 1024)
                shown = self.connection.execute(
                    "select progress ->> 'last_done' from yardstick.job_runs where job_name = 'calculate' order by started_at desc limit 1"
                ).fetchone()  # fmt: skip
                if shown and shown[0] and shown[0] not in self.shown:
                    self.shown.append(shown[0])
                if kill_at is not None and self.left() <= kill_at and self.connection.execute("select pg_terminate_backend(%s)", [pid]).fetchone()[0]:
                    kill_at = None
                    time.sleep(0.5)

    def guarded(self, session) -> None:
        with contextlib.suppress(psycopg.OperationalError):
            self.job(session)


def fingerprint(connection) -> str:
    digest = hashlib.sha256()
    with connection.cursor().copy("""
        copy (
            select organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
                previous_value, change_percentage, sample_size, calculation_status, metadata
            from yardstick.metric_calculations order by 1, 2, 3, 4, 5, 6
        ) to stdout
    """) as rows:
        for block in rows:
            digest.update(block)
    return digest.hexdigest()


def main(dsn: str, connection, scale: float = 1) -> list[Ratio]:
    source = volume.source_id(connection)
    volume.forget(connection)
    volume.queue(connection, source)
    whole = Run(dsn, connection)
    whole.start()
    volume.check_values(connection)
    values = fingerprint(connection)
    volume.forget(connection)
    volume.queue(connection, source)
    killed = Run(dsn, connection)
    # Half of the weeks; of what is left, months and years come later.
    killed.start(kill_at=max(killed.left() // 2, 1))
    if not killed.left():
        raise SystemExit("The run that was to be killed ended before.")
    killed.start()
    if fingerprint(connection) != values:
        raise SystemExit("A run that was killed half way and resumed gives other values.")
    return [
        Ratio(f"full run of {int(ROWS * scale):,} observations: VmHWM - RssShmem, MB", "none", whole.megabytes, LIMIT),
        Ratio("its progress: different states shown in job_runs, at least one", "none", len(whole.shown), 1, is_floor=True),
        Ratio("killed half way, resumed: values that differ from those of one run", "none", 0, 0),
    ]
