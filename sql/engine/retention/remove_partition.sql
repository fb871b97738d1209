create or replace function yardstick_engine.remove_partition(partition_name text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $remove_partition$
begin
    if yardstick_engine.holds_needed(remove_partition.partition_name) then
        return false;
    end if;
    begin
        perform yardstick.lock_year_partition(remove_partition.partition_name);
        if yardstick_engine.holds_needed(remove_partition.partition_name) then
            return false;
        end if;
        perform yardstick.drop_year_partition(remove_partition.partition_name);
    exception
        -- Its rows are removed one by one then, and the empty year by the next run.
        when lock_not_available or deadlock_detected then
            return false;
    end;
    return true;
end
$remove_partition$;

comment on function yardstick_engine.remove_partition(text) is
'Drops a yearly partition of values, snapshots or states all of whose rows may go; false: something in it is kept, or it is in use.';
