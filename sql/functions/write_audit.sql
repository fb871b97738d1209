-- as: deployer
-- Runs as the transaction commits, once for all it has queued: the rows of audit_heads are the last locks it takes, in order of
-- organization, so that no two transactions wait for each other in a circle, and they are held for the commit alone. Taken when
-- the change is made, they would cross with the locks on organizations, and a long transaction would hold up its organization.
-- Definer, with the engine's rights: nobody else writes to the audit.
create or replace function yardstick.write_audit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $write_audit$
declare
    own_id   bigint := pg_current_xact_id()::text::bigint;
    chain    uuid;
    head     yardstick.audit_heads;
    entry    record;
    new_at   timestamptz;
    new_hash bytea;
begin
    for chain in
        select distinct q.organization_id
        from yardstick.audit_queue as q
        where q.transaction_id = own_id
        order by q.organization_id
    loop
        select h.* into head from yardstick.audit_heads as h where h.organization_id = chain for no key update;
        if not found then
            -- Two may begin the same chain: the second waits here for the first.
            insert into yardstick.audit_heads (organization_id, sequence_no, row_hash)
            values (chain, 0, decode(repeat('00', 32), 'hex'))
            on conflict do nothing;
            select h.* into strict head from yardstick.audit_heads as h where h.organization_id = chain for no key update;
        end if;

        for entry in
            select
                q.*,
                q.old_row::text as old_text,
                q.new_row::text as new_text
            from yardstick.audit_queue as q
            where q.transaction_id = own_id and q.organization_id = chain
            order by q.entry_no
        loop
            new_at := clock_timestamp();
            new_hash := yardstick.audit_hash(
                head.row_hash, chain, head.sequence_no + 1, entry.occurred_at, new_at, own_id, entry.login_name, entry.user_id,
                entry.action, entry.subject, entry.subject_id, entry.old_text, entry.new_text, entry.reason
            );
            insert into yardstick.audit_log (
                organization_id, sequence_no, occurred_at, recorded_at, transaction_id, login_name, user_id, action, subject,
                subject_id, old_row, new_row, reason, previous_hash, row_hash
            )
            values (
                chain, head.sequence_no + 1, entry.occurred_at, new_at, own_id, entry.login_name, entry.user_id, entry.action,
                entry.subject, entry.subject_id, entry.old_row, entry.new_row, entry.reason, head.row_hash, new_hash
            );
            head.sequence_no := head.sequence_no + 1;
            head.row_hash := new_hash;
        end loop;

        update yardstick.audit_heads as h
        set sequence_no = head.sequence_no, row_hash = head.row_hash
        where h.organization_id = chain;
    end loop;

    delete from yardstick.audit_queue as q where q.transaction_id = own_id;
    return null;
end
$write_audit$;

alter function yardstick.write_audit() owner to yardstick_engine_role;
revoke execute on function yardstick.write_audit() from public;
grant execute on function yardstick.write_audit() to yardstick_owner;

comment on function yardstick.write_audit() is
'Trigger: what the transaction has queued becomes rows of the audit, each chained to the one before.';
