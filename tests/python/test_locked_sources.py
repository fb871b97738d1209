"""A table that its host keeps locked holds up nobody for long: what could not be asked of it is asked by a later tick, and whoever called
is told so; what only reads says that it is locked."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
# Of a call that waits here and there, and not for ever. A lock that is never released ends in 57014.
PATIENCE = "25s"
# Each door waits as it does, but not as long.
SHORTER = """
do $$
declare
    waiting regprocedure;
begin
    for waiting in
        select p.oid from pg_proc as p
        where p.pronamespace = 'yardstick_engine'::regnamespace and p.proconfig && array['lock_timeout=2s', 'lock_timeout=5s']
    loop
        execute format('alter function %s set lock_timeout = %L', waiting, '300ms');
    end loop;
end $$
"""
HOST = """
create schema host;
create table host.notes (organization text, department text, happened_at timestamptz, amount numeric) partition by range (happened_at);
create table host.notes_past partition of host.notes for values from (minvalue) to ('2025-03-20');
create table host.notes_new partition of host.notes for values from ('2025-03-20') to (maxvalue);
insert into host.notes
select u.organization, 'd', d.at, 2
from generate_series(timestamptz '2025-03-01 20:00Z', '2025-04-14 20:00Z', interval '1 day') as d (at),
    unnest('{acme,birch}'::text[]) as u (organization);
create table host.others as table host.notes;
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""
SOURCE = {
    "time_column": "happened_at", "organization_column": "organization", "levels": {"dept": "department"}, "lookback": "3 days",
}  # fmt: skip
SUM = {"n": {"agg": "sum", "value": "amount"}}


@pytest.fixture(params=(True, False), ids=("captured", "looked through"))
def acme(engine, request):
    engine.execute(HOST)
    engine.execute(SHORTER)
    engine.capture = request.param
    organization = engine.organization("acme", timezone="UTC")
    engine.organization("birch", timezone="UTC")
    for name in ("notes", "others"):
        engine.door("register_source", {"name": name, "relation": f"host.{name}", "capture": request.param, **SOURCE})
        engine.metric(f"of_{name}", source=name, measures=SUM, time_windows=["daily", "monthly"], aggregation_levels=["org", "dept"])
    query(engine, organization, "asked")
    engine.calculate(NOW)
    engine.told, engine.now = [], NOW
    engine.connection.add_notice_handler(lambda said: engine.told.append((said.message_primary, said.message_hint)))
    engine.execute(f"set statement_timeout = '{PATIENCE}'")
    return organization


def query(engine, organization, name, windows=("monthly",)):
    return engine.door("define_metric", {
        "metric_name": name, "display_name": name, "calculation_method": "sql", "data_sources": {"sources": ["notes"]},
        "calculation_formula": "select sum(amount) as value from notes"
        " where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()",
        "time_windows": list(windows), "refresh_frequency": "real_time",
    }, organization)  # fmt: skip


@pytest.fixture
def host(database):
    """Another session, which keeps what it locks until its transaction ends."""
    session = database.connect(autocommit=False)
    yield session
    session.close()


def lock(host, table="host.notes"):
    host.execute(f"lock table only {table} in access exclusive mode")


def monthly(engine, name, level="org"):
    return {
        str(row[0]): row[1]
        for row in engine.execute(
            "select (c.period_start at time zone o.timezone)::date, c.metric_value from yardstick.metric_calculations as c"
            " inner join yardstick.metric_definitions as d on d.id = c.metric_id inner join yardstick.organizations as o on o.id = c.organization_id"
            " where d.metric_name = %s and c.time_window = 'monthly' and o.external_id = 'acme' and c.aggregation_level = %s", [name, level],
        ).fetchall()
    }  # fmt: skip


def marks(engine):
    return engine.one("select count(*) from yardstick.metric_refreshes where refresh_frequency like '%_locked'") + engine.one(
        "select count(*) from yardstick.metric_failures"
    )


def settle(engine):
    """Ticks so far apart that whatever failed is tried again at each of them."""
    for _ in range(3):
        engine.now += timedelta(minutes=20)
        engine.calculate(engine.now)


