-- A definition or a source that is another one now may have no rows where a value stands: nothing but the value itself tells of its period,
-- and nothing but a series of its scope, which may have none of the measures that are read now.
create or replace function yardstick_engine.queue_former_values(metric_id uuid)
returns table (first_date date, last_date date)
language sql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_former_values$
    with

    measured as (
        select d.source_id, k.measure_ids, d.aggregation_levels, d.time_windows, d.organization_id, d.version
        from yardstick.metric_definitions as d
        cross join lateral (
            select array_agg(m.measure_id order by m.measure_id) as measure_ids
            from yardstick_engine.metric_measure_ids(d.id) as m (measure_id)
        ) as k
        where d.id = queue_former_values.metric_id
    ),

    standing as materialized (
        select
            c.organization_id, c.aggregation_level, c.aggregation_id, k.period_type, (c.period_start at time zone o.timezone)::date as period_start,
            (c.period_end at time zone o.timezone)::date as next_start, c.time_window, c.period_start as starts_at, c.period_end as ends_at
        from measured as m
        inner join yardstick.organizations as o on o.is_active and (m.organization_id is null or o.id = m.organization_id)
        cross join lateral (
            select c.*
            from yardstick.metric_calculations as c
            where c.organization_id = o.id and c.metric_id = queue_former_values.metric_id
            offset 0
        ) as c
        cross join lateral (select yardstick_engine.period_type(c.time_window) as period_type) as k
        where c.aggregation_level = any(m.aggregation_levels) and c.time_window = any(m.time_windows)
            and (c.metric_value is not null or c.sample_size > 0)
    ),

    added as (
        insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
        select s.organization_id, m.measure_ids[1], s.level, s.aggregation_id
        from (
            select distinct
                s.organization_id, case s.aggregation_level when 'org' then 'none' when 'dept' then 'own' else s.aggregation_level end as level,
                s.aggregation_id
            from standing as s
        ) as s
        cross join measured as m
        order by 1, 2, 3, 4
        on conflict do nothing
    ),

    -- Whether a metric has rows is asked of its organization level (rows_stand): where it had other levels only, that has them now.
    placed as (
        insert into yardstick.metric_calculations (
            organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
            calculation_status, calculation_notes, sample_size, metric_version, calculation_timestamp, metadata
        )
        select distinct
            s.organization_id, queue_former_values.metric_id, 'org', s.organization_id, s.time_window, s.starts_at, s.ends_at,
            'warning', 'no source rows are left in this period', 0, m.version, now(),
            case when s.ends_at <= now() then jsonb '{"is_complete": true, "completeness": 0, "validity": null, "timeliness": 0}'
                else jsonb '{"is_complete": false, "completeness": null, "validity": null, "timeliness": null}' end
        from standing as s
        cross join measured as m
        where 'org' = any(m.aggregation_levels)
        on conflict do nothing
    ),

    dirty as (
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
        select
            p.organization_id, m.source_id, case when p.period_type <= 3 then 'day' else 'month' end, m.measure_ids, p.period_type, p.period_start,
            date_trunc(
                case when p.period_type <= 3 then 'month' else 'year' end,
                (p.period_start + case p.period_type when 2 then 6 else 0 end)::timestamp
            )::date
        from (select distinct s.organization_id, s.period_type, s.period_start from standing as s) as p
        cross join measured as m
    )

    -- A year that holds one of the first or last days reaches beyond the dates that are read.
    select
        greatest(min(s.period_start), date '1990-01-01'),
        least(max(s.next_start - 1), make_date(extract(year from now())::integer + 5, 12, 31))
    from standing as s
    having count(*) > 0
$queue_former_values$;

comment on function yardstick_engine.queue_former_values(uuid) is
'Leaves a dirty row for every period of which a metric with measures has a value, so that it is valued again though no row touches it, and gives the scopes of these values a series. Returns the first and the last day of these periods, within 1990 and five years ahead; no row when no value stands.';
