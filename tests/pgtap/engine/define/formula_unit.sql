begin;
select plan(34);

create function pg_temp.unit_of(formula text) returns text language sql as $unit_of$
    select coalesce(
        yardstick_engine.unit_problem(u.formula_unit, null),
        case when u.formula_unit #> '{unit,parts}' is null then 'unknown' else yardstick_engine.unit_text(u.formula_unit #> '{unit,parts}') end
    )
    from (
        select yardstick_engine.formula_unit(
            yardstick_engine.probe_expression('f', 'formula', unit_of.formula, m.names, array_fill('numeric'::text, array[cardinality(m.names)])),
            m.names, array['EUR', 'EUR', 'USD', 'days', 'hours', '%', null, 'count']
        ) as formula_unit
        from (select array['paid', 'spent', 'sold', 'days', 'hours', 'share', 'bare', 'n']) as m (names)
    ) as u
$unit_of$;

select is(pg_temp.unit_of(g.formula), g.unit, format('says of %s: %s', g.formula, g.unit))
from (
    values
    ('paid', 'EUR'), ('paid + spent', 'EUR'), ('paid + 1', 'EUR'), ('2 * paid', 'EUR'), ('paid / n', 'EUR per count'), ('paid / spent', 'a plain number'),
    ('100.0 * n / n', 'a plain number'), ('paid * share', 'EUR'), ('1 / days', '1 per days'), ('paid * spent', 'EUR^2'), ('n / (paid * spent)', 'count per EUR^2'),
    ('days + hours / 24', 'days'), ('hours / 24 + days', 'days'), ('bare', 'unknown'), ('bare + 1', 'unknown'), ('bare + paid', 'EUR'), ('bare * paid', 'unknown'),
    ('sqrt(paid)', 'unknown'), ('round(paid, 2)', 'EUR'), ('-paid', 'EUR'), ('nullif(paid, 0)', 'EUR'), ('coalesce(null, spent, 0)', 'EUR'),
    ('case n when 1 then paid when 2 then spent else 0 end', 'EUR'), ('case when n > 1 and paid > 2 then n end', 'count'), ('5', 'unknown')
) as g (formula, unit);
select matches(pg_temp.unit_of(g.formula), '^calculation_formula: ' || g.words || ';', format('refuses %s', g.formula))
from (
    values
    ('paid + n', 'adds EUR to count'), ('n - paid', 'subtracts EUR from count'), ('paid + (spent - sold)', 'subtracts USD from EUR'),
    ('days + hours', 'adds days to hours'), ('greatest(paid, 1, n)', 'chooses between EUR and count'),
    ('case when n > paid then 1 end', 'compares count with EUR'), ('case n when 1 then paid else days end', 'chooses between EUR and days')
) as g (formula, words);
select is(
    yardstick_engine.formula_unit('measures.a + measures.c', array['a', 'b', 'c'], array[null, null, null]::text[]) -> 'used', '["c", "a"]'::jsonb,
    'names the measures that are used'
);
select is(
    (select count(*) from pg_class as c where c.relnamespace = pg_my_temp_schema() and c.relkind = 'v'), 0::bigint, 'leaves no view behind'
);

select * from finish();
rollback;
