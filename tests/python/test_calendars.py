"""The calendar as law: every day of every zone from 2000 to 2040, every week and fiscal year, against Python's zoneinfo."""

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIRST, LAST = date(2000, 1, 1), date(2041, 1, 1)
DAY = timedelta(1)
SYSTEM_ZONES = Path("/usr/share/zoneinfo")
SESSIONS = (
    ("Asia/Kathmandu", "SQL, DMY", "sql_standard"),
    ("America/St_Johns", "German", "iso_8601"),
    ("Pacific/Kiritimati", "Postgres, MDY", "postgres_verbose"),
    ("UTC", "ISO, YMD", "postgres"),
)

# Per zone: its first midnight, and the days whose length is not 24 hours. The zones are told one by one, so that nothing is sorted
# but the days of one.
ODD_DAYS = """
    select z.name, d.day, d.starts_at, d.ends_at - d.starts_at
    from unnest(%(zones)s::text[]) as z (name)
    cross join lateral (
        select m.day, m.starts_at, lead(m.starts_at) over (order by m.day) as ends_at
        from (
            select g.day, yardstick_engine.local_midnight(g.day, z.name) as starts_at
            from generate_series(0, %(last)s::date - %(first)s::date) as n
            cross join lateral (select %(first)s::date + n as day) as g
        ) as m
    ) as d
    where d.day = %(first)s or d.ends_at - d.starts_at <> interval '24 hours'
    order by z.name, d.day
"""


def session(connection, zone, dates, intervals):
    connection.execute("select set_config('timezone', %s, false), set_config('datestyle', %s, false)", [zone, dates])
    connection.execute("select set_config('intervalstyle', %s, false)", [intervals])


def odd_days(zone, calendar):
    """The same in Python. Where the offset is one for days, midnight is too."""
    info = ZoneInfo(zone)
    every = [FIRST + timedelta(n) for n in range(-2, (LAST - FIRST).days + 9, 4)]
    offsets = [datetime(day.year, day.month, day.day, tzinfo=UTC).astimezone(info).utcoffset() for day in every]
    moving = [n for n in range(len(every) - 2) if not offsets[n] == offsets[n + 1] == offsets[n + 2]]
    days = (every[n] + timedelta(2 + more) for n in moving for more in range(4))
    found = []
    for day in (FIRST, *(day for day in days if FIRST < day < LAST)):
        starts_at = calendar.midnight(day, zone)
        length = calendar.midnight(day + DAY, zone) - starts_at
        if day == FIRST or length != DAY:
            found.append((day, starts_at, length))
    return found


def one_of_each(names):
    """Zones whose files are the same are one zone of several names."""
    files = {}
    for name in sorted(names):
        path = SYSTEM_ZONES / name
        files.setdefault(path.read_bytes() if path.is_file() else name, name)
    return sorted(files.values())


@pytest.fixture(scope="module")
def law_database(cluster):
    """A copy, for the template lets nobody copy it while somebody reads it for seconds."""
    made = cluster.clone()
    yield made
    cluster.drop(made)


@pytest.fixture(scope="module")
def zones(law_database):
    with law_database.connect() as connection:
        names = {row[0] for row in connection.execute("select name from pg_timezone_names").fetchall()}
    names = {name for name in names if not name.startswith("posix/")}
    assert len(names) > 300
    # Another database of zones in the server: its names are not those of these files.
    return one_of_each(names) if SYSTEM_ZONES.is_dir() else sorted(names)


def test_every_day_of_every_zone_is_as_long_as_its_clocks_say(law_database, zones, calendar):
    found = defaultdict(list)
    with law_database.connect() as connection:
        session(connection, *SESSIONS[0])
        for name, day, at, length in connection.execute(ODD_DAYS, {"zones": zones, "first": FIRST, "last": LAST}, binary=True):
            found[name].append((day, at.astimezone(UTC), length))
        # A server may bring another edition of the zones than Python reads: those whose clocks differ are counted, not compared.
        strange, wrong, lengths = [], {}, set()
        for zone in zones:
            try:
                wanted = odd_days(zone, calendar)
            except ZoneInfoNotFoundError:
                strange.append(zone)
                continue
            lengths |= {length for _, _, length in wanted}
            if found[zone] != wanted:
                (strange.append(zone) if clocks_differ(connection, zone) else wrong.setdefault(zone, (found[zone], wanted)))
    print(f"{len(zones)} zones, {len(strange)} of them of another edition: {strange}")
    assert not wrong
    assert len(strange) <= len(zones) // 20
    assert {timedelta(0), *(timedelta(hours=h) for h in (23, 23.5, 24.5, 25))} <= lengths
    assert min(lengths) == timedelta(0)
    assert [row[0] for row in found["Pacific/Apia"] if not row[2]] == [date(2011, 12, 30)]


