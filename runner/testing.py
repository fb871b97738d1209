"""Test databases: a private cluster, a template deployed once, a clone for each test."""

import os
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg
from psycopg import sql

from runner import deploy, jobs, plcheck
from runner.cluster import CRON_DATABASE, Cluster, keep_to_ourselves
from runner.target import Target

TEMPLATE = "yardstick_template"
TAP_TEMPLATE = "yardstick_tap_template"
MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30


def folder_of_clusters() -> Path:
    """Where test clusters are made: in memory, where a database is copied three times faster, if it has 6 GiB to spare."""
    try:
        available = int(re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text())[1]) * 1024
        if min(available, shutil.disk_usage(MEMORY).free) >= ROOM and os.access(MEMORY, os.W_OK):
            return MEMORY
    except (OSError, TypeError):
        pass
    return Path("/tmp")


class Database:
    """A database of the test cluster."""

    def __init__(self, cluster: Cluster, name: str):
        self.cluster = cluster
        self.name = name

    def dsn(self, role: str | None = None) -> str:
        return self.cluster.conninfo(role, dbname=self.name)

    def connect(self, role: str | None = None, autocommit: bool = True) -> psycopg.Connection:
        return psycopg.connect(self.dsn(role), autocommit=autocommit)

    @property
    def target(self) -> Target:
        return Target(self.dsn())

    def deploy(self) -> deploy.Report:
        """Deploy, and take the jobs off: one that starts at the full minute plans and calculates instead of the test."""
        report = deploy.deploy(self.target)
        with self.connect() as connection:
            jobs.unregister(self.target, connection)
        return report


class TestCluster:
    """The cluster of one test run. Its folder names it, so that worker processes find it."""

    __test__ = False

    def __init__(self, folder: Path):
        self.folder = folder
        self.cluster = Cluster(state=folder / "state", socket=folder / "s", port=5478, listen="", for_tests=True)
        self.findings: str | None = None

    @classmethod
    def start(cls) -> "TestCluster":
        folder = Path(tempfile.mkdtemp(prefix="ys-test-", dir=folder_of_clusters()))
        folder.chmod(0o755)
        made = cls(folder)
        made.cluster.up()
        return made

    def stop(self) -> None:
        self.cluster.run(self.cluster.bin / "pg_ctl", "stop", "-D", self.cluster.data, "-m", "immediate", "-w")
        shutil.rmtree(self.folder, ignore_errors=True)

    def admin(self) -> psycopg.Connection:
        return psycopg.connect(self.cluster.conninfo(dbname=CRON_DATABASE), autocommit=True)

    def make_templates(self) -> None:
        self.create(TEMPLATE)
        template = Database(self.cluster, TEMPLATE)
        try:
            template.deploy()
        except plcheck.Findings as findings:
            self.findings = str(findings)
            (self.folder / "findings").write_text(self.findings)
        with template.connect() as connection:
            # The scheduler would hold the template open.
            jobs.unregister(template.target, connection)
            # Most tests are about something else than who approved what.
            connection.execute("select yardstick_api.set_approval_gates(null, '{}', 'a database of tests')")
        self.create(TAP_TEMPLATE, TEMPLATE)
        with Database(self.cluster, TAP_TEMPLATE).connect() as connection:
            connection.execute("create extension pgtap")

    def create(self, name: str, template: str | None = None) -> Database:
        with self.admin() as connection:
            copy = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
            self.create_from(connection, sql.SQL("create database {}").format(sql.Identifier(name)) + copy)
            # Rights on a database are not copied with it.
            keep_to_ourselves(connection, name)
            if template:
                give = sql.SQL("grant temporary on database {} to yardstick_formula, yardstick_reader, yardstick_engine_role")
                connection.execute(give.format(sql.Identifier(name)))
        return Database(self.cluster, name)

    @staticmethod
    def create_from(connection, statement) -> None:
        """The server waits five seconds for whoever reads the template, which on a busy machine may be too short."""
        for _ in range(11):
            try:
                connection.execute(statement)
            except psycopg.errors.ObjectInUse:
                continue
            return
        connection.execute(statement)

    def clone(self, template: str = TEMPLATE) -> Database:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        return self.create(f"test_{worker}_{uuid.uuid4().hex[:8]}", template)

    def drop(self, database: Database) -> None:
        with self.admin() as connection:
            if connection.execute("select to_regclass('cron.job')").fetchone()[0]:
                connection.execute("delete from cron.job where database = %s", [database.name])
            name = sql.Identifier(database.name)
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))


def schema_dump(database: Database, *options: str) -> list[str]:
    """The sorted lines of a schema dump, without what differs by the hour: time partitions and pg_dump's own keys."""
    command = [database.cluster.bin / "pg_dump", "--schema-only", *options, "-d", database.dsn()]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    partition = re.compile(r"\w+_[12][0-9]{3}(_\w+)?\b")
    statements = re.split(r"\n\n+", text)
    kept = [s for s in statements if not (partition.search(s) and "CREATE FUNCTION" not in s)]
    lines = "\n".join(kept).splitlines()
    return sorted(line for line in lines if line.strip() and not line.startswith(("--", "\\restrict", "\\unrestrict")))
