-- A time that lies ahead would hide whatever changes until then.
create or replace function yardstick_engine.newest_change(source_id uuid, as_of timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $newest_change$
declare
    source yardstick.metric_sources;
    newest timestamptz;
begin
    select s.* into strict source
    from yardstick.metric_sources as s
    where s.id = newest_change.source_id;
    execute format('select max(r.%I)::timestamptz from %s as r where r.%1$I <= $1', source.watermark_column, source.relation)
    into newest
    using newest_change.as_of;
    return newest;
end
$newest_change$;

comment on function yardstick_engine.newest_change(uuid, timestamptz) is
'Latest time up to as_of in the watermark column of a source; null: it has no rows.';
