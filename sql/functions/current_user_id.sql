-- Definer, with the owner's rights: only the owner reads the keys of the stamp.
create or replace function yardstick.current_user_id()
returns uuid
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $current_user_id$
declare
    context text := current_setting('yardstick.context', true);
begin
    if context <> '' and context = yardstick.sign_context(substr(context, 1, 36), substr(context, 38, 36)) then
        return nullif(substr(context, 38, 36), '00000000-0000-0000-0000-000000000000')::uuid;
    end if;
    return null;
end
$current_user_id$;

comment on function yardstick.current_user_id() is
'Person named by use_organization() in this transaction; null: nobody was named.';

grant execute on function yardstick.current_user_id() to
yardstick_engine_role, yardstick_app, yardstick_bi, yardstick_dba, yardstick_worker;
