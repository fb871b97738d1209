-- Where clocks change between, a row may show a date that its instant is not within: there the days beside are looked at too, and a row
-- counts where it is of the date that asked for it.
create or replace function yardstick_engine.cell_lookups_text(has_instants boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $cell_lookups_text$
    select format(
        $text$looked_up as materialized (
    select c.organization_id, c.local_date, c.measure_key, o.organization_key, %s as low, %s as high
    from unnest($3::uuid[], $4::text[], $5::date[]) as c (organization_id, measure_key, local_date)
    inner join home as o on o.organization_id = c.organization_id
    where c.local_date >= $1 and c.local_date < $2
),
$text$,
        case when cell_lookups_text.has_instants then
            'case when o.utc_offset is null then (c.local_date - 1)::timestamp at time zone o.timezone else c.local_date::timestamp at time zone o.utc_offset end'
            else 'c.local_date' end,
        case when cell_lookups_text.has_instants then
            'case when o.utc_offset is null then (c.local_date + 2)::timestamp at time zone o.timezone else (c.local_date + 1)::timestamp at time zone o.utc_offset end'
            else 'c.local_date + 1' end
    )
$cell_lookups_text$;

comment on function yardstick_engine.cell_lookups_text(boolean) is
'Text of the CTE that lists the stretches of the source''s time, one for each changed cell ($3 to $5), in which the rows of its organization and key are looked up by an index. has_instants: rows are of moments, not of dates.';
