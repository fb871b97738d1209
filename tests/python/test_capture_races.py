"""What changes beside a writer who has not committed yet: in the end all that he wrote is counted, where it belongs by then, and nobody
has waited for anybody who merely writes."""

import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

HOST = """
create schema host;
create table host.events (
    id integer generated always as identity primary key, organization text, department text, kind text, happened_at timestamptz, on_day date,
    amount numeric
);
grant usage on schema host to yardstick_reader;
grant select on host.events to yardstick_reader;
"""
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
LATE = datetime(2025, 1, 7, 23, 30, tzinfo=UTC)
# Later than any row that is committed, so that nobody who queues all days there are finds it.
LATEST = datetime(2025, 3, 4, 23, 30, tzinfo=UTC)
ORGANIZATION = "one"


class World:
    """An organization with three departments, whose rows come to a captured table of the host and to ours."""

    def __init__(self, engine, database):
        self.engine, self.database, self.open = engine, database, []
        engine.execute(HOST)
        engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2025-01-01', '2025-12-31')")
        self.organization = engine.organization(ORGANIZATION, timezone="UTC")
        self.departments = {
            name: engine.door("sync_department", {"external_id": name, "department_name": name}, self.organization) for name in ("a", "b", "c")
        }
        self.register()
        windows = {"time_windows": ["daily", "weekly", "monthly", "annual"], "aggregation_levels": ["org", "dept"]}
        engine.metric("host_total", source="events", measures={"n": {"agg": "sum", "value": "amount"}}, **windows)
        engine.metric("own_total", key="calls", **windows)
        with self.session() as first:
            self.write(first, ORGANIZATION, datetime(2025, 1, 2, 12, tzinfo=UTC), 1, "c")
            self.write(first, ORGANIZATION, datetime(2025, 3, 2, 12, tzinfo=UTC), 2, "b")
            first.commit()
        engine.settle(NOW)

    def register(self, **keys):
        return self.engine.door(
            "register_source",
            {
                "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization",
                "levels": {"dept": "department"}, "key_column": "kind", "capture": True, **keys,
            },
        )  # fmt: skip

    @contextmanager
    def session(self):
        session = self.database.connect(autocommit=False)
        try:
            session.execute("set lock_timeout = '20s'; set timezone = 'America/Caracas'")
            session.commit()
            yield session
        finally:
            session.close()

    def write(self, session, organization, at, amount, department="a"):
        session.execute(
            "insert into host.events (organization, department, kind, happened_at, on_day, amount) values (%s, %s, 'calls', %s, %s, %s)",
            [organization, department, at, at.date(), amount],
        )
        if organization == ORGANIZATION:
            session.execute(
                "insert into yardstick.analytics_metrics (organization_id, department_id, metric_name, metric_category, value, measurement_date)"
                " values (%s, %s, 'calls', 'quality', %s, %s)",
                [self.organization, self.departments[department], amount, at],
            )

    def total(self, name, day):
        return self.engine.values(name).get(day)


@pytest.fixture
def world(engine, database):
    return World(engine, database)


@contextmanager
def beside(work):
    """Something that may have to wait, in a thread; what it raises is raised here at the end."""
    failures = []

    def run():
        try:
            work()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield thread
    thread.join(30)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


# Of this database: other tests run beside it.
WAITING = (
    "select count(*) from pg_locks as l inner join pg_stat_activity as a on a.pid = l.pid"
    " where not l.granted and a.datname = current_database() and a.backend_type = 'client backend'"
)


def wait_until_blocked(world, thread):
    """Until somebody waits for a lock, or the thread is through without."""
    for _ in range(600):
        with world.database.connect() as watcher:
            if not thread.is_alive() or watcher.execute(WAITING).fetchone()[0] > 0:
                return
        thread.join(0.05)
    raise AssertionError("nobody waits, and it does not end")


CALENDARS = [{"timezone": "Pacific/Auckland"}, {"timezone": "America/Los_Angeles", "week_start": 7}, {"fiscal_year_start_month": 4}]


