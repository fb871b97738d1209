begin;
select plan(31);

-- The session of the sandbox sees nothing of a transaction that is open: here everything happens in this one.
create schema run_single_host;
create table run_single_host.notes (org text, department text, amount numeric, opened_at timestamptz);
insert into run_single_host.notes values
('single-acme', 'north', 1, '2026-03-01 00:00+00'), ('single-acme', 'south', 2, '2026-03-31 23:59+00'), ('single-acme', 'south', 4, '2026-04-01 00:00+00'),
('single-birch', 'secret', 1000, '2026-03-01 00:00+00');
grant usage on schema run_single_host to yardstick_reader;
grant select on run_single_host.notes to yardstick_reader;
create function run_single_host.totals(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint) language sql stable as $$
    select coalesce(parameters ->> 'level', 'org'), organization_id::text, extract(epoch from period_end - period_start) / 86400, 3
    from generate_series(1, coalesce((parameters ->> 'rows')::integer, 1))
$$;
grant execute on function run_single_host.totals(uuid, timestamptz, timestamptz, jsonb) to yardstick_reader;
select
    yardstick_api.sync_organization('{"external_id": "single-acme", "organization_name": "Acme"}') as acme,
    yardstick_api.register_source('{"name": "single_notes", "relation": "run_single_host.notes", "time_column": "opened_at", "organization_column": "org"}') as notes,
    yardstick_api.register_function('{"name": "totals", "routine": "run_single_host.totals"}') as totals
\gset
create temp table given as select :'acme'::uuid as acme, :'notes'::uuid as notes;

create function pg_temp.run(requests jsonb) returns table (
    request_no integer, aggregation_level text, aggregation_key text, value numeric, sample_size bigint, error_code text, error_message text, is_done boolean
) language sql as $run$
    select r.* from given as g cross join lateral yardstick_engine.run_single(
        g.acme,
        (select jsonb_agg('{"no": 1, "period_start": "2026-03-01T00:00:00+00:00", "period_end": "2026-04-01T00:00:00+00:00"}'::jsonb
            || jsonb_build_object('source_ids', jsonb_build_array(g.notes)) || e.request) from jsonb_array_elements(requests) as e (request))
    ) as r
$run$;
create function pg_temp.said(request jsonb) returns text language sql as $said$
    select string_agg(concat_ws(' ', r.aggregation_level, r.aggregation_key, round(r.value, 2), r.sample_size, r.error_code, r.error_message), ', ' order by r.aggregation_key)
    from pg_temp.run(jsonb_build_array(request)) as r where not r.is_done
$said$;

select results_eq(
    $$select request_no, aggregation_level, aggregation_key, value, sample_size, error_code, error_message, is_done
    from pg_temp.run('[{"query": "select sum(amount) as value, count(*) as sample_size from single_notes"}]')$$,
    $$values (1, 'org', null::text, 7::numeric, 3::bigint, null::text, null::text, false), (1, null, null, null, null, null, null, true)$$,
    'gives the rows of a request, and a row that closes it'
);
select results_eq(
    $$select request_no, is_done from pg_temp.run('[{"query": "select 1 as value"}, {"query": "select 2 as value", "no": 2}]')$$,
    $$values (1, false), (1, true)$$, 'runs the first request alone'
);
select is_empty($$select * from pg_temp.run('[]')$$, 'runs nothing when there is none');
select is(pg_temp.said('{"query": "select 1 as value where false"}'), null, 'gives no rows where there are none');
select is(
    pg_temp.said('{"query": "select department as aggregation_id, sum(amount) as value from single_notes where opened_at >= yardstick.period_start() and opened_at < yardstick.period_end() group by 1"}'),
    'north 1.00, south 2.00', 'reads the rows of the period'
);
select is(pg_temp.said('{"query": "select extract(epoch from yardstick.period_end() - yardstick.period_start()) / 86400 as value", "period_end": "2026-03-02"}'), 'org 1.00', 'knows the bounds of the period');
select is(yardstick.period_start(), null, 'has no period outside');
select is(pg_temp.said('{"query": "select sum(amount) as value from single_notes", "source_ids": []}'), '42P01 relation "single_notes" does not exist', 'shows only the sources that are named');
select is(pg_temp.said('{"query": "select 1 % 0 as value"}'), '22012 division by zero', 'says what went wrong');
select is(pg_temp.said('{"query": "select sum(department::integer) as value from single_notes"}'),
    '22P02 a value could not be read as the number, date or time it is used as', 'and does not quote the row');
