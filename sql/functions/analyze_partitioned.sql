-- Definer, as the owner: only the owner of a table may analyze it.
create or replace function yardstick.analyze_partitioned()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $analyze_partitioned$
declare
    parent   record;
    analyzed integer := 0;
begin
    for parent in
        select c.relname
        from pg_class as c
        where c.relnamespace = 'yardstick'::regnamespace and c.relkind = 'p' and not c.relispartition
        order by c.relname
    loop
        execute format('analyze yardstick.%I', parent.relname);
        analyzed := analyzed + 1;
    end loop;
    return analyzed;
end
$analyze_partitioned$;

comment on function yardstick.analyze_partitioned() is
'Gathers planner statistics of the partitioned tables, which autovacuum never does, and returns their number.';

grant execute on function yardstick.analyze_partitioned() to yardstick_engine_role;
