-- Where the time is indexed within the organization only, a stretch of it is found through all of them.
create or replace function yardstick_engine.scan_bounds_text(
    source            yardstick.metric_sources,
    has_instants      boolean,
    only_dirty        boolean,
    by_cells          boolean,
    organization_type text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $scan_bounds_text$
    select case when scan_bounds_text.by_cells then format(
        'r.%I = d.organization_key and r.%I = d.measure_key and r.%3$I >= d.low and r.%3$I < d.high offset 0',
        source.organization_column, source.key_column, source.time_column
    )
    else format(case when has_instants then 'r.%1$I >= $6 and r.%1$I < $7' else 'r.%1$I >= $1 and r.%1$I < $2' end, source.time_column)
        || case
            when source.organization_column is null or not (only_dirty or exists (
                select
                from pg_index as i
                inner join pg_attribute as a
                    on a.attrelid = i.indrelid and a.attname = source.organization_column and a.attnum = i.indkey[0]
                inner join pg_attribute as t on t.attrelid = i.indrelid and t.attname = source.time_column and t.attnum = i.indkey[1]
                where i.indrelid = to_regclass(source.relation)
            )) then ''
            when organization_type = 'uuid' then format(' and r.%I = any($8::uuid[])', source.organization_column)
            else format(' and r.%I::text = any($8)', source.organization_column)
        end
        || case when source.key_column is null then ''
            else format(' and ($9::text[] is null or r.%I::text = any($9))', source.key_column) end end
$scan_bounds_text$;

comment on function yardstick_engine.scan_bounds_text(yardstick.metric_sources, boolean, boolean, boolean, text) is
'Text of the condition on rows r of a source that a scan reads: its stretch of time, its organizations where that helps to find it, and its keys; or, by_cells, the stretch, the organization and the key of a cell d that is looked up (cell_lookups_text).';
