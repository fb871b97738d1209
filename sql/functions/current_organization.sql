-- Definer, with the owner's rights: the bindings and the keys of the stamp are nobody else's to read.
-- session_user is what cannot be changed by SET ROLE or inside a definer function. A bound login never gets as far as the
-- setting. Whatever stands in the setting is compared as text before it is cast: garbage is no organization, not an error.
create or replace function yardstick.current_organization()
returns uuid
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $current_organization$
declare
    bound   uuid;
    context text;
begin
    select b.organization_id
    into bound
    from yardstick.login_bindings as b
    where b.login_name = session_user::text and b.kind = 'bound';
    if found then
        return bound;
    end if;

    context := current_setting('yardstick.context', true);
    if context <> '' and context = yardstick.sign_context(substr(context, 1, 36), substr(context, 38, 36)) then
        return substr(context, 1, 36)::uuid;
    end if;
    return null;
end
$current_organization$;

comment on function yardstick.current_organization() is
'Organization this session may see now: that of a bound login, else the one use_organization() named in this transaction; null: none.';

grant execute on function yardstick.current_organization() to
yardstick_engine_role, yardstick_app, yardstick_bi, yardstick_dba, yardstick_worker;
