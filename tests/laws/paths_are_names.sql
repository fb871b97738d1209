begin;
set local search_path = pg_catalog, public;
select plan(5);

create temporary view rooms as
select *
from (
    values
    ('sql/functions/', 'yardstick'), ('sql/tables/', 'yardstick'), ('sql/engine/', 'yardstick_engine'),
    ('sql/api/', 'yardstick_api'), ('sql/bi/', 'yardstick_bi'), ('sql/ops/', 'yardstick_ops'),
    ('plpython/stats/', 'yardstick_stats')
) as r (folder, room);

-- An operator goes by the name of its function: divide_operator.sql.
prepare misplaced as
select f.path, o.name
from yardstick.code_files as f
left join rooms as r on starts_with(f.path, r.folder)
cross join lateral (select regexp_replace(f.path, '^.*/|\.sql$', '', 'g')) as s (stem)
cross join unnest(f.object_names) as o (name)
where
    r.room is null
    or (
        o.name !~ format('^%s\.%s(\(.*\))?$', r.room, s.stem)
        and not exists (
            select
            from pg_operator as p
            inner join pg_proc as c on p.oprcode = c.oid
            where p.oid::regoperator::text = o.name and c.pronamespace::regnamespace::text = r.room and c.proname || '_operator' = s.stem
        )
    );

prepare empty_files as
select f.path from yardstick.code_files as f where f.object_names = '{}';

prepare homeless as
with objects (name) as (
    select p.oid::regprocedure::text
    from pg_proc as p
    where p.pronamespace in (select to_regnamespace(r.room) from rooms as r)
    union all
    select c.oid::regclass::text
    from pg_class as c
    where c.relnamespace in (select to_regnamespace(r.room) from rooms as r where r.room <> 'yardstick') and c.relkind in ('v', 'c')
)

select o.name, count(f.path) as file_count
from objects as o
left join yardstick.code_files as f on o.name = any(f.object_names)
group by o.name
having count(f.path) <> 1;

select is_empty('misplaced', 'every file holds what its path says, and no other object');
select is_empty('empty_files', 'every file holds an object');
select is_empty('homeless', 'every function and view stands in one file');

create function yardstick_api.by_hand() returns integer language sql return 1;
select isnt_empty('homeless', 'notices a function that no file has');
insert into yardstick.code_files (path, sha256, object_names, live_sha256)
values ('sql/api/other_name.sql', '', '{yardstick_api.by_hand()}', '');
select isnt_empty('misplaced', 'notices a file of another name');

select * from finish();
rollback;
