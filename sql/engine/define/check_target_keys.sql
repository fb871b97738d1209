create or replace function yardstick_engine.check_target_keys(definition jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_target_keys$
declare
    direction constant text := definition ->> 'direction';
    low       constant numeric := (definition ->> 'target_low')::numeric;
    high      constant numeric := (definition ->> 'target_high')::numeric;
    problem   text;
begin
    problem := case
        when direction = 'target_range' and low is null then 'target_low: is required with direction target_range'
        when direction = 'target_range' and high is null then 'target_high: is required with direction target_range'
        when direction is distinct from 'target_range' and low is not null then 'target_low: is only for direction target_range'
        when direction is distinct from 'target_range' and high is not null then 'target_high: is only for direction target_range'
        when low > high then 'target_low: must not be above target_high'
        when (definition ->> 'target_value')::numeric not between low and high then
            'target_value: must lie between target_low and target_high'
    end;
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;

    select format('%s: must lie between 0 and 100 for metric_type percentage; got %s', t.key, t.value) into problem
    from jsonb_each_text(definition) as t
    where t.key in ('target_value', 'target_low', 'target_high') and definition ->> 'metric_type' = 'percentage'
        and t.value::numeric not between 0 and 100
    union all
    select format('%s: must not be below 0 for metric_type %s; got %s', t.key, definition ->> 'metric_type', t.value)
    from jsonb_each_text(definition) as t
    where t.key in ('target_value', 'target_low', 'target_high') and definition ->> 'metric_type' in ('count', 'duration')
        and t.value::numeric < 0
    limit 1;
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;
end
$check_target_keys$;

comment on function yardstick_engine.check_target_keys(jsonb) is
'Refuses (YS001, with the key) targets that do not fit the direction or the type: a percentage lies within 0 and 100, a count or duration is not negative.';
