"""The quality demo: every value against plain SQL with each customer's calendar and tree, and the stories it tells."""

import io
from datetime import UTC, datetime

import psycopg
import pytest
from rich.console import Console

from runner import demo, examples, quality

# metric: table, rows, time, team and user columns, value, sample size
CAPA = ("quality.capas", "true", "team_id", "owner_id")
DEVIATION = ("quality.deviations", "not is_deleted", "team_id", "reported_by")
TRAINING = ("quality.trainings", "true", "team_id", "user_id")
DOCUMENT = ("quality.documents", "true", "null::integer", "owner_id")
AUDIT = ("quality.audits", "true", "null::integer", "null::integer")


def share(condition: str) -> str:
    return f"100.0 * count(*) filter (where {condition}) / nullif(count(*), 0)"


def reading(name: str) -> tuple:
    return ("quality.readings", f"metric_name = '{name}'", "null::integer", "null::integer")


DAYS_TO_CLOSE = "extract(epoch from closed_at - opened_at) / 86400"
DAYS_TO_APPROVE = "extract(epoch from approved_at - submitted_at) / 86400"
CLOSED_IN_ORDER = f"(array_agg({DAYS_TO_CLOSE} order by {DAYS_TO_CLOSE}))"
NINE_OF_TEN = "(0.9 * (count(*) - 1))"
SLOW = (
    f"{CLOSED_IN_ORDER}[floor({NINE_OF_TEN})::integer + 1] + coalesce(mod({NINE_OF_TEN}, 1) * ("
    f"{CLOSED_IN_ORDER}[floor({NINE_OF_TEN})::integer + 2] - {CLOSED_IN_ORDER}[floor({NINE_OF_TEN})::integer + 1]), 0)"
)
MISSED = "count(*) filter (where completed_at is null or completed_at > due_at)"

ORACLES = {
    "capa_on_time_rate": (*CAPA, "closed_at", share("closed_at <= due_at"), "count(*)"),
    "capas_opened": (*CAPA, "opened_at", "count(*)", "count(*)"),
    "capa_closure_days": (*CAPA, "closed_at", f"avg({DAYS_TO_CLOSE})", "count(*)"),
    "capa_longest_days": (*CAPA, "closed_at", f"max({DAYS_TO_CLOSE})", "count(*)"),
    "capa_effectiveness_rate": (*CAPA, "closed_at", share("is_effective"), "count(is_effective)"),
    "deviation_count": (*DEVIATION, "occurred_at", "count(*)", "count(*)"),
    "critical_deviation_rate": (*DEVIATION, "occurred_at", share("severity = 'critical'"), "count(*)"),
    "repeat_deviation_rate": (*DEVIATION, "occurred_at", share("is_repeat"), "count(*)"),
    "deviation_cost": (*DEVIATION, "occurred_at", "sum(cost)", "count(cost)"),
    "dearest_deviation": (*DEVIATION, "occurred_at", "max(cost)", "count(cost)"),
    "training_on_time_rate": (*TRAINING, "due_at", share("completed_at <= due_at"), "count(*)"),
    "overdue_per_completion": (
        *TRAINING, "due_at", f"{MISSED}::numeric / nullif(count(completed_at), 0)", f"greatest({MISSED}, count(completed_at))",
    ),
    "training_score": (*TRAINING, "due_at", "avg(score)", "count(score)"),
    "documents_approved": (*DOCUMENT, "approved_at", "count(*)", "count(*)"),
    "document_review_days": (*DOCUMENT, "approved_at", f"avg({DAYS_TO_APPROVE})", "count(*)"),
    "fastest_approval_days": (*DOCUMENT, "approved_at", f"min({DAYS_TO_APPROVE})", "count(*)"),
    "audit_score": (*AUDIT, "held_at", "avg(score)", "count(*)"),
    "findings_per_audit": (
        *AUDIT, "held_at", "(3 * sum(major_findings) + sum(minor_findings))::numeric / count(*)", "count(*)",
    ),
    "first_pass_yield": (*reading("first_pass_yield"), "measured_at", "avg(value)", "count(*)"),
    "cleanroom_humidity": (*reading("cleanroom_humidity"), "measured_at", "avg(value)", "count(*)"),
    "lowest_humidity": (*reading("cleanroom_humidity"), "measured_at", "min(value)", "count(*)"),
    "capa_slow_days": (*CAPA, "closed_at", SLOW, "count(*)"),
    "people_reporting": (*DEVIATION, "occurred_at", "count(distinct reported_by)", "count(*)"),
    "cost_per_deviation": (*DEVIATION, "occurred_at", "sum(cost) / count(*)", "count(*)"),
    "customer_complaints": (*reading("customer_complaints"), "measured_at", "sum(value)", "count(*)"),
}  # fmt: skip

