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

-- Inlined: what the intervals of the hand-written SQL say more than once.
create function bench.chi_square_quantile(w float8) returns float8 language sql immutable parallel safe
return w * w + 2.771807648699356 * w + 1.8943058804627506 + (-0.48638158886288363 + (-0.27239816966975305
    + (0.19483204522190883 + (-0.19515259154340814 + 0.16972613777440532 / w) / w) / w) / w) / w;

create function bench.wilson_bound(hits float8, trials bigint, z float8) returns float8 language sql immutable parallel safe
return (hits + z * z / 2 + z * sqrt(hits * (trials - hits) / trials + z * z / 4)) / (trials + z * z);

create function bench.t_quantile(quantiles float8[], df bigint) returns float8 language sql immutable parallel safe
return case
    when df <= 100 then quantiles[df]
    else 1.9599639845400543 + (2.372271230298563 + (2.8224986157396117 + (2.5558496795077232 + 1.5895340533938236 / df) / df) / df) / df
end;
