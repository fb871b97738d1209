"""Snapshots against a second, plain calculation of every column, and the same however they came about."""

import json
import random
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plpython"))

import trend

from runner import ROOT

ZONE = ZoneInfo("America/New_York")
ORGANIZATION = "00000000-0000-7000-8000-0000000000a1"
DAILY, MONTHLY = "00000000-0000-7000-8000-0000000000d1", "00000000-0000-7000-8000-0000000000d2"
DEPARTMENT = "00000000-0000-7000-8000-0000000000e1"
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
AS_OF = datetime(2026, 3, 18, 9, tzinfo=ZONE)
COLUMNS = (
    "metric_value, min_value, max_value, avg_value, std_deviation, sample_count, percentile_25, percentile_50,"
    " percentile_75, percentile_95, trend, year_over_year_change, quarter_over_quarter_change, month_over_month_change"
)


def months_later(day, count):
    index = day.year * 12 + day.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def starts_of(window, first, last):
    day = first
    if window == "weekly":
        day -= timedelta(days=day.weekday())
    elif window != "daily":
        day = date(day.year, 1, 1)
    while day <= last:
        yield day
        day = next_start(window, day)


def next_start(window, day):
    if window in MONTHS:
        return months_later(day, MONTHS[window])
    return day + timedelta(days=7 if window == "weekly" else 1)


def instant(day):
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def history():
    """Values by (metric, window, start), some missing, some null."""
    rng = random.Random(3)
    values = {}
    for metric, windows in (
        (DAILY, ("daily", "weekly", "monthly", "quarterly", "annual")),
        (MONTHLY, ("monthly", "annual")),
    ):
        for window in windows:
            for place, start in enumerate(starts_of(window, date(2024, 1, 20), date(2026, 3, 18))):
                if rng.random() < 0.06:
                    continue
                value = Decimal(round(rng.gauss(50 + place * rng.choice((0, 1)), 8) * 10000)) / 10000
                values[metric, window, start] = None if rng.random() < 0.04 else value
                if rng.random() < 0.03:
                    values[metric, window, start] = Decimal(0)
    return values


def prepare(connection, values):
    connection.execute(
        "insert into yardstick.organizations (id, organization_name, timezone) values (%s, 'Acme', %s)",
        [ORGANIZATION, ZONE.key],
    )
    for metric, name, windows, direction in (
        (DAILY, "daily_one", ["daily", "weekly", "monthly", "quarterly", "annual"], "higher_better"),
        (MONTHLY, "monthly_one", ["monthly", "annual"], "target_range"),
    ):
        connection.execute(
            "insert into yardstick.metric_definitions (id, organization_id, metric_name, display_name, metric_category,"
            " metric_type, calculation_method, data_sources, aggregation_levels, time_windows, direction, target_low, target_high)"
            " values (%s, %s, %s, %s, 'quality', 'count', 'aggregation', '{}', '{dept}', %s, %s, 10, 20)",
            [metric, ORGANIZATION, name, name, windows, direction],
        )
    connection.execute(
        "select yardstick.ensure_year_partitions('yardstick.metric_calculations', '2024-01-01', '2027-01-02')"
    )
    for key, value in values.items():
        store(connection, key, value)


def store(connection, key, value):
    metric, window, start = key
    connection.execute(
        "insert into yardstick.metric_calculations (organization_id, metric_id, aggregation_level, aggregation_id, time_window,"
        " period_start, period_end, metric_value, calculation_status, metric_version, calculation_timestamp)"
        " values (%s, %s, 'dept', %s, %s, %s, %s, %s, %s, 1, now())"
        " on conflict on constraint metric_calculations_pkey do update set metric_value = excluded.metric_value,"
        " calculation_status = excluded.calculation_status",
        [ORGANIZATION, metric, DEPARTMENT, window, instant(start), instant(next_start(window, start)), value,
         "warning" if value is None else "success"],
    )  # fmt: skip
    # As the engine does, whoever writes a value.
    connection.execute("select yardstick_engine.note_values(array[%s::uuid])", [ORGANIZATION])


