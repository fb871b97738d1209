-- Values under bounds that the new calendar does not have leave the table; what had been stated stays among the revisions.
create or replace function yardstick_engine.queue_organization(
    organization_id uuid,
    cause           text
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_organization$
declare
    queued integer := 0;
    source record;
begin
    -- Before its states go, for they tell what an unreadable source had.
    for source in
        select s.id
        from yardstick.metric_sources as s
        where s.is_active and (s.organization_id is null or s.organization_id = queue_organization.organization_id)
            and (
                exists (select from yardstick.metric_measures as m where m.source_id = s.id)
                or (queue_organization.cause = 'calendar' and exists (
                    select from yardstick.metric_definitions as d
                    where d.calculation_method = 'sql' and d.compiled -> 'sources' ? s.id::text and d.deleted_at is null and d.is_active
                ))
            )
    loop
        if yardstick_engine.reach_for_organization(queue_organization.organization_id, source.id, queue_organization.cause) then
            queued := queued + yardstick_engine.queue_organization_source(queue_organization.organization_id, source.id, queue_organization.cause);
        end if;
    end loop;

    if queue_organization.cause = 'calendar' then
        -- What a calculation at work has not committed yet is not seen below.
        insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
        select queue_organization.organization_id, s.id, 'calendar', clock_timestamp()
        from yardstick.metric_sources as s
        where s.relation = 'yardstick.analytics_metrics' and s.organization_id is null
        on conflict on constraint metric_refreshes_pkey do update
        set refreshed_to = excluded.refreshed_to;

        perform yardstick_engine.queue_organization_queries(queue_organization.organization_id);

        delete from yardstick.metric_partials as p
        using yardstick.metric_series as s
        where s.organization_id = queue_organization.organization_id
            and p.series_id = s.series_id and p.organization_id = s.organization_id;
        delete from yardstick.metric_details as d
        where d.organization_id = queue_organization.organization_id;
        with

        gone as (
            delete from yardstick.metric_calculations as c
            where c.organization_id = queue_organization.organization_id
            returning c.*
        )

        insert into yardstick.metric_calculation_revisions (
            organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, superseded_at, cause,
            metric_version, calculation_timestamp, created_at, metric_value, target_value, calculation_status, calculation_notes, sample_size
        )
        select
            g.organization_id, g.metric_id, g.aggregation_level, g.aggregation_id, g.time_window, g.period_start, g.period_end,
            clock_timestamp(), 'calendar', g.metric_version, g.calculation_timestamp, g.created_at, g.metric_value, g.target_value, g.calculation_status,
            g.calculation_notes, g.sample_size
        from gone as g
        where g.metric_value is not null and (g.metadata ->> 'is_complete')::boolean;
    elsif queue_organization.cause = 'org_move' then
        -- A department that no counted row is below any more is no scope of the calculation, so nothing would empty its values.
        with

        abandoned as (
            select c.*
            from yardstick.metric_calculations as c
            where c.organization_id = queue_organization.organization_id
                    and c.aggregation_level = 'dept'
                    and (c.metric_value is not null or c.sample_size > 0)
                    and exists (select from yardstick.metric_definitions as d where d.id = c.metric_id and d.compiled ? 'measures')
                    and (c.metric_id, c.aggregation_id) not in (
                        select d.id, a.ancestor_id
                        from yardstick.metric_definitions as d
                        cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
                        inner join yardstick.metric_series as s
                            on s.measure_id = (used.body ->> 'measure_id')::uuid
                            and s.organization_id = queue_organization.organization_id and s.aggregation_level = 'own'
                        inner join yardstick_engine.department_ancestors(array[queue_organization.organization_id]) as a
                            on a.department_id = s.aggregation_id
                    )
        ),

        revised as (
            insert into yardstick.metric_calculation_revisions (
                organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, superseded_at, cause,
                metric_version, calculation_timestamp, created_at, metric_value, target_value, calculation_status, calculation_notes, sample_size
            )
            select
                a.organization_id, a.metric_id, a.aggregation_level, a.aggregation_id, a.time_window, a.period_start, a.period_end,
                clock_timestamp(), 'org_move', a.metric_version, a.calculation_timestamp, a.created_at, a.metric_value, a.target_value,
                a.calculation_status, a.calculation_notes, a.sample_size
            from abandoned as a
            where a.metric_value is not null and (a.metadata ->> 'is_complete')::boolean
        )

        update yardstick.metric_calculations as c
        set
            metric_value = null, previous_value = null, change_percentage = null, variance_from_target = null,
            percentile_rank = null, confidence_interval = null, data_quality_score = null,
            calculation_status = 'warning', calculation_notes = 'no source rows are left in this period', error_code = null,
            sample_size = 0, calculation_timestamp = clock_timestamp(),
            metadata = case when c.metadata ->> 'completeness' is null then c.metadata else c.metadata || '{"completeness": 0, "validity": null, "timeliness": 0}' end
        from abandoned as a
        where c.organization_id = a.organization_id and c.metric_id = a.metric_id and c.aggregation_level = a.aggregation_level
            and c.aggregation_id = a.aggregation_id and c.time_window = a.time_window and c.period_end = a.period_end
            and c.period_start = a.period_start;
        perform yardstick_engine.note_values(array[queue_organization.organization_id]);
    end if;
    return queued;
end
$queue_organization$;

comment on function yardstick_engine.queue_organization(uuid, text) is
'Queues the whole history of an organization after its calendar (cause calendar: values with the old bounds are removed first) or its tree of departments (cause org_move) changed, for each source that has, or had, rows of it. Returns the number of weeks queued.';
grant execute on function yardstick_engine.queue_organization(uuid, text) to yardstick_owner, yardstick_dba;
