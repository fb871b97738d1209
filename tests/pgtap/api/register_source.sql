begin;
select plan(71);

create schema register_source_host;
create table register_source_host.capas (
    id integer, organization_id integer, department_id uuid, owner_id text, cost money, weight real, closed_at timestamptz,
    closed_on date, local_time timestamp, clock time, note xml, is_deleted boolean
);
create view register_source_host.closed as select * from register_source_host.capas;
create table register_source_host."Odd ""Name" (id integer, organization_id text, "At" timestamptz);
create sequence register_source_host.numbers;
create type register_source_host.state as enum ('open', 'closed');
create domain register_source_host.amount as numeric(8, 2);
create domain register_source_host.small_amount as register_source_host.amount;
create table register_source_host.typed (
    flag boolean, state register_source_host.state, amount register_source_host.small_amount, ratio double precision, price money,
    code varchar(4), fixed char(4), body json, address inet, tags text[], happened timestamptz, picture bytea, shape point, "Mixed Case" text
);

create temp table base (source jsonb);
insert into base values ('{"name": "capas", "relation": "register_source_host.capas", "time_column": "closed_at",
    "organization_column": "organization_id", "levels": {"dept": "department_id", "user": "owner_id"}}');

select throws_ok(
    $$select yardstick_api.register_source(source) from base$$, 'YS008',
    'relation: yardstick_reader cannot read register_source_host.capas; type: grant usage on schema register_source_host to yardstick_reader; grant select on register_source_host.capas to yardstick_reader;',
    'says which rights are missing'
);
grant usage on schema register_source_host to yardstick_reader;
select throws_ok(
    $$select yardstick_api.register_source(source) from base$$, 'YS008',
    'relation: yardstick_reader cannot read register_source_host.capas; type: grant select on register_source_host.capas to yardstick_reader;',
    'says only what is still missing'
);
grant select on all tables in schema register_source_host to yardstick_reader;