def taken(connection):
    rows = connection.execute(
        f"select metric_id::text, snapshot_type, snapshot_date, {COLUMNS} from yardstick.metric_snapshots order by 1, 2, 3"
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def rounded(number, places):
    if number is None:
        return None
    with localcontext() as context:
        context.prec = 60
        exact = number if isinstance(number, Decimal) else Decimal(number.numerator) / Decimal(number.denominator)
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def percentile(ordered, share):
    if not ordered:
        return None
    place = Fraction(share) * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def change(value, before):
    if value is None or not before:
        return None
    return rounded(100 * (Fraction(value) - Fraction(before)) / abs(Fraction(before)), 2)


def before(window, start, count):
    """Start of the window so many months before; None when the kind has none."""
    if window == "weekly":
        return start - timedelta(weeks={1: 4, 3: 13, 12: 52}[count])
    if window == "daily":
        first = months_later(start, -count)
        try:
            return first.replace(day=start.day)
        except ValueError:
            return None
    return months_later(start, -count) if count >= MONTHS[window] else None


def deviation(numbers):
    if len(numbers) < 2:
        return None
    mean = sum(map(Fraction, numbers)) / len(numbers)
    variance = sum((Fraction(n) - mean) ** 2 for n in numbers) / (len(numbers) - 1)
    with localcontext() as context:
        context.prec = 60
        return rounded((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt(), 4)


def expected(values, as_of):
    result = {}
    for (metric, window, start), value in values.items():
        end = next_start(window, start)
        if instant(end) > as_of:
            continue
        finest = "daily" if metric == DAILY else "monthly"
        parts = sorted(
            v for (m, w, s), v in values.items()
            if m == metric and w == finest and v is not None and s >= start and next_start(w, s) <= end
        )  # fmt: skip
        line, at = [], start
        for _ in range(30):
            line.insert(0, values.get((metric, window, at)))
            at = months_later(at, -MONTHS[window]) if window in MONTHS else at - (next_start(window, at) - at)
        mean = rounded(sum(map(Fraction, parts)) / len(parts), 4) if parts else None
        result[metric, window, end - timedelta(days=1)] = (
            value,
            parts[0] if parts else None,
            parts[-1] if parts else None,
            mean,
            deviation(parts),
            len(parts),
            *(rounded(percentile([Fraction(p) for p in parts], s), 4) if parts else None
              for s in ("0.25", "0.5", "0.75", "0.95")),
            trend.trend([None if v is None else float(v) for v in line],
                        "higher_better" if metric == DAILY else "target_range", 10.0, 20.0),
            *(change(value, values.get((metric, window, before(window, start, count)))) for count in (12, 3, 1)),
        )  # fmt: skip
    return result


@pytest.fixture
def prepared(database):
    values = history()
    with database.connect() as connection:
        with connection.transaction():
            prepare(connection, values)
        yield connection, values


def compare(got, wanted):
    assert got.keys() == wanted.keys()
    for key, row in wanted.items():
        for name, left, right in zip(COLUMNS.split(","), got[key], row, strict=True):
            assert left == right, (key, name)


def test_every_column(prepared):
    connection, values = prepared
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    wanted = expected(values, AS_OF)
    assert {row[10] for row in wanted.values()} >= {"improving", "stable", None}
    compare(taken(connection), wanted)
    assert connection.execute("select count(*) from yardstick.snapshot_slices").fetchone() == (0,)


def test_unchanged_rows_are_not_written_again(prepared):
    connection, _ = prepared
    versions = "select array_agg(xmin::text order by id) from yardstick.metric_snapshots"
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    written = connection.execute(versions).fetchone()
    # Queued all over again, every value is found to be what it was.
    connection.execute(
        "select yardstick_engine.queue_affected_snapshots(%s, 'daily', '2024-01-01', '2026-03-17', '2026-03-17')",
        [ORGANIZATION],
    )
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF - timedelta(days=300)])
    assert connection.execute(versions).fetchone() == written


def test_late_values_reach_all_that_depends_on_them(prepared):
    connection, values = prepared
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF - timedelta(days=40)])
    rng = random.Random(5)
    for key in rng.sample(sorted(values), 12):
        values[key] = Decimal(rng.randrange(10**6)) / 100
    values[DAILY, "daily", date(2024, 1, 19)] = Decimal("77.7")
    values[DAILY, "monthly", date(2024, 6, 1)] = None
    for key, value in values.items():
        store(connection, key, value)
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    compare(taken(connection), expected(values, AS_OF))


