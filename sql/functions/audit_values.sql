-- as: deployer
-- Observations come by the hundred thousand, and few are kept by hand: the names that are tell which rows are looked at. A metric
-- that was retired counts, for its values are still evidence; one of the organization hides one of the platform.
-- Definer, with the engine's rights: nobody else writes to the audit.
create or replace function yardstick.audit_values()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $audit_values$
declare
    names        text[];
    lacks_reason boolean;
begin
    if tg_op = 'TRUNCATE' then
        perform yardstick.record_audit(null, 'truncate', 'manual_value');
        return null;
    end if;

    select array_agg(distinct d.metric_name)
    into names
    from yardstick.metric_definitions as d
    where d.calculation_method = 'manual';
    if names is null then
        return null;
    end if;

    if tg_op = 'INSERT' then
        insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, new_row, reason)
        select
            n.organization_id,
            row_number() over () = 1,
            yardstick.current_user_id(),
            'insert',
            'manual_value',
            n.id::text,
            to_jsonb(n),
            coalesce(n.tags ->> 'reason', yardstick.current_reason())
        from new_rows as n
        where n.metric_name = any(names) and yardstick.is_manual(n.organization_id, n.metric_name);
        return null;
    elsif tg_op = 'UPDATE' then
        with

        -- By name first, which is cheap: most statements change no value kept by hand.
        pairs as materialized (

            select
                o.organization_id as old_organization_id,
                o.metric_name as old_name,
                n.organization_id as new_organization_id,
                n.metric_name as new_name,
                coalesce(n.id, o.id)::text as id,
                to_jsonb(o) - 'updated_at' as old_row,
                to_jsonb(n) - 'updated_at' as new_row
            from old_rows as o
            full join new_rows as n on n.organization_id = o.organization_id and n.id = o.id
            where o.metric_name = any(names) or n.metric_name = any(names)

        ),

        queued as (

            insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, old_row, new_row, reason)
            select
                coalesce(p.new_organization_id, p.old_organization_id),
                row_number() over () = 1,
                yardstick.current_user_id(),
                'update',
                'manual_value',
                p.id,
                p.old_row,
                p.new_row,
                coalesce(yardstick.current_reason(), nullif(p.new_row -> 'tags' ->> 'reason', p.old_row -> 'tags' ->> 'reason'))
            from pairs as p
            where
                p.old_row is distinct from p.new_row
                and (yardstick.is_manual(p.old_organization_id, p.old_name) or yardstick.is_manual(p.new_organization_id, p.new_name))
            returning reason

        )

        select bool_or(queued.reason is null) into lacks_reason from queued;
    else
        with

        queued as (

            insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, old_row, reason)
            select
                o.organization_id,
                row_number() over () = 1,
                yardstick.current_user_id(),
                'delete',
                'manual_value',
                o.id::text,
                to_jsonb(o),
                yardstick.current_reason()
            from old_rows as o
            where o.metric_name = any(names) and yardstick.is_manual(o.organization_id, o.metric_name)
            returning reason

        )

        select bool_or(queued.reason is null) into lacks_reason from queued;
    end if;
    if lacks_reason then
        raise exception using
            errcode = 'YS001',
            message = 'a value kept by hand is corrected or removed with a reason: call yardstick_api.use_reason(reason) first';
    end if;
    return null;
end
$audit_values$;

alter function yardstick.audit_values() owner to yardstick_engine_role;
revoke execute on function yardstick.audit_values() from public;
grant execute on function yardstick.audit_values() to yardstick_owner;

comment on function yardstick.audit_values() is
'Trigger: observations of metrics kept by hand go to the audit; without reason their corrections are refused (YS001).';
