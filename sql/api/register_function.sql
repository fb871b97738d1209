-- Definer, with the owner's rights. A DBA who has chosen no organization registers for the whole platform.
create or replace function yardstick_api.register_function(function jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $register_function$
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba registers functions';
    end if;
    return yardstick_engine.save_function(
        register_function.function, yardstick.current_organization(), yardstick.current_user_id()
    );
end
$register_function$;

comment on function yardstick_api.register_function(jsonb) is
'Makes or changes the function of this name, which metrics may then be calculated by, and returns its id. '
'YS001: a key is unknown or of another type, or the function has another signature. YS003: there is no such function. '
'YS005: the caller is no DBA. YS008: yardstick_reader cannot call it.';

grant execute on function yardstick_api.register_function(jsonb) to yardstick_dba;
