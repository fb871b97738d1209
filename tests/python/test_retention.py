"""Retention: what the rule lets go and nothing else, held by law, stopped anywhere, and never back by halves."""

import os
import signal
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from runner.testing import TestCluster

WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
NOW = datetime(2026, 3, 15, 10, tzinfo=UTC)
KEPT = 400
# 400 days before are 8 February 2025; a metric with years is kept from that year on, with the days of the week it begins in.
KEPT_FROM, DAYS_FROM = date(2025, 1, 1), date(2024, 12, 30)
FIRST = date(2021, 1, 4)

SNAPSHOTS = """
    select d.metric_name, s.snapshot_type, s.snapshot_date, s.metric_value, s.sample_count, s.avg_value
    from yardstick.metric_snapshots as s
    inner join yardstick.metric_definitions as d on d.id = s.metric_id
"""
PARTITIONS = """
    select c.relname from pg_class as c
    where c.relnamespace = 'yardstick'::regnamespace and c.relispartition and c.relname ~ %s order by 1
"""
STATES = """
    select p.period_type, p.period_start, p.row_count, p.value_sum
    from yardstick.metric_partials as p
    inner join yardstick.metric_series as s on s.series_id = p.series_id and s.organization_id = p.organization_id
    inner join yardstick.metric_measures as m on m.id = s.measure_id
    where m.measure_key = %s
"""


class Archive:
    """Five years of one row every fourth day, calculated and with snapshots, at a time when nothing was to go."""

    def __init__(self, engine, names=("calls",), **keys):
        self.engine, self.now = engine, NOW
        engine.execute("select yardstick_engine.record_job_home()")
        self.acme = engine.organization("acme", timezone="Europe/Berlin")
        for name in names:
            self.record(name, FIRST, date(2026, 3, 10))
            engine.metric(name, time_windows=WINDOWS, **keys.get(name, {"retention_days": KEPT}))
        self.calculate()
        engine.execute("call yardstick_engine.take_snapshots(%s)", [NOW])

    def calculate(self):
        """A minute later each time: what came since is due."""
        self.now = self.now + timedelta(minutes=1)
        self.engine.calculate(self.now)

    def record(self, name, first, last):
        days = [first + timedelta(n) for n in range(0, (last - first).days, 4)]
        self.engine.record(self.acme, [
            {"metric_name": name, "measured_at": f"{day}T12:00:00Z", "value": day.toordinal() % 97} for day in days
        ])  # fmt: skip

    def run(self, as_of=NOW):
        self.engine.execute("call yardstick_engine.run_job('retention', %s)", [as_of])
        status, message, progress = self.engine.execute(
            "select status, message, progress from yardstick.job_runs where job_name = 'retention' order by started_at desc limit 1"
        ).fetchone()
        assert (status, message) == ("succeeded", None)
        return progress

    def values(self):
        return {key[1:2] + key[4:6]: {**row, "version": None} for key, row in self.engine.stored().items()}

    def snapshots(self):
        return {row[:3]: row[3:] for row in self.engine.execute(SNAPSHOTS).fetchall()}

    def states(self, key="calls"):
        return {row[:2]: row[2:] for row in self.engine.execute(STATES, [key]).fetchall()}

    def partitions(self, table):
        return [name[-4:] for (name,) in self.engine.execute(PARTITIONS, [f"^{table}_[12]"]).fetchall()]


def stays(window, ends_on):
    return ends_on > (DAYS_FROM if window in ("daily", "weekly") else KEPT_FROM)


def kept(values, names, calendar):
    """Of these values what may not go: every other metric's, and of these metrics what ends after the dates they are kept from."""
    return {
        key: row for key, row in values.items()
        if key[0] not in names or stays(key[1], calendar.period_of(key[2], key[1])[1])
    }  # fmt: skip


def kept_snapshots(snapshots, names):
    return {key: row for key, row in snapshots.items() if key[0] not in names or stays(key[1], key[2] + timedelta(1))}


