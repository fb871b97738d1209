"""Brings a database up to date, and takes it back again."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import errors as pg

from runner import DEPLOY_LOCK, MINIMUM_SERVER_VERSION, jobs, kill, loader, migrations, plcheck, rooms, sandbox
from runner.errors import Refusal
from runner.target import Target

REQUIRED_EXTENSIONS = ("plpython3u",)
LOAD_ATTEMPTS = 4


@dataclass
class Report:
    migrations: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    rebuilt: str | None = None
    jobs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def did_nothing(self) -> bool:
        return not (self.migrations or self.loaded or self.jobs)


def refuse_unfit_server(connection: psycopg.Connection) -> None:
    """Say what the server lacks before anything is touched."""
    if connection.info.server_version < MINIMUM_SERVER_VERSION:
        version = connection.execute("show server_version").fetchone()[0]
        raise Refusal(f"The server is too old: it is PostgreSQL {version}, needed is {MINIMUM_SERVER_VERSION // 10000} or later.")
    if connection.execute("select current_setting('is_superuser')").fetchone()[0] != "on":
        raise Refusal(
            f"{connection.info.user} is not a superuser, and only one can create PL/Python functions: "
            "name a superuser in DATABASE_URL."
        )
    for name in REQUIRED_EXTENSIONS:
        if not connection.execute("select 1 from pg_available_extensions where name = %s", [name]).fetchone():
            raise Refusal(
                f"The server lacks the extension {name}: install it there (Debian: postgresql-plpython3-"
                f"{connection.info.server_version // 10000}), then deploy again."
            )


def named_strangers(session: psycopg.Connection) -> str:
    """Who holds the lock without being able to deploy, and is no job: any login can take any advisory lock."""
    found = session.execute(
        """
        select string_agg(format('%%s, process %%s', a.usename, a.pid), '; ')
        from pg_locks as l
        inner join pg_stat_activity as a on a.pid = l.pid
        inner join pg_roles as r on r.oid = a.usesysid
        where l.locktype = 'advisory' and l.objid::bigint = %s and l.granted and a.datname = current_database()
        and not r.rolsuper and r.rolname <> 'yardstick_worker'
        """,
        [DEPLOY_LOCK],
    ).fetchone()[0]
    return f" (the lock is held by {found}; end it with pg_terminate_backend)" if found else ""


@contextmanager
def alone(target: Target, say):
    """Nobody else deploys, and no slice of a job runs, while this lasts. The server frees the lock of a dead process."""
    with target.connect() as session:
        refuse_unfit_server(session)
        if not session.execute("select pg_try_advisory_lock(%s)", [DEPLOY_LOCK]).fetchone()[0]:
            say("waiting for another deploy, or for running jobs to step aside" + named_strangers(session))
            session.execute("select pg_advisory_lock(%s)", [DEPLOY_LOCK])
        yield session


def deploy(target: Target, say=lambda line: None) -> Report:
    report = Report()
    with alone(target, say) as connection:
        migrations.prepare(connection)
        done = migrations.applied(connection)
        if faults := migrations.faults(done):
            raise Refusal("\n".join(faults))
        store = migrations.backend(target.conninfo())
        with store:
            files = migrations.read()
            migrations.heal(store, files, done)
            report.migrations = migrations.apply_pending(store, files, connection, say)
            sandbox.give_rights(connection)
            result = load(store, files, say)
        report.loaded, report.rebuilt = result.loaded, result.rebuilt
        # The maintenance job goes on making them; without pg_cron each deploy is the chance to.
        connection.execute("select yardstick.ensure_coming_partitions(current_date)")
        report.notes += result.notes
        report.notes += renew_captures(connection)
        if note := plcheck.check(connection):
            report.notes.append(note)
        kill.here("jobs")
        report.jobs, note = jobs.register(target, connection)
        if note:
            report.notes.append(note)
        sandbox.open_loopback(connection)
        kill.here("end")
    if target.cluster:
        target.cluster.admit_logins()
    return report


def load(store, files, say) -> loader.Result:
    """The hook, again while somebody holds what it has to replace."""
    for attempt in range(1, LOAD_ATTEMPTS + 1):
        loader.results.clear()
        try:
            store.run_post_apply(files)
            break
        except (pg.LockNotAvailable, pg.DeadlockDetected) as error:
            trouble = error
        except Refusal as error:
            if getattr(error, "sqlstate", None) not in ("55P03", "40P01"):
                raise
            trouble = error
        if attempt == LOAD_ATTEMPTS:
            raise Refusal(f"Another session holds what has to be replaced; end its transaction and deploy again. ({trouble})")
        say("another session holds what has to be replaced; trying again")
        time.sleep(1)
    if not loader.results:
        raise Refusal("migrations/post-apply.py loaded nothing; restore it.")
    return loader.results[-1]


def renew_captures(connection: psycopg.Connection) -> list[str]:
    """What notes the changes of the host's tables is made by the code, which may have another way now."""
    return connection.execute("select yardstick_engine.renew_captures()").fetchone()[0]


