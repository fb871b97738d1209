begin;
set local search_path = pg_catalog, public;
select plan(6);

-- A null list of rights means the default, and the default of functions and types is everybody.
prepare public_rights as
with rooms as (
    select n.oid, n.nspname, n.nspacl, n.nspowner from pg_namespace as n where n.nspname like 'yardstick%'
),

objects (name, rights) as (
    select r.nspname::text, coalesce(r.nspacl, acldefault('n', r.nspowner))
    from rooms as r
    union all
    select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc as p
    inner join rooms as r on p.pronamespace = r.oid
    union all
    select c.oid::regclass::text, coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r'::"char" end, c.relowner))
    from pg_class as c
    inner join rooms as r on c.relnamespace = r.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select format('%s.%I', c.oid::regclass, a.attname), a.attacl
    from pg_attribute as a
    inner join pg_class as c on a.attrelid = c.oid
    inner join rooms as r on c.relnamespace = r.oid
    where a.attacl is not null
    union all
    select t.oid::regtype::text, coalesce(t.typacl, acldefault('T', t.typowner))
    from pg_type as t
    inner join rooms as r on t.typnamespace = r.oid
    left join pg_class as c on t.typrelid = c.oid
    where t.typtype in ('d', 'e', 'r') or c.relkind = 'c'
)

select o.name, acl.privilege_type
from objects as o
cross join aclexplode(o.rights) as acl
where acl.grantee = 0;

-- What the owners make from now on.
prepare public_defaults as
select needed.role_name, needed.kind
from (
    values
    ('yardstick_owner', 'f'), ('yardstick_owner', 'T'), ('yardstick_engine_role', 'f'),
    ('yardstick_engine_role', 'T'), ('yardstick_formula', 'f'), ('yardstick_formula', 'T')
) as needed (role_name, kind)
where not exists (
    select from pg_default_acl as d
    where
        d.defaclrole = needed.role_name::regrole and d.defaclobjtype = needed.kind::"char" and d.defaclnamespace = 0
        and not exists (select from aclexplode(d.defaclacl) as acl where acl.grantee = 0)
);

select is_empty('public_rights', 'nothing in any room is granted to PUBLIC');
select is_empty('public_defaults', 'nothing that the owners make later is granted to PUBLIC');

create function yardstick_stats.open() returns integer language sql return 1;
select isnt_empty('public_rights', 'notices a function whose rights nobody ever named');
revoke execute on function yardstick_stats.open() from public;
select is_empty('public_rights', 'is content when it is revoked');
set local role yardstick_owner;
create function yardstick_api.closed() returns integer language sql return 1;
reset role;
select is_empty('public_rights', 'holds for a function that the owner makes');
grant select on yardstick_bi.metrics to public;
select isnt_empty('public_rights', 'notices a view for everybody');

select * from finish();
rollback;
