"""Jobs: what a run leaves behind when it succeeds, fails, is stopped, runs twice or wakes up in a copy."""

import threading
import time

import psycopg
import pytest

RUNS = "select job_name, status, error_code, message, progress from yardstick.job_runs order by started_at"


@pytest.fixture
def home(database):
    with database.connect() as connection:
        connection.execute("select yardstick_engine.record_job_home()")
        yield connection


@pytest.fixture
def worker(database, home):
    with database.connect("yardstick_worker") as connection:
        yield connection


@pytest.mark.parametrize("job", ["calculate", "alerts", "snapshots", "retention", "maintenance"])
def test_every_job_succeeds_as_the_worker(home, worker, job):
    worker.execute("call yardstick_engine.run_job(%s)", [job])
    assert home.execute(RUNS).fetchall()[0][:4] == (job, "succeeded", None, None)


def test_a_dba_runs_a_job(database, home):
    home.execute("create role jobs_dba login in role yardstick_dba")
    try:
        with database.connect("jobs_dba") as dba:
            dba.execute("call yardstick_engine.run_job('maintenance')")
        assert home.execute(RUNS).fetchall()[0][:4] == ("maintenance", "succeeded", None, None)
    finally:
        home.execute("drop role jobs_dba")


def test_health_names_a_stranger_who_stops_the_jobs(database, home):
    problem = "select detail from yardstick_ops.health where check_name = 'jobs: no stranger holds their locks' and not ok"
    home.execute("create role jobs_stranger login in role yardstick_bi")
    try:
        with database.connect("jobs_stranger") as stranger:
            stranger.execute("select pg_advisory_lock(7919001)")
            assert home.execute(problem).fetchone()[0].startswith("jobs_stranger (process ")
        assert home.execute(problem).fetchone() is None
    finally:
        home.execute("drop role jobs_stranger")


def test_what_is_registered_is_what_runs(home, worker):
    for (command,) in home.execute("select command from yardstick.jobs order by job_name").fetchall():
        worker.execute(command)
    assert {row[1] for row in home.execute(RUNS).fetchall()} == {"succeeded"}


def test_a_failure_is_written_down(home, worker):
    home.execute(
        "create or replace function yardstick_engine.check_alerts(as_of timestamptz default now()) returns jsonb"
        " language plpgsql security definer set search_path = pg_catalog, pg_temp"
        " as $$ begin perform 1 / 0; end $$"
    )
    worker.execute("call yardstick_engine.run_job('alerts')")
    assert home.execute(RUNS).fetchone()[:4] == ("alerts", "failed", "22012", "division by zero")
    worker.execute("call yardstick_engine.run_job('snapshots')")
    assert home.execute(RUNS).fetchall()[1][1] == "succeeded"


def test_a_timeout_is_written_down(home, worker):
    home.execute(
        "create or replace function yardstick_engine.check_alerts(as_of timestamptz default now()) returns jsonb"
        " language plpgsql security definer set search_path = pg_catalog, pg_temp"
        " as $$ begin perform pg_sleep(30); return '{}'; end $$"
    )
    worker.execute("set statement_timeout = '300ms'")
    worker.execute("call yardstick_engine.run_job('alerts')")
    assert home.execute(RUNS).fetchone()[:3] == ("alerts", "failed", "57014")


def slow(home):
    home.execute(
        "create or replace function yardstick_engine.check_alerts(as_of timestamptz default now()) returns jsonb"
        " language plpgsql security definer set search_path = pg_catalog, pg_temp"
        " as $$ begin perform pg_advisory_xact_lock(42); return '{\"is_done\": true}'; end $$"
    )
    home.execute("select pg_advisory_lock(42)")


def wait_until(home, query):
    for _ in range(200):
        if home.execute(query).fetchone()[0]:
            return
        time.sleep(0.05)
    pytest.fail(query)


def test_a_job_never_overlaps_itself(database, home, worker):
    slow(home)

    def run():
        with database.connect("yardstick_worker") as other:
            other.execute("call yardstick_engine.run_job('alerts')")

    first = threading.Thread(target=run)
    first.start()
    wait_until(home, "select count(*) = 1 from yardstick.job_runs where status = 'running'")
    worker.execute("call yardstick_engine.run_job('alerts')")
    worker.execute("call yardstick_engine.run_job('snapshots')")
    assert [row[:2] for row in home.execute(RUNS).fetchall()] == [("alerts", "running"), ("snapshots", "succeeded")]
    home.execute("select pg_advisory_unlock(42)")
    first.join()
    worker.execute("call yardstick_engine.run_job('alerts')")
    assert [row[1] for row in home.execute(RUNS).fetchall()] == ["succeeded"] * 3


