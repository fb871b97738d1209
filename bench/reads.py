"""A dashboard of 20 widgets, the last 13 months of each, read by a BI login through its view, beside the same query on the bare tables.

Wall time of each read, by pgbench with prepared statements; the bare tables are read by a superuser, whom no policy holds.
"""

import secrets
import statistics
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench import results, series
from runner.cluster import newest_bin
from runner.target import Target

LIMITS = {"p50": 1.5, "p99": 3.0}
CLIENTS = (1, 8)
ROUNDS, SECONDS = 3, 6
# The first reads of a session are planned anew, each, until the server settles on a plan.
WARM, COUNTED = 20, 20
READER = "yardstick_bench_reader"
NAMES = "any (array(select 'series_' || n from generate_series({first} + 1, {first} + 20) as n))"
VIEW = """
select t.metric_name, t.period_end, t.metric_value, t.target_value, t.change_pct
from yardstick_bi.metric_trend as t
where t.metric_name = {names} and t.aggregation_level = 'dept' and t.aggregation_id = '{department}' and t.time_window = 'monthly'
"""
BARE = """
select d.metric_name, c.period_end, c.metric_value::float8, c.target_value::float8, c.change_percentage::float8
from yardstick.metric_definitions as d
cross join lateral (
    select c.period_end, c.metric_value, c.target_value, c.change_percentage
    from yardstick.metric_calculations as c
    where
        c.organization_id = '{organization}' and c.metric_id = d.id and c.aggregation_level = 'dept' and c.aggregation_id = '{department}'
        and c.time_window = 'monthly' and c.period_end <= now() and c.period_end > now() - interval '2 years'
    order by c.period_end desc
    limit 13
) as c
where d.metric_name = {names}
"""


def make_reader(connection: psycopg.Connection, organization) -> str:
    """A BI login bound to the organization, and its password, for a server that asks for one."""
    password, login = secrets.token_hex(16), sql.Identifier(READER)
    if not connection.execute("select 1 from pg_roles where rolname = %s", [READER]).fetchone():
        connection.execute(sql.SQL("create role {} login in role yardstick_bi").format(login))
    connection.execute(sql.SQL("alter role {} password {}").format(login, sql.Literal(password)))
    connection.execute("select yardstick_api.bind_login(%s, %s, 'bound')", [READER, organization])
    target = Target()
    if target.is_embedded and connection.info.host == str(target.cluster.socket):
        target.cluster.admit_logins()
    return password


def run(dsn: str, script: str, clients: int) -> list[float]:
    """Milliseconds of each read."""
    length = ("-T", str(SECONDS)) if series.is_published() else ("-t", str(WARM + COUNTED))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "read.sql"
        file.write_text(script)
        command = [
            newest_bin() / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", *length, "-l",
            "--log-prefix", f"{folder}/log", "-f", str(file), dsn,
        ]  # fmt: skip
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"pgbench failed: {done.stderr.strip()}")
        lines = [line.split() for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    return [int(line[2]) / 1000 for line in lines if int(line[1]) > WARM]


def main(dsn: str, rounds: int = ROUNDS) -> bool:
    """Prints and keeps the ratios; False when one is above its limit."""
    with psycopg.connect(dsn, autocommit=True, application_name="yardstick bench") as connection:
        series.fill(connection)
        organization, department = connection.execute(
            "select o.id, d.id from yardstick.organizations as o inner join yardstick.departments as d on d.organization_id = o.id"
            " where o.external_id = 'series-7' and d.department_name = 'Department 7'"
        ).fetchone()
        password = make_reader(connection, organization)
        version = connection.execute("show server_version").fetchone()[0].split()[0]
        reader = psycopg.conninfo.make_conninfo(dsn, user=READER, password=password)
        texts = {
            name: text.replace("{organization}", str(organization)).replace("{department}", str(department)).replace("{names}", NAMES)
            for name, text in (("bare", BARE), ("view", VIEW))
        }
        with psycopg.connect(reader) as session:
            for first in (0, series.metrics() - 20):
                bare, view = (c.execute(texts[name].replace("{first}", str(first))).fetchall() for name, c in (("bare", connection), ("view", session)))
                if sorted(bare, key=str) != sorted(view, key=str) or len(bare) < 20:
                    raise SystemExit(f"The view shows {len(view)} rows that are not the {len(bare)} of the bare tables.")
        connection.execute("checkpoint")
    scripts = {
        name: f"\\set first random(0, {series.metrics() - 20})\n" + " ".join(text.replace("{first}", ":first").split()) + ";\n"
        for name, text in texts.items()
    }
    dsns = {"bare": dsn, "view": reader}
    times = {(name, clients): [] for name in scripts for clients in CLIENTS}
    for number in range(rounds):
        for clients in CLIENTS:
            for name in ("bare", "view") if number % 2 else ("view", "bare"):
                times[name, clients].append(run(dsns[name], scripts[name], clients))
    return report(times, version)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


def report(times: dict, version: str) -> bool:
    table = Table(box=None)
    headings = ("", "bare ms", "view ms", "ratio", "limit")
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left")
    lines = ["| " + " | ".join(headings) + " |", "|---|---|---|---|---|"]
    is_fast = True
    for clients in CLIENTS:
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            bare, view = (statistics.median(percentile(round_, share) for round_ in times[side, clients]) for side in ("bare", "view"))
            is_fast = is_fast and view / bare <= LIMITS[name]
            cells = (f"{clients} client{'s' if clients > 1 else ''}, {name}", f"{bare:.2f}", f"{view:.2f}", f"{view / bare:.2f}", f"{LIMITS[name]}")
            table.add_row(*cells)
            lines.append("| " + " | ".join(cells) + " |")
    console = Console()
    console.print(table)
    console.print("reads are within their limits" if is_fast else "a read is ABOVE its limit")
    if series.is_published():
        results.keep("Reads", [
            f"A dashboard of 20 metrics of a department, their last 13 months, among {series.count():,} series: `yardstick_bi.metric_trend` as a "
            "BI login under row-level security, beside the same query on the bare tables by a superuser. pgbench with prepared statements, wall "
            f"time of each read, median of {len(times['bare', 1])} alternating rounds of {SECONDS} s; both gave the same rows.",
            "\n".join(lines),
            f"{results.setting(version)}.",
        ])  # fmt: skip
    return is_fast or not series.is_published()
