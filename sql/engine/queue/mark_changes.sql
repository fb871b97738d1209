create or replace function yardstick_engine.mark_changes(
    source_id        uuid,
    organization_ids uuid[],
    as_of            timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $mark_changes$
declare
    source            yardstick.metric_sources;
    organization_type text;
    time_type         text;
    newest            timestamptz;
    oldest            timestamptz;
    latest            timestamptz;
    marked            bigint;
begin
    select s.* into strict source
    from yardstick.metric_sources as s
    where s.id = mark_changes.source_id;

    if source.watermark_column is null then
        -- Rows come, change and go unseen: the days of the look-back are read again.
        insert into yardstick.metric_dirty (organization_id, source_id, stage, period_start)
        select o.id, source.id, 'source', d.local_day::date
        from yardstick.organizations as o
        cross join lateral generate_series(
            (mark_changes.as_of - source.lookback) at time zone o.timezone,
            least(mark_changes.as_of at time zone o.timezone + interval '1 day', make_date(extract(year from now())::integer + 5, 12, 31)::timestamp),
            interval '1 day'
        ) as d (local_day)
        where o.id = any(mark_changes.organization_ids);
        get diagnostics marked = row_count;
    else
        -- Before the rows are read: what is committed meanwhile is past it.
        newest := yardstick_engine.newest_change(source.id, mark_changes.as_of);
        select
            max(c.type_name) filter (where c.column_name = source.organization_column),
            max(c.type_name) filter (where c.column_name = source.time_column)
        into organization_type, time_type
        from yardstick_engine.source_columns(source.id) as c;

        -- What is written after a clock has been set back is earlier than a mark of before.
        latest := greatest(mark_changes.as_of, clock_timestamp());
        select case when bool_and(r.refreshed_to is not null) then
            min(case when r.refreshed_to > latest then mark_changes.as_of else r.refreshed_to end) - source.lookback
        end
        into oldest
        from unnest(mark_changes.organization_ids) as o (organization_id)
        left join yardstick.metric_refreshes as r
            on r.organization_id = o.organization_id and r.source_id = source.id and r.refresh_frequency = 'watermark';

        -- The look-back covers transactions that committed after the mark was set with an earlier time. An organization without a mark
        -- is told of all its rows.
        execute format(
            $text$with %1$s
            insert into yardstick.metric_dirty (organization_id, source_id, stage, period_start)
            select distinct o.organization_id, $1, 'source', %2$s
            from %3$s as r
            inner join organization as o on %4$s
            left join yardstick.metric_refreshes as m
                on m.organization_id = o.organization_id and m.source_id = $1 and m.refresh_frequency = 'watermark'
            where ($2 is null or r.%5$I >= $2) and o.organization_id = any($3)
                and (m.refreshed_to is null or r.%5$I >= case when m.refreshed_to > $5 then $6 else m.refreshed_to end - $4)
                and %2$s between date '1990-01-01' and make_date(extract(year from now())::integer + 5, 12, 31)$text$,
            yardstick_engine.organization_keys_text(source.organization_id, organization_type, false, null),
            case time_type when 'timestamp with time zone' then format('(r.%I at time zone o.timezone)::date', source.time_column)
                else format('r.%I::date', source.time_column) end,
            source.relation,
            case when source.organization_column is null then 'true'
                else format('o.organization_key = r.%I%s', source.organization_column, case organization_type when 'uuid' then '' else '::text' end) end,
            source.watermark_column
        )
        using source.id, oldest, mark_changes.organization_ids, source.lookback, latest, mark_changes.as_of;
        get diagnostics marked = row_count;
        perform yardstick_engine.move_watermark(source.id, mark_changes.organization_ids, newest);
    end if;
    return marked;
end
$mark_changes$;

comment on function yardstick_engine.mark_changes(uuid, uuid[], timestamptz) is
'Marks the days of a source without capture that may have changed as dirty for the given organizations: the days of rows past the watermark less the look-back, else the days of the look-back before as_of. Returns the number of cells marked.';
