-- Definer, with the engine's rights: health shows it to whoever watches.
-- Looked up are the values that may have changed since the job that takes snapshots looked, of so many organizations that nobody waits, other
-- ones each time; and those that were errors then, for they may be none any more.
create or replace function yardstick_engine.error_values()
returns table (metric_name text, error_code text, calculation_notes text)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $error_values$
    with

    changed as materialized (

        select distinct u.organization_id
        from (select c.organization_ids from yardstick.value_changes as c order by c.added_at desc limit 200) as c
        cross join unnest(c.organization_ids) as u (organization_id)

    ),

    asked as materialized (

        select o.id
        from yardstick.organizations as o
        left join yardstick.snapshot_looks as l on l.organization_id = o.id
        left join changed on changed.organization_id = o.id
        where l.looked_at is null or l.is_due or changed.organization_id is not null
        order by random()
        limit 500

    ),

    found as (

        select e.metric_id, e.error_code, e.calculation_notes
        from yardstick_engine.newest_errors(array(select asked.id from asked)) as e
        union all
        select e.metric_id, e.error_code, e.calculation_notes
        from yardstick.snapshot_looks as l
        cross join yardstick_engine.newest_errors(array[l.organization_id], l.error_metrics) as e
        where l.error_metrics <> '{}' and l.organization_id not in (select asked.id from asked)

    )

    select distinct on (d.metric_name) d.metric_name, found.error_code, left(found.calculation_notes, 200)
    from found
    inner join yardstick.metric_definitions as d on d.id = found.metric_id
    order by d.metric_name, found.error_code
$error_values$;

comment on function yardstick_engine.error_values() is
'Metrics of which the newest value of some organization is an error, with one of its errors: of 500 of the organizations whose values were written since the job snapshots looked, and of all that had one then.';
revoke execute on function yardstick_engine.error_values() from public;
grant execute on function yardstick_engine.error_values() to yardstick_dba, yardstick_worker;
