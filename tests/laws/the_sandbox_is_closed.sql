begin;
set local search_path = pg_catalog, public;
select plan(9);

create temporary view insiders as
select r.oid, r.rolname
from pg_roles as r
where r.rolname in ('yardstick_formula', 'yardstick_formula_login');

prepare memberships as
select m.member::regrole, m.roleid::regrole
from pg_auth_members as m
where m.member in (select i.oid from insiders as i) or m.roleid in (select i.oid from insiders as i);

prepare relations_granted as
select c.oid::regclass, acl.grantee::regrole
from pg_class as c
cross join lateral (
    select e.grantee from aclexplode(c.relacl) as e
    union all
    select e.grantee from pg_attribute as a cross join aclexplode(a.attacl) as e where a.attrelid = c.oid
) as acl
where acl.grantee in (select i.oid from insiders as i);

prepare relations_owned as
select c.oid::regclass, c.relowner::regrole from pg_class as c where c.relowner in (select i.oid from insiders as i);

-- What its login may call: to open views, to run what was asked, to give up memory.
prepare routines_of_the_login as
select p.oid::regprocedure
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
where
    n.nspname like 'yardstick%' and has_function_privilege('yardstick_formula_login', p.oid, 'execute')
    and p.proname not in ('open_sandbox', 'evaluate_query', 'evaluate_routine', 'limit_memory');

-- What queries themselves may call, beside what only looks at texts.
prepare routines_that_read as
select p.oid::regprocedure
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
where
    n.nspname like 'yardstick%' and has_function_privilege('yardstick_formula', p.oid, 'execute')
    and (p.prosecdef or p.provolatile = 'v')
    and p.proowner <> 'yardstick_formula'::regrole;

-- Nobody but the engine goes back into the server.
prepare ways_back as
select p.oid::regprocedure, acl.grantee
from pg_proc as p
inner join pg_depend as d on d.classid = 'pg_proc'::regclass and p.oid = d.objid and d.refclassid = 'pg_extension'::regclass
inner join pg_extension as e on d.refobjid = e.oid
cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as acl
where e.extname = 'dblink' and acl.grantee not in (p.proowner, 'yardstick_engine_role'::regrole);

select is_empty('memberships', 'its roles are members of nothing, and nobody is a member of them');
select is_empty('relations_granted', 'its roles have a right on no table or view');
select is_empty('relations_owned', 'its roles own no table or view');
select is_empty('routines_of_the_login', 'its login may call four functions');
select is_empty('routines_that_read', 'queries may call nothing that has rights of its own or changes anything');
select is_empty('ways_back', 'dblink is for the engine alone');

grant select on yardstick.organizations to yardstick_formula;
select isnt_empty('relations_granted', 'notices a table that is granted');
grant execute on function yardstick_engine.find_organization(uuid, text) to yardstick_formula;
select isnt_empty('routines_that_read', 'notices a definer that is granted');
grant yardstick_reader to yardstick_formula_login;
select isnt_empty('memberships', 'notices a membership');

select * from finish();
rollback;
