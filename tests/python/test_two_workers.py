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


@pytest.mark.parametrize("seed", [2])
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


# A source of few rows would be read in one stroke, and in no time: as if it had many.
MANY_STROKES = """
    create or replace function yardstick_engine.slice_budget(source_id uuid, slice_type integer) returns integer language sql
    return case slice_type when 2 then {weeks} else 6 end;
    create or replace function yardstick_engine.dirty_budget(source_id uuid) returns integer language sql return {weeks};
    create function public.take_time() returns trigger language plpgsql as $$
    begin
        perform pg_sleep(case when random() < 0.1 then 0.5 else 0 end);
        return null;
    end $$;
    create trigger takes_time before insert on yardstick.metric_partials for each statement execute function public.take_time();
"""


def all_at_once(database, workers, as_of, chance=None):
    """Workers that begin one after the other and go on until nothing is left for them; what failed."""
    failures = []
    pauses = [chance.random() * 0.3 if chance else 0 for _ in range(workers)]

    def work(pause):
        with database.connect() as connection:
            connection.execute("set statement_timeout = '60s'")
            time.sleep(pause)
            try:
                connection.execute("call yardstick_engine.calculate_due(%s)", [as_of])
            except psycopg.Error as error:
                failures.append(str(error))

    threads = [Thread(target=work, args=(pause,)) for pause in pauses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return failures


def restated(engine):
    return engine.execute("""
        select d.metric_name, r.aggregation_level, r.time_window, (r.period_start at time zone 'UTC')::date, r.cause, r.metric_value
        from yardstick.metric_calculation_revisions as r
        inner join yardstick.metric_definitions as d on r.metric_id = d.id
        order by 1, 2, 3, 4
    """).fetchall()


@pytest.fixture
def four_weeks(world):
    """A backlog as the first, but that no series has to be made, of which four weeks are read at a time; the first share no month with others, or their slices would."""
    world.execute("delete from yardstick.analytics_metrics where measurement_date between '2024-01-28' and '2024-04-03'")
    finish(world)
    world.execute("select yardstick_engine.queue_history(d.id) from yardstick.metric_definitions as d")
    for table in ("metric_calculations", "metric_partials", "metric_calculation_revisions"):
        world.execute(f"delete from yardstick.{table}")
    world.execute("select yardstick_engine.plan_due(%s)", [NOW])
    world.execute(MANY_STROKES.format(weeks=4))
    return world


def until_nothing_is_left(session, as_of):
    """What a worker did, in a transaction for each."""
    done = []
    while not done or (done[-1] and done[-1]["outcome"] != "waiting"):
        done.append(session.execute("select yardstick_engine.calculate_next(%s)", [as_of]).fetchone()[0])
    return done


def test_nothing_is_stated_of_a_source_before_another_worker_has_read_its_weeks(four_weeks, database):
    with database.connect(autocommit=False) as first, database.connect() as second:
        assert first.execute("select yardstick_engine.calculate_next(%s)", [NOW]).fetchone()[0]["slices"] == 4
        done = until_nothing_is_left(second, NOW)
        assert {step["period_type"] for step in done[:-1]} == {2} and done[-1] == {"outcome": "waiting"}, done
        assert four_weeks.one("select count(*) from yardstick.metric_calculations") == 0
        first.commit()
        assert until_nothing_is_left(second, NOW)[-1] is None
    assert restated(four_weeks) == []
    finish(four_weeks)
    check(four_weeks)


def test_what_a_worker_that_is_ended_was_reading_is_read_before_anything_is_stated(four_weeks, database):
    first = database.connect(autocommit=False)
    with database.connect() as second:
        begun = first.execute("select yardstick_engine.calculate_next(%s)", [NOW]).fetchone()[0]
        assert until_nothing_is_left(second, NOW)[-1] == {"outcome": "waiting"}
        four_weeks.execute("select pg_terminate_backend(%s, 5000)", [first.info.backend_pid])
        done = until_nothing_is_left(second, NOW)
        assert done[0] == begun and done[-1] is None
    assert restated(four_weeks) == []
    finish(four_weeks)
    check(four_weeks)


def test_a_metric_made_of_others_is_not_stated_while_another_worker_values_these(four_weeks, database):
    four_weeks.derived("double", {"a": "all", "r": "rate"}, time_windows=WINDOWS, calculation_formula="2 * a + r")
    with database.connect(autocommit=False) as first, database.connect() as second:
        months = 0
        while months < 2:
            first.commit()
            months += first.execute("select yardstick_engine.calculate_next(%s)", [NOW]).fetchone()[0]["period_type"] == 3
        assert until_nothing_is_left(second, NOW) == [{"outcome": "waiting"}]
        first.commit()
        assert until_nothing_is_left(second, NOW)[-1] is None
    assert four_weeks.values("double", "annual") != {}
    assert restated(four_weeks) == []
    finish(four_weeks)
    check(four_weeks)


def test_weeks_that_fail_keep_no_month_waiting_but_their_own(four_weeks, database):
    four_weeks.execute(
        "update yardstick.calculation_slices set attempt_count = 1, error_code = '22012', not_before = %s"
        " where period_type = 2 and period_start < '2024-07-01'", [NOW + timedelta(minutes=1)],
    )
    with database.connect() as worker:
        assert until_nothing_is_left(worker, NOW)[-1] is None
    stated = four_weeks.execute(
        "select time_window, min((period_start at time zone 'UTC')::date)::text from yardstick.metric_calculations"
        " where time_window in ('monthly', 'quarterly', 'annual') group by 1 order by 1"
    ).fetchall()
    # Not of the half of it that could be read. The zones of the two organizations begin the month on the day before, and on the same.
    assert [(window, month[:7]) for window, month in stated] == [("annual", "2024-12"), ("monthly", "2024-06"), ("quarterly", "2024-06")]
    finish(four_weeks)
    assert restated(four_weeks) == []
    check(four_weeks)


@pytest.mark.parametrize("seed", [1])
def test_two_workers_on_a_first_backlog_restate_nothing(world, database, seed):
    chance = random.Random(seed)
    world.execute(MANY_STROKES.format(weeks=chance.randrange(4, 13)))
    world.derived("double", {"a": "all", "r": "rate"}, aggregation_levels=["org", "dept"], time_windows=WINDOWS, calculation_formula="2 * a + r")
    world.derived("half", {"d": "double", "c": "cost"}, aggregation_levels=["org"], time_windows=WINDOWS, calculation_formula="d / 2 + c")
    assert all_at_once(database, 2 + seed % 2, NOW, chance) == []
    assert world.left() == (0, 0)
    assert restated(world) == []

    # What was stated is restated by rows that come late, once.
    organization = next(iter(world.places))
    world.observe(organization, "cost", datetime(2024, 8, 14, 12, tzinfo=UTC), 5000)
    assert all_at_once(database, 2, NOW + timedelta(minutes=1), chance) == []
    late = [row[2:5] for row in restated(world) if row[:2] == ("cost", "org")]
    assert late != [] and len(set(late)) == len(late) and {cause for _, _, cause in late} == {"late_data"}
    assert {window for window, _, _ in late} >= {"monthly", "quarterly", "annual"}
    finish(world)
    check(world)


def test_two_workers_that_are_ended_again_and_again_restate_nothing_either(world, database):
    world.execute(MANY_STROKES.format(weeks=4))
    world.derived("double", {"a": "all", "r": "rate"}, time_windows=WINDOWS, calculation_formula="2 * a + r")
    chance, pids, stopped, failures = random.Random(5), {}, Event(), []

    def work(number):
        while not stopped.is_set():
            try:
                with database.connect() as connection:
                    connection.execute("set statement_timeout = '60s'")
                    pids[number] = connection.info.backend_pid
                    connection.execute("call yardstick_engine.calculate_due(%s)", [NOW])
            except psycopg.errors.AdminShutdown:
                continue
            except psycopg.Error as error:
                failures.append(str(error))
            time.sleep(0.05)

    threads = [Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    ended, tries = 0, 0
    while ended < 12 and tries < 200:
        time.sleep(chance.random() * 0.6)
        ended += world.one("select pg_terminate_backend(%s)", [pids.get(chance.randrange(2), 0)])
        tries += 1
    stopped.set()
    for thread in threads:
        thread.join(90)
    assert failures == [] and ended == 12
    finish(world)
    assert restated(world) == []
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
