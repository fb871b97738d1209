"""336,776 real flights: every calculated value against plain SQL over the raw rows and against pandas with fractions."""

import zipfile
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas
import pytest
from scipy import stats

from runner import examples

ORACLE = (Path(__file__).parent / "flights_oracle.sql").read_text()
WINDOWS = {"daily": "D", "weekly": "W-SUN", "monthly": "M", "quarterly": "Q", "annual": "Y"}
LEVELS = {"org": ["carrier"], "dept": ["carrier", "origin"]}

CALCULATED = """
    select
        o.external_id as carrier, c.aggregation_level, d.external_id as origin, c.time_window, m.metric_name,
        c.period_start, c.period_end, c.metric_value, c.previous_value, c.change_percentage, c.sample_size
    from yardstick.metric_calculations as c
    inner join yardstick.metric_definitions as m on c.metric_id = m.id
    inner join yardstick.organizations as o on c.organization_id = o.id
    left join yardstick.departments as d on c.aggregation_id = d.id
"""


pytestmark = pytest.mark.xdist_group("flights")  # what is prepared for all of them is prepared once


@pytest.fixture(scope="module")
def flights(cluster):
    """A connection to a database in which the flights have been calculated from nothing."""
    database = cluster.clone()
    with database.connect() as connection:
        examples.set_up_flights(connection)
        # The zone of the session is no one's calendar.
        connection.execute("set timezone = 'Asia/Kathmandu'")
        connection.execute("call yardstick_engine.calculate_due()")
        connection.execute(ORACLE)
        yield connection
    cluster.drop(database)


def rounded(value: Fraction, places: int) -> Fraction:
    """Half away from zero, as the column rounds."""
    scaled = abs(value) * 10**places
    whole = (scaled + Fraction(1, 2)).__floor__()
    return Fraction(whole if value >= 0 else -whole, 10**places)


def test_nothing_is_left_to_calculate(flights):
    assert flights.execute("select count(*) from yardstick.calculation_slices").fetchone() == (0,)
    assert flights.execute("select count(*) from yardstick.metric_dirty").fetchone() == (0,)


def test_no_value_is_missing_or_wrong(flights):
    missing = flights.execute(f"select * from expected except ({CALCULATED})").fetchall()
    assert missing[:3] == []
    assert flights.execute("select count(*) from expected").fetchone()[0] > 100_000


def test_no_value_is_too_many(flights):
    extra = flights.execute(f"({CALCULATED}) except select * from expected").fetchall()
    assert extra[:3] == []
    counts = "select (select count(*) from expected), (select count(*) from yardstick.metric_calculations)"
    assert len(set(flights.execute(counts).fetchone())) == 1


def test_every_value_succeeded_and_says_whether_its_period_is_over(flights):
    found = flights.execute(
        "select calculation_status, metadata ->> 'is_complete', count(*)"
        " from yardstick.metric_calculations group by 1, 2"
    ).fetchall()
    assert [row[:2] for row in found] == [("success", "true")]


def test_periods_are_midnights_of_new_york(flights):
    found = flights.execute(
        "select count(*) from yardstick.metric_calculations where"
        " (period_start at time zone 'America/New_York')::time <> '00:00'"
        " or (period_end at time zone 'America/New_York')::time <> '00:00'"
    )
    assert found.fetchone() == (0,)


# --- pandas: the file itself, its own calendar columns, exact fractions


