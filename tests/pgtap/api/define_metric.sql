begin;
select plan(185);

create schema define_metric_host;
create type define_metric_host.state as enum ('open', 'closed');
create domain define_metric_host.money_amount as numeric(12, 2);
create table define_metric_host.capas (
    id integer, organization_id text, department_id integer, state define_metric_host.state, cost define_metric_host.money_amount,
    weight double precision, code varchar(10), opened_at timestamptz, closed_at timestamptz, due_at timestamptz, note xml
);
create index on define_metric_host.capas (closed_at);
create table define_metric_host.keyed (happened_on date, organization_id text, kind text, amount integer);
create index on define_metric_host.keyed (happened_on);
grant usage on schema define_metric_host to yardstick_reader;
grant select on all tables in schema define_metric_host to yardstick_reader;

select lives_ok($$select yardstick_api.register_source('{"name": "capas", "relation": "define_metric_host.capas", "time_column": "closed_at",
    "organization_column": "organization_id", "levels": {"dept": "department_id"}}')$$, 'has a source');
select lives_ok($$select yardstick_api.register_source('{"name": "keyed", "relation": "define_metric_host.keyed", "time_column": "happened_on",
    "organization_column": "organization_id", "key_column": "kind"}')$$, 'has a source with keys');

create temp table base (definition jsonb);
insert into base values ('{
    "metric_name": "capa_on_time_rate",
    "display_name": "CAPAs closed on time",
    "metric_category": "quality",
    "metric_type": "percentage",
    "unit_of_measure": "%",
    "calculation_method": "aggregation",
    "data_sources": {
        "source": "capas",
        "where": "state = ''closed''",
        "measures": {"on_time": {"agg": "count", "where": "closed_at <= due_at"}, "closed": {"agg": "count"}}
    },
    "calculation_formula": "100.0 * on_time / closed",
    "aggregation_levels": ["org", "dept"],
    "time_windows": ["daily", "weekly", "monthly", "quarterly", "annual"],
    "target_value": 95,
    "direction": "higher_better",
    "threshold_config": {"at_risk": 90, "off_track": 80},
    "refresh_frequency": "hourly",
    "tags": ["iso 9001"]
}');
create temp table made (metric_id uuid);
grant select on base to public;

select lives_ok($$insert into made select yardstick_api.define_metric(definition) from base$$, 'defines a metric of the platform for a DBA without organization');
select is(
    (select d.compiled #- '{measures,on_time,measure_id}' #- '{measures,closed,measure_id}' from yardstick.metric_definitions as d inner join made on d.id = made.metric_id),
    '{"formula": "((100.0 * measures.on_time) OPERATOR(yardstick_engine./) measures.closed)", "measures": {"on_time": {"agg": "count"}, "closed": {"agg": "count"}}}'::jsonb,
    'keeps the formula and the aggregates compiled'
);
select results_eq(
    $$select e.key, m.filter, m.expression, m.organization_id from yardstick.metric_definitions as d
    inner join made on d.id = made.metric_id cross join jsonb_each(d.compiled -> 'measures') as e
    inner join yardstick.metric_measures as m on m.id = (e.value ->> 'measure_id')::uuid order by e.key$$,
    $$values
    ('closed', '(source.state = ''closed''::text)', null::text, null::uuid),
    ('on_time', '((source.state = ''closed''::text)) AND ((source.closed_at <= source.due_at))', null, null)$$,
    'stores each measure with the common condition and its own'
);
select is((select yardstick_api.define_metric(definition) from base), (select metric_id from made), 'gives the same id for the same definition');
select is((select version from yardstick.metric_definitions where id = (select metric_id from made)), 1, 'changes nothing when nothing changed');
select is((select yardstick_api.define_metric(definition || '{"target_value": 96}') from base), (select metric_id from made), 'keeps the id of a metric that changed');
select is((select version from yardstick.metric_definitions where id = (select metric_id from made)), 2, 'counts a change as a version');
select is((select target_value from yardstick.metric_definitions where id = (select metric_id from made)), 96.0000, 'takes the new content');
select is((select yardstick_api.define_metric((definition || '{"target_value": 96}') - 'description' || '{"description": null}') from base), (select metric_id from made), 'takes null for absent');
select is((select version from yardstick.metric_definitions where id = (select metric_id from made)), 2, 'counts no version for a null');
create temp table measures_before as select count(*) as measures from yardstick.metric_measures;
select lives_ok($$select yardstick_api.define_metric(definition || '{"metric_name": "another", "calculation_formula": "on_time * 100.0 / closed"}') from base$$, 'defines another metric over the same measures');
select is((select count(*) from yardstick.metric_measures), (select measures from measures_before), 'shares measures that mean the same');

-- One measure alone, values, keys and types.
select lives_ok(format('select yardstick_api.define_metric(%L)', d.definition), format('defines %s', d.definition ->> 'metric_name'))
from (
    values
    ('{"metric_name": "mean_weight", "display_name": "x", "calculation_method": "aggregation",
    "data_sources": {"source": "capas", "measures": {"n": {"agg": "avg", "value": "weight", "unit": "kg"}}}}'::jsonb),
    ('{"metric_name": "with_code", "display_name": "x", "calculation_method": "aggregation",
    "data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "value": "code"}}}}'),
    ('{"metric_name": "recorded", "display_name": "x", "calculation_method": "aggregation",
    "data_sources": {"source": "analytics_metrics", "key": "capa_cost", "measures": {"n": {"agg": "sum"}}}}'),
    ('{"metric_name": "in_range", "display_name": "x", "calculation_method": "aggregation", "direction": "target_range",
    "target_low": 1, "target_high": 5, "target_value": 3, "aggregation_levels": ["org"],
    "data_sources": {"source": "keyed", "key": "a", "measures": {"end": {"agg": "max", "value": "amount", "where": "amount > 0"}}}}')
) as d (definition);
select results_eq(
    $$select d.metric_name, d.compiled ->> 'formula', (d.compiled ->> 'simple')::boolean, m.measure_key, m.filter, m.expression
    from yardstick.metric_definitions as d
    cross join jsonb_each(d.compiled -> 'measures') as e
    inner join yardstick.metric_measures as m on m.id = (e.value ->> 'measure_id')::uuid
    where d.metric_name in ('mean_weight', 'with_code', 'recorded', 'in_range')
    order by d.metric_name$$,
    $$values
    ('in_range', '"end"', true, 'a', '(source.amount > 0)', 'source.amount'),
    ('mean_weight', 'n', true, null, null, 'source.weight'),
    ('recorded', 'n', true, 'capa_cost', null, 'source.value'),
    ('with_code', 'n', true, null, '(source.code) IS NOT NULL', null)$$,
    'needs no formula for one measure, counts what is not null, and takes the value column where no value is named'
);

create temp table malformed (path text, change jsonb, removed text);
insert into malformed (path, change) values
('metric_name', '{"metric_name": null}'), ('metric_name', '{"metric_name": ""}'), ('metric_name', '{"metric_name": "Capa Rate"}'),
('metric_name', '{"metric_name": "1st"}'), ('metric_name', '{"metric_name": 7}'), ('metric_name', '{"metric_name": ["a"]}'),
('metric_name', '{"metric_name": "a; drop table x"}'),
('metric_name', ('{"metric_name": "' || repeat('a', 64) || '"}')::jsonb),
('display_name', '{"display_name": null}'), ('display_name', '{"display_name": "  "}'), ('display_name', '{"display_name": {}}'),
('display_name', ('{"display_name": "' || repeat('a', 201) || '"}')::jsonb),
('description', '{"description": 1}'), ('description', '{"description": []}'),
('metric_category', '{"metric_category": "fun"}'), ('metric_category', '{"metric_category": 1}'), ('metric_category', '{"metric_category": "Quality"}'),
('metric_type', '{"metric_type": "median"}'), ('metric_type', '{"metric_type": true}'),
('unit_of_measure', '{"unit_of_measure": 5}'),
('calculation_method', '{"calculation_method": null}'), ('data_sources.measures', '{"calculation_method": "sql"}'),
('data_sources.measures', '{"calculation_method": "function"}'), ('data_sources.measures', '{"calculation_method": "external"}'),
('data_sources.measures', '{"calculation_method": "manual"}'), ('calculation_method', '{"calculation_method": "derived"}'),
('calculation_method', '{"calculation_method": {}}'),
('calculation_formula', '{"calculation_formula": null}'), ('calculation_formula', '{"calculation_formula": 1}'),
('calculation_formula', '{"calculation_formula": ""}'), ('calculation_formula', '{"calculation_formula": "on_time / "}'),
('calculation_formula', '{"calculation_formula": "on_time / missing"}'), ('calculation_formula', '{"calculation_formula": "sum(on_time)"}'),
('calculation_formula', '{"calculation_formula": "(select 1)"}'), ('calculation_formula', '{"calculation_formula": "on_time > closed"}'),
('calculation_formula', '{"calculation_formula": "1 / 2"}'), ('calculation_formula', '{"calculation_formula": "on_time; drop table x"}'),
('calculation_formula', '{"calculation_formula": "on_time) as a, (closed"}'),
('data_sources', '{"data_sources": null}'), ('data_sources', '{"data_sources": []}'), ('data_sources', '{"data_sources": "capas"}'),
('data_sources.measures', '{"data_sources": {"source": "capas"}}'),
('data_sources.measures', '{"data_sources": {"source": "capas", "measures": {}}}'),
('data_sources.measures', '{"data_sources": {"source": "capas", "measures": []}}'),
('data_sources.measures', '{"data_sources": {"source": "capas", "measures": "closed"}}'),
('data_sources.source', '{"data_sources": {"measures": {"n": {"agg": "count"}}}}'),
('data_sources.source', '{"data_sources": {"source": 1, "measures": {"n": {"agg": "count"}}}}'),
('data_sources.source', '{"data_sources": {"source": "nowhere", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.source', '{"data_sources": {"source": "define_metric_host.capas", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.tables', '{"data_sources": {"tables": ["a"], "source": "capas", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.key', '{"data_sources": {"source": "capas", "key": "a", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.key', '{"data_sources": {"source": "keyed", "key": 5, "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": 1, "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": "", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": "state", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": "stat = 1", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": "note is null", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": "exists (select 1)", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.where', '{"data_sources": {"source": "capas", "where": "closed_at < now()", "measures": {"n": {"agg": "count"}}}}'),
('data_sources.measures.n', '{"data_sources": {"source": "capas", "measures": {"n": "count"}}}'),
('data_sources.measures.n', '{"data_sources": {"source": "capas", "measures": {"n": []}}}'),
('data_sources.measures.n', '{"data_sources": {"source": "capas", "measures": {"n": null}}}'),
('data_sources.measures.n.agg', '{"data_sources": {"source": "capas", "measures": {"n": {}}}}'),
('data_sources.measures.n.agg', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": null}}}}'),
('data_sources.measures.n.agg', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "median"}}}}'),
('data_sources.measures.n.p', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "percentile"}}}}'),
('data_sources.measures.n.agg', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "COUNT"}}}}'),
('data_sources.measures.n.agg', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": ["count"]}}}}'),
('data_sources.measures.n.filter', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "filter": "true"}}}}'),
('data_sources.measures.n.unit', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "unit": "kg"}}}}'),
('data_sources.measures.n.unit', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "sum", "value": "cost", "unit": 1}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "sum"}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "avg", "value": 3}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "sum", "value": "code"}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "sum", "value": "closed_at - opened_at"}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "max", "value": "closed_at"}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "sum", "value": "sum(cost)"}}}}'),
('data_sources.measures.n.value', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "value": "nothing"}}}}'),
('data_sources.measures.n.where', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "where": "cost"}}}}'),
('data_sources.measures.n.where', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "where": true}}}}'),
('data_sources.measures.n.where', '{"data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "where": "pg_sleep(1) is null"}}}}'),
('data_sources.measures.Bad Name', '{"data_sources": {"source": "capas", "measures": {"Bad Name": {"agg": "count"}}}}'),
('data_sources.measures.', '{"data_sources": {"source": "capas", "measures": {"": {"agg": "count"}}}}'),
('parameters', '{"parameters": []}'), ('parameters', '{"parameters": "x"}'),
('aggregation_levels', '{"aggregation_levels": "org"}'), ('aggregation_levels', '{"aggregation_levels": []}'),
('aggregation_levels', '{"aggregation_levels": ["org", "planet"]}'), ('aggregation_levels', '{"aggregation_levels": ["org", "org"]}'),
('aggregation_levels', '{"aggregation_levels": [1]}'), ('aggregation_levels', '{"aggregation_levels": ["team"]}'),
('aggregation_levels', '{"aggregation_levels": ["org", "user"]}'), ('aggregation_levels', '{"aggregation_levels": [null]}'),
('time_windows', '{"time_windows": "daily"}'), ('time_windows', '{"time_windows": ["hourly"]}'), ('time_windows', '{"time_windows": []}'),
('time_windows', '{"time_windows": ["daily", "daily"]}'), ('time_windows', '{"time_windows": {"a": 1}}'),
('target_value', '{"target_value": "95"}'), ('target_value', '{"target_value": 100000000000}'), ('target_value', '{"target_value": 1e400}'),
('target_value', '{"target_value": 0.00001}'), ('target_value', '{"target_value": "NaN"}'), ('target_value', '{"target_value": true}'),
('target_low', '{"target_low": 1}'), ('target_high', '{"target_high": 1}'), ('target_low', '{"target_low": "x"}'),
('target_low', '{"direction": "target_range", "target_high": 5, "threshold_config": null}'),
('target_high', '{"direction": "target_range", "target_low": 5, "threshold_config": null}'),
('target_low', '{"direction": "target_range", "target_low": 9, "target_high": 5, "threshold_config": null}'),
('target_value', '{"direction": "target_range", "target_low": 1, "target_high": 5, "threshold_config": null}'),
('threshold_config', '{"threshold_config": []}'), ('threshold_config', '{"threshold_config": 5}'),
('threshold_config.at_risk', '{"threshold_config": {"off_track": 5}}'), ('threshold_config.off_track', '{"threshold_config": {"at_risk": 5}}'),
('threshold_config.at_risk', '{"threshold_config": {"at_risk": "5", "off_track": 5}}'),
('threshold_config.red', '{"threshold_config": {"at_risk": 5, "off_track": 5, "red": 5}}'),
('threshold_config', '{"threshold_config": {"at_risk": 80, "off_track": 90}}'),
('threshold_config', '{"direction": "lower_better"}'),
('threshold_config', '{"direction": null}'),
('threshold_config', '{"direction": "target_range", "target_low": 90, "target_high": 99}'),
('direction', '{"direction": "up"}'), ('direction', '{"direction": 1}'),
('refresh_frequency', '{"refresh_frequency": "minutely"}'), ('refresh_frequency', '{"refresh_frequency": 5}'),
('retention_days', '{"retention_days": 0}'), ('retention_days', '{"retention_days": -5}'), ('retention_days', '{"retention_days": 1.5}'),
('retention_days', '{"retention_days": "730"}'), ('retention_days', '{"retention_days": 99999999999}'), ('retention_days', '{"retention_days": 36501}'),
('is_active', '{"is_active": "yes"}'), ('is_active', '{"is_active": 1}'), ('is_public', '{"is_public": "true"}'),
('owner_id', '{"owner_id": "me"}'), ('owner_id', '{"owner_id": 5}'), ('owner_id', '{"owner_id": "00000000-0000-0000-0000-000000000009"}'),
('tags', '{"tags": "a"}'), ('tags', '{"tags": [1]}'), ('tags', '{"tags": [""]}'), ('tags', '{"tags": ["a", "a"]}'), ('tags', '{"tags": {"a": 1}}'),
('organization_id', '{"organization_id": "00000000-0000-0000-0000-000000000009"}'), ('id', '{"id": "00000000-0000-0000-0000-000000000009"}'),
('version', '{"version": 5}'), ('compiled', '{"compiled": {}}'), ('approval_status', '{"approval_status": "approved"}'),
('created_by', '{"created_by": null}'), ('metric-name', '{"metric-name": "x"}'), ('Metric_name', '{"Metric_name": "x"}');

