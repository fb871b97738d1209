create or replace function yardstick_engine.note_cost(
    stage       text,
    started_at  timestamptz,
    row_count   bigint,
    measure_ids uuid[] default null,
    metric_ids  uuid[] default null,
    source_id   uuid default null,
    error_count integer default 0,
    blocks      bigint[] default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $note_cost$
declare
    -- The first, or what it takes to count would be in it.
    took  constant bigint := greatest(extract(epoch from clock_timestamp() - note_cost.started_at) * 1000000, 0);
    after constant bigint[] := case when note_cost.blocks is not null then yardstick_engine.blocks_touched(true) end;
begin
    insert into yardstick.calculation_costs as c (
        stage, source_id, measure_ids, metric_ids, run_microseconds, row_count, error_count, blocks_hit, blocks_read
    )
    values (
        note_cost.stage, note_cost.source_id, note_cost.measure_ids, note_cost.metric_ids, took, coalesce(note_cost.row_count, 0), note_cost.error_count,
        greatest(after[1] - note_cost.blocks[1], 0), greatest(after[2] - note_cost.blocks[2], 0)
    );
end
$note_cost$;

comment on function yardstick_engine.note_cost(text, timestamptz, bigint, uuid[], uuid[], uuid, integer, bigint[]) is
'Writes down what a statement that began at started_at has cost, and whose it is: measures, metrics, or all metrics of a source. blocks: what blocks_touched said before it; null: blocks are not counted.';
