-- To be committed before the query is run: an endless one then leaves its mark, costs one run, and is left alone until the
-- definition is another version or a day has passed.
create or replace function yardstick_engine.start_attempt(organization_id uuid, metric_id uuid, metric_version integer)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $start_attempt$
begin
    insert into yardstick.sandbox_attempts as a (organization_id, metric_id, metric_version)
    values (start_attempt.organization_id, start_attempt.metric_id, start_attempt.metric_version)
    on conflict on constraint sandbox_attempts_pkey do update
    set
        metric_version = excluded.metric_version,
        started_at = excluded.started_at
    where a.metric_version <> excluded.metric_version
        or a.started_at not between clock_timestamp() - interval '1 day' and clock_timestamp();
    return found;
end
$start_attempt$;

comment on function yardstick_engine.start_attempt(uuid, uuid, integer) is
'Remembers that a metric is about to be run without limits of its own; false: an earlier run of this version never came back, leave it.';
