-- Definer, as the owner: the engine removes what is old, and owns no table. Readers go on; who writes waits.
create or replace function yardstick.lock_year_partition(partition_name text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- Shorter than deadlock_timeout: in a circle it is never the other one that is ended.
set lock_timeout = '900ms'
as $lock_year_partition$
begin
    if lock_year_partition.partition_name !~ '^metric_(calculations|snapshots|partials_day|details)_[12][0-9]{3}$' then
        raise exception using
            errcode = 'YS003', message = format('%s is no year of values, snapshots or states', lock_year_partition.partition_name);
    end if;
    execute format('lock table yardstick.%I in share row exclusive mode', lock_year_partition.partition_name);
end
$lock_year_partition$;

comment on function yardstick.lock_year_partition(text) is
'Keeps writers away from a year of values, snapshots or states until the transaction ends.';

grant execute on function yardstick.lock_year_partition(text) to yardstick_engine_role;
