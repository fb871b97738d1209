"""States that no definition reads: gone after a while with their series, never what somebody reads, and whole again when one comes back."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
MEASURES = """
    select m.id, m.unread_since from yardstick.metric_measures as m
    where m.measure_key = 'calls' and m.filter is not distinct from %s and m.expression is not distinct from %s
"""
STATES = """
    select p.period_type::integer, p.period_start, s.aggregation_level, s.aggregation_id, p.row_count, p.value_sum
    from yardstick.metric_partials as p inner join yardstick.metric_series as s on s.series_id = p.series_id where s.measure_id = %s
    union all
    select 0, p.period_start, s.aggregation_level, s.aggregation_id, p.row_count, cardinality(p.value_list)
    from yardstick.metric_details as p inner join yardstick.metric_series as s on s.series_id = p.series_id where s.measure_id = %s
    order by 1, 2, 3, 4
"""
ORPHANS = """
    select
        (select count(*) from yardstick.metric_partials as p where not exists (
            select from yardstick.metric_series as s where s.series_id = p.series_id
        ))
        + (select count(*) from yardstick.metric_details as d where not exists (
            select from yardstick.metric_series as s where s.series_id = d.series_id
        ))
        + (select count(*) from yardstick.metric_series as s where not exists (
            select from yardstick.metric_measures as m where m.id = s.measure_id
        ))