@pytest.mark.parametrize("calendar_keys", CALENDARS)
def test_the_calendar_changes_before_the_writer_commits(world, calendar_keys):
    with world.session() as writer:
        world.write(writer, ORGANIZATION, LATE, 10)
        world.engine.organization(ORGANIZATION, **calendar_keys)
        world.engine.calculate(NOW + timedelta(minutes=10))
        writer.commit()
    day = LATE.astimezone(ZoneInfo(calendar_keys.get("timezone", "UTC"))).date()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert (world.total("host_total", day), world.total("own_total", day)) == (10, 10)
    world.engine.check_against_nothing(now)


@pytest.mark.parametrize("calendar_keys", CALENDARS)
def test_the_writer_commits_and_is_planned_while_the_calendar_changes(world, calendar_keys):
    with world.session() as writer, world.session() as changer:
        world.write(writer, ORGANIZATION, LATEST, 10)
        changer.execute(
            "select yardstick_api.sync_organization(%s)", [Jsonb({"external_id": ORGANIZATION, **calendar_keys})]
        )
        writer.commit()
        with beside(lambda: world.engine.calculate(NOW + timedelta(minutes=10))) as planner:
            wait_until_blocked(world, planner)
            changer.commit()
    day = LATEST.astimezone(ZoneInfo(calendar_keys.get("timezone", "UTC"))).date()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert (world.total("host_total", day), world.total("own_total", day)) == (10, 10)
    world.engine.check_against_nothing(now)


def test_a_department_moves_before_the_writer_commits(world):
    with world.session() as writer:
        world.write(writer, ORGANIZATION, LATE, 10, "a")
        world.engine.door("sync_department", {"external_id": "a", "parent_department_id": world.departments["b"]}, world.organization)
        world.engine.calculate(NOW + timedelta(minutes=10))
        writer.commit()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    for name in ("host_total", "own_total"):
        found = {
            key[3]: row["value"] for key, row in world.engine.stored().items() if key[1:3] == (name, "dept") and key[4:] == ("daily", LATE.date())
        }
        assert found == {world.departments["a"]: 10, world.departments["b"]: 10}
    world.engine.check_against_nothing(now)


def test_an_organization_is_made_before_its_writer_commits(world):
    with world.session() as writer:
        world.write(writer, "two", LATE, 10)
        world.engine.organization("two", timezone="Asia/Kathmandu")
        world.engine.calculate(NOW + timedelta(minutes=10))
        writer.commit()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert world.total("host_total", date(2025, 1, 8)) == 10
    world.engine.check_against_nothing(now)


def test_its_writer_commits_and_is_planned_while_an_organization_is_made(world):
    with world.session() as writer, world.session() as maker:
        world.write(writer, "two", LATE, 10)
        maker.execute("""select yardstick_api.sync_organization('{"external_id": "two", "organization_name": "Two"}')""")
        writer.commit()
        with beside(lambda: world.engine.calculate(NOW + timedelta(minutes=10))) as planner:
            wait_until_blocked(world, planner)
            maker.commit()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert world.total("host_total", LATE.date()) == 10
    world.engine.check_against_nothing(now)


def registered_late(world, name, **keys):
    with world.database.connect() as dba:
        source = {
            "name": name, "relation": "host.events", "time_column": "happened_at", "organization_column": "organization", "capture": True, **keys
        }  # fmt: skip
        dba.execute("select yardstick_api.register_source(%s)", [Jsonb(source)])


