-- as: deployer
-- Nobody gets around it but who can switch triggers off. Definer, with the engine's rights: it reads the approvals of the platform too.
create or replace function yardstick.keep_versions()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_versions$
declare
    problem text;
begin
    if tg_op = 'DELETE' then
        problem := 'is evidence and is never deleted';
    elsif new.content_hash <> yardstick.content_hash(new.content) then
        problem := 'does not have the hash of its content';
    elsif tg_op = 'INSERT' then
        if new.status <> 'draft' then
            problem := 'begins as a draft';
        end if;
    elsif to_jsonb(new) - array['status', 'submitted_by', 'submitted_login', 'submitted_at', 'submit_note', 'decided_by', 'decided_login', 'decided_at', 'decision_note']
        <> to_jsonb(old) - array['status', 'submitted_by', 'submitted_login', 'submitted_at', 'submit_note', 'decided_by', 'decided_login', 'decided_at', 'decision_note']
    then
        problem := 'never changes; define the metric anew for another one';
    elsif (old.status, new.status) not in (
        ('draft', 'draft'), ('draft', 'in_review'), ('draft', 'superseded'), ('draft', 'approved'), ('in_review', 'in_review'),
        ('in_review', 'approved'), ('in_review', 'rejected'), ('in_review', 'superseded'), ('approved', 'superseded'), ('approved', 'retired')
    ) then
        problem := format('does not go from %s to %s', old.status, new.status);
    elsif new.status = 'approved' and cardinality(yardstick.missing_gates(new)) > 0 then
        problem := format('still needs %s', array_to_string(yardstick.missing_gates(new), ', '));
    end if;
    if problem is not null then
        raise exception using
            errcode = 'YS005',
            message = format('version %s of the metric %s %s', coalesce(old.version, new.version), coalesce(old.content, new.content) ->> 'metric_name', problem);
    end if;
    return new;
end
$keep_versions$;

alter function yardstick.keep_versions() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_versions() from public;
grant execute on function yardstick.keep_versions() to yardstick_owner;

comment on function yardstick.keep_versions() is
'Trigger: what a version says never changes, its states follow each other, and none is approved without its gates.';
