create or replace function yardstick_engine.held_metrics(as_of timestamptz)
returns table (metric_id uuid, organization_id uuid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $held_metrics$
    -- Not what is tried again already, whenever the call of this worker began; nor what failed later than now, for a clock that has been set
    -- back since.
    select f.metric_id, f.organization_id
    from yardstick.metric_failures as f
    where f.quarantined_at is not null
        or (
            f.retry_at > held_metrics.as_of and coalesce(f.tried_at < f.retry_at, true)
            and f.last_failed_at <= greatest(held_metrics.as_of, clock_timestamp())
        )
$held_metrics$;

comment on function yardstick_engine.held_metrics(timestamptz) is
'Metrics that are left out of what is calculated at as_of because they failed: for one organization, or with null for all.';
