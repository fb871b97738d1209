-- Values of several periods are seldom what their period together would have: what counts once in each counts again in the sum. A mean of
-- them, which is divided by a number, is what it says.
create or replace function yardstick_engine.added_periods(formula text, alias_names text[], metric_names text[], lags integer[])
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $added_periods$
    with recursive

    nodes as materialized (

        select
            w.node_number, w.parent_number,
            case when w.node_name = 'VAR' then substring(w.own_text from ':varattno (\d+)')::integer end as position,
            case
                when p.proname ~ '^(numeric_add|int\d+pl)$' then '+'
                when p.proname in ('divide', 'div') then '/'
                when p.proname ~ '^(round|trunc|numeric|int\d)$' or w.node_name in ('COALESCEEXPR', 'RELABELTYPE', 'COERCEVIAIO') then 'same'
            end as kind
        from yardstick_engine.expression_nodes(yardstick_engine.formula_tree(added_periods.formula, added_periods.alias_names)) as w
        cross join lateral (
            select (select f.proname from pg_proc as f where f.oid = substring(w.own_text from ':(?:funcid|opfuncid) (\d+)')::oid)::text as proname
            offset 0
        ) as p

    ),

    -- Each alias with everything around it, from the inside out, and whether it comes through as it is, alone or added to something.
    around as (

        select n.node_number as leaf, n.position, n.node_number, n.parent_number, true as is_plain
        from nodes as n
        where n.position is not null

        union all

        select a.leaf, a.position, n.node_number, n.parent_number, a.is_plain and n.kind in ('+', 'same') is true
        from around as a
        inner join nodes as n on n.node_number = a.parent_number

    ),

    -- A node comes before the nodes inside it: the last one around both is the nearest.
    meetings as (

        select added_periods.metric_names[one.position] as metric_name, max(one.node_number) as node_number
        from around as one
        inner join around as other on other.node_number = one.node_number and other.leaf > one.leaf
        where
            added_periods.metric_names[one.position] = added_periods.metric_names[other.position]
            and added_periods.lags[one.position] <> added_periods.lags[other.position]
        group by one.leaf, other.leaf, added_periods.metric_names[one.position]
        having (array_agg(one.is_plain and other.is_plain order by one.node_number desc))[1]

    )

    select m.metric_name
    from meetings as m
    inner join nodes as n on n.node_number = m.node_number and n.kind = '+'
    where not exists (
        select
        from nodes as scaled
        inner join around as inside on inside.node_number = scaled.node_number
        where
            scaled.kind = '/'
            and exists (select from around as a where a.node_number = scaled.node_number and a.leaf in (
                select b.leaf from around as b where b.node_number = m.node_number
            ))
        group by scaled.node_number
        having bool_and(added_periods.metric_names[inside.position] is not distinct from m.metric_name)
    )
    order by m.metric_name
    limit 1
$added_periods$;

comment on function yardstick_engine.added_periods(text, text[], text[], integer[]) is
'The first of the metrics whose values of different periods (lags) a formula adds up, other than for a mean of them; null: none. A metric '
'that may be added up has no name in metric_names.';
