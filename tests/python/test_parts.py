"""A long history is valued in parts, month after month, some metrics or some organizations at a time: nothing shows where it was cut."""

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

WINDOWS = ["daily", "weekly", "monthly", "annual"]
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def world(engine):
    """Four organizations with gaps of days and months in what they observe, and metrics of each kind."""
    chance = random.Random(7)
    rows = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Apia")):
        organization = engine.organization(f"o{number}", timezone=zone)
        department = engine.door("sync_department", {"external_id": "a", "department_name": "A"}, organization)
        busy = chance.sample(range(90), 40)
        rows += [
            (organization, chance.choice(("cost", "delay")), chance.randrange(1000), NOW - timedelta(days=chance.choice(busy), minutes=chance.randrange(1440)),
             chance.choice((department, None)))
            for _ in range(100)
        ]  # fmt: skip
    engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2024-01-01', '2025-12-31')")
    add(engine, rows)
    for name, keys in (
        ("cost", {}),
        ("mean", {"measures": {"n": {"agg": "avg"}}, "key": "cost"}),
        ("rate", {"measures": {"s": {"agg": "sum"}, "n": {"agg": "count"}}, "key": "delay", "calculation_formula": "s / n"}),
        ("middle", {"measures": {"n": {"agg": "percentile", "p": 50}}, "key": "delay"}),
        ("kept", {"data_sources": {"source": "analytics_metrics", "key": "cost", "fill": "carry_forward", "measures": {"n": {"agg": "sum"}}}}),
        ("departments", {"key": "cost", "aggregation_levels": ["dept"]}),
    ):
        engine.metric(name, **{"aggregation_levels": ["org", "dept"], "time_windows": WINDOWS, **keys})
    return engine


def add(engine, rows):
    with engine.connection.cursor() as cursor:
        cursor.executemany(
            "insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date, department_id)"
            " values (%s, %s, 'operational', %s, %s, %s)",
            rows,
        )


def from_nothing(engine):
    engine.forget()
    engine.calculate(NOW)
    assert engine.one("select count(*) from yardstick.calculation_slices") == 0
    return engine.stored()


@contextmanager
def in_parts(engine, limit):
    """Each month a slice of its own, and no more than so many values a statement."""
    names = ("slice_budget", "whole_batches")
    texts = {name: engine.one(f"select pg_get_functiondef('yardstick_engine.{name}'::regproc)") for name in names}
    engine.execute("""
        create or replace function yardstick_engine.slice_budget(source_id uuid, slice_type integer) returns integer
        language sql as 'select 1'
    """)
    # They are made smaller only where much is touched: here, always.
    engine.execute(texts["whole_batches"].replace("130000", str(limit)).replace("5000", "1"))
    yield
    for text in texts.values():
        engine.execute(text)


@pytest.mark.parametrize("limit", [100, 2000], ids=["one_metric_of_some_organizations", "some_metrics_of_all_organizations"])
def test_it_does_not_show_where_a_history_was_cut(world, limit):
    whole = from_nothing(world)
    assert len({key[1] for key in whole}) == 6 and len(whole) > 500
    with in_parts(world, limit):
        batches, parts = world.one("""
            select array[count(*), count(*) / count(distinct b.metric_ids)]
            from (select array_agg(o.id) as ids, array_agg(date '2025-01-01' + n) as days from yardstick.organizations as o, generate_series(1, 30) as n) as k
            cross join yardstick_engine.whole_batches(
                (select array_agg(id) from yardstick.metric_measures), 1, k.ids, k.days, array_fill(null::text, array[120]), '{}'
            ) as b
        """)
        assert batches > 1 and (parts > 1) == (limit == 100)
        assert from_nothing(world) == whole
        # Late rows in the midst, found out by comparison with what stands.
        organization = world.one("select min(organization_id::text) from yardstick.analytics_metrics")
        add(world, [(organization, "cost", 5, NOW - timedelta(days=days), None) for days in (85, 60, 59, 40, 3)])
        until = world.settle(NOW)
        late = world.compared()
        assert len([key for key, row in late.items() if row["value"] != whole.get(key, {"value": None})["value"]]) > 10
    world.forget()
    world.calculate(until)
    assert world.compared() == late


def test_it_does_not_show_how_many_organizations_a_statement_may_hold(world):
    world.derived("share", {"a": "cost", "b": "mean"}, calculation_formula="a / b", aggregation_levels=["org", "dept"], time_windows=WINDOWS)
    whole = from_nothing(world)
    assert len({key[0] for key in whole if key[1] == "share"}) == 4
    text = world.one("select pg_get_functiondef('yardstick_engine.organization_bound'::regproc)")
    assert "16000" in text
    world.execute(text.replace("16000", "3"))
    assert from_nothing(world) == whole
    world.execute(text)
