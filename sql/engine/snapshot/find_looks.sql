-- Values change by being written, which is noted, and become due because a day has ended, which the clock tells. Once a day all is compared
-- for that reason: what somebody changed by hand shows then.
create or replace function yardstick_engine.find_looks(as_of timestamptz)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $find_looks$
    with

    taken as (

        delete from yardstick.value_changes as c
        returning c.organization_ids

    ),

    changed as (

        select distinct u.organization_id
        from taken
        cross join unnest(taken.organization_ids) as u (organization_id)

    )

    insert into yardstick.snapshot_looks as l (organization_id, is_due)
    select o.id, true
    from yardstick.organizations as o
    left join yardstick.snapshot_looks as k on k.organization_id = o.id
    left join changed on changed.organization_id = o.id
    where
        k.looked_at is null
        or changed.organization_id is not null
        or (k.looked_at at time zone o.timezone)::date <> (find_looks.as_of at time zone o.timezone)::date
    on conflict (organization_id) do update
    set is_due = true
    where not l.is_due
$find_looks$;

comment on function yardstick_engine.find_looks(timestamptz) is
'Notes which organizations are to be compared with their snapshots: those whose values were written since the last call, or for whom another day has begun.';
