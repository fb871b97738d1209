"""Where few cells of a large source change, their rows and states are looked up one by one; what is stored does not show it."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.python.oracle import check
from tests.python.test_incremental import DEFINITIONS, World

KEYED = replace(
    DEFINITIONS, metrics={name: metric for name, metric in DEFINITIONS.metrics.items() if metric.key}, derived={"growth": DEFINITIONS.derived["growth"]}
)
NOW = datetime(2025, 12, 20, 12, tzinfo=UTC)
READINGS = """
create schema host;
create table host.readings (id integer generated always as identity primary key, site text, kind varchar(20), day date, amount numeric);
grant usage on schema host to yardstick_reader;
grant select on host.readings to yardstick_reader;
"""
SOURCE = {
    "name": "readings", "relation": "host.readings", "time_column": "day", "organization_column": "site", "key_column": "kind", "capture": True,
}  # fmt: skip
PLAIN = """
    select o.id, r.day, round(sum(r.amount), 4), count(r.amount)
    from host.readings as r
    inner join yardstick.organizations as o on r.site in (o.external_id, o.id::text)
    where r.kind = 'cost'
    group by 1, 2
    having count(r.amount) > 0
"""


def enlarge(engine, rows=4_000_000):
    """The tables are taken for large ones."""
    engine.execute(f"""
        create or replace function yardstick_engine.source_rows(source_id uuid) returns double precision
        language sql stable set search_path = pg_catalog, pg_temp as 'select {rows}::double precision'
    """)


def has_index(engine, name):
    return engine.one("select yardstick_engine.has_cell_index(id) from yardstick.metric_sources where source_name = %s", [name])


def breaks_when_looked_up(engine, metric, change, now):
    """That rows are looked up at all: with a text that is no SQL, the metric fails."""
    whole = engine.one("select pg_get_functiondef('yardstick_engine.cell_lookups_text'::regproc)")
    engine.execute("""
        create or replace function yardstick_engine.cell_lookups_text(has_instants boolean) returns text
        language sql immutable set search_path = pg_catalog, pg_temp as 'select ''no SQL'''
    """)
    change()
    engine.calculate(now)
    found = engine.one("select last_error_code from yardstick.metric_definitions where metric_name = %s", [metric])
    engine.execute(whole)
    return found == "42601"


@pytest.mark.parametrize(("seed", "fresh_bound"), [(4, 1), (5, 2000)])
def test_what_is_stored_of_few_changed_cells_is_what_the_rows_say(engine, calendar, seed, fresh_bound):
    engine.execute(f"create or replace function yardstick_engine.fresh_bound() returns integer language sql immutable as 'select {fresh_bound}'")
    world = World(engine, seed, KEYED)
    for organization in world.members:
        engine.record(organization, [world.observation(organization) for _ in range(60)])
    world.define()
    enlarge(engine)
    assert has_index(engine, "analytics_metrics")
    for step in range(12):
        world.now += timedelta(minutes=1)
        engine.calculate(world.now)
        if step % 4 == 1:
            check(world, calendar)
        for _ in range(world.random.randrange(1, 5)):
            world.happen()
    world.now += timedelta(minutes=1)
    engine.calculate(world.now)
    check(world, calendar)
    engine.check_against_nothing(world.now)

    organization = next(iter(world.members))
    seen = {**world.observation(organization), "metric_name": "cost", "value": 7}
    assert breaks_when_looked_up(engine, "total_cost", lambda: engine.record(organization, [seen]), world.now + timedelta(hours=30))


def test_it_looks_up_dates_and_names_that_the_host_gives(engine):
    chance = random.Random(3)
    engine.execute(READINGS)
    engine.execute("create index on host.readings (kind, site, day)")
    engine.door("register_source", SOURCE)
    sites = []
    for name, zone in (("north", "Europe/Berlin"), ("isle", "Pacific/Apia"), ("south", "America/Santiago")):
        sites += [name, str(engine.organization(name, timezone=zone))]
    for name, agg in (("sums", "sum"), ("middle", "percentile")):
        measure = {"agg": agg, "value": "amount", **({"p": 50} if agg == "percentile" else {})}
        engine.metric(name, source="readings", measures={"n": measure}, key="cost", time_windows=["daily", "weekly", "monthly"])
    enlarge(engine)
    assert has_index(engine, "readings")

    def write(rows):
        with engine.connection.cursor() as cursor:
            cursor.executemany(
                "insert into host.readings (site, kind, day, amount) values (%s, %s, %s, %s)",
                [
                    (chance.choice(sites), chance.choice(("cost", "cost", "other")), date(2025, 12, 19) - timedelta(days=chance.randrange(80)),
                     chance.choice((None, 0, -3.25, 12.5)))
                    for _ in range(rows)
                ],
            )  # fmt: skip

    write(120)
    now = engine.settle(NOW)
    for _ in range(6):
        write(chance.choice((1, 10)))
        engine.execute("delete from host.readings where id in (select id from host.readings order by md5(id::text || %s) limit 9)", [str(chance.random())])
        engine.execute(
            "update host.readings set day = day - 20, site = %s where id in (select id from host.readings order by md5(id::text || %s) limit 4)",
            [chance.choice(sites), str(chance.random())],
        )
        now = engine.settle(now)
        by_hand = {(organization, day): (total, count) for organization, day, total, count in engine.execute(PLAIN).fetchall()}
        found = {
            (key[0], key[5]): (row["value"], row["sample"])
            for key, row in engine.stored().items()
            if (key[1], key[2], key[4]) == ("sums", "org", "daily") and row["value"] is not None
        }
        assert by_hand and engine.differing(found, by_hand) == ([], 0)
    engine.check_against_nothing(now)

    def change():
        engine.execute("insert into host.readings (site, kind, day, amount) values ('isle', 'cost', '2025-12-01', 1)")

    assert breaks_when_looked_up(engine, "sums", change, now + timedelta(hours=30))


@pytest.mark.parametrize(
    ("index", "serves"),
    [
        ("(site, kind, day)", True),
        ("(kind, site, day, amount)", True),
        ("(site, day, kind)", False),
        ("(day)", False),
        ("(site, kind, day) where amount > 0", False),
        ("(site, lower(kind), day)", False),
        ("using brin (site, kind, day)", False),
    ],
)
def test_it_knows_what_an_index_finds(engine, index, serves):
    engine.execute(READINGS)
    engine.execute(f"create index on host.readings {index}")
    engine.door("register_source", SOURCE)
    assert has_index(engine, "readings") is serves


def scans(engine):
    return engine.one("select count(*) from yardstick.calculation_costs where stage = 'scan'")


def test_adjacent_weeks_of_changed_cells_are_read_at_once(engine):
    organization = engine.organization("acme")
    engine.metric("cost")
    engine.record(organization, [
        {"metric_name": "cost", "value": n, "measured_at": (NOW - timedelta(days=n)).isoformat()} for n in range(100)
    ])  # fmt: skip
    now = engine.settle(NOW)
    # As many rows as four weeks are read of at once, were they read whole.
    enlarge(engine, 1_000_000)
    before = scans(engine)
    engine.record(organization, [
        {"metric_name": "cost", "value": 1, "measured_at": (NOW - timedelta(days=7 * n)).isoformat()} for n in range(8)
    ])  # fmt: skip
    engine.settle(now)
    assert scans(engine) == before + 1


def test_weeks_far_apart_are_not_read_through(engine):
    organization = engine.organization("acme")
    engine.metric("cost")
    engine.record(organization, [{"metric_name": "cost", "value": 1, "measured_at": NOW.isoformat()}])
    now = engine.settle(NOW)
    enlarge(engine, 1_000_000_000)
    before = scans(engine)
    engine.record(organization, [
        {"metric_name": "cost", "value": 1, "measured_at": (NOW - timedelta(days=n)).isoformat()} for n in (0, 70, 140)
    ])  # fmt: skip
    engine.settle(now)
    assert scans(engine) == before + 3


def test_the_next_period_shows_a_late_value_at_once(engine):
    organization = engine.organization("acme")
    engine.metric("cost", time_windows=["daily", "monthly"])
    engine.record(organization, [
        {"metric_name": "cost", "value": 10, "measured_at": datetime(2025, month, day, 12, tzinfo=UTC).isoformat()}
        for month, day in ((10, 15), (10, 16), (11, 3))
    ])  # fmt: skip
    now = engine.settle(NOW)
    engine.record(organization, [{"metric_name": "cost", "value": 5, "measured_at": "2025-10-15T13:00:00+00:00"}])
    now += timedelta(minutes=1)
    engine.execute("select yardstick_engine.plan_due(%s)", [now])
    # The week that the late row is in, its month and its year; November is another slice.
    done = [engine.one("select yardstick_engine.calculate_next(%s) ->> 'slices'", [now]) for _ in range(3)]
    assert done == ["1", "1", "1"] and engine.left() == (0, 0)
    stored = {(key[4], key[5]): row for key, row in engine.stored().items()}
    following = [stored[cell] for cell in (("daily", date(2025, 10, 16)), ("monthly", date(2025, 11, 1)))]
    assert [(row["value"], row["previous"], row["change"]) for row in following] == [(10, 15, Decimal("-33.33")), (10, 25, Decimal("-60.00"))]
