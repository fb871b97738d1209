-- Definer, with the engine's rights: it works for the organization it is told, which the caller has checked, and stores nothing.
-- The order is that in which define_metric looks, so that what it refuses with is the first row here that did not pass.
create or replace function yardstick_engine.validate_definition(definition jsonb, organization_id uuid, viewer_id uuid)
returns table (check_name text, passed boolean, detail text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $validate_definition$
declare
    checks   jsonb;
    is_sound boolean;
    kind     text;
    trial    jsonb := '{"problems": []}';
    formula  jsonb;
    value    jsonb;
    source   yardstick.metric_sources;
begin
    select bool_and(c.passed), jsonb_agg(to_jsonb(c)) into is_sound, checks
    from yardstick_engine.check_definition(definition) as c;
    return query select c.body ->> 'check_name', (c.body ->> 'passed')::boolean, c.body ->> 'detail' from jsonb_array_elements(checks) as c (body);

    kind := case
        when definition ->> 'calculation_method' in ('sql', 'function') then 'query'
        when jsonb_typeof(definition -> 'data_sources') = 'object' and definition -> 'data_sources' ? 'metrics' then 'metrics'
        else 'source'
    end;
    if is_sound then
        trial := yardstick_engine.find_problems(definition, validate_definition.organization_id);
        source := yardstick_engine.find_source(
            validate_definition.organization_id,
            case when definition ->> 'calculation_method' = 'aggregation' then definition #>> '{data_sources,source}' else 'analytics_metrics' end
        );
        if trial ? 'compiled' then
            formula := yardstick_engine.describe_formula(definition, trial);
        end if;
        if trial ? 'compiled' and trial -> 'problems' = '[]' then
            if trial ? 'measures' or trial #> '{compiled,children}' is not null then
                value := yardstick_engine.trial_value(definition, trial, viewer_id);
            end if;
        end if;
    end if;

    return query
    with

    problems as (

        select p.body ->> 'check' as check_name, p.body ->> 'path' as path, p.body ->> 'problem' as problem, p.number
        from jsonb_array_elements(trial -> 'problems') with ordinality as p (body, number)

    ),

    measures as (

        select m.key as name, m.value as body
        from jsonb_each(case when is_sound then coalesce(definition #> '{data_sources,measures}', trial #> '{compiled,measures}') end) as m

    ),

    -- needs: what has to be right before this can be looked at.
    planned (number, place, kinds, check_name, path, if_passed, needs) as (

        select 1, '', '{source,metrics,query}'::text[], 'owner', null::text, 'is known, or nobody is named', 'definition'
        union all
        select 2, '', '{source,metrics}', 'accepted', null, null, 'definition'
        union all
        select 3, '', '{query}', 'query', null, 'is accepted', 'definition'
        union all
        select 3, '', '{metrics}', 'children', null, (
            select string_agg(format('%s is %s', c.key, c.value ->> 'metric_name'), ', ' order by c.key) from jsonb_each(trial #> '{compiled,children}') as c
        ), 'definition'
        union all
        select 4, '', '{metrics}', 'cycle', null, 'closes none', 'parts'
        union all
        select 5, '', '{source}', 'source', null, format('%s reads %s by %s', source.source_name, source.relation, source.time_column), 'definition'
        union all
        select 6, '', '{source}', 'relation', null, format('%s is there and can be read', source.relation), 'source'
        union all
        select 7, '', '{source}', 'columns', null, 'the columns of its levels and key are there', 'relation'
        union all
        select 8, '', '{source}', 'filter', 'data_sources.where', definition #>> '{data_sources,where}', 'relation'
        where is_sound and definition #>> '{data_sources,where}' is not null
        union all
        select 9, format('%s %s', m.name, f.part), '{source}', f.check_name, format('data_sources.measures.%s.%s', m.name, f.key), m.body ->> f.key, 'relation'
        from measures as m
        cross join (values (1, 'filter', 'where'), (2, 'value', 'value')) as f (part, check_name, key)
        where m.body ->> f.key is not null or exists (
            select from problems as p where p.path = format('data_sources.measures.%s.%s', m.name, f.key)
        )
        union all
        select 9, m.name || ' 3', '{source}', 'value', 'data_sources.measures.' || m.name, null, 'relation'
        from measures as m
        union all
        select 10, '', '{source,metrics}', 'formula', null, coalesce(definition ->> 'calculation_formula', 'is not needed'), 'relation'
        union all
        select 11, '', '{source,metrics}', 'uses', null, coalesce(
            formula ->> 'uses', case when trial #> '{compiled,score}' is not null then 'uses all that it is made of' else 'uses only what it is made of' end
        ), 'formula'
        union all
        select 12, '', '{source,metrics}', 'units', null, coalesce(formula ->> 'units', 'gives percent of the targets attained'), 'formula'
        union all
        select 13, m.name, '{source}', 'merge', null, m.name || ': ' || yardstick_engine.describe_merge(m.body), 'source'
        from measures as m
        union all
        select 14, '', '{source,metrics,query}', 'cost', null, yardstick_engine.describe_cost(
            definition, case kind when 'source' then array[source.id] else array(
                select s.id::uuid from jsonb_array_elements_text(trial #> '{compiled,sources}') as s (id)
            ) end, validate_definition.organization_id
        ), 'source'
        where is_sound
        union all
        select 15, '', '{source,metrics,query}', 'last_value', null, coalesce(value ->> 'detail', 'no value: it is calculated after define_metric'), 'all'

    ),

    judged as (

        select
            r.number, r.place, r.path, r.check_name, r.if_passed, p.problem, p.number as problem_number,
            case
                when p.problem is not null then null
                when not is_sound then 'what is wrong above'
                when b.blocker = 'accepted' and r.number > 2 then 'what is wrong above'
                when b.blocker = 'source' and r.needs <> 'definition' then 'the source'
                when b.blocker = 'relation' and r.needs in ('relation', 'formula', 'all') then 'the source'
                when r.needs = 'parts' and exists (select from problems as q where q.check_name = 'children') then 'what it is made of'
                when (trial ->> 'is_cut')::boolean and r.needs in ('relation', 'formula') then 'what is wrong above'
                when r.needs = 'formula' and not trial ? 'compiled' and r.check_name <> 'uses' then 'what is wrong above'
                when r.needs = 'formula' and not trial ? 'compiled' and not exists (select from problems as q where q.check_name = 'units')
                    then 'what is wrong above'
                when r.check_name = 'formula' and exists (select from problems as q where q.check_name in ('children', 'cycle')) then 'what it is made of'
                when kind = 'query' and r.needs <> 'definition' and not trial ? 'compiled' then 'what is wrong above'
                when r.needs = 'all' and exists (select from problems) then 'what is wrong above'
            end as waits_for
        from planned as r
        left join problems as p on p.check_name = r.check_name and p.path = coalesce(r.path, p.path)
        cross join (select (select q.check_name from problems as q where q.check_name in ('accepted', 'source', 'relation') limit 1) as blocker) as b
        where kind = any(r.kinds) and (r.if_passed is not null or p.problem is not null)

    )

    select
        j.check_name,
        j.problem is null and j.waits_for is null and not (j.check_name = 'last_value' and coalesce((value ->> 'failed')::boolean, false)),
        case
            when j.problem is not null then j.problem
            when j.waits_for is not null then format('not checked: %s has to be right first', j.waits_for)
            when j.path is not null then format('%s: %s', j.path, j.if_passed)
            else j.if_passed
        end
    from judged as j
    order by j.number, j.place, j.problem_number;
end
$validate_definition$;

comment on function yardstick_engine.validate_definition(jsonb, uuid, uuid) is
'The validation report of a definition for an organization, or with null the platform: one row per check, with the value that viewer_id would see. Stores nothing.';

grant execute on function yardstick_engine.validate_definition(jsonb, uuid, uuid) to yardstick_owner;