def clocks_differ(connection, zone):
    """Whether the server's clocks of a zone ever show another time at noon, UTC, than Python's."""
    shown = connection.execute(
        "select n, (timestamp '2000-01-01 12:00' + n * interval '1 day') at time zone 'UTC' at time zone %s"
        " from generate_series(0, %s) as n",
        [zone, (LAST - FIRST).days],
        binary=True,
    ).fetchall()
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC)
    return any((noon + n * DAY).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != clock for n, clock in shown)


def test_the_settings_of_a_session_move_no_midnight(law_database):
    zones = ["America/Havana", "Asia/Amman", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "America/Sao_Paulo"]
    answers = []
    for settings_of in SESSIONS:
        with law_database.connect() as connection:
            session(connection, *settings_of)
            rows = connection.execute(ODD_DAYS, {"zones": zones, "first": FIRST, "last": LAST}, binary=True).fetchall()
        # Python holds a moment that a zone's clocks show twice for equal to none of another zone.
        answers.append([(name, day, at.astimezone(UTC), length) for name, day, at, length in rows])
    assert len(answers[0]) > 300
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("settings_of", SESSIONS[:2])
def test_periods_of_every_calendar_tile(law_database, settings_of):
    with law_database.connect() as connection:
        session(connection, *settings_of)
        checked, untiled, unshifted, uncounted, undivided = connection.execute(
            """
            with p as materialized (
                select
                    d.day, k.period_type, c.week_start, c.fiscal_month, f.first_day,
                    yardstick_engine.period_next(f.first_day, k.period_type) as next_day
                from generate_series(0, %(last)s::date - %(first)s::date - 1) as n
                cross join lateral (select %(first)s::date + n as day) as d
                cross join generate_series(1, 5) as k (period_type)
                cross join lateral (
                    select w.week_start, 1 as fiscal_month from generate_series(1, 7) as w (week_start) where k.period_type = 2
                    union all
                    select 1, m.fiscal_month from generate_series(1, 12) as m (fiscal_month) where k.period_type in (4, 5)
                    union all
                    select 1, 1 where k.period_type in (1, 3)
                ) as c
                cross join lateral (
                    select yardstick_engine.period_floor(d.day, k.period_type, c.week_start, c.fiscal_month) as first_day
                ) as f
            )
            select
                count(*),
                count(*) filter (
                    where p.day < p.first_day or p.day >= p.next_day
                        or yardstick_engine.period_floor(p.next_day, p.period_type, p.week_start, p.fiscal_month) <> p.next_day
                        or yardstick_engine.period_floor(p.next_day - 1, p.period_type, p.week_start, p.fiscal_month) <> p.first_day
                ),
                count(*) filter (
                    where yardstick_engine.period_shift(p.first_day, p.period_type, 1) <> p.next_day
                        or yardstick_engine.period_shift(p.next_day, p.period_type, -1) <> p.first_day
                ),
                count(*) filter (
                    where yardstick_engine.period_count(p.period_type, p.first_day, p.next_day, p.week_start, p.fiscal_month) <> 1
                        or yardstick_engine.period_count(p.period_type, p.first_day, p.day, p.week_start, p.fiscal_month) <> 0
                ),
                -- A quarter or year is whole months, and a year whole quarters of the same fiscal calendar.
                count(*) filter (
                    where p.period_type in (4, 5) and extract(day from p.first_day) <> 1
                        or p.period_type = 5
                        and yardstick_engine.period_floor(p.first_day, 4, 1, p.fiscal_month) <> p.first_day
                )
            from p
            """,
            {"first": FIRST, "last": LAST},
        ).fetchone()
    assert checked == (LAST - FIRST).days * (1 + 7 + 1 + 12 + 12)
    assert (untiled, unshifted, uncounted, undivided) == (0, 0, 0, 0)


def test_weeks_are_those_of_iso_and_of_sundays(law_database):
    with law_database.connect() as connection:
        days = connection.execute(
            "select d.day::date, yardstick_engine.period_floor(d.day::date, 2, 1, 1), yardstick_engine.period_floor(d.day::date, 2, 7, 1)"
            " from generate_series(timestamp '2000-01-01', timestamp '2040-12-31', interval '1 day') as d (day)"
        ).fetchall()
    weeks = defaultdict(set)
    for day, monday, sunday in days:
        assert monday == date.fromisocalendar(*day.isocalendar()[:2], 1)
        assert (sunday.isoweekday(), 0 <= (day - sunday).days < 7) == (7, True)
        weeks[day.isocalendar().year].add(monday)
    counted = {year: len(weeks[year]) for year in range(2000, 2040)}
    assert counted == {year: date(year, 12, 28).isocalendar().week for year in range(2000, 2040)}
    assert [year for year in counted if counted[year] == 53] == [2004, 2009, 2015, 2020, 2026, 2032, 2037]


