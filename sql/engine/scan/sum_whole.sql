-- The server's sum of bigint is ready for more than a bigint, and keeps a state apart for each group; most groups are of few rows.
-- Beyond a bigint this one raises 22003 and never wraps: who gets that asks sum().
create or replace aggregate yardstick_engine.sum_whole(bigint) (
    sfunc = pg_catalog.int8pl,
    stype = bigint,
    combinefunc = pg_catalog.int8pl,
    parallel = safe
);

comment on aggregate yardstick_engine.sum_whole(bigint) is
'The sum, cheaper than sum(), as long as it and all before it fit a bigint; raises numeric_value_out_of_range where one does not.';
