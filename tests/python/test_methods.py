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

    # A day begins.
    acme.calculate(at(2025, 1, 10))
    assert acme.values("incidents") == wanted | {date(2025, 1, 10): 0}

    # Two months go by: each period is filled when it ends, and the one that runs.
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


def test_a_new_version_takes_back_the_values_that_it_does_not_give(acme):
    packing = acme.door("sync_department", {"external_id": "p", "department_name": "Packing"}, acme.acme)
    for day, value in ((3, 9), (4, 2), (5, 9)):
        acme.observe(acme.acme, "checks", f"2025-01-{day:02}T11:00:00Z", value, department_id=packing)
    acme.metric("high", key="checks", measures={"n": {"agg": "sum", "where": "value > 5"}}, aggregation_levels=["dept"])
    acme.calculate(at(2025, 1, 6))
    assert acme.values("high", level="dept") == {date(2025, 1, 3): 9, date(2025, 1, 5): 9}

    # Other rows, and a level more, which has no values so far.
    acme.metric("high", key="checks", measures={"n": {"agg": "sum", "where": "value < 5"}}, aggregation_levels=["dept", "org"])
    acme.calculate(at(2025, 1, 6, 13))
    wanted = {date(2025, 1, 3): None, date(2025, 1, 4): 2, date(2025, 1, 5): None}
    assert (acme.values("high", level="dept"), acme.values("high")) == (wanted, wanted)
    assert acme.execute(
        "select r.metric_value, r.cause, r.metric_version from yardstick.metric_calculation_revisions as r order by r.period_start"
    ).fetchall() == [(9, "definition", 1), (9, "definition", 1)]
    assert {row["version"] for row in acme.stored().values()} == {2}

    # A row that comes later to one of these days finds what stands there.
    acme.observe(acme.acme, "checks", "2025-01-03T12:00:00Z", 1, department_id=packing)
    acme.calculate(at(2025, 1, 6, 14))
    wanted[date(2025, 1, 3)] = 1
    assert (acme.values("high", level="dept"), acme.values("high")) == (wanted, wanted)

    # What is no longer calculated stays as it was.
    acme.metric("high", key="checks", measures={"n": {"agg": "sum"}}, aggregation_levels=["org"])
    acme.calculate(at(2025, 1, 6, 15))
    assert acme.values("high", level="dept") == wanted
    assert acme.values("high") == {date(2025, 1, 3): 10, date(2025, 1, 4): 2, date(2025, 1, 5): 9}


def test_a_metric_made_of_others_takes_back_what_its_new_version_does_not_give(acme):
    recorded(acme, "one", {(1, 3): 1, (1, 4): 2})
    recorded(acme, "two", {(1, 4): 5})
    for name in ("one", "two"):
        acme.metric(name)
    acme.derived("made", {"part": "one"}, calculation_formula="part")
    acme.calculate(at(2025, 1, 6))
    assert acme.values("made") == {date(2025, 1, 3): 1, date(2025, 1, 4): 2}
    acme.derived("made", {"part": "two"}, calculation_formula="part")
    acme.calculate(at(2025, 1, 6, 13))
    assert acme.values("made") == {date(2025, 1, 3): None, date(2025, 1, 4): 5}


def test_a_quarter_of_a_metric_made_of_others_counts_the_weeks_that_end_though_none_of_these_changes(acme):
    windows = ["daily", "weekly", "quarterly"]
    acme.observe(acme.acme, "spread", "2024-11-06T11:00:00Z", 5)
    acme.observe(acme.acme, "spread", "2024-12-04T11:00:00Z", 8)
    acme.metric(
        "spread", time_windows=windows,
        data_sources={"source": "analytics_metrics", "key": "spread", "measures": {"n": {"agg": "stddev"}}, "fill": "carry_forward"},
    )  # fmt: skip
    acme.derived("twice", {"part": "spread"}, calculation_formula="2 * part", time_windows=windows[1:])

    def quarter(name):
        rows = acme.stored()
        return rows[acme.acme, name, "org", acme.acme, "quarterly", date(2025, 1, 1)]["metadata"]

    # A quarter has two rows, and a value, where weeks have one and none: it is carried forward, and they are not.
    acme.calculate(at(2025, 1, 4))
    running = {"is_complete": False, "completeness": None, "validity": None, "timeliness": None}
    assert quarter("twice") == running
    before = quarter("spread")
    acme.calculate(at(2025, 1, 6))
    assert quarter("spread") == before and quarter("twice") == running | {"completeness": 0, "timeliness": 0}


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


