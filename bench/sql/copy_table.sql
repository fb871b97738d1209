-- The copy that hand-written SQL fills: the same columns, keys, checks and yearly partitions.
drop schema if exists bench cascade;
create schema bench;
create table bench.metric_calculations (like yardstick.metric_calculations including all) partition by range (period_end);

do $$
declare
    part record;
begin
    for part in
        select c.relname, pg_get_expr(c.relpartbound, c.oid) as bounds
        from pg_inherits as i
        inner join pg_class as c on i.inhrelid = c.oid
        where i.inhparent = 'yardstick.metric_calculations'::regclass
    loop
        execute format('create table bench.%I partition of bench.metric_calculations %s', part.relname, part.bounds);
    end loop;
end $$;
