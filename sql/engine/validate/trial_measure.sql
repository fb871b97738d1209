create or replace function yardstick_engine.trial_measure(measure jsonb, number bigint)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $trial_measure$
    -- Of the rows that meet the condition; $value is null where there is no value.
    select case
        when trial_measure.measure ->> 'over_time' is null then format('(select %s from kept where "$f%s")', a.aggregate, trial_measure.number)
        -- A day none of whose rows has a value is no day; of no day at all a count is zero.
        else format(
            case when trial_measure.measure ->> 'agg' = 'count' then 'coalesce(%s, 0)' else '%s' end,
            format(
                '(select %s from (select "$day", %s as value from kept where "$f%s"%s group by "$day") as d)',
                case trial_measure.measure ->> 'over_time'
                    when 'last' then '(array_agg(d.value order by d."$day" desc) filter (where d.value is not null))[1]'
                    when 'first' then '(array_agg(d.value order by d."$day") filter (where d.value is not null))[1]'
                    else format('%s(d.value)', trial_measure.measure ->> 'over_time')
                end,
                a.aggregate, trial_measure.number,
                case when trial_measure.measure ->> 'expression' is null then '' else format(' and "$v%s" is not null', trial_measure.number) end
            )
        )
    end
    from (
        select replace(
            case trial_measure.measure ->> 'agg'
                when 'count' then case when trial_measure.measure ->> 'expression' is null then 'count(*)::numeric' else 'count($value)::numeric' end
                when 'count_distinct' then 'count(distinct $value)::numeric'
                -- It keeps as many places as its values have.
                when 'stddev' then 'stddev_samp($value + 0.0000000000)'
                when 'percentile' then format(
                    'yardstick_engine.percentile_of(array_agg($value order by $value) filter (where $value is not null), %s)', trial_measure.measure ->> 'p'
                )
                when 'first' then '(array_agg($value order by "$time", $value) filter (where $value is not null))[1]'
                when 'last' then '(array_agg($value order by "$time" desc, $value desc) filter (where $value is not null))[1]'
                else format('%s($value)', trial_measure.measure ->> 'agg')
            end, '$value', format('"$v%s"', trial_measure.number)
        ) as aggregate
    ) as a
$trial_measure$;

comment on function yardstick_engine.trial_measure(jsonb, bigint) is
'Text of the sub-select that aggregates a measure {agg, p, over_time, expression} plainly over the rows kept by trial_statement.';
