-- A day that could not be read was not read for any organization, whosever row was bad.
create or replace function yardstick_engine.cells_unread(
    source_id    uuid,
    measure_keys text[],
    local_dates  date[]
)
returns table (organization_id uuid, measure_key text, local_date date)
language sql
stable
set search_path = pg_catalog, pg_temp
as $cells_unread$
    with

    failed as materialized (
        select distinct d.id, m.measure_key
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        inner join yardstick.metric_measures as m on m.id in ((u.body ->> 'measure_id')::uuid, (u.body ->> 'squares_id')::uuid)
        where d.source_id = cells_unread.source_id and d.last_error_code is not null
    )

    select distinct c.organization_id, f.measure_key, n.local_date
    from failed as f
    cross join yardstick.organizations as o
    inner join yardstick.metric_calculations as c
        on c.organization_id = o.id and c.metric_id = f.id and c.aggregation_level = 'org' and c.aggregation_id = o.id
    cross join lateral jsonb_array_elements_text(c.metadata -> 'unread_dates') as u (unread_date)
    cross join lateral (select u.unread_date::date as local_date) as n
    where o.is_active and c.metadata ? 'unread_dates' and exists (
        select
        from unnest(cells_unread.measure_keys, cells_unread.local_dates) as k (measure_key, local_date)
        where k.local_date = n.local_date and (k.measure_key is null or f.measure_key is null or k.measure_key = f.measure_key)
    )
$cells_unread$;

comment on function yardstick_engine.cells_unread(uuid, text[], date[]) is
'Cells of all organizations on those of the dates (dirty, with their keys) on which metrics of a source could not be read.';
