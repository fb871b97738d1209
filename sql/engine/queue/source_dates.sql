create or replace function yardstick_engine.source_dates(source_id uuid)
returns table (first_date date, last_date date)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $source_dates$
declare
    source    yardstick.metric_sources;
    time_type text;
begin
    perform yardstick_engine.reach_source(source_dates.source_id);
    select s.* into strict source
    from yardstick.metric_sources as s
    where s.id = source_dates.source_id;

    select c.type_name into time_type
    from yardstick_engine.source_columns(source_dates.source_id) as c
    where c.column_name = source.time_column;

    -- A day on each side covers every zone; rows outside the years that have partitions are left out (and counted in health).
    return query execute format(
        $text$select greatest(min(b.low) - 1, date '1990-01-01'), least(max(b.high) + 1, make_date(extract(year from now())::integer + 5, 12, 31))
        from (
            select %1$s as low, %2$s as high
            from %3$s as r
            where r.%4$I > '-infinity' and r.%4$I < 'infinity'
        ) as b
        having max(b.high) >= date '1990-01-01' and min(b.low) < make_date(extract(year from now())::integer + 6, 1, 1)$text$,
        case time_type when 'timestamp with time zone' then format('(min(r.%I) at time zone ''UTC'')::date', source.time_column)
            else format('min(r.%I)::date', source.time_column) end,
        case time_type when 'timestamp with time zone' then format('(max(r.%I) at time zone ''UTC'')::date', source.time_column)
            else format('max(r.%I)::date', source.time_column) end,
        source.relation,
        source.time_column
    );
end
$source_dates$;

comment on function yardstick_engine.source_dates(uuid) is
'First and last local date a source could have rows for, in any zone, within 1990 and five years ahead. No row when it has none. 55P03: another session keeps it locked for two seconds.';
