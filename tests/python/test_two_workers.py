"""Several workers, writers and kills at once: what is stored in the end is what a calculation from nothing gives."""

import random
import time
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Thread

import psycopg
import pytest

WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)

VALUES = """
    select
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
        previous_value, change_percentage, sample_size, calculation_status, metadata::text
    from yardstick.metric_calculations
    order by 1, 2, 3, 4, 5, 6
"""

STATES = """
    select
        s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id, p.period_type, p.period_start,
        p.row_count, p.value_sum, p.value_min, p.value_max
    from yardstick.metric_partials as p
    inner join yardstick.metric_series as s on p.series_id = s.series_id
    order by 1, 2, 3, 4, 5, 6
"""


@pytest.fixture
def world(engine):
    """Two organizations with departments, and metrics that share measures, none calculated yet."""
    engine.places = {}
    for name, zone in (("east", "Asia/Tokyo"), ("west", "America/Denver")):
        organization = engine.organization(name, timezone=zone)
        above = engine.door("sync_department", {"external_id": "a", "department_name": "A"}, organization)
        below = engine.door(
            "sync_department", {"external_id": "b", "department_name": "B", "parent_department_id": above}, organization
        )
        engine.places[organization] = (above, below, None)
    engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2024-01-01', '2025-12-31')")
    add_rows(engine.connection, engine.places, random.Random(0), 400)
    for name, keys in (
        ("cost", {}),
        ("mean", {"measures": {"n": {"agg": "avg"}}, "key": "cost"}),
        ("all", {"measures": {"n": {"agg": "count"}}}),
        (
            "rate",
            {"measures": {"s": {"agg": "sum"}, "n": {"agg": "count"}}, "key": "delay", "calculation_formula": "s / n"},
        ),
    ):
        engine.metric(name, aggregation_levels=["org", "dept"], time_windows=WINDOWS, **keys)
    return engine


def add_rows(connection, places, chance, count):
    rows = []
    for _ in range(count):
        organization = chance.choice(list(places))
        at = NOW - timedelta(minutes=chance.randrange(chance.choice((2000, 90000, 600000))))
        rows.append(
            (
                organization,
                chance.choice(("cost", "delay")),
                chance.randrange(1000),
                at,
                chance.choice(places[organization]),
            )
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date, department_id)"
            " values (%s, %s, 'operational', %s, %s, %s)",
            rows,
        )


def finish(engine):
    """Until nothing is left, as the ticks of the coming minutes would."""
    for minute in range(1, 20):
        engine.calculate(NOW + timedelta(minutes=minute))
        if engine.left() == (0, 0):
            break
    assert engine.left() == (0, 0)
    assert engine.one("select count(*) from yardstick.metric_definitions where last_error_code is not null") == 0


