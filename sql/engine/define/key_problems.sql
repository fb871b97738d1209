-- Each rule: {"type": name | text | number | integer | boolean | uuid | object | list, "required": true, "one_of": [...],
-- "min", "max": smallest and largest integer, or longest text}. A list holds texts, of one_of where that is given. A key with null counts as absent.
create or replace function yardstick_engine.key_problems(input jsonb, rules jsonb, path text)
returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $key_problems$
declare
    prefix  constant text := case when key_problems.path = '' then '' else key_problems.path || '.' end;
    known   constant text := (select string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(rules) as k (key));
    item    record;
    problem text;
begin
    if input is null or jsonb_typeof(input) <> 'object' then
        return next format(
            '%s: must be an object with the keys %s; got %s', coalesce(nullif(key_problems.path, ''), '$'), known,
            coalesce(jsonb_typeof(input), 'nothing')
        );
        return;
    end if;

    return query
    select format('%s%s: unknown key; known keys are %s', prefix, left(k.key, 100), known)
    from jsonb_object_keys(input) as k (key)
    where not rules ? k.key
    order by k.key;

    for item in
        select
            r.key,
            r.value as rule,
            nullif(input -> r.key, 'null') as value
        from jsonb_each(rules) as r
        order by r.key
    loop
        if item.value is null then
            if (item.rule ->> 'required')::boolean then
                return next format('%s%s: is required', prefix, item.key);
            end if;
            continue;
        end if;
        problem := yardstick_engine.value_problem(item.value, item.rule);
        if problem is not null then
            return next format('%s%s: %s; got %s', prefix, item.key, problem, left(item.value::text, 80));
        end if;
    end loop;
end
$key_problems$;

comment on function yardstick_engine.key_problems(jsonb, jsonb, text) is
'What is wrong with the keys of an object, each with its path: unknown ones, missing ones, and values of another kind. No row: nothing.';
