"""What is due, when, and on whose clock."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

HOST = """
create schema host;
create table host.events (
    id integer generated always as identity, organization text, department text, happened_at timestamptz, amount numeric,
    changed_at timestamptz
);
grant usage on schema host to yardstick_reader;
grant select on host.events to yardstick_reader;
"""

SOURCE = {
    "name": "events",
    "relation": "host.events",
    "time_column": "happened_at",
    "organization_column": "organization",
    "levels": {"dept": "department"},
}

TOTAL = {"source": "events", "measures": {"n": {"agg": "sum", "value": "amount"}}}


def at(text):
    """An instant in New York, as 2025-03-03 12:00-05."""
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.fixture
def york(engine):
    """The id of an organization in New York."""
    return engine.organization("york", timezone="America/New_York")


@pytest.fixture
def events(engine, york):
    """Adds a row to a registered source without capture."""
    engine.execute(HOST)
    engine.door("register_source", SOURCE)

    def add(happened_at, amount=1, organization="york", department=None, changed_at=None):
        engine.execute(
            "insert into host.events (organization, department, happened_at, amount, changed_at) values (%s, %s, %s, %s, %s)",
            [organization, department, happened_at, amount, changed_at or happened_at],
        )

    return add


def row(engine, name, first, window="daily", level="org"):
    found = [
        row
        for key, row in engine.stored().items()
        if key[1:3] == (name, level) and key[4:] == (window, date.fromisoformat(first))
    ]
    assert len(found) <= 1
    return found[0] if found else None


def judged(engine, first, window="daily"):
    """Whether a period is complete, its completeness, validity, timeliness, and the score they make."""
    found = row(engine, "calls", first, window)
    return *(found["metadata"][name] for name in ("is_complete", "completeness", "validity", "timeliness")), found["quality"]


def test_a_period_is_complete_from_the_midnight_of_its_organization(engine, york):
    for day in (3, 4, 5):
        engine.observe(york, "calls", f"2025-03-0{day}T15:00:00Z")
    engine.metric("calls", time_windows=["daily", "weekly", "monthly"])
    engine.calculate(at("2025-03-05 23:59-05:00"))
    assert judged(engine, "2025-03-05") == (False, None, None, None, None)
    assert judged(engine, "2025-03-04") == (True, 1, 1, 1, 1)
    assert judged(engine, "2025-03-03", "weekly") == (False, 1, 1, 1, 1)
    assert judged(engine, "2025-03-01", "monthly") == (False, 0.5, 1, 1, Decimal("0.5"))

    engine.calculate(at("2025-03-06 00:00-05:00"))
    assert judged(engine, "2025-03-05") == (True, 1, 1, 1, 1)
    assert judged(engine, "2025-03-01", "monthly") == (False, 0.6, 1, 1, Decimal("0.6"))
    engine.calculate(at("2025-03-10 00:00-04:00"))
    assert judged(engine, "2025-03-03", "weekly") == (True, 0.4286, 1, 0.4286, Decimal("0.18"))
    # A month after, without a call between.
    engine.calculate(at("2025-04-01 00:00-04:00"))
    assert judged(engine, "2025-03-01", "monthly") == (True, 0.0968, 1, 0.1613, Decimal("0.02"))


@pytest.mark.parametrize("others", [0, 20], ids=["whole periods", "few cells of many"])
def test_a_week_counts_in_the_month_quarter_and_year_it_ends_in_whichever_of_its_days_changes(engine, york, others):
    for number in range(others):
        engine.metric(f"other_{number}", time_windows=["weekly", "monthly"])
        engine.observe(york, f"other_{number}", "2024-12-30T15:00:00Z")
    engine.metric("calls", time_windows=["weekly", "monthly", "quarterly", "annual"])
    for day in ("2024-12-30", "2025-01-02", "2025-01-15"):
        engine.observe(york, "calls", f"{day}T15:00:00Z")
    engine.calculate(at("2026-01-05 12:00-05:00"))
    longer = {"monthly": (2, 4), "quarterly": (2, 13), "annual": (2, 52)}

    def shares():
        return {window: judged(engine, "2025-01-01", window)[1] for window in longer}

    assert shares() == {window: round(weeks / of, 4) for window, (weeks, of) in longer.items()}
    # The week of the turn of the year keeps a row of the year before alone, and then none.
    for minute, day, weeks in ((1, "2025-01-02", 2), (2, "2024-12-30", 1)):
        engine.execute(
            "update yardstick.analytics_metrics set is_deleted = true where metric_name = 'calls' and measurement_date = %s",
            [f"{day}T15:00:00Z"],
        )
        engine.calculate(at(f"2026-01-05 12:0{minute}-05:00"))
        assert shares() == {window: round(weeks / of, 4) for window, (_, of) in longer.items()}
    engine.observe(york, "calls", "2024-12-30T15:00:00Z")
    engine.calculate(at("2026-01-05 12:03-05:00"))
    assert shares() == {window: round(weeks / of, 4) for window, (weeks, of) in longer.items()}


def test_nothing_is_due_twice(engine, york, events):
    for day in range(1, 28):
        events(f"2025-03-{day:02}T15:00:00Z", day)
        engine.observe(york, "calls", f"2025-03-{day:02}T15:00:00Z")
    engine.metric("calls", time_windows=["daily", "weekly", "monthly", "quarterly", "annual"])
    engine.metric("amounts", source="events", measures=TOTAL["measures"], refresh_frequency="hourly")
    now = at("2025-03-27 14:30-04:00")
    engine.calculate(now)
    known = engine.traces()
    for later in (0, 29, 31, 95):
        engine.calculate(now + timedelta(minutes=later))
        assert engine.traces() == known
        assert engine.left() == (0, 0)


def test_a_tick_without_work_does_not_mark_every_organization_anew(engine, york):
    engine.organization("more")
    engine.observe(york, "calls", "2025-03-27T15:00:00Z")
    engine.metric("calls")
    now = at("2025-03-27 14:30-04:00")
    engine.calculate(now)

    def marks():
        return engine.execute(
            "select organization_id, refresh_frequency, refreshed_to, xmin::text from yardstick.metric_refreshes order by 1, 2"
        ).fetchall()

    known = marks()
    assert len({mark[0] for mark in known if mark[1] == "real_time"}) == 2
    for minute in (1, 2, 9):
        engine.observe(york, "calls", f"2025-03-27T15:0{minute}:00Z")
        engine.calculate(now + timedelta(minutes=minute))
        assert engine.values("calls") == {date(2025, 3, 27): engine.one("select count(*) from yardstick.analytics_metrics")}
        assert marks() == known
    engine.calculate(now + timedelta(minutes=10))
    assert {mark[2] for mark in marks() if mark[1] == "real_time"} == {now + timedelta(minutes=10)}


def test_a_clock_that_goes_back_changes_nothing(engine, york, events):
    for day in (20, 25, 26):
        events(f"2025-03-{day}T15:00:00Z", day)
        engine.observe(york, "calls", f"2025-03-{day}T15:00:00Z")
    engine.metric("calls", time_windows=["daily", "monthly"])
    engine.metric("amounts", source="events", measures=TOTAL["measures"])
    engine.calculate(at("2025-03-27 14:30-04:00"))
    known = engine.traces()
    for day in (26, 21, 2):
        engine.calculate(at(f"2025-03-{day:02} 01:00-04:00"))
        assert engine.traces() == known
    engine.calculate(at("2025-03-27 14:31-04:00"))
    assert engine.traces() == known


def test_a_worker_that_began_before_midnight_knows_what_another_has_closed_since(engine, york, events):
    keys = {"time_windows": ["daily", "weekly", "monthly"]}
    engine.metric("calls", **keys)
    engine.derived("twice", {"calls": "calls"}, calculation_formula="2 * calls", **keys)
    engine.door("define_metric", {
        "metric_name": "asked", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["events"]},
        "calculation_formula": "select sum(amount) as value from events where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()",
        "refresh_frequency": "real_time", **keys,
    })  # fmt: skip
    names = ("calls", "twice", "asked")
    # Spring forward lies between: the last day of the week has 23 hours.
    before, after = at("2025-03-09 23:59-04:00"), at("2025-03-10 00:00-04:00")
    for day in (3, 9):
        engine.observe(york, "calls", f"2025-03-{day:02}T15:00:00Z")
        events(f"2025-03-{day:02}T15:00:00Z")
    engine.calculate(before)
    for name in names:
        assert not row(engine, name, "2025-03-09")["metadata"]["is_complete"], name
    engine.calculate(after)
    # What comes now is queued by one worker, and valued by another whose call began a minute ago.
    engine.observe(york, "calls", "2025-03-09T16:00:00Z", 5)
    events("2025-03-09T16:00:00Z", 5)
    engine.execute("select yardstick_engine.queue_history(d.id) from yardstick.metric_definitions as d where d.metric_name = 'asked'")
    engine.execute("select yardstick_engine.plan_due(%s)", [after + timedelta(seconds=1)])
    engine.calculate(before)
    for name, value in zip(names, (6, 12, 6), strict=True):
        found = row(engine, name, "2025-03-09")
        assert (found["value"], found["metadata"]["is_complete"], found["quality"]) == (value, True, 1), name
        assert row(engine, name, "2025-03-03", "weekly")["metadata"]["is_complete"], name
        assert row(engine, name, "2025-03-01", "monthly")["metadata"]["completeness"] == pytest.approx(2 / 9, abs=1e-4), name
    engine.check_against_nothing(after)


@pytest.mark.parametrize(
    ("frequency", "before", "after"),
    [
        ("real_time", None, "2025-03-05 10:20-05:00"),
        ("hourly", "2025-03-05 10:59-05:00", "2025-03-05 11:00-05:00"),
        ("daily", "2025-03-05 23:59-05:00", "2025-03-06 00:00-05:00"),
        ("weekly", "2025-03-09 23:59-04:00", "2025-03-10 00:00-04:00"),
        ("monthly", "2025-03-31 23:59-04:00", "2025-04-01 00:00-04:00"),
        ("on_demand", "2025-09-01 00:00-04:00", None),
    ],
)
def test_a_metric_falls_due_on_the_clock_of_its_organization(engine, york, frequency, before, after):
    engine.observe(york, "calls", "2025-03-04T15:00:00Z")
    engine.metric("calls", refresh_frequency=frequency)
    engine.calculate(at("2025-03-05 10:10-05:00"))
    assert engine.values("calls") == {date(2025, 3, 4): 1}
    engine.observe(york, "calls", "2025-03-04T16:00:00Z", 10)
    if before:
        engine.calculate(at(before))
        assert engine.values("calls") == {date(2025, 3, 4): 1}
    if after:
        engine.calculate(at(after))
    else:
        assert engine.refresh(york, "calls", "2025-03-04T00:00:00Z", "2025-03-04T12:00:00Z") == 1
        engine.calculate(at("2025-09-01 00:00-04:00"))
    assert engine.values("calls") == {date(2025, 3, 4): 11}
    assert engine.left() == (0, 0)


def test_late_rows_of_a_source_without_capture_are_found_within_the_look_back(engine, york, events):
    events("2025-03-01T15:00:00Z", 1)
    engine.metric("amounts", source="events", measures=TOTAL["measures"])
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    events("2025-03-14T15:00:00Z", 2)
    events("2025-03-01T16:00:00Z", 4)
    engine.calculate(now + timedelta(minutes=1))
    assert engine.values("amounts") == {date(2025, 3, 1): 1, date(2025, 3, 14): 2}
    assert engine.refresh(york, "amounts", "2025-03-01T15:00:00Z", "2025-03-01T15:00:00Z") == 1
    engine.calculate(now + timedelta(minutes=2))
    assert engine.values("amounts") == {date(2025, 3, 1): 5, date(2025, 3, 14): 2}
    # What was changed and what was deleted is found as well.
    engine.execute("update host.events set amount = 7 where happened_at = '2025-03-14T15:00:00Z'")
    engine.calculate(now + timedelta(minutes=3))
    assert engine.values("amounts")[date(2025, 3, 14)] == 7
    engine.execute("delete from host.events where amount = 7")
    engine.calculate(now + timedelta(minutes=4))
    gone = row(engine, "amounts", "2025-03-14")
    assert (gone["value"], gone["status"], gone["sample"]) == (None, "warning", 0)


def test_rows_past_the_watermark_are_found_however_old_they_are(engine, york, events):
    engine.door("register_source", {**SOURCE, "watermark_column": "changed_at", "lookback": "1 hour"})
    events("2025-03-01T15:00:00Z", 1)
    engine.metric("amounts", source="events", measures=TOTAL["measures"])
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    engine.calculate(now + timedelta(minutes=1))
    events("2024-06-01T15:00:00Z", 2, changed_at="2025-03-20T16:01:30Z")
    engine.calculate(now + timedelta(minutes=2))
    events("2024-06-02T15:00:00Z", 4, changed_at="2025-03-20T16:02:30Z")
    # Committed late, with a time before the mark but within the look-back.
    events("2024-06-03T15:00:00Z", 8, changed_at="2025-03-20T15:30:00Z")
    events("2024-06-04T15:00:00Z", 16, changed_at="2025-03-20T12:00:00Z")
    engine.calculate(now + timedelta(minutes=3))
    assert engine.values("amounts") == {
        date(2025, 3, 1): 1, date(2024, 6, 1): 2, date(2024, 6, 2): 4, date(2024, 6, 3): 8,
    }  # fmt: skip


def test_a_source_that_was_empty_gets_its_history_later(engine, york, events):
    engine.metric("amounts", source="events", measures=TOTAL["measures"])
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    events("2024-01-10T15:00:00Z", 3)
    engine.calculate(now + timedelta(minutes=1))
    assert engine.values("amounts") == {date(2024, 1, 10): 3}


def test_a_metric_that_no_row_is_about_costs_nothing(engine, york, events):
    events("2024-01-10T15:00:00Z", 3)
    engine.observe(york, "calls", "2025-03-04T15:00:00Z")
    engine.metric("amounts", source="events", measures={"n": {"agg": "sum", "value": "amount", "where": "amount > 5"}})
    engine.metric("letters")
    now = at("2025-03-20 12:00-04:00")
    for minute in range(3):
        # Anything that goes on for ever meets the time limit.
        engine.execute("set statement_timeout = '10s'")
        engine.calculate(now + timedelta(minutes=minute))
        assert engine.left() == (0, 0)
    events("2025-03-19T15:00:00Z", 7)
    engine.calculate(now + timedelta(minutes=5))
    assert engine.values("amounts") == {date(2025, 3, 19): 7}


def test_a_changed_definition_is_calculated_anew(engine, york):
    team = engine.door("sync_team", {"external_id": "t", "team_name": "T"}, york)
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 6, team_id=team)
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 2)
    now = at("2025-03-20 12:00-04:00")
    engine.metric("calls")
    engine.calculate(now)
    assert (row(engine, "calls", "2025-03-04")["value"], row(engine, "calls", "2025-03-04")["version"]) == (8, 1)
    engine.metric("calls", aggregation_levels=["org", "team"])
    engine.calculate(now)
    assert row(engine, "calls", "2025-03-04", level="team")["value"] == 6
    engine.metric(
        "calls", key="calls", measures={"s": {"agg": "sum"}, "n": {"agg": "count"}}, calculation_formula="s / n",
        aggregation_levels=["org", "team"], time_windows=["daily", "weekly"],
    )  # fmt: skip
    engine.calculate(now)
    assert row(engine, "calls", "2025-03-04")["value"] == 4
    assert row(engine, "calls", "2025-03-03", "weekly")["value"] == 4
    assert {row["version"] for row in engine.stored().values()} == {3}


def test_a_metric_that_is_not_active_is_not_calculated(engine, york):
    engine.observe(york, "calls", "2025-03-04T15:00:00Z")
    engine.metric("calls", is_active=False)
    engine.calculate(at("2025-03-20 12:00-04:00"))
    assert engine.stored() == {}
    engine.metric("calls")
    engine.calculate(at("2025-03-20 12:01-04:00"))
    engine.metric("calls", is_active=False)
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 5)
    engine.calculate(at("2025-03-20 12:02-04:00"))
    assert engine.values("calls") == {date(2025, 3, 4): 1}
    # What happened meanwhile is caught up with.
    engine.metric("calls")
    engine.calculate(at("2025-03-20 12:03-04:00"))
    assert engine.values("calls") == {date(2025, 3, 4): 6}


def test_the_metric_of_an_organization_hides_that_of_the_platform(engine, york):
    other = engine.organization("other", timezone="Asia/Tokyo")
    for organization in (york, other):
        engine.observe(organization, "calls", "2025-03-04T15:00:00Z", 5)
    platform = engine.metric("calls")
    own = engine.metric("calls", york, measures={"n": {"agg": "count"}}, key="calls")
    engine.calculate(at("2025-03-20 12:00-04:00"))
    found = engine.execute(
        "select organization_id, metric_id, metric_value from yardstick.metric_calculations"
    ).fetchall()
    assert sorted(found) == sorted([(york, own, Decimal(1)), (other, platform, Decimal(5))])


def test_targets_hold_from_their_date_for_their_scope(engine, york):
    department = engine.door("sync_department", {"external_id": "d", "department_name": "D"}, york)
    for day in (3, 4, 5):
        engine.observe(york, "calls", f"2025-03-0{day}T15:00:00Z", 10, department_id=department)
    engine.metric("calls", aggregation_levels=["org", "dept"], target_value=8, direction="higher_better")
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    assert {(r["target"], r["variance"]) for r in engine.stored().values()} == {(8, 2)}

    engine.door("set_target", {"metric_name": "calls", "target_value": 11, "effective_from": "2025-03-04"}, york)
    scope = {"level": "dept", "id": department}
    engine.door(
        "set_target",
        {"metric_name": "calls", "target_value": 12.5, "effective_from": "2025-03-05", "scope": scope},
        york,
    )
    engine.calculate(now)
    assert [
        (
            row(engine, "calls", f"2025-03-0{day}", level=level)["target"],
            row(engine, "calls", f"2025-03-0{day}", level=level)["variance"],
        )
        for level in ("org", "dept")
        for day in (3, 4, 5)
    ] == [(8, 2), (11, -1), (11, -1), (8, 2), (11, -1), (Decimal("12.5"), Decimal("-2.5"))]


@pytest.mark.parametrize(("value", "variance"), [(3, -1), (4, 0), (5, 0), (6, 0), (9.5, 3.5)])
def test_a_range_is_missed_by_the_distance_to_its_nearer_bound(engine, york, value, variance):
    engine.observe(york, "heat", "2025-03-04T15:00:00Z", value)
    engine.metric("heat", direction="target_range", target_low=4, target_high=6, target_value=5)
    engine.calculate(at("2025-03-20 12:00-04:00"))
    assert float(row(engine, "heat", "2025-03-04")["variance"]) == variance


def test_a_denominator_of_zero_is_no_value_and_a_warning(engine, york):
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 0)
    engine.observe(york, "calls", "2025-03-05T15:00:00Z", 4)
    engine.metric(
        "ratio", key="calls", measures={"n": {"agg": "count"}, "s": {"agg": "sum"}}, calculation_formula="n / s",
        time_windows=["daily", "weekly"],
    )  # fmt: skip
    engine.calculate(at("2025-03-20 12:00-04:00"))
    none = row(engine, "ratio", "2025-03-04")
    assert (none["value"], none["status"], none["sample"], none["error"]) == (None, "warning", 1, None)
    assert "denominator" in none["notes"]
    some = row(engine, "ratio", "2025-03-05")
    assert (some["value"], some["previous"], some["change"]) == (Decimal("0.25"), None, None)
    assert row(engine, "ratio", "2025-03-03", "weekly")["value"] == Decimal("0.5")


def test_a_late_row_changes_what_the_next_period_calls_previous(engine, york):
    for day in ("2024-12-31", "2025-01-01"):
        engine.observe(york, "calls", f"{day}T17:00:00Z", 4)
    windows = {
        "daily": "2025-01-01",
        "weekly": "2025-01-06",
        "monthly": "2025-01-01",
        "quarterly": "2025-01-01",
        "annual": "2025-01-01",
    }
    engine.observe(york, "calls", "2025-01-07T17:00:00Z", 4)
    engine.metric("calls", time_windows=list(windows))
    now = at("2025-01-20 12:00-05:00")
    engine.calculate(now)
    assert [row(engine, "calls", first, window)["previous"] for window, first in windows.items()] == [4, 8, 4, 4, 4]
    engine.observe(york, "calls", "2024-12-31T18:00:00Z", 1)
    engine.calculate(now + timedelta(minutes=1))
    assert [row(engine, "calls", first, window)["previous"] for window, first in windows.items()] == [5, 9, 5, 5, 5]
    assert row(engine, "calls", "2025-01-01")["change"] == -20
    engine.execute("delete from yardstick.analytics_metrics where measurement_date < '2025-01-01'")
    engine.calculate(now + timedelta(minutes=2))
    assert [row(engine, "calls", first, window)["previous"] for window, first in windows.items()] == [
        None,
        4,
        None,
        None,
        None,
    ]


def test_rows_of_nobody_we_know_are_left_out(engine, york, events):
    department = engine.door("sync_department", {"external_id": "17", "department_name": "D"}, york)
    events("2025-03-04T15:00:00Z", 1, department="17")
    events("2025-03-04T15:00:00Z", 2, department=str(department))
    events("2025-03-04T15:00:00Z", 4, department="18")
    events("2025-03-04T15:00:00Z", 8)
    events("2025-03-04T15:00:00Z", 16, organization="nobody")
    events("2025-03-04T15:00:00Z", 32, organization=None)
    events("2025-03-04T15:00:00Z", 64, organization=str(york))
    engine.metric("amounts", source="events", measures=TOTAL["measures"], aggregation_levels=["org", "dept"])
    engine.calculate(at("2025-03-20 12:00-04:00"))
    assert {key[2:4]: row["value"] for key, row in engine.stored().items()} == {
        ("org", york): 79,
        ("dept", department): 3,
    }


def test_another_calendar_gives_other_periods(engine, york):
    for hour in (1, 3, 15):
        engine.observe(york, "calls", f"2025-03-02T{hour:02}:00:00Z", hour)
    engine.metric("calls", time_windows=["daily", "weekly"])
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    assert engine.values("calls") == {date(2025, 3, 1): 4, date(2025, 3, 2): 15}
    engine.organization("york", timezone="Asia/Tokyo", week_start=7)
    engine.calculate(now)
    assert engine.values("calls") == {date(2025, 3, 2): 4, date(2025, 3, 3): 15}
    assert engine.values("calls", "weekly") == {date(2025, 3, 2): 19}


def test_a_department_that_moves_takes_its_values_along(engine, york):
    above, other = (engine.door("sync_department", {"external_id": n, "department_name": n}, york) for n in "ab")
    below = engine.door(
        "sync_department", {"external_id": "c", "department_name": "c", "parent_department_id": above}, york
    )
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 3, department_id=below)
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 1, department_id=other)
    engine.metric("calls", aggregation_levels=["dept"])
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    assert {key[3]: row["value"] for key, row in engine.stored().items()} == {above: 3, below: 3, other: 1}
    engine.door("sync_department", {"external_id": "c", "parent_department_id": other}, york)
    engine.calculate(now)
    assert {key[3]: row["value"] for key, row in engine.stored().items()} == {above: None, below: 3, other: 4}


def test_a_department_that_moves_leaves_no_rows_behind_where_there_was_no_value(engine, york):
    above = engine.door("sync_department", {"external_id": "a", "department_name": "a"}, york)
    below = engine.door(
        "sync_department", {"external_id": "c", "department_name": "c", "parent_department_id": above}, york
    )
    engine.observe(york, "calls", "2025-03-04T15:00:00Z", 3, department_id=below)
    measures = {"dear": {"agg": "sum"}, "cheap": {"agg": "count", "where": "value < 0"}}
    engine.metric("share", measures=measures, key="calls", calculation_formula="dear / cheap", aggregation_levels=["dept"])
    now = at("2025-03-20 12:00-04:00")
    engine.calculate(now)
    assert {key[3]: (row["value"], row["sample"]) for key, row in engine.stored().items()} == {above: (None, 1), below: (None, 1)}
    engine.door("sync_department", {"external_id": "c", "parent_department_id": None}, york)
    engine.calculate(now)
    rows = {key[3]: row for key, row in engine.stored().items()}
    assert [(rows[key]["sample"], rows[key]["notes"][:14]) for key in (above, below)] == [(0, "no source rows"), (1, "there are rows")]
