begin;
set local search_path = pg_catalog, public;
select plan(4);

-- A numeric without precision holds infinity too; floats hold both and are for views alone.
prepare unchecked as
select c.oid::regclass, a.attname
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
where
    c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.atttypid in ('numeric'::regtype, 'numrange'::regtype, 'float8'::regtype, 'float4'::regtype)
    and not exists (
        select from pg_constraint as k
        where
            k.conrelid = c.oid and k.contype = 'c' and a.attnum = any(k.conkey) and k.convalidated
            and pg_get_constraintdef(k.oid) ~ format(
                '%s\)? %s', a.attname,
                case when a.atttypid = 'numeric'::regtype and a.atttypmod = -1 then '< ''Infinity''' else '(<> ''NaN''|< ''Infinity'')' end
            )
    );

prepare floats as
select c.oid::regclass, a.attname
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
where
    c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p')
    and a.atttypid in ('float8'::regtype, 'float4'::regtype);

select is_empty('unchecked', 'every numeric column refuses what is not a number');
select is_empty('floats', 'no column is a float');

alter table yardstick.metric_targets drop constraint targets_hold_numbers;
select isnt_empty('unchecked', 'notices a numeric column without a check');
alter table yardstick.metric_targets add column share float8;
select isnt_empty('floats', 'notices a float');

select * from finish();
rollback;
