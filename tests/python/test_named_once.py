"""Periods that wait for the same measures name them once a slice: what the others wait for is never lost."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

NOW = datetime(2025, 4, 3, 12, tzinfo=UTC)
KEYS = [f"k{number}" for number in range(10)]
WAITING = """
select stage, slice_start, count(*), count(measure_ids), max(cardinality(measure_ids))
from yardstick.metric_dirty where stage <> 'source' group by 1, 2 order by 1, 2
"""
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@pytest.fixture
def world(engine):
    """Ten metrics of as many keys, in two organizations, over a quarter."""
    chance = random.Random(11)
    engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2025-01-01', '2025-12-31')")
    engine.organizations = [engine.organization(name, timezone=zone) for name, zone in (("a", "UTC"), ("b", "Asia/Tokyo"))]
    for organization in engine.organizations:
        engine.record(organization, [
            {"metric_name": key, "measured_at": NOW - timedelta(days=chance.randrange(90), minutes=chance.randrange(600)), "value": chance.randrange(100)}
            for key in KEYS for _ in range(15)
        ])  # fmt: skip
    for key in KEYS:
        engine.metric(key, time_windows=["daily", "weekly", "monthly", "quarterly", "annual"])
    engine.calculate(NOW)
    return engine


def scan(engine, until=2):
    """Everything queued again from nothing, and done up to slices of this type."""
    engine.forget()
    engine.execute("select yardstick_engine.plan_due(%s)", [NOW])
    while engine.one("select coalesce(min(period_type), 9) from yardstick.calculation_slices") <= until:
        assert engine.one("select yardstick_engine.calculate_slice(%s) ->> 'outcome'", [NOW]) == "done"


def values(engine):
    stored = engine.compared()
    assert len({key[1] for key in stored}) == len(KEYS) and {key[4] for key in stored} >= {"daily", "annual"}
    return stored


def test_one_row_of_each_slice_names_them(world):
    scan(world)
    waiting = world.execute(WAITING).fetchall()
    assert len(waiting) == 4 and all(row[0] == "day" and row[2] > 4 and row[3:] == (1, len(KEYS)) for row in waiting)
    scan(world, until=3)
    assert [(row[0], row[2] > 4, *row[3:]) for row in world.execute(WAITING).fetchall()] == [("month", True, 1, len(KEYS))]


@pytest.mark.parametrize("stage", [2, 3])
def test_where_whoever_named_them_is_gone_all_are_calculated(world, stage):
    whole = values(world)
    scan(world, until=stage)
    world.execute("update yardstick.metric_dirty set measure_ids = null where stage <> 'source'")
    world.calculate(NOW)
    assert world.differing(values(world), whole) == ([], 0)


def test_changed_days_beside_them_keep_their_own(world):
    scan(world)
    world.observe(world.organizations[0], "k3", NOW - timedelta(days=40), 7)
    world.calculate(NOW + timedelta(minutes=1))
    refreshed = values(world)
    scan(world, until=5)
    assert world.differing(refreshed, values(world)) == ([], 0)


def test_a_value_that_waits_is_exact_all_the_same(world):
    cells = [(key[1], key[2], key[3], "annual", NOW + timedelta(days=1)) for key in values(world) if key[4] == "annual"]
    whole = {organization: world.exact(organization, [c for c in cells if c[2] == organization]) for organization in world.organizations}
    scan(world)
    assert whole == {organization: world.exact(organization, [c for c in cells if c[2] == organization]) for organization in world.organizations}


def test_taken_back_every_period_is_given_its_list(world):
    scan(world)
    script = (MIGRATIONS / "0029.name_measures_once.rollback.sql").read_text(encoding="utf-8")
    with world.connection.transaction(force_rollback=True):
        world.execute(script)
        waiting = world.execute(WAITING).fetchall()
        assert waiting and all(row[2] == row[3] and row[4] == len(KEYS) for row in waiting)
