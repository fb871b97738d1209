-- Longer windows are merged from shorter ones, never from rows: week and month from days, quarter and year from months.
create or replace function yardstick_engine.merge_statement(is_new boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $merge_statement$
    select $text$with

touched as materialized (
    select distinct t.organization_id, t.period_type, t.period_start
    from unnest($2::uuid[], $3::integer[], $4::date[]) as t (organization_id, period_type, period_start)
    where t.period_type > 1
),

calendar as materialized (
    select
        t.organization_id, o.week_start, o.fiscal_year_start_month, min(t.period_start) as first_start,
        max(yardstick_engine.period_next(t.period_start, t.period_type)) as next_start
    from touched as t
    inner join yardstick.organizations as o on o.id = t.organization_id
    group by t.organization_id, o.week_start, o.fiscal_year_start_month
),

series as materialized (
    select s.series_id, c.organization_id, c.week_start, c.fiscal_year_start_month, c.first_start, c.next_start
    from calendar as c
    -- By the key, as all is here: of joins only the nested one is left, and it would hold every series against every organization.
    cross join lateral (
        select k.series_id
        from yardstick.metric_series as k
        where k.organization_id = c.organization_id and k.measure_id = any($1)
        offset 0
    ) as s
    order by s.series_id
),

-- Weeks and months come from days, quarters and years from months: the type of each is that of its parts, plus one or two.
merged_states as (
    select s.series_id, m.period_type, m.period_start, s.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
    from series as s
    cross join lateral (
        select
            case when grouping(k.short_start) = 0 then $7 + 1 else $7 + 2 end as period_type,
            coalesce(k.short_start, k.long_start) as period_start,
            yardstick_engine.sum_whole(k.row_count) as row_count, yardstick_engine.sum_of_few(k.value_sum) as value_sum,
            min(k.value_min) as value_min, max(k.value_max) as value_max
        from (
            select
                yardstick_engine.period_floor(p.period_start, $7 + 1, s.week_start, s.fiscal_year_start_month) as short_start,
                -- A month is the same in every calendar; looked up, it costs a fraction of what it costs to work out.
                case when $7 = 1 then (array(
                    select date_trunc('month', g.day)::date
                    from generate_series($5::timestamp, $6::timestamp, interval '1 day') as g (day)
                    order by g.day
                ))[p.period_start - $5 + 1]
                else yardstick_engine.period_floor(p.period_start, $7 + 2, s.week_start, s.fiscal_year_start_month) end as long_start,
                p.row_count, p.value_sum, p.value_min, p.value_max
            from yardstick.metric_partials as p
            where p.period_type = $7 and p.period_start >= $5 and p.period_start < $6
                and p.series_id = s.series_id and p.organization_id = s.organization_id
                and p.period_start >= s.first_start and p.period_start < s.next_start
        ) as k
        group by grouping sets ((k.short_start), (k.long_start))
    ) as m
    -- IS TRUE keeps it a table that is looked into: as a join, it would be made anew for each series.
    where ((s.organization_id, m.period_type, m.period_start) in (select t.organization_id, t.period_type, t.period_start from touched as t)) is true
)
$text$ || case when merge_statement.is_new then
        $text$
insert into yardstick.metric_partials
    (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
select m.period_type, m.series_id, m.period_start, m.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
from merged_states as m$text$
    else
        $text$,

stored as (
    select s.series_id, o.period_type, o.period_start, s.organization_id, o.row_count, o.value_sum, o.value_min, o.value_max
    from series as s
    cross join lateral (
        select p.period_type, p.period_start, p.row_count, p.value_sum, p.value_min, p.value_max
        from yardstick.metric_partials as p
        where p.period_type in ($7 + 1, $7 + 2)
            and p.series_id = s.series_id and p.organization_id = s.organization_id
            and p.period_start >= s.first_start and p.period_start < s.next_start
        offset 0
    ) as o
    where ((s.organization_id, o.period_type::integer, o.period_start) in (select t.organization_id, t.period_type, t.period_start from touched as t)) is true
),

changed as materialized (
    select
        coalesce(m.series_id, o.series_id) as series_id, coalesce(m.period_type, o.period_type) as period_type,
        coalesce(m.period_start, o.period_start) as period_start, coalesce(m.organization_id, o.organization_id) as organization_id,
        m.row_count, m.value_sum, m.value_min, m.value_max, o.series_id is not null as is_stored
    from merged_states as m
    full join stored as o on o.series_id = m.series_id and o.period_type = m.period_type and o.period_start = m.period_start
    where m.series_id is null or o.series_id is null
        or (o.row_count, o.value_sum, o.value_min, o.value_max)
        is distinct from (m.row_count, m.value_sum, m.value_min, m.value_max)
),

-- Only the holder of a period's slice merges it: what was not stored is not stored meanwhile, and needs no ON CONFLICT, which doubles
-- the cost of a row.
added as (
    insert into yardstick.metric_partials
        (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
    select c.period_type, c.series_id, c.period_start, c.organization_id, c.row_count, c.value_sum, c.value_min, c.value_max
    from changed as c
    where not c.is_stored
),

updated as (
    update yardstick.metric_partials as p
    set row_count = c.row_count, value_sum = c.value_sum, value_min = c.value_min, value_max = c.value_max
    from changed as c
    where c.is_stored and c.row_count is not null
        and p.period_type = c.period_type and p.series_id = c.series_id
        and p.period_start = c.period_start and p.organization_id = c.organization_id
        -- Values to be equal to: of a range, an index that begins with the type would be read whole for each series.
        and p.period_type in ($7 + 1, $7 + 2)
),

gone as (
    delete from yardstick.metric_partials as p
    using changed as c
    where c.row_count is null
        and p.period_type = c.period_type and p.series_id = c.series_id
        and p.period_start = c.period_start and p.organization_id = c.organization_id
        and p.period_type in ($7 + 1, $7 + 2)
)

select count(*) from changed$text$
    end
$merge_statement$;

comment on function yardstick_engine.merge_statement(boolean) is
'Text of the statement that makes the states of longer periods: $1 measures, $2, $3, $4 touched periods (organization, type, start), $5, $6 the dates they span, $7 the type of their parts. is_new: none of them is stored yet; it writes them, and otherwise gives the number of those written or deleted.';
