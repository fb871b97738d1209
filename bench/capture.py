"""What noting changes costs a writer: the same rows into a bare table and into a captured one, alternating rounds.

CPU time (user and system) of the writing session, COMMIT included.
"""

import json
import random
import statistics
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
from rich.console import Console
from rich.table import Table

from bench import results

LIMIT = 1.2
ROUNDS = 5
LIMITED = ("copied", "inserted_by_organization", "copied_as_observations", "inserted_as_observations")
ROWS = 200_000
BATCH = 1_000
SINGLES = 1_000
TABLES = ("bare", "captured")
OBSERVED = "organization_id, metric_name, metric_category, value, measurement_date"
OBSERVATIONS = []
COLUMNS = "id, organization_id, department, kind, title, happened_at, amount"
HOST = """
drop schema if exists bench_host cascade;
create schema bench_host;
create table bench_host.bare (
    id uuid not null primary key, organization_id integer not null, department text, kind text not null, title text not null,
    status text not null default 'open', happened_at timestamptz not null, due_at timestamptz, amount numeric(15, 4)
);
create index on bench_host.bare (happened_at);
create table bench_host.captured (like bench_host.bare including all);
grant usage on schema bench_host to yardstick_reader;
grant select on bench_host.captured to yardstick_reader;
"""
SOURCE = {
    "name": "bench_captured", "relation": "bench_host.captured", "time_column": "happened_at", "organization_column": "organization_id",
    "levels": {"dept": "department"}, "key_column": "kind", "capture": True,
}  # fmt: skip


def rows() -> str:
    """The rows of a week as they come in, one of ten of them up to sixty days late, of 50 organizations, a few of which have most."""
    chance, now = random.Random(5), datetime(2026, 3, 2, tzinfo=UTC)
    lines = []
    for number in range(ROWS):
        late = timedelta(seconds=7 * 86400 * (1 - number / ROWS))
        if chance.random() < 0.1:
            late = timedelta(seconds=chance.randrange(60 * 86400))
        organization, department = int(50 * chance.random() ** 2), chance.randrange(20)
        kind = chance.choice(("cost", "delay", "defects", "hours"))
        lines.append(
            f"{uuid.UUID(int=chance.getrandbits(128))}\t{organization}\td{department}\t{kind}\tSeal {late.seconds} leaks again\t{now - late}"
            f"\t{chance.randrange(10**7) / 100}"
        )
    return "\n".join(lines) + "\n"


def main(dsn: str, measure) -> bool:
    """Prints and keeps the ratios; False when one is above its limit."""
    text = rows()
    with psycopg.connect(dsn, autocommit=True, application_name="yardstick bench") as connection:
        connection.execute("set client_min_messages = warning")
        connection.execute(HOST)
        for number in range(50):
            organization = {"external_id": str(number), "organization_name": f"Bench {number}", "timezone": ("UTC", "Asia/Kolkata")[number % 2]}
            connection.execute("select yardstick_api.sync_organization(%s)", [json.dumps(organization)])
        connection.execute("select yardstick_api.register_source(%s)", [json.dumps(SOURCE)])
        with connection.cursor().copy(f"copy bench_host.bare ({COLUMNS}) from stdin") as copy:
            copy.write(text)
        # By organization, as an application sends them, and mixed, as an importer does: then every fourth row is a day of its own.
        for table, order in (("by_organization", "organization_id, happened_at"), ("mixed", "ctid")):
            connection.execute(
                f"create table bench_host.{table} as"
                f" select (row_number() over (order by {order}) - 1) / {BATCH} as batch, b.* from bench_host.bare as b"
            )
            connection.execute(f"create index on bench_host.{table} (batch)")
        connection.execute(
            "create table bench_host.observed as"
            " select b.batch, o.id as organization_id, b.kind as metric_name, 'quality'::text as metric_category, b.amount as value,"
            " b.happened_at as measurement_date"
            " from bench_host.by_organization as b inner join yardstick.organizations as o on o.external_id = b.organization_id::text"
        )
        connection.execute("create index on bench_host.observed (batch)")
        connection.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2025-01-01', '2026-12-31')")
        connection.execute("vacuum analyze bench_host.by_organization, bench_host.mixed, bench_host.observed")
        with connection.cursor().copy(f"copy (select {OBSERVED} from bench_host.observed order by random()) to stdout") as copy:
            OBSERVATIONS[:] = [b"".join(copy)]
        times = {work: {table: [] for table in TABLES} for work in LABELS}
        for number in range(ROUNDS + 1):
            for work, measured in times.items():
                for table in TABLES if number % 2 else reversed(TABLES):
                    connection.execute(
                        f"truncate bench_host.{table}; truncate yardstick.analytics_metrics; truncate yardstick.source_changes; checkpoint"
                    )
                    cpu, _ = measure(dsn, lambda session, work=work, table=table: work(session, table, text))
                    if number:
                        measured[table].append(cpu)
        asleep(connection, "captured")
        version = connection.execute("show server_version").fetchone()[0].split()[0]
        connection.execute("drop schema bench_host cascade; truncate yardstick.analytics_metrics; truncate yardstick.source_changes")
    return report(times, version)


