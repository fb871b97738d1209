-- The report goes on past what is wrong: without it, what else is wrong shows.
create or replace function yardstick_engine.without_problem(definition jsonb, path text)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $without_problem$
    select case
        when without_problem.path in ('aggregation_levels', 'owner_id') then without_problem.definition - without_problem.path
        when without_problem.path in ('data_sources.key', 'data_sources.where') or without_problem.path ~ '^data_sources\.measures\.\w+\.where$'
            then without_problem.definition #- string_to_array(without_problem.path, '.')
        when without_problem.path ~ '^data_sources\.measures\.\w+\.value$'
            then jsonb_set(without_problem.definition, string_to_array(without_problem.path, '.'), '"1"')
        when without_problem.path ~ '^data_sources\.measures\.\w+$'
            then jsonb_set(without_problem.definition #- string_to_array(without_problem.path || '.where', '.'), string_to_array(without_problem.path || '.value', '.'), '"1"')
        when without_problem.path ~ '^data_sources\.metrics\.\w+$'
            and (select count(*) > 1 from jsonb_object_keys(without_problem.definition #> '{data_sources,metrics}'))
            then without_problem.definition #- string_to_array(without_problem.path, '.')
    end
$without_problem$;

comment on function yardstick_engine.without_problem(jsonb, text) is
'A definition without the key that was refused, or with a harmless one in its place; null when nothing is left to look at.';
