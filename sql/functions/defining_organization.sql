create or replace function yardstick.defining_organization()
returns uuid
language plpgsql
stable
parallel restricted
set search_path = pg_catalog, pg_temp
as $defining_organization$
begin
    if yardstick.current_organization() is null and pg_has_role(session_user, 'yardstick_dba', 'member') then
        return null;
    end if;
    return yardstick.require_organization();
end
$defining_organization$;

comment on function yardstick.defining_organization() is
'Organization whose configuration this session works on; null: the platform''s, for a DBA who has chosen no organization. YS004 for others.';
