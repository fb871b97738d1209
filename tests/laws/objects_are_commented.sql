begin;
set local search_path = pg_catalog, public;
select plan(9);

prepare schemas as
select n.nspname
from pg_namespace as n
where n.nspname like 'yardstick%' and obj_description(n.oid, 'pg_namespace') is null;

prepare relations as
select c.oid::regclass
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname like 'yardstick%' and n.nspname <> 'yardstick_migrations'
    and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and coalesce(obj_description(c.oid, 'pg_class'), '') = '';

prepare columns as
select format('%s.%I', c.oid::regclass, a.attname) as column_name
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
where
    n.nspname like 'yardstick%' and n.nspname <> 'yardstick_migrations'
    and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and coalesce(col_description(c.oid, a.attnum), '') = '';

prepare routines as
select p.oid::regprocedure
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
where n.nspname like 'yardstick%' and coalesce(obj_description(p.oid, 'pg_proc'), '') = '';

prepare types as
select t.oid::regtype
from pg_type as t
inner join pg_namespace as n on t.typnamespace = n.oid
left join pg_class as c on t.typrelid = c.oid
where
    n.nspname like 'yardstick%' and (t.typtype in ('d', 'e', 'r') or c.relkind = 'c')
    and coalesce(obj_description(t.oid, 'pg_type'), '') = '';

prepare operators as
select o.oid::regoperator
from pg_operator as o
inner join pg_namespace as n on o.oprnamespace = n.oid
where n.nspname like 'yardstick%' and coalesce(obj_description(o.oid, 'pg_operator'), '') = '';

prepare rows_not_described as
select c.oid::regclass
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname = 'yardstick_bi' and c.relkind = 'v'
    and obj_description(c.oid, 'pg_class') not like 'One row per %';

select is_empty('schemas', 'every schema has a comment');
select is_empty('relations', 'every table and view has a comment');
select is_empty('columns', 'every column of a table or view has a comment');
select is_empty('routines', 'every function and procedure has a comment');
select is_empty('types', 'every type has a comment');
select is_empty('operators', 'every operator has a comment');
select is_empty('rows_not_described', 'every view for BI says what one row is');

create table yardstick.nameless (id uuid);
create function yardstick.nameless() returns integer language sql return 1;
select isnt_empty('columns', 'notices a column without a comment');
select isnt_empty('routines', 'notices a function without a comment');

select * from finish();
rollback;