def test_what_the_rule_lets_go_goes_and_nothing_else(engine, calendar):
    archive = Archive(engine, ("calls", "forever"), forever={})
    values, snapshots, states = archive.values(), archive.snapshots(), archive.states()
    forever = archive.states("forever")
    wanted, wanted_snapshots = kept(values, {"calls"}, calendar), kept_snapshots(snapshots, {"calls"})
    assert len(values) - len(wanted) > 500
    assert len(snapshots) - len(wanted_snapshots) > 500
    (shown,) = engine.execute(
        "select value_count, snapshot_count, kept_from, removed_before from yardstick_ops.retention where metric_name = 'calls'"
    ).fetchall()
    progress = archive.run()
    assert archive.values() == wanted
    assert archive.snapshots() == wanted_snapshots
    assert archive.states("forever") == forever
    assert archive.states() == {
        key: row for key, row in states.items()
        if stays(WINDOWS[key[0] - 1], calendar.period_of(key[1], WINDOWS[key[0] - 1])[1])
    }  # fmt: skip
    # Nothing newer than the rule: not a value that ended within the days asked for.
    gone = values.keys() - wanted.keys()
    assert max(calendar.period_of(key[2], key[1])[1] for key in gone) <= NOW.date() - timedelta(KEPT)
    assert (progress["values"], progress["snapshots"]) == (len(gone), len(snapshots) - len(wanted_snapshots))
    # The look before, at today's rule, which reaches further than NOW's.
    assert shown[0] >= progress["values"]
    assert shown[2:] == (date(2025, 1, 1), None)
    assert archive.run() == {"marks": 0, "partitions": 0}
    assert archive.values() == wanted


def test_whole_years_leave_with_their_partitions(engine, calendar):
    archive = Archive(engine)
    wanted = kept(archive.values(), {"calls"}, calendar)
    progress = archive.run()
    assert {"metric_calculations_2021", "metric_calculations_2023", "metric_snapshots_2022", "metric_partials_day_2022"} <= set(
        progress["dropped"]
    )
    assert archive.partitions("metric_calculations")[0] == "2024"
    assert archive.values() == wanted


def test_a_run_of_the_future_removes_no_more_than_one_of_today(engine):
    archive = Archive(engine)
    archive.run(datetime(2199, 1, 1, tzinfo=UTC))
    left = archive.values()
    archive.run(datetime.now(UTC))
    assert archive.values() == left
    assert any(key[2] >= date(2026, 1, 1) for key in left)


def test_what_is_gone_stays_gone_and_what_stands_stays_right(engine, calendar):
    archive = Archive(engine)
    archive.run()
    left, snapshots = archive.values(), archive.snapshots()
    # Everything again: by hand, and because rows came late for years that are gone.
    engine.execute("select yardstick_engine.queue_history(d.id) from yardstick.metric_definitions as d")
    engine.observe(archive.acme, "calls", "2022-05-05T12:00:00Z", 1000)
    engine.observe(archive.acme, "calls", "2024-12-31T12:00:00Z", 1000)
    archive.calculate()
    found = archive.values()
    assert found.keys() == left.keys() | {("calls", "daily", date(2024, 12, 31))}
    # The last day of 2024 is kept for the week it is in: its value and the week's follow the row; the years before stay away.
    changed = {key for key in left if found[key]["value"] != left[key]["value"]}
    assert changed <= {("calls", "daily", date(2024, 12, 31)), ("calls", "weekly", DAYS_FROM)}
    assert {key: (row["value"], row["metadata"]) for key, row in found.items() if key[1] not in ("daily", "weekly")} == {
        key: (row["value"], row["metadata"]) for key, row in left.items() if key[1] not in ("daily", "weekly")
    }
    # A row of a year that is kept counts in all of its periods, from all of its days.
    engine.observe(archive.acme, "calls", "2025-01-02T12:00:00Z", 500)
    archive.calculate()
    year = ("calls", "annual", date(2025, 1, 1))
    total = engine.one(
        "select sum(value) from yardstick.analytics_metrics where measurement_date >= '2024-12-31 23:00Z' and measurement_date < '2025-12-31 23:00Z'"
    )
    assert archive.values()[year]["value"] == total == found[year]["value"] + 500
    # Another definition, calculated from the beginning.
    engine.metric("calls", time_windows=WINDOWS, retention_days=KEPT, calculation_formula="2 * n")
    archive.calculate()
    assert archive.values()[year]["value"] == 2 * total
    assert archive.values().keys() == found.keys() | {("calls", "daily", date(2025, 1, 2))}
    engine.execute("call yardstick_engine.take_snapshots(%s)", [NOW])
    assert archive.snapshots().keys() <= snapshots.keys() | {
        ("calls", "daily", date(2024, 12, 31)), ("calls", "daily", date(2025, 1, 2)),
    }  # fmt: skip
    archive.run()
    assert archive.values()[year]["value"] == 2 * total


