"""Published cases through the whole engine: certified means and deviations, percentiles of a stated type."""

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from runner import ROOT

REFERENCE = ROOT / "tests" / "reference"
STRD = ["strd_lottery", "strd_mavro", "strd_numacc1", "strd_numacc3", "strd_pidigits"]


def case(name):
    return json.loads((REFERENCE / f"{name}.json").read_text())


def measured(engine, data, measures):
    """Monthly values of measures over a host's rows, spread over days and departments."""
    acme = engine.organization("acme", timezone="America/New_York")
    for name in ("a", "b", "c"):
        engine.door("sync_department", {"external_id": name, "department_name": name}, acme)
    engine.execute("""
        create schema host;
        create table host.rows (org text, at timestamptz, department text, x numeric);
        grant usage on schema host to yardstick_reader;
        grant select on host.rows to yardstick_reader;
    """)
    engine.connection.cursor().executemany(
        "insert into host.rows values ('acme', timestamptz '2025-01-02 12:00Z' + %s * interval '1 hour', (array['a', 'b', 'c'])[1 + %s %% 3], %s)",
        [(number % 600, number, Decimal(str(x))) for number, x in enumerate(data)],
    )
    engine.door("register_source", {
        "name": "rows", "relation": "host.rows", "time_column": "at", "organization_column": "org", "levels": {"dept": "department"}})  # fmt: skip
    for name, measure in measures.items():
        engine.metric(
            name, source="rows", measures={"n": measure}, time_windows=["monthly"], aggregation_levels=["org", "dept"]
        )
    engine.calculate(datetime(2025, 2, 2, tzinfo=UTC))
    return {name: next(iter(engine.values(name, "monthly").values())) for name in measures}


@pytest.mark.parametrize("name", STRD)
def test_means_and_deviations_have_every_certified_digit(engine, name):
    """A value is kept to four places, so it is blown up until its certified digits stand before the point."""
    known = case(name)
    scales = {}
    for statistic in ("mean", "sd"):
        certified = Decimal(known["certified"][statistic])
        scales[statistic] = Decimal(10) ** min(10 - certified.adjusted(), 12)
    found = measured(engine, known["data"], {
        "mean": {"agg": "avg", "value": f"x * {scales['mean']:f}"}, "sd": {"agg": "stddev", "value": f"x * {scales['sd']:f}"}})  # fmt: skip
    for statistic, scale in scales.items():
        certified = Decimal(known["certified"][statistic])
        places = min(-certified.as_tuple().exponent, 4 + scale.adjusted())
        one = Decimal(1).scaleb(-places)
        assert (found[statistic] / scale).quantize(one, ROUND_HALF_UP) == certified.quantize(one, ROUND_HALF_UP), (
            statistic
        )


@pytest.mark.parametrize("name", ["percentile_nist", "quantiles_precip"])
def test_percentiles_are_of_type_seven(engine, name):
    known = case(name)
    expected = known["expected"]
    wanted = {90: expected["type7_p90"]} if "type7_p90" in expected else {
        Decimal(str(p)) * 100: q for p, q in zip(expected["probs"], expected["type7"], strict=True)}  # fmt: skip
    found = measured(engine, known["data"]["x"], {
        f"p{place}": {"agg": "percentile", "p": float(percent), "value": "x * 100000"} for place, percent in enumerate(wanted)})  # fmt: skip
    for place, value in enumerate(wanted.values()):
        assert found[f"p{place}"] / 100000 == pytest.approx(Decimal(str(value)), abs=Decimal("1e-9")), place


@pytest.mark.parametrize("base", [10**7, 1_767_225_600, 99_999_999_000])
def test_large_whole_numbers_that_lie_close_together(engine, calendar, base):
    """Seconds since 1970, cents, bytes: their squares have more digits than a quotient keeps."""
    data = [base + number * 7 % 13 for number in range(41)]
    measures = {"mean": {"agg": "avg", "value": "x"}, "sd": {"agg": "stddev", "value": "x"}}
    found = measured(engine, data, measures)
    mean = Fraction(sum(data), len(data))
    variance = sum((number - mean) ** 2 for number in data) / (len(data) - 1)
    deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    assert found["sd"] == deviation.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    intervals = [row["interval"] for key, row in engine.stored().items() if key[1] == "mean" and key[2] == "org"]
    assert intervals == [calendar.interval_of_mean(data)]
    assert {
        row[0] for row in engine.execute("select is_equal from yardstick_api.verify_rollup('sd', 100)").fetchall()
    } == {True}
    assert engine.exact(
        organization_of(engine), [("sd", "org", None, "monthly", datetime(2025, 2, 2, tzinfo=UTC))]
    ) == [found["sd"]]


def organization_of(engine):
    return engine.one("select id from yardstick.organizations")
