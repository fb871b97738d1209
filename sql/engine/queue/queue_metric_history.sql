-- For metrics without measures there are no rows to look at: those made of others begin where their parts do, queries and
-- functions where their sources do, as far as their values are kept. Of a former definition values may stand elsewhere.
create or replace function yardstick_engine.queue_metric_history(metric_id uuid, organization_id uuid, from_date date, to_date date)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_metric_history$
declare
    metric     yardstick.metric_definitions;
    first_date date;
    queued     integer;
begin
    select d.* into strict metric from yardstick.metric_definitions as d where d.id = queue_metric_history.metric_id;
    if metric.deleted_at is not null or not metric.is_active then
        return 0;
    end if;

    if metric.compiled ? 'children' then
        insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
        select v.organization_id, v.metric_id, v.period_type, v.period_start
        from yardstick_engine.periods_of_values(
            queue_metric_history.metric_id, queue_metric_history.organization_id, queue_metric_history.from_date, queue_metric_history.to_date
        ) as v
        union
        select
            o.id, queue_metric_history.metric_id, k.period_type, yardstick_engine.period_shift(
                yardstick_engine.period_date(c.period_start, o.timezone, k.period_type, o.week_start, o.fiscal_year_start_month),
                k.period_type, (child.body ->> 'lag')::integer
            )
        from yardstick.organizations as o
        cross join lateral jsonb_each(metric.compiled -> 'children') as child (alias, body)
        inner join yardstick.metric_definitions as d
            on d.metric_name = child.body ->> 'metric_name' and d.deleted_at is null
            and (d.organization_id is null or d.organization_id = o.id)
        cross join lateral unnest(metric.time_windows) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
        inner join yardstick.metric_calculations as c
            on c.organization_id = o.id and c.metric_id = d.id and c.aggregation_level = any(metric.aggregation_levels)
            and c.time_window = w.time_window
        where o.is_active and (metric.organization_id is null or o.id = metric.organization_id)
            and (queue_metric_history.organization_id is null or o.id = queue_metric_history.organization_id)
            and (queue_metric_history.from_date is null or (c.period_end at time zone o.timezone)::date > queue_metric_history.from_date)
            and (queue_metric_history.to_date is null or (c.period_start at time zone o.timezone)::date <= queue_metric_history.to_date);
        get diagnostics queued = row_count;
        return queued;
    end if;

    begin
        select min(b.first_date) into first_date
        from jsonb_array_elements_text(metric.compiled -> 'sources') as s (source_id)
        cross join lateral yardstick_engine.source_dates(s.source_id::uuid) as b;
    exception
        when lock_not_available or deadlock_detected or serialization_failure then
            raise;
        when others then
            -- A source that cannot be read: as far back as values stand.
            select min(c.period_start)::date - 1 into first_date
            from yardstick.metric_calculations as c
            where c.metric_id = metric.id
                and (queue_metric_history.organization_id is null or c.organization_id = queue_metric_history.organization_id);
            if first_date is null then
                raise;
            end if;
    end;

    insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
    select v.organization_id, v.metric_id, v.period_type, v.period_start
    from yardstick_engine.periods_of_values(
        queue_metric_history.metric_id, queue_metric_history.organization_id, queue_metric_history.from_date, queue_metric_history.to_date
    ) as v
    union
    select o.id, queue_metric_history.metric_id, k.period_type, f.period_start
    from yardstick.organizations as o
    cross join lateral (
        select
            greatest(
                queue_metric_history.from_date, first_date, (now() at time zone o.timezone)::date - metric.retention_days, date '1990-01-01'
            ) as from_date,
            least(queue_metric_history.to_date, (now() at time zone o.timezone)::date) as to_date
    ) as r
    cross join lateral generate_series(r.from_date::timestamp, r.to_date::timestamp, interval '1 day') as g (local_day)
    cross join lateral unnest(metric.time_windows) as w (time_window)
    cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
    cross join lateral (
        select yardstick_engine.period_floor(g.local_day::date, k.period_type, o.week_start, o.fiscal_year_start_month) as period_start
    ) as f
    -- Of a source without rows there is no time to look at.
    where o.is_active and (metric.organization_id is null or o.id = metric.organization_id)
        and (queue_metric_history.organization_id is null or o.id = queue_metric_history.organization_id)
        and (first_date is not null or jsonb_array_length(metric.compiled -> 'sources') = 0);
    get diagnostics queued = row_count;
    return queued;
end
$queue_metric_history$;

comment on function yardstick_engine.queue_metric_history(uuid, uuid, date, date) is
'Queues the periods of a metric without measures that touch two local dates (null: from the beginning, until now), for one organization or with null for all it is calculated for, those of which values stand among them, and returns their number.';
