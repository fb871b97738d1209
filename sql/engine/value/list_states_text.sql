create or replace function yardstick_engine.list_states_text(part text, detail_text text default 'detail')
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $list_states_text$
    select format(
        case when list_states_text.part in ('list', 'digest') then
            -- The lists are put side by side before they are opened, so that each cell is sorted for itself, by value alone. The
            -- arithmetic is that of percentile_of: to call it for each value cost more than the sorting.
            $text$select l.scope_no, u.measure_no, l.period_no, cardinality(l.sorted_values),
        l.sorted_values[k.below + 1] + coalesce((k.exact - k.below) * (l.sorted_values[k.below + 2] - l.sorted_values[k.below + 1]), 0), null, null
    from (
        select o.scope_no, o.base_no, o.period_no, array_agg(v.value order by v.value) as sorted_values
        from (
            select d.scope_no, d.base_no, d.period_no, d.value_list
            from %2$s as d
            order by d.scope_no, d.base_no, d.period_no
            offset 0
        ) as o
        cross join lateral unnest(o.value_list) as v (value)
        group by o.scope_no, o.base_no, o.period_no
    ) as l
    inner join special as u on u.base_no = l.base_no and u.part = %1$L
    cross join lateral (
        select h.exact, floor(h.exact)::integer as below
        from (select (cardinality(l.sorted_values) - 1) * u.percent::numeric / 100 as exact) as h
    ) as k$text$
        else
            $text$select r.scope_no, u.measure_no, r.period_no, r.row_count, k.key_count, null, null
    from (
        select d.scope_no, d.base_no, d.period_no, sum(d.row_count)::bigint as row_count
        from %2$s as d
        group by d.scope_no, d.base_no, d.period_no
    ) as r
    inner join (
        select d.scope_no, d.base_no, d.period_no, count(distinct v.key)::numeric as key_count
        from %2$s as d
        cross join lateral unnest(d.key_list) as v (key)
        group by d.scope_no, d.base_no, d.period_no
    ) as k on k.scope_no = r.scope_no and k.base_no = r.base_no and k.period_no = r.period_no
    inner join special as u on u.base_no = r.base_no and u.part = %1$L$text$
        end, list_states_text.part, list_states_text.detail_text
    )
$list_states_text$;

comment on function yardstick_engine.list_states_text(text, text) is
'Text of the select that gives percentiles (part list, digest) or distinct counts (keys, registers) exactly, from the lists and keys of days; detail_text: where these stand.';
