"""A table that its host drops, renames or keeps to itself stops its own metrics and nothing else; what changed meanwhile in an
organization's calendar is made good as soon as the table can be read again."""

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
HOST = """
create schema host;
create table host.notes (organization text, happened_at timestamptz, amount numeric);
insert into host.notes
select u.organization, d.at, 2
from generate_series(timestamptz '2025-03-01 20:00Z', '2025-04-14 20:00Z', interval '1 day') as d (at),
    unnest('{acme,birch}'::text[]) as u (organization);
create table host.others as table host.notes;
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""
# How it is lost, and how it comes back.
WAYS = {
    "dropped": (
        "create table host.kept as table host.notes; drop table host.notes",
        "alter table host.kept rename to notes; grant select on host.notes to yardstick_reader",
    ),
    "without its time column": (
        "alter table host.notes rename happened_at to happened", "alter table host.notes rename happened to happened_at",
    ),
    "kept from the reader": (
        "revoke select on host.notes from yardstick_reader", "grant select on host.notes to yardstick_reader",
    ),
}  # fmt: skip


@pytest.fixture(params=(True, False), ids=("captured", "looked through"))
def acme(engine, request):
    engine.execute(HOST)
    organization = engine.organization("acme", timezone="UTC")
    engine.organization("birch", timezone="UTC")
    for name in ("notes", "others"):
        engine.door("register_source", {
            "name": name, "relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization",
            "lookback": "3 days", "capture": request.param,
        })  # fmt: skip
        engine.metric(f"of_{name}", source=name, measures={"n": {"agg": "sum", "value": "amount"}}, time_windows=["daily", "monthly"])
    engine.door("define_metric", {
        "metric_name": "asked", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["notes"]},
        "calculation_formula": "select sum(amount) as value from notes"
        " where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()",
        "time_windows": ["monthly"], "refresh_frequency": "real_time",
    }, organization)  # fmt: skip
    engine.calculate(NOW)
    return organization


def monthly(engine, name):
    return {
        str(row[0]): row[1]
        for row in engine.execute(
            "select (c.period_start at time zone o.timezone)::date, c.metric_value from yardstick.metric_calculations as c"
            " inner join yardstick.metric_definitions as d on d.id = c.metric_id inner join yardstick.organizations as o on o.id = c.organization_id"
            " where d.metric_name = %s and c.time_window = 'monthly' and o.external_id = 'acme' and c.aggregation_level = 'org'", [name],
        ).fetchall()
    }  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_takes_organizations_while_a_source_cannot_be_read(engine, acme, way):
    lose, restore = WAYS[way]
    assert monthly(engine, "of_notes") == monthly(engine, "asked") == {"2025-03-01": 62, "2025-04-01": 28}
    engine.execute(lose)

    cedar = engine.organization("cedar", timezone="Europe/Berlin")
    engine.execute("insert into host.others values ('cedar', '2025-04-14 10:00Z', 5)")
    # 20:00 in UTC is a day later in Auckland: the last day of February has none, and the first of April the last of March.
    engine.organization("acme", timezone="Pacific/Auckland")
    for minute in range(1, 4):
        engine.calculate(NOW + timedelta(minutes=minute))

    errors = dict(engine.execute("select metric_name, last_error_code from yardstick.metric_definitions").fetchall())
    assert errors["of_notes"] and errors["of_others"] is None
    assert monthly(engine, "of_others") == {"2025-03-01": 60, "2025-04-01": 30}
    assert engine.one(
        "select sum(metric_value) from yardstick.metric_calculations where organization_id = %s and time_window = 'monthly'", [cedar]
    ) == 5  # fmt: skip

    engine.execute(restore)
    engine.execute("insert into host.notes values ('cedar', '2025-04-14 10:00Z', 7)")
    now = NOW + timedelta(days=1)
    for minute in range(3):
        engine.calculate(now + timedelta(minutes=minute))
    assert monthly(engine, "of_notes") == monthly(engine, "asked") == {"2025-03-01": 60, "2025-04-01": 30}
    engine.check_against_nothing(now + timedelta(hours=1))
