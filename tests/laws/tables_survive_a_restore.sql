begin;
set local search_path = pg_catalog, public;
select plan(4);

prepare invalid_indexes as
select x.indexrelid::regclass
from pg_index as x
inner join pg_class as c on x.indrelid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname like 'yardstick%' and not (x.indisvalid and x.indisready and x.indislive);

-- They hold an oid, which is another one in the restored database; pg_upgrade refuses them.
prepare oid_columns as
select a.attrelid::regclass, a.attname
from pg_attribute as a
inner join pg_class as c on a.attrelid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname like 'yardstick%' and c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped
    and a.atttypid::regtype::text ~ '^(reg\w+|oid)(\[\])?$';

select is_empty('invalid_indexes', 'no index is invalid');
select is_empty('oid_columns', 'no column holds an oid');

alter table yardstick.metric_alerts add column relation regclass;
select isnt_empty('oid_columns', 'notices a column of type regclass');
create index on only yardstick.metric_partials (series_id);
select isnt_empty('invalid_indexes', 'notices an index that some partitions lack');

select * from finish();
rollback;
