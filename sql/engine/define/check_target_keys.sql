create or replace function yardstick_engine.check_target_keys(definition jsonb)
returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_target_keys$
declare
    direction   constant text := definition ->> 'direction';
    metric_type constant text := definition ->> 'metric_type';
    low         constant numeric := (definition ->> 'target_low')::numeric;
    high        constant numeric := (definition ->> 'target_high')::numeric;
begin
    return query
    select p.problem
    from (
        values
        (case when direction = 'target_range' and low is null then 'target_low: is required with direction target_range' end),
        (case when direction = 'target_range' and high is null then 'target_high: is required with direction target_range' end),
        (case when direction is distinct from 'target_range' and low is not null then 'target_low: is only for direction target_range' end),
        (case when direction is distinct from 'target_range' and high is not null then 'target_high: is only for direction target_range' end),
        (case when low > high then 'target_low: must not be above target_high' end),
        (case when (definition ->> 'target_value')::numeric not between low and high then
            'target_value: must lie between target_low and target_high' end)
    ) as p (problem)
    where p.problem is not null;

    return query
    select case
        when metric_type = 'percentage' then format('%s: must lie between 0 and 100 for metric_type percentage; got %s', t.key, t.value)
        else format('%s: must not be below 0 for metric_type %s; got %s', t.key, metric_type, t.value)
    end
    from jsonb_each_text(definition) as t
    where t.key in ('target_value', 'target_low', 'target_high') and (
        metric_type = 'percentage' and t.value::numeric not between 0 and 100
        or metric_type in ('count', 'duration') and t.value::numeric < 0
    )
    order by t.key;
end
$check_target_keys$;

comment on function yardstick_engine.check_target_keys(jsonb) is
'What is wrong with the targets of a definition, each with its key: they fit the direction, a percentage lies within 0 and 100, a count or duration is not negative.';
