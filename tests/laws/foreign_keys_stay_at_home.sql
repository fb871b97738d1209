begin;
set local search_path = pg_catalog, public;
select plan(5);

-- Row-level security does not look at foreign keys: a trigger does, on insert and on update, row by row.
create temporary view guards as
select t.tgrelid, t.tgattr, string_to_array(encode(t.tgargs, 'escape'), '\000') as arguments
from pg_trigger as t
where
    t.tgfoid = 'yardstick.keep_within_organization()'::regprocedure
    and t.tgenabled in ('O', 'A') and t.tgtype & (1 | 4 | 16) = (1 | 4 | 16) and t.tgqual is null;

prepare unguarded as
select k.conrelid::regclass, a.attname, k.confrelid::regclass
from pg_constraint as k
inner join pg_attribute as a on k.conrelid = a.attrelid and a.attnum = k.conkey[1]
inner join pg_class as f on k.confrelid = f.oid
where
    k.contype = 'f' and k.connamespace = 'yardstick'::regnamespace and k.conparentid = 0 and f.relname <> 'organizations'
    and not exists (
        select
        from guards as g
        cross join generate_subscripts(g.arguments, 1) as place
        where
            g.tgrelid = k.conrelid and place % 2 = 1
            and g.arguments[place] = a.attname and g.arguments[place + 1] = f.relname
            and (g.tgattr::text = '' or k.conkey[1]::text = any(string_to_array(g.tgattr::text, ' ')))
    );

-- A guard watching only some columns would miss a row that moves to another organization.
prepare blind_to_moves as
select g.tgrelid::regclass
from guards as g
inner join pg_attribute as a on g.tgrelid = a.attrelid and a.attname = 'organization_id'
where g.tgattr::text <> '' and a.attnum::text <> all(string_to_array(g.tgattr::text, ' '));

-- Facts have none.
prepare facts_with_foreign_keys as
select k.conrelid::regclass, k.conname
from pg_constraint as k
where
    k.contype = 'f'
    and k.conrelid in (
        'yardstick.analytics_metrics'::regclass, 'yardstick.metric_series'::regclass, 'yardstick.metric_partials'::regclass,
        'yardstick.metric_details'::regclass, 'yardstick.metric_pending'::regclass, 'yardstick.metric_clocks'::regclass,
        'yardstick.metric_dirty'::regclass, 'yardstick.metric_calculations'::regclass, 'yardstick.metric_snapshots'::regclass,
        'yardstick.metric_alert_states'::regclass, 'yardstick.metric_alert_history'::regclass, 'yardstick.report_instances'::regclass,
        'yardstick.audit_log'::regclass
    );

select is_empty('unguarded', 'every foreign key between tables of tenants is kept within the organization');
select is_empty('blind_to_moves', 'every guard sees a row that moves to another organization');
select is_empty('facts_with_foreign_keys', 'no fact has a foreign key');

alter table yardstick.metric_alerts disable trigger user;
select isnt_empty('unguarded', 'notices a guard that sleeps');
alter table yardstick.metric_alert_states
add constraint states_of_alerts foreign key (alert_id) references yardstick.metric_alerts (id);
select isnt_empty('facts_with_foreign_keys', 'notices a fact with a foreign key');

select * from finish();
rollback;
