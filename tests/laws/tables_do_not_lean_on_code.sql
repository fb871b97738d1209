begin;
set local search_path = pg_catalog, public;
select plan(4);

-- A deploy may rebuild the code rooms: what leans on them goes along, unless it is replayed.
prepare leaning as
with rooms (oid) as (
    select n.oid from pg_namespace as n
    where n.nspname in ('yardstick_engine', 'yardstick_stats', 'yardstick_api', 'yardstick_bi', 'yardstick_ops')
),

inside (classid, objid) as (
    select 'pg_proc'::regclass, p.oid from pg_proc as p where p.pronamespace in (select r.oid from rooms as r)
    union all
    select 'pg_class'::regclass, c.oid from pg_class as c where c.relnamespace in (select r.oid from rooms as r)
    union all
    select 'pg_type'::regclass, t.oid from pg_type as t where t.typnamespace in (select r.oid from rooms as r)
    union all
    select 'pg_operator'::regclass, o.oid from pg_operator as o where o.oprnamespace in (select r.oid from rooms as r)
),

dependents as (
    select distinct
        d.classid, d.objid, d.objsubid,
        case d.classid
            when 'pg_rewrite'::regclass then (select w.ev_class from pg_rewrite as w where w.oid = d.objid)
            when 'pg_trigger'::regclass then (select t.tgrelid from pg_trigger as t where t.oid = d.objid)
            when 'pg_policy'::regclass then (select p.polrelid from pg_policy as p where p.oid = d.objid)
            when 'pg_attrdef'::regclass then (select a.adrelid from pg_attrdef as a where a.oid = d.objid)
            when 'pg_constraint'::regclass then (select k.conrelid from pg_constraint as k where k.oid = d.objid)
        end as relation
    from pg_depend as d
    inner join inside as i on d.refclassid = i.classid and d.refobjid = i.objid
    where
        d.deptype in ('n', 'a')
        and not exists (select from inside as o where o.classid = d.classid and o.objid = d.objid)
)

select pg_describe_object(d.classid, d.objid, d.objsubid) as what
from dependents as d
left join pg_class as c on d.relation = c.oid
where
    coalesce(c.relnamespace not in (select r.oid from rooms as r), true)
    and not (
        d.classid in ('pg_trigger'::regclass, 'pg_policy'::regclass) and c.relnamespace = 'yardstick'::regnamespace
    );

select is_empty('leaning', 'nothing of a table but replayable triggers and policies leans on a code room');

create function yardstick_engine.one() returns integer language sql immutable return 1;
alter table yardstick.metric_alerts add column one integer default yardstick_engine.one();
select isnt_empty('leaning', 'notices a default that calls the engine');
alter table yardstick.metric_alerts drop column one;
select is_empty('leaning', 'is content when it is gone');
alter table yardstick.metric_alerts add constraint one check (trigger_count >= yardstick_engine.one()) not valid;
select isnt_empty('leaning', 'notices a constraint that calls the engine');

select * from finish();
rollback;
