-- Definer, with the owner's rights: nobody else reads the bindings.
create or replace function yardstick.list_logins()
returns table (
    login_name      text,
    kind            text,
    organization_id uuid,
    bound_at        timestamptz,
    problem         text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $list_logins$
    select
        b.login_name,
        b.kind,
        b.organization_id,
        b.created_at as bound_at,
        case
            when r.oid is null then 'there is no such role; whoever makes one inherits this binding'
            when r.rolsuper or r.rolbypassrls then 'passes by row-level security'
            when b.kind = 'bound' and exists (
                select
                from pg_roles as strong
                where
                    strong.rolname in ('yardstick_owner', 'yardstick_engine_role', 'yardstick_reader', 'yardstick_formula')
                    and pg_has_role(r.oid, strong.oid, 'member')
            ) then 'is a member of a role that owns or reads the data of every organization'
        end as problem
    from yardstick.login_bindings as b
    left join pg_roles as r on r.rolname = b.login_name
$list_logins$;

comment on function yardstick.list_logins() is
'Which logins serve which organization, and what is wrong with a login; problem null: nothing.';

grant execute on function yardstick.list_logins() to yardstick_engine_role, yardstick_dba, yardstick_worker;
