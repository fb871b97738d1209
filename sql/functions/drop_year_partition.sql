-- Definer, as the owner: the engine removes what is old, and owns no table. Detached and dropped in one transaction: stopped at any
-- point it is still there, whole. A detach that waits for nobody takes a transaction of its own, which no function can give it; so it
-- waits 0.9 s for readers at most, and the next run tries again.
create or replace function yardstick.drop_year_partition(partition_name text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '900ms'
as $drop_year_partition$
declare
    parent_name text;
begin
    select p.relname into parent_name
    from pg_class as c
    inner join pg_inherits as i on i.inhrelid = c.oid
    inner join pg_class as p on p.oid = i.inhparent
    where c.relnamespace = 'yardstick'::regnamespace and c.relname = drop_year_partition.partition_name
        and drop_year_partition.partition_name ~ '^metric_(calculations|snapshots|partials_day|details)_[12][0-9]{3}$';
    if parent_name is null then
        raise exception using
            errcode = 'YS003', message = format('%s is no year of values, snapshots or states', drop_year_partition.partition_name);
    end if;
    execute format('alter table yardstick.%I detach partition yardstick.%I', parent_name, drop_year_partition.partition_name);
    execute format('drop table yardstick.%I', drop_year_partition.partition_name);
end
$drop_year_partition$;

comment on function yardstick.drop_year_partition(text) is
'Detaches a year of values, snapshots or states from its table and drops it, with all its rows.';

grant execute on function yardstick.drop_year_partition(text) to yardstick_engine_role;
