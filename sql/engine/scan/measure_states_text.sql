-- Measures meet cells by equality of all that they ask for, each kind in a branch of its own: with "or" between, nothing but the
-- number of the aggregates could be hashed, and a source whose measures share one would be read once for each of them.
create or replace function yardstick_engine.measure_states_text(
    measure_ids      uuid[],
    by_key           boolean,
    by_place         boolean,
    is_detail        boolean,
    has_finer_levels boolean,
    has_lists        boolean,
    cells_text       text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $measure_states_text$
    select string_agg(
        format(
            $text$select %8$s, m.measure_id, c.local_date, %1$s
    from %2$s%9$s
    inner join measure as m on m.combo = v.combo%3$s%4$s
    where v.row_count > 0%5$s%6$s%7$s$text$,
            case
                when measure_states_text.is_detail then
                    'v.row_count, ''epoch''::timestamptz + v.first_pair[1] * interval ''1 second'' as first_at, v.first_pair[2] as first_value, '
                    || '''epoch''::timestamptz + v.last_pair[1] * interval ''1 second'' as last_at, v.last_pair[2] as last_value, '
                    || format(
                        'case %swhen cardinality(v.value_list) > 1 then array(select u.value from unnest(v.value_list) as u (value) order by u.value) '
                        'else v.value_list end as value_list, %s as key_list, %s as centroids, %s as registers',
                        case when b.digest_text is null then '' else format('when %s then null ', b.values_text) end,
                        case when b.registers_text is null then 'v.key_list' else format('case when %s then null else v.key_list end', b.keys_text) end,
                        case when b.digest_text is null then 'null::float8[]' else format('case when %s then %s end', b.values_text, b.digest_text) end,
                        case when b.registers_text is null then 'null::bytea' else format('case when %s then %s end', b.keys_text, b.registers_text) end
                    )
                -- Of any key: the cells of all keys together.
                when k.regroups then
                    'sum(v.row_count)::bigint as row_count, sum(v.value_sum) as value_sum, min(v.value_min) as value_min, max(v.value_max) as value_max'
                    || case when measure_states_text.has_lists then ', null::numeric[] as value_list, false as is_list' else '' end
                when measure_states_text.has_lists then
                    'v.row_count, case when not m.is_list then v.value_sum end as value_sum, case when not m.is_list then v.value_min end as value_min, '
                    'case when not m.is_list then v.value_max end as value_max, case when m.is_list then v.value_list end as value_list, m.is_list'
                else 'v.row_count, v.value_sum, v.value_min, v.value_max'
            end,
            measure_states_text.cells_text,
            case when k.has_key then ' and m.measure_key = c.measure_key' else '' end,
            case when k.has_organization then format(' and m.organization_id = %s.organization_id', case when measure_states_text.by_place then 'p' else 'c' end) else '' end,
            case when k.kinds = 1 then '' else format( -- 5
                ' and m.measure_key is %s and m.organization_id is %s',
                case when k.has_key then 'not null' else 'null' end, case when k.has_organization then 'not null' else 'null' end
            ) end,
            case when measure_states_text.by_place then '' else ' and c.aggregation_id is not null' end
                || case when measure_states_text.has_finer_levels then $text$
        and (c.aggregation_level not in ('team', 'user')
            or (c.aggregation_level = 'team' and m.wants_team) or (c.aggregation_level = 'user' and m.wants_user))$text$ else '' end,
            case when k.regroups then format(E'\n    group by %s, m.measure_id, c.local_date', s.scope_text) else '' end,
            s.scope_text,
            case when k.has_organization and measure_states_text.by_place then E'\n    inner join place as p on p.place_no = c.place_no' else '' end
        ), E'\n    union all\n    ' order by k.has_key, k.has_organization
    )
    from (
        select
            m.measure_key is not null as has_key,
            m.organization_id is not null as has_organization,
            measure_states_text.by_key and not measure_states_text.is_detail and m.measure_key is null as regroups,
            count(*) over () as kinds
        from yardstick.metric_measures as m
        where m.id = any(measure_states_text.measure_ids)
        group by m.measure_key is not null, m.organization_id is not null, m.measure_key is null
    ) as k
    cross join (
        select
            format('v.is_estimated and cardinality(v.value_list) > %s', yardstick_engine.sketch_bound()) as values_text,
            format('v.is_estimated and cardinality(v.key_list) > %s', yardstick_engine.sketch_bound()) as keys_text,
            case when w.has_digest then yardstick_engine.sketch_text('tdigest', 'v.value_list') end as digest_text,
            case when w.has_registers then yardstick_engine.sketch_text('hll', 'v.key_list') end as registers_text
        from (
            select bool_or(m.state_kind = 'digest') as has_digest, bool_or(m.state_kind = 'registers') as has_registers
            from yardstick.metric_measures as m
            where m.id = any(measure_states_text.measure_ids)
        ) as w
    ) as b
    cross join (
        select case when measure_states_text.by_place then 'c.place_no' else 'c.organization_id, c.aggregation_level, c.aggregation_id' end as scope_text
    ) as s
$measure_states_text$;

comment on function yardstick_engine.measure_states_text(uuid[], boolean, boolean, boolean, boolean, boolean, text) is
'Text that turns cells, in which each distinct aggregate is a column, into one row a measure. by_key: cells are kept apart by the key of the source; by_place: by the number of its place, not by ids; has_lists: of sums, some keep their values as a list instead (is_list); cells_text: the cells as c, one row of v for each of their aggregates.';