@pytest.mark.parametrize("table", ["host.notes", "host.notes_past"])
@pytest.mark.parametrize("acme", [True], ids=["captured"], indirect=True)
def test_a_calendar_changes_while_a_source_is_locked(engine, acme, host, table):
    lock(host, table)
    engine.organization("acme", timezone="Pacific/Auckland")
    assert [("host.notes" in said, "first tick" in hint) for said, hint in engine.told] == [(True, True)]
    cedar = engine.organization("cedar", timezone="Europe/Berlin")

    settle(engine)
    # 20:00 in UTC is a day later in Auckland: the last day of February has none, and the first of April the last of March.
    assert monthly(engine, "of_others") == {"2025-03-01": 60, "2025-04-01": 30}
    assert monthly(engine, "of_notes") == {}
    host.rollback()

    engine.execute("insert into host.notes values ('cedar', 'd', '2025-04-14 10:00Z', 7)")
    settle(engine)
    assert monthly(engine, "of_notes") == monthly(engine, "asked") == {"2025-03-01": 60, "2025-04-01": 30}
    assert marks(engine) == 0
    assert engine.one(
        "select sum(metric_value) from yardstick.metric_calculations where organization_id = %s and time_window = 'monthly'", [cedar]
    ) == 7  # fmt: skip
    engine.check_against_nothing(engine.now)


@pytest.mark.parametrize("acme", [False], ids=["looked through"], indirect=True)
def test_a_tree_grows_while_a_source_is_locked(engine, acme, host):
    lock(host)
    engine.door("sync_department", {"external_id": "d", "department_name": "D"}, acme)
    engine.told.clear()
    # A thousand more do not wait for what the first has waited for.
    engine.execute("set statement_timeout = '1s'")
    for number in range(5):
        engine.door("sync_department", {"external_id": f"d{number}", "department_name": "D"}, acme)
    engine.execute(f"set statement_timeout = '{PATIENCE}'")
    assert engine.told == []
    settle(engine)
    assert monthly(engine, "of_others", "dept") == {"2025-03-01": 62, "2025-04-01": 28}
    assert monthly(engine, "of_notes", "dept") == {}
    host.rollback()
    settle(engine)
    assert monthly(engine, "of_notes", "dept") == {"2025-03-01": 62, "2025-04-01": 28}
    assert marks(engine) == 0
    engine.check_against_nothing(engine.now)


def test_metrics_are_defined_and_sources_registered_while_a_source_is_locked(engine, acme, host):
    lock(host)
    engine.metric("new", source="notes", measures={"n": {"agg": "count"}}, time_windows=["monthly"])
    engine.metric("newer", source="notes", measures={"n": {"agg": "max", "value": "amount"}}, time_windows=["monthly"])
    query(engine, acme, "new_query")
    query(engine, acme, "asked", ("monthly", "quarterly"))
    assert [("host.notes" in said, "first tick" in hint) for said, hint in engine.told] == [(True, True)] * 4
    engine.refresh(acme, "new_query", NOW - timedelta(days=30), NOW)
    engine.refresh(acme, "of_notes", NOW - timedelta(days=30), NOW)
    engine.one("select yardstick_api.refresh_source('notes')")
    settle(engine)
    assert monthly(engine, "new") == monthly(engine, "new_query") == {}
    host.rollback()

    settle(engine)
    assert monthly(engine, "new") == {"2025-03-01": 31, "2025-04-01": 14}
    assert monthly(engine, "newer") == {"2025-03-01": 2, "2025-04-01": 2}
    assert monthly(engine, "new_query") == monthly(engine, "asked") == {"2025-03-01": 62, "2025-04-01": 28}
    assert marks(engine) == 0
    engine.check_against_nothing(engine.now)


