-- The masks that occur are found before anything is collected: for values that are looked at only where a condition holds, for a few
-- cells of many, and where rows of one cell and mask are put together first.
--   marked   rows with their masks, and the columns that values are made of
--   need     the measures, numbered, with the bits they need
--   met      the masks that occur, numbered, with the measures that they meet
--   list     all these in one array: those of mask m are behind starts[m], up to starts[m + 1]
--   matched  rows with the numbers of their masks, and with values
--   alike    where cells are dense: rows of one cell and mask together
create or replace function yardstick_engine.numbered_masks(
    cell_names       text[],
    masks            text[],
    kept_text        text,
    dirty_text       text,
    needs_text       text,
    values_text      text,
    alike_text       text,
    value_names      text[],
    state_text       text,
    out tables_text  text,
    out part_names   text[],
    out lateral_text text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $numbered_masks$
    select
        format(
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
            (select string_agg(format('l.%s as "$%1$s"', u.name), ', ' order by u.position) from unnest(numbered_masks.cell_names) with ordinality as u (name, position)),
            (select string_agg('l.' || u.name, ', ') from unnest(numbered_masks.masks) as u (name)),
            numbered_masks.kept_text,
            numbered_masks.dirty_text,
            array_to_string(numbered_masks.masks, ', '), -- 5
            numbered_masks.needs_text,
            (select string_agg('k.' || u.name, ', ') from unnest(numbered_masks.masks) as u (name)),
            (select string_agg(format('k.%1$s & n.%1$s = n.%1$s', u.name), ' and ') from unnest(numbered_masks.masks) as u (name)),
            (
                select string_agg(format('source."$%s" as %1$s', u.name), ', ' order by u.position)
                from unnest(numbered_masks.cell_names) with ordinality as u (name, position)
            ),
            numbered_masks.values_text, -- 10
            (select string_agg(format('met.%1$s = source.%1$s', u.name), ' and ') from unnest(numbered_masks.masks) as u (name)),
            case when numbered_masks.alike_text is null then '' else format(
                E'alike as (\n    select %1$s, m.mask_no%2$s\n    from matched as m\n    group by %1$s, m.mask_no\n),\n',
                (select string_agg('m.' || u.name, ', ' order by u.position) from unnest(numbered_masks.cell_names) with ordinality as u (name, position)),
                numbered_masks.alike_text
            ) end
        ),
        array['mask_no'] || numbered_masks.value_names,
        format(
            $text$select u.number, %1$s
        from (
            select unnest(((select t.numbers from list as t))[p.first_no : p.last_no]) as number%2$s
            from (
                select
                    ((select t.starts from list as t))[q.mask_no] + 1 as first_no, ((select t.starts from list as t))[q.mask_no + 1] as last_no%3$s
                from (select unnest(c.mask_nos) as mask_no%4$s) as q
            ) as p
        ) as u
        group by u.number$text$,
            numbered_masks.state_text,
            (select string_agg(', p.' || u.name, '') from unnest(numbered_masks.value_names) as u (name)),
            (select string_agg(', q.' || u.name, '') from unnest(numbered_masks.value_names) as u (name)),
            (select string_agg(format(', unnest(c.%1$ss) as %1$s', u.name), '') from unnest(numbered_masks.value_names) as u (name))
        )
$numbered_masks$;

comment on function yardstick_engine.numbered_masks(text[], text[], text, text, text, text, text, text[], text) is
'Parts of a masked scan in which masks are numbered first. cell_names, masks: columns of located; kept_text, dirty_text, needs_text, values_text, alike_text, state_text: as in masked_scan; value_names: the columns that values_text or alike_text make. part_names: what cells collect; lateral_text: number and state of each measure, of a cell c.';
