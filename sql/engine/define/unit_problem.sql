-- What is counted may be named after what it is (CAPAs, documents), and a plain number may be scaled to anything (365 days times a
-- ratio); only two units that are both said and cannot be the same are refused.
create or replace function yardstick_engine.unit_problem(formula_unit jsonb, unit_of_measure text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $unit_problem$
    select case
        when f.conflict is not null then format(
            'calculation_formula: %s; give both the same unit, or convert one of them in the value of its measure',
            case f.operation
                when '+' then format('adds %s to %s', one.unit_text, other.unit_text)
                when '-' then format('subtracts %s from %s', other.unit_text, one.unit_text)
                when '=' then format('compares %s with %s', one.unit_text, other.unit_text)
                else format('chooses between %s and %s', one.unit_text, other.unit_text)
            end
        )
        when f.parts is null or f.parts = '{}' or f.is_scaled or m.parts is null or lower(m.parts::text) = lower(f.parts::text) then null
        when f.parts = '{"count": 1}' and not m.is_measured then null
        when f.parts in (select jsonb_build_object(k.key, 1) from jsonb_object_keys(f.parts) as k (key)) then format(
            'unit_of_measure: is %s, but the formula gives %s; say %s, or give the measures other units',
            unit_problem.unit_of_measure, one.unit_text, one.unit_text
        )
    end
    from (
        select
            unit_problem.formula_unit -> 'conflict' as conflict,
            unit_problem.formula_unit ->> 'operation' as operation,
            unit_problem.formula_unit #> '{unit,parts}' as parts,
            coalesce((unit_problem.formula_unit #>> '{unit,scaled}')::boolean, false) as is_scaled
    ) as f
    cross join lateral (select yardstick_engine.unit_text(coalesce(f.conflict -> 0, f.parts))) as one (unit_text)
    cross join lateral (select yardstick_engine.unit_text(f.conflict -> 1)) as other (unit_text)
    cross join lateral (
        select
            yardstick_engine.unit_parts(unit_problem.unit_of_measure) as parts,
            yardstick_engine.unit_parts(unit_problem.unit_of_measure) = '{}' or btrim(unit_problem.unit_of_measure) ~ '^[A-Z]{3}$'
            or lower(btrim(unit_problem.unit_of_measure)) ~ '^(second|minute|hour|day|week|month|year)s?$' as is_measured
    ) as m
$unit_problem$;

comment on function yardstick_engine.unit_problem(jsonb, text) is
'What is wrong with the units of a formula, as formula_unit returns them, and with the unit its metric is said to have; null: nothing.';
