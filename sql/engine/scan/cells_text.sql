-- Grouped by the number of a place. States that meet their series by it need no ids; otherwise a cell is told them afterwards. Teams and
-- users are groups of their own beside places.
create or replace function yardstick_engine.cells_text(
    rows_name       text,
    by_key          boolean,
    by_place        boolean,
    wants_team      boolean,
    wants_user      boolean,
    aggregates_text text,
    columns_text    text,
    dirty_text      text,
    having_text     text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $cells_text$
    select format(
        $text$cells as (
    select %1$s, k.local_date::date as local_date, k.measure_key%2$s
    from (
        select %3$sl.local_date, %4$s as measure_key%5$s
        from %6$s as l%7$s
        group by grouping sets (%8$s)%9$s
    ) as k%10$s
)$text$,
        case
            when cells_text.by_place then 'k.place_no' -- 1
            when f.has_finer then
                'coalesce(p.organization_id, k.organization_id) as organization_id, coalesce(k.finer_level, p.aggregation_level) as aggregation_level, '
                'case when k.finer_level is null then p.aggregation_id else k.finer_id end as aggregation_id'
            else 'p.organization_id, p.aggregation_level, p.aggregation_id'
        end,
        cells_text.columns_text,
        'l.place_no, ' || case when f.has_finer then format(
            'l.organization_id, case%s%s end as finer_level, case%s%s end as finer_id, ',
            case when cells_text.wants_team then ' when grouping(l.team_id) = 0 then ''team''' else '' end,
            case when cells_text.wants_user then ' when grouping(l.user_id) = 0 then ''user''' else '' end,
            case when cells_text.wants_team then ' when grouping(l.team_id) = 0 then l.team_id' else '' end,
            case when cells_text.wants_user then ' when grouping(l.user_id) = 0 then l.user_id' else '' end
        ) else '' end,
        case when cells_text.by_key then 'l.measure_key' else 'null::text' end,
        cells_text.aggregates_text, -- 5
        cells_text.rows_name,
        cells_text.dirty_text,
        format('(l.place_no, l.local_date%s)', f.key_text)
            || case when cells_text.wants_team then format(', (l.organization_id, l.local_date%s, l.team_id)', f.key_text) else '' end
            || case when cells_text.wants_user then format(', (l.organization_id, l.local_date%s, l.user_id)', f.key_text) else '' end,
        cells_text.having_text,
        case when cells_text.by_place then ''
            else format(E'\n    %s join place as p on p.place_no = k.place_no', case when f.has_finer then 'left' else 'inner' end) end -- 10
    )
    from (
        select
            cells_text.wants_team or cells_text.wants_user as has_finer,
            case when cells_text.by_key then ', l.measure_key' else '' end as key_text
    ) as f
$cells_text$;

comment on function yardstick_engine.cells_text(text, boolean, boolean, boolean, boolean, text, text, text, text) is
'Text of the CTE of cells: one GROUP BY of the located rows, or of what rows_name says was made of them, by place, date and key, with teams and users where they are wanted. by_place: they are left with the number of their place, and told no ids. columns_text: the aggregates as the cells show them, of k.';
