-- as: deployer
-- Definer, with the engine's rights: whoever writes observations, for whichever organizations, need not see what waits.
-- Fires once a statement; both the old and the new day of a row that moved have to be calculated again. As in the functions that
-- yardstick_engine.capture_text writes, but one row per organization: a list has an end, and a COPY of any size has to pass.
create or replace function yardstick.capture_observations()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_sort = off
set jit = off
as $capture_observations$
begin
    if tg_op = 'INSERT' then
        insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
        select
            (select s.id from yardstick.metric_sources as s where s.source_name = 'analytics_metrics' and s.organization_id is null),
            true, array_agg(g.organization_id::text), array_agg(g.metric_name::text), array_agg(g.low), array_agg(g.high)
        from (
            select r.organization_id, r.metric_name, min(r.measurement_date) as low, max(r.measurement_date) as high
            from new_rows as r
            group by r.organization_id, r.metric_name, date_bin('1 day', r.measurement_date, '1970-01-01 00:00Z')
        ) as g
        group by g.organization_id;
    elsif tg_op = 'UPDATE' then
        insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
        select
            (select s.id from yardstick.metric_sources as s where s.source_name = 'analytics_metrics' and s.organization_id is null),
            true, array_agg(g.organization_id::text), array_agg(g.metric_name::text), array_agg(g.low), array_agg(g.high)
        from (
            select r.organization_id, r.metric_name, min(r.measurement_date) as low, max(r.measurement_date) as high
            from (
                select o.organization_id, o.metric_name, o.measurement_date from old_rows as o
                union all
                select n.organization_id, n.metric_name, n.measurement_date from new_rows as n
            ) as r
            group by r.organization_id, r.metric_name, date_bin('1 day', r.measurement_date, '1970-01-01 00:00Z')
        ) as g
        group by g.organization_id;
    else
        insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
        select
            (select s.id from yardstick.metric_sources as s where s.source_name = 'analytics_metrics' and s.organization_id is null),
            true, array_agg(g.organization_id::text), array_agg(g.metric_name::text), array_agg(g.low), array_agg(g.high)
        from (
            select r.organization_id, r.metric_name, min(r.measurement_date) as low, max(r.measurement_date) as high
            from old_rows as r
            group by r.organization_id, r.metric_name, date_bin('1 day', r.measurement_date, '1970-01-01 00:00Z')
        ) as g
        group by g.organization_id;
    end if;
    return null;
end
$capture_observations$;

alter function yardstick.capture_observations() owner to yardstick_engine_role;
revoke execute on function yardstick.capture_observations() from public;
grant execute on function yardstick.capture_observations() to yardstick_owner;

comment on function yardstick.capture_observations() is
'Trigger: the days whose observations a statement changed wait to be calculated again.';
