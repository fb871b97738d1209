"""Clocks that differ: of workers whose calls began at other times, of a machine that is set back or was ahead, and what a hand types in."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
ZONE = "Asia/Kathmandu"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# To the year 2200.
FAR = timedelta(days=174 * 365)

HOST = """
create schema host;
create table host.events (organization text, happened_at timestamptz, amount numeric, changed_at timestamptz);
create table host.switch as select false as is_broken;
create function host.checked(amount numeric) returns numeric stable language plpgsql as $$
begin
    if (select s.is_broken from host.switch as s) then
        raise exception using errcode = 'P0001', message = 'the host says no';
    end if;
    return amount;
end $$;
create view host.looks as select e.organization, e.happened_at, host.checked(e.amount) as amount from host.events as e;
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""


@pytest.fixture
def now():
    """What the machine says: what is later was said by a clock that was wrong."""
    return datetime.now(UTC)


@pytest.fixture
def acme(engine):
    engine.execute(HOST)
    for name, keys in (("events", {"watermark_column": "changed_at"}), ("looks", {})):
        engine.door("register_source", {
            "name": name, "relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization",
            "lookback": "1 hour", **keys,
        })  # fmt: skip
    return engine.organization("acme", timezone=ZONE)


def happened(engine, at, amount=1, changed_at=None):
    engine.execute("insert into host.events values ('acme', %s, %s, %s)", [at, amount, changed_at or at])


def amounts(engine, name, source, **keys):
    engine.metric(name, source=source, measures={"n": {"agg": "sum", "value": "amount"}}, **keys)


def alone(engine, name):
    """The value of the only day."""
    (value,) = engine.values(name).values()
    return value


def job(engine, name, as_of):
    """All steps of a job, as pg_cron has them run."""
    progress, steps = "{}", 0
    while '"is_done"' not in progress:
        progress = engine.one("select yardstick_engine.job_step(%s, %s, %s)::text", [name, as_of, progress])
        steps += 1
        assert steps < 200, progress


def failing(engine):
    return engine.one("select count(*) from yardstick.metric_failures")


# -- A machine whose clock was ahead


@pytest.mark.parametrize(
    ("ahead", "frequencies"),
    [
        (timedelta(hours=1), ["real_time", "hourly"]),
        (DAY, ["real_time", "hourly", "daily"]),
        (FAR, ["real_time", "hourly", "daily", "weekly", "monthly"]),
    ],
    ids=["an hour", "a day", "the year 2200"],
)
def test_what_changes_after_a_clock_was_ahead_is_calculated_at_the_next_tick(engine, acme, now, ahead, frequencies):
    at = now - 2 * DAY
    happened(engine, at)
    engine.observe(acme, "calls", at)
    text = "select sum(amount) as value from events where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()"
    for frequency in frequencies:
        amounts(engine, f"amounts_{frequency}", "looks", refresh_frequency=frequency)
        engine.metric(f"calls_{frequency}", key="calls", refresh_frequency=frequency)
        # Each of the days between would be asked for.
        if ahead != FAR:
            engine.door("define_metric", {
                "metric_name": f"asked_{frequency}", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["events"]},
                "calculation_formula": text, "refresh_frequency": frequency, "time_windows": ["daily"],
            })  # fmt: skip
    engine.calculate(now)
    engine.calculate(now + ahead)
    engine.observe(acme, "calls", at)
    happened(engine, at)
    engine.calculate(now + MINUTE)
    assert engine.left() == (0, 0)
    day = at.astimezone(ZoneInfo(ZONE)).date()
    assert {f: engine.values(f"calls_{f}")[day] for f in frequencies} == dict.fromkeys(frequencies, 2)
    assert ahead == FAR or {f: engine.values(f"asked_{f}")[day] for f in frequencies} == dict.fromkeys(frequencies, 2)
    for marks in ("metric_refreshes", "metric_clocks"):
        assert engine.one(f"select count(*) from yardstick.{marks} where refreshed_to > %s", [now + MINUTE]) == 0


