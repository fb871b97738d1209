begin;
select plan(24);
\ir ../two_organizations.psql

create schema validate_metric_host;
create table validate_metric_host.sales (organization_id text, sold_at timestamptz, amount numeric, note text);
create index on validate_metric_host.sales (sold_at);
grant usage on schema validate_metric_host to yardstick_reader;
grant select on validate_metric_host.sales to yardstick_reader;
select pg_temp.as_login('tap_dba', $$select yardstick_api.register_source('{"name": "sales", "relation": "validate_metric_host.sales",
    "time_column": "sold_at", "organization_column": "organization_id"}')$$) \g /dev/null
insert into validate_metric_host.sales
select k.key, date_trunc('month', now()) - interval '10 days', 5, 'x' from (values ('tap-acme'), ('tap-acme'), ('tap-birch')) as k (key);

create function pg_temp.report(login text, organization text, definition jsonb) returns text language sql as $report$
    select case when organization is null then pg_temp.as_login(login, q.query) else pg_temp.call(login, organization, q.query) end
    from (
        select format(
            $$select string_agg(format('%%s %%s %%s', r.check_name, case when r.passed then 'passed' else 'FAILED' end, r.detail), E'\n')
            from yardstick_api.validate_metric(%L) as r$$, definition
        ) as query
    ) as q
$report$;

create temp table given (name text, definition jsonb);
insert into given values
('good', '{"metric_name": "sold", "display_name": "Sold", "calculation_method": "aggregation", "unit_of_measure": "EUR",
    "data_sources": {"source": "sales", "measures": {"amount": {"agg": "sum", "value": "amount", "unit": "EUR"}, "n": {"agg": "count"}}},
    "calculation_formula": "amount - 0"}'),
('units', '{"metric_name": "sold", "display_name": "Sold", "calculation_method": "aggregation",
    "data_sources": {"source": "sales", "measures": {"amount": {"agg": "sum", "value": "amount", "unit": "EUR"}, "n": {"agg": "count"}}},
    "calculation_formula": "amount - n"}'),
('data', '{"metric_name": "sold", "display_name": "Sold", "calculation_method": "aggregation",
    "data_sources": {"source": "sales", "measures": {"n": {"agg": "sum", "value": "note::numeric"}}}}');
create temp table before as
select (select count(*) from yardstick.metric_definitions) as definitions, (select count(*) from yardstick.metric_measures) as measures;

select is(
    pg_temp.report('tap_acme_app', :'acme', g.definition),
    format(E'keys passed every key is known and has a value of its kind
data_sources passed fit calculation_method aggregation
targets passed fit direction and metric_type
thresholds passed are in the order of the direction
owner passed is known, or nobody is named
source passed sales reads validate_metric_host.sales by sold_at
relation passed validate_metric_host.sales is there and can be read
columns passed the columns of its levels and key are there
value passed data_sources.measures.amount.value: amount
formula passed amount - 0
uses passed uses amount; not used, and can be left out: n
units passed gives EUR
merge passed amount: added up
merge passed n: added up
cost passed 1 organization x 1 level x 1 window; how many rows validate_metric_host.sales has is not known until it is analyzed, found by an index that begins with sold_at
last_value passed 10 for monthly %s, from 2 rows', (date_trunc('month', now() at time zone 'Europe/Berlin') - interval '1 month')::date),
    'reports one row for each check, in order'
)
from given as g where g.name = 'good';
select ok(pg_temp.report('tap_birch_app', :'birch', g.definition) like '%last_value passed 5 for monthly%', 'shows each organization its own value')
from given as g where g.name = 'good';
select ok(
    pg_temp.report('tap_acme_app', :'acme', g.definition) like
    '%units FAILED calculation_formula: subtracts count from EUR; give both the same unit, or convert one of them in the value of its measure%',
    'refuses units that do not go together, with the words of define_metric'
)
from given as g where g.name = 'units';
select is(
    pg_temp.call('tap_acme_app', :'acme', format('select yardstick_api.define_metric(%L)', g.definition)),
    'YS001 calculation_formula: subtracts count from EUR; give both the same unit, or convert one of them in the value of its measure',
    'has define_metric say the same'
)
from given as g where g.name = 'units';
select ok(
    pg_temp.report('tap_acme_app', :'acme', g.definition) like
    '%last_value FAILED no value for monthly %: a value could not be read as the number, date or time it is used as (22P02)', 'says when the value fails on the data'
)
from given as g where g.name = 'data';

-- It never raises.
select ok(
    pg_temp.report('tap_acme_app', :'acme', g.given) ~ '^keys FAILED ', format('reports on %s', coalesce(left(g.given::text, 60), 'nothing'))
)
from (
    values
    (null::jsonb), ('null'), ('"x"'), ('5'), ('[]'), ('[[[[]]]]'), ('{}'), ('{"metric_name": 1e300}'), ('{"": {"": {"": []}}}'), (to_jsonb(repeat('x', 100000))),
    ('{"metric_name": "NaN", "target_value": "NaN", "data_sources": [[]]}')
) as g (given);

-- Who may.
select ok(pg_temp.report('tap_dba', null, g.definition) like '%choose an organization%', 'reports to a DBA without organization, for the platform')
from given as g where g.name = 'good';
select ok(pg_temp.report('tap_any_app', :'acme', g.definition) like '%last_value passed 10 %', 'reports to an application trusted with all')
from given as g where g.name = 'good';
select matches(pg_temp.report('tap_acme_app', :'birch', g.definition), '^YS005', 'works for no other organization')
from given as g where g.name = 'good';
select matches(pg_temp.as_login('tap_acme_app', $$select count(*)::text from yardstick_api.validate_metric('{}')$$), 'YS004|^\d', 'asks an application for its organization');
select is(
    left(pg_temp.as_login('tap_acme_bi', $$select count(*)::text from yardstick_api.validate_metric('{}')$$), 5), '42501', 'is closed to BI'
);
select is(
    left(pg_temp.as_login('tap_acme_app', $$select count(*)::text from yardstick_engine.validate_definition('{}', null, null)$$), 5), '42501',
    'is the only way in for an application'
);

select results_eq(
    $$select (select count(*) from yardstick.metric_definitions), (select count(*) from yardstick.metric_measures)$$,
    $$select definitions, measures from before$$, 'stores nothing'
);
select is(
    (select count(*) from pg_class as c where c.relnamespace = pg_my_temp_schema() and c.relkind = 'v'), 0::bigint, 'leaves no view behind'
);

select * from finish();
rollback;
