-- Definer, with the owner's rights. A DBA who has chosen no organization registers for the whole platform.
create or replace function yardstick_api.register_source(source jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $register_source$
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba registers sources';
    end if;
    return yardstick_engine.save_source(source, yardstick.current_organization(), yardstick.current_user_id());
end
$register_source$;

comment on function yardstick_api.register_source(jsonb) is
'Makes or changes the source of this name and returns its id: a table or view that metrics may be calculated from. '
'YS001: a key is unknown, of another type or impossible. YS002: the row_filter is not allowed. YS003: no such relation '
'or column. YS005: the caller is no DBA. YS008: yardstick_reader cannot read it.';

grant execute on function yardstick_api.register_source(jsonb) to yardstick_dba;
