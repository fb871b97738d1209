-- Definer, with the engine's rights: the functions are the engine's.
create or replace function yardstick_engine.drop_captures()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $drop_captures$
declare
    held    record;
    dropped integer := 0;
begin
    for held in
        select f.oid::regprocedure as routine
        from pg_proc as f
        where f.pronamespace = 'yardstick'::regnamespace and f.proname ~ '^capture_[0-9a-f]{32}$'
            and not exists (select from pg_trigger as t where t.tgfoid = f.oid)
            and not exists (
                select
                from yardstick.metric_sources as s
                where s.capture and s.is_active and yardstick_engine.capture_name(s.id) = f.proname
            )
    loop
        execute format('drop function if exists %s', held.routine);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$drop_captures$;

comment on function yardstick_engine.drop_captures() is
'Drops the functions that noted changes of sources which are captured no more, once no trigger calls them; returns their number.';
revoke execute on function yardstick_engine.drop_captures() from public;
grant execute on function yardstick_engine.drop_captures() to yardstick_dba;
