"""Metrics kept as code: what a change does to the values of a metric."""

from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from runner.definition_files import Definition
from runner.definition_text import canonical
from runner.errors import server_words
from runner.metrics_change import Change, Impact


def impact(connection: psycopg.Connection, change: Change, organization: str | None) -> Impact:
    """How many values a change concerns, and the last of them: for an organization beside what they would be."""
    found, zone = Impact(), "UTC"
    try:
        with connection.transaction():
            found.stored = stored_values(connection, change, organization)
            if organization:
                (zone,) = connection.execute("select timezone from yardstick.organizations where id = %s", [organization]).fetchone()
            else:
                found.latest = latest_values(connection, change)
    except psycopg.errors.InsufficientPrivilege:
        found.note = "this login cannot read which values are stored"
    if organization:
        try:
            with connection.transaction():
                found.beside = values_beside(connection, change, zone)
        except psycopg.Error as error:
            found.note = f"none beside each other: {server_words(error)}"
    return found


def values_beside(connection: psycopg.Connection, change: Change, zone: str) -> list[dict]:
    return connection.cursor(row_factory=dict_row).execute(
        """
        select
            i.time_window,
            coalesce(string_agg(
                format('%%s: %%s -> %%s', (i.period_start at time zone %(zone)s)::date,
                    coalesce(trim_scale(i.approved_value)::text, 'none'), coalesce(trim_scale(i.draft_value)::text, 'none')),
                ', ' order by i.period_start
            ), 'none') as line
        from yardstick_api.definition_impact(%(definition)s::jsonb, 3) as i
        group by i.time_window
        order by array_position(array['daily', 'weekly', 'monthly', 'quarterly', 'annual'], i.time_window)
        """,
        {"definition": canonical(change.definition.body), "zone": zone},
    ).fetchall()


def made_of(name: str, changes: list[Change]) -> list[str]:
    """The metrics that a metric is part of, directly or through others."""
    parts = {change.name: Definition(Path(), change.new or change.old, {}).children() for change in changes}
    found, reached = [], {name}
    while reached:
        reached = {whole for whole, children in parts.items() if reached & set(children)} - set(found)
        found += sorted(reached)
    return found


def stored_values(connection: psycopg.Connection, change: Change, organization: str | None) -> list[dict]:
    return connection.cursor(row_factory=dict_row).execute(
        """
        select
            c.time_window,
            string_agg(distinct c.aggregation_level, ', ' order by c.aggregation_level) as levels,
            count(*) as value_count,
            count(distinct c.organization_id) as organization_count
        from yardstick.metric_calculations as c
        where c.metric_id = %(metric)s and c.organization_id = coalesce(%(organization)s::uuid, c.organization_id)
        group by c.time_window
        order by array_position(array['daily', 'weekly', 'monthly', 'quarterly', 'annual'], c.time_window)
        """,
        {"metric": change.metric_id, "organization": organization},
    ).fetchall()


def latest_values(connection: psycopg.Connection, change: Change) -> list[dict]:
    """The last three complete periods of the window that the definition names first, of three organizations at most."""
    return connection.cursor(row_factory=dict_row).execute(
        """
        select o.organization_name, c.time_window, v.first_day, v.metric_value
        from (
            select distinct k.organization_id, %(window)s as time_window
            from yardstick.metric_calculations as k
            where k.metric_id = %(metric)s
            order by k.organization_id
            limit 3
        ) as c
        inner join yardstick.organizations as o on c.organization_id = o.id
        cross join lateral (
            select (p.period_start at time zone o.timezone)::date as first_day, p.metric_value
            from yardstick.metric_calculations as p
            where
                p.organization_id = c.organization_id and p.metric_id = %(metric)s and p.aggregation_level = 'org'
                and p.aggregation_id = c.organization_id and p.time_window = c.time_window and p.period_end <= now()
            order by p.period_end desc
            limit 3
        ) as v
        order by o.organization_name, v.first_day
        """,
        {"metric": change.metric_id, "window": change.old.get("time_windows", ["monthly"])[0]},
    ).fetchall()