@pytest.mark.parametrize("ahead", [DAY, FAR], ids=["a day", "the year 2200"])
def test_days_that_a_clock_closed_too_early_are_open_again(engine, acme, now, ahead):
    keys = {"time_windows": WINDOWS}
    for back in (0, 1, 40):
        engine.observe(acme, "calls", now - back * DAY)
    engine.observe(acme, "calls", now + 3 * DAY)
    engine.metric("calls", **keys)
    engine.derived("twice", {"calls": "calls"}, calculation_formula="2 * calls", time_windows=["weekly", "monthly"])
    engine.metric("filled", measures={"n": {"agg": "count"}}, key="calls", data_sources={
        "source": "analytics_metrics", "key": "calls", "fill": "zero", "measures": {"n": {"agg": "count"}},
    }, **keys)  # fmt: skip
    engine.calculate(now)
    fresh = engine.compared()
    engine.calculate(now + ahead)
    engine.settle(now)
    found = engine.compared()
    assert engine.differing({key: found.get(key) for key in fresh}, fresh) == ([], 0)
    assert [key for key in set(found) - set(fresh) if found[key]["value"] is not None] == []
    engine.check_against_nothing(now + 10 * MINUTE)


def test_what_is_said_of_a_period_that_has_not_ended_is_no_former_value(engine, acme, now):
    engine.observe(acme, "calls", now)
    engine.metric("calls")
    engine.calculate(now)
    engine.calculate(now + DAY)
    engine.observe(acme, "calls", now)
    engine.calculate(now + DAY)
    assert engine.one("select count(*) from yardstick.metric_calculation_revisions") == 0


def test_rows_that_changed_after_a_clock_was_ahead_are_past_the_watermark(engine, acme, now):
    at = now - 3 * DAY
    happened(engine, at)
    amounts(engine, "amounts", "events")
    engine.calculate(now)
    happened(engine, at, changed_at=now + DAY)
    engine.calculate(now + DAY)
    assert alone(engine, "amounts") == 2
    # What is written after the clock was set back has earlier times than what was read last.
    happened(engine, at, changed_at=now + MINUTE / 2)
    engine.calculate(now + MINUTE)
    assert alone(engine, "amounts") == 3
    happened(engine, at, changed_at=now + 90 * MINUTE)
    engine.calculate(now + 100 * MINUTE)
    assert alone(engine, "amounts") == 4


def test_what_failed_while_the_clock_was_ahead_is_tried_again_now(engine, acme, now):
    at = now - DAY
    happened(engine, at)
    amounts(engine, "amounts", "looks")
    engine.door("define_metric", {
        "metric_name": "asked", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["events"]},
        "calculation_formula": "select sum(mod(1, amount)) as value from events", "refresh_frequency": "real_time", "time_windows": ["daily"],
    })  # fmt: skip
    engine.execute("update host.switch set is_broken = true")
    engine.execute("update host.events set amount = 0")
    for minute in range(3):
        engine.calculate(now + DAY + minute * MINUTE)
    assert failing(engine) == 2
    engine.execute("update host.switch set is_broken = false")
    engine.execute("update host.events set amount = 1")
    for minute in range(3):
        engine.calculate(now + minute * MINUTE)
    assert engine.left() == (0, 0)
    assert failing(engine) == 0
    assert alone(engine, "amounts") == 1
    assert set(engine.values("asked").values()) == {0}


def test_a_stretch_that_failed_while_the_clock_was_ahead_is_tried_again_now(engine, acme, now):
    happened(engine, now - DAY)
    amounts(engine, "amounts", "looks")
    with engine.database.connect() as other:
        other.execute("begin; lock table host.events in access exclusive mode")
        engine.calculate(now + DAY)
        other.execute("rollback")
    assert engine.one("select count(*) from yardstick.calculation_slices where not_before > %s", [now + DAY]) == 1
    engine.calculate(now)
    assert alone(engine, "amounts") == 1


def test_alerts_are_judged_by_the_clock_of_now_after_it_was_ahead(engine, acme, now):
    engine.observe(acme, "calls", now, 50)
    engine.observe(acme, "calls", now - DAY, 5)
    engine.metric("calls")
    engine.door("create_alert", {"alert_name": "many", "metric_name": "calls", "condition_config": {"op": ">", "value": 10}}, acme)
    engine.calculate(now)
    job(engine, "alerts", now)
    state = "select state from yardstick.metric_alert_states"
    is_open = "select count(*) from yardstick.metric_alert_history where resolved_at is null"
    assert (engine.one(state), engine.one(is_open)) == ("normal", 0)
    # Of a period that has not ended.
    engine.calculate(now + DAY)
    job(engine, "alerts", now + DAY)
    assert (engine.one(state), engine.one(is_open)) == ("firing", 1)
    engine.calculate(now + MINUTE)
    job(engine, "alerts", now + MINUTE)
    assert (engine.one(state), engine.one(is_open)) == ("normal", 0)
    engine.observe(acme, "calls", now - DAY, 6)
    engine.calculate(now + 2 * MINUTE)
    job(engine, "alerts", now + 2 * MINUTE)
    assert (engine.one(state), engine.one(is_open)) == ("firing", 1)
    traces = "select ctid, xmin from yardstick.metric_alert_states"
    known = engine.execute(traces).fetchall()
    job(engine, "alerts", now + 3 * MINUTE)
    assert engine.execute(traces).fetchall() == known