@pytest.fixture
def quality(acme):
    """A host's table of corrective actions in departments, registered, and another organization's rows in it."""
    acme.other = acme.organization("other", timezone="Europe/Berlin")
    for organization in (acme.acme, acme.other):
        for name in ("a", "b"):
            acme.door("sync_department", {"external_id": name, "department_name": name}, organization)
    acme.execute("""
        create schema quality;
        create table quality.capas (
            id integer primary key, tenant text, department text, cost numeric, opened_at timestamptz, closed_at timestamptz
        );
        insert into quality.capas values
            (1, 'acme', 'a', 10, '2025-01-02 10:00Z', '2025-01-03 11:00Z'),
            (2, 'acme', 'a', 30, '2025-01-02 10:00Z', '2025-01-09 11:00Z'),
            (3, 'acme', 'b', 50, '2025-01-03 10:00Z', null),
            (4, 'acme', null, 70, '2025-02-03 10:00Z', '2025-02-20 11:00Z'),
            (5, 'other', 'a', 900, '2025-01-02 10:00Z', '2025-01-03 11:00Z');
        grant usage on schema quality to yardstick_reader;
        grant select on quality.capas to yardstick_reader;
    """)
    acme.door(
        "register_source",
        {"name": "capas", "relation": "quality.capas", "time_column": "opened_at", "organization_column": "tenant",
         "levels": {"dept": "department"}},
    )  # fmt: skip
    return acme


def verified(engine, name):
    return engine.execute(
        "select stored_value, recomputed_value, is_equal, detail from yardstick_api.verify_rollup(%s, 1000)", [name]
    ).fetchall()


def queried(engine, name, query, organization=None, **keys):
    return engine.door(
        "define_metric",
        {"metric_name": name, "display_name": name, "calculation_method": "sql", "data_sources": {"sources": ["capas"]},
         "calculation_formula": query, "time_windows": ["monthly"], "retention_days": 3650, **keys},
        organization,
    )  # fmt: skip


OPEN_AT_THE_END = """
    select count(*) as value from capas
    where opened_at < yardstick.period_end() and (closed_at is null or closed_at >= yardstick.period_end())
"""


def test_a_query_gives_a_value_for_each_period_of_each_organization(quality):
    queried(quality, "backlog", OPEN_AT_THE_END)
    quality.derived("twice", {"b": "backlog"}, calculation_formula="2 * b", time_windows=["monthly"])
    quality.calculate(at(2025, 3, 2))
    assert quality.left() == (0, 0)
    rows = quality.stored()
    values = {(key[0], key[1], key[5]): row["value"] for key, row in rows.items()}
    january, february = date(2025, 1, 1), date(2025, 2, 1)
    assert values[quality.acme, "backlog", january] == 1
    assert values[quality.acme, "backlog", february] == 1
    assert values[quality.other, "backlog", january] == 0
    assert values[quality.acme, "twice", january] == 2
    row = rows[quality.acme, "backlog", "org", quality.acme, "monthly", february]
    assert (row["previous"], row["change"], row["status"]) == (1, 0, "success")
    assert row["sample"] is None, "the query does not say of how many rows it is"

    # At the next due time the last days are looked at again, and older ones stand until they are asked for.
    quality.execute("update quality.capas set closed_at = '2025-02-27 10:00Z' where id = 3")
    quality.calculate(at(2025, 3, 3, 12))
    assert quality.stored()[quality.acme, "backlog", "org", quality.acme, "monthly", february]["value"] == 0
    assert quality.stored()[quality.acme, "twice", "org", quality.acme, "monthly", february]["value"] == 0


def test_a_query_gives_values_of_departments_with_their_samples(quality):
    queried(
        quality, "mean_cost",
        """
        select department as aggregation_id, avg(cost) as value, count(*) as sample_size
        from capas
        where opened_at >= yardstick.period_start() and opened_at < yardstick.period_end()
        group by grouping sets ((department), ()) having grouping(department) = 1 or department is not null
        """,
        quality.acme, aggregation_levels=["org", "dept"],
    )  # fmt: skip
    quality.calculate(at(2025, 3, 2))
    departments = dict(quality.execute(
        "select external_id, id from yardstick.departments where organization_id = %s", [quality.acme]
    ).fetchall())  # fmt: skip
    found = {(key[2], key[3], key[5].month): (row["value"], row["sample"]) for key, row in quality.stored().items()}
    assert {key[5].year for key in quality.stored()} == {2025}
    assert found[("dept", departments["a"], 1)] == (20, 2)
    assert found[("dept", departments["b"], 1)] == (50, 1)
    assert found[("org", quality.acme, 1)] == (30, 3)
    assert found[("org", quality.acme, 2)] == (70, 1)
    assert ("dept", departments["b"], 2) not in found

    # The last capa of a department goes: its value goes with it, and leaves its trace.
    quality.execute("delete from quality.capas where id = 3")
    quality.refresh(quality.acme, "mean_cost", at(2025, 1, 5), at(2025, 1, 5))
    quality.calculate(at(2025, 3, 2))
    found = {(key[2], key[3], key[5].month): (row["value"], row["status"]) for key, row in quality.stored().items()}
    assert found[("dept", departments["b"], 1)] == (None, "warning")
    assert found[("org", quality.acme, 1)] == (20, "success")


