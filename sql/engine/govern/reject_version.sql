create or replace function yardstick_engine.reject_version(organization_id uuid, user_id uuid, metric_name text, reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $reject_version$
declare
    newest yardstick.metric_definition_versions;
begin
    if coalesce(btrim(reject_version.reason), '') = '' then
        raise exception using errcode = 'YS001', message = 'reason: is required, so that the author knows what to change';
    end if;
    perform yardstick_engine.require_reviewer(reject_version.organization_id, reject_version.user_id, 'rejecting');
    newest := yardstick_engine.open_version(reject_version.organization_id, reject_version.metric_name);
    if newest.status is distinct from 'in_review' then
        raise exception using
            errcode = 'YS007',
            message = format('version %s of the metric %s is %s; only what is in review can be rejected', newest.version, reject_version.metric_name, newest.status);
    end if;
    update yardstick.metric_definition_versions as v
    set
        status = 'rejected', decided_by = reject_version.user_id, decided_login = session_user, decided_at = clock_timestamp(),
        decision_note = reject_version.reason
    where v.id = newest.id;
    update yardstick.metric_definitions as d
    set approval_status = 'draft'
    where d.id = newest.metric_id and d.approval_status = 'in_review';
    return newest.version;
end
$reject_version$;

comment on function yardstick_engine.reject_version(uuid, uuid, text, text) is
'Rejects the version in review of a metric with a reason and returns its number; what serves goes on serving.';

grant execute on function yardstick_engine.reject_version(uuid, uuid, text, text) to yardstick_owner;
