-- Maintenance alone writes here, and one at a time; workers only ever append what is taken.
create or replace function yardstick_engine.sum_costs(as_of timestamptz)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $sum_costs$
declare
    taken yardstick.calculation_costs[];
begin
    with gone as (
        delete from yardstick.calculation_costs as c
        where c.ctid = any(array(select n.ctid from yardstick.calculation_costs as n limit 20000))
        returning c
    )

    select array_agg(gone.c) into taken from gone;

    insert into yardstick.metric_costs as m (
        organization_id, metric_id, cost_date, run_microseconds, row_count, slice_count, error_count, blocks_hit, blocks_read
    )
    select
        a.organization_id, a.metric_id, a.cost_date, a.run_microseconds, a.row_count, a.slice_count, a.error_count, a.blocks_hit, a.blocks_read
    from yardstick_engine.apportioned_costs(taken) as a
    on conflict on constraint metric_costs_are_kept_by_day do update
    set
        run_microseconds = m.run_microseconds + excluded.run_microseconds,
        row_count = m.row_count + excluded.row_count,
        slice_count = m.slice_count + excluded.slice_count,
        error_count = m.error_count + excluded.error_count,
        blocks_hit = coalesce(m.blocks_hit + excluded.blocks_hit, m.blocks_hit, excluded.blocks_hit),
        blocks_read = coalesce(m.blocks_read + excluded.blocks_read, m.blocks_read, excluded.blocks_read);

    delete from yardstick.metric_costs as m
    where m.cost_date < (sum_costs.as_of at time zone 'UTC')::date - 90;
    return coalesce(cardinality(taken), 0);
end
$sum_costs$;

comment on function yardstick_engine.sum_costs(timestamptz) is
'Adds up to 20,000 of what was noted to the costs of its metrics and days, forgets those older than 90 days, and returns how many notes there were.';
