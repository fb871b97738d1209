create or replace function yardstick_engine.aggregate_text(
    aggregate text,
    alias     text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $aggregate_text$
    select format(
        case
            when aggregate_text.aggregate = 'count' then '%1$I.row_count::numeric'
            -- Worked out already, by special_states_text.
            when aggregate_text.aggregate in ('sum', 'special', 'special_count') then '%1$I.value_sum'
            when aggregate_text.aggregate = 'avg' then '%1$I.value_sum / %1$I.row_count'
            when aggregate_text.aggregate = 'min' then '%1$I.value_min'
            when aggregate_text.aggregate = 'max' then '%1$I.value_max'
        end,
        aggregate_text.alias
    )
$aggregate_text$;

comment on function yardstick_engine.aggregate_text(text, text) is
'Text of the expression that reads an aggregate (count, sum, avg, min, max, or one worked out before) from a merged state under the given alias: an average is sum by count of the merged state, never an average of averages. Null for any other aggregate.';
