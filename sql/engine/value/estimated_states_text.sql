-- Sketches and lists meet as what both can be: a t-digest is put together from centroids and single values alike, in the order of
-- their numbers, so that the same days always give the same value; of HyperLogLogs the order is nothing.
create or replace function yardstick_engine.estimated_states_text(part text, failed boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $estimated_states_text$
    select case
        when estimated_states_text.failed then format(
            $text$select d.scope_no, u.measure_no, d.period_no, sum(d.row_count)::bigint, null::numeric, null::numeric, null::numeric
    from detail as d
    inner join special as u on u.base_no = d.base_no and u.part = %L
    group by d.scope_no, u.measure_no, d.period_no$text$, estimated_states_text.part
        )
        when k.schema_text is null then yardstick_engine.list_states_text(
            estimated_states_text.part,
            format('(select x.* from detail as x where %s is null or yardstick_engine.refuse_sketch(%L))', k.sketch_column, k.method)
        )
        else yardstick_engine.list_states_text(
            estimated_states_text.part,
            format(
                '(select x.* from detail as x'
                ' where (x.scope_no, x.base_no, x.period_no) not in (select e.scope_no, e.base_no, e.period_no from %s_estimate as e))',
                estimated_states_text.part
            )
        ) || E'\n    union all\n    ' || format(
            case estimated_states_text.part
                when 'digest' then
                    $text$select l.scope_no, u.measure_no, l.period_no, l.row_count,
        (select %1$s.tdigest_percentile(x.digest, u.percent::float8 / 100) from (select l.digest) as x)::numeric, null, null
    from (
        select
            d.scope_no, d.base_no, d.period_no, sum(n.weight)::bigint as row_count,
            %1$s.tdigest(n.value, n.weight, 1000 order by n.value) as digest
        from digest_estimate as e
        inner join detail as d on d.scope_no = e.scope_no and d.base_no = e.base_no and d.period_no = e.period_no
        cross join lateral (
            select least(greatest(round(v.value, 100), -1e100), 1e100)::float8 as value, 1::bigint as weight
            from unnest(d.value_list) as v (value)
            union all
            select c.value, c.weight::bigint
            from unnest(
                d.centroids[:cardinality(d.centroids) / 2], d.centroids[cardinality(d.centroids) / 2 + 1:]
            ) as c (value, weight)
        ) as n
        group by d.scope_no, d.base_no, d.period_no
    ) as l
    inner join special as u on u.base_no = l.base_no and u.part = 'digest'$text$
                else
                    $text$select l.scope_no, u.measure_no, l.period_no, l.row_count, l.key_count, null, null
    from (
        select
            d.scope_no, d.base_no, d.period_no, sum(d.row_count)::bigint as row_count,
            round(%1$s.hll_cardinality(%1$s.hll_union_agg(coalesce(d.registers, %2$s)::%1$s.hll)))::numeric as key_count
        from registers_estimate as e
        inner join detail as d on d.scope_no = e.scope_no and d.base_no = e.base_no and d.period_no = e.period_no
        group by d.scope_no, d.base_no, d.period_no
    ) as l
    inner join special as u on u.base_no = l.base_no and u.part = 'registers'$text$
            end,
            k.schema_text, case when estimated_states_text.part = 'registers' then yardstick_engine.sketch_text('hll', 'd.key_list') end
        )
    end
    from (
        select m.method, m.sketch_column, yardstick_engine.sketch_schema(m.method) as schema_text
        from (values ('digest', 'tdigest', 'x.centroids'), ('registers', 'hll', 'x.registers')) as m (part, method, sketch_column)
        where m.part = estimated_states_text.part
    ) as k
$estimated_states_text$;

comment on function yardstick_engine.estimated_states_text(text, boolean) is
'Text of the selects that give percentiles (part digest) or distinct counts (part registers) that may be estimated: exactly up to the bound, from sketches beyond. Without the extension exactly, refusing days that are sketches. failed: row counts alone, for a metric whose value could not be made.';
