-- VALUES beside every cell costs a row for each aggregate, met or not, and a hash table of them for each cell. Most of many conditions
-- hold nowhere in a cell: what is left of them is put into arrays of one length, and only that becomes rows. A sum of values that were
-- counted is never null, nor are their least and greatest; what only counts rows has none of them, and so comes last.
create or replace function yardstick_engine.unpacked_cells_text(
    counted  integer[],
    valued   integer[],
    by_place boolean
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $unpacked_cells_text$
    select format(
        $text$(
        select
            %1$s, p.measure_key, p.local_date,
            unnest(p.combos) as combo, unnest(p.row_counts) as row_count,
            unnest(p.sums) as value_sum, unnest(p.minima) as value_min, unnest(p.maxima) as value_max
        from (
            select
                %1$s, c.measure_key, c.local_date,
                array_remove(array[%2$s]::integer[], null) as combos,
                array_remove(array[%3$s]::bigint[], 0) as row_counts,
                array_remove(array[%4$s]::numeric[], null) as sums,
                array_remove(array[%5$s]::numeric[], null) as minima,
                array_remove(array[%6$s]::numeric[], null) as maxima
            from cells as c
            offset 0
        ) as p
    ) as c
    cross join lateral (select c.combo, c.row_count, c.value_sum, c.value_min, c.value_max) as v$text$,
        case when unpacked_cells_text.by_place then 'place_no' else 'organization_id, aggregation_level, aggregation_id' end,
        string_agg(format('case when c.n%1$s > 0 then %1$s end', k.number), ', ' order by k.position),
        string_agg(format('c.n%s', k.number), ', ' order by k.position),
        coalesce(string_agg(format('c.s%s', k.number), ', ' order by k.position) filter (where k.has_value), ''),
        coalesce(string_agg(format('c.lo%s', k.number), ', ' order by k.position) filter (where k.has_value), ''),
        coalesce(string_agg(format('c.hi%s', k.number), ', ' order by k.position) filter (where k.has_value), '')
    )
    from (
        select u.number, u.position, u.position <= cardinality(unpacked_cells_text.valued) as has_value
        from unnest(unpacked_cells_text.valued || unpacked_cells_text.counted) with ordinality as u (number, position)
    ) as k
$unpacked_cells_text$;

comment on function yardstick_engine.unpacked_cells_text(integer[], integer[], boolean) is
'Text of the FROM items that turn cells c, in which each distinct aggregate is a column, into one row v a cell and aggregate in which rows were counted. counted: numbers of the aggregates that only count rows; valued: of those that also add up values; by_place: cells have the number of their place instead of ids.';