@pytest.fixture(scope="module")
def frame():
    with zipfile.ZipFile(examples.flights_folder() / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
        frame = pandas.read_csv(
            file, usecols=["year", "month", "day", "carrier", "origin", "dep_time", "dep_delay", "arr_delay"]
        )
    frame["date"] = pandas.to_datetime(frame[["year", "month", "day"]])
    frame["cancelled"] = frame["dep_time"].isna()
    frame["on_time"] = frame["arr_delay"] < 15
    return frame


def states(frame, window, columns):
    """One row a scope and period: counts, sums and extremes, all of them whole numbers."""
    periods = frame["date"].dt.to_period(WINDOWS[window])
    grouped = frame.groupby([*columns, periods.rename("period")])
    table = grouped.agg(
        flights=("date", "size"),
        cancelled=("cancelled", "sum"),
        on_time=("on_time", "sum"),
        departed=("dep_delay", "count"),
        arrived=("arr_delay", "count"),
        dep_delay=("dep_delay", "sum"),
        arr_delay=("arr_delay", "sum"),
        max_dep_delay=("dep_delay", "max"),
        max_arr_delay=("arr_delay", "max"),
    )
    return table.reset_index()


def values(row):
    """(metric, exact value, sample size) of one scope and period."""
    flights, departed, arrived = int(row.flights), int(row.departed), int(row.arrived)
    yield "flight_count", Fraction(flights), flights
    yield "cancellation_rate", Fraction(100 * int(row.cancelled), flights), flights
    if departed:
        yield "mean_departure_delay", Fraction(int(row.dep_delay), departed), departed
        yield "max_departure_delay", Fraction(int(row.max_dep_delay)), departed
    if arrived:
        yield "on_time_rate", Fraction(100 * int(row.on_time), arrived), arrived
        yield "mean_arrival_delay", Fraction(int(row.arr_delay), arrived), arrived
        yield "max_arrival_delay", Fraction(int(row.max_arr_delay)), arrived


def expected_values(frame):
    expected = {}
    for window in WINDOWS:
        for level, columns in LEVELS.items():
            for row in states(frame, window, columns).itertuples():
                scope = (row.carrier, level, getattr(row, "origin", None), window)
                for metric, value, size in values(row):
                    expected[*scope, metric, row.period] = (rounded(value, 4), size)
    return expected


def fraction(number):
    return None if number is None else Fraction(number)


def test_pandas_comes_to_the_same_values(flights, frame):
    expected = expected_values(frame)
    with flights.cursor() as cursor:
        cursor.execute(
            "select carrier, aggregation_level, origin, time_window, metric_name,"
            " (period_start at time zone 'America/New_York')::date,"
            " metric_value, previous_value, change_percentage, sample_size"
            f" from ({CALCULATED}) as calculated"
        )
        calculated = cursor.fetchall()

    periods = {
        (window, date): pandas.Period(date, WINDOWS[window])
        for window, date in {(row[3], row[5]) for row in calculated}
    }
    wrong = Counter()
    for *scope, date, value, previous, change, size in calculated:
        period = periods[scope[3], date]
        if period.start_time.date() != date or (*scope, period) not in expected:
            wrong["extra"] += 1
            continue
        before = expected.get((*scope, period - 1), (None, 0))[0]
        exact, count = expected[*scope, period]
        moved = rounded(100 * (exact - before) / abs(before), 2) if before else None
        wrong["value"] += exact != fraction(value)
        wrong["previous"] += before != fraction(previous)
        wrong["change"] += moved != fraction(change)
        wrong["size"] += count != size
    wrong["missing"] = len(expected) - len(calculated)
    assert +wrong == Counter()


# --- Beside the value: pandas for ranks and days, scipy for intervals


def scopes_of(frame, present):
    """One row a scope, window and period with rows of the given kind: spread of the delays, days with rows, the last of them."""
    rows = frame[present]
    for window in WINDOWS:
        for level, columns in LEVELS.items():
            grouped = rows.groupby([*columns, rows["date"].dt.to_period(WINDOWS[window]).rename("period")])
            table = grouped.agg(days=("date", "nunique"), last=("date", "max"), dep_sd=("dep_delay", "std"), arr_sd=("arr_delay", "std"),
                                dep_mean=("dep_delay", "mean"), arr_mean=("arr_delay", "mean"), on_time=("on_time", "sum"),
                                cancelled=("cancelled", "sum")).reset_index()  # fmt: skip
            table["period_start"] = table["period"].dt.start_time.dt.date
            table["length"] = (table["period"].dt.end_time.dt.normalize() - table["period"].dt.start_time).dt.days + 1
            table["reached"] = (table["last"] - table["period"].dt.start_time).dt.days + 1
            yield table.assign(time_window=window, aggregation_level=level, origin=table.get("origin", ""))


@pytest.fixture(scope="module")
def beside(flights, frame):
    """Every calculated row with what stands beside its value, and what pandas knows of its rows."""
    cursor = flights.execute(
        f"""
        select
            k.carrier, k.aggregation_level, coalesce(k.origin, '') as origin, k.time_window, k.metric_name,
            (k.period_start at time zone 'America/New_York')::date as period_start, k.metric_value::float8, k.sample_size,
            k.percentile_rank, lower(k.confidence_interval)::float8 as low, upper(k.confidence_interval)::float8 as high,
            k.data_quality_score::float8 as quality, (k.metadata ->> 'completeness')::float8 as completeness,
            (k.metadata ->> 'validity')::float8 as validity, (k.metadata ->> 'timeliness')::float8 as timeliness
        from ({CALCULATED.replace("c.sample_size", "c.sample_size, c.percentile_rank, c.confidence_interval, c.data_quality_score, c.metadata")})
            as k
        """
    )
    stored = pandas.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    kinds = {
        ("flight_count", "cancellation_rate"): frame["date"].notna(),
        ("mean_departure_delay", "max_departure_delay"): frame["dep_delay"].notna(),
        ("on_time_rate", "mean_arrival_delay", "max_arrival_delay"): frame["arr_delay"].notna(),
    }
    key = ["carrier", "aggregation_level", "origin", "time_window", "period_start"]
    joined = pandas.concat(
        stored[stored["metric_name"].isin(names)].merge(pandas.concat(scopes_of(frame, present)), on=key, validate="many_to_one")
        for names, present in kinds.items()
    )
    assert len(joined) == len(stored)
    return joined


def test_airports_are_ranked_among_those_of_their_carrier(beside):
    peers = beside.groupby(["carrier", "aggregation_level", "time_window", "metric_name", "period_start"])["metric_value"]
    others = peers.transform("size") - 1
    below = peers.rank(method="min") - 1
    wanted = (200 * below + others) // (2 * others.where(others > 0))
    assert beside["percentile_rank"].equals(wanted.astype(beside["percentile_rank"].dtype))
    assert wanted.notna().sum() > 50_000 and wanted[beside["aggregation_level"] == "org"].isna().all()


def test_intervals_are_those_of_scipy(beside):
    def close(rows, low, high):
        assert len(rows) > 10_000
        assert (abs(rows["low"] - low) < 0.5001e-4).all() and (abs(rows["high"] - high) < 0.5001e-4).all()

    rows = beside[beside["metric_name"] == "flight_count"]
    close(rows, stats.chi2.ppf(0.025, 2 * rows["sample_size"]) / 2, stats.chi2.ppf(0.975, 2 * rows["sample_size"] + 2) / 2)
    for metric, hits in (("on_time_rate", "on_time"), ("cancellation_rate", "cancelled")):
        rows = beside[beside["metric_name"] == metric]
        found = {
            pair: stats.binomtest(*map(int, pair)).proportion_ci(0.95, method="wilson")
            for pair in set(zip(rows[hits], rows["sample_size"], strict=True))
        }
        bounds = [found[pair] for pair in zip(rows[hits], rows["sample_size"], strict=True)]
        close(rows, [100 * b.low for b in bounds], [100 * b.high for b in bounds])
    for metric, part in (("mean_departure_delay", "dep"), ("mean_arrival_delay", "arr")):
        rows = beside[beside["metric_name"] == metric]
        single = rows["sample_size"] == 1
        assert rows[single]["low"].isna().all() and rows[single]["high"].isna().all()
        rows = rows[~single]
        half = stats.t.ppf(0.975, rows["sample_size"] - 1) * rows[f"{part}_sd"] / rows["sample_size"] ** 0.5
        close(rows, rows[f"{part}_mean"] - half, rows[f"{part}_mean"] + half)
    rows = beside[beside["metric_name"].str.startswith("max_")]
    assert rows["low"].isna().all() and rows["high"].isna().all()


def test_the_quality_of_the_data_follows_from_the_days_that_have_rows(beside):
    completeness, timeliness = beside["days"] / beside["length"], beside["reached"] / beside["length"]
    assert (abs(beside["completeness"] - completeness) < 0.5001e-4).all()
    assert (abs(beside["timeliness"] - timeliness) < 0.5001e-4).all()
    assert (beside["validity"] == 1).all()
    assert (abs(beside["quality"] - completeness * timeliness) < 0.5001e-2).all()
    assert 0 < (completeness < 1).sum() < len(beside)


# --- What was published about this data


def test_annual_states_of_the_carriers_add_up_to_the_published_figures(flights):
    found = flights.execute(
        """
        select d.metric_name, used.name, sum(p.row_count), sum(p.value_sum)
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as used (name, body)
        inner join yardstick.metric_series as s on s.measure_id = (used.body ->> 'measure_id')::uuid
        inner join yardstick.metric_partials as p on p.series_id = s.series_id
        where p.period_type = 5 and s.aggregation_level in ('own', 'none')
        group by 1, 2
        """
    ).fetchall()
    states = {(metric, measure): (count, total) for metric, measure, count, total in found}
    assert states["flight_count", "flights"][0] == 336_776
    assert states["cancellation_rate", "cancelled"][0] == 8_255
    departures, minutes = states["mean_departure_delay", "delay"]
    assert departures == 336_776 - 8_255
    assert round(minutes / departures, 3) == Decimal("12.639")


def test_annual_values_of_the_carriers_add_up_to_the_published_figures(flights):
    flown, cancelled, delay = flights.execute(
        """
        select
            sum(metric_value) filter (where metric_name = 'flight_count'),
            sum(round(metric_value * sample_size / 100)) filter (where metric_name = 'cancellation_rate'),
            sum(metric_value * sample_size) filter (where metric_name = 'mean_departure_delay')
            / sum(sample_size) filter (where metric_name = 'mean_departure_delay')
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as m on c.metric_id = m.id
        where c.aggregation_level = 'org' and c.time_window = 'annual'
        """
    ).fetchone()
    assert (flown, cancelled, round(delay, 3)) == (336_776, 8_255, Decimal("12.639"))
