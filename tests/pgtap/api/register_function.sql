begin;
select plan(25);

create schema register_function_host;
create function register_function_host.totals(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
language sql as $$select 'org', organization_id::text, 1::numeric, 1::bigint$$;
create type register_function_host.shape as (aggregation_level text, aggregation_id uuid, value integer, sample_size integer);
create function register_function_host.shaped(uuid, timestamptz, timestamptz, jsonb)
returns setof register_function_host.shape language sql as $$select 'org', $1, 1, 1$$;
create function register_function_host."Odd ""Name"(uuid, timestamptz, timestamptz, jsonb)
returns setof register_function_host.shape language sql as $$select 'org', $1, 1, 1$$;
create function register_function_host.single(uuid, timestamptz, timestamptz, jsonb)
returns register_function_host.shape language sql as $$select 'org', $1, 1, 1$$;
create function register_function_host.two(organization_id uuid, period_start timestamptz)
returns integer language sql as $$select 1$$;
create function register_function_host.floating(uuid, timestamptz, timestamptz, jsonb)
returns table (aggregation_level text, aggregation_id text, value float8, sample_size bigint) language sql as $$select 'org', '', 1.0::float8, 1$$;
create function register_function_host.nothing(uuid, timestamptz, timestamptz, jsonb) returns void language sql as $$select$$;
create procedure register_function_host.called(uuid, timestamptz, timestamptz, jsonb) language sql as $$select$$;
revoke execute on all functions in schema register_function_host from public;

create function pg_temp.refusal(given jsonb) returns text language plpgsql as $refusal$
begin
    perform yardstick_api.register_function(given);
    return 'accepted';
exception when others then
    return sqlstate || ' ' || sqlerrm;
end
$refusal$;
create temp table base as select '{"name": "totals", "routine": "register_function_host.totals"}'::jsonb as given;

select is(
    (select pg_temp.refusal(given) from base),
    'YS008 routine: yardstick_reader cannot call register_function_host.totals; type: grant usage on schema register_function_host to yardstick_reader; '
    'grant execute on function register_function_host.totals(uuid, timestamp with time zone, timestamp with time zone, jsonb) to yardstick_reader;',
    'says which rights are missing'
);
grant usage on schema register_function_host to yardstick_reader;
grant execute on function register_function_host.totals(uuid, timestamp with time zone, timestamp with time zone, jsonb) to yardstick_reader;
create temp table made as select yardstick_api.register_function(given) as function_id from base;
select results_eq(
    $$select organization_id, function_name, routine, created_by, is_active from yardstick.metric_functions where id = (select function_id from made)$$,
    $$values (null::uuid, 'totals', 'register_function_host.totals', null::uuid, true)$$,
    'takes it for the whole platform once they are given'
);
select is((select yardstick_api.register_function(given) from base), (select function_id from made), 'gives the same id for the same name');
grant execute on all functions in schema register_function_host to yardstick_reader;
select is(pg_temp.refusal('{"name": "shaped", "routine": "register_function_host.shaped"}'), 'accepted', 'takes a row type, and other whole numbers');
select is(pg_temp.refusal('{"name": "odd", "routine": "register_function_host.\"Odd \"\"Name\""}'), 'accepted', 'takes any name that is quoted');
select is(
    (select f.routine from yardstick.metric_functions as f where f.function_name = 'odd'), 'register_function_host."Odd ""Name"', 'keeps it quoted'
);

select ok(
    starts_with(refused.message, malformed.expected),
    format('refuses %s, naming the key; said: %s', malformed.change, left(refused.message, 200))
)
from (
    values
    ('{"name": "Totals!"}'::jsonb, 'YS001 name:'), ('{"name": null}', 'YS001 name:'), ('{"routine": null}', 'YS001 routine:'),
    ('{"owner": 1}', 'YS001 owner:'), ('{"routine": "totals"}', 'YS001 routine:'), ('{"routine": "a.b.c"}', 'YS001 routine:'),
    ('{"routine": "pg_catalog.now"}', 'YS001 routine:'), ('{"routine": "yardstick_engine.open_sandbox"}', 'YS001 routine:'),
    ('{"routine": "register_function_host.missing"}', 'YS003 routine:'),
    ('{"routine": "register_function_host.totals(); drop table x"}', 'YS001 routine:'),
    ('{"routine": "register_function_host.two"}', 'YS001 routine: register_function_host.two(organization_id uuid, period_start timestamp'),
    ('{"routine": "register_function_host.single"}', 'YS001 routine:'), ('{"routine": "register_function_host.floating"}', 'YS001 routine:'),
    ('{"routine": "register_function_host.nothing"}', 'YS001 routine:'), ('{"routine": "register_function_host.called"}', 'YS001 routine:')
) as malformed (change, expected)
cross join base
cross join lateral (select pg_temp.refusal(base.given || malformed.change) as message offset 0) as refused;
select matches(
    pg_temp.refusal('{"name": "two", "routine": "register_function_host.two"}'),
    'parameters jsonb\) returns table \(aggregation_level text, aggregation_id text, value numeric, sample_size bigint\)$', 'shows the signature it needs'
);
select matches(
    pg_temp.refusal('{"name": "floating", "routine": "register_function_host.floating"}'), 'a fitting column value;', 'names the column that does not fit'
);

select lives_ok($$select yardstick_api.use_organization(yardstick_api.sync_organization('{"external_id": "register-acme", "organization_name": "Acme"}'), null)$$, 'chooses an organization');
select isnt((select yardstick_api.register_function(given) from base), (select function_id from made), 'makes its own for an organization');

select * from finish();
rollback;
