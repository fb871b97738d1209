-- Definer, with the owner's rights. A DBA who has chosen no organization validates for the whole platform, as define_metric defines.
create or replace function yardstick_api.validate_metric(definition jsonb)
returns table (check_name text, passed boolean, detail text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $validate_metric$
declare
    organization constant uuid := yardstick.defining_organization();
begin
    return query
    select r.check_name, r.passed, r.detail
    from yardstick_engine.validate_definition(validate_metric.definition, organization, organization) as r;
end
$validate_metric$;

comment on function yardstick_api.validate_metric(jsonb) is
'What define_metric would say of a definition, one row per check in a fixed order: the first row that did not pass is the refusal, word for word. '
'Also how its measures merge, what unit it gives, what it costs, and the organization''s value of the last complete period (false when that fails on the '
'data). Nothing is stored, and a bad definition is no error. YS004: no organization chosen.';

grant execute on function yardstick_api.validate_metric(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
