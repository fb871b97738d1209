-- A table that its host dropped, or keeps from us, stops neither a new organization nor a change of a calendar.
create or replace function yardstick_engine.organization_dates(
    source_id       uuid,
    organization_id uuid
)
returns table (first_date date, last_date date)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $organization_dates$
begin
    return query
    select b.first_date, b.last_date
    from yardstick_engine.source_dates(organization_dates.source_id) as b
    where
        exists (
            select from yardstick.metric_series as k
            inner join yardstick.metric_measures as m on m.id = k.measure_id and m.source_id = organization_dates.source_id
            where k.organization_id = organization_dates.organization_id
        )
        or yardstick_engine.source_has_rows(organization_dates.source_id, organization_dates.organization_id);
exception
    when lock_not_available or deadlock_detected or serialization_failure then
        raise;
    when others then
        perform yardstick_engine.record_source_error(organization_dates.source_id, sqlstate, sqlerrm);
        return query
        select min(p.period_start) - 1, max(p.period_start) + 1
        from yardstick.metric_measures as m
        inner join yardstick.metric_series as k on k.measure_id = m.id and k.organization_id = organization_dates.organization_id
        inner join yardstick.metric_partials as p
            on p.series_id = k.series_id and p.organization_id = k.organization_id and p.period_type = 1
        where m.source_id = organization_dates.source_id
        having count(*) > 0;
end
$organization_dates$;

comment on function yardstick_engine.organization_dates(uuid, uuid) is
'First and last local date for which a source could have rows, when it has, or had, rows of the organization; no row when it has none. Of a source that cannot be read: the dates of the states that were read before, with a day on each side; its metrics are marked as failing.';
