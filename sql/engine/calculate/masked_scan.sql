-- Many conditions over few columns. Each row gets a mask, a bit for each different comparison that holds. Few different masks occur; each
-- is asked once which measures need no bit that it lacks, and its rows then count for these. So no condition is evaluated on each row,
-- and states come out as rows, instead of as columns of which nearly all are empty.
--   marked   rows with their masks, and the columns that values are made of
--   need     the measures, numbered, with the bits they need
--   met      the masks that occur, numbered, with the measures that they meet
--   list     all these in one array: those of mask m are behind starts[m], up to starts[m + 1]
--   matched  rows with the numbers of their masks, and with values
--   alike    where cells are dense: rows of one cell and mask together
--   cells    what each cell has of these, as arrays; each then counts for itself, in a hash table that fits the cache
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
    masks        text[];
    needs_text   text;
    carried_text text;
    kept_text    text;
    parts        record;
    measures     record;
begin
    -- Where many measures have a value of their own, little is shared. Masks may be as many as rows: to ask each what it meets is then
    -- still less than to evaluate each condition.
    if (select count(*) > 8 from yardstick_engine.value_classes(source_id, measure_ids)) then
        return;
    end if;
    select s.* into strict source from yardstick.metric_sources as s where s.id = source_id;
    is_dense := yardstick_engine.has_dense_cells(source, mask_bound);
    rows_name := case when is_dense then 'alike' else 'matched' end;
    select v.* into parts from yardstick_engine.masked_values(source_id, measure_ids, is_dense) as v;

    with

    bits as materialized (

        select b.measure_id, b.bit_no / 62 as mask_no, b.bit_text, 1::bigint << (b.bit_no % 62) as bit
        from yardstick_engine.mask_bits(source_id, measure_ids) as b

    ),

    masked as (

        select
            b.mask_no,
            string_agg(format('case when %s then %s::bigint else 0::bigint end', b.bit_text, b.bit), ' | ' order by b.bit) as mask_text
        from (select distinct bits.mask_no, bits.bit_text, bits.bit from bits) as b
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

    tables_text := format(
        $text$marked as materialized (
    select %1$s, %2$s%3$s
    from located as l
    %4$s
),
need (number, class_no, %5$s) as (values %6$s),
met as materialized (
    select k.*, (row_number() over w)::integer as mask_no, (sum(cardinality(k.numbers)) over w)::integer as upto
    from (
        select %7$s, array_agg(n.number) as numbers, array_agg(distinct n.class_no) as class_nos
        from (select distinct %7$s from marked as k) as k
        inner join need as n on %8$s
        group by %7$s
    ) as k
    window w as (rows unbounded preceding)
),
list as materialized (
    select
        array(select u.number from met cross join lateral unnest(met.numbers) as u (number) order by met.mask_no) as numbers,
        array[0] || array(select met.upto from met order by met.mask_no) as starts
),
matched as (
    select %9$s, met.mask_no%10$s
    from marked as source
    inner join met on %11$s
    offset 0
),
%12$s$text$,
        (select string_agg(format('l.%s as "$%1$s"', u.name), ', ' order by u.position) from unnest(cell_names) with ordinality as u (name, position)),
        (select string_agg('l.' || u.name, ', ') from unnest(masks) as u (name)),
        kept_text,
        dirty_text,
        array_to_string(masks, ', '), -- 5
        needs_text,
        (select string_agg('k.' || u.name, ', ') from unnest(masks) as u (name)),
        (select string_agg(format('k.%1$s & n.%1$s = n.%1$s', u.name), ' and ') from unnest(masks) as u (name)),
        (select string_agg(format('source."$%s" as %1$s', u.name), ', ' order by u.position) from unnest(cell_names) with ordinality as u (name, position)),
        parts.values_text, -- 10
        (select string_agg(format('met.%1$s = source.%1$s', u.name), ' and ') from unnest(masks) as u (name)),
        case when is_dense then format(
            E'alike as (\n    select %1$s, m.mask_no%2$s\n    from matched as m\n    group by %1$s, m.mask_no\n),\n',
            (select string_agg('m.' || u.name, ', ' order by u.position) from unnest(cell_names) with ordinality as u (name, position)),
            parts.alike_text
        ) else '' end
    );
    aggregates_text := (select string_agg(format(', array_agg(l.%1$s) as %1$ss', u.name), '') from unnest(parts.part_names) as u (name));
    columns_text := (select string_agg(format(', k.%ss', u.name), '') from unnest(parts.part_names) as u (name));

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
        $text$select
        c.organization_id, (%1$L::uuid[])[v.number] as measure_id, c.aggregation_level, c.aggregation_id, c.local_date,
        v.row_count, v.value_sum, v.value_min, v.value_max
    from cells as c
    cross join lateral (
        select u.number, %2$s
        from (
            select unnest(((select t.numbers from list as t))[p.first_no : p.last_no]) as number%3$s
            from (
                select
                    ((select t.starts from list as t))[q.mask_no] + 1 as first_no, ((select t.starts from list as t))[q.mask_no + 1] as last_no%4$s
                from (select %5$s) as q
            ) as p
        ) as u
        group by u.number
    ) as v
    where c.aggregation_id is not null%6$s%7$s%8$s$text$,
        measures.ids,
        parts.state_text,
        (select string_agg(', p.' || u.name, '') from unnest(parts.part_names) as u (name) where u.name <> 'mask_no'),
        (select string_agg(', q.' || u.name, '') from unnest(parts.part_names) as u (name) where u.name <> 'mask_no'),
        (select string_agg(format('unnest(c.%1$ss) as %1$s', u.name), ', ') from unnest(parts.part_names) as u (name)), -- 5
        case when parts.needs_check then ' and v.row_count > 0' else '' end,
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
