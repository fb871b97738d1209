-- Where all organizations live by one clock, a row's date can be told before its organization is known: then one look-up by organization
-- and department together finds its place, and only rows whose department is unknown are looked up by organization alone: in a sorted
-- array where it has keys of one length, for a join would be passed by every row.
create or replace function yardstick_engine.located_text(
    by_one_clock     boolean,
    has_organization boolean,
    has_instants     boolean,
    has_departments  boolean,
    by_cells         boolean,
    is_kept          boolean,
    is_sorted        boolean,
    local_date_text  text,
    columns_text     text,
    joins_text       text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $located_text$
    select case when located_text.by_one_clock then format(
        $text$named as materialized (
    select h.organization_key, d.member_key, d.place_no
    from home as h
    inner join department as d on d.home_no = h.place_no
),
%3$slocated as (
    select coalesce(d.place_no, %4$s) as place_no, %1$s as local_date%2$s, raw.*
    from raw
    left join named as d on d.organization_key = raw.organization_key and d.member_key = raw.department_key%5$s
    where d.place_no is not null or %4$s is not null
)$text$,
        located_text.local_date_text, -- 1
        located_text.columns_text,
        case when located_text.is_sorted then
            $text$sorted as materialized (
    select array_agg(h.organization_key order by h.organization_key, h.place_no) as keys, array_agg(h.place_no order by h.organization_key, h.place_no) as places
    from home as h
),
$text$ else '' end,
        case when located_text.is_sorted then
            $text$case when (select h.keys from sorted as h)[width_bucket(raw.organization_key, (select h.keys from sorted as h))] = raw.organization_key
        then (select h.places from sorted as h)[width_bucket(raw.organization_key, (select h.keys from sorted as h))] end$text$
        else 'o.place_no' end,
        case when located_text.is_sorted then '' else
            E'\n    left join home as o on o.organization_key = case when d.place_no is null then raw.organization_key end' end -- 5
    )
    else format(
        $text$located as (
    select o.organization_id, %s as place_no, %s as local_date%s, raw.*
    from raw
    inner join home as o on %s
    %s%s
)$text$,
        case when located_text.has_departments then 'coalesce(d.place_no, o.place_no)' else 'o.place_no' end,
        located_text.local_date_text, located_text.columns_text,
        case when located_text.has_organization then 'o.organization_key = raw.organization_key' else 'true' end
            -- The scan spans all zones; each organization keeps its own days, by instants, which are cheaper to compare than to convert.
            || case when located_text.has_instants then ' and raw.happened_at >= o.starts_at and raw.happened_at < o.ends_at' else '' end,
        case when located_text.has_departments
            then E'left join department as d on d.home_no = o.place_no and d.member_key = raw.department_key\n    ' else '' end,
        located_text.joins_text || case when located_text.by_cells
            then format(E'\n    where o.organization_id = raw.cell_organization_id and %s = raw.cell_date', located_text.local_date_text) else '' end
            || case when located_text.is_kept then E'\n    offset 0' else '' end
    ) end
$located_text$;

comment on function yardstick_engine.located_text(boolean, boolean, boolean, boolean, boolean, boolean, boolean, text, text, text) is
'Text of the CTE that gives each row its place and its local date. by_one_clock: all organizations share one zone, and rows name department and organization. has_instants: rows are of moments, not of dates. by_cells: rows were looked up for cells. is_kept: places and dates are found before anything is joined by them; is_sorted: on one clock, organizations are looked up by uuid.';
