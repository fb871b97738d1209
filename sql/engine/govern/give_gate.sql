-- Who may give what is kept by the trigger on the approvals.
create or replace function yardstick_engine.give_gate(organization_id uuid, user_id uuid, metric_name text, gate text, note text)
returns text[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $give_gate$
declare
    newest  yardstick.metric_definition_versions;
    failed  record;
    missing text[];
begin
    if coalesce(give_gate.gate not in ('owner', 'methodology', 'data_source', 'business_alignment'), true) then
        raise exception using
            errcode = 'YS001',
            message = format('gate: must be one of owner, methodology, data_source, business_alignment; got %s', coalesce(quote_literal(left(give_gate.gate, 60)), 'null'));
    end if;
    newest := yardstick_engine.open_version(give_gate.organization_id, give_gate.metric_name);
    if newest.status = 'in_review' and exists (
        select from yardstick.metric_approvals as a where a.metric_id = newest.metric_id and a.version = newest.version and a.gate = give_gate.gate
    ) then
        return yardstick.missing_gates(newest);
    end if;
    if newest.status = 'in_review' and give_gate.gate in ('methodology', 'data_source') then
        select v.check_name, v.detail into failed
        from yardstick_engine.validate_definition(newest.content, newest.organization_id, newest.organization_id) as v
        where not v.passed
        limit 1;
        if found then
            raise exception using
                errcode = 'YS007',
                message = format(
                    'version %s of the metric %s cannot get the gate %s: its validation does not pass (%s: %s)',
                    newest.version, give_gate.metric_name, give_gate.gate, failed.check_name, failed.detail
                );
        end if;
    end if;
    insert into yardstick.metric_approvals (organization_id, metric_id, version, gate, content_hash, approved_by, note)
    values (newest.organization_id, newest.metric_id, newest.version, give_gate.gate, newest.content_hash, give_gate.user_id, give_gate.note);
    missing := yardstick.missing_gates(newest);
    if cardinality(missing) = 0 then
        perform yardstick_engine.approve_version(newest, give_gate.user_id, give_gate.note);
    end if;
    return missing;
end
$give_gate$;

comment on function yardstick_engine.give_gate(uuid, uuid, text, text, text) is
'Gives a gate of the version in review of a metric and returns those that are missing; with the last one it serves.';

grant execute on function yardstick_engine.give_gate(uuid, uuid, text, text, text) to yardstick_owner;
