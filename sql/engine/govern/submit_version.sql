create or replace function yardstick_engine.submit_version(organization_id uuid, user_id uuid, metric_name text, note text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $submit_version$
declare
    newest yardstick.metric_definition_versions := yardstick_engine.open_version(submit_version.organization_id, submit_version.metric_name);
begin
    if newest.status = 'in_review' then
        return newest.version;
    elsif newest.status is distinct from 'draft' then
        raise exception using
            errcode = 'YS007',
            message = format(
                'version %s of the metric %s is %s; change it with yardstick_api.define_metric and submit the draft',
                newest.version, submit_version.metric_name, newest.status
            );
    end if;
    update yardstick.metric_definition_versions as v
    set
        status = 'in_review', submitted_by = submit_version.user_id, submitted_login = session_user, submitted_at = clock_timestamp(),
        submit_note = submit_version.note
    where v.id = newest.id;
    update yardstick.metric_definitions as d
    set approval_status = 'in_review'
    where d.id = newest.metric_id and d.approval_status = 'draft';
    return newest.version;
end
$submit_version$;

comment on function yardstick_engine.submit_version(uuid, uuid, text, text) is
'Puts the draft of a metric in review and returns its version; what is in review stays so.';

grant execute on function yardstick_engine.submit_version(uuid, uuid, text, text) to yardstick_owner;
