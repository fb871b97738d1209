"""Changes that only metrics on demand read: as many rows wait as there are cells, none is lost, and nobody is waited for."""

import random
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
CELLS = "select measure_key, period_start, count(*) from yardstick.metric_dirty where stage = 'source' group by 1, 2 order by 1, 2"


class World:
    def __init__(self, engine):
        self.engine, self.now = engine, NOW
        self.acme = engine.organization("acme", timezone="Europe/Berlin")
        self.record("seldom", NOW - timedelta(days=40), 1)
        engine.metric("seldom", refresh_frequency="on_demand", time_windows=["daily", "monthly"])
        self.now = engine.settle(self.now)

    def record(self, name, at, value):
        self.engine.observe(self.acme, name, at.isoformat(), value)

    def tick(self):
        self.now += timedelta(minutes=1)
        return self.engine.one("select yardstick_engine.plan_due(%s)", [self.now])

    def cells(self):
        return {row[:2]: row[2] for row in self.engine.execute(CELLS).fetchall()}

    def refresh(self):
        self.engine.refresh(self.acme, "seldom", NOW - timedelta(days=60), NOW + timedelta(days=60))
        self.now = self.engine.settle(self.now)


@pytest.fixture
def world(engine):
    return World(engine)


def test_weeks_without_a_refresh_leave_one_row_for_each_cell(world):
    engine = world.engine
    values = {}
    for number in range(60):
        at = NOW - timedelta(days=number % 20)
        world.record("seldom", at, number)
        values[at.date()] = values.get(at.date(), 0) + number
        world.tick()
    assert world.cells() == {("seldom", day): 1 for day in sorted(values)}
    # How long it waits is told by the first.
    assert engine.one("select max(added_at) - min(added_at) from yardstick.metric_dirty") > timedelta(0)
    world.refresh()
    assert engine.left() == (0, 0)
    stored = engine.values("seldom")
    assert {day: stored[day] for day in values} == values
    engine.check_against_nothing(world.now)


def test_a_row_that_somebody_is_taking_is_not_waited_for_and_does_not_stand_for_later_ones(world):
    engine = world.engine
    day = NOW.date()
    engine.execute("set lock_timeout = '1s'")
    world.record("seldom", NOW, 1)
    world.tick()
    with engine.database.connect(autocommit=False) as worker:
        # As calculate_weeks does, before it reads the source.
        taken = worker.execute("delete from yardstick.metric_dirty where stage = 'source' returning period_start").fetchall()
        assert taken == [(day,)]
        for value in (2, 3):
            world.record("seldom", NOW, value)
            world.tick()
        assert world.cells() == {("seldom", day): 2}
        worker.commit()
    assert world.cells() == {("seldom", day): 1}
    world.refresh()
    assert engine.values("seldom")[day] == 6


def test_what_was_noted_long_ago_is_compacted_by_the_job_retention(world):
    engine = world.engine
    engine.execute("select yardstick_engine.record_job_home()")
    for value in range(5):
        world.record("seldom", NOW, value)
        # As a transaction that took two hours leaves it.
        engine.execute("update yardstick.source_changes set added_at = added_at - interval '2 hours'")
        world.tick()
    assert world.cells() == {("seldom", NOW.date()): 5}
    engine.execute("call yardstick_engine.run_job('retention')")
    assert world.cells() == {("seldom", NOW.date()): 1}
    world.refresh()
    assert engine.values("seldom")[NOW.date()] == 10


def test_a_metric_that_falls_due_at_midnight_has_as_few(world):
    engine = world.engine
    engine.metric("nightly", refresh_frequency="daily")
    world.now = engine.settle(world.now)
    for value in range(20):
        world.record("nightly", NOW, value)
        world.tick()
    assert world.cells() == {("nightly", NOW.date()): 1}
    engine.calculate(NOW + timedelta(days=1))
    assert engine.left() == (0, 0)
    assert engine.values("nightly") == {NOW.date(): sum(range(20))}


def test_nothing_is_lost_between_writers_planners_and_refreshes(world):
    engine = world.engine
    stop, failed = threading.Event(), []

    def run(work):
        def loop():
            with engine.database.connect() as connection:
                connection.execute("set statement_timeout = '60s'")
                while not stop.is_set():
                    try:
                        work(connection)
                    except psycopg.Error as error:
                        failed.append(error)

        thread = threading.Thread(target=loop)
        thread.start()
        return thread

    def write(connection):
        chance = random.random()
        connection.execute(
            "insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)"
            " values (%s, 'seldom', 'operational', %s, %s)",
            [world.acme, int(chance * 100), NOW - timedelta(days=int(chance * 9))],
        )

    def plan(connection):
        connection.execute("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=5)])

    def refresh(connection):
        with connection.transaction():
            connection.execute("select yardstick_api.use_organization(%s)", [world.acme])
            connection.execute("select yardstick_api.refresh_metric('seldom', %s, %s)", [NOW - timedelta(days=10), NOW])
        connection.execute("call yardstick_engine.calculate_due(%s)", [NOW + timedelta(minutes=5)])

    threads = [run(work) for work in (write, write, plan, refresh)]
    stop.wait(12)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    world.now += timedelta(hours=1)
    world.tick()
    # What waits is all that is missing: their weeks alone are read, by the cells.
    engine.execute(
        "insert into yardstick.calculation_slices (source_id, period_type, period_start)"
        " select distinct d.source_id, 2, date_trunc('week', d.period_start::timestamp)::date from yardstick.metric_dirty as d"
        " where d.stage = 'source' on conflict do nothing"
    )
    world.now = engine.settle(world.now)
    engine.check_against_nothing(world.now)
