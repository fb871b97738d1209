"""A calculation that is killed anywhere leaves each value as it was or as it will be, and the next one completes it."""

import os
import random
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Thread

import psycopg
import pytest
from psycopg.types.json import Jsonb

from runner.testing import TEMPLATE, TestCluster

NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]

HOST = """
create schema host;
create table host.notes (organization text, happened_at timestamptz, amount numeric, kind text);
grant usage on schema host to yardstick_reader;
grant select on host.notes to yardstick_reader;
"""

# Everything that is stored, by what it is about and not by when or under which id it was written.
TABLES = {
    "values": """
        select
            o.external_id, d.metric_name, c.aggregation_level, coalesce(t.external_id, ''), c.time_window, c.period_start, c.period_end,
            c.metric_value, c.previous_value, c.change_percentage, c.sample_size, c.calculation_status, c.calculation_notes, c.error_code,
            c.metric_version, c.metadata::text
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as d on d.id = c.metric_id
        inner join yardstick.organizations as o on o.id = c.organization_id
        left join yardstick.departments as t on t.id = c.aggregation_id
    """,
    "states": """
        select
            o.external_id, m.measure_key, m.filter, m.expression, m.state_kind, s.aggregation_level, coalesce(t.external_id, ''), p.period_type,
            p.period_start, p.row_count, p.value_sum, p.value_min, p.value_max
        from yardstick.metric_partials as p
        inner join yardstick.metric_series as s on s.series_id = p.series_id
        inner join yardstick.metric_measures as m on m.id = s.measure_id
        inner join yardstick.organizations as o on o.id = s.organization_id
        left join yardstick.departments as t on t.id = s.aggregation_id
    """,
    "details": """
        select
            o.external_id, m.state_kind, m.expression, s.aggregation_level, coalesce(t.external_id, ''), p.period_start, p.row_count, p.first_at,
            p.first_value, p.last_at, p.last_value, p.value_list::text, p.key_list::text, p.centroids::text, p.registers::text
        from yardstick.metric_details as p
        inner join yardstick.metric_series as s on s.series_id = p.series_id
        inner join yardstick.metric_measures as m on m.id = s.measure_id
        inner join yardstick.organizations as o on o.id = s.organization_id
        left join yardstick.departments as t on t.id = s.aggregation_id
    """,
    "series": """
        select o.external_id, m.measure_key, m.filter, m.expression, m.state_kind, s.aggregation_level, coalesce(t.external_id, '')
        from yardstick.metric_series as s
        inner join yardstick.metric_measures as m on m.id = s.measure_id
        inner join yardstick.organizations as o on o.id = s.organization_id
        left join yardstick.departments as t on t.id = s.aggregation_id
    """,
    "revisions": """
        select
            o.external_id, d.metric_name, r.aggregation_level, r.time_window, r.period_start, r.period_end, r.cause, r.metric_version,
            r.metric_value, r.sample_size
        from yardstick.metric_calculation_revisions as r
        inner join yardstick.metric_definitions as d on d.id = r.metric_id
        inner join yardstick.organizations as o on o.id = r.organization_id
    """,
    "failures": "select d.metric_name, d.last_error_code from yardstick.metric_definitions as d",
    "left": """
        select 'slices', count(*) from yardstick.calculation_slices
        union all select 'dirty', count(*) from yardstick.metric_dirty
        union all select 'pending', count(*) from yardstick.metric_pending
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def own_cluster():
    """One whose postmaster may be killed. What a process has handed to the system outlives it, so nothing waits for the disk."""
    made = TestCluster.start()
    try:
        made.make_templates()
        yield made
    finally:
        made.stop()


def everything(database):
    with database.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in TABLES.items()}


def call(connection, function, argument, organization=None):
    with connection.transaction():
        if organization:
            connection.execute("select yardstick_api.use_organization(%s)", [organization])
        return connection.execute(
            f"select yardstick_api.{function}(%s)", [Jsonb(argument)]
        ).fetchone()[0]


def make(cluster, name):
    """Two organizations, a captured table, recorded values, and metrics of every kind that is calculated here; nothing calculated."""
    database = cluster.create(name, TEMPLATE)
    chance = random.Random(11)
    with database.connect() as connection:
        connection.execute(HOST)
        for place, zone in (("east", "Asia/Tokyo"), ("west", "America/Denver")):
            organization = call(
                connection, "sync_organization", {"external_id": place, "organization_name": place, "timezone": zone}
            )
            above = call(connection, "sync_department", {"external_id": f"{place}-a", "department_name": "A"}, organization)
            below = call(
                connection, "sync_department",
                {"external_id": f"{place}-b", "department_name": "B", "parent_department_id": str(above)}, organization,
            )  # fmt: skip
            call(connection, "record_values", [
                {"metric_name": chance.choice(("cost", "delay")), "value": chance.randrange(1000), "department_id": chance.choice((str(above), str(below), None)),
                 "measured_at": (NOW - timedelta(minutes=chance.randrange(500000))).isoformat()}
                for _ in range(400)
            ], organization)  # fmt: skip
        add_rows(connection, chance, 3000)
        call(connection, "register_source", {
            "name": "notes", "relation": "host.notes", "time_column": "happened_at", "organization_column": "organization", "capture": True,
        })  # fmt: skip
        measures = {
            "cost": ("analytics_metrics", {"n": {"agg": "sum"}}, None),
            "rate": ("analytics_metrics", {"s": {"agg": "sum"}, "n": {"agg": "count"}}, "s / n"),
            "middle": ("analytics_metrics", {"n": {"agg": "percentile", "p": 50}}, None),
            "noted": ("notes", {"n": {"agg": "sum", "value": "amount"}}, None),
            "kinds": ("notes", {"n": {"agg": "count_distinct", "value": "kind"}}, None),
            "bad": ("notes", {"n": {"agg": "sum", "value": "kind::numeric"}}, None),
        }
        for metric, (source, body, formula) in measures.items():
            call(connection, "define_metric", {
                "metric_name": metric, "display_name": metric, "calculation_method": "aggregation", "refresh_frequency": "real_time",
                "data_sources": {"source": source, "measures": body}, "time_windows": WINDOWS,
                "aggregation_levels": ["org", "dept"] if source == "analytics_metrics" else ["org"],
                **({"calculation_formula": formula} if formula else {}),
            })  # fmt: skip
        call(connection, "define_metric", {
            "metric_name": "growth", "display_name": "growth", "calculation_method": "aggregation", "time_windows": WINDOWS,
            "data_sources": {"metrics": {"now": {"metric": "cost"}, "before": {"metric": "cost", "lag": 1}}},
            "calculation_formula": "now - before", "aggregation_levels": ["org", "dept"],
        })  # fmt: skip
    return database


def add_rows(connection, chance, count):
    rows = [
        (chance.choice(("east", "west")), NOW - timedelta(minutes=chance.randrange(500000)), chance.randrange(100),
         chance.choice(("1", "2", "3") if number % 200 else ("x",)))
        for number in range(count)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany("insert into host.notes values (%s, %s, %s, %s)", rows)


def disturb(database):
    """Late rows, deletes and moves over what was calculated: the same in every copy."""
    chance = random.Random(12)
    with database.connect() as connection:
        # Clusters of tests commit without waiting for the log; what the host has written has to outlive the kill.
        connection.execute("set synchronous_commit = on")
        add_rows(connection, chance, 200)
        connection.execute("delete from host.notes where amount = 17")
        connection.execute("update host.notes set happened_at = happened_at - interval '40 days' where amount = 18")
        connection.execute("update yardstick.analytics_metrics set value = value + 1 where value < 300")
        connection.execute("delete from yardstick.analytics_metrics where value > 900")


def calculate(database, minute=0):
    with database.connect() as connection:
        connection.execute("call yardstick_engine.calculate_due(%s)", [NOW + timedelta(minutes=minute)])


def finish(database, first):
    for minute in range(first, first + 10):
        calculate(database, minute)


class Run(Thread):
    """A calculation in a session of its own; killed, it ends without a word."""

    def __init__(self, database, as_of):
        super().__init__()
        self.as_of = as_of
        self.connection = database.connect()
        self.pid = self.connection.info.backend_pid
        self.failure = None

    def run(self):
        try:
            self.connection.execute("call yardstick_engine.calculate_due(%s)", [self.as_of])
        except psycopg.Error as error:
            self.failure = error
        finally:
            self.connection.close()


def kill_backend(cluster, run):
    os.kill(run.pid, signal.SIGKILL)


def kill_postmaster(cluster, run):
    data = cluster.cluster.data
    postmaster = int((data / "postmaster.pid").read_text().split("\n")[0])
    os.kill(postmaster, signal.SIGKILL)
    # A backend at work does not notice before it has finished; nobody is left to end it. The others do, and until then the server
    # cannot start.
    with suppress(ProcessLookupError):
        os.kill(run.pid, signal.SIGKILL)


def await_server(cluster, witness):
    """The server is back once it has noticed: then it has ended the sessions of everybody, the witness's too."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            witness.execute("select 1")
            time.sleep(0.05)
        except psycopg.Error:
            break
    while time.monotonic() < deadline:
        try:
            cluster.cluster.up()
            with cluster.admin():
                return
        except Exception:
            # It recovers, or its last children have not ended.
            time.sleep(0.5)
    raise AssertionError("the server did not come back")


@pytest.mark.parametrize("kill", [kill_backend, kill_postmaster])
def test_a_kill_in_the_middle_leaves_no_half_and_the_next_run_completes_it(own_cluster, kill):
    origin = make(own_cluster, f"origin_{kill.__name__}")
    copies = {}
    try:
        # What an undisturbed run gives: before, and after the rows have changed.
        copies["calm"] = calm = own_cluster.create(f"calm_{kill.__name__}", origin.name)
        finish(calm, 10)
        before = everything(calm)
        disturb(calm)
        finish(calm, 50)
        after = everything(calm)
        assert before["values"] != after["values"]
        assert before["left"] == after["left"] == [("dirty", 0), ("pending", 0), ("slices", 0)]
        assert dict(after["failures"])["bad"] == "22P02"

        copies["victim"] = victim = own_cluster.create(f"victim_{kill.__name__}", origin.name)
        killed = interrupt(own_cluster, victim, kill, random.Random(1), None, before, 0)
        finish(victim, 10)
        assert everything(victim) == before
        disturb(victim)
        killed += interrupt(own_cluster, victim, kill, random.Random(2), before, after, 40)
        finish(victim, 50)
        assert everything(victim) == after
        assert killed > 0
    finally:
        for database in (*copies.values(), origin):
            own_cluster.drop(database)


def interrupt(cluster, database, kill, chance, old, new, first):
    killed = 0
    for minute, delay in enumerate((0.1, 0.5, 1.0), first):
        run = Run(database, NOW + timedelta(minutes=minute))
        run.start()
        time.sleep(delay * (0.5 + chance.random()))
        witness = database.connect()
        try:
            kill(cluster, run)
        except ProcessLookupError:
            # It was through before.
            pass
        else:
            await_server(cluster, witness)
        finally:
            witness.close()
        run.join(60)
        killed += run.failure is not None
        half_way(everything(database), old, new)
    return killed


def half_way(found, old, new):
    """Each value is wholly what it was or what it will be, or an error that waits for its days."""

    def keyed(rows):
        return {row[:7]: (row[7], *row[10:12], row[13]) for row in rows}

    old, new = keyed(old["values"]) if old else {}, keyed(new["values"])
    wrong = [
        (key, row, old.get(key), new.get(key))
        for key, row in keyed(found["values"]).items()
        if row not in (old.get(key), new.get(key)) and not (key[1] == "bad" and row[2] == "error")
    ]
    assert wrong == []