def test_snapshots_are_of_periods_that_have_ended_whatever_the_clock_said(engine, acme, now):
    for back in range(4):
        engine.observe(acme, "calls", now - back * DAY)
    engine.metric("calls", time_windows=["daily", "weekly"])
    engine.calculate(now)
    job(engine, "snapshots", now)
    taken = "select snapshot_type, snapshot_date, metric_value, trend from yardstick.metric_snapshots order by 1, 2"
    known = engine.execute(taken).fetchall()
    engine.calculate(now + 9 * DAY)
    job(engine, "snapshots", now + 9 * DAY)
    assert len(engine.execute(taken).fetchall()) > len(known)
    engine.calculate(now + MINUTE)
    job(engine, "snapshots", now + MINUTE)
    assert engine.execute(taken).fetchall() == known
    looks = "select looked_at from yardstick.snapshot_looks"
    assert engine.one(looks) == now + MINUTE


def test_a_run_that_the_clock_was_set_back_in_ends_and_keeps_no_job_from_starting(engine):
    engine.execute("update yardstick.job_home set database_name = current_database()")
    run = engine.one("select yardstick_engine.start_job_run('alerts')")
    engine.execute("update yardstick.job_runs set started_at = started_at + interval '1 hour'")
    engine.execute("select yardstick_engine.finish_job_run(%s, '{}', null, null)", [run])
    assert engine.one("select status from yardstick.job_runs") == "succeeded"
    engine.execute(
        "insert into yardstick.job_runs (job_name, backend_pid, started_at) values ('snapshots', 1, now() + interval '1 day')"
    )
    engine.execute("call yardstick_engine.run_job('alerts')")
    assert engine.execute("select job_name, status from yardstick.job_runs order by started_at, 1").fetchall() == [
        ("alerts", "succeeded"), ("alerts", "succeeded"), ("snapshots", "abandoned"),
    ]  # fmt: skip


def test_maintenance_removes_nothing_for_a_time_that_is_still_to_come(engine, now):
    engine.execute("update yardstick.job_home set database_name = current_database()")
    engine.execute("call yardstick_engine.run_job('alerts')")
    job(engine, "maintenance", now + FAR)
    assert engine.one("select count(*) from yardstick.job_runs") == 1


# -- Workers whose calls began at other times


@pytest.fixture
def failed(engine, acme, now):
    """When it began to fail; a row that came meanwhile lies further back than the look-back."""
    at, then = now - 5 * DAY, now - DAY
    happened(engine, at)
    amounts(engine, "amounts", "looks")
    engine.calculate(then - 3 * MINUTE)
    assert alone(engine, "amounts") == 1
    engine.execute("update host.switch set is_broken = true")
    happened(engine, at)
    happened(engine, then - 20 * MINUTE)
    engine.calculate(then)
    assert failing(engine) == 1
    return then


def test_what_is_tried_again_is_not_left_out_by_a_worker_that_began_before(engine, failed):
    engine.execute("update host.switch set is_broken = false")
    # One queues what is to be read again, the other, whose call began when it was still held, reads.
    engine.execute("select yardstick_engine.plan_due(%s)", [failed + 3 * MINUTE])
    while engine.one("select yardstick_engine.calculate_next(%s)", [failed + MINUTE / 2]):
        pass
    for minute in range(4, 8):
        engine.calculate(failed + minute * MINUTE)
    assert failing(engine) == 0
    assert sorted(engine.values("amounts").values()) == [1, 2]


