create or replace function yardstick_engine.move_watermark(source_id uuid, organization_ids uuid[], newest timestamptz)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $move_watermark$
    insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
    select o.organization_id, move_watermark.source_id, 'watermark', move_watermark.newest
    from unnest(move_watermark.organization_ids) as o (organization_id)
    where move_watermark.newest is not null
    order by o.organization_id
    on conflict (organization_id, source_id, refresh_frequency) do update
    set refreshed_to = excluded.refreshed_to
    where r.refreshed_to < excluded.refreshed_to or r.refreshed_to > clock_timestamp();

    update yardstick.metric_sources as s
    set watermark_at = move_watermark.newest
    where s.id = move_watermark.source_id
        and coalesce(s.watermark_at < move_watermark.newest or s.watermark_at > clock_timestamp(), move_watermark.newest is not null);
$move_watermark$;

comment on function yardstick_engine.move_watermark(uuid, uuid[], timestamptz) is
'Remembers up to which change of a source with a watermark column organizations have been told of its rows; it goes back only where it lies ahead of the clock, which was set back.';
