"""Looks at machine, server and database, and changes nothing."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from runner import MINIMUM_SERVER_VERSION, status
from runner.cluster import NEEDED_BYTES, newest_bin
from runner.errors import Refusal, explain
from runner.target import Target

OPTIONAL_EXTENSIONS = {
    "pg_cron": "jobs are not registered",
    "plpgsql_check": "PL/pgSQL bodies are not checked",
    "dblink": "metrics of method sql and function run one for each call",
    "tdigest": "percentiles are exact where a definition asks for approximate ones",
    "hll": "distinct counts are exact where a definition asks for approximate ones",
}


@dataclass
class Finding:
    verdict: str  # ok, note or bad
    what: str
    detail: str


def examine(target: Target) -> Iterator[Finding]:
    yield Finding("ok", "python", f"{sys.version.split()[0]} in {sys.prefix}")
    if target.cluster:
        yield from examine_machine(target)
    try:
        connection = target.connect()
    except psycopg.Error as error:
        yield Finding("bad", "server", explain(error))
        return
    with connection:
        yield from examine_server(connection)


def examine_machine(target: Target) -> Iterator[Finding]:
    cluster = target.cluster
    try:
        yield Finding("ok", "postgresql", f"newest server in {newest_bin()}; the cluster uses {cluster.bin}")
    except Refusal as refusal:
        yield Finding("bad", "postgresql", str(refusal))
    place = next(path for path in (cluster.state, *cluster.state.parents) if path.exists())
    free = shutil.disk_usage(place).free
    verdict = "ok" if free > NEEDED_BYTES else "bad"
    yield Finding(verdict, "disk", f"{free // 2**20} MB free at {place}")
    where = f"{cluster.state}, socket {cluster.socket}, port {cluster.port}"
    exists = (cluster.data / "PG_VERSION").exists()
    yield Finding("ok" if exists else "note", "cluster", where if exists else f"none yet in {where}; yardstick up makes it")
    other = Path("/etc/postgresql")
    if other.is_dir() and any(other.glob("*/*")):
        yield Finding("note", "neighbours", "clusters of the machine's own are left alone")


def examine_server(connection: psycopg.Connection) -> Iterator[Finding]:
    version = connection.info.server_version
    yield Finding(
        "ok" if version >= MINIMUM_SERVER_VERSION else "bad", "server",
        f"PostgreSQL {version // 10000}.{version % 10000}, needed is {MINIMUM_SERVER_VERSION // 10000} or later",
    )  # fmt: skip
    is_superuser = connection.execute("select current_setting('is_superuser')").fetchone()[0] == "on"
    yield Finding(
        "ok" if is_superuser else "bad", "login",
        f"{connection.info.user} is {'a superuser' if is_superuser else 'not a superuser: deploys need one'}",
    )  # fmt: skip
    available = dict(connection.execute("select name, default_version from pg_available_extensions").fetchall())
    has_python = "plpython3u" in available
    yield Finding("ok" if has_python else "bad", "plpython3u", "available" if has_python else "missing: a deploy needs it")
    for name, loss in OPTIONAL_EXTENSIONS.items():
        if name in available:
            yield Finding("ok", name, f"{available[name]} available")
        else:
            yield Finding("note", name, f"missing: {loss}")
    if not is_superuser:
        yield Finding("note", "database", f"{connection.info.dbname}: {connection.info.user} may not read how it stands")
        return
    if "pg_cron" in available and not connection.execute("select current_setting('cron.database_name', true)").fetchone()[0]:
        yield Finding("note", "pg_cron", "installed but not in shared_preload_libraries: jobs are not registered")
    if not connection.execute("select to_regclass('yardstick_migrations.applied')").fetchone()[0]:
        yield Finding("note", "database", f"{connection.info.dbname}: nothing is deployed yet")
        return
    if connection.execute("select to_regprocedure('yardstick_engine.sandbox_problem()')").fetchone()[0]:
        problem = connection.execute("select yardstick_engine.sandbox_problem()").fetchone()[0]
        yield Finding(
            "note" if problem else "ok", "sandbox",
            f"metrics of method sql and function run one for each call, without a limit of memory: {problem}"
            if problem else "metrics of method sql and function run in a session of their own",
        )  # fmt: skip
    found = status.look(connection)
    verdict = "bad" if found.faults else "ok" if found.is_clean else "note"
    detail = "what the files say" if found.is_clean else (found.faults or ["differs from the files: yardstick status"])[0]
    yield Finding(verdict, "database", f"{connection.info.dbname}: {len(found.applied)} migrations applied; {detail}")