def test_what_fails_again_for_a_worker_that_began_before_is_not_forgotten(engine, failed):
    engine.execute("select yardstick_engine.plan_due(%s)", [failed + 3 * MINUTE])
    while engine.one("select yardstick_engine.calculate_next(%s)", [failed + MINUTE / 2]):
        pass
    engine.execute("update host.switch set is_broken = false")
    for minute in range(4, 12):
        engine.calculate(failed + minute * MINUTE)
    assert failing(engine) == 0
    assert sorted(engine.values("amounts").values()) == [1, 2]


def test_a_metric_that_is_defined_while_a_worker_runs_over_midnight_has_its_days_closed(engine, acme, now):
    midnight = datetime(2025, 3, 9, 18, 15, tzinfo=UTC)
    for hours in (0, 30):
        happened(engine, midnight - timedelta(hours=hours + 1))
    before, after = midnight - MINUTE, midnight + MINUTE
    engine.execute("select yardstick_engine.plan_due(%s)", [before])
    amounts(engine, "amounts", "looks", time_windows=["daily", "weekly"])
    while engine.one("select yardstick_engine.calculate_next(%s)", [before]):
        pass
    engine.calculate(after)
    rows = {key[4:]: row["metadata"]["is_complete"] for key, row in engine.stored().items()}
    assert len(rows) == 3
    assert all(rows.values())


def test_an_alert_waits_for_the_value_of_the_whole_period(engine, acme):
    midnight = datetime(2025, 3, 9, 18, 15, tzinfo=UTC)
    engine.observe(acme, "calls", midnight - timedelta(hours=26), 20)
    engine.observe(acme, "calls", midnight - timedelta(hours=2), 1)
    engine.metric("calls")
    engine.door("create_alert", {"alert_name": "few", "metric_name": "calls", "condition_config": {"op": "<", "value": 10}}, acme)
    engine.calculate(midnight - MINUTE)
    job(engine, "alerts", midnight - MINUTE)
    engine.observe(acme, "calls", midnight - MINUTE / 2, 19)
    # Its clock is past midnight before the other job has closed the day.
    job(engine, "alerts", midnight)
    engine.calculate(midnight + MINUTE)
    job(engine, "alerts", midnight + MINUTE)
    assert engine.one("select count(*) from yardstick.metric_alert_history") == 0
    assert engine.one("select last_period_end from yardstick.metric_alert_states") == midnight


def test_a_run_of_snapshots_that_began_before_midnight_loses_none_of_another(engine, acme):
    midnight = datetime(2025, 3, 9, 18, 15, tzinfo=UTC)
    for back in range(4):
        engine.observe(acme, "calls", midnight - MINUTE - back * DAY)
    engine.metric("calls")
    engine.calculate(midnight + MINUTE)
    step = "select yardstick_engine.job_step('snapshots', %s, %s)::text"
    progress = "{}"
    while '"is_queued"' not in progress:
        progress = engine.one(step, [midnight + MINUTE, progress])
    late = '{"organizations": 1, "is_queued": true}'
    while '"is_done"' not in late:
        late = engine.one(step, [midnight - MINUTE, late])
    job(engine, "snapshots", midnight + 2 * MINUTE)
    assert engine.one("select count(*) from yardstick.metric_snapshots") == 4
    assert engine.one("select count(*) from yardstick.snapshot_slices") == 0


# -- All of it at once, by chance

FUNCTION = """
create function host.load(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select 'org', null, sum(e.amount), count(*)
    from host.events as e
    inner join yardstick_names as o on o.name = e.organization and o.id = load.organization_id
    where e.happened_at >= period_start and e.happened_at < period_end
    having count(*) > 0
$$;
"""


ZONES = {
    "first": {"timezone": "Pacific/Kiritimati"}, "last": {"timezone": "Pacific/Pago_Pago", "week_start": 7},
    "york": {"timezone": "America/New_York", "fiscal_year_start_month": 4}, "hills": {"timezone": "Asia/Kathmandu"},
}  # fmt: skip


