begin;
\ir ../two_organizations.psql
select plan(8);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'a', 'A', 'manual', '{}'), (:'acme', 'b', 'B', 'manual', '{}'), (null, 'p', 'P', 'manual', '{}'), (null, 'q', 'Q', 'manual', '{}');
create function pg_temp.said(query text)
returns text
language sql
as $said$
    select pg_temp.call('tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'), query)
$said$;
select pg_temp.as_login('tap_dba', $$select yardstick_api.relate_metrics('p', 'q', 'depends_on')$$) \g /dev/null
select pg_temp.said($$select yardstick_api.relate_metrics('a', 'b', 'depends_on')$$) \g /dev/null
insert into yardstick.metric_relationships (organization_id, parent_metric_id, child_metric_id, relationship_type)
select :'acme', p.id, c.id, 'derives_from'
from yardstick.metric_definitions as p, yardstick.metric_definitions as c
where p.metric_name = 'a' and c.metric_name = 'p';

select is(pg_temp.said($$select yardstick_api.unrelate_metrics('a', 'b')$$), 'true', 'takes a relationship back');
select is(pg_temp.said($$select yardstick_api.unrelate_metrics('a', 'b')$$), 'false', 'says that there was none');
select is(pg_temp.said($$select yardstick_api.unrelate_metrics('p', 'q')$$), 'false', 'leaves what the platform relates');
select is(
    pg_temp.said($$select yardstick_api.unrelate_metrics('a', 'p')$$), 'YS001 child_metric: a is calculated from p; change its definition instead',
    'leaves what a definition says'
);
select is(left(pg_temp.said($$select yardstick_api.unrelate_metrics('a', 'x')$$), 39), 'YS003 child_metric: there is no metric ', 'names what it does not know');
select is(
    pg_temp.said($$select yardstick_api.relate_metrics('a', 'p', 'depends_on')$$),
    'YS001 child_metric: a is calculated from p already; change its definition instead', 'nor is it related anew'
);
select set_config('yardstick.context', '', true) \g /dev/null
select is(pg_temp.as_login('tap_dba', $$select yardstick_api.unrelate_metrics('p', 'q')$$), 'true', 'lets a DBA take back what the platform relates');
select is(left(pg_temp.as_login('tap_acme_app', $$select yardstick_api.unrelate_metrics('a', 'b')$$), 5), 'YS004', 'needs an organization');

select * from finish();
rollback;
