-- Where a cell has few rows, what is done once a cell costs more than what is done for its rows: so rows of sixteen days are collected
-- together, with their days, and counted apart by these. No row is written down before it is in its cell; masks are then looked up by
-- themselves.
--   marked   rows with their masks, and the columns that values are made of (OFFSET 0, so that a date is told once)
--   matched  the same, with the first day of their stretch for a date, and with values
--   need     the measures, numbered, with the bits they need
--   met      each mask that occurs beside each measure that it meets
create or replace function yardstick_engine.stretched_masks(
    cell_names      text[],
    masks           text[],
    kept_text       text,
    needs_text      text,
    values_text     text,
    value_names     text[],
    state_text      text,
    out tables_text text,
    out part_names  text[],
    out with_text   text,
    out lateral_text text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $stretched_masks$
    with

    mask as (

        select
            string_agg('l.' || u.name, ', ' order by u.position) as marked_text,
            string_agg(format('source.%s as mask%s', u.name, u.position), ', ' order by u.position) as matched_text,
            string_agg(u.name, ', ' order by u.position) as names_text,
            string_agg('k.' || u.name, ', ' order by u.position) as met_text,
            string_agg(format('unnest(c.mask%ss) as %s', u.position, u.name), ', ' order by u.position) as unnest_text,
            string_agg(format('k.%1$s & n.%1$s = n.%1$s', u.name), ' and ' order by u.position) as needed_text,
            string_agg(format('met.%s = q.mask%s', u.name, u.position), ' and ' order by u.position) as same_text,
            array_agg('mask' || u.position order by u.position) as names
        from unnest(stretched_masks.masks) with ordinality as u (name, position)

    )

    select
        format(
            $text$marked as (
    select %1$s, %2$s%3$s
    from located as l
    offset 0
),
matched as (
    select %4$s, source."$local_date" as day, %5$s%6$s
    from marked as source
    where source."$local_date" >= $1 and source."$local_date" < $2
),
$text$,
            (select string_agg(format('l.%s as "$%1$s"', u.name), ', ' order by u.position) from unnest(stretched_masks.cell_names) with ordinality as u (name, position)),
            mask.marked_text,
            stretched_masks.kept_text,
            (
                select string_agg(
                    format(
                        case u.name when 'local_date' then '$1 + (source."$%1$s" - $1) / 16 * 16 as %1$s' else 'source."$%1$s" as %1$s' end, u.name
                    ), ', ' order by u.position
                )
                from unnest(stretched_masks.cell_names) with ordinality as u (name, position)
            ),
            mask.matched_text,
            stretched_masks.values_text
        ),
        mask.names || array['day'] || stretched_masks.value_names,
        -- The last condition always holds. The planner takes it to hold seldom, and so hashes all this, once, and not each cell's rows.
        format(
            $text$with
    need (number, class_no, %1$s) as (values %2$s),
    met as materialized (
        select %3$s, n.number
        from (select distinct %4$s from cells as c) as k
        inner join need as n on %5$s
        where n.number & 0 = 0 and k.%6$s & 0 = 0
    )
    $text$,
            mask.names_text, stretched_masks.needs_text, mask.met_text, mask.unnest_text, mask.needed_text, stretched_masks.masks[1]
        ),
        format(
            $text$select u.number, u.day, %1$s
        from (
            select met.number, q.day%2$s
            from (select %3$s) as q
            inner join met on %4$s
        ) as u
        group by u.number, u.day$text$,
            stretched_masks.state_text,
            (select string_agg(', q.' || u.name, '' order by u.position) from unnest(stretched_masks.value_names) with ordinality as u (name, position)),
            (
                select string_agg(format('unnest(c.%1$ss) as %1$s', u.name), ', ' order by u.position)
                from unnest(mask.names || array['day'] || stretched_masks.value_names) with ordinality as u (name, position)
            ),
            mask.same_text
        )
    from mask
$stretched_masks$;

comment on function yardstick_engine.stretched_masks(text[], text[], text, text, text, text[], text) is
'Parts of a masked scan in which cells are stretches of sixteen days. cell_names, masks: columns of located; kept_text, needs_text, values_text, state_text: as in masked_scan; value_names: the columns that values_text makes. part_names: what cells collect; with_text: what stands before the states; lateral_text: number, day and state of each measure, of a cell c.';