def test_a_source_is_registered_anew_while_it_is_locked(engine, acme, host):
    lock(host)
    changed = {"name": "notes", "relation": "host.notes", **SOURCE, "row_filter": "amount > 1", "lookback": "4 days"}
    if engine.capture:
        # Its triggers can be dropped by nobody; those that stand are left alone.
        with pytest.raises(psycopg.errors.LockNotAvailable, match=r"host\.notes"):
            engine.door("register_source", changed)
        changed["capture"] = True
    engine.door("register_source", changed)
    host.rollback()
    settle(engine)
    assert monthly(engine, "of_notes") == {"2025-03-01": 62, "2025-04-01": 28}
    assert marks(engine) == 0


# What only reads. Of each, whether it has to end well: those that need the rows say that they are locked.
READS = {
    "validate_metric": ("select * from yardstick_api.validate_metric(jsonb_build_object("
        "'metric_name', 'v', 'display_name', 'v', 'calculation_method', 'aggregation', 'time_windows', array['monthly'],"
        "'data_sources', '{\"source\": \"notes\", \"measures\": {\"n\": {\"agg\": \"sum\", \"value\": \"amount\"}}}'::jsonb))", True),
    "verify_rollup": ("select * from yardstick_api.verify_rollup('of_notes', 1000)", False),
    "verify_rollup of a query": ("select * from yardstick_api.verify_rollup('asked', 1000)", False),
    "explain_metric": ("select * from yardstick_api.explain_metric('of_notes')", True),
    "explain_metric of a query": ("select * from yardstick_api.explain_metric('asked')", True),
    "definition_impact": ("select * from yardstick_api.definition_impact(jsonb_build_object("
        "'metric_name', 'of_notes', 'display_name', 'v', 'calculation_method', 'aggregation', 'time_windows', array['monthly'],"
        "'data_sources', '{\"source\": \"notes\", \"measures\": {\"n\": {\"agg\": \"avg\", \"value\": \"amount\"}}}'::jsonb))", False),
    "metric_value": ("select yardstick_api.metric_value('of_notes', 'org', {acme}, 'monthly', '2025-04-01')", True),
    "metric_lineage": ("select * from yardstick_api.metric_lineage('of_notes')", True),
    "export_metrics": ("select * from yardstick_api.export_metrics()", True),
    "health": ("select * from yardstick_ops.health", True),
    "freshness": ("select * from yardstick_ops.freshness", True),
    "drift": ("select * from yardstick_ops.drift", True),
    "source_lineage": ("select * from yardstick_ops.source_lineage", True),
    "metric_cost": ("select * from yardstick_ops.metric_cost", True),
    "unmatched_rows": ("select * from yardstick_ops.unmatched_rows('2025-01-01')", True),
}  # fmt: skip


@pytest.mark.parametrize("acme", [True], ids=["captured"], indirect=True)
@pytest.mark.parametrize("table", ["host.notes", "host.notes_past"])
def test_reading_waits_for_no_lock(engine, acme, host, table):
    lock(host, table)
    for door, (statement, ends_well) in READS.items():
        try:
            with engine.connection.transaction():
                engine.execute("select yardstick_api.use_organization(%s)", [acme])
                engine.execute(statement.replace("{acme}", f"'{acme}'"))
        except psycopg.errors.LockNotAvailable as refusal:
            assert not ends_well, door
            assert "host.notes" in refusal.diag.message_primary
        else:
            assert ends_well, door


@pytest.mark.parametrize("acme", [False], ids=["looked through"], indirect=True)
def test_a_new_metric_waits_for_its_locked_source(engine, acme, host):
    """A value of one of its periods, calculated first, does not make the rest forgotten."""
    lock(host)
    query(engine, acme, "late")
    # Free again after the planner has looked, before the value is calculated: the clock's days alone are valued then.
    engine.one("select yardstick_engine.plan_due(%s)", [NOW + timedelta(minutes=1)])
    host.rollback()
    while engine.one("select yardstick_engine.calculate_next(%s)", [NOW + timedelta(minutes=1)]) is not None:
        pass
    assert set(monthly(engine, "late")) == {"2025-04-01"}
    settle(engine)
    assert monthly(engine, "late") == {"2025-03-01": 62, "2025-04-01": 28}
