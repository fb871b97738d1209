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
    period_organizations uuid[];
    starts               date[];
    reasons              text[];
begin
    -- Finest windows first: completeness of a longer period counts the finest values inside it.
    for cells in
        select distinct u.period_type
        from unnest(calculate_touched.period_types) as u (period_type)
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

        for batch in
            select
                w.metric_ids, w.batch_organizations, w.batch_starts, w.batch_causes,
                null::uuid[] as cell_metrics, null::uuid[] as cell_organizations, null::date[] as cell_starts
            from yardstick_engine.whole_batches(
                calculate_touched.measure_ids, cells.period_type, period_organizations, starts, reasons, held_ids
            ) as w
            where calculate_touched.cell_measures is null
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
                batch.batch_organizations, batch.batch_starts, batch.batch_causes, calculate_touched.as_of,
                batch.cell_metrics, batch.cell_organizations, batch.cell_starts
            );
        end loop;
    end loop;

    return written;
end
$calculate_touched$;

comment on function yardstick_engine.calculate_touched(uuid, uuid[], uuid[], integer[], date[], text[], timestamptz, uuid[], uuid[], integer[], date[]) is
'Values the touched periods (parallel arrays organization, period type, period start, cause) for all metrics that use the given measures, as many metrics a statement as metric_bound() says, days before weeks before months; only the touched cells (parallel arrays measure, organization, period type, period start) when they are given. Returns the number of rows written.';
