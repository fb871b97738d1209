-- Grouped by the number of a place, and told its ids afterwards, a cell at a time. Teams and users are groups of their own beside it.
create or replace function yardstick_engine.cells_text(
    rows_name       text,
    by_key          boolean,
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
    select
        %1$s as organization_id, k.local_date, k.measure_key,
        %2$s as aggregation_level, %3$s as aggregation_id%4$s
    from (
        select %5$sl.local_date, %6$s as measure_key%7$s
        from %12$s as l%8$s
        group by grouping sets (%9$s)%10$s
    ) as k
    %11$s join place as p on p.place_no = k.place_no
)$text$,
        case when f.has_finer then 'coalesce(p.organization_id, k.organization_id)' else 'p.organization_id' end, -- 1
        case when f.has_finer then 'coalesce(k.finer_level, case when p.department_id is null then ''none'' else ''own'' end)'
            else 'case when p.department_id is null then ''none'' else ''own'' end' end,
        case when f.has_finer then 'case when k.finer_level is null then coalesce(p.department_id, p.organization_id) else k.finer_id end'
            else 'coalesce(p.department_id, p.organization_id)' end,
        cells_text.columns_text,
        'l.place_no, ' || case when f.has_finer then format( -- 5
            'l.organization_id, case%s%s end as finer_level, case%s%s end as finer_id, ',
            case when cells_text.wants_team then ' when grouping(l.team_id) = 0 then ''team''' else '' end,
            case when cells_text.wants_user then ' when grouping(l.user_id) = 0 then ''user''' else '' end,
            case when cells_text.wants_team then ' when grouping(l.team_id) = 0 then l.team_id' else '' end,
            case when cells_text.wants_user then ' when grouping(l.user_id) = 0 then l.user_id' else '' end
        ) else '' end,
        case when cells_text.by_key then 'l.measure_key' else 'null::text' end,
        cells_text.aggregates_text,
        cells_text.dirty_text,
        format('(l.place_no, l.local_date%s)', f.key_text)
            || case when cells_text.wants_team then format(', (l.organization_id, l.local_date%s, l.team_id)', f.key_text) else '' end
            || case when cells_text.wants_user then format(', (l.organization_id, l.local_date%s, l.user_id)', f.key_text) else '' end,
        cells_text.having_text, -- 10
        case when f.has_finer then 'left' else 'inner' end,
        cells_text.rows_name
    )
    from (
        select
            cells_text.wants_team or cells_text.wants_user as has_finer,
            case when cells_text.by_key then ', l.measure_key' else '' end as key_text
    ) as f
$cells_text$;

comment on function yardstick_engine.cells_text(text, boolean, boolean, boolean, text, text, text, text) is
'Text of the CTE of cells: one GROUP BY of the located rows, or of what rows_name says was made of them, by place, date and key, with teams and users where they are wanted. columns_text: the aggregates as the cells show them, of k.';
