begin;
set local search_path = pg_catalog, public;
select plan(14);

-- login_bindings is read by the tenant context itself; nobody is granted it.
create temporary view tenant_tables as
select c.oid, c.relname, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.relowner
from pg_class as c
where
    c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'login_bindings'
    and (
        c.relname = 'organizations'
        or exists (
            select from pg_attribute as a
            where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
        )
    );

prepare unforced as
select t.oid::regclass from tenant_tables as t where not (t.relrowsecurity and t.relforcerowsecurity);

prepare without_policy as
select t.oid::regclass, needed.policy
from tenant_tables as t
cross join (values ('tenant', 'yardstick_owner'), ('engine', 'yardstick_engine_role')) as needed (policy, role_name)
where
    not t.relispartition
    and not exists (
        select from pg_policy as p
        where
            p.polrelid = t.oid and p.polname = needed.policy and p.polcmd = '*' and p.polpermissive
            and p.polroles = array[needed.role_name::regrole::oid]
    );

-- Rows of the platform can be seen by all and written by nobody but the engine.
prepare without_platform as
select t.oid::regclass
from tenant_tables as t
inner join pg_attribute as a on t.oid = a.attrelid and a.attname = 'organization_id'
where
    not t.relispartition and not a.attnotnull
    and not exists (
        select from pg_policy as p
        where p.polrelid = t.oid and p.polname = 'platform' and p.polcmd = 'r' and p.polroles = array['yardstick_owner'::regrole::oid]
    );

-- The sub-select is evaluated once for a statement; without it the function runs for every row.
prepare odd_policies as
select p.polrelid::regclass, p.polname, pg_get_expr(p.polqual, p.polrelid) as condition
from pg_policy as p
inner join pg_class as c on p.polrelid = c.oid
where
    c.relnamespace = 'yardstick'::regnamespace
    and not (
        p.polname = 'tenant'
        and pg_get_expr(p.polqual, p.polrelid)
        ~ format(
            '^\(%s = \( SELECT yardstick.current_organization\(\) AS current_organization\)\)$',
            case c.relname when 'organizations' then 'id' else 'organization_id' end
        )
        and pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid)
    )
    and not (p.polname = 'platform' and p.polcmd = 'r' and pg_get_expr(p.polqual, p.polrelid) = '(organization_id IS NULL)')
    and not (p.polname = 'engine' and p.polroles = array['yardstick_engine_role'::regrole::oid]);

prepare partitions_with_policies as
select t.oid::regclass
from tenant_tables as t
where t.relispartition and exists (select from pg_policy as p where p.polrelid = t.oid);

prepare partitions_granted as
select t.oid::regclass, acl.grantee::regrole
from tenant_tables as t
cross join aclexplode(t.relacl) as acl
where t.relispartition and acl.grantee <> t.relowner;

prepare granted_to_others as
select c.oid::regclass, acl.grantee, acl.privilege_type
from pg_class as c
cross join lateral (
    select e.grantee, e.privilege_type from aclexplode(c.relacl) as e
    union all
    select e.grantee, e.privilege_type
    from pg_attribute as a
    cross join aclexplode(a.attacl) as e
    where a.attrelid = c.oid
) as acl
where
    c.relnamespace = 'yardstick'::regnamespace
    and acl.grantee not in (c.relowner, 'yardstick_engine_role'::regrole::oid)
    -- It is a source like any other, and has no policy for this role: the engine alone sees rows.
    and not (
        c.relname = 'analytics_metrics' and acl.grantee = 'yardstick_reader'::regrole and acl.privilege_type = 'SELECT'
    );

prepare secrets_granted as
select c.oid::regclass, acl.grantee
from pg_class as c
cross join aclexplode(c.relacl) as acl
where c.oid in ('yardstick.login_bindings'::regclass, 'yardstick.context_keys'::regclass) and acl.grantee <> c.relowner;

select is_empty('unforced', 'every table and partition of tenants has row-level security enabled and forced');
select is_empty('without_policy', 'every table of tenants has a policy for the tenant and one for the engine');
select is_empty('without_platform', 'every table with rows of the platform lets them be read');
select is_empty('odd_policies', 'every policy has one of the three known shapes');
select is_empty('partitions_with_policies', 'no partition has a policy of its own');
select is_empty('partitions_granted', 'no partition is granted to anybody');
select is_empty('granted_to_others', 'nothing of the data room is granted to anybody but the engine');
select is_empty('secrets_granted', 'bindings and keys of the tenant context are granted to nobody');

set local role yardstick_owner;
select yardstick.ensure_year_partitions('metric_calculations', '1991-06-01', '1991-06-01');
reset role;
select is_empty('unforced', 'holds for a partition that was just made');
alter table yardstick.metric_calculations_1991 disable row level security;
select isnt_empty('unforced', 'notices a partition without row-level security');
grant select on yardstick.metric_calculations_1991 to yardstick_bi;
select isnt_empty('partitions_granted', 'notices a partition that is granted');
create table yardstick.newcomers (id uuid, organization_id uuid);
select isnt_empty('without_policy', 'notices a table without policies');
create policy tenant on yardstick.newcomers for all to yardstick_owner using (organization_id = yardstick.current_organization());
select isnt_empty('odd_policies', 'notices a policy that calls the function for every row');
grant select (id) on yardstick.newcomers to yardstick_bi;
select isnt_empty('granted_to_others', 'notices a column that is granted');

select * from finish();
rollback;