# Random rows around the midnights that make days short, long, double or none, through the whole engine.
ODD_ZONES = {
    "America/Havana": (date(2024, 11, 3), date(2024, 3, 10)),
    "Atlantic/Azores": (date(2023, 10, 29), date(2024, 3, 31)),
    "Asia/Jerusalem": (date(2001, 9, 24), date(2002, 10, 7)),
    "Asia/Chita": (date(2014, 10, 26), date(2016, 3, 27)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18)),
    "Australia/Lord_Howe": (date(2023, 4, 2), date(2023, 10, 1)),
    "America/New_York": (date(2024, 3, 10), date(2024, 11, 3)),
    "Pacific/Apia": (date(2011, 12, 30), date(2012, 1, 1)),
    "Asia/Kathmandu": (date(2020, 12, 31), date(2021, 1, 4)),
    "Pacific/Kiritimati": (date(1994, 12, 31), date(1995, 1, 1)),
    "Asia/Pyongyang": (date(2015, 8, 15), date(2018, 5, 5)),
}
NUMBERS = count()
TIMES = st.tuples(
    st.integers(0, 1), st.integers(-2, 3), st.sampled_from((-1, 0, 1, 1799, 1800, 3599, 3600, -3600, 7200, 43200)),
    st.integers(-999, 999),
)  # fmt: skip
CALENDARS = st.fixed_dictionaries({
    "timezone": st.sampled_from(sorted(ODD_ZONES)), "week_start": st.integers(1, 7), "fiscal_year_start_month": st.integers(1, 12),
})  # fmt: skip


@pytest.fixture(scope="module")
def world(cluster, request):
    made = cluster.clone()
    engine = request.getfixturevalue("engine_of")(made)
    engine.metric(
        "calls", time_windows=["daily", "weekly", "monthly", "quarterly", "annual"],
    )  # fmt: skip
    yield engine
    engine.connection.close()
    cluster.drop(made)


@settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(keys=CALENDARS, times=st.lists(TIMES, min_size=1, max_size=12), settings_of=st.sampled_from(SESSIONS))
def test_rows_around_odd_midnights_count_in_their_periods(world, calendar, keys, times, settings_of):
    zone = keys["timezone"]
    name = f"org {next(NUMBERS)}"
    organization = world.organization(name, **keys)
    rows = []
    for which, days, seconds, value in times:
        at = calendar.midnight(ODD_ZONES[zone][which] + days * DAY, zone) + timedelta(seconds=seconds)
        rows.append((at, value))
    world.record(organization, [{"metric_name": "calls", "measured_at": at.isoformat(), "value": v} for at, v in rows])
    session(world.connection, *settings_of)
    world.calculate("2030-06-01T00:00:00Z")

    wanted = defaultdict(lambda: [Fraction(0), 0])
    for at, value in rows:
        day = at.astimezone(calendar.zone(zone)).date()
        for window in ("daily", "weekly", "monthly", "quarterly", "annual"):
            first, after = calendar.period_of(day, window, keys["week_start"], keys["fiscal_year_start_month"])
            bounds = calendar.midnight(first, zone), calendar.midnight(after, zone)
            assert bounds[0] <= at < bounds[1]
            wanted[(window, *bounds)][0] += value
            wanted[(window, *bounds)][1] += 1
    found = {
        (row[0], row[1].astimezone(UTC), row[2].astimezone(UTC)): [Fraction(row[3]), row[4]]
        for row in world.connection.execute(
            "select time_window, period_start, period_end, metric_value, sample_size from yardstick.metric_calculations"
            " where organization_id = %s",
            [organization],
            # As text it would come in the session's zone and order.
            binary=True,
        ).fetchall()
    }
    assert found == dict(wanted)
    # The values stand between ends that tile: what a longer window says is the sum of the days in it.
    days = sorted((key[1], total[0]) for key, total in found.items() if key[0] == "daily")
    starts = [start for start, _ in days]
    for (_, starts_at, ends_at), (total, _) in found.items():
        assert total == sum(value for _, value in days[bisect_left(starts, starts_at) : bisect_left(starts, ends_at)])
    world.execute("select set_config('timezone', 'America/Caracas', false), set_config('datestyle', 'ISO, YMD', false)")
