create or replace function yardstick_engine.trial_state(measure jsonb, number bigint)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $trial_state$
    select case
        when trial_state.measure ->> 'measure_id' is null then 'jsonb ''{}'''
        when trial_state.measure ->> 'expression' is null then format(
            '(select jsonb_build_object(%L, jsonb_build_array(count(*))) from kept where "$f%s")',
            trial_state.measure ->> 'measure_id', trial_state.number
        )
        when trial_state.measure ->> 'state_kind' = 'distinct' then format(
            '(select jsonb_build_object(%1$L, jsonb_build_array(count("$v%2$s"), nullif(count(distinct "$v%2$s"), 0))) from kept where "$f%2$s")',
            trial_state.measure ->> 'measure_id', trial_state.number
        )
        when trial_state.measure ->> 'state_kind' = 'ends' then format(
            '(select jsonb_build_object(%1$L, jsonb_build_array(count("$v%2$s"), (array_agg("$v%2$s" order by "$time", "$v%2$s"))[1],'
            ' (array_agg("$v%2$s" order by "$time" desc, "$v%2$s" desc))[1])) from kept where "$f%2$s" and "$v%2$s" is not null)',
            trial_state.measure ->> 'measure_id', trial_state.number
        )
        -- Of estimates only the rows are known.
        when trial_state.measure ->> 'state_kind' in ('digest', 'registers') then format(
            '(select jsonb_build_object(%1$L, jsonb_build_array(count("$v%2$s"))) from kept where "$f%2$s")',
            trial_state.measure ->> 'measure_id', trial_state.number
        )
        else format(
            '(select jsonb_build_object(%1$L, jsonb_build_array(count("$v%3$s"), sum("$v%3$s"), min("$v%3$s"), max("$v%3$s"))%2$s)'
            ' from kept where "$f%3$s")',
            trial_state.measure ->> 'measure_id',
            case when trial_state.measure ->> 'squares_id' is null then '' else format(
                ', %1$L, jsonb_build_array(count("$v%2$s"), sum("$v%2$s" * "$v%2$s"), min("$v%2$s" * "$v%2$s"), max("$v%2$s" * "$v%2$s"))',
                trial_state.measure ->> 'squares_id', trial_state.number
            ) end,
            trial_state.number
        )
    end
$trial_state$;

comment on function yardstick_engine.trial_state(jsonb, bigint) is
'Text of the sub-select that gives {measure_id: what stored_states says of it} of a measure {measure_id, squares_id, expression, state_kind} over the rows kept by trial_statement.';
