-- Workers' clocks are those at which their calls began: one that began before a midnight goes on after it, and may come upon periods that
-- another has closed. What it would value as not ended nobody would value again. To be read after the periods have been taken: whoever
-- queued these had moved the boundary.
create or replace function yardstick_engine.clock_of_values(as_of timestamptz, organization_ids uuid[], source_id uuid default null)
returns timestamptz
language sql
volatile
set search_path = pg_catalog, pg_temp
as $clock_of_values$
    with

    organization as (
        select distinct u.organization_id from unnest(clock_of_values.organization_ids) as u (organization_id)
    ),

    -- A mark later than that was left by a clock that has been set back since.
    present as (
        select greatest(clock_of_values.as_of, clock_timestamp()) as latest
    ),

    served as (
        select max(r.refreshed_to) as refreshed_to
        from organization as o
        inner join yardstick.metric_refreshes as r on r.organization_id = o.organization_id
        where r.refresh_frequency = 'day_closed' and coalesce(r.source_id = clock_of_values.source_id, true)
            and r.refreshed_to <= (select p.latest from present as p)
        union all
        select max(c.refreshed_to)
        from organization as o
        inner join yardstick.metric_clocks as c on c.organization_id = o.organization_id
        where clock_of_values.source_id is null and c.refreshed_to <= (select p.latest from present as p)
    )

    select greatest(clock_of_values.as_of, max(s.refreshed_to)) from served as s
$clock_of_values$;

comment on function yardstick_engine.clock_of_values(timestamptz, uuid[], uuid) is
'The instant as known at which periods that were taken are valued: as_of, or the newest boundary that another worker has served meanwhile for one of the organizations: of a source, the last midnight that closed its days; without a source also the due times of queries and functions. Null is never given.';
