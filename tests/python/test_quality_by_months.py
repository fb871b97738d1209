"""Quarters and years that have ended are judged by the months inside them, as their days judge them."""

import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
PARTS = ("completeness", "validity", "timeliness")
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
METRICS = {
    "cost": {},
    # Without a value where a day has one row, and where a month has.
    "less": {"measures": {"s": {"agg": "sum"}, "n": {"agg": "count"}}, "key": "cost", "calculation_formula": "s / (n - 1)"},
    "split": {"key": "delay", "aggregation_levels": ["org"]},
    # Its days are counted, for it has no months.
    "coarse": {"key": "cost", "time_windows": ["daily", "quarterly", "annual"]},
}


@pytest.fixture(params=[3, 8])
def world(engine, request):
    """Organizations where summer time begins and where a day was skipped, with years full of rows and years with few."""
    chance = random.Random(request.param)
    engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2011-01-01', '2025-12-31')")
    for number, (zone, month) in enumerate((("America/New_York", 1), ("Pacific/Apia", 4))):
        organization = engine.organization(f"o{number}", timezone=zone, fiscal_year_start_month=month)
        scopes = [engine.door("sync_department", {"external_id": name, "department_name": name}, organization) for name in "ab"]
        engine.record(
            organization,
            [
                {
                    "metric_name": chance.choice(("cost", "cost", "delay")), "value": chance.randrange(1, 99), "department_id": str(scope),
                    "measured_at": (datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)).isoformat(),
                }
                for year, days in ((2011, (*range(330, 365), 40)), (2024, [day for day in range(366) if day % 9]), (2025, range(0, 320, 3)))
                for day in days
                for scope in chance.choices(scopes, k=chance.randrange(1, 3))
            ],
        )  # fmt: skip
    for name, keys in METRICS.items():
        engine.metric(name, **{"aggregation_levels": ["org", "dept"], "time_windows": WINDOWS, **keys})
    engine.chance = chance
    engine.settle(NOW)
    return engine


def length(starts_at, ends_at):
    return round((ends_at - starts_at) / timedelta(days=1))


def judged(rows, key, row):
    """What the days inside a period that has ended say of it."""
    inside = [
        other for name, other in rows.items()
        if name[:4] == key[:4] and name[4] == "daily" and row["starts_at"] <= other["starts_at"] and other["ends_at"] <= row["ends_at"]
        and (other["value"] is not None or other["sample"])
    ]  # fmt: skip
    ended = length(row["starts_at"], row["ends_at"])
    last = max((other["ends_at"] for other in inside), default=None)
    reached = 0 if last is None else ended if len(inside) >= ended else length(row["starts_at"], last)
    valid = sum(other["value"] is not None for other in inside)
    return (Fraction(len(inside), ended), Fraction(valid, len(inside)) if inside else None, Fraction(reached, ended))


def check(engine):
    """How many periods that have ended are judged as they should be, and how many of them are less than full."""
    rows, found, less = engine.stored(), 0, 0
    for key, row in rows.items():
        if key[4] not in ("quarterly", "annual") or row["ends_at"] > NOW:
            continue
        right = judged(rows, key, row)
        shown = tuple(row["metadata"][part] for part in PARTS)
        assert row["metadata"]["is_complete"]
        for part, (seen, share) in zip(PARTS, zip(shown, right, strict=True), strict=True):
            assert (seen is None) == (share is None), (key, part)
            assert seen is None or abs(Fraction(str(seen)) - share) <= Fraction(1, 20000), (key, part, seen, share)
        found += 1
        less += right[0] < 1
    return found, less


def test_ended_quarters_and_years_are_judged_as_their_days_judge_them(world):
    found, less = check(world)
    assert found > 60 and less > 40

    # Late rows, and rows that go: whole months of them, and single days.
    organizations = [row[0] for row in world.execute("select id from yardstick.organizations order by external_id").fetchall()]
    for organization in organizations:
        for day in world.chance.sample(range(366), 12):
            world.observe(organization, "cost", datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=day))
    world.execute("delete from yardstick.analytics_metrics where measurement_date >= '2024-05-10' and measurement_date < '2024-07-03'")
    world.execute("delete from yardstick.analytics_metrics where measurement_date < '2024-02-20' and extract(day from measurement_date) in (3, 31)")
    world.settle(NOW + timedelta(minutes=1))
    assert check(world)[0] >= found
    world.check_against_nothing(NOW + timedelta(minutes=2))


def test_a_year_is_judged_by_its_months_where_its_days_are_gone(world):
    """Metrics whose windows have no months in between count their days, of which there are none."""
    before = world.stored()
    world.execute("delete from yardstick.metric_calculations where time_window = 'daily' and period_end < '2024-06-15'")
    organization = world.one("select id from yardstick.organizations where external_id = 'o0'")
    world.observe(organization, "cost", datetime(2024, 11, 5, 12, tzinfo=UTC), department_id=None)
    world.settle(NOW + timedelta(minutes=1))
    after = world.stored()
    key = (organization, "cost", "org", organization, "annual", date(2024, 1, 1))
    assert after[key]["sample"] == before[key]["sample"] + 1
    assert before[key]["metadata"]["completeness"] > 0.6
    assert all(abs(after[key]["metadata"][part] - before[key]["metadata"][part]) < 0.003 for part in PARTS)
    key = (organization, "coarse", *key[2:])
    assert after[key]["metadata"]["completeness"] < 0.6 < before[key]["metadata"]["completeness"]
