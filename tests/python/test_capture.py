"""Whatever happens to tables of the host, by two sessions with open transactions and in whatever order: what is stored in the end
is what a calculation from nothing gives."""

import random
import subprocess
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from runner import deploy

HOST = """
create schema host;
create table host.events (
    id integer generated always as identity primary key, organization integer, kind text, department text, team text,
    happened_at timestamptz, local_at timestamp, on_day date, amount numeric
);
create table host.parts (
    id integer, organization integer, kind text, department text, team text,
    happened_at timestamptz, local_at timestamp, on_day date, amount numeric
) partition by list (organization);
create table host.parts_1 partition of host.parts for values in (1);
create table host.parts_others partition of host.parts default;
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""
COLUMNS = "organization, kind, department, team, happened_at, local_at, on_day, amount"
ORGANIZATIONS = {
    1: {"timezone": "Pacific/Auckland"},
    2: {"timezone": "America/Los_Angeles", "week_start": 7},
    3: {"timezone": "Asia/Kathmandu", "fiscal_year_start_month": 4},
}
SOURCES = {
    "instants": ("host.events", "happened_at"), "locals": ("host.events", "local_at"), "days": ("host.events", "on_day"),
    "parts": ("host.parts", "happened_at"),
}  # fmt: skip
WINDOWS = ["daily", "weekly", "monthly", "annual"]
SOME = "id in (select id from {table} order by md5(id::text || %s) limit %s)"


def register(engine, name, **keys):
    relation, column = SOURCES[name]
    return engine.door(
        "register_source",
        {
            "name": name, "relation": relation, "time_column": column, "organization_column": "organization", "key_column": "kind",
            "levels": {"dept": "department", "team": "team"}, "capture": True, **keys,
        },
    )  # fmt: skip


class HostWorld:
    """Three organizations, tables of the host that are captured, and two sessions that write to them."""

    def __init__(self, engine, database, seed):
        self.engine, self.random = engine, random.Random(seed)
        engine.execute(HOST)
        self.organizations = {}
        for number, keys in ORGANIZATIONS.items():
            organization = engine.organization(str(number), **keys)
            self.organizations[number] = organization
            above = None
            for department in range(3):
                above = engine.door(
                    "sync_department",
                    {"external_id": f"d{department}", "department_name": f"D{department}", **({"parent_department_id": above} if above else {})},
                    organization,
                )  # fmt: skip
            for team in (1, 2):
                engine.door("sync_team", {"external_id": f"t{team}", "team_name": f"T{team}"}, organization)
        for name in SOURCES:
            register(engine, name)
        self.now = datetime(2025, 1, 3, 5, tzinfo=UTC)
        self.writers = [database.connect(autocommit=False) for _ in range(2)]
        for writer in self.writers:
            writer.execute("set lock_timeout = '50ms'; set timezone = 'America/Caracas'")
            writer.commit()

    def define(self):
        for name in SOURCES:
            for metric, keys in (
                ("total", {"key": "cost", "measures": {"n": {"agg": "sum", "value": "amount"}}, "aggregation_levels": ["org", "dept", "team"]}),
                ("rows", {"measures": {"n": {"agg": "count"}}, "aggregation_levels": ["org", "dept"]}),
                ("median", {"key": "delay", "measures": {"n": {"agg": "percentile", "p": 50, "value": "amount"}}}),
                ("kinds", {"measures": {"n": {"agg": "count_distinct", "value": "amount", "where": "amount > 20"}}}),
            ):  # fmt: skip
                self.engine.metric(f"{metric}_of_{name}", source=name, time_windows=WINDOWS, **keys)
        self.engine.derived(
            "cost_of_one", {"cost": {"metric": "total_of_instants"}, "seen": {"metric": "rows_of_instants"}},
            calculation_formula="cost / seen", time_windows=WINDOWS,
        )  # fmt: skip

    def time(self):
        at = self.now - timedelta(seconds=self.random.randrange(self.random.choice((2, 30, 400)) * 86400))
        if self.random.random() < 0.3:
            at = at.replace(hour=self.random.choice((8, 11, 18)), minute=self.random.choice((0, 15)), second=0)
        return self.random.choice((at, at, at, at, at, None))

    def row(self):
        pick = self.random.choice
        instant, local, day = self.time(), self.time(), self.time()
        return (
            pick((1, 1, 2, 3, 4)), pick(("cost", "cost", "delay", None)), pick(("d0", "d1", "d2", "d9", None)), pick(("t1", "t2", None)),
            instant, local and local.replace(tzinfo=None), day and day.date(), pick((0, -7.25, None, self.random.randrange(10000) / 100)),
        )  # fmt: skip

    def write(self, writer, table):
        pick, rows = self.random.choice, [self.row() for _ in range(self.random.choice((1, 3, 30)))]
        some = SOME.format(table=table)
        which = [str(self.random.random()), self.random.randrange(1, 8)]
        change = self.random.random()
        places = ", ".join(["%s"] * 8)
        if change < 0.2:
            with writer.cursor() as cursor:
                cursor.executemany(f"insert into {table} ({COLUMNS}) values ({places})", rows)
        elif change < 0.4:
            with writer.cursor().copy(f"copy {table} ({COLUMNS}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        elif change < 0.55:
            writer.execute(
                f"update {table} set organization = %s, kind = %s, department = %s, team = %s, happened_at = %s, local_at = %s,"
                f" on_day = %s, amount = %s where {some}",
                [*self.row(), *which],
            )
        elif change < 0.65:
            writer.execute(f"update {table} set amount = amount * -1.5 + 20 where {some}", which)
        elif change < 0.75:
            writer.execute(f"update {table} set happened_at = happened_at + interval '1 hour', on_day = on_day + 1 where {some}", which)
        elif change < 0.85:
            writer.execute(f"delete from {table} where {some}", which)
        elif change < 0.97:
            writer.execute(
                f"merge into {table} as t using (select * from (values ({places})) as v ({COLUMNS})) as s"
                " on t.kind = s.kind and t.organization = s.organization and t.id %% 3 = 0"
                " when matched and t.id %% 2 = 0 then delete"
                " when matched then update set amount = s.amount::numeric, on_day = s.on_day::date"
                f" when not matched then insert ({COLUMNS}) values (s.organization::integer, s.kind, s.department, s.team,"
                " s.happened_at::timestamptz, s.local_at::timestamp, s.on_day::date, s.amount::numeric)",
                self.row(),
            )
        elif pick((True, False)):
            # An open one would keep the calculation waiting.
            writer.execute(f"truncate {table}")
            writer.commit()

    def happen(self):
        writer, table = self.random.choice(self.writers), self.random.choice(("host.events", "host.events", "host.parts"))
        try:
            self.write(writer, table)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            writer.rollback()
        chance = self.random.random()
        if chance < 0.5:
            writer.commit()
        elif chance < 0.6:
            writer.rollback()
        self.now += timedelta(hours=self.random.choice((0, 1, 7, 26, 200)))

    def settle(self):
        for writer in self.writers:
            writer.commit()

    def move(self):
        """What is not a row of the host changes while nobody writes."""
        self.settle()
        engine, pick = self.engine, self.random.choice
        number = pick(list(ORGANIZATIONS))
        organization = self.organizations[number]
        change = self.random.random()
        if change < 0.4:
            engine.organization(
                str(number), timezone=pick(("UTC", "Asia/Tokyo", "America/Denver")), fiscal_year_start_month=pick((1, 7)), week_start=pick((1, 7))
            )
        elif change < 0.6:
            parent = engine.one("select id from yardstick.departments where organization_id = %s and external_id = 'd0'", [organization])
            engine.door("sync_department", {"external_id": "d2", "parent_department_id": pick((parent, None))}, organization)
        elif change < 0.8:
            # A bulk load beside the triggers, on and off between two looks.
            table = pick(("host.events", "host.parts"))
            with engine.connection.transaction():
                engine.execute(f"alter table {table} disable trigger user")
                engine.execute(f"insert into {table} ({COLUMNS}) values ({', '.join(['%s'] * 8)})", self.row())
                engine.execute(f"delete from {table} where {SOME.format(table=table)}", ["", 3])
                engine.execute(f"alter table {table} enable trigger user")
        else:
            engine.execute(f"insert into host.parts_1 ({COLUMNS}) values (1, {', '.join(['%s'] * 7)})", self.row()[1:])
            engine.one("select yardstick_api.refresh_source('parts')")


@pytest.mark.parametrize("seed", [2])
def test_what_is_stored_is_what_the_host_holds(engine, database, seed):
    world = HostWorld(engine, database, seed)
    for table in ("host.events", "host.parts"):
        with world.writers[0].cursor() as cursor:
            cursor.executemany(f"insert into {table} ({COLUMNS}) values ({', '.join(['%s'] * 8)})", [world.row() for _ in range(40)])
    world.define()
    for _ in range(14):
        world.now += timedelta(minutes=1)
        engine.calculate(world.now)
        for _ in range(world.random.randrange(1, 8)):
            world.happen()
        if world.random.random() < 0.3:
            world.move()
    world.settle()
    for _ in range(5):
        world.now += timedelta(minutes=1)
        engine.calculate(world.now)
        if engine.left() == (0, 0):
            break
    assert engine.left() == (0, 0)

    known = engine.traces()
    engine.calculate(world.now)
    assert engine.traces() == known

    incremental, states = engine.compared(), engine.partials()
    engine.forget()
    engine.calculate(world.now)
    fresh, fresh_states = engine.compared(), engine.partials()
    assert engine.differing(states, fresh_states) == ([], 0)
    gone = set(incremental) - set(fresh)
    assert all(incremental[key]["status"] == "warning" and incremental[key]["value"] is None for key in gone)
    assert engine.differing({key: row for key, row in incremental.items() if key not in gone}, fresh) == ([], 0)
    for writer in world.writers:
        writer.close()


NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
LATE = "insert into host.events (organization, kind, happened_at, amount) values (1, 'cost', '2024-06-03 12:00Z', %s)"


@pytest.fixture
def captured(engine):
    """A captured table with a row of last summer, counted."""
    engine.execute(HOST)
    engine.organization("1", timezone="UTC")
    register(engine, "instants")
    engine.metric("total", source="instants", measures={"n": {"agg": "sum", "value": "amount"}})
    engine.execute(LATE, [1])
    engine.calculate(NOW)
    return engine


def total(engine, minute):
    engine.calculate(NOW + timedelta(minutes=minute))
    return engine.values("total").get(date(2024, 6, 3))


def trigger(engine, event, source="instants"):
    """The name of a trigger of a source."""
    number = engine.one("select id from yardstick.metric_sources where source_name = %s", [source])
    return f"yardstick_capture_{event}_{number.hex}"


def unwell(engine):
    return dict(engine.execute("select check_name, detail from yardstick_ops.health where not ok and check_name like 'sources:%'").fetchall())


def test_a_late_row_is_counted_at_the_next_tick(captured):
    captured.execute(LATE, [2])
    assert total(captured, 1) == 3
    captured.execute("update host.events set amount = 5 where amount = 2")
    assert total(captured, 2) == 6
    captured.execute("truncate host.events")
    assert total(captured, 3) is None


def test_triggers_that_are_switched_off_are_noticed_and_all_is_read_once_they_are_back(captured):
    insert, update = trigger(captured, "insert"), trigger(captured, "update")
    captured.execute(f"alter table host.events disable trigger {insert}")
    captured.execute(LATE, [2])
    assert total(captured, 1) == 1
    assert f"enable always trigger {insert}" in str(unwell(captured))
    captured.execute(f"alter table host.events enable always trigger {insert}")
    assert total(captured, 2) == 3
    assert unwell(captured) == {}
    captured.execute(f"drop trigger {update} on host.events; update host.events set amount = 10")
    assert total(captured, 3) == 3
    assert "register the source instants again" in str(unwell(captured))
    register(captured, "instants")
    assert total(captured, 4) == 20


def test_a_table_that_a_subscription_fills_is_read_by_its_look_back_and_named(captured):
    # As a subscription has it, but for a server to subscribe to.
    captured.execute("create subscription feed connection 'dbname=nowhere' publication p with (connect = false)")
    try:
        captured.execute("set allow_system_table_mods = on")
        captured.execute("insert into pg_subscription_rel select oid, 'host.events'::regclass, 'r', '0/1' from pg_subscription where subname = 'feed'")
        assert "host.events is filled by a subscription" in str(unwell(captured))
        # What its worker writes fires no trigger of statements.
        captured.execute("alter table host.events disable trigger user")
        captured.execute("insert into host.events (organization, kind, happened_at, amount) values (1, 'cost', %s, 7)", [NOW - timedelta(days=2)])
        captured.execute("alter table host.events enable trigger user")
        captured.calculate(NOW + timedelta(hours=1))
        assert captured.values("total")[date(2025, 3, 3)] == 7
    finally:
        captured.execute("alter subscription feed set (slot_name = none); drop subscription feed")
    assert unwell(captured) == {}


def test_a_load_between_two_looks_is_noticed(captured):
    captured.execute("begin; alter table host.events disable trigger user")
    captured.execute(LATE, [2])
    captured.execute("alter table host.events enable trigger user; commit")
    assert total(captured, 1) == 3


def test_a_change_that_cannot_be_noted_is_the_hosts_to_make(captured):
    captured.execute("alter table host.events rename column happened_at to happened")
    captured.execute("insert into host.events (organization, kind, happened, amount) values (1, 'cost', '2024-06-03 12:00Z', 2)")
    captured.execute("alter table host.events rename column happened to happened_at")
    assert "instants: 1 statements, last 42703" in str(unwell(captured))
    # While it may fail again the look-back is read.
    assert total(captured, 1) == 1
    captured.execute("update yardstick.capture_gaps set added_at = added_at - interval '2 hours', taken_at = taken_at - interval '2 hours'")
    assert total(captured, 2) == 3
    assert unwell(captured) == {}


def test_a_partition_that_comes_or_goes_with_rows_is_noticed(captured):
    register(captured, "parts")
    captured.metric("of_parts", source="parts", measures={"n": {"agg": "count"}})
    captured.execute("insert into host.parts (organization, happened_at) values (1, '2024-06-03 12:00Z')")

    def count(minute):
        captured.calculate(NOW + timedelta(minutes=minute))
        return captured.values("of_parts").get(date(2024, 6, 3))

    assert count(1) == 1
    captured.execute("alter table host.parts detach partition host.parts_1")
    assert count(2) is None
    captured.execute("insert into host.parts_1 (organization, happened_at) values (1, '2024-06-03 12:00Z')")
    captured.execute("alter table host.parts attach partition host.parts_1 for values in (1)")
    assert count(3) == 2
    # Between two looks, with other rows: the partitions are the same ones before and after.
    with captured.connection.transaction():
        captured.execute("alter table host.parts detach partition host.parts_1")
        captured.execute("insert into host.parts_1 (organization, happened_at) select 1, '2024-06-03 12:00Z' from generate_series(1, 3)")
        captured.execute("alter table host.parts attach partition host.parts_1 for values in (1)")
    assert count(4) == 5
    known = captured.traces()
    assert count(5) == 5 and captured.traces() == known


def test_the_host_writes_on_after_unload_and_is_captured_after_the_next_deploy(captured, database):
    deploy.unload(database.target)
    captured.execute(LATE, [2])
    database.deploy()
    captured.execute(LATE, [4])
    assert total(captured, 1) == 7


def test_a_restored_copy_is_read_again_and_captures(captured, database, empty_database, tmp_path):
    captured.execute("delete from yardstick.calculation_slices")
    mark = captured.one("select capture_mark from yardstick.metric_sources where capture_mark is not null")
    with open(tmp_path / "dump", "wb") as file:
        subprocess.run([database.cluster.bin / "pg_dump", "-Fc", "-d", database.dsn()], stdout=file, check=True)
    subprocess.run(
        [database.cluster.bin / "pg_restore", "--exit-on-error", "-d", empty_database.dsn(), tmp_path / "dump"], check=True
    )
    copy = type(captured)(empty_database)
    copy.execute(LATE, [2])
    assert copy.one("select count(*) from yardstick.source_changes") == 1
    assert total(copy, 1) == 3
    assert copy.one("select capture_mark from yardstick.metric_sources where capture_mark is not null") != mark
    copy.connection.close()


def test_a_rollback_takes_the_triggers_off(captured, database):
    deploy.rollback(database.target, "0020", None)
    assert captured.one("select count(*) from pg_trigger where tgname like 'yardstick_capture%'") == 0
    captured.execute(LATE, [2])
    database.deploy()
    register(captured, "instants")
    assert total(captured, 1) == 3


def test_what_was_noted_outlives_a_rollback(captured, database):
    captured.execute(LATE, [2])
    captured.execute("update host.events set happened_at = happened_at + interval '13 hours' where amount = 2")
    deploy.rollback(database.target, "0021", None)
    waiting = captured.execute("select distinct measure_key, period_start from yardstick.metric_dirty where stage = 'source' order by 2").fetchall()
    assert waiting == [("cost", date(2024, 6, 3)), ("cost", date(2024, 6, 4))]
    assert captured.one("select count(*) from pg_trigger where tgname like 'yardstick_capture%'") == 0
    captured.execute(LATE, [4])
    database.deploy()
    assert unwell(captured) == {}
    assert total(captured, 1) == 5
    assert captured.values("total")[date(2024, 6, 4)] == 2


def test_triggers_go_with_capture(captured):
    triggers = "select count(*) from pg_trigger where tgrelid = 'host.events'::regclass and tgname like 'yardstick%'"
    assert captured.one(triggers) == 4
    register(captured, "days")
    assert captured.one(triggers) == 8
    register(captured, "instants", capture=False)
    assert captured.one(triggers) == 4
    assert captured.one("select count(*) from pg_proc where proname ~ '^capture_[0-9a-f]{32}$'") == 1
    register(captured, "days", relation="host.parts")
    assert captured.one(triggers) == 0
    captured.execute(LATE, [2])
    assert total(captured, 1) == 1


def test_the_triggers_are_made_with_the_rights_of_the_dba(captured, database):
    captured.execute("create role capture_dba login in role yardstick_dba")
    captured.execute(f"drop trigger {trigger(captured, 'insert')} on host.events")
    with database.connect("capture_dba") as dba:
        call = (
            "select yardstick_api.register_source('{\"name\": \"instants\", \"relation\": \"host.events\", \"time_column\": \"happened_at\","
            ' "organization_column": "organization", "capture": true}\')'
        )
        with pytest.raises(psycopg.Error, match=r"type: grant usage on schema yardstick to capture_dba; .*; grant trigger on host\.events to") as refused:
            dba.execute(call)
        assert refused.value.sqlstate == "YS008"
        captured.execute("grant usage on schema yardstick, host to capture_dba; grant trigger on host.events to capture_dba")
        dba.execute(call)
    captured.execute(LATE, [2])
    assert total(captured, 1) == 3
    captured.execute("drop owned by capture_dba; drop role capture_dba")


def test_a_function_that_was_changed_is_noticed_and_mended(captured, database):
    function = "capture_" + captured.one("select id from yardstick.metric_sources where source_name = 'instants'").hex
    captured.execute(
        f"create or replace function yardstick.{function}() returns trigger language plpgsql as 'begin return null; end'"
    )
    captured.execute(LATE, [2])
    assert total(captured, 1) == 1
    assert f"yardstick.{function} that notes changes of host.events was changed; register the source instants again" in str(unwell(captured))
    database.deploy()
    assert unwell(captured) == {}
    assert total(captured, 2) == 3
    captured.execute(f"alter function yardstick.{function}() security invoker")
    assert "was changed" in str(unwell(captured))
    register(captured, "instants")
    assert unwell(captured) == {}
    captured.execute(LATE, [4])
    assert total(captured, 3) == 7
    captured.execute(f"drop function yardstick.{function}() cascade")
    assert "is missing" in str(unwell(captured))
    captured.execute(LATE, [8])
    assert database.deploy().notes == []
    assert unwell(captured) == {}
    assert total(captured, 4) == 15


@pytest.mark.parametrize(
    "definition",
    [
        "after update of kind on host.events referencing old table as old_rows new table as new_rows for each statement",
        "after update on host.events for each row",
        "before update on host.events for each statement",
        "after update on host.events referencing old table as new_rows new table as old_rows for each statement",
    ],
)
def test_a_trigger_that_was_changed_is_noticed(captured, definition):
    name = trigger(captured, "update")
    kinds = "of kind" if "of kind" in definition else ""
    captured.execute(f"drop trigger {name} on host.events")
    if kinds:
        definition = definition.replace("referencing old table as old_rows new table as new_rows ", "")
    captured.execute(f"create trigger {name} {definition} execute function yardstick.{name.replace('yardstick_capture_update', 'capture')}()")
    assert "lacks triggers that note its changes, or they were changed" in str(unwell(captured))
    register(captured, "instants")
    assert unwell(captured) == {}


def test_a_deploy_gives_triggers_to_sources_of_an_older_version(captured, database):
    """As migration 0023 leaves a database whose triggers called one function for all sources."""
    for event in ("insert", "update", "delete", "truncate"):
        captured.execute(f"drop trigger {trigger(captured, event)} on host.events")
    captured.execute("update yardstick.metric_sources set capture_mark = null where source_name = 'instants'")
    captured.execute(LATE, [2])
    database.deploy()
    assert unwell(captured) == {}
    assert total(captured, 1) == 3
