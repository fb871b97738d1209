create or replace function yardstick_engine.calculate_touched(
    source_id        uuid,
    organization_ids uuid[],
    measure_ids      uuid[],
    period_types     integer[],
    period_starts    date[],
    as_of            timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_touched$
declare
    batch       record;
    cells       record;
    written     bigint := 0;
begin
    -- Finest windows first: completeness of a longer period counts the finest values inside it.
    for cells in
        select
            t.step,
            array_agg(t.organization_id) as organization_ids, array_agg(t.measure_id) as measure_ids,
            array_agg(t.period_type) as period_types, array_agg(t.period_start) as period_starts
        from (
            select distinct
                u.organization_id, u.measure_id, u.period_type, u.period_start,
                u.period_type as step
            from unnest(
                calculate_touched.organization_ids, calculate_touched.measure_ids,
                calculate_touched.period_types, calculate_touched.period_starts
            ) as u (organization_id, measure_id, period_type, period_start)
        ) as t
        group by t.step
        order by t.step
    loop
        for batch in
            select array_agg(n.metric_id order by n.metric_id) as metric_ids
            from (
                select u.metric_id, row_number() over (order by u.metric_id) as number
                from yardstick_engine.measure_uses(cells.measure_ids) as u
                group by u.metric_id
            ) as n
            group by (n.number - 1) / 50
        loop
            written := written + yardstick_engine.calculate_cells(
                calculate_touched.source_id, batch.metric_ids, cells.organization_ids, cells.measure_ids,
                cells.period_types, cells.period_starts, calculate_touched.as_of
            );
        end loop;
    end loop;

    return written;
end
$calculate_touched$;

comment on function yardstick_engine.calculate_touched(uuid, uuid[], uuid[], integer[], date[], timestamptz) is
'Values touched cells of all metrics that use them, fifty metrics a statement, days before weeks before months; returns the number of rows written.';
