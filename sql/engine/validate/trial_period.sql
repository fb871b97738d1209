create or replace function yardstick_engine.trial_period(
    definition      jsonb,
    organization_id uuid,
    as_of           timestamptz default now()
)
returns table (time_window text, period_type integer, period_start date, next_start date, timezone text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $trial_period$
    select
        w.time_window,
        w.period_type,
        yardstick_engine.period_shift(p.next_start, w.period_type, -1),
        p.next_start,
        o.timezone
    from yardstick.organizations as o
    cross join lateral (
        select
            n.time_window,
            yardstick_engine.period_type(n.time_window)::integer as period_type
        from (select coalesce(trial_period.definition #>> '{time_windows,0}', 'monthly') as time_window) as n
    ) as w
    cross join lateral (
        select yardstick_engine.period_floor(
            (trial_period.as_of at time zone o.timezone)::date, w.period_type, o.week_start, o.fiscal_year_start_month
        ) as next_start
    ) as p
    where o.id = trial_period.organization_id
$trial_period$;

comment on function yardstick_engine.trial_period(jsonb, uuid, timestamptz) is
'The last period of a definition''s first window that had ended, on the calendar of an organization.';
