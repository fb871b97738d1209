-- What is equal is left out by a join on the key before ON CONFLICT: an upsert that changes nothing still writes WAL. The
-- columns have the order and the types of the table: what is sorted is then put in as it is. It is sorted by one number of series and
-- day: of two keys, the second would be looked for in the row wherever the first are equal, and a series has a row for each day.
create or replace function yardstick_engine.stored_states_text(
    only_dirty   boolean,
    is_new       boolean,
    is_detail    boolean,
    column_names text[],
    of_lists     boolean default null,
    by_cells     boolean default false
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $stored_states_text$
    select format(
        $text$%12$sstored%11$s as (
    insert into %2$s as p (%3$s, %1$s)
    select %4$s, %5$s
    from wanted as w
    %6$s%10$s
    order by (w.series_id << 16) + (w.local_date - '1970-01-01')
    %7$s
    %9$s
),
%8$s$text$,
        c.columns_text, -- 1
        c.table_name,
        case when stored_states_text.is_detail then 'organization_id, series_id, period_start' else 'period_start, period_type, series_id, organization_id' end,
        case when stored_states_text.is_detail then 'w.organization_id, w.series_id, w.local_date'
            else 'w.local_date, 1::smallint, w.series_id, w.organization_id' end,
        c.wanted_text, -- 5
        case when stored_states_text.is_new then '' else format(
            case when stored_states_text.by_cells then
                -- Few are looked up, whatever the planner thinks of their number; joined, the states of a year would be read.
                $text$left join lateral (
        select b.*
        from %1$s as b
        where %2$sb.organization_id = w.organization_id and b.series_id = w.series_id and b.period_start = w.local_date
            and b.period_start >= $1 and b.period_start < $2
        offset 0
    ) as o on true
    -- First those, or they would be looked up among what is written here, which the planner has not seen.
    where (select count(*) from outdated%5$s) >= 0 and (o.series_id is null or (%3$s) is distinct from (%4$s))$text$
            else
                $text$left join %1$s as o
        on %2$so.series_id = w.series_id and o.period_start = w.local_date
        and o.organization_id = w.organization_id and o.period_start >= $1 and o.period_start < $2
    where (o.series_id is null or (%3$s) is distinct from (%4$s))$text$
            end,
            c.table_name,
            case when stored_states_text.is_detail then '' when stored_states_text.by_cells then 'b.period_type = 1 and ' else 'o.period_type = 1 and ' end,
            c.stored_text,
            c.wanted_text,
            c.suffix
        ) end,
        case when stored_states_text.is_new then '' else format(
            'on conflict (%sorganization_id, series_id, period_start) do update set %s',
            case when stored_states_text.is_detail then '' else 'period_type, ' end,
            c.update_text
        ) end,
        case when stored_states_text.is_new then '' when stored_states_text.by_cells then format(
            $text$gone%1$s as (
    delete from %2$s as p
    using outdated%1$s as g
    where p.ctid = any(array(select o.found_at from outdated%1$s as o)) and %3$sp.period_start >= $1 and p.period_start < $2
        and p.organization_id = g.organization_id and p.series_id = g.series_id and p.period_start = g.local_date
    returning g.measure_id, p.period_start, p.organization_id
),
$text$,
            c.suffix,
            c.table_name,
            case when stored_states_text.is_detail then '' else 'p.period_type = 1 and ' end
        ) else format(
            $text$gone%s as (
    delete from %s as p
    using yardstick.metric_series as s, measure as m
    where %sp.period_start >= $1 and p.period_start < $2
        and p.organization_id in (select o.organization_id from organization as o)
        and s.measure_id = m.measure_id and s.series_id = p.series_id and s.organization_id = p.organization_id%s
        %s
        and not exists (
            select from wanted as w where w.series_id = p.series_id and w.local_date = p.period_start and w.organization_id = p.organization_id%s
        )
    returning s.measure_id, p.period_start, p.organization_id
),
$text$,
            c.suffix,
            c.table_name,
            case when stored_states_text.is_detail then '' else 'p.period_type = 1 and ' end,
            ' and ' || format(c.kept_text, 'm'),
            case when stored_states_text.only_dirty then
                $text$and exists (
            select from unnest($3::uuid[], $4::text[], $5::date[]) as dirty (organization_id, measure_key, local_date)
            where dirty.organization_id = p.organization_id and dirty.local_date = p.period_start
                and (dirty.measure_key is null or m.measure_key is null or dirty.measure_key = m.measure_key)
        )$text$ else '' end,
            ' and ' || format(c.kept_text, 'w')
        ) end,
        case when stored_states_text.only_dirty then 'returning p.series_id, p.period_start, p.organization_id' else '' end,
        case when stored_states_text.is_new then ' where ' else ' and ' end || format(c.kept_text, 'w'), -- 10
        c.suffix,
        case when stored_states_text.by_cells and not stored_states_text.is_new then format(
            $text$outdated%1$s as materialized (
    select b.found_at, k.series_id, k.measure_id, k.local_date, k.organization_id
    from (
        select s.series_id, s.measure_id, s.organization_id, d.local_date
        from (
            select m.measure_id, u.organization_id, u.local_date
            from unnest($3::uuid[], $4::text[], $5::date[]) as u (organization_id, measure_key, local_date)
            inner join measure as m on m.measure_key = u.measure_key%4$s
            where u.local_date >= $1 and u.local_date < $2 and u.organization_id in (select o.organization_id from organization as o)
            -- First these, or every cell meets all series of its organization.
            offset 0
        ) as d
        inner join yardstick.metric_series as s on s.measure_id = d.measure_id and s.organization_id = d.organization_id
        where not exists (
            select from wanted as w where w.series_id = s.series_id and w.local_date = d.local_date and w.organization_id = s.organization_id%5$s
        )
        offset 0
    ) as k
    cross join lateral (
        select b.ctid as found_at
        from %2$s as b
        where %3$sb.organization_id = k.organization_id and b.series_id = k.series_id and b.period_start = k.local_date
            and b.period_start >= $1 and b.period_start < $2
        offset 0
    ) as b
),
$text$,
            c.suffix,
            c.table_name,
            case when stored_states_text.is_detail then '' else 'b.period_type = 1 and ' end,
            ' and ' || format(c.kept_text, 'm'),
            ' and ' || format(c.kept_text, 'w')
        ) else '' end
    )
    from (
        select
            case when stored_states_text.of_lists then '_lists' else '' end as suffix,
            case when stored_states_text.of_lists then '%s.is_list' when not stored_states_text.of_lists then 'not %s.is_list' end as kept_text,
            case when stored_states_text.is_detail then 'yardstick.metric_details' else 'yardstick.metric_partials' end as table_name,
            string_agg(n.name, ', ' order by n.position) as columns_text,
            string_agg('w.' || n.name, ', ' order by n.position) as wanted_text,
            string_agg('o.' || n.name, ', ' order by n.position) as stored_text,
            string_agg(format('%1$s = excluded.%1$s', n.name), ', ' order by n.position) as update_text
        from unnest(stored_states_text.column_names) with ordinality as n (name, position)
    ) as c
$stored_states_text$;

comment on function yardstick_engine.stored_states_text(boolean, boolean, boolean, text[], boolean, boolean) is
'Text of the CTEs stored, which writes the day states in wanted that are new or changed to the table of sums or, is_detail, of details, and gone, which deletes those whose rows are gone. is_new: nothing is stored to compare with, and no CTE gone. of_lists: where wanted has states of both tables, of these, and under the names stored_lists and gone_lists, or of the others. by_cells: the changed cells are few, all of one key each, and looked up.';
