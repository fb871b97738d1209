create or replace function yardstick_engine.describe_formula(definition jsonb, trial jsonb)
returns jsonb
language sql
volatile
set search_path = pg_catalog, pg_temp
as $describe_formula$
    with

    operands as (

        select
            array_agg(u.name order by u.name) as names,
            array_agg(u.unit order by u.name) as units
        from (
            select
                m.key as name,
                case
                    when m.value ->> 'agg' in ('count', 'count_distinct') then 'count'
                    else describe_formula.definition #>> array['data_sources', 'measures', m.key, 'unit']
                end as unit
            from jsonb_each(describe_formula.trial #> '{compiled,measures}') as m
            union all
            select c.key, d.unit_of_measure
            from jsonb_each(describe_formula.trial #> '{compiled,children}') as c
            left join yardstick.metric_definitions as d on d.id = (c.value ->> 'metric_id')::uuid
        ) as u

    ),

    read as (

        select
            o.names,
            yardstick_engine.formula_unit(describe_formula.trial #>> '{compiled,formula}', o.names, o.units) as formula_unit
        from operands as o
        where describe_formula.trial #>> '{compiled,formula}' is not null

    ),

    spoken as (

        select
            r.formula_unit #> '{unit,parts}' as parts,
            (select string_agg(n.name, ', ') from unnest(r.names) as n (name) where r.formula_unit -> 'used' ? n.name) as used,
            (select string_agg(n.name, ', ') from unnest(r.names) as n (name) where not r.formula_unit -> 'used' ? n.name) as unused
        from read as r

    )

    select jsonb_build_object(
        'uses', case
            when s.used is null then format('uses nothing of %s: its value never changes', s.unused)
            else format('uses %s', s.used) || coalesce('; not used, and can be left out: ' || s.unused, '')
        end,
        'units', case when s.parts is null then 'the unit is not known: unit says it, at each measure that is not a count'
            else format('gives %s', yardstick_engine.unit_text(s.parts)) end
    )
    from spoken as s
$describe_formula$;

comment on function yardstick_engine.describe_formula(jsonb, jsonb) is
'Which of its measures or metrics the formula of a definition uses, and what unit it gives, in words: {uses, units}; null when there is no formula.';
