"""A date that a zone skipped: Samoa, Kwajalein and the Line Islands moved to the other side of the date line, and have had no such day. It is
no day, so it has no value of its own. Weeks, months and longer are stretches of dates and hold it: a row that names no moment but that
date counts in them, and in no day, neither the one before nor the one after."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

SKIPPED = {
    "Pacific/Apia": date(2011, 12, 30),
    "Pacific/Kwajalein": date(1993, 8, 21),
    "Pacific/Kiritimati": date(1994, 12, 31),
}
NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
DAY = timedelta(1)


@pytest.fixture(params=[(zone, turn) for zone in SKIPPED for turn in (0, 1, 2)], ids=str)
def island(engine, request):
    """A week that begins with the date, one that ends with it, and one in whose middle it lies."""
    zone, turn = request.param
    engine.zone, engine.skipped = zone, SKIPPED[zone]
    engine.week_start = (engine.skipped.isoweekday() - 1 + (0, 1, 4)[turn]) % 7 + 1
    engine.island = engine.organization("island", timezone=zone, week_start=engine.week_start)
    # Another zone has had that day.
    engine.organization("elsewhere", timezone="UTC")
    engine.execute("""
        create schema host;
        create table host.by_date (organization text, on_date date, amount numeric);
        create table host.by_clock (organization text, on_date timestamp, amount numeric);
        create table host.by_moment (organization text, on_date timestamptz, amount numeric);
        grant usage on schema host to yardstick_reader;
        grant select on all tables in schema host to yardstick_reader;
    """)
    engine.amounts = {engine.skipped + n * DAY: 2 ** (n + 4) for n in range(-4, 5)}
    for day, amount in engine.amounts.items():
        for organization in ("island", "elsewhere"):
            engine.execute("insert into host.by_date values (%s, %s, %s)", [organization, day, amount])
            engine.execute("insert into host.by_clock values (%s, %s + interval '12 hours', %s)", [organization, day, amount])
            zone_of = zone if organization == "island" else "UTC"
            engine.execute(
                "insert into host.by_moment values (%s, (%s + interval '12 hours') at time zone %s, %s)", [organization, day, zone_of, amount]
            )
    for kind in ("by_date", "by_clock", "by_moment"):
        engine.door("register_source", {
            "name": kind, "relation": f"host.{kind}", "time_column": "on_date", "organization_column": "organization", "capture": True,
        })  # fmt: skip
        engine.metric(kind, source=kind, measures={"n": {"agg": "sum", "value": "amount"}}, time_windows=WINDOWS)
    engine.derived("twice", {"m": {"metric": "by_date"}}, calculation_formula="m * 2", time_windows=WINDOWS)
    engine.derived("earlier", {"m": {"metric": "by_date"}, "p": {"metric": "by_date", "lag": 1}}, calculation_formula="m - p", time_windows=WINDOWS)
    engine.settle(NOW)
    return engine


def stored(engine, name, organization="island"):
    return {
        (row[0], row[1].astimezone(UTC), row[2].astimezone(UTC)): row[3]
        for row in engine.execute(
            "select c.time_window, c.period_start, c.period_end, c.metric_value from yardstick.metric_calculations as c"
            " inner join yardstick.metric_definitions as d on d.id = c.metric_id inner join yardstick.organizations as o on o.id = c.organization_id"
            " where d.metric_name = %s and o.external_id = %s", [name, organization],
        ).fetchall()
    }  # fmt: skip


def wanted(engine, calendar, kind, zone):
    """Reckoned in Python, from the rows."""
    found = defaultdict(int)
    for day, amount in engine.amounts.items():
        # A moment that the clocks of that date would have shown is one of the day after.
        local = day
        if kind == "by_moment":
            at = engine.one("select (%s + interval '12 hours') at time zone %s", [day, zone]).astimezone(UTC)
            local = at.astimezone(calendar.zone(zone)).date()
        for window in WINDOWS:
            first, after = calendar.period_of(local, window, engine.week_start if zone != "UTC" else 1)
            starts_at, ends_at = calendar.midnight(first, zone), calendar.midnight(after, zone)
            if starts_at < ends_at:
                found[window, starts_at, ends_at] += amount
    return dict(found)


def unequal(engine, name):
    return [
        row
        for row in engine.execute("select time_window, period_start, stored_value, recomputed_value, is_equal, detail"
            " from yardstick_api.verify_rollup(%s, 1000, 1)", [name]).fetchall()
        if row[4] is not True
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["by_date", "by_clock", "by_moment"])
def test_its_rows_count_in_no_day_and_in_every_longer_period(island, calendar, kind):
    assert stored(island, kind) == wanted(island, calendar, kind, island.zone)
    assert stored(island, kind, "elsewhere") == wanted(island, calendar, kind, "UTC")
    assert unequal(island, kind) == []


def test_what_is_made_of_others_is_verified_around_it(island, calendar):
    assert len(stored(island, "twice")) > 10
    # The day after looks back to a date that is no day; the one after that, to the day after.
    ends_at = {calendar.midnight(island.skipped + n * DAY, island.zone): n for n in (2, 3)}
    found = {ends_at[end]: value for (window, _, end), value in stored(island, "earlier").items() if window == "daily" and end in ends_at}
    assert found == {2: None, 3: island.amounts[island.skipped + 2 * DAY] - island.amounts[island.skipped + DAY]}
    assert unequal(island, "twice") == unequal(island, "earlier") == []


def test_values_are_read_exactly_around_it(island):
    for kind in ("by_date", "by_moment", "twice"):
        # Nothing is stored as calculated any more: all is read from the rows.
        island.execute("update yardstick.metric_sources set capture_mark = null")
        cells = stored(island, kind)
        asked = [(kind, "org", island.island, window, ends_at) for window, _, ends_at in cells]
        assert island.exact(island.island, asked) == list(cells.values())


def test_a_calendar_that_changes_and_changes_back_leaves_the_same(island):
    before = {kind: stored(island, kind) for kind in ("by_date", "by_moment", "twice", "earlier")}
    island.organization("island", timezone="UTC")
    island.settle(NOW + timedelta(hours=1))
    island.organization("island", timezone=island.zone)
    now = island.settle(NOW + timedelta(hours=2))
    assert {kind: stored(island, kind) for kind in before} == before
    island.check_against_nothing(now)
