-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.set_legal_hold(
    reason          text,
    metric_name     text default null,
    hold_until      date default null,
    organization_id uuid default null
)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $set_legal_hold$
declare
    organization uuid := set_legal_hold.organization_id;
begin
    -- Only a DBA names an organization, or none for all; an application serves the one of its transaction.
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        organization := yardstick.require_organization();
        if set_legal_hold.organization_id <> organization then
            raise exception using
                errcode = 'YS003', message = format('organization_id: unknown organization %s', set_legal_hold.organization_id);
        end if;
    end if;
    return yardstick_engine.set_hold(
        organization, set_legal_hold.metric_name, set_legal_hold.reason, set_legal_hold.hold_until, yardstick.current_user_id()
    );
end
$set_legal_hold$;

comment on function yardstick_api.set_legal_hold(text, text, date, uuid) is
'Keeps the values of a metric, with null of all metrics, from being removed until a day (null: until it is released), and returns the hold''s id. '
'For a DBA, who names an organization or with null all; or for a person whose role may approve, for the organization in use. YS001: no reason, or a day that '
'has passed. YS003: no such metric or organization. YS005: not entitled.';

grant execute on function yardstick_api.set_legal_hold(text, text, date, uuid) to yardstick_app, yardstick_dba;
