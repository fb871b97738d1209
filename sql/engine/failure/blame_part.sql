create or replace function yardstick_engine.blame_part(
    source_id   uuid,
    week        date,
    measure_ids uuid[],
    as_of       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $blame_part$
declare
    words constant text := yardstick_engine.error_words('57014', null);
begin
    perform yardstick_engine.record_metric_error(blame_part.source_id, blame_part.measure_ids, blame_part.week + 6, '57014', words);
    perform yardstick_engine.note_failures(
        null, array(select u.metric_id from yardstick_engine.measure_uses(blame_part.measure_ids) as u), '57014', words, blame_part.as_of
    );
    -- The others go on in halves again: there may be another one among them.
    update yardstick.calculation_slices as s
    set attempt_count = 1, not_before = null
    where s.source_id = blame_part.source_id and s.period_type = 2 and s.period_start = blame_part.week;
end
$blame_part$;

comment on function yardstick_engine.blame_part(uuid, date, uuid[], timestamptz) is
'Marks the metrics of a measure that alone ran out of time in a week of its source as failing, and lets the rest of the week go on without it.';
