"""The planner meets what others have queued, taken or changed and not committed yet: it goes on without them, and loses nothing."""

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)


@pytest.fixture
def acme(engine):
    organization = engine.organization("acme", timezone="UTC")
    engine.organization("birch", timezone="UTC")
    engine.execute("""
        create schema host;
        create table host.notes (organization text, happened_at timestamptz, amount numeric);
        insert into host.notes
        select u.organization, d.at, 2
        from generate_series(timestamptz '2025-03-03 20:00Z', '2025-04-13 20:00Z', interval '1 day') as d (at),
            unnest('{acme,birch}'::text[]) as u (organization);
        create table host.others as table host.notes;
        grant usage on schema host to yardstick_reader;
        grant select on all tables in schema host to yardstick_reader;
    """)
    for name in ("notes", "others"):
        engine.door("register_source", {
            "name": name, "relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization", "capture": True,
        })  # fmt: skip
        engine.metric(
            f"of_{name}", source=name, measures={"n": {"agg": "sum", "value": "amount"}}, time_windows=["daily", "weekly", "monthly"]
        )
    engine.settle(NOW)
    engine.execute("set statement_timeout = '20s'")
    return organization


@pytest.fixture
def other(database):
    session = database.connect(autocommit=False)
    yield session
    session.close()


def weeks(engine, name):
    return {
        str(row[0])
        for row in engine.execute(
            "select c.period_start from yardstick.calculation_slices as c inner join yardstick.metric_sources as s on s.id = c.source_id"
            " where c.period_type = 2 and s.source_name = %s", [name],
        ).fetchall()
    }  # fmt: skip


def test_a_week_that_another_session_has_queued_and_not_committed(engine, acme, other):
    # A long transaction of an application: the history of acme is queued, and nobody sees it yet.
    other.execute("select yardstick_api.use_organization(%s)", [acme])
    other.execute("select yardstick_api.sync_department('{\"external_id\": \"d\", \"department_name\": \"D\"}')")
    engine.execute("insert into host.notes values ('birch', '2025-03-05 10:00Z', 5), ('birch', '2025-01-06 10:00Z', 7)")
    engine.execute("insert into host.others values ('birch', '2025-01-06 10:00Z', 5)")

    planned = engine.one("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=10)])
    assert planned == 2
    # What it can have it has.
    assert weeks(engine, "notes") == weeks(engine, "others") == {"2025-01-06"}
    engine.calculate(NOW + timedelta(minutes=11))
    assert engine.one("select sum(metric_value) from yardstick.metric_calculations where time_window = 'daily' and period_start = '2025-01-06 00:00Z'") == 12

    other.commit()
    engine.calculate(NOW + timedelta(minutes=12))
    assert engine.one("select sum(metric_value) from yardstick.metric_calculations where time_window = 'daily' and period_start = '2025-03-05 00:00Z'") == 13
    engine.check_against_nothing(NOW + timedelta(minutes=13))


def test_a_change_that_nothing_measures_and_a_worker_has_taken(engine, acme, other):
    engine.execute(
        "insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)"
        " select %s, id, 'source', 'nobody measures it', '2025-03-05' from yardstick.metric_sources where source_name = 'notes'", [acme],
    )  # fmt: skip
    # A measure of a key of its own makes that of another key unused.
    engine.execute("update yardstick.metric_measures set measure_key = 'another'")
    other.execute("delete from yardstick.metric_dirty")
    engine.one("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=10)])
    other.rollback()
    engine.one("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=11)])
    assert engine.one("select count(*) from yardstick.metric_dirty") == 0


def test_a_definition_that_is_being_changed_while_its_source_fails(engine, acme, other):
    engine.execute("update yardstick.metric_sources set capture = false, capture_mark = null where source_name = 'notes'")
    engine.execute("update yardstick.metric_sources set watermark_column = 'happened_at' where source_name = 'notes'")
    engine.execute("revoke select on host.notes from yardstick_reader")
    other.execute("select from yardstick.metric_definitions where metric_name = 'of_notes' for update")
    engine.execute("insert into host.others values ('birch', '2025-01-06 10:00Z', 5)")
    engine.one("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=10)])
    assert weeks(engine, "others") == {"2025-01-06"}
    other.rollback()
    engine.one("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=11)])
    assert engine.one("select drift_reason is not null from yardstick.metric_definitions where metric_name = 'of_notes'")
