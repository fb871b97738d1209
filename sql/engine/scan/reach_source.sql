-- Apart from the scan, which may wait longer: for another worker that writes the same series.
create or replace function yardstick_engine.reach_source(source_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $reach_source$
begin
    -- Planned and not run: that locks the relation, its partitions, and what a view reads, to the end of the transaction.
    execute (
        select format('select from %s as r limit 0', s.relation) from yardstick.metric_sources as s where s.id = reach_source.source_id
    );
exception
    when lock_not_available then
        raise;
    when others then
        -- What else is wrong with it is said by the scan, metric by metric.
        null;
end
$reach_source$;

comment on function yardstick_engine.reach_source(uuid) is
'Locks a source for reading, or fails with 55P03 when somebody else keeps it locked for two seconds.';
