create or replace function yardstick_engine.formula_columns(metric_ids uuid[])
returns table (measure_id uuid, agg text, number bigint, measure_number bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $formula_columns$
    select
        p.measure_id,
        p.agg,
        row_number() over (order by p.measure_id, p.agg) as number,
        dense_rank() over (order by p.measure_id) as measure_number
    from (
        select distinct (used.body ->> 'measure_id')::uuid as measure_id, used.body ->> 'agg' as agg
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
        where d.id = any(formula_columns.metric_ids) and not d.compiled @> '{"simple": true}'
    ) as p
$formula_columns$;

comment on function yardstick_engine.formula_columns(uuid[]) is
'The (measure, aggregate) pairs that the formulas of the given metrics read, numbered as the columns of their pivot.';
