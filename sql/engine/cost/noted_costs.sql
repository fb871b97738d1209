-- Definer, with the engine's rights: a view may ask a function only what its reader may.
create or replace function yardstick_engine.noted_costs()
returns table (
    organization_id  uuid,
    metric_id        uuid,
    cost_date        date,
    run_microseconds bigint,
    row_count        bigint,
    slice_count      bigint,
    error_count      bigint,
    blocks_hit       bigint,
    blocks_read      bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $noted_costs$
    select
        a.organization_id, a.metric_id, a.cost_date, a.run_microseconds, a.row_count, a.slice_count, a.error_count, a.blocks_hit, a.blocks_read
    from yardstick_engine.apportioned_costs(array(select c from yardstick.calculation_costs as c)) as a
$noted_costs$;

comment on function yardstick_engine.noted_costs() is
'What was noted since costs were last added up, by metric and day.';

grant execute on function yardstick_engine.noted_costs() to yardstick_dba, yardstick_worker;