class Crowd:
    """Callers who each go by a clock of their own, in turns that chance gives, while rows arrive for four organizations."""

    def __init__(self, engine, seed, start, end, jumps):
        self.engine, self.random = engine, random.Random(seed)
        self.time, self.end, self.jumps = start, end, jumps
        self.calls = [None, None, None]
        self.late = 0
        engine.execute(HOST)
        self.ids = {name: engine.organization(name, **keys) for name, keys in ZONES.items()}
        departments = {
            name: [engine.door("sync_department", {"external_id": n, "department_name": n}, own) for n in "ab"]
            for name, own in self.ids.items()
        }
        self.departments = departments
        for name, keys in (("events", {"watermark_column": "changed_at"}), ("looks", {})):
            engine.door("register_source", {
                "name": name, "relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization",
                "lookback": "30 days", **keys,
            })  # fmt: skip
        engine.execute(FUNCTION.replace("yardstick_names", "host.names"). replace(
            "create function", "create table host.names (id uuid, name text); grant select on host.names to yardstick_reader; create function", 1
        ))  # fmt: skip
        for name, own in self.ids.items():
            engine.execute("insert into host.names values (%s, %s)", [own, name])
        engine.execute("grant execute on function host.load to yardstick_reader")
        engine.door("register_function", {"name": "load", "routine": "host.load"})
        for _ in range(30):
            self.arrive(12)
        self.define()

    def define(self):
        engine, levels = self.engine, {"aggregation_levels": ["org", "dept"]}
        filled = {"source": "analytics_metrics", "key": "calls", "measures": {"n": {"agg": "sum"}}}
        engine.metric("calls", time_windows=WINDOWS, **levels)
        engine.metric("peak", measures={"n": {"agg": "max"}}, key="calls", time_windows=["weekly", "quarterly"], refresh_frequency="hourly")
        engine.metric("zero", data_sources={**filled, "fill": "zero"}, time_windows=["daily", "monthly"], **levels)
        engine.metric("carried", data_sources={**filled, "fill": "carry_forward"}, time_windows=["daily", "weekly", "monthly"])
        amounts(engine, "seen", "events", time_windows=["daily", "weekly", "annual"], refresh_frequency="hourly")
        amounts(engine, "looked", "looks", time_windows=["daily", "monthly"], refresh_frequency="daily")
        # Of queries the history is asked for up to now, day by day; of functions from long ago on.
        within = "where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()"
        for name, method, keys in (
            ("told", "external", {}),
            ("asked", "sql", {"data_sources": {"sources": ["events"]}, "calculation_formula": f"select sum(amount) as value from events {within}"}),
            ("loaded", "function", {"data_sources": {"function": "load"}, "retention_days": 25}),
        )[: 3 if self.jumps else 1]:
            engine.door("define_metric", {
                "metric_name": name, "display_name": name, "calculation_method": method, "time_windows": ["daily", "monthly"],
                "refresh_frequency": "hourly" if method == "sql" else "real_time", **keys,
            })  # fmt: skip
        engine.derived("ratio", {"x": "calls", "y": {"metric": "calls", "lag": 1}}, calculation_formula="x / y", time_windows=["daily", "monthly"])
        engine.derived("coarse", {"x": "calls", "y": {"metric": "zero", "lag": 2}}, calculation_formula="x + y", time_windows=["monthly"])
        engine.derived("twice", {"x": "asked" if self.jumps else "told"}, calculation_formula="2 * x", time_windows=["daily", "monthly"])
        for name, own in self.ids.items():
            engine.door("set_target", {"metric_name": "calls", "target_value": 20, "effective_from": "2020-01-01"}, own)
            for metric, window in (("calls", "daily"), ("zero", "monthly"), ("ratio", "daily"), ("twice", "daily"), ("peak", "weekly")):
                engine.door("create_alert", {
                    "alert_name": f"{name} {metric}", "metric_name": metric, "condition_config": {"op": ">", "value": 12, "window": window},
                }, own)  # fmt: skip

    def arrive(self, days=4):
        name = self.random.choice(list(self.ids))
        at = self.time - timedelta(seconds=self.random.randrange(1, days * 86400))
        if self.random.random() < 0.5:
            self.engine.observe(self.ids[name], self.random.choice(("calls", "calls", "told")), at, self.random.randrange(20),
                                department_id=self.random.choice([*self.departments[name], None]))  # fmt: skip
        else:
            self.engine.execute("insert into host.events values (%s, %s, %s, %s)", [name, at, self.random.randrange(20), self.time])

    def pass_time(self):
        step = self.random.choice((MINUTE, MINUTE, 20 * MINUTE, 3 * 60 * MINUTE, DAY / 2, DAY, 30 * 60 * MINUTE))
        if self.random.random() < 0.4:
            # To just before or after somebody's midnight.
            zone = ZoneInfo(self.random.choice(list(ZONES.values()))["timezone"])
            local = self.time.astimezone(zone).date() + DAY
            midnight = datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)
            step = max(midnight - self.time + self.random.choice((-MINUTE, -MINUTE / 60, MINUTE / 60, MINUTE)), MINUTE)
        self.time = min(self.time + step, self.end)

    def begin(self):
        """A call, by a clock that is right, behind, or, where it was wrong, ahead."""
        behind = self.random.choice((0, 0, 0, 1, 30, 600, 3600, 6 * 3600))
        as_of = self.time - timedelta(seconds=behind)
        if self.jumps and self.random.random() < 0.15:
            as_of = self.time + timedelta(hours=self.random.choice((1, 5, 24, 30, 30, 8 * 24)))
        name = self.random.choice(("calculate",) * 5 + ("plan", "alerts", "snapshots"))
        return {"name": name, "as_of": as_of, "progress": "{}", "left": self.random.choice((1, 4, 15, 60))}

    def turn(self):
        number = self.random.randrange(len(self.calls))
        call = self.calls[number] = self.calls[number] or self.begin()
        if call["name"] == "plan":
            self.engine.execute("select yardstick_engine.plan_due(%s)", [call["as_of"]])
            self.calls[number] = None
            return
        call["progress"] = self.engine.one("select yardstick_engine.job_step(%s, %s, %s)::text", [call["name"], call["as_of"], call["progress"]])
        call["left"] -= 1
        if '"is_done"' in call["progress"] or call["left"] == 0:
            self.calls[number] = None

    def run(self, turns):
        for _ in range(turns):
            what = self.random.random()
            if what < 0.15:
                self.arrive()
            elif what < 0.25:
                self.pass_time()
            else:
                self.turn()

    def meet(self):
        """One clock for all, later than all that has arrived fell due."""
        self.time = self.end + 3 * DAY
        self.time = self.engine.settle(self.time)
        for _ in range(2):
            for name in ("alerts", "snapshots"):
                job(self.engine, name, self.time)

    def check(self):
        engine = self.engine
        assert engine.one("select count(*) from yardstick.metric_definitions where last_error_code is not null") == 0
        assert engine.one("select count(*) from yardstick.metric_failures") == 0
        snapshots = "select organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date, metric_value, min_value," \
            " max_value, avg_value, std_deviation, sample_count, percentile_50, trend, year_over_year_change, month_over_month_change" \
            " from yardstick.metric_snapshots"  # fmt: skip
        states = "select organization_id, alert_id, aggregation_level, aggregation_id, state, last_period_end, last_value from yardstick.metric_alert_states"
        found = [{row[:6]: row for row in engine.execute(snapshots).fetchall()}, {row[:4]: row for row in engine.execute(states).fetchall()}]
        incidents = engine.execute(
            "select h.period_end, h.triggered_at, h.resolved_at, s.state from yardstick.metric_alert_history as h"
            " inner join yardstick.metric_alert_states as s using (organization_id, alert_id, aggregation_level, aggregation_id)"
        ).fetchall()
        assert all(period_end <= triggered_at for period_end, triggered_at, _, _ in incidents)
        assert all((resolved_at is None) <= (state in ("firing", "no_data")) for _, _, resolved_at, state in incidents)
        assert engine.one("select count(*) from yardstick.metric_snapshots where snapshot_date >= %s", [self.time + DAY]) == 0
        # As one who begins now would have it.
        for table in ("metric_snapshots", "snapshot_slices", "snapshot_looks", "metric_alert_states", "metric_alert_history"):
            engine.execute(f"delete from yardstick.{table}")
        for name in ("alerts", "snapshots"):
            job(engine, name, self.time)
        fresh = [{row[:6]: row for row in engine.execute(snapshots).fetchall()}, {row[:4]: row for row in engine.execute(states).fetchall()}]
        for one, other in zip(found, fresh, strict=True):
            assert engine.differing(one, other) == ([], 0)
        engine.check_against_nothing(self.time)


@pytest.mark.parametrize(
    ("seed", "start"),
    [(1, "2025-03-07T20:00Z"), (2, None)],
)
def test_whoever_calls_by_whatever_clock_the_end_is_the_same(engine, seed, start, now):
    """From a day on, before the clocks in New York go forward; or in the days before now, with clocks that at times are ahead of it."""
    begin = datetime.fromisoformat(start) if start else now - 9 * DAY
    crowd = Crowd(engine, seed, begin, begin + 6 * DAY, jumps=not start)
    crowd.run(50)
    crowd.meet()
    crowd.check()