def test_what_was_stated_before_stays_known(engine):
    archive = Archive(engine)
    first = archive.values()["calls", "annual", date(2022, 1, 1)]["value"]
    engine.observe(archive.acme, "calls", "2022-05-05T12:00:00Z", 1000)
    archive.calculate()
    question = "select yardstick_api.metric_value_as_of('calls', 'org', null, 'annual', '2023-06-01', %s)"

    def answer(as_of):
        with engine.connection.transaction():
            engine.execute("select yardstick_api.use_organization(%s)", [archive.acme])
            return engine.one(question, [as_of])

    assert (answer(None), answer("2099-01-01")) == (first, first + 1000)
    kept_rows = "select (select count(*) from yardstick.metric_calculation_revisions), (select count(*) from yardstick.audit_log)"
    before = engine.execute(kept_rows).fetchone()
    assert before[0] > 0
    archive.run()
    assert engine.execute(kept_rows).fetchone() == before
    assert (answer(None), answer("2099-01-01")) == (first, None)
    assert engine.one("select count(*) from yardstick_ops.audit_chains where problem is not null") == 0


def test_parts_stay_as_long_as_what_is_made_of_them(engine):
    archive = Archive(engine, ("calls", "units"))
    engine.derived("ratio", {"c": "calls", "u": "units"}, calculation_formula="c / u", time_windows=["monthly"])
    shown = dict(engine.execute("select metric_name, kept_because from yardstick_ops.retention").fetchall())
    assert shown == {
        "calls": "ratio is made of it and has no retention_days", "units": "ratio is made of it and has no retention_days",
        "ratio": "it has no retention_days",
    }  # fmt: skip
    values = archive.values()
    archive.run()
    assert archive.values().items() >= values.items()


def test_who_reads_a_year_keeps_its_partition_and_no_job_fails(engine, database, calendar):
    archive = Archive(engine)
    wanted = kept(archive.values(), {"calls"}, calendar)
    with database.connect(autocommit=False) as reader:
        assert reader.execute("select count(*) from yardstick.metric_calculations where period_end < '2023-01-01'").fetchone()[0] > 0
        progress = archive.run()
        assert not any(name.startswith("metric_calculations") for name in progress.get("dropped", []))
        assert archive.values() == wanted
        assert reader.execute("select 1").fetchone() == (1,)
    assert "metric_calculations_2021" in archive.run()["dropped"]
    assert archive.values() == wanted


def test_a_hold_keeps_what_it_names_until_it_is_released(engine, database, calendar):
    archive = Archive(engine, ("calls", "units"))
    values = archive.values()
    acme = archive.acme
    login, dba = "keeper_app_" + database.name[-8:], "keeper_dba_" + database.name[-8:]
    engine.execute(f"create role {login} login in role yardstick_app")
    engine.execute(f"create role {dba} login in role yardstick_dba")
    engine.execute("select yardstick_api.bind_login(%s, %s, 'trusted')", [login, acme])
    engine.door("sync_role", {"external_id": "qa", "role_name": "qa", "may_approve": ["owner"]}, acme)
    people = {
        name: engine.door("sync_user", {"external_id": name, "user_name": name, "roles": roles}, acme)
        for name, roles in {"ann": [], "bob": ["qa"]}.items()
    }
    application, keeper = database.connect(login), database.connect(dba)

    def act(person, text, *parameters):
        with application.transaction():
            application.execute("select yardstick_api.use_organization(%s, %s)", [acme, people.get(person)])
            return application.execute(text, parameters).fetchone()[0]

    try:
        for person in ("ann", None):
            with pytest.raises(psycopg.Error) as refused:
                act(person, "select yardstick_api.set_legal_hold('case 7', 'calls')")
            assert refused.value.sqlstate == "YS005"
        for text, state in (("' '", "YS001"), ("'x', 'nothing'", "YS003"), ("'x', 'calls', '2020-01-01'", "YS001")):
            with pytest.raises(psycopg.Error) as refused:
                act("bob", f"select yardstick_api.set_legal_hold({text})")
            assert refused.value.sqlstate == state
        everything = keeper.execute("select yardstick_api.set_legal_hold('inspection')").fetchone()[0]
        calls = act("bob", "select yardstick_api.set_legal_hold('case 7', 'calls', current_date + 30)")
        archive.run()
        assert archive.values() == values
        assert engine.one("select count(*) from yardstick.retention_marks") == 0
        held = dict(keeper.execute("select metric_name, held_because from yardstick_ops.retention").fetchall())
        assert held == {"calls": "inspection; case 7", "units": "inspection"}

        # An organization does not release what the platform holds, nor twice what it holds itself.
        for person, hold, state in (("bob", everything, "YS003"), ("ann", calls, "YS005")):
            with pytest.raises(psycopg.Error) as refused:
                act(person, "select yardstick_api.release_legal_hold(%s, 'over')", hold)
            assert refused.value.sqlstate == state
        keeper.execute("select yardstick_api.release_legal_hold(%s, 'inspected')", [everything])
        archive.run()
        assert archive.values() == kept(values, {"units"}, calendar)
        act("bob", "select yardstick_api.release_legal_hold(%s, 'case closed')", calls)
        with pytest.raises(psycopg.Error) as refused:
            act("bob", "select yardstick_api.release_legal_hold(%s, 'again')", calls)
        assert refused.value.sqlstate == "YS007"
        archive.run()
        assert archive.values() == kept(values, {"calls", "units"}, calendar)
        told = engine.execute(
            "select action, login_name, user_id, reason from yardstick.audit_log where subject = 'legal_hold' order by occurred_at"
        ).fetchall()
        assert [(action, name, person) for action, name, person, _ in told] == [
            ("insert", dba, None), ("insert", login, people["bob"]), ("update", dba, None), ("update", login, people["bob"]),
        ]  # fmt: skip
    finally:
        application.close()
        keeper.close()
        engine.execute("select yardstick_api.unbind_login(%s)", [login])
        engine.execute(f"drop role {login}")
        engine.execute(f"drop role {dba}")


