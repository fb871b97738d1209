begin;
set local search_path = pg_catalog, public;
select plan(8);

create temporary view keys as
select
    t.relname as table_name, i.relname as key_name, x.indisprimary, x.indnullsnotdistinct,
    (
        select array_agg(a.attname::text order by k.place)
        from unnest(x.indkey::int2[]) with ordinality as k (attnum, place)
        inner join pg_attribute as a on t.oid = a.attrelid and k.attnum = a.attnum
        where k.place <= x.indnkeyatts
    ) as columns,
    exists (
        select
        from unnest(x.indkey::int2[]) as k (attnum)
        inner join pg_attribute as a on t.oid = a.attrelid and k.attnum = a.attnum
        where not a.attnotnull and a.attname <> 'external_id'
    ) as is_nullable
from pg_index as x
inner join pg_class as t on x.indrelid = t.oid
inner join pg_class as i on x.indexrelid = i.oid
where
    x.indisunique and t.relnamespace = 'yardstick'::regnamespace and not t.relispartition
    and exists (select from pg_attribute as a where a.attrelid = t.oid and a.attname = 'organization_id' and not a.attisdropped);

-- Without the organization in it, a key lets one tenant block another, or learn what exists.
-- That a login is bound to a single organization is a rule across organizations.
prepare across_organizations as
select k.table_name, k.key_name
from keys as k
where
    not k.columns @> array['organization_id']
    and not (k.indisprimary and k.columns = array['id'])
    and k.key_name <> 'login_bindings_bound_logins_have_one';

prepare duplicates_by_null as
select k.table_name, k.key_name from keys as k where k.is_nullable and not k.indnullsnotdistinct;

-- metric_partials: measured, see its migration.
prepare led_by_others as
select k.table_name, k.columns
from keys as k
where
    k.indisprimary and k.columns <> array['id'] and k.columns[1] <> 'organization_id' and k.table_name <> 'metric_partials';

prepare facts_keyed_by_id as
select f.name
from (
    values
    ('analytics_metrics'), ('metric_series'), ('metric_calculations'), ('metric_snapshots'),
    ('metric_alert_states'), ('metric_alert_history'), ('report_instances'), ('audit_log')
) as f (name)
where not exists (select from keys as k where k.table_name = f.name and k.indisprimary and k.columns[1] = 'organization_id');

-- A queue is appended to and taken whole; bindings have a key whose organization may be null.
prepare without_primary_key as
select c.oid::regclass
from pg_class as c
where
    c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and c.relname not in ('metric_dirty', 'metric_pending', 'source_changes', 'value_changes', 'postponed_weeks', 'calculation_costs', 'login_bindings')
    and not exists (select from pg_index as x where x.indrelid = c.oid and x.indisprimary);

select is_empty('across_organizations', 'every unique key but primary key (id) contains the organization');
select is_empty('duplicates_by_null', 'every unique key with columns that may be null takes null for a value');
select is_empty('led_by_others', 'every other primary key begins with the organization');
select is_empty('facts_keyed_by_id', 'every fact is keyed by organization first');
select is_empty('without_primary_key', 'every table has a primary key');

create unique index nosy on yardstick.metric_alerts (alert_name);
select isnt_empty('across_organizations', 'notices a unique key across organizations');
create unique index leaky on yardstick.metric_alerts (organization_id, alert_name);
select isnt_empty('duplicates_by_null', 'notices a unique key that null passes');
create table yardstick.keyless (organization_id uuid);
select isnt_empty('without_primary_key', 'notices a table without primary key');

select * from finish();
rollback;
