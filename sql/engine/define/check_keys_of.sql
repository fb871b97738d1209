-- Each rule: {"type": name | text | number | integer | boolean | uuid | object | list, "required": true, "one_of": [...],
-- "min", "max": smallest and largest integer, or longest text}. A list holds texts, of one_of where that is given. A key with null counts as absent.
create or replace function yardstick_engine.check_keys_of(input jsonb, rules jsonb, path text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_keys_of$
declare
    prefix  text := case when check_keys_of.path = '' then '' else check_keys_of.path || '.' end;
    item    record;
    problem text;
begin
    if input is null or jsonb_typeof(input) <> 'object' then
        raise exception using
            errcode = 'YS001',
            message = format(
                '%s: must be an object with the keys %s; got %s',
                coalesce(nullif(check_keys_of.path, ''), '$'),
                (select string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(rules) as k (key)),
                coalesce(jsonb_typeof(input), 'nothing')
            );
    end if;

    for item in
        select k.key from jsonb_object_keys(input) as k (key) where not rules ? k.key order by k.key
    loop
        raise exception using
            errcode = 'YS001',
            message = format(
                '%s%s: unknown key; known keys are %s', prefix, left(item.key, 100),
                (select string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(rules) as k (key))
            );
    end loop;

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
                raise exception using errcode = 'YS001', message = format('%s%s: is required', prefix, item.key);
            end if;
            continue;
        end if;
        problem := yardstick_engine.value_problem(item.value, item.rule);
        if problem is not null then
            raise exception using
                errcode = 'YS001',
                message = format('%s%s: %s; got %s', prefix, item.key, problem, left(item.value::text, 80));
        end if;
    end loop;
end
$check_keys_of$;

comment on function yardstick_engine.check_keys_of(jsonb, jsonb, text) is
'Refuses (YS001, with the path of the key) an object with unknown keys, without required ones, or with values of another kind.';