@pytest.mark.parametrize("is_first", [True, False], ids=["the first of its table", "another is there"])
def test_a_source_is_captured_while_a_writer_is_at_work(world, is_first):
    world.register(capture=not is_first)
    with world.session() as writer:
        world.write(writer, ORGANIZATION, LATE, 10)
        with beside(lambda: registered_late(world, "days", time_column="on_day")) as registering:
            wait_until_blocked(world, registering)
            assert registering.is_alive(), "who registers waits for who writes, or his rows would be seen by nobody"
            writer.commit()
    world.engine.metric("by_day", source="days", measures={"n": {"agg": "sum", "value": "amount"}})
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert world.total("by_day", LATE.date()) == 10
    with world.session() as writer:
        world.write(writer, ORGANIZATION, LATE, 5)
        writer.commit()
    now = world.engine.settle(now)
    assert world.total("by_day", LATE.date()) == 15
    # What was written while nothing was noted is read with all the rest.
    world.register()
    world.engine.check_against_nothing(now)


def test_a_source_takes_another_key_while_a_writer_is_at_work(world):
    with world.session() as writer:
        world.write(writer, ORGANIZATION, LATE, 10)
        with beside(lambda: registered_late(world, "events", levels={"dept": "department"}, key_column="department")) as registering:
            wait_until_blocked(world, registering)
            writer.commit()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert world.total("host_total", LATE.date()) == 10
    world.engine.check_against_nothing(now)


@pytest.mark.parametrize("table", ["host.events", "yardstick.analytics_metrics"])
def test_a_table_is_emptied_before_and_while_it_is_read(world, table):
    with world.session() as writer, world.session() as worker:
        world.write(writer, ORGANIZATION, LATE, 10)
        writer.commit()
        # It waits for a worker who reads, and its commit comes after his.
        worker.execute("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=10)])
        worker.commit()
        worker.execute("select yardstick_engine.calculate_slice(%s)", [NOW + timedelta(minutes=10)])
        with beside(lambda: (writer.execute(f"truncate {table}"), writer.commit())) as emptying:
            wait_until_blocked(world, emptying)
            worker.commit()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    name = "host_total" if table == "host.events" else "own_total"
    assert {key: value for key, value in world.engine.values(name).items() if value is not None} == {}
    world.engine.check_against_nothing(now)

    with world.session() as writer:
        world.write(writer, ORGANIZATION, LATE, 10)
        writer.commit()
        # Who reads waits for it, and counts what is there then.
        writer.execute(f"truncate {table}")
        world.write(writer, ORGANIZATION, LATE + timedelta(days=1), 7)
        with beside(lambda: world.engine.calculate(now + timedelta(minutes=10))) as reading:
            wait_until_blocked(world, reading)
            writer.commit()
    now = world.engine.settle(now + timedelta(minutes=20))
    assert {key: value for key, value in world.engine.values(name).items() if value is not None} == {(LATE + timedelta(days=1)).date(): 7}
    world.engine.check_against_nothing(now)


def test_nobody_waits_for_who_writes(world):
    """Two writers, a planner and a worker, all with open transactions that touch the same days."""
    with world.session() as first, world.session() as second, world.session() as planner, world.session() as worker:
        for session in (first, second, planner, worker):
            session.execute("set lock_timeout = '10ms'")
            session.commit()
        world.write(first, ORGANIZATION, LATE, 10)
        world.write(second, ORGANIZATION, LATE, 20)
        planner.execute("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=10)])
        world.write(first, ORGANIZATION, LATE, 100)
        first.commit()
        planner.commit()
        planner.execute("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=11)])
        world.write(second, ORGANIZATION, LATE, 200)
        planner.commit()
        for _ in range(2):
            done = worker.execute("select yardstick_engine.calculate_slice(%s)", [NOW + timedelta(minutes=11)]).fetchone()[0]
            assert done["outcome"] == "done"
            world.write(second, ORGANIZATION, LATE, 1000)
            second.execute("update host.events set amount = amount + 1 where amount = 1000")
            second.execute("delete from host.events where amount = 1001")
            world.write(first, ORGANIZATION, LATE, 0)
            first.commit()
            assert world.engine.one(WAITING) == 0
            worker.commit()
        second.commit()
    now = world.engine.settle(NOW + timedelta(minutes=20))
    assert (world.total("host_total", LATE.date()), world.total("own_total", LATE.date())) == (330, 2330)
    world.engine.check_against_nothing(now)
