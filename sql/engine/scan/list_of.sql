-- as: deployer
-- The planner takes eight kilobytes for each list that array_agg gathers, and cuts a GROUP BY of many short ones into parts on disk that
-- would have had room in memory. Only a superuser may say otherwise of a state of this kind.
create or replace aggregate yardstick_engine.list_of(anynonarray) (
    sfunc = pg_catalog.array_agg_transfn,
    stype = internal,
    sspace = 256,
    finalfunc = pg_catalog.array_agg_finalfn,
    finalfunc_extra,
    parallel = safe
);

comment on aggregate yardstick_engine.list_of(anynonarray) is
'All values, as array_agg() gives them, for many lists that are mostly short.';

alter aggregate yardstick_engine.list_of(anynonarray) owner to yardstick_engine_role;
revoke execute on function yardstick_engine.list_of(anynonarray) from public;
