-- Apart from what reads it, which may wait longer: for another worker that writes the same series.
create or replace function yardstick_engine.reach_source(source_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $reach_source$
declare
    source record;
begin
    select s.source_name, s.relation into source from yardstick.metric_sources as s where s.id = reach_source.source_id;
    -- Planned and not run: that locks the relation, its partitions, and what a view reads, to the end of the transaction.
    execute format('select from %s as r limit 0', source.relation);
exception
    when lock_not_available then
        raise exception using
            errcode = '55P03',
            message = format('the source %s cannot be read now: another session has locked %s', source.source_name, source.relation),
            hint = format(
                'Who has: select pid, mode from pg_locks where relation = %L::regclass and granted; of a view, of the tables below it.',
                source.relation
            );
    when others then
        -- What else is wrong with it is said by whoever reads it, metric by metric.
        null;
end
$reach_source$;

comment on function yardstick_engine.reach_source(uuid) is
'Locks a source for reading to the end of the transaction, or fails with 55P03, naming it, when somebody else keeps it locked for two seconds.';
