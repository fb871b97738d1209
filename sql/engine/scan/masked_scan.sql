-- Many conditions over few columns. Each row gets a mask, a bit for each different comparison that holds. Few different masks occur; each
-- is asked once which measures need no bit that it lacks, and its rows then count for these. So no condition is evaluated on each row,
-- and states come out as rows, instead of as columns of which nearly all are empty: cells are collected as arrays, and each then counts
-- for itself, in a hash table that fits the cache.
create or replace function yardstick_engine.masked_scan(
    source_id           uuid,
    measure_ids         uuid[],
    cell_names          text[],
    dirty_text          text,
    out raw_text        text,
    out tables_text     text,
    out rows_name       text,
    out aggregates_text text,
    out columns_text    text,
    out states_text     text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $masked_scan$
#variable_conflict use_variable
declare
    source       yardstick.metric_sources;
    mask_bound   constant numeric := yardstick_engine.mask_bound(source_id, measure_ids);
    is_dense     boolean;
    tells_apart  boolean;
    masks        text[];
    needs_text   text;
    carried_text text;
    kept_text    text;
    parts        record;
    texts        record;
    measures     record;
begin
    -- Where many measures have a value of their own, little is shared. Masks may be as many as rows: to ask each what it meets is then
    -- still less than to evaluate each condition.
    if (select count(*) > 8 from yardstick_engine.value_classes(source_id, measure_ids)) then
        return;
    end if;
    select s.* into strict source from yardstick.metric_sources as s where s.id = source_id;
    tells_apart := not exists (
        select
        from pg_attribute as a
        inner join pg_collation as l on l.oid = a.attcollation
        where a.attrelid = to_regclass(source.relation) and not l.collisdeterministic
    );
    is_dense := yardstick_engine.has_dense_cells(source, mask_bound);
    rows_name := case when is_dense then 'alike' else 'matched' end;
    select v.* into parts from yardstick_engine.masked_values(source_id, measure_ids, is_dense) as v;

    with

    bits as materialized (

        select
            b.measure_id,
            b.bit_no / 62 as mask_no,
            b.bit_text,
            1::bigint << (b.bit_no % 62) as bit,
            case when b.kind = 'equal' and tells_apart then b.constant_text end as constant_text
        from yardstick_engine.mask_bits(source_id, measure_ids) as b

    ),

    masked as (

        select
            b.mask_no,
            yardstick_engine.mask_text(array_agg(b.bit_text), array_agg(b.constant_text), array_agg(b.bit)) as mask_text
        from (select distinct bits.mask_no, bits.bit_text, bits.constant_text, bits.bit from bits) as b
        group by b.mask_no

    ),

    needs as (

        select
            n.number,
            format('(%s, %s, %s)', n.number, n.class_no, string_agg(coalesce(b.bits, 0)::text || '::bigint', ', ' order by k.mask_no)) as need_text
        from yardstick_engine.mask_measures(source_id, measure_ids) as n
        cross join masked as k
        left join (
            select bits.measure_id, bits.mask_no, bit_or(bits.bit) as bits from bits group by bits.measure_id, bits.mask_no
        ) as b on b.measure_id = n.measure_id and b.mask_no = k.mask_no
        group by n.number, n.class_no

    )

    select
        (select string_agg(format(', %s as "$mask%s"', k.mask_text, k.mask_no), '' order by k.mask_no) from masked as k),
        (select array_agg(format('"$mask%s"', k.mask_no) order by k.mask_no) from masked as k),
        (select string_agg(n.need_text, ', ' order by n.number) from needs as n)
    into raw_text, masks, needs_text;

    -- Under names of their own on the way, since the names of a source may be any.
    select
        coalesce(string_agg(format(', source.%I as "$value%s"', c.column_name, c.place), '' order by c.place), ''),
        coalesce(string_agg(format(', l."$value%s" as %I', c.place, c.column_name), '' order by c.place), '')
    into carried_text, kept_text
    from (
        select n.column_name, row_number() over (order by n.column_name) as place
        from (
            select distinct u.column_name
            from yardstick_engine.value_classes(source_id, measure_ids) as v
            cross join lateral unnest(v.column_names) as u (column_name)
        ) as n
    ) as c;
    raw_text := raw_text || carried_text;

    if is_dense or parts.needs_check or dirty_text <> '' then
        select t.tables_text, t.part_names, t.lateral_text, 'c.local_date' as day_text, '' as with_text into texts
        from yardstick_engine.numbered_masks(
            cell_names, masks, kept_text, dirty_text, needs_text, parts.values_text, case when is_dense then parts.alike_text end, parts.value_names,
            parts.state_text
        ) as t;
    else
        select t.tables_text, t.part_names, t.lateral_text, 'v.day' as day_text, t.with_text into texts
        from yardstick_engine.stretched_masks(
            cell_names, masks, kept_text, needs_text, parts.values_text, parts.value_names, parts.state_text
        ) as t;
    end if;
    tables_text := texts.tables_text;
    aggregates_text := (
        select string_agg(format(', %s(l.%2$s) as %2$ss', case when is_dense then 'array_agg' else 'yardstick_engine.list_of' end, u.name), '')
        from unnest(texts.part_names) as u (name)
    );
    columns_text := (select string_agg(format(', k.%ss', u.name), '') from unnest(texts.part_names) as u (name));

    select
        array_agg(n.measure_id order by n.number) as ids,
        case when count(n.organization_id) > 0 then array_agg(n.organization_id order by n.number) end as organization_ids,
        array_agg(coalesce(u.wants_team, false) order by n.number) as want_teams,
        array_agg(coalesce(u.wants_user, false) order by n.number) as want_users
    into measures
    from yardstick_engine.mask_measures(source_id, measure_ids) as n
    left join (
        select
            mu.measure_id,
            bool_or('team' = any(mu.aggregation_levels)) as wants_team,
            bool_or('user' = any(mu.aggregation_levels)) as wants_user
        from yardstick_engine.measure_uses(measure_ids) as mu
        group by mu.measure_id
    ) as u on u.measure_id = n.measure_id;

    states_text := format(
        $text$%1$sselect
        c.organization_id, (%2$L::uuid[])[v.number] as measure_id, c.aggregation_level, c.aggregation_id, %3$s as local_date,
        v.row_count, v.value_sum, v.value_min, v.value_max
    from cells as c
    cross join lateral (
        %4$s
    ) as v
    where c.aggregation_id is not null%5$s%6$s%7$s$text$,
        texts.with_text,
        measures.ids,
        texts.day_text,
        texts.lateral_text,
        case when parts.needs_check then ' and v.row_count > 0' else '' end, -- 5
        -- What one organization wrote counts its own rows only.
        E'\n        and coalesce((' || quote_literal(measures.organization_ids::text) || '::uuid[])[v.number] = c.organization_id, true)',
        case when cell_names && array['team_id', 'user_id'] then format(
            E'\n        and case c.aggregation_level when ''team'' then (%L::boolean[])[v.number] when ''user'' then (%L::boolean[])[v.number] else true end',
            measures.want_teams, measures.want_users
        ) end
    );
end
$masked_scan$;

comment on function yardstick_engine.masked_scan(uuid, uuid[], text[], text) is
'Parts of a scan statement that makes each different comparison once a row, and finds by the results together which measures the row counts for; null where that does not pay. cell_names: columns of located that cells are kept apart by; dirty_text: the join that leaves only dirty cells. raw_text: columns that raw adds; tables_text: what stands between located and cells; rows_name: what cells are made of; aggregates_text, columns_text, states_text: the columns of cells, as they are made and as they are shown, and the states.';
