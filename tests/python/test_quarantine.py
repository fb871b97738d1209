"""What fails waits longer each time and is quarantined in the end; what only met a lock is tried again soon; and neither costs
the others anything."""

from datetime import UTC, date, datetime, timedelta

import pytest

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
WIDE = {"from_time": "2025-01-01T00:00:00Z", "to_time": "2025-04-16T00:00:00Z"}

HOST = """
create schema host;
create table host.notes (organization text, happened_at timestamptz, amount numeric);
insert into host.notes
select 'acme', d.day + interval '10 hours', 2
from generate_series(timestamptz '2025-03-01 00:00Z', '2025-04-14 00:00Z', interval '1 day') as d (day);
create table host.others as select * from host.notes;
create table host.switch as select false as is_broken, 0 as seconds, 'P0001' as code;
create function host.raising(amount numeric) returns numeric stable language plpgsql as $$
begin
    if (select is_broken from host.switch) then
        raise exception using errcode = (select code from host.switch), message = 'the host says no';
    end if;
    perform pg_sleep(seconds) from host.switch;
    return amount;
end $$;
create view host.looks as
select n.organization, n.happened_at, n.amount, host.raising(n.amount) as checked from host.notes as n;
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""


@pytest.fixture
def acme(engine):
    engine.execute(HOST)
    organization = engine.organization("acme")
    for name in ("notes", "others", "looks"):
        engine.door("register_source", {
            "name": name, "relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization",
            "lookback": "3 days",
        })  # fmt: skip
    return organization


def query(engine, name, text, source="notes", organization=None, **keys):
    engine.door("define_metric", {
        "metric_name": name, "display_name": name, "calculation_method": "sql", "data_sources": {"sources": [source]},
        "calculation_formula": text, "time_windows": ["monthly"], "refresh_frequency": "real_time", **keys,
    }, organization)  # fmt: skip


def failures(engine):
    return dict(engine.execute(
        "select d.metric_name, f.failure_count from yardstick.metric_failures as f"
        " inner join yardstick.metric_definitions as d on d.id = f.metric_id"
    ).fetchall())  # fmt: skip


def quarantined(engine):
    return engine.execute(
        "select ok, detail from yardstick_ops.health where check_name = 'calculation: no metric is quarantined'"
    ).fetchone()


def tick_for(engine, minutes, first=1):
    """Each minute; the minutes at which something failed anew."""
    seen, tried = failures(engine), []
    for minute in range(first, first + minutes):
        engine.calculate(NOW + timedelta(minutes=minute))
        now = failures(engine)
        if now != seen:
            tried.append(minute)
        seen = now
    return tried


def last_month(engine, name):
    return engine.values(name, "monthly").get(date(2025, 4, 1))


def test_a_query_that_keeps_failing_is_tried_later_each_time_and_then_not_at_all(engine, acme):
    query(engine, "bad", "select sum(mod(amount, amount - 2)) as value from notes")
    query(engine, "good", "select sum(amount) as value from notes where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()")
    assert tick_for(engine, 135) == [1, 2, 4, 8, 16, 32, 64, 128]
    assert failures(engine) == {"bad": 8}
    ok, detail = quarantined(engine)
    assert not ok and "bad for acme has failed 8 times" in detail and "22012" in detail and "refresh_metric" in detail
    assert engine.one("select last_error_code from yardstick.metric_definitions where metric_name = 'bad'") == "22012"
    assert {r["error"] for k, r in engine.stored().items() if k[1] == "bad"} == {"22012"}
    assert last_month(engine, "good") == 28
    # Nothing piles up, and a day later it still rests.
    assert tick_for(engine, 3, 1600) == []
    assert engine.one("select count(*) from yardstick.metric_pending") == 0

    engine.execute("update host.notes set amount = 3")
    assert engine.refresh(acme, "bad", **WIDE) > 0
    assert quarantined(engine) == (True, "as it should be")
    engine.calculate(NOW + timedelta(minutes=1700))
    assert failures(engine) == {} and last_month(engine, "bad") == 0
    assert engine.one("select last_error_code from yardstick.metric_definitions where metric_name = 'bad'") is None


def test_another_version_releases(engine, acme):
    query(engine, "bad", "select sum(mod(amount, amount - 2)) as value from notes")
    tick_for(engine, 130)
    assert not quarantined(engine)[0]
    query(engine, "bad", "select sum(amount) as value from notes")
    engine.calculate(NOW + timedelta(minutes=131))
    assert failures(engine) == {} and quarantined(engine)[0] and last_month(engine, "bad") == 90


def test_a_formula_over_metrics_is_quarantined_for_the_organization_it_fails_for(engine, acme):
    other = engine.organization("other")
    for organization, value in ((acme, 4), (other, -4)):
        engine.observe(organization, "level", "2025-04-14T10:00:00Z", value)
    engine.metric("level")
    engine.derived("root", {"l": "level"}, calculation_formula="sqrt(l)")
    tick_for(engine, 1)
    for minute in range(2, 140):
        engine.observe(other, "level", "2025-04-14T10:00:00Z", -1)
        engine.calculate(NOW + timedelta(minutes=minute))
    assert failures(engine) == {"root": 8}
    assert "root for other has failed" in quarantined(engine)[1]
    engine.observe(acme, "level", "2025-04-14T11:00:00Z", 5)
    engine.calculate(NOW + timedelta(minutes=141))
    stored = {key[0]: row["value"] for key, row in engine.stored().items() if key[1] == "root"}
    assert stored == {acme: 3, other: None}


def test_a_measure_that_keeps_failing_is_held_and_nothing_of_what_happened_meanwhile_is_lost(engine, acme):
    for name, value in (("bad", "checked"), ("good", "amount")):
        engine.metric(name, source="looks", measures={"n": {"agg": "sum", "value": value}}, time_windows=["daily", "monthly"])
    engine.execute("update host.switch set is_broken = true")
    assert tick_for(engine, 10) == [1, 2, 4, 8]
    assert len(engine.values("good")) == 45 and set(engine.values("good").values()) == {2}
    assert {row["error"] for key, row in engine.stored().items() if key[1] == "bad"} == {"P0001"}
    # Within the look-back and long before it.
    engine.execute("insert into host.notes values ('acme', '2025-04-14 11:00Z', 40), ('acme', '2025-03-02 11:00Z', 50)")
    engine.execute("update host.switch set is_broken = false")
    assert tick_for(engine, 5, 11) == []
    tick_for(engine, 3, 16)
    assert failures(engine) == {}
    assert engine.values("bad")[date(2025, 3, 2)] == 52 and engine.values("bad")[date(2025, 4, 14)] == 42
    assert engine.values("bad", "monthly") == {date(2025, 3, 1): 112, date(2025, 4, 1): 68}
    assert engine.one("select count(*) from yardstick.metric_definitions where last_error_code is not null") == 0
    assert engine.left() == (0, 0)


def test_a_measure_in_quarantine_is_released_with_its_whole_history(engine, acme):
    engine.metric("bad", source="looks", measures={"n": {"agg": "sum", "value": "checked"}})
    engine.execute("update host.switch set is_broken = true")
    tick_for(engine, 130)
    assert failures(engine) == {"bad": 8} and "bad has failed 8 times" in quarantined(engine)[1]
    engine.execute("update host.switch set is_broken = false")
    assert tick_for(engine, 2, 3000) == []
    assert set(engine.values("bad").values()) <= {None}
    engine.refresh(acme, "bad", from_time="2025-04-14T00:00:00Z", to_time="2025-04-14T00:00:00Z")
    engine.calculate(NOW + timedelta(minutes=3010))
    engine.calculate(NOW + timedelta(minutes=3011))
    assert len(engine.values("bad")) == 45 and set(engine.values("bad").values()) == {2}
    assert failures(engine) == {} and quarantined(engine)[0]


def test_a_measure_that_takes_too_long_is_found_and_the_others_stand(engine, acme):
    names = [f"m{number}" for number in range(6)]
    for number, name in enumerate(names):
        engine.metric(name, source="looks", measures={"n": {"agg": "sum", "value": f"amount + {number}"}})
    engine.metric("slow", source="looks", measures={"n": {"agg": "sum", "value": "checked"}})
    engine.observe(acme, "calls", "2025-04-01T10:00:00Z")
    engine.metric("calls")
    engine.execute("update host.switch set seconds = 60")
    engine.execute("set statement_timeout = '6s'")
    for minute in range(1, 60):
        engine.calculate(NOW + timedelta(minutes=minute))
        if all(len(engine.values(name)) == 45 for name in names):
            break
        engine.execute("update yardstick.metric_failures set retry_at = %s", [NOW + timedelta(days=9)])
    assert {name: set(engine.values(name).values()) for name in names} == {name: {2 + n} for n, name in enumerate(names)}
    assert engine.values("calls") == {date(2025, 4, 1): 1}
    assert set(failures(engine)) == {"slow"}
    assert engine.one("select last_error_code from yardstick.metric_definitions where metric_name = 'slow'") == "57014"

    engine.execute("update host.switch set seconds = 0")
    engine.refresh(acme, "slow", **WIDE)
    for minute in range(3):
        engine.calculate(NOW + timedelta(days=10, minutes=minute))
    assert set(engine.values("slow").values()) == {2} and len(engine.values("slow")) == 45
    assert failures(engine) == {} and engine.left() == (0, 0)


@pytest.mark.parametrize("watermark", [{}, {"watermark_column": "happened_at"}, {"capture": True}])
def test_a_source_that_is_locked_holds_nobody_and_loses_nothing(engine, acme, database, watermark):
    engine.door("register_source", {
        "name": "notes", "relation": "host.notes", "time_column": "happened_at", "organization_column": "organization",
        "lookback": "3 days", **watermark,
    })  # fmt: skip
    for name in ("notes", "others"):
        engine.metric(name, source=name, measures={"n": {"agg": "sum", "value": "amount"}}, refresh_frequency="hourly")
    query(engine, "asked", "select sum(amount) as value from notes")
    engine.calculate(NOW)
    assert set(engine.values("notes").values()) == set(engine.values("others").values()) == {2}
    assert last_month(engine, "asked") == 90
    for name in ("notes", "others"):
        engine.execute(f"insert into host.{name} values ('acme', '2025-04-14 11:00Z', 40)")

    with database.connect() as holder, holder.transaction():
        holder.execute("lock table host.notes in access exclusive mode")
        engine.execute("set statement_timeout = '50s'")
        engine.calculate(NOW + timedelta(hours=1))
        engine.calculate(NOW + timedelta(hours=1, minutes=1))
        assert engine.values("others")[date(2025, 4, 14)] == 42
        assert engine.values("notes")[date(2025, 4, 14)] == 2 and last_month(engine, "asked") == 90
        assert engine.execute("select check_name from yardstick_ops.health where not ok and check_name like 'tenancy%'").fetchall() == []
    assert engine.one("select count(*) from yardstick.metric_definitions where last_error_code is not null") == 0
    assert set(failures(engine).values()) <= {0}
    for minute in range(8, 12):
        engine.calculate(NOW + timedelta(hours=1, minutes=minute))
    assert engine.values("notes")[date(2025, 4, 14)] == 42 and last_month(engine, "asked") == 130
    assert failures(engine) == {}


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "53100", "58030"])
def test_a_conflict_with_another_session_or_a_full_disk_is_nobodys_failure(engine, acme, code):
    engine.execute("update host.switch set is_broken = true, code = %s", [code])
    engine.metric("bad", source="looks", measures={"n": {"agg": "sum", "value": "checked"}})
    engine.metric("other", source="others", measures={"n": {"agg": "sum", "value": "amount"}})
    for minute in range(12):
        engine.calculate(NOW + timedelta(minutes=minute))
    assert engine.values("bad") == {} and set(engine.values("other").values()) == {2}
    assert engine.one("select count(*) from yardstick.metric_definitions where last_error_code is not null") == 0
    assert set(failures(engine).values()) <= {0}
    # It waits, for five minutes at most.
    assert engine.left()[0] > 0
    engine.execute("update host.switch set is_broken = false")
    for minute in range(12, 18):
        engine.calculate(NOW + timedelta(minutes=minute))
    assert len(engine.values("bad")) == 45 and set(engine.values("bad").values()) == {2}
    assert engine.left() == (0, 0) and failures(engine) == {}


@pytest.mark.parametrize("code", ["54000", "54001", "53200", "53400", "42883", "XX000"])
def test_what_fails_for_its_own_reasons_fails_alone(engine, acme, code):
    engine.execute("update host.switch set is_broken = true, code = %s", [code])
    names = [f"m{number}" for number in range(9)]
    for number, name in enumerate(names):
        engine.metric(name, source="looks", measures={"n": {"agg": "sum", "value": f"amount + {number}"}})
    engine.metric("bad", source="looks", measures={"n": {"agg": "sum", "value": "checked"}})
    engine.calculate(NOW)
    assert {name: set(engine.values(name).values()) for name in names} == {name: {2 + n} for n, name in enumerate(names)}
    assert failures(engine) == {"bad": 1}
    failed = [row for key, row in engine.stored().items() if key[1] == "bad"]
    assert failed and {(row["value"], row["status"], row["error"]) for row in failed} == {(None, "error", code)}
    assert engine.left() == (0, 0)


def test_a_function_of_the_host_that_keeps_failing_is_quarantined_too(engine, acme):
    engine.execute("""
        create function host.failing(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
        returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
        language plpgsql stable as $$
        begin
            raise exception 'the host says no';
        end $$;
        revoke execute on function host.failing from public;
        grant execute on function host.failing to yardstick_reader;
    """)
    engine.door("register_function", {"name": "failing", "routine": "host.failing"})
    engine.door("define_metric", {
        "metric_name": "called", "display_name": "called", "calculation_method": "function", "data_sources": {"function": "failing"},
        "time_windows": ["monthly"], "refresh_frequency": "real_time",
    })  # fmt: skip
    assert tick_for(engine, 130) == [1, 2, 4, 8, 16, 32, 64, 128]
    assert "called for acme has failed 8 times" in quarantined(engine)[1] and "P0001" in quarantined(engine)[1]
