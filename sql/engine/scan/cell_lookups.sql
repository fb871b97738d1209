create or replace function yardstick_engine.cell_lookups(source_id uuid, cells bigint, is_keyed boolean)
returns table (by_cells boolean, by_index boolean)
language sql
stable
rows 1
set search_path = pg_catalog, pg_temp
as $cell_lookups$
    -- A look-up costs as much as reading a dozen states of a year in a row, or of rows hundreds.
    select
        c.by_cells,
        c.by_cells and 2000.0 * cell_lookups.cells < r.expected and yardstick_engine.has_cell_index(cell_lookups.source_id)
    from (select coalesce(yardstick_engine.source_rows(cell_lookups.source_id), 0) as expected) as r
    cross join lateral (select cell_lookups.is_keyed and 100.0 * cell_lookups.cells < r.expected as by_cells) as c
$cell_lookups$;

comment on function yardstick_engine.cell_lookups(uuid, bigint, boolean) is
'How changed cells of a source are read: by_cells: their states are looked up one by one; by_index: so are their rows. is_keyed: each is of one key.';
