-- The list of all zones reads some hundred files; this reads one, once.
create or replace function yardstick_engine.knows_zone(timezone text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $knows_zone$
begin
    perform now() at time zone knows_zone.timezone;
    return true;
exception
    when invalid_parameter_value then
        return false;
end
$knows_zone$;

comment on function yardstick_engine.knows_zone(text) is
'Whether the server still knows a time zone: one that it lost stops its organization, and no other.';
