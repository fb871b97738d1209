-- Types: text, key (text or a whole number, read as text), keys (a list of them), uuid, boolean, integer, texts (a list of
-- text); with a ! when null, or an empty text, is no value for it.
create or replace function yardstick.check_keys(input jsonb, types jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_keys$
declare
    stranger text;
    expected text;
    problem  record;
begin
    if input is null or jsonb_typeof(input) <> 'object' then
        raise exception using
            errcode = 'YS001',
            message = format('$: must be an object, not %s', coalesce(jsonb_typeof(input), 'null'));
    end if;

    select k.key into stranger
    from jsonb_object_keys(input) as k (key)
    where not types ? k.key
    order by k.key
    limit 1;
    if found then
        select string_agg(k.key, ', ' order by k.key) into expected from jsonb_object_keys(types) as k (key);
        raise exception using
            errcode = 'YS001', message = format('%s: unknown key; known are %s', stranger, expected);
    end if;

    with

    given as (

        select e.value, replace(replace(types ->> e.key, 'text!', 'filled'), '!', '') as type, e.key as path
        from jsonb_each(input) as e
        where jsonb_typeof(e.value) <> 'null' or types ->> e.key like '%!'

    ),

    members as (

        select m.value, rtrim(given.type, 's') as type, format('%s[%s]', given.path, m.place - 1) as path
        from given
        cross join lateral jsonb_array_elements(case when jsonb_typeof(given.value) = 'array' then given.value else '[]' end)
            with ordinality as m (value, place)
        where given.type in ('keys', 'texts')

    ),

    judged as (

        select
            v.path,
            left(v.value::text, 60) as found,
            case v.type
                when 'text' then 'a string'
                when 'filled' then 'a string that is not empty'
                when 'key' then 'a string or a whole number'
                when 'uuid' then 'a uuid'
                when 'boolean' then 'true or false'
                when 'integer' then 'a whole number'
                else 'a list'
            end as expected,
            case v.type
                when 'text' then jsonb_typeof(v.value) = 'string'
                when 'filled' then jsonb_typeof(v.value) = 'string' and v.value <> '""'
                when 'key' then jsonb_typeof(v.value) = 'string' or v.value::text ~ '^-?\d+$'
                when 'uuid' then v.value::text ~* '^"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"$'
                when 'boolean' then jsonb_typeof(v.value) = 'boolean'
                when 'integer' then v.value::text ~ '^-?\d{1,9}$'
                else jsonb_typeof(v.value) = 'array'
            end as is_right
        from (
            select given.path, given.value, given.type from given
            union all
            select members.path, members.value, members.type from members
        ) as v

    )

    select judged.path, judged.expected, judged.found
    into problem
    from judged
    where not judged.is_right
    order by judged.path
    limit 1;
    if found then
        raise exception using
            errcode = 'YS001',
            message = format('%s: must be %s, not %s', problem.path, problem.expected, problem.found);
    end if;
end
$check_keys$;

comment on function yardstick.check_keys(jsonb, jsonb) is
'Refuses (YS001, with the path of the key) what is no object, has keys other than those of types, or values of another type.';

grant execute on function yardstick.check_keys(jsonb, jsonb) to yardstick_engine_role;
