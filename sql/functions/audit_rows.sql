-- as: deployer
-- Arguments: the subject, the column that says which one, then the columns that the engine maintains, which are left out: a change
-- of these alone is none. Fires once a statement. Rows are told as they are in UTC, whatever the session has set.
-- A row that moves from one organization to another, or to another id, leaves here and arrives there: two entries.
-- Definer, with the engine's rights: nobody else writes to the audit.
create or replace function yardstick.audit_rows()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set intervalstyle = 'postgres'
as $audit_rows$
declare
    organization_key text := case tg_table_name when 'organizations' then 'id' else 'organization_id' end;
    platform         constant uuid := '00000000-0000-0000-0000-000000000000';
    maintained       text[] := tg_argv[2:];
begin
    if tg_op = 'INSERT' then
        insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, new_row, reason)
        select
            coalesce((r.new_row ->> organization_key)::uuid, platform),
            row_number() over () = 1,
            yardstick.current_user_id(),
            'insert',
            tg_argv[0],
            r.new_row ->> tg_argv[1],
            r.new_row,
            yardstick.audit_reason(null, r.new_row)
        from (select to_jsonb(n) - maintained as new_row from new_rows as n) as r;
    elsif tg_op = 'UPDATE' then
        insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, old_row, new_row, reason)
        select
            coalesce((coalesce(n.new_row, o.old_row) ->> organization_key)::uuid, platform),
            row_number() over () = 1,
            yardstick.current_user_id(),
            'update',
            tg_argv[0],
            coalesce(n.new_row, o.old_row) ->> tg_argv[1],
            o.old_row,
            n.new_row,
            yardstick.audit_reason(o.old_row, n.new_row)
        from (select to_jsonb(r) - maintained as old_row from old_rows as r) as o
        full join (select to_jsonb(r) - maintained as new_row from new_rows as r) as n
            on jsonb_build_array(o.old_row -> tg_argv[1], o.old_row -> organization_key)
            = jsonb_build_array(n.new_row -> tg_argv[1], n.new_row -> organization_key)
        where o.old_row is distinct from n.new_row;
    elsif tg_op = 'DELETE' then
        insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, old_row, reason)
        select
            coalesce((r.old_row ->> organization_key)::uuid, platform),
            row_number() over () = 1,
            yardstick.current_user_id(),
            'delete',
            tg_argv[0],
            r.old_row ->> tg_argv[1],
            r.old_row,
            yardstick.current_reason()
        from (select to_jsonb(o) - maintained as old_row from old_rows as o) as r;
    else
        perform yardstick.record_audit(null, 'truncate', tg_argv[0]);
    end if;
    return null;
end
$audit_rows$;

alter function yardstick.audit_rows() owner to yardstick_engine_role;
revoke execute on function yardstick.audit_rows() from public;
grant execute on function yardstick.audit_rows() to yardstick_owner;

comment on function yardstick.audit_rows() is
'Trigger (subject, key column, columns of the engine): what a statement changed goes to the audit.';
