create or replace function yardstick_engine.describe_merge(measure jsonb)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $describe_merge$
    select case
        when describe_merge.measure ->> 'over_time' is not null then format(
            'from the days'' own values: of each department or organization the %s of a day is taken, and of its days the %s',
            describe_merge.measure ->> 'agg',
            case describe_merge.measure ->> 'over_time' when 'avg' then 'mean' when 'min' then 'smallest' when 'max' then 'largest' else describe_merge.measure ->> 'over_time' end
        )
        when describe_merge.measure ->> 'accuracy' = 'approximate' then format(
            case describe_merge.measure ->> 'agg'
                when 'percentile' then 'from lists of all values up to %1$s of them, from t-digests beyond where the extension tdigest is installed'
                else 'from sets of the different values up to %1$s of them, from HyperLogLogs beyond where the extension hll is installed'
            end, yardstick_engine.sketch_bound()
        )
        else case describe_merge.measure ->> 'agg'
            when 'count' then 'added up'
            when 'sum' then 'added up'
            when 'avg' then 'from sums and counts, so that each row weighs the same; never a mean of means'
            when 'min' then 'the smallest of the parts'
            when 'max' then 'the largest of the parts'
            when 'stddev' then 'from counts, sums and sums of squares'
            when 'percentile' then 'from lists of all values'
            when 'count_distinct' then 'from sets of the different values, so that none counts twice'
            when 'first' then 'the first of the parts'
            when 'last' then 'the last of the parts'
        end
    end
$describe_merge$;

comment on function yardstick_engine.describe_merge(jsonb) is
'How longer windows and higher levels of a measure {agg, over_time, accuracy} are made of its days.';
