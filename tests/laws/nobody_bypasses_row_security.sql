begin;
set local search_path = pg_catalog, public;
select plan(9);

prepare mighty_roles as
select r.rolname
from pg_roles as r
where r.rolname like 'yardstick%' and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication);

prepare logins as
select r.rolname
from pg_roles as r
where
    r.rolcanlogin
    and r.rolname in (
        'yardstick_owner', 'yardstick_engine_role', 'yardstick_reader', 'yardstick_formula',
        'yardstick_dba', 'yardstick_app', 'yardstick_bi'
    );

prepare login_owners as
select r.rolname, o.rolname as owner_name
from pg_roles as r
inner join pg_roles as o on o.rolname in ('yardstick_owner', 'yardstick_engine_role', 'yardstick_formula')
where r.rolcanlogin and not r.rolsuper and r.oid <> o.oid and pg_has_role(r.oid, o.oid, 'member');

-- A superuser sees every row: what runs with such rights shows every row.
prepare superusers_definers as
select p.oid::regprocedure
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
inner join pg_roles as r on p.proowner = r.oid
where n.nspname like 'yardstick%' and p.prosecdef and r.rolsuper;

prepare superusers_routines as
select p.oid::regprocedure
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
inner join pg_roles as r on p.proowner = r.oid
where n.nspname like 'yardstick%' and n.nspname <> 'yardstick_stats' and r.rolsuper;

prepare superusers_relations as
select c.oid::regclass
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_roles as r on c.relowner = r.oid
where n.nspname like 'yardstick%' and n.nspname <> 'yardstick_migrations' and r.rolsuper;

select is_empty('mighty_roles', 'no role of ours is a superuser or passes row-level security by');
select is_empty('logins', 'nobody can log in as an owner or a group');
select is_empty('login_owners', 'no login is a member of an owner');
select is_empty('superusers_definers', 'no definer runs with the rights of a superuser');
select is_empty('superusers_routines', 'no routine but arithmetic in PL/Python belongs to a superuser');
select is_empty('superusers_relations', 'no table and no view belongs to a superuser');

create view yardstick_bi.open as select id from yardstick.organizations;
select isnt_empty('superusers_relations', 'notices a view of a superuser');
create function yardstick_api.open() returns integer language sql security definer return 1;
select isnt_empty('superusers_definers', 'notices a definer of a superuser');
select isnt_empty('superusers_routines', 'notices a routine of a superuser');

select * from finish();
rollback;
