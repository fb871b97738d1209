-- Periods without rows are touched by nothing: whoever fills them has to ask for them.
create or replace function yardstick_engine.queue_fill(metric_id uuid, from_date date, to_date date, organization_id uuid default null)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_fill$
declare
    queued integer;
begin
    insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
    select distinct
        o.id, d.source_id, case when k.period_type <= 3 then 'day' else 'month' end, m.measure_ids, k.period_type, f.period_start,
        date_trunc(
            case when k.period_type <= 3 then 'month' else 'year' end,
            (f.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp
        )::date
    from yardstick.metric_definitions as d
    inner join yardstick.organizations as o on o.is_active and (d.organization_id is null or d.organization_id = o.id)
    inner join yardstick.metric_sources as s on s.id = d.source_id and (s.organization_id is null or s.organization_id = o.id)
    cross join lateral (
        select array_agg(distinct (u.body ->> 'measure_id')::uuid) as measure_ids
        from jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
    ) as m
    cross join lateral unnest(d.time_windows) as w (time_window)
    cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
    cross join lateral generate_series(
        queue_fill.from_date::timestamp, least(queue_fill.to_date, (now() at time zone o.timezone)::date)::timestamp, interval '1 day'
    ) as g (local_day)
    cross join lateral (
        select yardstick_engine.period_floor(g.local_day::date, k.period_type, o.week_start, o.fiscal_year_start_month) as period_start
    ) as f
    where d.id = queue_fill.metric_id and d.compiled ? 'fill' and coalesce(o.id = queue_fill.organization_id, true);
    get diagnostics queued = row_count;
    return queued;
end
$queue_fill$;

comment on function yardstick_engine.queue_fill(uuid, date, date, uuid) is
'Leaves a dirty row for every period between two local dates, up to today, of a metric that fills periods without rows, of one organization or of all, and returns their number; 0 for other metrics.';