def test_a_hold_that_has_run_out_holds_nothing(engine, calendar):
    archive = Archive(engine)
    wanted = kept(archive.values(), {"calls"}, calendar)
    engine.execute("insert into yardstick.legal_holds (reason, hold_until) values ('over', current_date - 2)")
    archive.run()
    assert archive.values() == wanted


def test_health_says_when_removal_is_behind(engine):
    problem = "select detail from yardstick_ops.health where check_name like 'retention%%' and not ok"
    archive = Archive(engine)
    assert engine.one(problem).startswith("1 metrics keep values longer")
    engine.execute("select yardstick_api.set_legal_hold('case 8')")
    assert engine.execute(problem).fetchone() is None
    engine.execute("select yardstick_api.release_legal_hold(h.id, 'closed') from yardstick.legal_holds as h")
    archive.run(datetime.now(UTC))
    assert engine.execute(problem).fetchone() is None


@pytest.fixture
def own_engine(engine_of):
    """A cluster that may crash."""
    cluster = TestCluster.start()
    try:
        cluster.make_templates()
        yield cluster, engine_of(cluster.clone())
    finally:
        cluster.stop()


def test_a_killed_backend_leaves_what_the_next_run_completes(own_engine, engine_of, calendar):
    _, engine = own_engine
    archive = Archive(engine, ("calls", "forever"), forever={})
    values, snapshots = archive.values(), archive.snapshots()
    wanted, wanted_snapshots = kept(values, {"calls"}, calendar), kept_snapshots(snapshots, {"calls"})

    # Whoever holds the snapshots stops the run where the values are gone and the snapshots are not.
    blocker = engine.database.connect(autocommit=False)
    blocker.execute("lock table yardstick.metric_snapshots in share mode")
    victim = engine.database.connect()
    # Clusters of tests confirm before they have written; what is confirmed here has to survive.
    victim.execute("set synchronous_commit = on")
    pid = victim.info.backend_pid

    def call():
        with pytest.raises(psycopg.Error):
            victim.execute("call yardstick_engine.run_job('retention', %s)", [NOW])

    thread = threading.Thread(target=call)
    thread.start()
    waits = "select count(*) from pg_stat_activity where pid = %s and wait_event_type = 'Lock' and query like '%%retention%%'"
    with engine.database.connect() as watch:
        while watch.execute(waits, [pid]).fetchone()[0] == 0 or archive.values() == values:
            assert thread.is_alive()
            time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    thread.join()

    # The server ends every session, and then lets nobody in before it has recovered.
    with pytest.raises(psycopg.OperationalError):
        while blocker.execute("select 1"):
            time.sleep(0.01)
    again = None
    while again is None:
        try:
            again = engine_of(engine.database)
        except psycopg.OperationalError:
            time.sleep(0.1)
    archive.engine = again
    left = archive.values()
    assert wanted.items() <= left.items() <= values.items()
    assert len(left) < len(values)
    assert archive.snapshots() == snapshots
    archive.run()
    assert (archive.values(), archive.snapshots()) == (wanted, wanted_snapshots)
    statuses = again.execute("select status from yardstick.job_runs where job_name = 'retention' order by started_at").fetchall()
    assert statuses == [("abandoned",), ("succeeded",)]
    assert isinstance(wanted["forever", "annual", date(2022, 1, 1)]["value"], Decimal)
