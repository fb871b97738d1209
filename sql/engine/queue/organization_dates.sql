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
    with

    known as materialized (
        select s.first_date, s.last_date
        from yardstick_engine.state_dates(
            array(select m.id from yardstick.metric_measures as m where m.source_id = organization_dates.source_id),
            organization_dates.organization_id
        ) as s
    )

    select min(b.first_date), max(b.last_date)
    from (
        select k.first_date, k.last_date from known as k
        union all
        select s.first_date, s.last_date
        from yardstick_engine.source_dates(organization_dates.source_id) as s
        where exists (select from known)
            or yardstick_engine.source_has_rows(organization_dates.source_id, organization_dates.organization_id)
    ) as b
    having count(b.first_date) > 0;
exception
    when lock_not_available or deadlock_detected or serialization_failure then
        raise;
    when others then
        perform yardstick_engine.record_source_error(organization_dates.source_id, sqlstate, sqlerrm);
        return query
        select s.first_date - 1, s.last_date + 1
        from yardstick_engine.state_dates(
            array(select m.id from yardstick.metric_measures as m where m.source_id = organization_dates.source_id),
            organization_dates.organization_id
        ) as s;
end
$organization_dates$;

comment on function yardstick_engine.organization_dates(uuid, uuid) is
'First and last local date for which a source could have rows, or has states, when it has, or had, rows of the organization; no row when it has none. Of a source that cannot be read: the dates of the states that were read before, with a day on each side; its metrics are marked as failing.';
