create or replace function yardstick_engine.record_metric_error(
    source_id   uuid,
    measure_ids uuid[],
    local_date  date,
    error_code  text,
    message     text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $record_metric_error$
declare
    organization_ids uuid[];
    note constant text := yardstick_engine.error_words(record_metric_error.error_code, record_metric_error.message);
begin
    update yardstick.metric_definitions as d
    set last_error_code = record_metric_error.error_code, last_error = note
    from yardstick_engine.measure_uses(record_metric_error.measure_ids) as u
    where d.id = u.metric_id;

    perform yardstick.ensure_year_partitions(
        'yardstick.metric_calculations', record_metric_error.local_date, record_metric_error.local_date + 366
    );
    -- A value that stands is kept; only where there is none does the error take its place, until the days it names have been read.
    with

    written as (
        insert into yardstick.metric_calculations as c (
            organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
            metric_value, calculation_status, calculation_notes, error_code, metric_version, metadata, calculation_timestamp
        )
        select distinct
            o.id, d.id, 'org', o.id, w.time_window,
            yardstick_engine.local_midnight(p.period_start, o.timezone),
            yardstick_engine.local_midnight(yardstick_engine.period_next(p.period_start, k.period_type), o.timezone),
            null::numeric, 'error', note, record_metric_error.error_code, d.version,
            jsonb_build_object('unread_dates', jsonb_build_array(record_metric_error.local_date)), clock_timestamp()
        from yardstick_engine.measure_uses(record_metric_error.measure_ids) as u
        inner join yardstick.metric_definitions as d on d.id = u.metric_id
        inner join yardstick.organizations as o
            on o.is_active and (d.organization_id is null or d.organization_id = o.id)
        inner join yardstick.metric_sources as s
            on s.id = d.source_id and (s.organization_id is null or s.organization_id = o.id)
        cross join lateral unnest(d.time_windows) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
        cross join lateral (
            select yardstick_engine.period_floor(
                record_metric_error.local_date, k.period_type, o.week_start, o.fiscal_year_start_month
            ) as period_start
        ) as p
        where 'org' = any(d.aggregation_levels)
            and not exists (
                select from yardstick.retention_marks as r
                where r.organization_id = o.id and r.metric_id = d.id
                    and yardstick_engine.period_next(p.period_start, k.period_type)
                    <= case when k.period_type <= 2 then r.days_kept_from else r.kept_from end
            )
        on conflict (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start)
        do update set metadata = jsonb_build_object(
            'unread_dates', (c.metadata -> 'unread_dates') || (excluded.metadata -> 'unread_dates')
        )
        where c.metadata ? 'unread_dates' and not (c.metadata -> 'unread_dates') @> (excluded.metadata -> 'unread_dates')
        returning c.organization_id
    )

    select array_agg(w.organization_id) into organization_ids from written as w;
    perform yardstick_engine.note_values(organization_ids);
end
$record_metric_error$;

comment on function yardstick_engine.record_metric_error(uuid, uuid[], date, text, text) is
'Marks the metrics that use the given measures as failing, with SQLSTATE and message, and stores an error row for the periods that hold local_date where no value stands.';