def unload(target: Target, say=lambda line: None) -> list[str]:
    """Empty the code rooms and take the jobs away; every row stays."""
    with alone(target, say) as connection:
        taken = jobs.unregister(target, connection)
        empty_code_rooms(connection)
    return taken


def empty_code_rooms(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("set local lock_timeout = '15s'")
        connection.execute("set local client_min_messages = warning")
        rooms.refuse_outsiders(connection, rooms.CODE_ROOMS, "Unloading the code rooms")
        rooms.empty(connection, rooms.CODE_ROOMS)
        if connection.execute("select to_regclass('yardstick.code_files')").fetchone()[0]:
            connection.execute("delete from yardstick.code_files where path !~ '^sql/(functions|tables)/'")


def rollback_plan(files, done: dict[str, str], to: str | None, steps: int | None) -> list:
    """What goes, last first: everything after --to, or the last --steps (one when nothing is said)."""
    applied = [m for m in files if m.id in done]
    if to is not None:
        if to in ("0", "nothing"):
            return applied[::-1]
        keep = [number for number, m in enumerate(applied) if m.id == to or m.id.split(".")[0] == to]
        if not keep:
            raise Refusal(f"No applied migration is called {to}; see yardstick status.")
        return applied[keep[0] + 1 :][::-1]
    return applied[::-1][: steps or 1]


def rollback(target: Target, to: str | None, steps: int | None, say=lambda line: None) -> list[str]:
    with alone(target, say) as connection:
        migrations.prepare(connection)
        done = migrations.applied(connection)
        if faults := migrations.faults(done):
            raise Refusal("\n".join(faults))
        with migrations.backend(target.conninfo()) as store:
            files = migrations.read()
            migrations.heal(store, files, done)
            going = rollback_plan(files, done, to, steps)
            if not going:
                return []
            missing = [m.id for m in going if not migrations.rollback_file(migrations.FOLDER / f"{m.id}.sql").exists()]
            if missing:
                raise Refusal(f"There is no way back from {', '.join(missing)}: the rollback file is missing.")
            # Code may lean on what goes; the next deploy loads it again.
            jobs.unregister(target, connection)
            empty_code_rooms(connection)
            first = min(files, key=lambda m: m.id)
            for migration in going:
                if migration.id == first.id:
                    drop_data_room_routines(connection)
                migrations.roll_back(store, [migration], say)
            return [m.id for m in going]


def drop_data_room_routines(connection: psycopg.Connection) -> None:
    """Functions loaded from sql/functions that outlived their tables go before the room itself does."""
    found = connection.execute(
        "select oid::regprocedure::text from pg_proc where pronamespace = to_regnamespace('yardstick')"
    ).fetchall()
    if not found:
        return
    try:
        connection.execute("drop routine " + ", ".join(row[0] for row in found) + " restrict")
    except pg.DependentObjectsStillExist as error:
        detail = " ".join((error.diag.message_detail or "").split())
        raise Refusal(f"Something outside leans on functions of the data room; drop it first: {detail}") from None
