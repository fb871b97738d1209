create or replace function yardstick_engine.waiting_dates(metric_id uuid, organization_ids uuid[])
returns table (organization_id uuid, dates datemultirange)
language sql
stable
set search_path = pg_catalog, pg_temp
as $waiting_dates$
    with

    metric as (

        select d.id, d.source_id, array(select m.measure_id from yardstick_engine.metric_measure_ids(d.id) as m (measure_id)) as measure_ids
        from yardstick.metric_definitions as d
        where d.id = waiting_dates.metric_id

    ),

    chosen as (

        select u.id from unnest(waiting_dates.organization_ids) as u (id)

    )

    select w.organization_id, range_agg(daterange(w.from_date, w.to_date)) as dates
    from (
        select d.organization_id, d.period_start as from_date, yardstick_engine.period_next(d.period_start, d.period_type) as to_date
        from yardstick.metric_dirty as d
        inner join metric on metric.source_id = d.source_id
        union
        -- Whosever days these are: near enough for a sample.
        select chosen.id, (u.first_at at time zone 'UTC')::date - 1, (u.last_at at time zone 'UTC')::date + 2
        from yardstick.source_changes as c
        inner join metric on metric.source_id = c.source_id
        cross join lateral unnest(c.first_at, c.last_at) as u (first_at, last_at)
        cross join chosen
        union
        select p.organization_id, p.period_start, yardstick_engine.period_next(p.period_start, p.period_type)
        from yardstick.metric_pending as p
        inner join metric on metric.id = p.metric_id
        union
        select chosen.id, s.period_start, s.period_start + 7
        from yardstick.calculation_slices as s
        inner join metric on metric.source_id = s.source_id and metric.measure_ids && s.measure_ids
        cross join chosen
        where s.period_type = 2
        union
        select chosen.id, p.from_date, p.to_date
        from yardstick.postponed_weeks as p
        inner join metric on metric.source_id = p.source_id and metric.measure_ids && p.measure_ids
        cross join chosen
    ) as w
    group by w.organization_id
$waiting_dates$;

comment on function yardstick_engine.waiting_dates(uuid, uuid[]) is
'Local dates of organizations that wait to be calculated for a metric.';
