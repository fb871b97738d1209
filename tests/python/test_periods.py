"""Periods and midnights of the engine against those of Python."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WINDOWS = ("daily", "weekly", "monthly", "quarterly", "annual")
CALENDARS = {
    "day": st.dates(date(1989, 12, 25), date(2036, 1, 7)),
    "number": st.integers(1, 5),
    "week_start": st.integers(1, 7),
    "fiscal_month": st.integers(1, 12),
}
QUICK = settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def query(cluster):
    made = cluster.clone()
    with made.connect() as connection:
        yield lambda text, *parameters: connection.execute(text, parameters).fetchone()
    cluster.drop(made)


@QUICK
@given(**CALENDARS)
def test_periods_are_those_of_python(query, calendar, day, number, week_start, fiscal_month):
    first, after = query(
        "select f.first, yardstick_engine.period_next(f.first, %s)"
        " from (select yardstick_engine.period_floor(%s, %s, %s, %s) as first) as f",
        number, day, number, week_start, fiscal_month,
    )  # fmt: skip
    assert (first, after) == calendar.period_of(day, WINDOWS[number - 1], week_start, fiscal_month)
    # They tile: the next one begins where this one ends, and holds neither of its days.
    assert first <= day < after
    assert calendar.period_of(after, WINDOWS[number - 1], week_start, fiscal_month)[0] == after


@QUICK
@given(**CALENDARS, length=st.integers(-10, 800))
def test_periods_are_counted_one_by_one(query, calendar, day, number, week_start, fiscal_month, length):
    until = day + timedelta(length)
    counted = query(
        "select yardstick_engine.period_count(%s, %s, %s, %s, %s)", number, day, until, week_start, fiscal_month
    )[0]
    ends = 0
    _, end = calendar.period_of(day, WINDOWS[number - 1], week_start, fiscal_month)
    while end <= until:
        ends += 1
        _, end = calendar.period_of(end, WINDOWS[number - 1], week_start, fiscal_month)
    assert counted == ends


def test_the_day_that_samoa_skipped_holds_nothing(engine):
    apia = engine.organization("apia", timezone="Pacific/Apia")
    # An hour before and after the date line moved: 29 December, then 31 December.
    engine.observe(apia, "calls", "2011-12-30T09:30:00Z", 1)
    engine.observe(apia, "calls", "2011-12-30T10:30:00Z", 2)
    engine.metric("calls", time_windows=["daily", "weekly", "annual"])
    engine.calculate("2012-02-01T00:00:00Z")
    assert engine.values("calls") == {date(2011, 12, 29): 1, date(2011, 12, 31): 2}
    assert engine.values("calls", "weekly") == {date(2011, 12, 26): 3}
    assert engine.values("calls", "annual") == {date(2011, 1, 1): 3}


def test_a_skipped_day_is_no_period_and_no_gap(engine, calendar):
    apia = engine.organization("apia", timezone="Pacific/Apia")
    for day in range(1, 32):
        if day != 30:
            noon = calendar.midnight(date(2011, 12, day), "Pacific/Apia") + timedelta(hours=12)
            engine.observe(apia, "calls", noon.isoformat(), day)
    engine.metric("calls", time_windows=["daily", "monthly"])
    engine.calculate("2012-02-01T00:00:00Z")
    month = next(row for key, row in engine.stored().items() if key[4] == "monthly")
    assert (month["value"], month["metadata"]["completeness"]) == (sum(range(1, 32)) - 30, 1)
    engine.execute("call yardstick_engine.take_snapshots('2012-02-01')")
    taken = engine.execute(
        "select s.snapshot_date from yardstick.metric_snapshots as s where s.snapshot_type = 'daily' and s.snapshot_date > '2011-12-27' order by 1"
    ).fetchall()
    assert [day for (day,) in taken] == [date(2011, 12, day) for day in (28, 29, 31)]


def test_a_day_without_midnight_begins_at_one(engine):
    paulo = engine.organization("paulo", timezone="America/Sao_Paulo")
    for at, value in (
        ("2018-11-04T02:59:59Z", 1),
        ("2018-11-04T03:00:00Z", 2),
        ("2018-11-05T01:59:59Z", 4),
        ("2018-11-05T02:00:00Z", 8),
    ):
        engine.observe(paulo, "calls", at, value)
    engine.metric("calls")
    engine.calculate("2018-12-01T00:00:00Z")
    assert engine.values("calls") == {date(2018, 11, 3): 1, date(2018, 11, 4): 6, date(2018, 11, 5): 8}
    lengths = {row["ends_at"] - row["starts_at"] for key, row in engine.stored().items() if key[5] == date(2018, 11, 4)}
    assert lengths == {timedelta(hours=23)}
