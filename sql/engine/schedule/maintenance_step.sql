create or replace function yardstick_engine.maintenance_step(as_of timestamptz, progress jsonb)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $maintenance_step$
declare
    -- Nothing goes, nor comes, for a time that is still to come, whatever time a run is given.
    present      constant timestamptz := least(maintenance_step.as_of, clock_timestamp());
    today        constant date := (present at time zone 'UTC')::date;
    purged_count integer;
    made_count   integer;
begin
    if not maintenance_step.progress ? 'purged_runs' then
        delete from yardstick.job_runs as r
        where r.status <> 'running' and r.started_at < present - interval '30 days';
        get diagnostics purged_count = row_count;
        return maintenance_step.progress || jsonb_build_object('purged_runs', purged_count);
    end if;

    if not maintenance_step.progress ? 'summed_costs' then
        return maintenance_step.progress || jsonb_build_object('summed_costs', yardstick_engine.sum_costs(present));
    end if;

    if not maintenance_step.progress ? 'partitions' then
        if yardstick_engine.deploy_is_running() then
            return maintenance_step.progress || '{"is_done": true, "stopped_by": "deploying"}';
        end if;
        made_count := yardstick.ensure_coming_partitions(today);
        return maintenance_step.progress || jsonb_build_object('partitions', made_count);
    end if;

    -- Once a day is enough for the planner, and autovacuum never does it for a partitioned table.
    if exists (
        select from yardstick.job_runs as r
        where
            r.job_name = 'maintenance' and r.status = 'succeeded' and r.progress ? 'analyzed'
            and r.started_at between clock_timestamp() - interval '20 hours' and clock_timestamp()
    ) then
        return maintenance_step.progress || '{"is_done": true}';
    end if;
    return maintenance_step.progress || jsonb_build_object('analyzed', yardstick.analyze_partitioned(), 'is_done', true);
end
$maintenance_step$;

comment on function yardstick_engine.maintenance_step(timestamptz, jsonb) is
'Does the next piece of housekeeping (old job runs, costs, partitions of the next two years, statistics) and returns the '
'progress, with is_done at the end.';