create temp table before as
select
    (select jsonb_agg(to_jsonb(d) order by d.id) from yardstick.metric_definitions as d) as definitions,
    (select count(*) from yardstick.metric_measures) as measures;

create function pg_temp.refusal(definition jsonb) returns text language plpgsql as $refusal$
begin
    perform yardstick_api.define_metric(definition);
    return 'accepted';
exception when others then
    return sqlstate || ' ' || sqlerrm;
end
$refusal$;

select ok(
    refused.message ~ '^YS00[123] ' and starts_with(substr(refused.message, 7), malformed.path || ':'),
    format('refuses %s, naming the key; said: %s', left(malformed.change::text, 90), left(refused.message, 110))
)
from malformed
cross join base
cross join lateral (select pg_temp.refusal(base.definition || malformed.change) as message offset 0) as refused;

select matches(pg_temp.refusal(g.given), '^YS001 \$: must be an object', format('refuses %s as a definition', g.given))
from (values ('[]'::jsonb), ('"x"'), ('1'), ('null'), (null)) as g (given);
select ok(pg_temp.refusal('{}') ~ '^YS001 .*is required', 'refuses an empty definition');
select is(
    pg_temp.refusal((select definition || '{"data_sources": {"source": "capas", "measures": {"on_time": {"agg": "median"}}}}' from base)),
    'YS001 data_sources.measures.on_time.agg: must be one of count, sum, avg, min, max, stddev, count_distinct, percentile, first, last; got "median"', 'says what would have been right'
);
select is(
    (select to_jsonb(before) from before),
    (select to_jsonb(b) from (select
        (select jsonb_agg(to_jsonb(d) order by d.id) from yardstick.metric_definitions as d) as definitions,
        (select count(*) from yardstick.metric_measures) as measures) as b),
    'changes nothing when it refuses'
);

