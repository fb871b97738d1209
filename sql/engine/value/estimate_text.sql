-- A day that is a sketch already makes its period an estimate, and so do lists that together are longer than the bound.
create or replace function yardstick_engine.estimate_text(part text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $estimate_text$
    select case when k.is_estimated then format(
        $text$%1$s_estimate as materialized (
    select d.scope_no, d.base_no, d.period_no
    from detail as d
    where d.base_no in (select u.base_no from special as u where u.part = %1$L)
    group by d.scope_no, d.base_no, d.period_no
    having count(%2$s) > 0 or sum(cardinality(%3$s)) > %4$s
),
$text$,
        estimate_text.part, k.sketch_column, k.list_column, yardstick_engine.sketch_bound()
    ) else '' end
    from (
        select
            yardstick_engine.sketch_schema(m.method) is not null as is_estimated,
            m.sketch_column, m.list_column
        from (values ('digest', 'tdigest', 'd.centroids', 'd.value_list'), ('registers', 'hll', 'd.registers', 'd.key_list'))
            as m (part, method, sketch_column, list_column)
        where m.part = estimate_text.part
    ) as k
$estimate_text$;

comment on function yardstick_engine.estimate_text(text) is
'Text of the CTE that names the scopes and periods whose percentiles (part digest) or distinct counts (part registers) are estimated; empty without the extension, null for other parts.';
