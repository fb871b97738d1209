-- Until revisions exist, old values are only replaced: values under bounds that the new calendar does not have leave the table.
create or replace function yardstick_engine.queue_organization(
    organization_id uuid,
    cause           text
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $queue_organization$
declare
    queued integer := 0;
    source record;
begin
    if queue_organization.cause = 'calendar' then
        delete from yardstick.metric_partials as p
        using yardstick.metric_series as s
        where s.organization_id = queue_organization.organization_id
            and p.series_id = s.series_id and p.organization_id = s.organization_id;
        delete from yardstick.metric_calculations as c
        where c.organization_id = queue_organization.organization_id
            and exists (select from yardstick.metric_definitions as d where d.id = c.metric_id and d.source_id is not null);
    elsif queue_organization.cause = 'org_move' then
        -- A department that no counted row is below any more is no scope of the calculation, so nothing would empty its values.
        update yardstick.metric_calculations as c
        set
            metric_value = null, previous_value = null, change_percentage = null, variance_from_target = null,
            calculation_status = 'warning', calculation_notes = 'no source rows are left in this period', error_code = null,
            sample_size = 0, calculation_timestamp = clock_timestamp(),
            metadata = case when c.metadata ->> 'completeness' is null then c.metadata else c.metadata || '{"completeness": 0}' end
        where c.organization_id = queue_organization.organization_id
            and c.aggregation_level = 'dept'
            and c.metric_value is not null
            and (c.metric_id, c.aggregation_id) not in (
                select d.id, a.ancestor_id
                from yardstick.metric_definitions as d
                cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
                inner join yardstick.metric_series as s
                    on s.measure_id = (used.body ->> 'measure_id')::uuid
                    and s.organization_id = queue_organization.organization_id and s.aggregation_level = 'own'
                inner join yardstick_engine.department_ancestors(array[queue_organization.organization_id]) as a
                    on a.department_id = s.aggregation_id
            );
    end if;

    for source in
        select s.id, b.first_date, b.last_date
        from yardstick.metric_sources as s
        cross join lateral yardstick_engine.source_dates(s.id) as b
        where s.is_active and (s.organization_id is null or s.organization_id = queue_organization.organization_id)
            and exists (select from yardstick.metric_measures as m where m.source_id = s.id)
            and b.first_date is not null
    loop
        queued := queued + yardstick_engine.queue_weeks(
            source.id,
            array(
                select m.id
                from yardstick.metric_measures as m
                where m.source_id = source.id
                    and (m.organization_id is null or m.organization_id = queue_organization.organization_id)
                order by m.id
            ),
            source.first_date,
            source.last_date + 1
        );
    end loop;
    return queued;
end
$queue_organization$;

comment on function yardstick_engine.queue_organization(uuid, text) is
'Queues the whole history of an organization after its calendar (cause calendar: values with the old bounds are removed first) or its tree of departments (cause org_move) changed. Returns the number of weeks queued.';
grant execute on function yardstick_engine.queue_organization(uuid, text) to yardstick_owner;
