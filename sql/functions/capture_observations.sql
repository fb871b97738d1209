-- as: deployer
-- Definer, with the engine's rights: whoever writes observations, for whichever organizations, need not see what waits.
-- Fires once a statement; both the old and the new day of a row that moved have to be calculated again.
create or replace function yardstick.capture_observations()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $capture_observations$
begin
    if tg_op in ('INSERT', 'UPDATE') then
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)
        select distinct r.organization_id, s.id, 'source', r.metric_name, (r.measurement_date at time zone o.timezone)::date
        from new_rows as r
        inner join yardstick.organizations as o on r.organization_id = o.id
        inner join yardstick.metric_sources as s on s.source_name = 'analytics_metrics' and s.organization_id is null;
    end if;
    if tg_op in ('UPDATE', 'DELETE') then
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)
        select distinct r.organization_id, s.id, 'source', r.metric_name, (r.measurement_date at time zone o.timezone)::date
        from old_rows as r
        inner join yardstick.organizations as o on r.organization_id = o.id
        inner join yardstick.metric_sources as s on s.source_name = 'analytics_metrics' and s.organization_id is null;
    end if;
    return null;
end
$capture_observations$;

alter function yardstick.capture_observations() owner to yardstick_engine_role;
revoke execute on function yardstick.capture_observations() from public;
grant execute on function yardstick.capture_observations() to yardstick_owner;

comment on function yardstick.capture_observations() is
'Trigger: the days whose observations a statement changed wait to be calculated again.';
