-- as: deployer
-- Definer, with the engine's rights, as capture_observations. Before the rows go, for nobody could say afterwards which days they had.
create or replace function yardstick.capture_truncate()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $capture_truncate$
begin
    insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
    select
        (select s.id from yardstick.metric_sources as s where s.source_name = 'analytics_metrics' and s.organization_id is null),
        true, array_agg(g.organization_id::text), array_agg(g.metric_name::text), array_agg(g.low), array_agg(g.high)
    from (
        select r.organization_id, r.metric_name, min(r.measurement_date) as low, max(r.measurement_date) as high
        from yardstick.analytics_metrics as r
        group by r.organization_id, r.metric_name, date_bin('1 day', r.measurement_date, '1970-01-01 00:00Z')
    ) as g
    group by g.organization_id;
    return null;
end
$capture_truncate$;

alter function yardstick.capture_truncate() owner to yardstick_engine_role;
revoke execute on function yardstick.capture_truncate() from public;
grant execute on function yardstick.capture_truncate() to yardstick_owner;

comment on function yardstick.capture_truncate() is
'Trigger: every day that has observations waits to be calculated again, before all of them are removed.';