# Straight from the rows, for one metric: each row once for every level and window it belongs to.
EXPECTED = """
with recursive

tree as (
    select id as department_id, id as ancestor_id from quality.departments
    union all
    select tree.department_id, d.parent_id
    from tree
    inner join quality.departments as d on tree.ancestor_id = d.id
    where d.parent_id is not null
),

dated as (
    select
        r.*, o.timezone, ({time_column} at time zone o.timezone)::date as day,
        o.week_start, o.fiscal_year_start_month as first_month, {team} as team, {person} as person
    from {table} as r
    inner join quality.organizations as o on r.organization_id = o.id
    where {time_column} is not null and ({rows})
),

scoped as (
    select dated.*, 'org' as aggregation_level, organization_id::text as scope from dated
    union all
    select dated.*, 'dept', tree.ancestor_id::text from dated inner join tree using (department_id)
    union all
    select dated.*, 'team', team::text from dated where team is not null
    union all
    select dated.*, 'user', person::text from dated where person is not null
),

placed as (
    select
        scoped.*, w.time_window, w.step,
        case w.time_window
            when 'daily' then day
            when 'weekly' then day - mod(extract(isodow from day)::integer - week_start + 7, 7)
            else (
                date_trunc('month', day::timestamp)
                - mod(extract(month from day)::integer - first_month + 12, w.months) * interval '1 month'
            )::date
        end as starts
    from scoped
    inner join (
        values
        ('daily', interval '1 day', 0), ('weekly', interval '7 days', 0), ('monthly', interval '1 month', 1),
        ('quarterly', interval '3 months', 3), ('annual', interval '1 year', 12)
    ) as w (time_window, step, months) on w.time_window = any(%(windows)s)
    where scoped.aggregation_level = any(%(levels)s)
),

calculated as (
    select
        organization_id, timezone, aggregation_level, scope, time_window, starts, (starts + step)::date as ends,
        round({value}, 4) as metric_value, {sample} as sample_size
    from placed
    group by organization_id, timezone, aggregation_level, scope, time_window, starts, step
    having {sample} > 0
)

select
    this.organization_id::text, this.aggregation_level, this.scope, this.time_window,
    this.starts::timestamp at time zone this.timezone, this.ends::timestamp at time zone this.timezone,
    this.metric_value, before.metric_value,
    round(100 * (this.metric_value - before.metric_value) / nullif(abs(before.metric_value), 0), 2),
    this.sample_size,
    case when this.metric_value is null then 'warning' else 'success' end
from calculated as this
left join calculated as before
    on this.aggregation_level = before.aggregation_level and this.scope = before.scope
    and this.time_window = before.time_window and this.starts = before.ends
"""

CALCULATED = """
select
    o.external_id, c.aggregation_level, coalesce(d.external_id, t.external_id, u.external_id, o.external_id),
    c.time_window, c.period_start, c.period_end, c.metric_value, c.previous_value, c.change_percentage,
    c.sample_size, c.calculation_status
from yardstick.metric_calculations as c
inner join yardstick.metric_definitions as m on c.metric_id = m.id
inner join yardstick.organizations as o on c.organization_id = o.id
left join yardstick.departments as d on c.aggregation_id = d.id
left join yardstick.teams as t on c.aggregation_id = t.id
left join yardstick.users as u on c.aggregation_id = u.id
where m.metric_name = %(metric)s
"""


