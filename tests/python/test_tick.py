"""One real tick: the scheduler of the server starts the jobs, nobody calls them."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from runner import jobs

PATIENCE_SECONDS = 75


def record_something(connection):
    """What an application does; nobody calculates it here."""
    with connection.transaction():
        acme = connection.execute(
            "select yardstick_api.sync_organization(%s)",
            [json.dumps({"external_id": "tick", "organization_name": "Tick"})],
        ).fetchone()[0]
        connection.execute("select yardstick_api.use_organization(%s)", [acme])
        metric = {
            "metric_name": "complaints",
            "display_name": "Complaints",
            "calculation_method": "aggregation",
            "refresh_frequency": "real_time",
            "time_windows": ["daily"],
            "data_sources": {"source": "analytics_metrics", "key": "complaints", "measures": {"n": {"agg": "sum"}}},
        }
        connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(metric)])
        yesterday = datetime.now(UTC) - timedelta(days=1)
        connection.execute("select yardstick_api.record_value('complaints', 9, %s)", [yesterday])


@pytest.fixture
def ticking(database):
    with database.connect() as connection:
        record_something(connection)
        _, note = jobs.register(database.target, connection)
        if note:
            pytest.skip(note)
        yield connection
        jobs.unregister(database.target, connection)
        # A run that has begun ends before its database goes.
        for _ in range(100):
            if not connection.execute("select count(*) from yardstick.job_runs where status = 'running'").fetchone()[0]:
                break
            time.sleep(0.1)


@pytest.mark.slow
def test_the_jobs_of_each_minute_run_by_themselves(ticking, cluster, database):
    with cluster.admin() as cron:
        listed = cron.execute(
            "select jobname, schedule, username from cron.job where database = %s order by jobname", [database.name]
        ).fetchall()
    names = [name for name, _, _ in listed]
    assert names == [f"{database.name}:{job}" for job in ("alerts", "calculate", "maintenance", "retention", "snapshots")]
    assert {user for _, _, user in listed} == {"yardstick_worker"}

    deadline = time.monotonic() + PATIENCE_SECONDS
    ended = []
    while time.monotonic() < deadline:
        ended = ticking.execute(
            "select distinct job_name, status, message from yardstick.job_runs where status <> 'running' order by job_name"
        ).fetchall()
        if {row[0] for row in ended} >= {"alerts", "calculate"}:
            break
        time.sleep(0.5)
    said = []
    with cluster.admin() as cron:
        said = cron.execute(
            "select command, status, return_message from cron.job_run_details where database = %s", [database.name]
        ).fetchall()
    assert ("alerts", "succeeded", None) in ended, said
    assert ("calculate", "succeeded", None) in ended, said
    assert ticking.execute(
        "select metric_value, calculation_status from yardstick.metric_calculations"
        " where time_window = 'daily' and aggregation_level = 'org'"
    ).fetchall() == [(9, "success")]
