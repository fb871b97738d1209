-- Definer, with the engine's rights: a DBA reads it through yardstick_ops.retention.
-- A metric is kept as long as any that is made of it, or a recalculation of that one would find nothing; and whole stretches of its
-- longest window, or a year that is valued again would miss its first days. Where weeks lie across such a stretch, their days stay.
create or replace function yardstick_engine.retention_cuts(as_of timestamptz)
returns table (
    organization_id uuid,
    metric_id       uuid,
    days_kept       integer,
    kept_from       date,
    days_kept_from  date,
    kept_because    text,
    held_because    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $retention_cuts$
    with recursive

    -- By name, as metric_parents: an organization's own metric takes the platform's place as a part of others.
    parts as materialized (

        select distinct
            d.id as metric_id,
            p.id as parent_id,
            coalesce((child.body ->> 'lag')::integer, 0) * (
                select max((array[1, 7, 31, 92, 366])[yardstick_engine.period_type(w.time_window)])
                from unnest(p.time_windows) as w (time_window)
            ) as lag_days
        from yardstick.metric_definitions as p
        cross join lateral jsonb_each(
            case when jsonb_typeof(p.compiled -> 'children') = 'object' then p.compiled -> 'children' else '{}' end
        ) as child (alias, body)
        inner join yardstick.metric_definitions as d
            on
                d.metric_name = child.body ->> 'metric_name'
                and (p.organization_id is null or d.organization_id is null or p.organization_id = d.organization_id)
        where p.deleted_at is null

    ),

    uses as (

        select d.id as metric_id, d.id as user_id, 0 as lag_days
        from yardstick.metric_definitions as d
        union
        select uses.metric_id, parts.parent_id, uses.lag_days + parts.lag_days
        from uses
        inner join parts on parts.metric_id = uses.user_id
        where uses.lag_days < 100000

    ),

    rules as materialized (

        select
            d.id as metric_id,
            d.organization_id,
            case
                when bool_or(u.retention_days is null) then null
                else max(u.retention_days + uses.lag_days)
            end as days_kept,
            (select max(yardstick_engine.period_type(w.time_window)) from unnest(d.time_windows) as w (time_window)) as longest,
            'weekly' = any(d.time_windows) as has_weeks,
            case
                when d.retention_days is null then 'it has no retention_days'
                when d.compiled ->> 'fill' = 'carry_forward' then 'its values are carried forward'
                when bool_or(u.retention_days is null) then
                    string_agg(distinct u.metric_name, ', ') filter (where u.retention_days is null) || ' is made of it and has no retention_days'
            end as kept_because
        from uses
        inner join yardstick.metric_definitions as d on d.id = uses.metric_id
        inner join yardstick.metric_definitions as u on u.id = uses.user_id
        group by d.id

    ),

    organizations as materialized (

        select o.id, o.timezone, o.week_start, o.fiscal_year_start_month
        from yardstick.organizations as o
        where yardstick_engine.knows_zone(o.timezone)

    )

    select
        o.id,
        r.metric_id,
        r.days_kept,
        f.kept_from,
        case when r.has_weeks then yardstick_engine.period_floor(f.kept_from, 2, o.week_start, 1) else f.kept_from end,
        r.kept_because,
        h.held_because
    from rules as r
    inner join organizations as o on r.organization_id is null or r.organization_id = o.id
    cross join lateral (
        select case when r.kept_because is null then yardstick_engine.period_floor(
            (least(retention_cuts.as_of, now()) at time zone o.timezone)::date - r.days_kept, r.longest, o.week_start, o.fiscal_year_start_month
        ) end as kept_from
    ) as f
    cross join lateral (
        select string_agg(l.reason, '; ' order by l.set_at) as held_because
        from yardstick.legal_holds as l
        where
            l.released_at is null
            and (l.hold_until is null or l.hold_until >= (now() at time zone 'UTC')::date)
            and (l.organization_id is null or l.organization_id = o.id)
            and (l.metric_id is null or l.metric_id in (select u.user_id from uses as u where u.metric_id = r.metric_id))
    ) as h
$retention_cuts$;

comment on function yardstick_engine.retention_cuts(timestamptz) is
'One row per organization and metric: the first dates that its retention_days keeps at as_of, or at present if that is earlier (null: everything, and why), and the holds on it.';

grant execute on function yardstick_engine.retention_cuts(timestamptz) to yardstick_dba, yardstick_worker;
