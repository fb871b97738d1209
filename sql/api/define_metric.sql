-- Definer, with the owner's rights. A DBA who has chosen no organization defines for the whole platform.
create or replace function yardstick_api.define_metric(definition jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $define_metric$
begin
    return yardstick_engine.save_definition(definition, yardstick.defining_organization(), yardstick.current_user_id());
end
$define_metric$;

comment on function yardstick_api.define_metric(jsonb) is
'Makes or changes the metric of this name and returns its id; the same definition again changes nothing. What is new is a draft '
'that is calculated when it has been submitted and approved (submit_metric, approve_metric). '
'YS001: a key is unknown, of another type or impossible. YS002: a condition, value or formula is not allowed. YS003: no '
'such source or user. YS004: no organization chosen. YS008: the source cannot be read.';

grant execute on function yardstick_api.define_metric(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
