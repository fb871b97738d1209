create or replace function yardstick_engine.check_keys_of(input jsonb, rules jsonb, path text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_keys_of$
declare
    problem text;
begin
    select p.problem into problem
    from yardstick_engine.key_problems(input, rules, path) as p (problem)
    limit 1;
    if found then
        raise exception using errcode = 'YS001', message = problem;
    end if;
end
$check_keys_of$;

comment on function yardstick_engine.check_keys_of(jsonb, jsonb, text) is
'Refuses (YS001, with the path of the key) an object with unknown keys, without required ones, or with values of another kind, under the rules of key_problems.';
