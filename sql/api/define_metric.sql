-- Definer, with the owner's rights. A DBA who has chosen no organization defines for the whole platform.
create or replace function yardstick_api.define_metric(definition jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $define_metric$
declare
    organization uuid := yardstick.current_organization();
begin
    if organization is null and not pg_has_role(session_user, 'yardstick_dba', 'member') then
        organization := yardstick.require_organization();
    end if;
    return yardstick_engine.save_definition(definition, organization, yardstick.current_user_id());
end
$define_metric$;

comment on function yardstick_api.define_metric(jsonb) is
'Makes or changes the metric of this name and returns its id; the same definition again changes nothing. '
'YS001: a key is unknown, of another type or impossible. YS002: a condition, value or formula is not allowed. YS003: no '
'such source or user. YS004: no organization chosen. YS008: the source cannot be read.';

grant execute on function yardstick_api.define_metric(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