-- Who may, and for whom.
create role define_metric_app login;
grant yardstick_app to define_metric_app;
create role define_metric_stranger login;
create temp table tenants (name text, id uuid);
grant select on tenants, base to define_metric_app;
insert into tenants values
('acme', yardstick_api.sync_organization('{"external_id": "define-acme", "organization_name": "Acme"}')),
('blue', yardstick_api.sync_organization('{"external_id": "define-blue", "organization_name": "Blue"}'));
select lives_ok($$select yardstick_api.bind_login('define_metric_app', null, 'trusted')$$, 'has an application');

set local session authorization define_metric_app;
select throws_ok($$select yardstick_api.define_metric(definition) from base$$, 'YS004', null, 'asks an application for its organization');
select lives_ok($$select yardstick_api.use_organization(id, null) from tenants where name = 'acme'$$, 'takes the organization of an application');
select isnt((select yardstick_api.define_metric(definition) from base), null, 'defines a metric of the same name for an organization');
select throws_ok($$select yardstick_api.register_source('{}')$$, '42501', null, 'lets no application register a source');
reset session authorization;
select is(
    (select array_agg(coalesce(t.name, 'platform') order by t.name) from yardstick.metric_definitions as d left join tenants as t on d.organization_id = t.id where d.metric_name = 'capa_on_time_rate'),
    array['acme', 'platform'], 'keeps it beside the one of the platform'
);
select is(
    (select count(*) from yardstick.metric_measures as m inner join tenants as t on m.organization_id = t.id), 2::bigint,
    'keeps the measures of an organization its own'
);
set local session authorization define_metric_stranger;
select throws_ok($$select yardstick_api.define_metric('{}')$$, '42501', null, 'is closed to anybody else');
reset session authorization;

select * from finish();
rollback;
