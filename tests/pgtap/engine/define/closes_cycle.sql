begin;
select plan(13);
\ir ../../two_organizations.psql

create function pg_temp.made(login text, organization text, name text, child text) returns text language sql as $made$
    select left(case when organization is null then pg_temp.as_login(login, q.query) else pg_temp.call(login, organization, q.query) end, 200)
    from (
        select format('select yardstick_api.define_metric(%L)', jsonb_build_object(
            'metric_name', name, 'display_name', name, 'calculation_method', case when child is null then 'manual' else 'aggregation' end,
            'data_sources', case when child is not null then jsonb_build_object('metrics', jsonb_build_object('part', child)) end
        )) as query
    ) as q
$made$;

select matches(pg_temp.made('tap_dba', null, 'base', null), '^[0-9a-f]{8}-', 'lets a metric stand alone');
select matches(pg_temp.made('tap_dba', null, 'over_base', 'base'), '^[0-9a-f]{8}-', 'lets one be made of it');
select matches(pg_temp.made('tap_dba', null, 'top', 'over_base'), '^[0-9a-f]{8}-', 'lets one be made of that');
select is(
    pg_temp.made('tap_dba', null, 'base', 'top'),
    'YS001 data_sources.metrics.part: top closes a cycle: it is made of base, directly or through other metrics; leave it out, or take base out of what it is made of',
    'refuses to close the circle'
);
select matches(pg_temp.made('tap_dba', null, 'base', 'base'), '^YS001 data_sources.metrics.part: base cannot be made of itself', 'refuses a metric made of itself');
select matches(
    pg_temp.made('tap_acme_app', :'acme', 'base', 'top'), '^YS001 .*closes a cycle', 'refuses an organization''s own metric that takes the place of a part'
);
select matches(pg_temp.made('tap_acme_app', :'acme', 'own', 'top'), '^[0-9a-f]{8}-', 'lets an organization make one of the platform''s');
select matches(pg_temp.made('tap_birch_app', :'birch', 'base', null), '^[0-9a-f]{8}-', 'lets an organization have a part of its own');
select matches(pg_temp.made('tap_dba', null, 'own', null), '^[0-9a-f]{8}-', 'lets the platform have the same name');
select matches(
    pg_temp.made('tap_dba', null, 'base', 'own'), '^YS001 .*closes a cycle', 'refuses what would be a circle for one organization only'
);
select ok(not yardstick_engine.closes_cycle('new', 'top', null), 'sees no circle in what is new');

-- What depends on another comes after it, too.
insert into yardstick.metric_relationships (parent_metric_id, child_metric_id, relationship_type)
select p.id, c.id, 'depends_on' from yardstick.metric_definitions as p, yardstick.metric_definitions as c
where p.metric_name = 'base' and p.organization_id is null and c.metric_name = 'own' and c.organization_id is null;
select ok(yardstick_engine.closes_cycle('own', 'top', null), 'follows depends_on');
update yardstick.metric_relationships set relationship_type = 'correlates_with' where relationship_type = 'depends_on';
select ok(not yardstick_engine.closes_cycle('own', 'over_base', :'birch'), 'follows no correlation');

select * from finish();
rollback;
