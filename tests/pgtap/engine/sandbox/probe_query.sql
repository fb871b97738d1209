begin;
select plan(47);

create schema probe_query_host;
create table probe_query_host.notes (
    id integer, org text, department uuid, amount numeric, weight real, status text, tags text[], opened_at timestamptz, "Odd ""Name" text
);
create table probe_query_host.others (id integer, org text, opened_at timestamptz);
grant usage on schema probe_query_host to yardstick_reader;
grant select on all tables in schema probe_query_host to yardstick_reader;
create temp table sources as
select
    yardstick_api.register_source('{"name": "probe_notes", "relation": "probe_query_host.notes", "time_column": "opened_at", "organization_column": "org"}') as notes,
    yardstick_api.register_source('{"name": "probe_others", "relation": "probe_query_host.others", "time_column": "opened_at", "organization_column": "org"}') as others,
    yardstick_api.register_source('{"name": "pg_class", "relation": "probe_query_host.others", "time_column": "opened_at", "organization_column": "org"}') as pg_class;

create function pg_temp.probe(query text) returns jsonb language sql as $probe$
    select yardstick_engine.probe_query('formula', query, array[s.notes, s.others]) from sources as s
$probe$;

select is(
    pg_temp.probe('select count(*) from probe_notes'),
    '{"query": "SELECT count(*) AS value\n   FROM probe_notes", "columns": [{"name": "value", "type": "bigint"}], "uses": {"probe_notes": []}}'::jsonb,
    'calls a single column value, and writes the query in full'
);
select is(
    pg_temp.probe('select department as aggregation_id, avg(amount) as value, count(*) as sample_size from probe_notes where status = ''x'' group by 1') - 'query',
    '{"columns": [{"name": "aggregation_id", "type": "uuid"}, {"name": "value", "type": "numeric"}, {"name": "sample_size", "type": "bigint"}],
    "uses": {"probe_notes": ["amount", "department", "status"]}}'::jsonb,
    'says which columns it gives, and which it reads'
);
select is(
    pg_temp.probe('select count(*) from probe_notes where exists (select from probe_others where probe_others.id = probe_notes.id)') -> 'uses',
    '{"probe_notes": ["id"], "probe_others": ["id"]}'::jsonb, 'says so of every source'
);
select is(pg_temp.probe('select 1') -> 'uses', '{}'::jsonb, 'needs no source');
select matches(
    pg_temp.probe('select sum(amount) / count(*) from probe_notes') ->> 'query', 'OPERATOR\(yardstick_engine\./\)', 'divides by zero into null'
);
select matches(
    pg_temp.probe('select sum(weight) from probe_notes') #>> '{columns,0,type}', 'numeric', 'reads floating point as numeric'
);
-- A refusal says what to do.
select throws_like(format('select pg_temp.probe(%L)', r.query), 'formula: ' || r.message, format('refuses %s', left(r.query, 100)))
from (
    values
    ('', 'is empty%'),
    ('select 1; select 2', 'has to be one SELECT, without a semicolon'),
    ('delete from probe_notes', 'syntax error%; write one SELECT in PostgreSQL''s syntax'),
    ('select count(*) from probe_query_host.notes', 'permission denied for schema probe_query_host; only the declared sources can be read'),
    ('select count(*) from yardstick.organizations', 'may not read yardstick.organizations: declare it as a source%'),
    ('select count(*) from probe_missing', 'relation "probe_missing" does not exist; the declared sources are probe_notes, probe_others'),
    ('select sum(missing) from probe_notes', 'column "missing" does not exist; the columns are probe_notes.id, %'),
    ('select count(*) from pg_roles', 'may not read pg_roles%'),
    ('select count(*) from generate_series(1, 3)', 'may not read rows from a function (generate_series%'),
    ('select count(*) from probe_notes where opened_at < now()', 'may not use the clock%'),
    ('select count(*) from probe_notes where opened_at::date < current_date', 'may not use the clock or the session%yardstick.period_start()%'),
    ('select count(*) from probe_notes where opened_at > yardstick.period_end() - interval ''7 days''', 'adds days to a moment%'),
    ('select count(*) from probe_notes where date_trunc(''day'', opened_at) = opened_at', '%name the zone%'),
    ('select sum(id) / 2 from probe_notes', 'divides integers, which truncates%'),
    ('select string_agg(status, '','') from probe_notes', 'uses string_agg(text,text), which is not among%'),
    ('select percentile_cont(0.5) within group (order by amount) from probe_notes', 'uses floating point%'),
    ('select sum(amount::float8) from probe_notes', 'uses floating point%'),
    ('select sqrt(id) from probe_notes', 'uses floating point%'),
    ('with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r', 'has to be one SELECT that only reads, without with recursive%'),
    ('with a as not materialized (select 1 as n) select n from a', 'may not use recursive or not materialized%'),
    ('select max(id) from (select id from probe_notes for update) as n', 'may not lock rows%'),
    ('select count(*) from probe_notes tablesample system (1)', '%ABLESAMPLE%'),
    ('select cardinality(array(select id from probe_notes))', 'may not turn a sub-select into an array%'),
    ('select tags[1] from probe_notes', 'may not take an element by its number%'),
    ('select probe_notes::text from probe_notes', 'may not use the type probe_notes%'),
    ('select status from probe_notes', 'gives text as value, but a number is needed'),
    ('select yardstick.period_end() - yardstick.period_start()', 'gives an interval as value%extract(epoch from%'),
    ('select 1 as value, 2 as other', 'gives a column "other"; besides value it may give aggregation_id%'),
    ('select 1 as aggregation_id, 2 as sample_size', 'gives no column value%'),
    ('select from probe_notes', 'gives no column value%'),
    ('select 1 as value, 1 as value', 'column "value" specified more than once; name the columns%'),
    ('select 1 as value, opened_at as aggregation_id from probe_notes', 'gives timestamp with time zone as aggregation_id%'),
    ('select 1 as value, 1.5 as sample_size', 'gives numeric as sample_size, but a whole number is needed%'),
    ('select count(*) from probe_notes a, probe_notes b, probe_notes c, probe_notes d, probe_notes e, probe_notes f, probe_notes g, probe_notes h, probe_notes i',
        'reads its sources more than 8 times%')
) as r (query, message);
select throws_ok(
    $$select yardstick_engine.probe_query('formula', 'select 1', array[pg_class]) from sources$$, 'YS002',
    'formula: the source pg_class is called like a table of the server: register it under another name', 'refuses a source that hides behind the server''s own'
);
create temp table probe_notes (id integer);
select throws_like($$select pg_temp.probe('select 1')$$, 'formula: the source probe_%: drop that first', 'does not read a temporary table of the session');
drop table probe_notes;
drop table probe_query_host.others;
select throws_ok(
    $$select pg_temp.probe('select 1')$$, 'YS002',
    'formula: the source probe_others has no columns that can be read, or is gone', 'says which source is gone'
);
select ok(to_regclass('pg_temp.yardstick_probe') is null and to_regclass('pg_temp.probe_notes') is null, 'leaves no view behind');
select is(yardstick_engine.query_self_test(), true, 'passes its own test');
select is_empty(
    $$select f from unnest(yardstick_engine.allowed_aggregates()) as f where to_regprocedure('pg_catalog.' || f) is null$$,
    'allows only aggregates that this server has'
);
select is(
    yardstick_engine.refuse_query_tree('({QUERY :commandType 1})', '({QUERY :commandType 1})', 0, '{}'),
    'cannot be checked: this server writes parse trees in a way that is not understood here', 'refuses what a server writes in another way'
);

select * from finish();
rollback;
