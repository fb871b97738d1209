"""What calculating costs, as the engine notes it."""

from datetime import UTC, datetime

import pytest

COSTS = "select metric_name, run_seconds, row_count, slice_count, error_count, buffers_hit, share_pct from yardstick_ops.metric_cost"


def costs(engine):
    return {row[0]: row[1:] for row in engine.execute(COSTS).fetchall()}


@pytest.fixture
def acme(engine):
    engine.acme = engine.organization("acme", timezone="Europe/Berlin")
    engine.execute("delete from yardstick.calculation_costs")
    engine.record(
        engine.acme,
        [{"metric_name": "load", "measured_at": f"2025-{month:02}-{day:02}T11:00:00Z", "value": day}
         for month in range(1, 13) for day in range(1, 29)],
    )  # fmt: skip
    engine.metric("plain", key="load", time_windows=["daily", "monthly"])
    engine.metric("root", key="load", calculation_formula="sqrt(n - 5)", time_windows=["daily"])
    engine.derived("twice", {"p": "plain"}, calculation_formula="2 * p")
    return engine


def test_each_metric_has_its_share(acme):
    acme.calculate(datetime(2026, 1, 5, tzinfo=UTC))
    found = costs(acme)
    assert set(found) == {"plain", "root", "twice"}
    assert all(seconds > 0 and slices > 0 for seconds, _, slices, *_ in found.values())
    assert abs(sum(row[5] for row in found.values()) - 100) < 0.05
    # 336 days of each, and 12 months of one.
    assert found["twice"][1] == 336
    # Its own first formula, and whatever was found by halving.
    assert found["root"][3] > 0 and found["plain"][3] == 0 and found["twice"][3] == 0
    assert found["plain"][4] > 100, "the history is no small statement: its blocks are counted"


def test_what_is_read_twice_costs_more_than_what_is_not_read(acme):
    acme.calculate(datetime(2026, 1, 5, tzinfo=UTC))
    before = costs(acme)
    acme.calculate(datetime(2026, 1, 5, 1, tzinfo=UTC))
    assert costs(acme) == before
    acme.observe(acme.acme, "load", "2025-05-05T10:00:00Z", 7)
    acme.calculate(datetime(2026, 1, 5, 2, tzinfo=UTC))
    after = costs(acme)
    assert all(after[name][2] > before[name][2] and after[name][0] > before[name][0] for name in after)


def test_two_workers_and_maintenance_do_not_wait_for_each_other(acme, database):
    one, two, maintenance = (database.connect() for _ in range(3))
    note = "select yardstick_engine.note_cost('scan', clock_timestamp(), 1, measure_ids => '{}')"
    for connection in (one, two):
        connection.execute("begin")
        connection.execute(note)
    maintenance.execute("set lock_timeout = '1s'")
    assert maintenance.execute("select yardstick_engine.sum_costs(now())").fetchone() == (0,)
    maintenance.execute("begin")
    assert maintenance.execute("select yardstick_engine.sum_costs(now())").fetchone() == (0,)
    one.execute("commit")
    one.execute(note)
    two.execute("commit")
    maintenance.execute("commit")
    assert maintenance.execute("select yardstick_engine.sum_costs(now())").fetchone() == (3,)
    for connection in (one, two, maintenance):
        connection.close()
