-- as: deployer
-- Definer, with the engine's rights, as capture_observations. Before the rows go, for nobody could say afterwards which days they had.
create or replace function yardstick.capture_truncate()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $capture_truncate$
begin
    insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)
    select distinct r.organization_id, s.id, 'source', r.metric_name, (r.measurement_date at time zone o.timezone)::date
    from yardstick.analytics_metrics as r
    inner join yardstick.organizations as o on r.organization_id = o.id
    inner join yardstick.metric_sources as s on s.source_name = 'analytics_metrics' and s.organization_id is null;
    return null;
end
$capture_truncate$;

alter function yardstick.capture_truncate() owner to yardstick_engine_role;
revoke execute on function yardstick.capture_truncate() from public;
grant execute on function yardstick.capture_truncate() to yardstick_owner;

comment on function yardstick.capture_truncate() is
'Trigger: every day that has observations waits to be calculated again, before all of them are removed.';
