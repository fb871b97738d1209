"""Brings pg_cron in line with the table yardstick.jobs."""

import time

import psycopg

from runner.target import Target

WORKER = "yardstick_worker"
# A call returns after 50 s; what runs this long is one statement gone astray. Inside a function it would have no effect.
WORKER_TIMEOUT = "2min"


def register(target: Target, connection: psycopg.Connection) -> tuple[list[str], str | None]:
    """Names of the jobs that were registered or taken away, and a note when there is no pg_cron."""
    if not connection.execute("select to_regclass('yardstick.jobs')").fetchone()[0]:
        return [], None
    # Every job refuses to run anywhere else: a restored copy must not do its original's work.
    if connection.execute("select to_regprocedure('yardstick_engine.record_job_home()')").fetchone()[0]:
        connection.execute("select yardstick_engine.record_job_home()")
    limit_worker(connection)
    database = connection.info.dbname
    wanted = {
        f"{database}:{name}": (schedule, command)
        for name, schedule, command in connection.execute(
            "select job_name, schedule, command from yardstick.jobs where is_active order by job_name"
        )
    }
    with_cron, note = cron_connection(target, connection)
    if not with_cron:
        return [], note
    with with_cron as cron, cron.transaction():
        return sync(cron, database, wanted), None


def limit_worker(connection: psycopg.Connection) -> None:
    """Gives the worker a statement_timeout, unless a DBA has given it one."""
    for attempts_left in reversed(range(5)):
        if connection.execute(
            "select exists (select from pg_roles as r cross join lateral unnest(r.rolconfig) as s (setting)"
            " where r.rolname = %s and s.setting like 'statement_timeout=%%')",
            [WORKER],
        ).fetchone()[0]:
            return
        try:
            connection.execute(f"alter role {WORKER} set statement_timeout = '{WORKER_TIMEOUT}'")
        except psycopg.errors.InternalError_:
            # Roles belong to the cluster: a deploy of another database may be writing the same row.
            if not attempts_left:
                raise
            time.sleep(0.1)


def unregister(target: Target, connection: psycopg.Connection) -> list[str]:
    with_cron, _ = cron_connection(target, connection)
    if not with_cron:
        return []
    with with_cron as cron, cron.transaction():
        return sync(cron, connection.info.dbname, {})


def cron_connection(target: Target, connection: psycopg.Connection):
    home = connection.execute("select current_setting('cron.database_name', true)").fetchone()[0]
    if not home:
        return None, "pg_cron is not loaded: jobs are not registered (shared_preload_libraries = 'pg_cron')"
    cron = target.connect(dbname=home)
    try:
        cron.execute("set client_min_messages = warning")
        if not cron.execute("select 1 from pg_extension where extname = 'pg_cron'").fetchone():
            cron.execute("create extension if not exists pg_cron")
    except psycopg.errors.UniqueViolation:
        pass  # another deploy has just made it
    except psycopg.Error:
        cron.close()
        raise
    return cron, None


def sync(cron: psycopg.Connection, database: str, wanted: dict[str, tuple[str, str]]) -> list[str]:
    # A job remembers where its server listened when it was scheduled.
    rows = cron.execute(
        "select jobid, jobname, schedule, command, username = %s and active "
        "and nodename = current_setting('cron.host') and nodeport = current_setting('port')::int "
        "from cron.job where database = %s and starts_with(jobname, %s)",
        [WORKER, database, f"{database}:"],
    ).fetchall()
    kept, changed = set(), []
    for jobid, name, schedule, command, as_it_should_be in rows:
        if as_it_should_be and wanted.get(name) == (schedule, command):
            kept.add(name)
        else:
            # A job known by its name keeps its old database: it is taken away first.
            cron.execute("select cron.unschedule(%s::bigint)", [jobid])
            changed.append(name)
    for name, (schedule, command) in wanted.items():
        if name not in kept:
            cron.execute(
                "select cron.schedule_in_database(%s, %s, %s, %s, %s)", [name, schedule, command, database, WORKER]
            )
            changed.append(name)
    return sorted(set(changed))
