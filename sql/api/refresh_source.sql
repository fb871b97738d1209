-- Definer, with the owner's rights. The source of the chosen organization, or of the platform.
create or replace function yardstick_api.refresh_source(source_name text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $refresh_source$
declare
    source_id uuid;
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba has a whole source read again';
    end if;
    select s.id into source_id
    from yardstick.metric_sources as s
    where s.source_name = refresh_source.source_name and s.is_active
    order by s.organization_id nulls last
    limit 1;
    if source_id is null then
        raise exception using errcode = 'YS003', message = format('there is no source "%s"', refresh_source.source_name);
    end if;
    return yardstick_engine.queue_source(source_id);
end
$refresh_source$;

comment on function yardstick_api.refresh_source(text) is
'Queues the whole history of a source for calculation, for all metrics and organizations, and returns the number of weeks that wait; for changes that nothing noted. YS003: no such source. YS005: the caller is no DBA.';
grant execute on function yardstick_api.refresh_source(text) to yardstick_dba;
