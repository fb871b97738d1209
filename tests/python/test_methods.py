"""Ways to define a metric beyond the rows of a source: filled periods, recorded values, metrics made of metrics."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest


def at(year, month, day, hour=12):
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def acme(engine):
    engine.acme = engine.organization("acme", timezone="Europe/Berlin")
    return engine


def recorded(engine, name, values):
    """Noon of a day -> value, for acme."""
    engine.record(
        engine.acme,
        [{"metric_name": name, "measured_at": f"2025-{month:02}-{day:02}T11:00:00Z", "value": value}
         for (month, day), value in values.items()],
    )  # fmt: skip


def test_a_count_filled_with_zero_has_a_value_from_its_first_row_on(acme):
    recorded(acme, "incidents", {(1, 3): 1, (1, 6): 2})
    acme.metric(
        "incidents", measures={"n": {"agg": "count"}}, key="incidents", time_windows=["daily", "monthly"],
        data_sources={"source": "analytics_metrics", "key": "incidents", "measures": {"n": {"agg": "count"}}, "fill": "zero"},
    )  # fmt: skip
    acme.calculate(at(2025, 1, 9))
    wanted = {date(2025, 1, day): Decimal(int(day in (3, 6))) for day in range(3, 10)}
    assert acme.values("incidents") == wanted
    rows = {key[5]: row for key, row in acme.stored().items() if key[4] == "daily"}
    assert (rows[date(2025, 1, 4)]["sample"], rows[date(2025, 1, 4)]["status"]) == (0, "success")
    assert rows[date(2025, 1, 4)]["change"] == Decimal("-100.00")

    # The day goes by, and two months: each is filled when it ends.
    acme.calculate(at(2025, 3, 2))
    assert acme.values("incidents")[date(2025, 2, 28)] == 0
    assert acme.values("incidents", "monthly") == {
        date(2025, 1, 1): Decimal(2), date(2025, 2, 1): Decimal(0), date(2025, 3, 1): Decimal(0),
    }  # fmt: skip
    known = acme.traces()
    acme.calculate(at(2025, 3, 2, 13))
    assert acme.traces() == known

    # Late rows take the place of a zero, and a deleted row leaves one.
    recorded(acme, "incidents", {(2, 10): 5})
    acme.execute("delete from yardstick.analytics_metrics where value = 2")
    acme.calculate(at(2025, 3, 2, 14))
    values = acme.values("incidents")
    assert (values[date(2025, 2, 10)], values[date(2025, 1, 6)]) == (1, 0)


def test_a_rate_of_nothing_stays_absent_where_its_counts_are_filled(acme):
    recorded(acme, "checks", {(1, 3): 1, (1, 5): 9})
    acme.metric(
        "rate", calculation_formula="100.0 * high / seen",
        data_sources={
            "source": "analytics_metrics", "key": "checks", "fill": "zero",
            "measures": {"high": {"agg": "count", "where": "value > 5"}, "seen": {"agg": "count"}},
        },
    )  # fmt: skip
    acme.calculate(at(2025, 1, 6))
    assert acme.values("rate") == {
        date(2025, 1, 3): 0, date(2025, 1, 4): None, date(2025, 1, 5): 100, date(2025, 1, 6): None,
    }  # fmt: skip


def test_a_stock_is_carried_forward_and_follows_corrections(acme):
    recorded(acme, "open_capas", {(1, 3): 40, (1, 6): 35})
    acme.metric(
        "open_capas",
        data_sources={
            "source": "analytics_metrics", "key": "open_capas", "fill": "carry_forward",
            "measures": {"n": {"agg": "last"}},
        },
    )  # fmt: skip
    acme.calculate(at(2025, 1, 9))
    assert [int(v) for v in acme.values("open_capas").values()] == [40, 40, 40, 35, 35, 35, 35]
    rows = {key[5]: row for key, row in acme.stored().items()}
    assert rows[date(2025, 1, 8)]["notes"] == "no source rows: the value before is carried forward"

    acme.execute("update yardstick.analytics_metrics set value = 41 where value = 40")
    recorded(acme, "open_capas", {(1, 8): 30})
    acme.calculate(at(2025, 1, 9, 13))
    values = acme.values("open_capas")
    assert [int(values[d]) for d in sorted(values)] == [41, 41, 41, 35, 35, 30, 30]


def test_values_of_another_system_are_recorded_and_rolled_up(acme):
    for name, keys in {
        "uptime": {"metric_type": "percentage"},
        "tickets": {"metric_type": "count"},
        "load": {"data_sources": {"agg": "max"}},
    }.items():
        acme.door(
            "define_metric",
            {"metric_name": name, "display_name": name, "calculation_method": "external", "time_windows": ["daily", "monthly"],
             "refresh_frequency": "real_time", **keys},
            acme.acme,
        )  # fmt: skip
        recorded(acme, name, {(1, 3): 7, (1, 4): 99, (1, 5): 12})
    acme.calculate(at(2025, 1, 6))
    january = date(2025, 1, 1)
    assert acme.values("uptime", "monthly") == {january: 12}
    assert acme.values("tickets", "monthly") == {january: 118}
    assert acme.values("load", "monthly") == {january: 99}
    assert acme.values("uptime")[date(2025, 1, 4)] == 99


def test_a_value_kept_by_hand_needs_a_person_and_a_reason(acme, database):
    acme.door(
        "define_metric",
        {"metric_name": "audit_readiness", "display_name": "Readiness", "calculation_method": "manual"},
        acme.acme,
    )
    person = acme.door("sync_user", {"external_id": "qm", "user_name": "Quality manager"}, acme.acme)
    application = "methods_app"
    acme.execute(f"create role {application} login in role yardstick_app")
    acme.execute("select yardstick_api.bind_login(%s, %s, 'trusted')", [application, acme.acme])
    with database.connect(application) as connection:
        for user, reason, complaint in (
            (None, "checked", "metric_name: audit_readiness is kept by hand; name the person"),
            (person, None, "reason: is required, for audit_readiness is kept by hand"),
            (person, "  ", "reason: is required"),
        ):
            with pytest.raises(psycopg.Error, match=complaint) as refused, connection.transaction():
                connection.execute("select yardstick_api.use_organization(%s, %s)", [acme.acme, user])
                connection.execute(
                    "select yardstick_api.record_value('audit_readiness', 80, '2025-01-03 11:00Z', reason => %s)", [reason]
                )
            assert refused.value.sqlstate == "YS001"
        with connection.transaction():
            connection.execute("select yardstick_api.use_organization(%s, %s)", [acme.acme, person])
            connection.execute(
                "select yardstick_api.record_value('audit_readiness', 80, '2025-01-03 11:00Z', reason => 'walked through')"
            )
    acme.execute("drop owned by methods_app")
    acme.execute("select yardstick_api.unbind_login(%s)", [application])
    acme.execute("drop role methods_app")
    acme.calculate(at(2025, 2, 2))
    assert acme.values("audit_readiness", "monthly") == {date(2025, 1, 1): 80}
    assert acme.execute("select created_by, tags ->> 'reason' from yardstick.analytics_metrics").fetchall() == [
        (person, "walked through")
    ]


def test_a_score_is_the_weighted_mean_of_how_far_targets_are_attained(acme):
    metrics = {
        "on_time": {"direction": "higher_better", "target_value": 90},
        "days": {"direction": "lower_better", "target_value": 10},
        "humidity": {"direction": "target_range", "target_low": 40, "target_high": 60},
    }
    for name, keys in metrics.items():
        acme.metric(name, time_windows=["daily"], **keys)
    acme.derived(
        "health",
        {
            "on_time": {"metric": "on_time", "weight": 3},
            "days": "days",
            "humidity": {"metric": "humidity", "weight": 2},
        },
        metric_type="score",
    )
    recorded(acme, "on_time", {(1, 3): 45, (1, 4): 95, (1, 5): 81})
    recorded(acme, "days", {(1, 3): 20, (1, 4): 8, (1, 5): 40})
    recorded(acme, "humidity", {(1, 3): 50, (1, 4): 61})
    acme.calculate(at(2025, 1, 6))
    assert acme.values("health") == {
        date(2025, 1, 3): Decimal("66.6667"),  # (3 * 50 + 1 * 50 + 2 * 100) / 6
        date(2025, 1, 4): Decimal("66.6667"),  # (3 * 100 + 1 * 100 + 2 * 0) / 6
        date(2025, 1, 5): Decimal("73.7500"),  # (3 * 90 + 1 * 25) / 4, without humidity
    }
    rows = {key[5]: row for key, row in acme.stored().items() if key[1] == "health"}
    assert rows[date(2025, 1, 5)]["status"] == "warning"
    assert rows[date(2025, 1, 5)]["notes"] == "made of 2 of 3 parts: the others have no value or no target here"


def test_an_own_metric_takes_the_place_of_the_platforms_inside_others(acme):
    other = acme.organization("other", timezone="Europe/Berlin")
    acme.metric("defects")
    acme.metric("units")
    acme.derived("defect_rate", {"defects": "defects", "units": "units"}, calculation_formula="defects / units")
    for organization in (acme.acme, other):
        acme.observe(organization, "defects", "2025-01-03T11:00:00Z", 4)
        acme.observe(organization, "units", "2025-01-03T11:00:00Z", 100)
    # This organization counts its defects twice.
    acme.metric("defects", acme.acme, calculation_formula="2 * n")
    acme.calculate(at(2025, 1, 4))
    found = {key[0]: row["value"] for key, row in acme.stored().items() if key[1] == "defect_rate"}
    assert found == {acme.acme: Decimal("0.0800"), other: Decimal("0.0400")}
    acme.metric("defects", acme.acme, calculation_formula="3 * n")
    acme.calculate(at(2025, 1, 4, 13))
    found = {key[0]: row["value"] for key, row in acme.stored().items() if key[1] == "defect_rate"}
    assert found == {acme.acme: Decimal("0.1200"), other: Decimal("0.0400")}


def test_a_formula_over_metrics_that_fails_costs_its_period_alone(acme):
    acme.metric("base")
    acme.derived("power", {"b": "base"}, calculation_formula="power(b, 30000)")
    acme.derived("next", {"p": "power", "b": "base"}, calculation_formula="p + b")
    recorded(acme, "base", {(1, 3): 1, (1, 4): 99999, (1, 5): 0, (1, 6): 1})
    acme.calculate(at(2025, 1, 7))
    rows = {key[5]: row for key, row in acme.stored().items() if key[1] == "power"}
    assert [rows[date(2025, 1, day)]["value"] for day in (3, 5, 6)] == [1, 0, 1]
    assert (rows[date(2025, 1, 4)]["status"], rows[date(2025, 1, 4)]["error"]) == ("error", "22003")
    assert acme.one("select last_error_code from yardstick.metric_definitions where metric_name = 'power'") == "22003"
    assert acme.values("next")[date(2025, 1, 4)] is None
    assert acme.values("next")[date(2025, 1, 6)] == 2

    acme.execute("update yardstick.analytics_metrics set value = 1 where value = 99999")
    acme.calculate(at(2025, 1, 7, 13))
    assert acme.values("power")[date(2025, 1, 4)] == 1
    assert acme.values("next")[date(2025, 1, 4)] == 2
    assert acme.one("select last_error_code from yardstick.metric_definitions where metric_name = 'power'") is None


def test_a_refresh_of_a_metric_made_of_others_puts_it_right(acme):
    acme.metric("base")
    acme.derived("twice", {"b": "base"}, calculation_formula="2 * b")
    recorded(acme, "base", {(1, 3): 1, (1, 4): 2})
    acme.calculate(at(2025, 1, 7))
    acme.execute(
        "update yardstick.metric_calculations set metric_value = 77 where metric_id ="
        " (select id from yardstick.metric_definitions where metric_name = 'twice')"
    )
    assert acme.refresh(acme.acme, "twice", at(2025, 1, 4), at(2025, 1, 4)) == 1
    acme.calculate(at(2025, 1, 7))
    assert acme.values("twice") == {date(2025, 1, 3): 77, date(2025, 1, 4): 4}


def test_a_change_of_the_tree_or_the_calendar_reaches_metrics_made_of_others(acme):
    first, second = (
        acme.door("sync_department", {"external_id": name, "department_name": name}, acme.acme) for name in ("a", "b")
    )
    acme.metric("units", aggregation_levels=["org", "dept"], time_windows=["weekly"])
    acme.derived("twice", {"u": "units"}, calculation_formula="2 * u", aggregation_levels=["dept"], time_windows=["weekly"])
    acme.observe(acme.acme, "units", "2025-01-05T11:00:00Z", 3, department_id=str(second))
    acme.calculate(at(2025, 1, 20))
    assert acme.values("twice", "weekly", "dept") == {date(2024, 12, 30): 6}
    acme.door(
        "sync_department",
        {"external_id": "b", "department_name": "b", "parent_department_id": str(first)},
        acme.acme,
    )
    acme.organization("acme", timezone="Europe/Berlin", week_start=7)
    acme.calculate(at(2025, 1, 20, 13))
    for name, level, value in (("twice", "dept", 6), ("units", "dept", 3)):
        found = {(key[3], key[5]): row["value"] for key, row in acme.stored().items() if key[1:3] == (name, level)}
        assert found == {(first, date(2025, 1, 5)): value, (second, date(2025, 1, 5)): value}
