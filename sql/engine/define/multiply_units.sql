create or replace function yardstick_engine.multiply_units(one jsonb, other jsonb, power integer)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $multiply_units$
    select case
        when multiply_units.one is null or multiply_units.other is null then null
        when multiply_units.one ? 'literal' and multiply_units.other ? 'literal' then multiply_units.one
        when multiply_units.other ? 'literal' then multiply_units.one || '{"scaled": true}'
        else jsonb_build_object('parts', (
            select coalesce(jsonb_object_agg(p.key, p.power) filter (where p.power <> 0), '{}')
            from (
                select u.key, sum(u.power) as power
                from (
                    select e.key, e.value::integer as power from jsonb_each_text(multiply_units.one -> 'parts') as e
                    union all
                    select e.key, e.value::integer * multiply_units.power from jsonb_each_text(multiply_units.other -> 'parts') as e
                ) as u
                group by u.key
            ) as p
        )) || case
            when multiply_units.one ? 'scaled' or multiply_units.other ? 'scaled' or multiply_units.one ? 'literal' then jsonb '{"scaled": true}'
            else '{}'
        end
    end
$multiply_units$;

comment on function yardstick_engine.multiply_units(jsonb, jsonb, integer) is
'Unit of a product (power 1) or quotient (power -1), as join_units takes it; null: not known.';
