-- With the rights of the caller: the triggers on the host's table are the DBA's to make, and no role of ours may.
-- A DBA who has chosen no organization registers for the whole platform.
create or replace function yardstick_api.register_source(source jsonb)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $register_source$
declare
    source_id uuid;
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba registers sources';
    end if;
    source_id := yardstick_engine.enter_source(register_source.source);
    perform yardstick_engine.place_capture(source_id);
    return source_id;
end
$register_source$;

comment on function yardstick_api.register_source(jsonb) is
'Makes or changes the source of this name and returns its id: a table or view that metrics may be calculated from. '
'YS001: a key is unknown, of another type or impossible. YS002: the row_filter is not allowed. YS003: no such relation '
'or column. YS005: the caller is no DBA. YS008: yardstick_reader cannot read it, or with capture the caller may not make triggers on it.';

grant execute on function yardstick_api.register_source(jsonb) to yardstick_dba;