def test_values_that_change_places_and_snapshots_without_a_value_are_found(prepared):
    connection, values = prepared
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    one, other = (DAILY, "monthly", date(2025, 3, 1)), (MONTHLY, "monthly", date(2025, 3, 1))
    values[one], values[other] = Decimal(61), Decimal(62)
    for key in (one, other):
        store(connection, key, values[key])
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    values[one], values[other] = values[other], values[one]
    for key in (one, other):
        store(connection, key, values[key])
    gone = connection.execute("delete from yardstick.metric_snapshots where metric_value is null and snapshot_type = 'daily'").rowcount
    assert gone > 1
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    compare(taken(connection), expected(values, AS_OF))
    # One value takes the place of none, and none that of the other: as many as before.
    absent = next(key for key, value in values.items() if value is None and key[:2] == (DAILY, "weekly"))
    there = (DAILY, "weekly", date(2025, 6, 2))
    values[absent], values[there] = Decimal(7), None
    for key in (absent, there):
        store(connection, key, values[key])
    connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
    compare(taken(connection), expected(values, AS_OF))


def test_a_value_that_changes_between_two_slices(prepared):
    connection, values = prepared
    step = "select yardstick_engine.snapshot_step(%s, %s)"
    progress = "{}"
    for _ in range(9):
        progress = connection.execute(f"{step}::text", [AS_OF, progress]).fetchone()[0]
    for key in (
        (DAILY, "daily", date(2025, 3, 10)),
        (DAILY, "monthly", date(2024, 12, 1)),
        (DAILY, "weekly", date(2025, 3, 10)),
    ):
        values[key] = Decimal(3)
        store(connection, key, values[key])
    for _ in range(200):
        progress = connection.execute(f"{step}::text", [AS_OF, progress]).fetchone()[0]
        if "is_done" in progress:
            break
    else:
        pytest.fail("taking snapshots never ends")
    compare(taken(connection), expected(values, AS_OF))


def test_a_deploy_is_given_way(prepared, database):
    connection, _ = prepared
    with database.connect() as deploy:
        deploy.execute("select pg_advisory_lock(7919001)")
        connection.execute("call yardstick_engine.take_snapshots(%s)", [AS_OF])
        assert taken(connection) == {}


# --- Published cases: values of the finest window inside a year


def year_of(connection, numbers):
    """The annual snapshot over the given values, which follow each other by the hour, so that thousands fit into a year."""
    prepare(connection, {(DAILY, "annual", date(2025, 1, 1)): Decimal(1)})
    connection.execute(
        "insert into yardstick.metric_calculations (organization_id, metric_id, aggregation_level, aggregation_id, time_window,"
        " period_start, period_end, metric_value, metric_version, calculation_timestamp)"
        " select %s, %s, 'dept', %s, 'daily', %s + n.hour * interval '1 hour', %s + (n.hour + 1) * interval '1 hour', n.value, 1, now()"
        " from unnest(%s::numeric[]) with ordinality as n (value, hour)",
        [ORGANIZATION, DAILY, DEPARTMENT, instant(date(2025, 1, 1)), instant(date(2025, 1, 1)), numbers],
    )
    connection.execute(
        "select yardstick_engine.snapshot_slice(%s, 'annual', '2025-12-31', '2025-12-31', %s)", [ORGANIZATION, AS_OF]
    )
    (row,) = taken(connection).values()
    return dict(zip(COLUMNS.replace(" ", "").split(","), row, strict=True))


