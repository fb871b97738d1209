"""The first and the last day that can be calculated lie in periods that begin earlier or end later: these have their values too, and stop no others."""

from datetime import UTC, date, datetime, timedelta

import pytest

FIRST, NOW = date(1990, 1, 1), datetime.now(UTC)
LAST = date(NOW.year + 5, 12, 31)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
CALENDARS = {
    "plain": {},
    "shifted": {"week_start": 7, "fiscal_year_start_month": 4, "timezone": "Pacific/Auckland"},
    "december": {"week_start": 4, "fiscal_year_start_month": 12, "timezone": "America/Los_Angeles"},
}


@pytest.fixture
def organizations(engine):
    return {name: engine.organization(name, **keys) for name, keys in CALENDARS.items()}


def expected(calendar, days):
    """Period -> how many of the days it holds, for each organization and window."""
    found = {}
    for name, keys in CALENDARS.items():
        for window in WINDOWS:
            for day in days:
                first, _ = calendar.period_of(
                    day, window, keys.get("week_start", 1), keys.get("fiscal_year_start_month", 1)
                )
                found[name, window, first] = found.get((name, window, first), 0) + 1
    return found


def stored(engine, organizations, name):
    names = {str(key): value for value, key in organizations.items()}
    return {
        (names[str(key[0])], key[4], key[5]): int(row["value"])
        for key, row in engine.stored().items()
        if key[1] == name and key[2] == "org" and row["value"] is not None
    }


def test_rows_of_a_table_on_the_outermost_days(engine, organizations, calendar):
    engine.execute("create schema host; grant usage on schema host to yardstick_reader")
    engine.execute("create table host.events (organization text, happened_on date)")
    engine.execute("grant select on host.events to yardstick_reader")
    days = [FIRST, FIRST + timedelta(60), date(2020, 2, 29), LAST - timedelta(60), LAST]
    for day in [FIRST - timedelta(1), *days, LAST + timedelta(1)]:
        engine.execute("insert into host.events select o.external_id, %s from yardstick.organizations as o", [day])
    engine.door(
        "register_source",
        {
            "name": "events",
            "relation": "host.events",
            "time_column": "happened_on",
            "organization_column": "organization",
            "capture": True,
        },
    )
    engine.metric("events", source="events", measures={"n": {"agg": "count"}}, time_windows=WINDOWS)
    engine.metric(
        "kinds",
        source="events",
        measures={"n": {"agg": "count_distinct", "value": "organization"}},
        time_windows=WINDOWS,
    )
    # Of whom a week counts for the month it ends in.
    engine.metric("weeks", source="events", measures={"n": {"agg": "count"}}, time_windows=["weekly", "monthly", "annual"])
    engine.settle(NOW)
    assert stored(engine, organizations, "events") == expected(calendar, days)
    assert set(stored(engine, organizations, "kinds").values()) == {1}

    engine.execute("insert into host.events select e.* from host.events as e")
    engine.settle(NOW + timedelta(minutes=10))
    assert stored(engine, organizations, "events") == expected(calendar, days * 2)
    assert engine.execute("select * from yardstick.metric_failures").fetchall() == []

    # The values of its first and last years tell of days that no source is read for.
    engine.metric("events", source="events", measures={"n": {"agg": "count", "where": "happened_on < '2020-01-01'"}}, time_windows=WINDOWS)
    engine.settle(NOW + timedelta(minutes=20))
    assert stored(engine, organizations, "events") == expected(calendar, days[:2] * 2)
    assert engine.execute("select * from yardstick.calculation_slices").fetchall() == []


def test_observations_and_values_from_elsewhere_five_years_ahead(engine, organizations, calendar):
    engine.metric("seen", measures={"n": {"agg": "count"}}, key="seen", time_windows=WINDOWS)
    engine.door(
        "define_metric",
        {
            "metric_name": "given", "display_name": "Given", "metric_type": "count", "calculation_method": "external",
            "time_windows": WINDOWS, "refresh_frequency": "real_time",
        },
    )  # fmt: skip
    times = [datetime(1990, 1, 2, 12, tzinfo=UTC), NOW, NOW + timedelta(days=5 * 365)]
    for organization in organizations.values():
        engine.record(
            organization,
            [{"metric_name": name, "measured_at": time, "value": 1} for name in ("seen", "given") for time in times],
        )  # fmt: skip
    engine.settle(NOW)
    for name in ("seen", "given"):
        for organization, keys in CALENDARS.items():
            zone = calendar.zone(keys.get("timezone", "UTC"))
            days = [time.astimezone(zone).date() for time in times]
            found = {key: value for key, value in stored(engine, organizations, name).items() if key[0] == organization}
            assert found == {key: value for key, value in expected(calendar, days).items() if key[0] == organization}, (
                name
            )
