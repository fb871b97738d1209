-- Definer, with the engine's rights: whoever retires a source sees no table of ours.
create or replace function yardstick_engine.leave_source(source_name text)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $leave_source$
declare
    owner_id   constant uuid := yardstick.current_organization();
    retired_id uuid;
    readers    text;
begin
    perform pg_advisory_xact_lock(hashtextextended(
        format('yardstick_engine.save_source %s %s', owner_id, leave_source.source_name), 0
    ));
    select s.id into retired_id
    from yardstick.metric_sources as s
    where s.source_name = leave_source.source_name and s.is_active and s.relation not like 'yardstick.%'
        and s.organization_id is not distinct from owner_id
    for update;
    if retired_id is null then
        raise exception using errcode = 'YS003', message = format('there is no source "%s" to retire', leave_source.source_name);
    end if;

    select string_agg(d.metric_name, ', ' order by d.metric_name) into readers
    from yardstick.metric_definitions as d
    where (d.source_id = retired_id or d.compiled -> 'sources' ? retired_id::text) and d.deleted_at is null;
    if readers is not null then
        raise exception using
            errcode = 'YS007', message = format('source "%s" is read by: %s; retire these first', leave_source.source_name, readers);
    end if;

    update yardstick.metric_sources as s
    set is_active = false, capture = false, capture_mark = null
    where s.id = retired_id;
    delete from yardstick.source_changes as c where c.source_id = retired_id;
    delete from yardstick.capture_gaps as g where g.source_id = retired_id;
    return retired_id;
end
$leave_source$;

comment on function yardstick_engine.leave_source(text) is
'Ends the use of a source of the chosen organization, or of the platform when none is chosen, and returns its id. YS003: no such source. YS007: metrics read it, which are named.';
revoke execute on function yardstick_engine.leave_source(text) from public;
grant execute on function yardstick_engine.leave_source(text) to yardstick_dba;