def reference(name):
    return json.loads((ROOT / "tests" / "reference" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["strd_lottery", "strd_mavro", "strd_numacc1", "strd_numacc3", "strd_pidigits"])
def test_means_and_deviations_have_every_certified_digit_that_the_column_holds(database, name):
    known = reference(name)
    numbers = [Decimal(str(x)) for x in known["data"]]
    # Eleven digits before the point and four behind it.
    scale = Decimal(10) ** (10 - max(map(abs, numbers)).adjusted())
    with database.connect() as connection:
        found = year_of(connection, [x * scale for x in numbers])
    assert found["sample_count"] == len(numbers)
    for column, statistic in (("avg_value", "mean"), ("std_deviation", "sd")):
        certified = Decimal(known["certified"][statistic])
        places = min(-certified.as_tuple().exponent, 4 + scale.adjusted())
        one = Decimal(1).scaleb(-places)
        assert (found[column] / scale).quantize(one, ROUND_HALF_UP) == certified.quantize(one, ROUND_HALF_UP), column


def test_percentiles_are_of_type_seven(database):
    known = reference("quantiles_precip")
    with database.connect() as connection:
        found = year_of(connection, [Decimal(str(x)) * 10**6 for x in known["data"]["x"]])
    wanted = dict(zip(known["expected"]["probs"], known["expected"]["type7"], strict=True))
    shared = [share for share in (0.25, 0.5, 0.75, 0.95) if share in wanted]
    assert shared
    for share in shared:
        assert found[f"percentile_{round(100 * share)}"] == Decimal(str(wanted[share])) * 10**6, share


# --- Who is compared


def looks(connection):
    """Organizations that a run compared with their snapshots."""
    connection.execute("create or replace function pg_temp.run(as_of timestamptz) returns jsonb language plpgsql as $run$"
        " declare progress jsonb := '{}'; begin"
        " while not progress ? 'is_done' loop progress := yardstick_engine.snapshot_step(as_of, progress); end loop;"
        " return progress; end $run$")  # fmt: skip

    def run(as_of):
        return connection.execute("select pg_temp.run(%s) ->> 'organizations'", [as_of]).fetchone()[0]

    return run


def test_an_organization_is_compared_when_its_values_were_written_or_a_day_has_ended(engine):
    now = datetime(2025, 4, 15, 9, tzinfo=UTC)
    names = {"east": "Asia/Tokyo", "west": "America/Denver", "north": "UTC"}
    ids = {name: engine.organization(name, timezone=zone) for name, zone in names.items()}
    engine.metric("calls", time_windows=["daily", "monthly"])
    engine.derived("twice", {"c": {"metric": "calls"}}, calculation_formula="c * 2", time_windows=["monthly"])
    for organization in ids.values():
        engine.observe(organization, "calls", "2025-03-05T12:00:00Z")
    engine.settle(now)
    run = looks(engine.connection)
    assert run(now) == "3"
    assert run(now) == "0"

    def snapshots():
        return dict(engine.execute(
            "select o.external_id, sum(s.metric_value) from yardstick.metric_snapshots as s"
            " inner join yardstick.organizations as o on o.id = s.organization_id where s.snapshot_type = 'monthly' group by 1"
        ).fetchall())  # fmt: skip

    assert snapshots() == dict.fromkeys(names, 3)
    # A late row, and what is made of it.
    engine.observe(ids["west"], "calls", "2025-03-06T12:00:00Z", 10)
    now = engine.settle(now)
    assert run(now) == "1"
    assert snapshots() == {"east": 3, "west": 33, "north": 3}
    # A value that is written while the job is at work is for its next run.
    with engine.database.connect(autocommit=False) as other:
        engine.observe(ids["north"], "calls", "2025-03-06T12:00:00Z", 100)
        while True:
            done = other.execute("select yardstick_engine.plan_due(%s), yardstick_engine.calculate_next(%s)", [now, now]).fetchone()[1]
            if done is None:
                break
        assert run(now) == "0"
        other.commit()
    now = engine.settle(now)
    assert run(now) == "1"
    assert snapshots() == {"east": 3, "west": 33, "north": 303}
    # Midnight in Tokyo is at 15:00, and in Denver a day later at 06:00.
    assert [run(datetime(2025, 4, 15, hour, 1, tzinfo=UTC)) for hour in (14, 15, 16)] == ["0", "1", "0"]
    assert [run(datetime(2025, 4, 16, hour, 1, tzinfo=UTC)) for hour in (0, 5, 6)] == ["1", "0", "1"]
    # Nobody notes what somebody does by hand; it shows when the day has ended.
    engine.execute("update yardstick.metric_calculations set metric_value = 5 where organization_id = %s and time_window = 'monthly'", [ids["east"]])
    assert run(datetime(2025, 4, 16, 14, tzinfo=UTC)) == "0"
    assert run(datetime(2025, 4, 16, 15, tzinfo=UTC)) == "1"
    assert snapshots()["east"] == 10


def test_a_department_that_loses_its_rows_loses_its_snapshots_value(engine):
    now = datetime(2025, 4, 15, 9, tzinfo=UTC)
    organization = engine.organization("acme", timezone="UTC")
    for name in ("above", "other"):
        engine.door("sync_department", {"external_id": name, "department_name": name}, organization)
    below = engine.door("sync_department", {"external_id": "below", "department_name": "b", "parent_department_id": "above"}, organization)
    engine.metric("calls", aggregation_levels=["dept"], time_windows=["monthly"])
    engine.observe(organization, "calls", "2025-03-05T12:00:00Z", department_id=below)
    now = engine.settle(now)
    run = looks(engine.connection)
    run(now)
    held = (
        "select d.external_id, s.metric_value from yardstick.metric_snapshots as s"
        " inner join yardstick.departments as d on d.id = s.aggregation_id order by 1"
    )
    assert engine.execute(held).fetchall() == [("above", 1), ("below", 1)]
    engine.door("sync_department", {"external_id": "below", "parent_department_id": "other"}, organization)
    now = engine.settle(now)
    run(now)
    assert engine.execute(held).fetchall() == [("above", None), ("below", 1), ("other", 1)]