def show(connection: psycopg.Connection, as_of: datetime) -> str:
    paper = io.StringIO()
    demo.quality(connection.info.dsn, Console(file=paper, width=150), as_of)
    return paper.getvalue()


@pytest.fixture(scope="module")
def as_of():
    """One moment for the whole file: the demo ends now, and what is due must not change between two tests."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def shown(cluster, as_of):
    """A connection to a database in which the demo ran once, and what it printed."""
    database = cluster.clone()
    with database.connect() as connection:
        connection.execute("select yardstick_api.set_approval_gates(null, %s, 'as delivered')", [list(examples.GATES)])
        yield connection, show(connection, as_of)
    cluster.drop(database)


@pytest.fixture
def connection(shown):
    return shown[0]


def rows(connection, statement, **values):
    return connection.execute(statement, values or None).fetchall()


def test_every_metric_of_the_demo_has_an_oracle(connection):
    names = {row[0] for row in rows(connection, "select metric_name from yardstick.metric_definitions")}
    # The others have a test of their own.
    assert names == {*ORACLES, "capas_open", "audit_readiness", "quality_score"}
    assert len(names) >= 15


@pytest.mark.parametrize("metric", ORACLES)
def test_values_are_those_of_plain_sql(connection, metric):
    levels, windows = rows(
        connection,
        "select aggregation_levels, time_windows from yardstick.metric_definitions where metric_name = %(metric)s",
        metric=metric,
    )[0]
    table, where, team, person, time_column, value, sample = ORACLES[metric]
    expected = EXPECTED.format(
        table=table, rows=where, team=team, person=person, time_column=time_column, value=value, sample=sample
    )
    values = {"metric": metric, "levels": levels, "windows": windows}
    plain = set(connection.execute(expected, values).fetchall())
    calculated = connection.execute(CALCULATED, values).fetchall()
    assert len(calculated) == len(set(calculated)) > 50
    assert {"missing": sorted(map(str, plain - set(calculated)))[:3]} == {"missing": []}
    assert {"extra": sorted(map(str, set(calculated) - plain))[:3]} == {"extra": []}


def test_every_metric_is_what_its_source_gives(connection):
    metrics = connection.execute("select metric_name, organization_id from yardstick.metric_definitions order by 1").fetchall()
    for name, organization in metrics:
        with connection.transaction():
            if organization:
                connection.execute("select yardstick_api.use_organization(%s)", [organization])
            rows = connection.execute("select * from yardstick_api.verify_rollup(%s, 15, 1)", [name]).fetchall()
        assert rows and [row for row in rows if row[6] is not True] == [], name


def test_every_metric_was_approved_by_somebody_else(connection):
    found = rows(
        connection,
        """
        select
            v.organization_id is null, count(distinct v.id), count(*),
            bool_and(a.approved_login <> v.created_login or a.approved_by <> v.created_by), array_agg(distinct v.status)
        from yardstick.metric_definition_versions as v
        inner join yardstick.metric_approvals as a on v.metric_id = a.metric_id and v.version = a.version
        group by 1
        order by 1
        """,
    )
    assert found == [(False, 3, 12, True, ["approved"]), (True, 27, 108, True, ["approved"])]


def test_open_capas_are_counted_when_the_period_ends(connection):
    found = rows(
        connection,
        """
        select c.time_window, c.metric_value, (
            select count(*)
            from quality.capas as q
            where q.organization_id::text = o.external_id and q.opened_at < c.period_end
                and (q.closed_at is null or q.closed_at >= c.period_end)
        )
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as m on c.metric_id = m.id and m.metric_name = 'capas_open'
        inner join yardstick.organizations as o on c.organization_id = o.id
        where c.calculation_status = 'success'
        """,
    )
    assert len(found) > 60
    assert [row for row in found if row[1] != row[2]] == []
    assert max(row[1] for row in found) > 10


def test_readiness_is_what_a_person_said(connection):
    recorded = rows(
        connection,
        """
        select o.external_id, a.value, a.tags ->> 'reason', u.organization_id = a.organization_id
        from yardstick.analytics_metrics as a
        inner join yardstick.organizations as o on a.organization_id = o.id
        inner join yardstick.users as u on a.created_by = u.id
        where a.metric_name = 'audit_readiness'
        """,
    )
    calculated = rows(
        connection,
        """
        select o.external_id, c.metric_value
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as m on c.metric_id = m.id and m.metric_name = 'audit_readiness'
        inner join yardstick.organizations as o on c.organization_id = o.id
        """,
    )
    assert {row[2:] for row in recorded} == {("walk-through of the quarter", True)}
    assert len(recorded) >= 15
    assert {(row[0], row[1]) for row in recorded} >= set(calculated)
    assert len(calculated) >= 12


def test_the_quality_score_weighs_how_far_targets_are_attained(connection):
    found = rows(
        connection,
        """
        with parts as (
            select
                v.organization_id, v.aggregation_level, v.aggregation_id, v.time_window, v.period_start,
                p.weight,
                case m.direction
                    when 'higher_better' then least(100 * v.metric_value / v.target_value, 100)
                    else least(100 * v.target_value / nullif(v.metric_value, 0), 100)
                end as attained,
                v.metric_value
            from yardstick.metric_calculations as v
            inner join yardstick.metric_definitions as m on v.metric_id = m.id
            inner join (
                values ('capa_on_time_rate', 2), ('training_on_time_rate', 1), ('repeat_deviation_rate', 1), ('document_review_days', 1)
            ) as p (metric_name, weight) on m.metric_name = p.metric_name
        )

        select c.metric_value, round(sum(p.weight * coalesce(p.attained, 100)) / sum(p.weight), 4)
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as m on c.metric_id = m.id and m.metric_name = 'quality_score'
        inner join parts as p
            on c.organization_id = p.organization_id and c.aggregation_level = p.aggregation_level
            and c.aggregation_id = p.aggregation_id and c.time_window = p.time_window and c.period_start = p.period_start
        where p.metric_value is not null
        group by c.organization_id, c.aggregation_level, c.aggregation_id, c.time_window, c.period_start, c.metric_value
        """,
    )
    assert len(found) > 200
    assert [row for row in found if row[0] != row[1]] == []


def test_periods_follow_the_calendar_of_each_customer(connection):
    found = rows(
        connection,
        """
        select
            o.external_id, c.time_window,
            array_agg(distinct case c.time_window
                when 'weekly' then extract(isodow from c.period_start at time zone o.timezone)::integer
                else extract(month from c.period_start at time zone o.timezone)::integer
            end)
        from yardstick.metric_calculations as c
        inner join yardstick.organizations as o on c.organization_id = o.id
        where c.time_window in ('weekly', 'quarterly', 'annual')
        group by 1, 2
        """,
    )
    assert {(row[0], row[1]): row[2] for row in found} == {
        ("1", "weekly"): [1], ("1", "quarterly"): [1, 4, 7, 10], ("1", "annual"): [1],
        ("2", "weekly"): [7], ("2", "quarterly"): [1, 4, 7, 10], ("2", "annual"): [10],
        ("3", "weekly"): [1], ("3", "quarterly"): [1, 4, 7, 10], ("3", "annual"): [7],
    }  # fmt: skip


# --- The stories


def states(connection, alert):
    found = rows(
        connection,
        """
        select d.external_id, s.state
        from yardstick.metric_alert_states as s
        inner join yardstick.metric_alerts as a on s.alert_id = a.id
        inner join yardstick.departments as d on s.aggregation_id = d.id
        where a.alert_name = %(alert)s
        """,
        alert=alert,
    )
    return dict(found)


def test_packaging_closes_late_and_its_alert_fires(connection):
    assert states(connection, "CAPAs are closed late")["1112"] == "firing"
    card = "select status from yardstick_bi.scorecard where metric_name = %s and scope_name = %s and time_window = %s"
    found = demo.read(connection, "nordwerk_bi", card, ["capa_on_time_rate", "Packaging", "monthly"])
    assert found == [{"status": "off_track"}]


def test_three_bad_weeks_of_fill_and_finish_fire_an_alert(connection):
    found = states(connection, "Many deviations")
    assert (found["3130"], found["2111"] in ("normal", "no_data")) == ("firing", True)


def test_a_feed_that_stopped_is_no_data_and_neither_good_nor_bad(connection):
    found = states(connection, "Yield is low or missing")
    assert (found["1111"], found["1112"]) == ("no_data", "normal")


def test_a_month_without_a_completed_training_has_no_value_and_says_so(connection, as_of):
    found = rows(
        connection,
        """
        select c.metric_value, c.calculation_status, c.sample_size > 0, c.calculation_notes is not null
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as m on c.metric_id = m.id
        inner join yardstick.departments as d on c.aggregation_id = d.id
        inner join yardstick.organizations as o on c.organization_id = o.id
        where
            m.metric_name = 'overdue_per_completion' and d.external_id = '3210' and c.time_window = 'monthly'
            and c.period_start at time zone o.timezone
            = date_trunc('month', %(as_of)s::timestamptz at time zone o.timezone) - interval '4 months'
        """,
        as_of=as_of,
    )
    assert found == [(None, "warning", True, True)]


def test_the_lines_of_lakeside_improve(connection):
    found = rows(
        connection,
        """
        select array_agg(c.metric_value order by c.period_start)
        from yardstick.metric_calculations as c
        inner join yardstick.metric_definitions as m on c.metric_id = m.id
        inner join yardstick.departments as d on c.aggregation_id = d.id
        where m.metric_name = 'deviation_count' and d.external_id = '2110' and c.time_window = 'monthly'
        """,
    )[0][0]
    assert sum(found[1:7]) * 4 > sum(found[-7:-1]) * 5


def test_every_direction_and_status_is_shown(connection):
    card = "select distinct direction, status from yardstick_bi.scorecard where status is not null"
    found = [row for login in quality.BI_LOGINS.values() for row in demo.read(connection, login, card)]
    assert {row["direction"] for row in found} == {"higher_better", "lower_better", "target_range"}
    assert {row["status"] for row in found} == {"on_track", "at_risk", "off_track"}


def test_snapshots_stand_for_every_window(connection):
    found = rows(connection, "select distinct snapshot_type from yardstick.metric_snapshots")
    assert {row[0] for row in found} == {"daily", "weekly", "monthly", "quarterly", "annual"}


def test_what_the_terminal_says(shown):
    text = shown[1]
    for words in ("CAPAs closed on time", "off track", "on track", "Open alerts", "Packaging", "Fill and Finish", "Try next"):
        assert words in text
    assert text.count("      ", text.index("Try next")) >= 3
    assert "\n\n\n" not in text, "a bar of progress was drawn where nobody watches"


# --- Twice


def contents(connection) -> dict[str, str]:
    """A fingerprint of every table of the data room, but the log of what ran."""
    tables = rows(
        connection,
        """
        select c.relname
        from pg_class as c
        where
            c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname not in ('job_runs', 'metric_refreshes')
        """,
    )
    fingerprint = "select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) from yardstick.{} as t"
    return {name: connection.execute(fingerprint.format(name)).fetchone()[0] for (name,) in tables}


def test_a_second_run_changes_nothing(shown, as_of):
    connection, first = shown
    before = contents(connection)
    second = show(connection, as_of)
    after = contents(connection)
    assert {name for name in before if before[name] != after[name]} == set()
    assert second[second.index("CAPAs") :] == first[first.index("Nordwerk Pharma,") :][-len(second[second.index("CAPAs") :]) :]
