-- as: deployer
-- Definer, with the engine's rights: the columns are those that the engine reads.
create or replace function yardstick.remember_columns()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $remember_columns$
begin
    perform yardstick_engine.remember_columns(array[new.id]);
    return null;
end
$remember_columns$;

alter function yardstick.remember_columns() owner to yardstick_engine_role;
revoke execute on function yardstick.remember_columns() from public;
grant execute on function yardstick.remember_columns() to yardstick_owner;

comment on function yardstick.remember_columns() is
'Trigger: a metric that was compiled knows the columns it was compiled against.';
