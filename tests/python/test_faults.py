"""A metric that fails fails alone, and no further than its bad rows reach."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)

HOST = """
create schema host;
create table host.notes (organization text, happened_at timestamptz, amount_text text, reading double precision, big numeric);
create index on host.notes (happened_at);
insert into host.notes
select 'acme', d.day + interval '10 hours', '2', 1.5, 7
from generate_series(timestamptz '2024-01-01 00:00Z', '2025-04-14 00:00Z', interval '1 day') as d (day);
grant usage on schema host to yardstick_reader;
grant select on host.notes to yardstick_reader;
"""


@pytest.fixture
def acme(engine):
    engine.execute(HOST)
    organization = engine.organization("acme")
    engine.door(
        "register_source",
        {
            "name": "notes",
            "relation": "host.notes",
            "time_column": "happened_at",
            "organization_column": "organization",
        },
    )
    return organization


def define(engine, name, measures, **keys):
    return engine.metric(name, source="notes", measures=measures, **{"time_windows": ["daily", "monthly"], **keys})


TEXT = {"n": {"agg": "sum", "value": "amount_text::numeric"}}


def errors(engine, name):
    return {
        key[4:6]: row["error"] for key, row in engine.stored().items() if key[1] == name and row["status"] == "error"
    }


def failing(engine):
    return dict(
        engine.execute(
            "select metric_name, last_error_code from yardstick.metric_definitions where last_error_code is not null"
        ).fetchall()
    )


def test_a_bad_row_costs_the_periods_that_hold_it(engine, acme):
    engine.execute("update host.notes set amount_text = 'two' where happened_at::date = '2024-08-14'")
    define(engine, "texts", TEXT)
    define(engine, "sound", {"n": {"agg": "count"}})
    engine.calculate(NOW)
    assert engine.execute("select error_code, error_message from yardstick.calculation_slices limit 2").fetchall() == []
    assert len(engine.values("sound")) == 470
    assert errors(engine, "sound") == {}
    # The month is not known either: what could be read of it is not the month.
    assert errors(engine, "texts") == {("daily", date(2024, 8, 14)): "22P02", ("monthly", date(2024, 8, 1)): "22P02"}
    values = engine.values("texts")
    assert len(values) == 470 and set(values.values()) == {2, None}
    assert failing(engine) == {"texts": "22P02"}
    assert engine.left() == (0, 0)

    # Other days come, and the bad one is not forgotten.
    engine.execute("insert into host.notes values ('acme', '2025-04-15 10:00Z', '4', 1, 1)")
    engine.refresh(acme, "texts", "2024-08-20T00:00:00Z", "2024-08-20T00:00:00Z")
    engine.calculate(NOW + timedelta(seconds=1))
    assert engine.values("texts")[date(2025, 4, 15)] == 4
    assert set(errors(engine, "texts")) == {("daily", date(2024, 8, 14)), ("monthly", date(2024, 8, 1))}
    assert failing(engine) == {"texts": "22P02"}

    engine.execute("update host.notes set amount_text = '5' where amount_text = 'two'")
    engine.refresh(acme, "texts", "2024-08-14T00:00:00Z", "2024-08-14T00:00:00Z")
    engine.calculate(NOW + timedelta(minutes=1))
    assert engine.values("texts")[date(2024, 8, 14)] == 5
    assert engine.values("texts", "monthly")[date(2024, 8, 1)] == 65
    assert errors(engine, "texts") == failing(engine) == {}


def test_a_metric_whose_every_row_is_bad_does_not_stop_the_others(engine, acme):
    engine.execute("update host.notes set amount_text = 'two'")
    define(engine, "texts", TEXT)
    define(engine, "mean", {"n": {"agg": "avg", "value": "reading"}})
    engine.calculate(NOW)
    assert set(engine.values("mean").values()) == {Decimal("1.5")}
    assert set(engine.values("texts").values()) == {None}
    assert set(errors(engine, "texts").values()) == {"22P02"}
    assert failing(engine) == {"texts": "22P02"}
    assert engine.left() == (0, 0)


@pytest.mark.parametrize(
    ("formula", "code"), [("ln(s)", "2201E"), ("sqrt(s - 1)", "2201F"), ("power(10, s * 200000)", "22003")]
)
def test_a_formula_that_fails_fails_where_it_does(engine, acme, formula, code):
    good, bad = ("0.00001", "9") if code == "22003" else ("1", "0")
    engine.execute("update host.notes set amount_text = %s", [good])
    engine.execute("update host.notes set amount_text = %s where happened_at::date = '2024-08-14'", [bad])
    define(engine, "formula", {"s": TEXT["n"]}, calculation_formula=formula, time_windows=["daily"])
    define(engine, "texts", TEXT)
    engine.calculate(NOW)
    assert errors(engine, "formula") == {("daily", date(2024, 8, 14)): code}
    assert len([value for value in engine.values("formula").values() if value is not None]) == 469
    assert errors(engine, "texts") == {}
    assert failing(engine) == {"formula": code}
    engine.execute("update host.notes set amount_text = %s", [good])
    engine.refresh(acme, "formula", "2024-08-14T00:00:00Z", "2024-08-14T00:00:00Z")
    engine.calculate(NOW + timedelta(minutes=1))
    assert errors(engine, "formula") == {}


def test_a_formula_that_always_fails_does_not_stop_the_others(engine, acme):
    define(engine, "formula", {"s": TEXT["n"]}, calculation_formula="sqrt(0 - s)")
    define(engine, "texts", TEXT)
    engine.calculate(NOW)
    assert len(errors(engine, "formula")) == 470 + 16
    assert set(errors(engine, "formula").values()) == {"2201F"}
    assert set(engine.values("texts").values()) == {2}
    assert failing(engine) == {"formula": "2201F"}


def test_a_value_too_large_to_store_is_an_error(engine, acme):
    engine.execute("update host.notes set big = 99999999999.99994 where happened_at::date = '2024-08-14'")
    engine.execute("update host.notes set big = -1e11 where happened_at::date = '2024-08-15'")
    define(engine, "large", {"n": {"agg": "sum", "value": "big"}})
    engine.calculate(NOW)
    found = {key[5]: row for key, row in engine.stored().items() if key[4] == "daily"}
    assert found[date(2024, 8, 14)]["value"] == Decimal("99999999999.9999")
    wrong = found[date(2024, 8, 15)]
    assert (wrong["value"], wrong["status"], wrong["error"], wrong["sample"]) == (None, "error", "22003", 1)
    assert (found[date(2024, 8, 16)]["value"], found[date(2024, 8, 16)]["previous"]) == (7, None)


def test_what_is_no_number_is_no_reading(engine, acme):
    for day, reading in ((10, "NaN"), (11, "Infinity"), (12, "-Infinity")):
        engine.execute("insert into host.notes values ('acme', %s, '1', %s, 1)", [f"2025-04-{day}T11:00:00Z", reading])
    define(engine, "readings", {"n": {"agg": "sum", "value": "reading"}})
    define(engine, "mean", {"n": {"agg": "avg", "value": "reading"}})
    define(engine, "highest", {"n": {"agg": "max", "value": "reading"}})
    for agg in ("count", "count_distinct"):
        define(engine, agg, {"n": {"agg": agg, "value": "reading"}})
    engine.calculate(NOW)
    for name in ("count", "count_distinct"):
        assert {engine.values(name)[date(2025, 4, day)] for day in (9, 10, 11, 12)} == {1}
    for name in ("readings", "mean", "highest"):
        assert {engine.values(name)[date(2025, 4, day)] for day in (9, 10, 11, 12)} == {Decimal("1.5")}
    assert failing(engine) == {}


def test_a_source_that_is_gone_fails_its_own_metrics(engine, acme):
    define(engine, "texts", TEXT)
    engine.observe(acme, "calls", "2025-04-01T10:00:00Z")
    engine.metric("calls")
    engine.execute("alter table host.notes rename to moved")
    engine.calculate(NOW)
    assert engine.values("calls") == {date(2025, 4, 1): 1}
    assert failing(engine) == {"texts": "YS009"}
    assert "register the source notes again" in engine.one(
        "select last_error from yardstick.metric_definitions where last_error_code = 'YS009'"
    )
    engine.calculate(NOW + timedelta(minutes=1))
    engine.execute("alter table host.moved rename to notes")
    engine.calculate(NOW + timedelta(minutes=2))
    assert failing(engine) == {}
    values = engine.values("texts")
    assert len(values) == 470 and set(values.values()) == {2}
    assert engine.left() == (0, 0)


@pytest.mark.parametrize("watermark", [{}, {"watermark_column": "happened_at"}])
def test_a_source_that_is_gone_before_its_first_row_came_stops_nobody(engine, acme, watermark):
    engine.execute("delete from host.notes")
    engine.door(
        "register_source",
        {
            "name": "notes", "relation": "host.notes", "time_column": "happened_at", "organization_column": "organization",
            **watermark,
        },
    )  # fmt: skip
    define(engine, "texts", TEXT)
    engine.metric("calls")
    engine.calculate(NOW)
    engine.execute("alter table host.notes rename to moved")
    engine.observe(acme, "calls", "2025-04-01T10:00:00Z")
    engine.calculate(NOW + timedelta(minutes=1))
    assert engine.values("calls") == {date(2025, 4, 1): 1}
    assert failing(engine)["texts"] == "YS009"
    engine.execute("alter table host.moved rename to notes")
    engine.execute("insert into host.notes values ('acme', '2024-01-01 10:00Z', '2', 1, 1)")
    for minute in (2, 3):
        engine.calculate(NOW + timedelta(minutes=minute))
    assert engine.values("texts") == {date(2024, 1, 1): 2}
    assert failing(engine) == {}


def test_a_definition_that_is_mended_is_calculated_anew(engine, acme):
    engine.execute("update host.notes set amount_text = 'two' where happened_at::date = '2024-08-14'")
    define(engine, "texts", TEXT)
    engine.calculate(NOW)
    assert failing(engine) == {"texts": "22P02"}
    define(engine, "texts", {"n": {**TEXT["n"], "where": "amount_text <> 'two'"}})
    engine.calculate(NOW + timedelta(minutes=1))
    assert errors(engine, "texts") == failing(engine) == {}
    assert engine.values("texts", "monthly")[date(2024, 8, 1)] == 60
    assert date(2024, 8, 14) not in engine.values("texts")