create temp table made as select yardstick_api.register_source(source) as source_id from base;
select is((select yardstick_api.register_source(source) from base), (select source_id from made), 'gives the same id for the same name');
select results_eq(
    $$select relation, time_column, organization_column, department_column, team_column, user_column, capture, lookback
    from yardstick.metric_sources where id = (select source_id from made)$$,
    $$values ('register_source_host.capas', 'closed_at', 'organization_id', 'department_id', null::text, 'owner_id', false, interval '7 days')$$,
    'stores what was said'
);
select lives_ok($$select yardstick_api.register_source(source || '{"lookback": "30 days", "row_filter": "not is_deleted", "value_column": "cost",
    "watermark_column": "closed_at", "relation": "register_source_host.closed"}') from base$$, 'takes a view, and every key');
select results_eq(
    $$select relation, lookback, row_filter, value_column, watermark_column from yardstick.metric_sources where id = (select source_id from made)$$,
    $$values ('register_source_host.closed', interval '30 days', '(NOT source.is_deleted)', 'cost', 'closed_at')$$,
    'changes a source that is registered again'
);
select isnt(
    yardstick_api.register_source('{"name": "odd", "relation": "register_source_host.\"Odd \"\"Name\"", "time_column": "At", "organization_column": "organization_id"}'),
    null, 'takes any name that is quoted'
);
select is(
    (select s.relation from yardstick.metric_sources as s where s.source_name = 'odd'), 'register_source_host."Odd ""Name"', 'keeps it quoted'
);

select results_eq(
    $$select column_name, type_name, read_expression from yardstick_engine.relation_columns('register_source_host.typed')$$,
    $$values
    ('flag', 'boolean', 'flag'), ('state', 'text', 'state::text'), ('amount', 'numeric', 'amount::numeric'),
    ('ratio', 'numeric', 'ratio::numeric'), ('price', 'numeric', 'price::numeric'), ('code', 'text', 'code::text'),
    ('fixed', 'text', 'fixed::text'), ('body', 'jsonb', 'body::jsonb'), ('address', 'text', 'address::text'),
    ('tags', 'text[]', 'tags'), ('happened', 'timestamp with time zone', 'happened'), ('Mixed Case', 'text', '"Mixed Case"')$$,
    'offers every column whose type an expression can use, as a plain type'
);

create function pg_temp.refusal(source jsonb) returns text language plpgsql as $refusal$
begin
    perform yardstick_api.register_source(source);
    return 'accepted';
exception when others then
    return sqlstate || ' ' || sqlerrm;
end
$refusal$;

select ok(
    refused.message ~ '^YS00[1238] ' and starts_with(substr(refused.message, 7), malformed.path || ':'),
    format('refuses %s, naming the key; said: %s', malformed.change, left(refused.message, 130))
)
from (
    values
    ('name', '{"name": null}'::jsonb), ('name', '{"name": "Capas!"}'), ('name', '{"name": "analytics_metrics"}'), ('name', '{"name": 1}'),
    ('relation', '{"relation": null}'), ('relation', '{"relation": "capas"}'), ('relation', '{"relation": "a.b.c"}'),
    ('relation', '{"relation": "register_source_host.capas; drop table x"}'), ('relation', '{"relation": "register_source_host.missing"}'),
    ('relation', '{"relation": "nowhere.capas"}'), ('relation', '{"relation": "register_source_host.numbers"}'),
    ('relation', '{"relation": "yardstick.login_bindings"}'), ('relation', '{"relation": "pg_catalog.pg_authid"}'),
    ('relation', '{"relation": "information_schema.tables"}'), ('relation', '{"relation": "(select 1)"}'), ('relation', '{"relation": "\"a"}'),
    ('time_column', '{"time_column": null}'), ('time_column', '{"time_column": "missing"}'), ('time_column', '{"time_column": "id"}'),
    ('time_column', '{"time_column": "clock"}'), ('time_column', '{"time_column": "owner_id"}'), ('time_column', '{"time_column": "note"}'),
    ('time_column', '{"time_column": "ctid"}'), ('time_column', '{"time_column": "now()"}'),
    ('organization_column', '{"organization_column": null}'), ('organization_column', '{"organization_column": "missing"}'),
    ('organization_column', '{"organization_column": "closed_at"}'),
    ('levels', '{"levels": "department_id"}'), ('levels', '{"levels": []}'), ('levels.org', '{"levels": {"org": "organization_id"}}'),
    ('levels.dept', '{"levels": {"dept": "missing"}}'), ('levels.dept', '{"levels": {"dept": 1}}'), ('levels.team', '{"levels": {"team": "cost"}}'),
    ('key_column', '{"key_column": "missing"}'), ('key_column', '{"key_column": "closed_at"}'),
    ('value_column', '{"value_column": "owner_id"}'), ('value_column', '{"value_column": "missing"}'),
    ('row_filter', '{"row_filter": "id"}'), ('row_filter', '{"row_filter": "missing"}'), ('row_filter', '{"row_filter": "exists (select 1)"}'),
    ('row_filter', '{"row_filter": true}'),
    ('capture', '{"capture": true, "relation": "register_source_host.closed"}'), ('capture', '{"capture": "yes"}'),
    ('watermark_column', '{"watermark_column": "id"}'), ('watermark_column', '{"watermark_column": "missing"}'),
    ('lookback', '{"lookback": "soon"}'), ('lookback', '{"lookback": "-1 day"}'), ('lookback', '{"lookback": "100 years"}'), ('lookback', '{"lookback": 7}'),
    ('schedule', '{"schedule": "* * * * *"}'), ('id', '{"id": "x"}')
) as malformed (path, change)
cross join base
cross join lateral (select pg_temp.refusal(base.source || malformed.change) as message offset 0) as refused;

select matches(pg_temp.refusal(g.given), '^YS001 ', format('refuses %s as a source', g.given))
from (values ('[]'::jsonb), ('"x"'), ('null'), (null), ('{}')) as g (given);

-- A change that would break a metric is refused.
select lives_ok($$select yardstick_api.define_metric('{"metric_name": "owners", "display_name": "x", "calculation_method": "aggregation",
    "data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "where": "owner_id is not null"}}}, "aggregation_levels": ["org", "user"]}')$$, 'has a metric over it');
select matches(
    pg_temp.refusal((select source || '{"levels": {"dept": "department_id"}}' from base)),
    '^YS001 the metric owners would no longer work: aggregation_levels', 'refuses a change that a metric does not survive'
);

-- A source of one organization.
select lives_ok($$select yardstick_api.use_organization(yardstick_api.sync_organization('{"external_id": "register-acme", "organization_name": "Acme"}'), null)$$, 'chooses an organization');
select isnt(yardstick_api.register_source((select source - 'organization_column' from base)), (select source_id from made), 'needs no organization column then, and is another source');
select is((select count(*) from yardstick.metric_sources where source_name = 'capas'), 2::bigint, 'leaves that of the platform alone');

create role register_source_app login;
grant yardstick_app to register_source_app;
grant usage on schema yardstick_api to register_source_app;
grant execute on function yardstick_api.register_source(jsonb) to register_source_app;
set local session authorization register_source_app;
select throws_ok($$select yardstick_api.register_source('{}')$$, 'YS005', null, 'is for DBAs');
reset session authorization;

select * from finish();
rollback;
