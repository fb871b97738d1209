-- A unit of a part of a formula: {"literal": true} for a bare number, else {"parts": {unit: power}}, with "scaled" after * or /
-- with a bare number, which may have been a conversion; null: not known, which goes with anything.
-- Hours divided by 24 are days perhaps, so scaled times go with other times.
create or replace function yardstick_engine.join_units(one jsonb, other jsonb)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $join_units$
    with

    times (parts) as (

        select array['{"seconds": 1}', '{"minutes": 1}', '{"hours": 1}', '{"days": 1}', '{"weeks": 1}', '{"months": 1}', '{"years": 1}']::jsonb[]

    )

    select case
        when join_units.one is null then case when join_units.other ? 'parts' then join_units.other end
        when join_units.other is null then case when join_units.one ? 'parts' then join_units.one end
        when join_units.one ? 'literal' then join_units.other
        when join_units.other ? 'literal' then join_units.one
        when lower(join_units.one ->> 'parts') = lower(join_units.other ->> 'parts') then join_units.one || join_units.other
        when join_units.one -> 'parts' = any(times.parts) and join_units.other -> 'parts' = any(times.parts)
            and (join_units.one ? 'scaled' or join_units.other ? 'scaled')
            then case when join_units.one ? 'scaled' then join_units.other else join_units.one end
        else jsonb_build_object('conflict', jsonb_build_array(join_units.one -> 'parts', join_units.other -> 'parts'))
    end
    from times
$join_units$;

comment on function yardstick_engine.join_units(jsonb, jsonb) is
'Unit of what is added up, compared or chosen between; {"conflict": [one, other]} when the units do not go together.';
