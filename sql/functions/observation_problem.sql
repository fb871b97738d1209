create or replace function yardstick.observation_problem(observation jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $observation_problem$
    with

    given as (

        select
            e.key,
            e.value,
            e.value #>> '{}' as as_text,
            jsonb_typeof(e.value) as kind
        from jsonb_each(case when jsonb_typeof(observation_problem.observation) = 'object' then observation_problem.observation else '{}' end) as e

    ),

    judged as (

        select
            given.key,
            case
                when given.key not in (
                    'metric_name', 'value', 'measured_at', 'department_id', 'team_id', 'user_id', 'value_text', 'entity_type',
                    'entity_id', 'reason', 'tags', 'id'
                ) then 'YS001 unknown key; known keys are metric_name, value, measured_at, department_id, team_id, user_id, '
                    'value_text, entity_type, entity_id, reason, tags, id'
                when given.kind = 'null' then null
                when given.key = 'value' then case
                    when given.as_text in ('NaN', 'Infinity', '-Infinity') then 'YS006 must be a finite number'
                    when given.kind <> 'number' then 'YS001 must be a number'
                    when abs(round(given.as_text::numeric, 4)) >= 1e11 then 'YS006 must be smaller than 100000000000'
                end
                when given.key in ('department_id', 'team_id', 'user_id', 'id') then case
                    when given.kind <> 'string' or given.as_text !~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
                        then 'YS001 must be a uuid'
                end
                when given.key = 'tags' then case when given.kind <> 'object' then 'YS001 must be an object' end
                when given.key = 'entity_id' and given.kind = 'number' then null
                when given.kind <> 'string' then 'YS001 must be text'
                when given.key = 'measured_at' then case
                    when yardstick.read_instant(given.as_text) is null
                        then 'YS001 must be a time with its offset, such as 2026-03-01T08:00:00Z'
                    when yardstick.read_instant(given.as_text) not between timestamptz '1990-01-01 00:00:00+00' and now() + interval '5 years'
                        then 'YS006 must lie between 1990 and five years from now'
                end
                when given.key = 'metric_name' and btrim(given.as_text) = '' then 'YS001 must not be empty'
                when length(given.as_text) > case given.key
                    when 'metric_name' then 100 when 'entity_type' then 50 when 'value_text' then 500 else 2000
                end then 'YS006 is too long'
            end as problem
        from given

    )

    select coalesce(
        case when jsonb_typeof(observation_problem.observation) <> 'object' then 'YS001 : must be an object' end,
        (
            select format('%s %s: %s', left(judged.problem, 5), judged.key, substr(judged.problem, 7))
            from judged
            where judged.problem is not null
            order by judged.key
            limit 1
        ),
        case
            when nullif(observation_problem.observation -> 'metric_name', 'null') is null then 'YS001 metric_name: is required'
            when coalesce(nullif(observation_problem.observation -> 'value', 'null'), nullif(observation_problem.observation -> 'value_text', 'null')) is null
                then 'YS001 value: is required, unless value_text is given'
        end
    )
$observation_problem$;

comment on function yardstick.observation_problem(jsonb) is
'What is wrong with an observation as it was handed in: SQLSTATE, key and reason; null: nothing.';
