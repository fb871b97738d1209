begin;
\ir ../two_organizations.psql
select plan(28);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values
(:'acme', 'a', 'A', 'manual', '{}'), (:'acme', 'b', 'B', 'manual', '{}'), (:'acme', 'c', 'C', 'manual', '{}'),
(:'birch', 'x', 'X', 'manual', '{}'), (null, 'p', 'P', 'manual', '{}'), (null, 'q', 'Q', 'manual', '{}'),
(:'birch', 'a', 'A of Birch', 'manual', '{}');

create function pg_temp.relate(arguments text)
returns text
language sql
as $relate$
    select pg_temp.call(
        'tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'),
        format('select yardstick_api.relate_metrics(%s)', arguments)
    )
$relate$;
create function pg_temp.related()
returns text
language sql
as $related$
    select string_agg(format('%s %s %s %s %s %s', o.external_id, p.metric_name, r.relationship_type, c.metric_name, r.weight, r.lag_periods), '; ' order by r.created_at, p.metric_name, c.metric_name)
    from yardstick.metric_relationships as r
    inner join yardstick.metric_definitions as p on p.id = r.parent_metric_id
    inner join yardstick.metric_definitions as c on c.id = r.child_metric_id
    left join yardstick.organizations as o on o.id = r.organization_id
$related$;

select pg_temp.relate($$'a', 'b', 'contributes_to', 0.25, 1$$)::text as a_of_b \gset
select matches(:'a_of_b'::text, '^[0-9a-f-]{36}$', 'returns the id');
select is(pg_temp.related(), 'tap-acme a contributes_to b 0.2500 1', 'keeps type, weight and lag');
select is(pg_temp.relate($$'a', 'b', 'contributes_to', 0.25, 1$$), :'a_of_b'::text, 'says the same twice and keeps one');
select is(pg_temp.relate($$'a', 'b', 'depends_on'$$), :'a_of_b'::text, 'changes the same pair');
select is(pg_temp.related(), 'tap-acme a depends_on b 1.0000 0', 'takes weight 1 and lag 0 where none is given');
select matches(pg_temp.relate($$'b', 'p', 'contributes_to'$$), '^[0-9a-f-]{36}$', 'relates a metric of the platform');

select is(left(pg_temp.relate(c.arguments), length(c.message)), c.message, c.description)
from (values
    ($$'b', 'a', 'contributes_to'$$, 'YS001 child_metric: would make a metric part of itself: b -> a -> b', 'names the way of a cycle of two'),
    ($$'p', 'a', 'depends_on'$$, 'YS001 child_metric: would make a metric part of itself: p -> a -> b -> p', 'names the way of a longer one'),
    ($$'a', 'a', 'depends_on'$$, 'YS001 child_metric: is the parent itself', 'refuses a metric that depends on itself'),
    ($$'a', 'c', 'derives_from'$$, 'YS001 relationship_type: derives_from is written by definitions', 'leaves derives_from to definitions'),
    ($$'a', 'c', 'causes'$$, 'YS001 relationship_type: must be one of contributes_to, correlates_with, depends_on; got ''causes''', 'knows the types'),
    ($$'a', 'c', null$$, 'YS001 relationship_type: must be one of', 'needs a type'),
    ($$'a', 'c', 'depends_on', 'NaN'$$, 'YS001 weight: must be a number between', 'refuses a weight that is no number'),
    ($$'a', 'c', 'depends_on', 10$$, 'YS001 weight: must be a number between', 'refuses a weight that does not fit'),
    ($$'a', 'c', 'depends_on', 0.12345$$, 'YS001 weight: must have at most 4 decimal places', 'does not round a weight'),
    ($$'a', 'c', 'depends_on', null$$, 'YS001 weight: must be a number', 'needs a weight'),
    ($$'a', 'c', 'depends_on', 1, -1$$, 'YS001 lag_periods: must be a whole number', 'does not look ahead'),
    ($$'a', 'x', 'depends_on'$$, 'YS003 child_metric: there is no metric named ''x'' here', 'does not know another organization''s'),
    ($$'x', 'a', 'depends_on'$$, 'YS003 parent_metric: there is no metric named ''x'' here', 'says which argument it does not know'),
    ($$null, 'a', 'depends_on'$$, 'YS003 parent_metric: there is no metric named null here', 'needs a metric')
) as c (arguments, message, description);

select matches(
    pg_temp.relate($$'b', 'a', 'correlates_with', 1, 2$$) || pg_temp.relate($$'a', 'c', 'correlates_with'$$)
    || pg_temp.relate($$'c', 'a', 'correlates_with'$$), '^[0-9a-f-]{108}$', 'lets two metrics correlate with each other, and with what they depend on'
);
select matches(pg_temp.relate($$'c', 'a', 'depends_on'$$), '^[0-9a-f-]{36}$', 'may turn a correlation into a dependence');
select matches(pg_temp.relate($$'a', 'c', 'depends_on'$$), '^YS001 child_metric: .*: a -> c -> a; ', 'does not where that closes a cycle');

select set_config('yardstick.context', '', true) \g /dev/null
select is(
    left(pg_temp.as_login('tap_acme_app', $$select yardstick_api.relate_metrics('p', 'q', 'depends_on')$$), 5), 'YS004',
    'needs an organization for an application'
);
select matches(
    pg_temp.as_login('tap_dba', $$select yardstick_api.relate_metrics('p', 'q', 'depends_on')$$), '^[0-9a-f-]{36}$',
    'relates metrics of the platform for a DBA without organization'
);
select matches(
    pg_temp.as_login('tap_dba', $$select yardstick_api.relate_metrics('p', 'a', 'depends_on')$$),
    '^YS003 child_metric: there is no metric named ''a'' here', 'lets the platform join its own metrics alone'
);
select is(
    left(pg_temp.relate($$'q', 'a', 'depends_on'$$), 74), 'YS001 child_metric: would make a metric part of itself: q -> a -> b -> p -',
    'sees a cycle through what the platform relates'
);
select is(
    left(pg_temp.as_login('tap_acme_bi', $$select yardstick_api.relate_metrics('a', 'c', 'depends_on')$$), 5), '42501',
    'is not for BI'
);

select * from finish();
rollback;
