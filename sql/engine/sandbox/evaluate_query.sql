-- as: deployer
-- Where a user's query runs. Definer, with the rights of yardstick_formula, which can read the temporary views of the sandbox
-- and nothing else, and out of which no SET ROLE leads. A cursor takes a single query; a sub-select takes no statement that
-- writes; stable and read-only stop what functions would do. The limit on time is that of the statement which calls this:
-- nothing may be done after it has struck but say so.
create or replace function yardstick_engine.evaluate_query(query text, period_start timestamptz, period_end timestamptz)
returns table (
    aggregation_level text,
    aggregation_key   text,
    value             numeric,
    sample_size       bigint,
    error_code        text,
    error_message     text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set transform_null_equals = off
as $evaluate_query$
declare
    result        refcursor;
    result_keys   text[];
    result_values numeric[];
    sample_sizes  bigint[];
    problem       text[];
    is_answered   boolean := false;
begin
    begin
        -- From here to the end of this block, which undoes it; a function cannot have it as its own setting on every server.
        perform set_config('transaction_read_only', 'on', true);
        perform set_config('yardstick.period_start', evaluate_query.period_start::text, true);
        perform set_config('yardstick.period_end', evaluate_query.period_end::text, true);
        -- Columns that the query does not give are found in the row around it.
        open result for execute
            'select array_agg(bounded.key), array_agg(bounded.value), array_agg(bounded.sample_size) from ('
            'select answer.key, answer.value, answer.sample_size '
            'from (select null::text as aggregation_id, null::bigint as sample_size) as absent '
            'cross join lateral (select aggregation_id::text as key, value::numeric as value, sample_size::bigint as sample_size from ('
            || E'\n' || evaluate_query.query || E'\n'
            || ') as formula) as answer limit 100001) as bounded';
        fetch result into result_keys, result_values, sample_sizes;
        close result;
        problem := yardstick_engine.result_problem(result_keys, result_values, sample_sizes);
        error_code := problem[1];
        error_message := problem[2];
        is_answered := true;
        -- Settings, locks and whatever else was made on the way are undone; the variables keep what was read.
        raise exception using errcode = 'YSEND', message = 'the answer is there';
    exception when query_canceled or others then
        if not is_answered then
            error_code := sqlstate;
            error_message := yardstick_engine.error_words(sqlstate, sqlerrm);
        end if;
    end;
    if error_code is not null then
        return next;
        return;
    end if;
    return query
    select
        case when u.key is null then 'org' end,
        u.key,
        u.value,
        u.sample_size,
        null::text,
        null::text
    from unnest(result_keys, result_values, sample_sizes) as u (key, value, sample_size);
end
$evaluate_query$;

comment on function yardstick_engine.evaluate_query(text, timestamptz, timestamptz) is
'Rows of a query over the views of the sandbox for one period; one row with SQLSTATE and message when it fails.';

alter function yardstick_engine.evaluate_query(text, timestamptz, timestamptz) owner to yardstick_formula;
revoke execute on function yardstick_engine.evaluate_query(text, timestamptz, timestamptz) from public;
grant execute on function yardstick_engine.evaluate_query(text, timestamptz, timestamptz) to
yardstick_formula_login, yardstick_engine_role;
