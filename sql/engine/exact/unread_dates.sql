-- A source whose changes are not noted, or a metric that failed, tells nothing of which days are behind: all are.
create or replace function yardstick_engine.unread_dates(
    organization_id uuid,
    metric_id       uuid,
    from_date       date,
    to_date         date
)
returns date[]
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $unread_dates$
    with

    metric as (

        select
            d.id, d.source_id,
            array(select m.measure_id from yardstick_engine.metric_measure_ids(d.id) as m (measure_id)) as measure_ids,
            d.last_error_code is null
            and not exists (
                select from yardstick.metric_failures as f
                where f.metric_id = d.id and coalesce(f.organization_id = unread_dates.organization_id, true)
            )
            and s.capture
            -- What was estimated is not exact: all days are read.
            and not exists (
                select
                from yardstick_engine.metric_measure_ids(d.id) as u (measure_id)
                inner join yardstick.metric_measures as m on m.id = u.measure_id
                where m.state_kind in ('digest', 'registers')
            )
            and (
                s.relation = 'yardstick.analytics_metrics'
                or (
                    s.capture_mark is not null
                    and not exists (select from yardstick.capture_gaps as g where g.source_id = s.id and g.taken_at is null)
                    and not exists (select from yardstick_engine.capture_states() as c where c.source_id = s.id and c.problem is not null)
                )
            ) as is_noted
        from yardstick.metric_definitions as d
        inner join yardstick.metric_sources as s on s.id = d.source_id
        where d.id = unread_dates.metric_id

    ),

    days as (

        select d.period_start as local_day
        from metric
        inner join yardstick.metric_dirty as d
            on d.organization_id = unread_dates.organization_id and d.source_id = metric.source_id and d.stage = 'source'
        where d.period_start >= unread_dates.from_date and d.period_start < unread_dates.to_date
            and (d.measure_key is null or exists (
                select from yardstick.metric_measures as m
                where m.id = any(metric.measure_ids) and (m.measure_key is null or m.measure_key = d.measure_key)
            ))
        union
        -- What no tick has turned into days yet.
        select d.local_day
        from metric
        inner join yardstick.source_changes as c on c.source_id = metric.source_id
        inner join yardstick.organizations as o on o.id = unread_dates.organization_id
        cross join lateral unnest(c.organization_keys, c.measure_keys, c.first_at, c.last_at)
            as u (organization_key, measure_key, first_at, last_at)
        cross join lateral (
            select (u.first_at at time zone z.timezone)::date as local_day
            from (select case when c.is_instant then o.timezone else 'UTC' end) as z (timezone)
            union
            select (u.last_at at time zone z.timezone)::date
            from (select case when c.is_instant then o.timezone else 'UTC' end) as z (timezone)
        ) as d
        where (lower(u.organization_key) = o.id::text or o.external_id in (u.organization_key, upper(u.organization_key)))
            and u.first_at >= '1989-12-31' and u.first_at < '2200-01-01'
            and d.local_day >= unread_dates.from_date and d.local_day < unread_dates.to_date
            and (u.measure_key is null or exists (
                select from yardstick.metric_measures as m
                where m.id = any(metric.measure_ids) and (m.measure_key is null or m.measure_key = u.measure_key)
            ))
        union
        select s.period_start + n.day_no
        from metric
        inner join yardstick.calculation_slices as s on s.source_id = metric.source_id and s.period_type = 2 and s.measure_ids && metric.measure_ids
        cross join generate_series(0, 6) as n (day_no)
        where s.period_start + n.day_no >= unread_dates.from_date and s.period_start + n.day_no < unread_dates.to_date
        union
        select g.local_day::date
        from metric
        inner join yardstick.postponed_weeks as p on p.source_id = metric.source_id and p.measure_ids && metric.measure_ids
        cross join generate_series(
            greatest(p.from_date, unread_dates.from_date)::timestamp, least(p.to_date, unread_dates.to_date)::timestamp - interval '1 day',
            interval '1 day'
        ) as g (local_day)
        union
        select g.local_day::date
        from metric
        cross join generate_series(unread_dates.from_date::timestamp, unread_dates.to_date::timestamp - interval '1 day', interval '1 day') as g (local_day)
        where not metric.is_noted

    )

    select coalesce(array_agg(days.local_day order by days.local_day), '{}')
    from days
$unread_dates$;

comment on function yardstick_engine.unread_dates(uuid, uuid, date, date) is
'Local dates [from_date, to_date) of an organization on which rows behind a metric may have changed since its states were written.';
