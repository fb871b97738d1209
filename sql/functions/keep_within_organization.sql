-- as: deployer
-- Foreign keys are not guarded by row-level security: without this a row could point at another organization's.
-- Definer, with the engine's rights: it has to see the rows of every organization to refuse them. What belongs to another
-- organization is refused in the same words as what does not exist, or the error would tell them apart.
create or replace function yardstick.keep_within_organization()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_within_organization$
declare
    row_values jsonb := to_jsonb(new);
    old_values jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
    is_moved   boolean := tg_op = 'UPDATE' and old_values -> 'organization_id' is distinct from row_values -> 'organization_id';
    place      integer;
    target     text;
    is_known   boolean;
begin
    for place in 0 .. tg_nargs - 1 by 2 loop
        target := row_values ->> tg_argv[place];
        if target is null or (not is_moved and target is not distinct from old_values ->> tg_argv[place]) then
            continue;
        end if;
        execute format(
            'select exists (select from yardstick.%I as t where t.id = $1 and (t.organization_id is null or t.organization_id = $2))',
            tg_argv[place + 1]
        )
        into is_known
        using target::uuid, (row_values ->> 'organization_id')::uuid;
        if not is_known then
            raise exception using
                errcode = 'YS003',
                message = format('%s: unknown id %s; it has to be of the same organization', tg_argv[place], target);
        end if;
    end loop;
    return new;
end
$keep_within_organization$;

alter function yardstick.keep_within_organization() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_within_organization() from public;
grant execute on function yardstick.keep_within_organization() to yardstick_owner;

comment on function yardstick.keep_within_organization() is
'Trigger (column, table, ...): what a column points at belongs to the organization of the row or to the platform.';