def copied(session, table: str, text: str) -> None:
    with session.cursor().copy(f"copy bench_host.{table} ({COLUMNS}) from stdin") as copy:
        copy.write(text)


def inserted(session, table: str, staged: str) -> None:
    for batch in range(ROWS // BATCH):
        session.execute(
            f"insert into bench_host.{table} ({COLUMNS}) select {COLUMNS} from bench_host.{staged} where batch = %s", [batch], prepare=True
        )


def inserted_by_organization(session, table: str, _text: str) -> None:
    inserted(session, table, "by_organization")


def inserted_mixed(session, table: str, _text: str) -> None:
    inserted(session, table, "mixed")


def copied_as_observations(session, table: str, _text: str) -> None:
    session.execute("begin")
    asleep(session, table)
    with session.cursor().copy(f"copy yardstick.analytics_metrics ({OBSERVED}) from stdin") as copy:
        copy.write(OBSERVATIONS[0])
    session.execute("commit")


def inserted_as_observations(session, table: str, _text: str) -> None:
    for batch in range(ROWS // BATCH):
        session.execute("begin")
        if not batch:
            asleep(session, table)
        session.execute(
            f"insert into yardstick.analytics_metrics ({OBSERVED}) select {OBSERVED} from bench_host.observed where batch = %s",
            [batch], prepare=True,
        )  # fmt: skip
        session.execute("commit")


def asleep(session, table: str) -> None:
    """Bare is the same table with its four triggers of capture asleep."""
    for event in ("insert", "update", "delete", "truncate"):
        session.execute(f"alter table yardstick.analytics_metrics {'disable' if table == 'bare' else 'enable'} trigger capture_{event}")


def one_by_one(session, table: str, _text: str) -> None:
    for number in range(SINGLES):
        session.execute(
            f"insert into bench_host.{table} ({COLUMNS}) values (gen_random_uuid(), %s, 'd1', 'cost', 'Seal leaks', '2026-03-01 12:00+00', 1)",
            [number % 50],
            prepare=True,
        )


LABELS = {
    copied: f"COPY of {ROWS:,} rows",
    inserted_by_organization: f"INSERTs of {BATCH:,} rows, each of one organization",
    copied_as_observations: f"COPY of {ROWS:,} observations",
    inserted_as_observations: f"INSERTs of {BATCH:,} observations, each of one organization",
    inserted_mixed: f"INSERTs of {BATCH:,} rows, of 50 organizations each",
    one_by_one: "INSERTs of one row, each committed",
}


def report(times: dict, version: str) -> bool:
    table = Table(box=None)
    for heading in ("", "bare CPU s", "captured CPU s", "ratio", "limit"):
        table.add_column(heading, justify="right" if heading else "left")
    lines = ["| | bare CPU s | captured CPU s | ratio | limit |", "|---|---|---|---|---|"]
    is_fast = True
    for work, measured in times.items():
        bare, captured = (statistics.median(measured[name]) for name in TABLES)
        limit = LIMIT if work.__name__ in LIMITED else None
        is_fast = is_fast and (limit is None or captured / bare <= limit)
        cells = (LABELS[work], f"{bare:.2f}", f"{captured:.2f}", f"{captured / bare:.2f}", f"{limit or 'none'}")
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    console = Console()
    console.print(table)
    console.print(f"capture is within its limit {LIMIT}" if is_fast else f"capture is ABOVE its limit {LIMIT}")
    results.keep("Capture", [
        "A table with an index on its time, 50 organizations, 4 keys, and the table of observations with and without its own triggers; CPU of the writing session, COMMIT included, median of "
        f"{ROUNDS} alternating rounds.",
        "\n".join(lines),
        f"{results.setting(version)}.",
    ])  # fmt: skip
    return is_fast
