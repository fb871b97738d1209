"""A calendar that changes while values of the former one are being calculated and are not committed yet."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2025, 7, 15, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
CALENDARS = {
    "zone": {"timezone": "Asia/Tokyo"},
    "week": {"week_start": 3},
    "year": {"fiscal_year_start_month": 2},
    "all": {"timezone": "America/St_Johns", "week_start": 7, "fiscal_year_start_month": 11},
}


@pytest.fixture
def world(engine):
    """Two organizations with two metrics of rows, and one made of these, of half a year."""
    for name in ("changed", "other"):
        organization = engine.organization(name, timezone="UTC")
        engine.record(organization, [
            {"metric_name": name, "measured_at": datetime(2025, 1, 3, 23, 30, tzinfo=UTC) + timedelta(days=5 * n), "value": n}
            for n in range(30) for name in ("costs", "visits")
        ])  # fmt: skip
        setattr(engine, name, organization)
    engine.metric("costs", time_windows=WINDOWS, measures={"n": {"agg": "avg"}}, key="costs")
    engine.metric("visits", time_windows=["weekly", "quarterly"])
    engine.derived("both", {"c": {"metric": "costs"}}, calculation_formula="c + 1", time_windows=["daily", "monthly"])
    engine.calculate(NOW)
    return engine


def former(engine):
    """Values whose bounds are none of their organization's calendar."""
    return engine.one("""
        select count(*)
        from yardstick.metric_calculations as c
        inner join yardstick.organizations as o on o.id = c.organization_id
        where c.period_start <> (c.period_start at time zone o.timezone)::date::timestamp at time zone o.timezone
            or c.time_window = 'weekly' and extract(isodow from c.period_start at time zone o.timezone) <> o.week_start
            or c.time_window = 'annual' and extract(month from c.period_start at time zone o.timezone) <> o.fiscal_year_start_month
    """)


def change_meanwhile(engine, database, keys):
    """A thread that changes a calendar, once it has done so or waits for somebody, and its session."""
    session = database.connect()
    thread = threading.Thread(target=session.execute, args=[
        "select yardstick_api.sync_organization(%s)", [json.dumps({"external_id": "changed", **keys})]
    ])  # fmt: skip
    thread.start()
    waits = "select count(*) from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    while thread.is_alive() and not engine.one(waits, [session.info.backend_pid]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return thread, session


@pytest.mark.parametrize("committed", [0, 1, 2], ids=["reading rows", "valuing days", "valuing years"])
@pytest.mark.parametrize("change", CALENDARS)
def test_what_was_being_calculated_by_the_former_calendar_does_not_stay(world, database, change, committed):
    with database.connect(autocommit=False) as worker:
        for organization in (world.changed, world.other):
            world.record(organization, [
                {"metric_name": name, "measured_at": datetime(2025, 6, 4, 23, 30, tzinfo=UTC) + timedelta(days=n), "value": n}
                for n in range(30) for name in ("costs", "visits")
            ])  # fmt: skip
        now = NOW + timedelta(minutes=1)
        worker.execute("select yardstick_engine.plan_due(%s)", [now])
        worker.commit()
        for _ in range(committed):
            assert worker.execute("select yardstick_engine.calculate_slice(%s)", [now]).fetchone()[0]["outcome"] == "done"
            worker.commit()
        assert worker.execute("select yardstick_engine.calculate_slice(%s)", [now]).fetchone()[0]["outcome"] == "done"

        thread, session = change_meanwhile(world, database, CALENDARS[change])
        waiting = "select count(*) from yardstick.metric_refreshes where refresh_frequency = 'calendar'"
        if not thread.is_alive():
            assert world.one("select yardstick_engine.remove_former_periods()") == 0
            assert world.one(waiting) == 1, "whoever is at work is waited for"
        worker.commit()
        thread.join(60)
        session.close()
    assert world.one(waiting) == 1
    world.calculate(now + timedelta(minutes=2))
    assert world.one(waiting) == 0
    assert former(world) == 0
    world.check_against_nothing(now + timedelta(minutes=3))


def test_what_is_calculated_after_the_change_stays(world):
    world.door("sync_organization", {"external_id": "changed", **CALENDARS["all"]})
    world.calculate(NOW + timedelta(minutes=1))
    kept = world.execute("select count(*), min(created_at) from yardstick.metric_calculations").fetchone()
    world.execute(
        "insert into yardstick.metric_refreshes (organization_id, source_id, refresh_frequency, refreshed_to)"
        " select o.id, s.id, 'calendar', now() from yardstick.organizations as o cross join yardstick.metric_sources as s"
    )
    assert world.one("select yardstick_engine.remove_former_periods()") == 0
    assert world.execute("select count(*), min(created_at) from yardstick.metric_calculations").fetchone() == kept
    assert world.left() == (0, 0)
