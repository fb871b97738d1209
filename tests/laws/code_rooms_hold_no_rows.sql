begin;
set local search_path = pg_catalog, public;
select plan(2);

prepare holders as
select c.oid::regclass, c.relkind
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname in ('yardstick_engine', 'yardstick_stats', 'yardstick_api', 'yardstick_bi', 'yardstick_ops')
    and c.relkind not in ('v', 'c');

select is_empty('holders', 'no code room has a table, a materialized view or a sequence');

create materialized view yardstick_bi.kept as select 1 as one;
select isnt_empty('holders', 'notices a materialized view');

select * from finish();
rollback;
