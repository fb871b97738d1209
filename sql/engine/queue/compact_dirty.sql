-- Of what waits for longer each change would stay, minute by minute. A row that another session is taking counts for nothing here: of those
-- that could be locked one is kept, and locked it stays until the transaction ends, so that whoever takes it then reads all that came before.
create or replace function yardstick_engine.compact_dirty(source_ids uuid[], organization_ids uuid[], since timestamptz)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- How many cells there are is guessed badly.
set enable_nestloop = off
set enable_sort = off
set jit = off
as $compact_dirty$
declare
    places  tid[];
    removed bigint;
begin
    -- Of hundreds of thousands of cells few have changed since: only these are counted.
    with

    recent as materialized (
        select distinct d.source_id, d.organization_id, d.period_start, coalesce('=' || d.measure_key, '') as cell_key
        from yardstick.metric_dirty as d
        where d.stage = 'source' and d.added_at >= compact_dirty.since
    ),

    cell as materialized (
        select r.*
        from recent as r
        left join unnest(compact_dirty.source_ids, compact_dirty.organization_ids) as u (source_id, organization_id)
            on u.source_id = r.source_id and u.organization_id = r.organization_id
        where u.source_id is null
    ),

    piled as (
        select array_agg(d.ctid) as places
        from yardstick.metric_dirty as d
        inner join cell as c
            on c.source_id = d.source_id and c.organization_id = d.organization_id and c.period_start = d.period_start
            and c.cell_key = coalesce('=' || d.measure_key, '')
        where d.stage = 'source' and exists (select from cell)
        group by c.source_id, c.organization_id, c.period_start, c.cell_key
        having count(*) > 1
    )

    select array_agg(u.place) into places
    from piled as p
    cross join lateral unnest(p.places) as u (place);
    if places is null then
        return 0;
    end if;

    with

    locked as materialized (
        select d.ctid as place, d.source_id, d.organization_id, d.period_start, d.measure_key, d.added_at
        from yardstick.metric_dirty as d
        where d.ctid = any(places) and d.stage = 'source'
        for update skip locked
    ),

    numbered as (
        select
            k.place,
            row_number() over (partition by k.source_id, k.organization_id, k.period_start, k.measure_key order by k.added_at) as number
        from locked as k
    )

    delete from yardstick.metric_dirty as d
    where d.ctid = any(array(select n.place from numbered as n where n.number > 1));
    get diagnostics removed = row_count;
    return removed;
end
$compact_dirty$;

comment on function yardstick_engine.compact_dirty(uuid[], uuid[], timestamptz) is
'Leaves one of the dirty rows of each cell of the sources that has got one since, the oldest, but for the given pairs of source and organization, which are calculated now; returns the number of rows removed. Waits for nobody.';
