begin;
\ir ../two_organizations.psql
select plan(2);
insert into yardstick.departments (organization_id, external_id, department_name) values (:'acme', 'a', 'Plant'), (:'birch', 'b', 'Secret');
insert into yardstick.departments (organization_id, external_id, department_name, parent_department_id)
select organization_id, external_id || '2', 'Line', id from yardstick.departments;

select is(
    pg_temp.as_login('tap_acme_bi', 'select string_agg(tree_level || '' '' || department_path, '', '' order by department_path) from yardstick_bi.departments'),
    '1 Plant, 2 Plant / Line', 'shows the tree from the top down'
);
select is(
    pg_temp.as_login('tap_birch_bi', 'select string_agg(department_name, '', '' order by tree_level) from yardstick_bi.departments'),
    'Secret, Line', 'shows each organization its own'
);

select * from finish();
rollback;
