"""Periods without rows that a metric fills have their values whatever comes late, goes, moves or is counted by another calendar."""

from datetime import UTC, datetime, timedelta

import pytest

AS_OF = datetime.now(UTC).replace(microsecond=0)
FILLED = {
    "zero": ({"agg": "count", "where": "kind = 'counted'"}, ["daily", "monthly", "annual"]),
    "carry_forward": ({"agg": "last", "value": "amount"}, ["weekly", "monthly"]),
}


@pytest.fixture(params=FILLED)
def world(engine, request):
    measure, windows = FILLED[request.param]
    acme = engine.organization("acme", timezone="Europe/Lisbon")
    for name, above in (("top", None), ("middle", "top"), ("low", "middle"), ("other", None)):
        department = {
            "external_id": name,
            "department_name": name,
            **({"parent_department_id": above} if above else {}),
        }
        engine.door("sync_department", department, acme)
    engine.execute("""
        create schema host;
        create table host.events (id integer, organization text, department text, days_ago integer, kind text, amount numeric, happened_at timestamptz);
        create function host.date() returns trigger language plpgsql as
            $$ begin new.happened_at := now() - new.days_ago * interval '1 day'; return new; end $$;
        create trigger dated before insert or update on host.events for each row execute function host.date();
        grant usage on schema host to yardstick_reader;
        grant select on host.events to yardstick_reader;
    """)
    engine.door(
        "register_source",
        {
            "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization",
            "levels": {"dept": "department"}, "capture": True,
        },
    )  # fmt: skip
    engine.door(
        "define_metric",
        {
            "metric_name": "filled", "display_name": "Filled", "calculation_method": "aggregation", "aggregation_levels": ["org", "dept"],
            "data_sources": {"source": "events", "measures": {"n": measure}, "fill": request.param},
            "time_windows": windows, "refresh_frequency": "real_time",
        },
    )  # fmt: skip
    engine.acme = acme
    return engine


def happens(engine, change):
    """A statement, or what becomes of the department 'other' or of the organization."""
    if isinstance(change, str):
        engine.execute(change)
    elif "department_name" in change:
        engine.door("sync_department", change, engine.acme)
    else:
        engine.organization("acme", **change)


CHANGES = [
    "insert into host.events values (1, 'acme', 'low', 70, 'counted', 1), (2, 'acme', 'other', 40, 'counted', 2), (3, 'acme', 'other', 200, 'left', 3)",
    # Earlier than all before; in one department alone; between two that are there.
    "insert into host.events values (4, 'acme', 'low', 130, 'counted', 4)",
    "insert into host.events values (5, 'acme', 'other', 110, 'counted', 5)",
    "insert into host.events values (6, 'acme', null, 100, 'counted', 6)",
    "update host.events set days_ago = 160, kind = 'counted' where id = 2",
    {"external_id": "other", "department_name": "other", "parent_department_id": "low"},
    {"timezone": "Asia/Kathmandu"},
    {"fiscal_year_start_month": 7, "week_start": 7},
    {"external_id": "other", "department_name": "other", "parent_department_id": None},
    "delete from host.events where days_ago > 120",
    "truncate host.events",
    "insert into host.events values (7, 'acme', 'middle', 90, 'counted', 7)",
]


def test_every_change_gives_what_a_calculation_from_nothing_gives(world):
    as_of = AS_OF
    for change in CHANGES:
        happens(world, change)
        for _ in range(400):
            as_of += timedelta(seconds=1)
            world.calculate(as_of)
            if world.left() == (0, 0):
                break
        incremental = {key: row for key, row in world.compared().items() if row["value"] is not None}
        states = world.partials()
        found = world.execute("select is_equal, detail from yardstick_api.verify_rollup('filled', 30, 1)").fetchall()
        assert [row for row in found if row[0] is not True] == [], change
        world.forget()
        as_of = world.settle(as_of)
        fresh = {key: row for key, row in world.compared().items() if row["value"] is not None}
        assert world.differing(incremental, fresh) == ([], 0), change
        assert world.differing(states, world.partials()) == ([], 0), change
        assert bool(fresh) == (change != "truncate host.events"), change
