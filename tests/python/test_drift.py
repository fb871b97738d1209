"""A column that goes or changes its type: its metrics stand still and say why, and everything else goes on."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

HOST = """
create schema host;
create table host.capas (
    organization text, line text, status varchar(20), cost numeric, points integer, closed_at timestamptz, due_at timestamptz
);
create table host.plan (organization text, planned_on date);
grant usage on schema host to yardstick_reader;
grant select on host.capas, host.plan to yardstick_reader;
"""

DAYS = [date(2025, 3, 1) + timedelta(n) for n in range(10)]


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class Plant:
    """An organization with a source of capas, three metrics over it, and an alert that fires."""

    def __init__(self, engine):
        self.engine = engine
        self.id = engine.organization("plant", timezone="UTC")
        engine.execute(HOST)
        source = {
            "name": "capas", "relation": "host.capas", "time_column": "closed_at", "organization_column": "organization",
            "levels": {"dept": "line"}, "lookback": "3650 days",
        }  # fmt: skip
        self.source = source
        engine.door("register_source", source)
        for day in DAYS:
            self.close(day)
        self.on_time = {"agg": "count", "where": "status <> 'void' and closed_at <= due_at"}
        engine.metric("on_time", self.id, "capas", {"n": self.on_time})
        engine.metric("closed", self.id, "capas", {"n": {"agg": "count"}})
        engine.metric("cost", self.id, "capas", {"n": {"agg": "sum", "value": "cost"}})
        self.alert = engine.door(
            "create_alert",
            {
                "metric_name": "on_time", "alert_name": "on time", "condition_config": {"op": "<", "value": 5},
                "severity": "critical",
            },
            self.id,
        )  # fmt: skip
        self.tick(DAYS[-1] + timedelta(1))

    def close(self, day, cost=10):
        self.engine.execute(
            "insert into host.capas select 'plant', null, 'closed', %s, 3, %s, %s",
            [cost, noon(day), noon(day) + timedelta(1)],
        )

    def tick(self, day):
        """The morning after: the jobs of the worker, as it runs them."""
        with self.engine.database.connect("yardstick_worker") as worker:
            worker.execute("call yardstick_engine.calculate_due(%s)", [noon(day)])
            worker.execute("select yardstick_engine.check_alerts(%s)", [noon(day)])

    def drifted(self):
        return dict(
            self.engine.execute(
                "select metric_name, drift_reason from yardstick.metric_definitions where drifted_at is not null"
            ).fetchall()
        )

    def error(self, metric):
        return self.engine.execute(
            "select last_error_code, last_error from yardstick.metric_definitions where metric_name = %s", [metric]
        ).fetchone()

    def incidents(self):
        return self.engine.execute(
            "select resolved_at is null from yardstick.metric_alert_history order by triggered_at"
        ).fetchall()

    def states(self):
        return self.engine.execute(
            "select state, last_period_end, last_value from yardstick.metric_alert_states"
        ).fetchall()

    def values(self, metric):
        return {day: value for day, value in self.engine.values(metric).items() if value is not None}

    def health(self):
        return self.engine.one(
            "select detail from yardstick_ops.health where check_name like 'sources: they offer%' and not ok"
            " union all select null limit 1"
        )


@pytest.fixture
def plant(engine):
    return Plant(engine)


def test_a_dropped_column_stops_the_metrics_that_use_it_and_no_other(plant):
    assert plant.values("on_time") == dict.fromkeys(DAYS, 1)
    assert plant.incidents() == [(True,)]
    states = plant.states()
    known = plant.values("on_time")

    plant.engine.execute("alter table host.capas drop column due_at")
    plant.engine.execute(
        "insert into host.capas values ('plant', null, 'closed', 10, 3, %s)", [noon(DAYS[-1] + timedelta(1))]
    )
    plant.tick(DAYS[-1] + timedelta(2))
    reason = "the column due_at of host.capas is gone: bring it back, or define the metric again without it"
    assert plant.drifted() == {"on_time": reason}
    assert plant.error("on_time") == ("YS009", reason)
    assert plant.values("on_time") == known
    assert plant.values("closed") == dict.fromkeys([*DAYS, DAYS[-1] + timedelta(1)], 1)
    assert plant.error("closed") == (None, None)
    # The alert neither ends nor changes, on the day it would miss its data and on later ones.
    for later in (2, 3, 40):
        plant.tick(DAYS[-1] + timedelta(later))
        assert plant.incidents() == [(True,)]
        assert plant.states() == states
    assert plant.health() == f"on_time has drifted: {reason}"
    with plant.engine.connection.transaction():
        plant.engine.execute("select yardstick_api.use_organization(%s)", [plant.id])
        assert plant.engine.execute("select state, frozen_reason from yardstick_api.open_alerts()").fetchall() == [
            ("firing", reason)
        ]

    # Back again, it is over by itself, and what it missed is made up.
    plant.engine.execute("alter table host.capas add column due_at timestamptz")
    plant.engine.execute("update host.capas set due_at = closed_at + interval '1 day'")
    for _ in range(9):
        plant.close(DAYS[-1] + timedelta(2))
    plant.tick(DAYS[-1] + timedelta(3))
    assert plant.drifted() == {}
    assert plant.error("on_time") == (None, None)
    assert plant.health() is None
    assert plant.values("on_time") == {
        **dict.fromkeys([*DAYS, DAYS[-1] + timedelta(1)], 1), DAYS[-1] + timedelta(2): 9,
    }  # fmt: skip
    assert plant.incidents() == [(False,)]


@pytest.mark.parametrize(
    ("change", "names", "words"),
    [
        ("rename column cost to costs", {"cost"}, "the column cost of host.capas is gone"),
        ("alter column cost type integer using cost::integer", {"cost"}, "of host.capas is integer and was numeric"),
        ("alter column cost type text", {"cost"}, "is text and was numeric"),
        ("alter column due_at type date", {"on_time"}, "is date and was timestamp with time zone"),
        ("alter column cost type xml using null", {"cost"}, "the column cost of host.capas is xml and was numeric"),
        ("drop column line", {"on_time", "closed", "cost"}, "the column line of host.capas is gone"),
        (
            "rename column closed_at to ended_at",
            {"on_time", "closed", "cost"},
            "the column closed_at of host.capas is gone",
        ),
        ("drop column points", set(), ""),
        ("alter column status type text", set(), ""),
        ("alter column status type varchar(200)", set(), ""),
        ("alter column cost type numeric(12, 2)", set(), ""),
        ("add column note text", set(), ""),
    ],
)
def test_what_is_a_drift_and_of_which_metrics(plant, change, names, words):
    plant.engine.execute(f"alter table host.capas {change}")
    with plant.engine.database.connect("yardstick_worker") as worker:
        worker.execute("select yardstick_engine.plan_due(%s)", [noon(DAYS[-1] + timedelta(1))])
    found = plant.drifted()
    assert set(found) == names
    assert all(words in reason for reason in found.values()), found


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("alter table host.capas rename to capa", "alter table host.capa rename to capas", "host.capas is gone: bring it back"),
        (
            "revoke select on host.capas from yardstick_reader", "grant select on host.capas to yardstick_reader",
            "cannot read host.capas any more; type: grant select on host.capas to yardstick_reader;",
        ),
        (
            "revoke usage on schema host from yardstick_reader", "grant usage on schema host to yardstick_reader",
            "type: grant usage on schema host to yardstick_reader;",
        ),
    ],
)  # fmt: skip
def test_a_relation_that_is_gone_or_closed(plant, before, after, words):
    known = {metric: plant.values(metric) for metric in ("on_time", "closed", "cost")}
    plant.engine.execute(before)
    for later in (1, 2):
        plant.tick(DAYS[-1] + timedelta(later))
        assert set(plant.drifted()) == set(known)
        assert all(words in reason for reason in plant.drifted().values())
        assert plant.error("cost")[0] == "YS009"
    assert {metric: plant.values(metric) for metric in known} == known
    assert plant.incidents() == [(True,)]
    plant.engine.execute(after)
    plant.close(DAYS[-1] + timedelta(2))
    plant.tick(DAYS[-1] + timedelta(3))
    assert plant.drifted() == {}
    assert plant.error("cost") == (None, None)
    assert plant.values("closed") == dict.fromkeys([*DAYS, DAYS[-1] + timedelta(2)], 1)


def test_a_metric_defined_again_or_over_a_source_registered_again_has_not_drifted(plant):
    plant.engine.execute("alter table host.capas drop column due_at, alter column cost type integer")
    plant.tick(DAYS[-1] + timedelta(1))
    assert set(plant.drifted()) == {"on_time", "cost"}
    plant.engine.metric("on_time", plant.id, "capas", {"n": {"agg": "count", "where": "status = 'closed'"}})
    assert set(plant.drifted()) == {"cost"}
    plant.engine.door("register_source", plant.source)
    assert plant.drifted() == {}
    plant.tick(DAYS[-1] + timedelta(2))
    assert plant.drifted() == {}
    assert plant.error("cost") == (None, None)


def test_a_column_that_means_something_else_changes_no_value(plant):
    known = plant.values("cost")
    # It could still be added up, to another sum.
    plant.engine.execute("alter table host.capas alter column cost type integer using (cost / 3)::integer")
    for later in (1, 2, 3):
        plant.tick(DAYS[-1] + timedelta(later))
        assert set(plant.drifted()) == {"cost"}
        assert plant.values("cost") == known
        assert plant.error("cost")[0] == "YS009"
    assert plant.values("closed") == dict.fromkeys(DAYS, 1)
    # Defined again, by the same text, it takes the column as it is.
    plant.engine.metric("cost", plant.id, "capas", {"n": {"agg": "sum", "value": "cost"}})
    assert plant.drifted() == {}
    plant.tick(DAYS[-1] + timedelta(3))
    assert plant.values("cost") == dict.fromkeys(DAYS, 3)
    assert plant.error("cost") == (None, None)


def test_registering_again_leaves_what_still_does_not_work(plant):
    plant.engine.execute("alter table host.capas drop column due_at, alter column cost type integer")
    plant.tick(DAYS[-1] + timedelta(1))
    plant.engine.door("register_source", plant.source)
    assert set(plant.drifted()) == {"on_time"}
    # What had not drifted is refused as ever.
    plant.engine.execute("alter table host.plan add column closed_at timestamptz, add column line text")
    with pytest.raises(psycopg.Error, match="the metric cost would no longer work"):
        plant.engine.door("register_source", {**plant.source, "relation": "host.plan"})


def test_metrics_of_before_are_looked_at_lazily(plant):
    plant.engine.execute("update yardstick.metric_definitions set known_columns = null")
    plant.tick(DAYS[-1] + timedelta(1))
    assert plant.engine.execute(
        "select known_columns -> source_id::text from yardstick.metric_definitions where metric_name = 'cost'"
    ).fetchone()[0] == {
        "closed_at": "timestamp with time zone", "organization": "text", "line": "text", "cost": "numeric",
    }  # fmt: skip
    plant.engine.execute("alter table host.capas drop column cost")
    plant.tick(DAYS[-1] + timedelta(1))
    assert set(plant.drifted()) == {"cost"}


def test_what_is_calculated_from_a_drifted_metric_stands_still_too(plant):
    ids = dict(plant.engine.execute("select metric_name, id::text from yardstick.metric_definitions").fetchall())
    for name, child in (("score", "on_time"), ("index", "score"), ("other", "closed")):
        ids[name] = plant.engine.one(
            "insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method,"
            " data_sources, compiled, time_windows) values (%s, %s, %s, 'manual', '{}', jsonb_build_object('children',"
            " jsonb_build_object('x', jsonb_build_object('metric_id', %s::text, 'metric_name', %s::text))), '{daily}')"
            " returning id::text",
            [plant.id, name, name, ids[child], child],
        )
    plant.engine.door(
        "create_alert",
        {"metric_name": "index", "alert_name": "index", "condition_config": {"op": "<", "value": 5}},
        plant.id,
    )
    day = DAYS[-1] + timedelta(1)
    plant.engine.execute("alter table host.capas drop column due_at")
    # A value that would fire.
    plant.engine.execute(
        "insert into yardstick.metric_calculations (organization_id, metric_id, aggregation_level, aggregation_id, time_window,"
        " period_start, period_end, metric_value, metric_version, calculation_timestamp)"
        " values (%s, %s, 'org', %s, 'daily', %s, %s, 1, 1, now())",
        [plant.id, ids["index"], plant.id, noon(day) - timedelta(hours=36), noon(day) - timedelta(hours=12)],
    )
    plant.tick(day)
    reason = "the column due_at of host.capas is gone: bring it back, or define the metric again without it"
    assert plant.drifted() == {
        "on_time": reason,
        "score": f"is calculated from on_time, which has drifted: {reason}",
        "index": f"is calculated from on_time, which has drifted: {reason}",
    }
    assert plant.incidents() == [(True,)]
    plant.engine.execute("alter table host.capas add column due_at timestamptz")
    plant.tick(day)
    assert plant.drifted() == {}
    assert (True,) in plant.incidents()
    assert len(plant.incidents()) == 2


def test_a_part_that_loses_a_window_stops_what_is_made_of_it(plant):
    measure = {"n": {"agg": "count"}}
    plant.engine.metric("part", plant.id, "capas", measure, time_windows=["daily", "monthly"])
    plant.engine.derived("whole", {"x": "part"}, plant.id, calculation_formula="x", time_windows=["daily", "monthly"])
    plant.engine.derived("more", {"x": "whole"}, plant.id, calculation_formula="x", time_windows=["daily"])
    plant.tick(DAYS[-1] + timedelta(1))
    assert plant.drifted() == {}
    known = plant.engine.values("whole", "monthly")
    assert known == {date(2025, 3, 1): 10}
    plant.engine.metric("part", plant.id, "capas", measure, time_windows=["daily"])
    plant.close(DAYS[-1])
    plant.tick(DAYS[-1] + timedelta(1))
    reason = "part, of which it is made, is not calculated for monthly any more: define part again with that, or this metric without it"
    assert plant.drifted() == {"whole": reason, "more": f"is calculated from whole, which has drifted: {reason}"}
    assert plant.engine.values("whole", "monthly") == known
    plant.engine.metric("part", plant.id, "capas", measure, time_windows=["daily", "monthly"])
    plant.tick(DAYS[-1] + timedelta(2))
    plant.tick(DAYS[-1] + timedelta(2, minutes=1))
    assert plant.drifted() == {}
    assert plant.engine.values("whole", "monthly") == {date(2025, 3, 1): 11}


def test_a_failing_look_never_stops_the_planning(plant):
    plant.engine.execute(
        "update yardstick.metric_sources set relation = 'no relation at all' where source_name = 'capas'"
    )
    plant.engine.observe(plant.id, "calls", noon(DAYS[0]))
    plant.engine.metric("calls", plant.id)
    plant.tick(DAYS[-1] + timedelta(1))
    assert plant.values("calls") == {DAYS[0]: 1}