def test_a_run_whose_backend_is_gone_is_abandoned(database, home, worker):
    slow(home)

    def run():
        with pytest.raises(psycopg.OperationalError), database.connect("yardstick_worker") as other:
            other.execute("call yardstick_engine.run_job('alerts')")

    first = threading.Thread(target=run)
    first.start()
    wait_until(
        home,
        "select count(*) = 1 from pg_locks where locktype = 'advisory' and not granted"
        " and database = (select oid from pg_database where datname = current_database())",
    )
    home.execute("select pg_terminate_backend(backend_pid) from yardstick.job_runs")
    first.join()
    wait_until(
        home, "select count(*) = 0 from pg_stat_activity where pid = (select backend_pid from yardstick.job_runs)"
    )
    worker.execute("call yardstick_engine.run_job('snapshots')")
    assert [row[:2] for row in home.execute(RUNS).fetchall()] == [("alerts", "abandoned"), ("snapshots", "succeeded")]


@pytest.mark.parametrize("change", ["database_name = 'elsewhere'", "system_identifier = 1"])
def test_a_copy_does_not_do_the_work_of_its_original(home, worker, change):
    home.execute(f"update yardstick.job_home set {change}")
    with pytest.raises(psycopg.Error, match="run a deploy here") as refusal:
        worker.execute("call yardstick_engine.run_job('alerts')")
    assert refusal.value.sqlstate == "YS005"
    assert home.execute(RUNS).fetchall() == []
    home.execute("select yardstick_engine.record_job_home()")
    worker.execute("call yardstick_engine.run_job('alerts')")


def test_the_worker_has_a_limit(worker):
    assert worker.execute("show statement_timeout").fetchone() == ("2min",)


def test_an_unknown_job_is_refused(worker):
    with pytest.raises(psycopg.Error, match="there is no job named") as refusal:
        worker.execute("call yardstick_engine.run_job('nothing')")
    assert refusal.value.sqlstate == "YS003"


def test_a_run_shows_its_progress_while_it_runs(engine, database, home):
    acme = engine.organization("acme", timezone="Europe/Berlin")
    engine.record(
        acme,
        [{"metric_name": "load", "measured_at": f"2025-{month:02}-10T11:00:00Z", "value": 1} for month in range(1, 13)],
    )  # fmt: skip
    engine.metric("load")
    shown = "select status, finished_at is null, progress from yardstick_ops.job_runs order by started_at desc limit 1"

    def run():
        with database.connect("yardstick_worker") as worker:
            worker.execute("call yardstick_engine.run_job('calculate', '2026-02-01')")

    with database.connect() as holder:
        # The first slice waits for this: what is planned shows meanwhile.
        holder.execute("begin")
        holder.execute("lock table yardstick.metric_series in exclusive mode")
        thread = threading.Thread(target=run)
        thread.start()
        try:
            deadline = time.monotonic() + 30
            while not (row := home.execute(shown).fetchone()) or "slices_left" not in row[2]:
                assert time.monotonic() < deadline, row
                time.sleep(0.1)
            assert row[:2] == ("running", True)
            assert row[2]["slices"] == 0 and row[2]["slices_left"] > 10
            assert row[2]["sources_left"] == {"analytics_metrics": row[2]["slices_left"]}
        finally:
            holder.execute("commit")
            thread.join(60)
    status, is_running, progress = home.execute(shown).fetchone()
    assert (status, is_running) == ("succeeded", False)
    assert progress["slices"] > 10 and progress["rows"] > 12 and progress["slices_left"] == 0
    assert progress["last_done"].startswith("years valued of analytics_metrics from 20")


def test_maintenance(home, worker):
    home.execute(
        "insert into yardstick.job_runs (job_name, started_at, finished_at, status) values"
        " ('alerts', now() - interval '31 days', now() - interval '31 days', 'succeeded'),"
        " ('alerts', now() - interval '29 days', now() - interval '29 days', 'failed')"
    )
    worker.execute("call yardstick_engine.run_job('maintenance')")
    first = home.execute(f"{RUNS} desc limit 1").fetchone()[4]
    assert first["purged_runs"] == 1
    assert first["partitions"] >= 0
    assert first["analyzed"] >= 4
    for parent in ("analytics_metrics", "metric_calculations", "metric_snapshots", "metric_partials_day"):
        for years in (0, 1, 2):
            name = f"yardstick.{parent}_{int(time.strftime('%Y')) + years}"
            assert home.execute("select to_regclass(%s) is not null", [name]).fetchone()[0], name
    worker.execute("call yardstick_engine.run_job('maintenance')")
    assert "analyzed" not in home.execute(f"{RUNS} desc limit 1").fetchone()[4]


def test_the_worker_reaches_no_table(worker):
    for table in ("job_runs", "jobs", "job_home", "metric_calculations", "snapshot_slices"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute(f"select 1 from yardstick.{table}")


def test_a_lock_of_somebody_who_could_not_deploy_stops_no_job(database, home):
    home.execute("create role lock_taker login in role yardstick_bi")
    try:
        with database.connect("lock_taker") as stranger:
            stranger.execute("select pg_advisory_lock(7919001)")
            home.execute("call yardstick_engine.run_job('calculate')")
        runs = home.execute("select status, progress from yardstick.job_runs where job_name = 'calculate'").fetchall()
        assert runs == [("succeeded", {"slices": 0, "slices_left": 0, "sources_left": {}})]
    finally:
        home.execute("drop role lock_taker")
