create or replace function yardstick_engine.record_given_errors(
    period_type integer,
    failures    jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $record_given_errors$
declare
    span             record;
    organization_ids uuid[];
begin
    update yardstick.metric_definitions as d
    set last_error_code = f.error_code, last_error = left(f.message, 500)
    from (
        select distinct on (g.metric_id) g.metric_id, g.error_code, g.message
        from jsonb_to_recordset(record_given_errors.failures) as g (metric_id uuid, period_start date, error_code text, message text)
        order by g.metric_id, g.period_start desc
    ) as f
    where d.id = f.metric_id and (d.last_error_code, d.last_error) is distinct from (f.error_code, left(f.message, 500));

    select min(g.period_start) as low, max(g.period_start) + 366 as high
    into span
    from jsonb_to_recordset(record_given_errors.failures) as g (period_start date);
    if span.low is null then
        return;
    end if;
    perform yardstick.ensure_year_partitions('yardstick.metric_calculations', span.low, span.high);

    -- A value that stands is kept; only where there is none does the error take its place: the organization's, whatever the levels.
    with

    written as (
        insert into yardstick.metric_calculations as c (
            organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
            metric_value, calculation_status, calculation_notes, error_code, metric_version, calculation_timestamp
        )
        select distinct on (o.id, d.id, g.period_start)
            o.id, d.id, 'org', o.id, yardstick_engine.window_name(record_given_errors.period_type),
            yardstick_engine.local_midnight(g.period_start, o.timezone),
            yardstick_engine.local_midnight(yardstick_engine.period_next(g.period_start, record_given_errors.period_type), o.timezone),
            null::numeric, 'error', left(g.message, 500), g.error_code, d.version, clock_timestamp()
        from jsonb_to_recordset(record_given_errors.failures) as g (
            metric_id uuid, organization_id uuid, period_start date, error_code text, message text
        )
        inner join yardstick.metric_definitions as d on d.id = g.metric_id
        inner join yardstick.organizations as o on o.id = g.organization_id
        where not exists (
            select from yardstick.retention_marks as r
            where r.organization_id = o.id and r.metric_id = d.id
                and yardstick_engine.period_next(g.period_start, record_given_errors.period_type)
                <= case when record_given_errors.period_type <= 2 then r.days_kept_from else r.kept_from end
        )
        order by 1, 2, g.period_start
        on conflict (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start)
        do update set
            calculation_notes = excluded.calculation_notes, error_code = excluded.error_code, metric_version = excluded.metric_version,
            calculation_timestamp = excluded.calculation_timestamp
        where c.calculation_status = 'error'
            and (c.calculation_notes, c.error_code, c.metric_version)
            is distinct from (excluded.calculation_notes, excluded.error_code, excluded.metric_version)
        returning c.organization_id
    )

    select array_agg(w.organization_id) into organization_ids from written as w;
    perform yardstick_engine.note_values(organization_ids);
end
$record_given_errors$;

comment on function yardstick_engine.record_given_errors(integer, jsonb) is
'Marks metrics without measures as failing and stores an error row for the periods that failed where no value stands; failures is an array of {metric_id, organization_id, period_start, error_code, message}.';