def test_a_query_that_fails_fails_alone(quality):
    queried(quality, "good", "select sum(cost) as value from capas")
    queried(quality, "bad", "select sum(cost::text::integer / 1.0) as value from capas", time_windows=["monthly"])
    queried(quality, "twins", "select 'a' as aggregation_id, cost as value from capas", aggregation_levels=["dept"])
    quality.execute("update quality.capas set cost = 10.5 where id = 1")
    quality.calculate(at(2025, 1, 31))
    found = {(key[0], key[1]): row for key, row in quality.stored().items() if key[5] == date(2025, 1, 1)}
    assert found[quality.acme, "good"]["value"] == Decimal("160.5")
    assert found[quality.acme, "bad"]["notes"] == "a value could not be read as the number, date or time it is used as"
    assert (found[quality.acme, "bad"]["status"], found[quality.acme, "bad"]["error"]) == ("error", "22P02")
    assert "10.5" not in found[quality.acme, "bad"]["notes"]
    assert found[quality.other, "bad"]["value"] == 900
    errors = dict(quality.execute(
        "select metric_name, last_error_code from yardstick.metric_definitions where calculation_method = 'sql'"
    ).fetchall())  # fmt: skip
    assert errors == {"good": None, "bad": "22P02", "twins": "21000"}


def test_a_function_of_the_host_gives_the_values(quality):
    quality.execute("""
        create function quality.costs(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
        returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
        language sql stable as $$
            select 'dept', c.department, sum(c.cost) * (parameters ->> 'factor')::numeric, count(*)
            from quality.capas as c inner join yardstick.organizations as o on o.id = organization_id and o.external_id = c.tenant
            where c.opened_at >= period_start and c.opened_at < period_end and c.department is not null
            group by c.department
        $$;
        revoke execute on function quality.costs from public;
        grant execute on function quality.costs to yardstick_reader;
        grant select (id, external_id) on yardstick.organizations to yardstick_reader;
        create policy reads on yardstick.organizations for select to yardstick_reader using (true);
    """)
    quality.door("register_function", {"name": "costs", "routine": "quality.costs"})
    quality.door(
        "define_metric",
        {"metric_name": "costs", "display_name": "Costs", "calculation_method": "function", "data_sources": {"function": "costs"},
         "parameters": {"factor": 2, "unused": None}, "aggregation_levels": ["dept"], "time_windows": ["monthly"]},
    )  # fmt: skip
    quality.refresh(quality.acme, "costs", at(2025, 1, 5), at(2025, 2, 5))
    quality.calculate(at(2025, 3, 2))
    found = sorted(
        (row["value"], row["sample"]) for key, row in quality.stored().items()
        if key[0] == quality.acme and key[5] == date(2025, 1, 1)
    )  # fmt: skip
    assert found == [(80, 2), (100, 1)]


def test_queries_and_functions_are_verified_by_running_them_again(quality):
    queried(quality, "backlog", OPEN_AT_THE_END)
    quality.calculate(at(2025, 3, 2))
    rows = verified(quality, "backlog")
    assert rows and {row[2:] for row in rows} == {(True, None)}
    quality.execute("update yardstick.metric_calculations set metric_value = 17 where metric_value = 1 and time_window = 'monthly'")
    assert {row for row in verified(quality, "backlog") if not row[2]} == {(17, 1, False, "the value differs")}
    quality.execute("alter table quality.capas rename to renamed")
    assert {row[2] for row in verified(quality, "backlog")} == {None}


def test_a_month_knows_that_a_day_in_it_lost_its_value_though_no_month_changed(acme):
    recorded(acme, "cost", {(11, 29): 5, (11, 30): 10, (12, 1): 20})
    acme.metric("cost", time_windows=["daily", "monthly"])
    acme.derived(
        "growth", {"now": "cost", "before": {"metric": "cost", "lag": 1}}, calculation_formula="now / before", time_windows=["daily", "monthly"]
    )
    acme.calculate(at(2026, 1, 9))

    def december():
        (row,) = [row for key, row in acme.stored().items() if key[1] == "growth" and key[4:6] == ("monthly", date(2025, 12, 1))]
        return row["value"].normalize(), row["metadata"]["validity"]

    assert december() == (Decimal("1.3333"), 1) and acme.values("growth")[date(2025, 12, 1)] == 2
    # Nothing is left to divide by on the day before; its month has the same sum of as many days.
    acme.execute("update yardstick.analytics_metrics set value = 15 - value where value in (5, 10) and measurement_date < '2025-12-01'")
    acme.execute("update yardstick.analytics_metrics set value = case value when 5 then 0 else 15 end where measurement_date < '2025-12-01'")
    acme.settle(at(2026, 1, 9))
    assert acme.values("growth")[date(2025, 12, 1)] is None
    assert december() == (Decimal("1.3333"), 0)