def check(engine):
    """Equal to a calculation from nothing, but for values whose rows are gone."""
    found = {row[:6]: row[6:] for row in engine.execute(VALUES).fetchall()}
    states = engine.execute(STATES).fetchall()
    engine.forget()
    engine.calculate(NOW + timedelta(minutes=19))
    fresh = {row[:6]: row[6:] for row in engine.execute(VALUES).fetchall()}
    assert [row for row in engine.execute(STATES).fetchall() if row not in set(states)] == []
    assert len(states) == len(engine.execute(STATES).fetchall())
    wrong = [(key, found.get(key), fresh.get(key)) for key in {**found, **fresh} if found.get(key) != fresh.get(key)]
    assert [w for w in wrong if w[2] or w[1][1] is not None][:3] == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_workers_and_a_writer_lose_nothing(world, database, seed):
    ready, written, failures = Barrier(3), Event(), []

    def work():
        with database.connect() as connection:
            connection.execute("set statement_timeout = '60s'")
            ready.wait()
            minute = 0
            while not written.is_set() or minute < 2:
                try:
                    connection.execute("call yardstick_engine.calculate_due(%s)", [NOW + timedelta(seconds=minute)])
                except psycopg.Error as error:
                    failures.append(str(error))
                minute += 1

    def write():
        chance = random.Random(seed)
        with database.connect() as connection:
            ready.wait()
            until = time.monotonic() + 4
            while time.monotonic() < until:
                change = chance.random()
                if change < 0.6:
                    add_rows(connection, world.places, chance, chance.choice((1, 5, 40)))
                else:
                    what = (
                        "delete from yardstick.analytics_metrics"
                        if change < 0.8
                        else "update yardstick.analytics_metrics set value = value + 1, measurement_date = measurement_date + interval '1 day'"
                    )
                    connection.execute(
                        f"{what} where id in (select id from yardstick.analytics_metrics where measurement_date < %s"
                        " order by random() limit 10)",
                        [NOW - timedelta(days=2)],
                    )
                time.sleep(chance.random() * 0.05)
            written.set()

    threads = [Thread(target=work), Thread(target=work), Thread(target=write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert failures == []
    finish(world)
    check(world)


def test_a_worker_that_is_ended_in_the_middle_leaves_its_work_to_the_next(world, database):
    chance, ended = random.Random(4), 0
    for _ in range(12):
        add_rows(world.connection, world.places, chance, 30)
        worker = database.connect()
        pid = worker.info.backend_pid

        def work(worker=worker):
            try:
                worker.execute("call yardstick_engine.calculate_due(%s)", [NOW])
            except psycopg.OperationalError:
                return

        thread = Thread(target=work)
        thread.start()
        time.sleep(chance.random() * 0.4)
        world.execute("select pg_terminate_backend(%s)", [pid])
        thread.join(30)
        ended += worker.broken
        worker.close()
    assert ended > 0
    finish(world)
    check(world)


def test_a_worker_that_is_canceled_goes_on_at_the_next_tick(world, database):
    with database.connect() as worker:
        for milliseconds in (1, 30, 80, 150):
            worker.execute(f"set statement_timeout = {milliseconds}")
            try:
                worker.execute("call yardstick_engine.calculate_due(%s)", [NOW])
            except psycopg.errors.QueryCanceled:
                worker.rollback()
    finish(world)
    check(world)


def test_a_week_that_ran_out_of_time_is_read_in_parts_that_hold_sums_and_their_squares_together(world):
    world.execute("select yardstick_engine.plan_due(%s)", [NOW])
    source, week = world.execute("select source_id, min(period_start) from yardstick.calculation_slices where period_type = 2 group by 1").fetchone()
    parts = []
    while not parts or parts[-1]:
        parts.append(world.one("select yardstick_engine.take_part(%s, %s, 20, %s)", [source, week, NOW]))
    pairs = world.execute(
        "select (m.body ->> 'measure_id')::uuid, (m.body ->> 'squares_id')::uuid from yardstick.metric_definitions as d"
        " cross join jsonb_each(d.compiled -> 'measures') as m (measure_name, body) where m.body ? 'squares_id'"
    ).fetchall()
    measures = world.one("select count(*) from yardstick.metric_measures")
    assert len(pairs) == 1 and [part for part in parts if set(part) & set(pairs[0])] == [sorted(pairs[0])]
    assert sorted(map(len, parts)) == [0, *[1] * (measures - 2), 2]


def test_an_error_goes_when_only_the_squares_of_its_metric_are_read_again(world):
    finish(world)
    world.execute("update yardstick.metric_definitions set last_error_code = '2201F', last_error = 'an error' where metric_name = 'mean'")
    squares = world.one("select (compiled #>> '{measures,n,squares_id}')::uuid from yardstick.metric_definitions where metric_name = 'mean'")
    world.execute(
        "select yardstick_engine.clear_metric_errors(d.source_id, %s, '2025-01-01', '2025-01-08', null, null, %s)"
        " from yardstick.metric_definitions as d where d.metric_name = 'mean'", [[squares], NOW],
    )  # fmt: skip
    assert world.one("select last_error_code from yardstick.metric_definitions where metric_name = 'mean'") is None
