-- Opens the one transaction of the session, and closes it to writing once the views are there.
create or replace function yardstick_engine.open_views(organization_id uuid, source_ids uuid[], deadline timestamptz)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $open_views$
declare
    dblink text := yardstick_engine.dblink_schema();
    broken jsonb;
begin
    execute format('select %s.dblink_exec(''yardstick_sandbox'', ''begin'')', dblink);
    execute format('select %s.dblink_send_query(''yardstick_sandbox'', $1)', dblink) using format(
        'select o.* from yardstick_engine.open_sandbox(%L, %L) as o', open_views.organization_id, open_views.source_ids
    );
    if not yardstick_engine.await_sandbox(dblink, open_views.deadline) then
        return null;
    end if;
    execute format(
        'select coalesce(jsonb_object_agg(r.source_id, jsonb_build_array(r.error_code, r.error_message)), ''{}'') '
        'from %s.dblink_get_result(''yardstick_sandbox'') as r (source_id text, error_code text, error_message text)', dblink
    ) into broken;
    execute format('select from %s.dblink_get_result(''yardstick_sandbox'') as r (done text)', dblink);
    execute format('select %s.dblink_exec(''yardstick_sandbox'', ''set transaction read only'')', dblink);
    return broken;
end
$open_views$;

comment on function yardstick_engine.open_views(uuid, uuid[], timestamptz) is
'Makes the views of the sources in the session of the sandbox and gives {source id: [SQLSTATE, message]} of those that cannot be read; null: the deadline came first.';
