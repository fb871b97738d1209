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
        case aggregate_text.aggregate
            when 'count' then '%1$I.row_count::numeric'
            when 'sum' then '%1$I.value_sum'
            when 'avg' then '%1$I.value_sum / %1$I.row_count'
            when 'min' then '%1$I.value_min'
            when 'max' then '%1$I.value_max'
        end,
        aggregate_text.alias
    )
$aggregate_text$;

comment on function yardstick_engine.aggregate_text(text, text) is
'Text of the expression that reads an aggregate (count, sum, avg, min, max) from a merged state under the given alias: an average is sum by count of the merged state, never an average of averages. Null for any other aggregate.';
