-- Definer, with the engine's rights: the procedures that call it commit in between, and such procedures run as their caller.
-- Each call is one transaction: first the organizations of which something may have changed, one by one, then the queued slices, newest first. Where a value
-- changed after it was queued, what depends on it may have been taken already, and is queued again.
create or replace function yardstick_engine.snapshot_step(as_of timestamptz, progress jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $snapshot_step$
declare
    -- What was looked at later than now, was looked at by a clock that has been set back since.
    present      constant timestamptz := greatest(snapshot_step.as_of, clock_timestamp());
    organization record;
    slice        record;
    taken        record;
begin
    if yardstick_engine.deploy_is_running() then
        return snapshot_step.progress || '{"is_done": true, "stopped_by": "deploy"}';
    end if;
    if not pg_try_advisory_xact_lock(7919003) then
        return snapshot_step.progress || '{"is_done": true, "stopped_by": "another run"}';
    end if;

    if not snapshot_step.progress ? 'organizations' then
        perform yardstick_engine.find_looks(snapshot_step.as_of);
        return snapshot_step.progress || '{"organizations": 0}';
    end if;
    if not coalesce((snapshot_step.progress ->> 'is_queued')::boolean, false) then
        select o.id, o.timezone, l.looked_at > present as is_ahead, greatest(snapshot_step.as_of, case when l.looked_at <= present then l.looked_at end) as as_of
        into organization
        from yardstick.snapshot_looks as l
        inner join yardstick.organizations as o on o.id = l.organization_id and o.is_active
        where l.is_due
        order by l.organization_id
        limit 1;
        if organization.id is null then
            return snapshot_step.progress || '{"is_queued": true}';
        end if;
        if organization.is_ahead then
            -- Of days that have not ended after all.
            delete from yardstick.metric_snapshots as s
            where s.organization_id = organization.id and s.snapshot_date >= (snapshot_step.as_of at time zone organization.timezone)::date;
        end if;
        perform yardstick_engine.queue_snapshots(organization.id, organization.as_of);
        update yardstick.snapshot_looks as l
        set
            is_due = false,
            looked_at = organization.as_of,
            error_metrics = array(select distinct e.metric_id from yardstick_engine.newest_errors(array[organization.id]) as e order by e.metric_id)
        where l.organization_id = organization.id;
        return snapshot_step.progress || jsonb_build_object('organizations', (snapshot_step.progress ->> 'organizations')::integer + 1);
    end if;

    -- As of the newest look: another run, which began after a midnight, may have queued what this one, which began before, comes upon.
    select s.*, o.timezone, a.as_of
    into slice
    from yardstick.snapshot_slices as s
    inner join yardstick.organizations as o on o.id = s.organization_id
    left join yardstick.snapshot_looks as l on l.organization_id = s.organization_id
    cross join lateral (
        select greatest(snapshot_step.as_of, case when l.looked_at <= present then l.looked_at end) as as_of
    ) as a
    where s.first_date < (a.as_of at time zone o.timezone)::date
    order by s.last_date desc, s.snapshot_type, s.organization_id
    limit 1
    for update of s;
    if not found then
        return snapshot_step.progress || '{"is_done": true}';
    end if;

    taken := yardstick_engine.snapshot_slice(
        slice.organization_id, slice.snapshot_type, slice.first_date, slice.last_date, slice.as_of
    );
    delete from yardstick.snapshot_slices as s
    where
        s.organization_id = slice.organization_id
        and s.snapshot_type = slice.snapshot_type
        and s.slice_start = slice.slice_start;
    if taken.changed <> slice.seen then
        perform yardstick_engine.queue_affected_snapshots(
            slice.organization_id, slice.snapshot_type, slice.first_date, slice.last_date,
            (slice.as_of at time zone slice.timezone)::date - 1
        );
    end if;
    return snapshot_step.progress || jsonb_build_object(
        'slices', coalesce((snapshot_step.progress ->> 'slices')::integer, 0) + 1,
        'rows', coalesce((snapshot_step.progress ->> 'rows')::integer, 0) + taken.written_count
    );
end
$snapshot_step$;

comment on function yardstick_engine.snapshot_step(timestamptz, jsonb) is
'Does the next piece of taking snapshots and returns the progress, with is_done when nothing is left; starts from {}.';

grant execute on function yardstick_engine.snapshot_step(timestamptz, jsonb) to yardstick_worker;