select is(pg_temp.said('{"query": "select ''NaN''::numeric as value"}'), '22003 gives NaN or infinity, which is no value', 'refuses what is no number');
select is(pg_temp.said('{"query": "select -1e11 as value"}'), '22003 gives a value of 100000000000 or more, which cannot be stored', 'refuses what is too large');
select is(pg_temp.said('{"query": "select 1 as value, -1 as sample_size"}'), '22003 gives a negative sample_size', 'refuses less than no rows');
select is(pg_temp.said('{"query": "select 1 as value union all select 2"}'), '21000 gives several rows for the same scope; group by aggregation_id', 'refuses two values of the organization');
select is(pg_temp.said('{"query": "select ''a'' as aggregation_id, 1 as value union all select ''a'', 2"}'), '21000 gives several rows for the same scope; group by aggregation_id', 'refuses two values of a scope');
select is(pg_temp.said('{"query": "select null::text as aggregation_id, 1 as value union all select ''a'', 2"}'), 'a 2.00, org 1.00', 'takes the organization beside its departments');
select is(pg_temp.said('{"query": "select g as aggregation_id, 1 as value from generate_series(1, 100001) as g"}'), '54000 gives more than 100000 rows; group by aggregation_id', 'refuses too many rows');
select is(pg_temp.said('{"query": "select null::numeric as value"}'), 'org', 'takes null for a value');
select is(pg_temp.said('{"query": "delete from single_notes"}'), '42601 syntax error at or near "from"', 'runs queries only');
select is(pg_temp.said('{"query": "select lo_create(0)::bigint as value"}') ~ '^(org|25006)', true, 'cannot keep a large object');
select is((select count(*) from pg_largeobject_metadata), 0::bigint, 'which is undone');
select is(pg_temp.said('{"query": "select set_config(''role'', ''postgres'', true) as value"}'), '42501 cannot set parameter "role" within security-definer function', 'leads nowhere');
select is(pg_temp.said('{"query": "select length(set_config(''statement_timeout'', ''1s'', false)) as value"}') || current_setting('statement_timeout'), 'org 2.000', 'leaves no setting behind');

select is(pg_temp.said('{"routine": "run_single_host.totals", "parameters": {}}'), format('org %s 31.00 3', :'acme'), 'calls a function with organization, period and parameters');
select is(pg_temp.said('{"routine": "run_single_host.totals", "parameters": {"level": "planet"}}'), '22023 gives an aggregation_level other than org, dept, team and user', 'refuses a level there is not');
select is(pg_temp.said('{"routine": "run_single_host.totals", "parameters": {"rows": 2}}'), '21000 gives several rows for the same scope; group by aggregation_id', 'refuses two values of a scope of a function');
select is(pg_temp.said('{"routine": "run_single_host.other", "parameters": {}}'), 'YS003 the function is not registered, or not active any more', 'calls no function that nobody has registered');
update yardstick.metric_functions set is_active = false where function_name = 'totals';
select is(pg_temp.said('{"routine": "run_single_host.totals", "parameters": {}}'), 'YS003 the function is not registered, or not active any more', 'calls none that is not active');
update yardstick.metric_sources set is_active = false where source_name = 'single_notes';
select is(pg_temp.said('{"query": "select 1 as value"}'), 'YS003 a source is gone, or not active any more', 'reads no source that is not active');

select ok(to_regclass('pg_temp.single_notes') is null, 'leaves no view behind');
select lives_ok($$create table run_single_host.written (a integer)$$, 'lets the session write again');

select * from finish();
rollback;
