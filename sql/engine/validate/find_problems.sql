-- What is refused is taken out and the rest is tried again, so that a report shows more than the first thing that is wrong; each
-- time it is define_metric's own refusal.
create or replace function yardstick_engine.find_problems(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $find_problems$
declare
    -- Past this many the rest is better looked at once these are mended.
    most       constant integer := 20;
    is_query   constant boolean := coalesce(definition ->> 'calculation_method' in ('sql', 'function'), false);
    attempt    jsonb := definition;
    trial      jsonb;
    problems   jsonb := '[]';
    path       text;
    check_name text;
begin
    loop
        trial := yardstick_engine.try_definition(attempt, find_problems.organization_id);
        exit when not trial ? 'problem';
        path := substring(trial ->> 'problem' from '^[^: ]*');
        -- A formula over metrics of which one was taken out says nothing about itself.
        exit when path = 'calculation_formula' and problems @> '[{"check": "children"}]';
        check_name := case
            when trial ->> 'check' is not null then trial ->> 'check'
            when path = 'owner_id' then 'owner'
            when is_query then 'query'
            when path = 'aggregation_levels' or path = 'data_sources.key' then 'columns'
            when path = 'data_sources.source' then case trial ->> 'code' when 'YS003' then 'source' else 'relation' end
            when path ~ '^data_sources\.metrics\.' then 'children'
            when path ~ '^data_sources\.(measures\.\w+\.)?where$' then 'filter'
            when path ~ '^data_sources\.measures\.\w+(\.value)?$' then 'value'
            when path = 'calculation_formula' then 'formula'
            else 'accepted'
        end;
        problems := problems || jsonb_build_object('check', check_name, 'path', path, 'problem', trial ->> 'problem');
        attempt := case when not is_query or path = 'owner_id' then
            nullif(yardstick_engine.without_problem(attempt, path), attempt) end;
        exit when attempt is null or jsonb_array_length(problems) >= most;
    end loop;
    return trial || jsonb_build_object('problems', problems, 'is_cut', attempt is not null and trial ? 'problem');
end
$find_problems$;

comment on function yardstick_engine.find_problems(jsonb, uuid) is
'What try_definition returns of a definition, or of what is left of it without the keys it refuses, with {problems: [{check, path, problem}], is_cut}; is_cut: something was not looked at.';
