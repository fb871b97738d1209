-- as: deployer
-- Where a function of the host runs: with the rights of yardstick_reader, which it has been granted to, read-only, and with the
-- limits of the session. It is told the organization and has to keep to it; a DBA has registered it.
create or replace function yardstick_engine.evaluate_routine(
    routine         text,
    organization_id uuid,
    period_start    timestamptz,
    period_end      timestamptz,
    parameters      jsonb
)
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
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
as $evaluate_routine$
declare
    parts         text[];
    result        refcursor;
    result_levels text[];
    result_keys   text[];
    result_values numeric[];
    sample_sizes  bigint[];
    problem       text[];
    is_answered   boolean := false;
begin
    begin
        -- From here to the end of this block, which undoes it; a function cannot have it as its own setting on every server.
        perform set_config('transaction_read_only', 'on', true);
        parts := parse_ident(evaluate_routine.routine);
        if cardinality(parts) <> 2 then
            raise exception using errcode = 'YS003', message = 'the function has to be named with its schema';
        end if;
        perform set_config('yardstick.period_start', evaluate_routine.period_start::text, true);
        perform set_config('yardstick.period_end', evaluate_routine.period_end::text, true);
        open result for execute format(
            'select array_agg(bounded.level), array_agg(bounded.key), array_agg(bounded.value), array_agg(bounded.sample_size) from ('
            'select r.aggregation_level::text as level, r.aggregation_id::text as key, r.value::numeric as value, '
            'r.sample_size::bigint as sample_size from %I.%I($1, $2, $3, $4) as r limit 100001) as bounded',
            parts[1], parts[2]
        )
        using evaluate_routine.organization_id, evaluate_routine.period_start, evaluate_routine.period_end,
        evaluate_routine.parameters;
        fetch result into result_levels, result_keys, result_values, sample_sizes;
        close result;
        if exists (
            select from unnest(result_levels) as l (level) where l.level is null or l.level not in ('org', 'dept', 'team', 'user')
        ) then
            problem := array['22023', 'gives an aggregation_level other than org, dept, team and user'];
        else
            problem := yardstick_engine.result_problem(
                array(
                    select case when u.level = 'org' then 'org' else u.level || ' ' || u.key end
                    from unnest(result_levels, result_keys) with ordinality as u (level, key, place)
                    order by u.place
                ),
                result_values, sample_sizes
            );
        end if;
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
        u.level,
        u.key,
        u.value,
        u.sample_size,
        null::text,
        null::text
    from unnest(result_levels, result_keys, result_values, sample_sizes) as u (level, key, value, sample_size);
end
$evaluate_routine$;

comment on function yardstick_engine.evaluate_routine(text, uuid, timestamptz, timestamptz, jsonb) is
'Rows of a function of the host for one organization and period; one row with SQLSTATE and message when it fails.';

alter function yardstick_engine.evaluate_routine(text, uuid, timestamptz, timestamptz, jsonb) owner to yardstick_reader;
revoke execute on function yardstick_engine.evaluate_routine(text, uuid, timestamptz, timestamptz, jsonb) from public;
grant execute on function yardstick_engine.evaluate_routine(text, uuid, timestamptz, timestamptz, jsonb) to
yardstick_formula_login, yardstick_engine_role;
