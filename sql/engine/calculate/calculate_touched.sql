create or replace function yardstick_engine.calculate_touched(
    source_id        uuid,
    measure_ids      uuid[],
    organization_ids uuid[],
    period_types     integer[],
    period_starts    date[],
    causes           text[],
    as_of            timestamptz,
    cell_measures      uuid[] default null,
    cell_organizations uuid[] default null,
    cell_types         integer[] default null,
    cell_starts        date[] default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_touched$
declare
    -- Of these not all measures are as they are now.
    held_ids    constant uuid[] := array(
        select h.metric_id from yardstick_engine.held_metrics(calculate_touched.as_of) as h where h.organization_id is null
    );
    batch       record;
    cells       record;
    written     bigint := 0;
    batch_size  integer;
    period_organizations uuid[];
    starts               date[];
    reasons              text[];
begin
    -- Finest windows first: completeness of a longer period counts the finest values inside it.
    for cells in
        select u.period_type, yardstick_engine.window_name(u.period_type) as time_window
        from unnest(calculate_touched.period_types) as u (period_type)
        group by u.period_type
        order by u.period_type
    loop
        select array_agg(p.organization_id), array_agg(p.period_start), array_agg(p.cause)
        into period_organizations, starts, reasons
        from (
            select u.organization_id, u.period_start, max(u.cause) as cause
            from unnest(
                calculate_touched.organization_ids, calculate_touched.period_types, calculate_touched.period_starts, calculate_touched.causes
            ) as u (organization_id, period_type, period_start, cause)
            where u.period_type = cells.period_type
            group by u.organization_id, u.period_start
        ) as p;

        -- Fifty metrics, or as many as some sixty thousand values are expected of: memory stays bounded. The states of the periods are
        -- counted in a hundredth of the pages, for what was just written has no statistics yet.
        batch_size := case when calculate_touched.cell_measures is null then (
            select greatest(1, least(50, 30000 * m.metrics / greatest(s.states, 1)))::integer
            from (
                select count(distinct u.metric_id) as metrics from yardstick_engine.measure_uses(calculate_touched.measure_ids) as u
            ) as m
            cross join (
                select count(*) * 100 as states
                from yardstick.metric_partials as p tablesample system (1)
                where p.period_type = cells.period_type
                    and p.period_start >= (select min(b.period_start) from unnest(starts) as b (period_start))
                    and p.period_start <= (select max(b.period_start) from unnest(starts) as b (period_start))
            ) as s
        ) end;

        for batch in
            select
                array_agg(n.metric_id order by n.metric_id) as metric_ids,
                null::uuid[] as organization_ids, null::date[] as period_starts, null::text[] as causes,
                null::uuid[] as cell_metrics, null::uuid[] as cell_organizations, null::date[] as cell_starts
            from (
                select u.metric_id, row_number() over (order by u.metric_id) as number
                from yardstick_engine.measure_uses(calculate_touched.measure_ids) as u
                inner join yardstick.metric_definitions as d on d.id = u.metric_id
                where calculate_touched.cell_measures is null and cells.time_window = any(d.time_windows) and d.id <> all(held_ids)
                group by u.metric_id
            ) as n
            group by (n.number - 1) / batch_size
            union all
            select b.*
            from yardstick_engine.touched_batches(
                calculate_touched.measure_ids, cells.period_type, period_organizations, starts, reasons, held_ids,
                calculate_touched.cell_measures, calculate_touched.cell_organizations, calculate_touched.cell_types, calculate_touched.cell_starts
            ) as b
            where calculate_touched.cell_measures is not null
        loop
            written := written + yardstick_engine.calculate_cells(
                calculate_touched.source_id, batch.metric_ids, cells.period_type,
                coalesce(batch.organization_ids, period_organizations), coalesce(batch.period_starts, starts), coalesce(batch.causes, reasons),
                calculate_touched.as_of, batch.cell_metrics, batch.cell_organizations, batch.cell_starts
            );
        end loop;
    end loop;

    return written;
end
$calculate_touched$;

comment on function yardstick_engine.calculate_touched(uuid, uuid[], uuid[], integer[], date[], text[], timestamptz, uuid[], uuid[], integer[], date[]) is
'Values the touched periods (parallel arrays organization, period type, period start, cause) for all metrics that use the given measures, at most fifty metrics a statement, days before weeks before months; only the touched cells (parallel arrays measure, organization, period type, period start) when they are given. Returns the number of rows written.';
