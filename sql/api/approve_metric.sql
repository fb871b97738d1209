-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.approve_metric(
    metric_name text,
    gate        text,
    note        text default null
)
returns text[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $approve_metric$
begin
    return yardstick_engine.give_gate(
        yardstick.defining_organization(), yardstick.current_user_id(), approve_metric.metric_name, approve_metric.gate, approve_metric.note
    );
end
$approve_metric$;

comment on function yardstick_api.approve_metric(text, text, text) is
'Gives a gate (owner, methodology, data_source, business_alignment) of the version in review as the person named in use_organization, '
'whose role may give it and who did not write it, and returns the gates that are missing; with the last one the version serves. '
'YS001: unknown gate. YS003: no such metric. YS004: no organization chosen. YS005: not this person. YS007: validation does not pass, or '
'a part is not approved.';

grant execute on function yardstick_api.approve_metric(text, text, text) to yardstick_app, yardstick_dba, yardstick_worker;