"""
SUM, FEW = {"n": {"agg": "sum"}}, {"n": {"agg": "sum", "where": "value > 50"}}


class World:
    """A year of rows in two departments, and metrics that read them."""

    def __init__(self, engine):
        self.engine, self.now = engine, NOW
        engine.execute("select yardstick_engine.record_job_home()")
        self.acme = engine.organization("acme", timezone="Europe/Berlin")
        self.places = [
            engine.door("sync_department", {"external_id": name, "department_name": name}, self.acme) for name in ("a", "b")
        ]
        engine.record(self.acme, [self.row(NOW - timedelta(days=3 * n), n * 7 % 101) for n in range(120)])

    def row(self, at, value):
        return {"metric_name": "calls", "measured_at": at, "value": value, "department_id": self.places[int(value) % 2]}

    def define(self, name="calls", measures=None, **keys):
        return self.engine.metric(
            name, key="calls", measures=measures or SUM,
            **{"time_windows": WINDOWS, "aggregation_levels": ["org", "dept"], **keys},
        )  # fmt: skip

    def calculate(self):
        self.now = self.engine.settle(self.now + timedelta(minutes=1))

    def run(self):
        self.engine.execute("call yardstick_engine.run_job('retention')")
        status, message, progress = self.engine.execute(
            "select status, message, progress from yardstick.job_runs where job_name = 'retention' order by started_at desc limit 1"
        ).fetchone()
        assert (status, message) == ("succeeded", None)
        return {name: progress[name] for name in ("unread_series", "unread_states", "unread_measures") if name in progress}

    def age(self, days=15):
        """As if the job had found it so many days ago."""
        self.engine.execute("update yardstick.metric_measures set unread_since = unread_since - %s * interval '1 day'", [days])

    def measure(self, filter=None, expression="value"):
        return self.engine.execute(MEASURES, [filter, expression]).fetchone()

    def states(self, measure_id):
        return self.engine.execute(STATES, [measure_id, measure_id]).fetchall()

    def evidence(self):
        tables = ("metric_calculations", "metric_calculation_revisions", "metric_definition_versions", "audit_log")
        return {table: self.engine.one(f"select array_agg(t.* order by t.*)::text from yardstick.{table} as t") for table in tables}

    def check(self):
        """Values and states are those of a calculation from nothing; what nobody reads it does not make."""
        self.engine.execute(
            "delete from yardstick.metric_partials as p using yardstick.metric_series as s where s.series_id = p.series_id and s.measure_id not in ("
            " select yardstick_engine.metric_measure_ids(d.id) from yardstick.metric_definitions as d where d.deleted_at is null)"
        )
        self.engine.check_against_nothing(self.now)

    def verified(self, name="calls"):
        return self.engine.execute("select * from yardstick_api.verify_rollup(%s, 500, 1)", [name]).fetchall()


@pytest.fixture
def world(engine):
    return World(engine)


def changed(world):
    """Defined, calculated, and defined in another way: the ids of the measures it read and reads."""
    world.define()
    world.calculate()
    former = world.engine.one("select id from yardstick.metric_measures where measure_key = 'calls'")
    world.define(measures=FEW)
    world.calculate()
    current = world.engine.one("select id from yardstick.metric_measures where measure_key = 'calls' and id <> %s", [former])
    return former, current


def unread_since(world, measure_id):
    return world.engine.one("select unread_since from yardstick.metric_measures where id = %s", [measure_id])


def test_what_only_a_former_version_read_goes_after_two_weeks_and_nothing_else(world):
    engine = world.engine
    former, current = changed(world)
    before, states, evidence = world.states(former), world.states(current), world.evidence()
    assert {row[0] for row in before} == {1, 2, 3, 4, 5}
    assert world.run() == {}
    assert unread_since(world, former) is not None and unread_since(world, current) is None
    world.age(13)
    assert world.run() == {} and world.states(former) == before
    world.age(2)
    series = engine.one("select count(*) from yardstick.metric_series where measure_id = %s", [former])
    assert world.run() == {"unread_series": series, "unread_states": len(before), "unread_measures": 1}
    assert world.states(former) == [] and world.states(current) == states
    assert engine.one(ORPHANS) == 0
    assert engine.one("select count(*) from yardstick.metric_measures where id = %s", [former]) == 0
    assert world.evidence() == evidence
    assert world.run() == {}
    rows = world.verified()
    assert len(rows) > 300 and all(row[6] for row in rows)
    assert engine.one("select count(*) from yardstick_api.explain_metric('calls')") > 3
    assert engine.one("select count(*) from yardstick_ops.metric_cost where metric_name = 'calls'") == 1
    assert engine.execute("select * from yardstick_ops.health where check_name like 'retention%%' and not ok").fetchall() == []
    world.check()


def test_a_change_that_is_taken_back_finds_its_states(world):
    former, _ = changed(world)
    world.run()
    world.age()
    world.define()
    states = world.states(former)
    assert world.run() == {} and world.states(former) == states
    assert unread_since(world, former) is None
    world.calculate()
    world.check()


def test_one_that_is_taken_back_later_is_calculated_whole(world):
    engine = world.engine
    world.define()
    world.calculate()
    wanted = engine.compared()
    former, _ = changed(world)
    world.run()
    world.age()
    assert world.run()["unread_measures"] == 1
    # Rows that came while nobody read the measure.
    engine.record(world.acme, [world.row(NOW - timedelta(days=200), 9)])
    engine.execute("delete from yardstick.analytics_metrics where measurement_date = %s", [NOW - timedelta(days=150)])
    world.calculate()
    world.define()
    world.calculate()
    assert world.states(former)
    assert engine.compared().keys() >= wanted.keys() - {key for key in wanted if key[4] == "daily"}
    assert all(row[6] for row in world.verified())
    world.check()


def test_what_another_metric_reads_stays_and_squares_and_lists_go_with_the_last(world):
    engine = world.engine
    world.define("mean", {"n": {"agg": "avg"}})
    world.define("total")
    world.define("middle", {"n": {"agg": "percentile", "p": 50}})
    world.calculate()
    total = engine.one("select compiled #>> '{measures,n,measure_id}' from yardstick.metric_definitions where metric_name = 'total'")
    kept, values = world.states(total), world.evidence()["metric_calculations"]
    assert engine.one("select count(*) from yardstick.metric_details") > 100
    for name in ("mean", "middle"):
        engine.execute("select yardstick_api.retire_metric(%s, 'not needed')", [name])
    # One that is paused comes back with its history, and keeps what it reads as long as it is not retired.
    world.define("paused", {"n": {"agg": "max", "value": "value + 1"}})
    world.calculate()
    world.define("paused", {"n": {"agg": "max", "value": "value + 1"}}, is_active=False)
    paused = engine.one("select compiled #>> '{measures,n,measure_id}' from yardstick.metric_definitions where metric_name = 'paused'")
    assert world.states(paused)
    world.run()
    world.age()
    assert world.run()["unread_measures"] == 2
    assert engine.one("select count(*) from yardstick.metric_details") == 0
    assert world.states(total) == kept and world.states(paused)
    assert engine.one(ORPHANS) == 0
    assert set(values[2:-2].split('","')) <= set(world.evidence()["metric_calculations"][2:-2].split('","'))
    # Back again: all of it.
    world.define("paused", {"n": {"agg": "max", "value": "value + 1"}}, is_active=True)
    world.define("mean", {"n": {"agg": "avg"}})
    world.define("middle", {"n": {"agg": "percentile", "p": 50}})
    world.calculate()
    world.check()


def test_a_hold_keeps_the_states_of_its_organization(world):
    engine = world.engine
    birch = engine.organization("birch", timezone="Asia/Tokyo")
    engine.record(birch, [{"metric_name": "calls", "measured_at": NOW - timedelta(days=n), "value": n} for n in range(40)])
    former, _ = changed(world)
    world.run()
    world.age()
    count = "select count(*) from yardstick.metric_series where measure_id = %s and organization_id = %s"
    hold = engine.one("select yardstick_api.set_legal_hold('inspection')")
    assert world.run() == {}
    engine.execute("select yardstick_api.release_legal_hold(%s, 'over')", [hold])
    hold = engine.one("select yardstick_api.set_legal_hold('case 7', 'calls', organization_id => %s)", [world.acme])
    assert "unread_measures" not in world.run()
    assert (engine.one(count, [former, birch]), engine.one(count, [former, world.acme])) == (0, 2)
    engine.execute("select yardstick_api.release_legal_hold(%s, 'over')", [hold])
    assert world.run()["unread_measures"] == 1
    assert engine.one(ORPHANS) == 0


def test_a_draft_starts_the_time_anew(world):
    former, _ = changed(world)
    world.run()
    world.age()
    engine = world.engine
    engine.execute("select yardstick_api.set_approval_gates(null, '{owner}', 'a test')")
    world.define()
    assert unread_since(world, former) is None
    assert world.run() == {} and world.states(former)
    assert unread_since(world, former) is not None


@pytest.mark.parametrize("has_rival", [False, True])
def test_a_definition_that_is_being_written_keeps_what_it_reads(world, has_rival):
    former, _ = changed(world)
    world.run()
    world.age()
    engine, states = world.engine, world.states(former)
    rival = engine.database.connect(autocommit=False)
    if has_rival:
        # Another definition of the same measure, which is given up.
        rival.execute("select from yardstick.metric_measures where id = %s for no key update", [former])
    with engine.connection.transaction():
        world.define()
        rival.rollback()
        rival.close()
        with engine.database.connect() as other:
            other.execute("call yardstick_engine.run_job('retention')")
        assert world.states(former) == states
    world.calculate()
    assert world.run() == {}
    world.check()


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_definition_waits_for_the_step_that_removes_its_states_and_is_whole(world, is_whole):
    former, _ = changed(world)
    world.run()
    world.age()
    engine = world.engine
    sweeper = engine.database.connect(autocommit=False)
    if is_whole:
        sweeper.execute("select yardstick_engine.remove_unread('{\"is_marked\": true}')")
    else:
        # A step that had time for one of two scopes.
        assert sweeper.execute("select yardstick_engine.lock_unread(%s)", [former]).fetchone()[0]
        sweeper.execute(
            "select yardstick_engine.remove_series(array(select min(series_id) from yardstick.metric_series where measure_id = %s))", [former]
        )
    done = threading.Event()

    def define():
        world.define()
        done.set()

    thread = threading.Thread(target=define)
    thread.start()
    with engine.database.connect() as watch:
        while watch.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock'").fetchone()[0] == 0:
            assert thread.is_alive()
            time.sleep(0.01)
    assert not done.is_set()
    sweeper.commit()
    sweeper.close()
    thread.join()
    assert world.run() == {}
    world.calculate()
    assert world.states(former)
    world.check()


def test_what_waits_to_be_read_is_left(world):
    engine = world.engine
    former, _ = changed(world)
    world.run()
    world.age()
    source = engine.one("select source_id from yardstick.metric_measures where id = %s", [former])
    engine.execute("select yardstick_engine.queue_weeks(%s, array[%s]::uuid[], '2025-02-03', '2025-02-10')", [source, former])
    assert world.run() == {}
    world.calculate()
    assert world.run()["unread_measures"] == 1
    assert engine.one(ORPHANS) == 0


def test_a_source_that_is_merged_is_waited_for_and_then_left_to_the_next_run(world):
    engine = world.engine
    former, _ = changed(world)
    world.run()
    world.age()
    states = world.states(former)
    with engine.database.connect(autocommit=False) as worker:
        worker.execute(
            "select pg_advisory_xact_lock(7919005, hashtext(m.source_id::text)) from yardstick.metric_measures as m where m.id = %s", [former]
        )
        assert world.run() == {} and world.states(former) == states
    assert world.run()["unread_measures"] == 1


def test_workers_go_on_while_it_is_swept(world):
    """Rows come, days close, definitions change and come back; two workers and the sweep at once."""
    engine = world.engine
    changed(world)
    world.define("other", {"n": {"agg": "count"}})
    world.calculate()
    stop, failed, clocks = threading.Event(), [], [world.now, world.now]

    def work(number):
        with engine.database.connect() as connection:
            connection.execute("set statement_timeout = '60s'")
            while not stop.is_set():
                # Each by its own clock, one often behind what the other has closed.
                clocks[number] += timedelta(minutes=1)
                try:
                    connection.execute("call yardstick_engine.calculate_due(%s)", [clocks[number]])
                except psycopg.Error as error:
                    failed.append(error)

    def sweep():
        with engine.database.connect() as connection:
            while not stop.is_set():
                connection.execute("update yardstick.metric_measures set unread_since = unread_since - interval '15 days'")
                try:
                    connection.execute("call yardstick_engine.run_job('retention')")
                except psycopg.Error as error:
                    failed.append(error)

    threads = [threading.Thread(target=work, args=[n]) for n in range(2)] + [threading.Thread(target=sweep)]
    for thread in threads:
        thread.start()
    for turn in range(10):
        world.define(measures=[SUM, FEW, {"n": {"agg": "max"}}][turn % 3])
        engine.record(world.acme, [world.row(NOW - timedelta(days=turn * 11), turn)])
        time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    statuses = engine.execute(
        "select status, message from yardstick.job_runs where job_name = 'retention' and status <> 'succeeded'"
    ).fetchall()
    assert statuses == []
    world.now = max(clocks) + timedelta(days=1)
    world.calculate()
    assert engine.one(ORPHANS) == 0
    assert date(2025, 3, 5) in engine.values("calls")
    world.check()
