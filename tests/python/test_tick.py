"""One real tick: the scheduler of the server starts the jobs, nobody calls them."""

import time

import pytest

from runner import jobs

PATIENCE_SECONDS = 75


@pytest.fixture
def ticking(database):
    with database.connect() as connection:
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
    assert names == [f"{database.name}:{job}" for job in ("alerts", "calculate", "maintenance", "snapshots")]
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
