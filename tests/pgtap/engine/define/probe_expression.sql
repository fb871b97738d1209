begin;
select plan(282);

-- What a login can put into its own session beforehand must not change what a fragment means.
create function pg_temp.lower(text) returns text language sql as $$select 'shadow'$$;
create function pg_temp.shadow(integer) returns boolean language sql as $$select true$$;
create operator pg_temp.= (function = int4eq, leftarg = integer, rightarg = integer);
create temp table shadow_table (status text);
create type pg_temp.numeric as enum ('shadow');
create table public.probe_victim (id integer);
create function public.probe_leak() returns integer language sql security definer as $$select 1$$;
grant execute on function public.probe_leak() to public;

create function pg_temp.probe(kind text, fragment text) returns text language sql as $probe$
    select yardstick_engine.probe_expression(
        'here', kind, fragment,
        array['status', 'parts', 'total', 'amount', 'opened_at', 'closed_at', 'due_on', 'started', 'is_open', 'tags', 'unit id', 'lasted'],
        array[
            'text', 'integer', 'bigint', 'numeric', 'timestamp with time zone', 'timestamp with time zone', 'date',
            'timestamp without time zone', 'boolean', 'jsonb', 'uuid', 'interval'
        ]
    )
$probe$;

create temp table attacks (kind text, fragment text);
insert into attacks values
-- rights, settings, the session
('value', 'set_config(''role'', ''yardstick_owner'', true)'),
('value', 'set_config(''yardstick.context'', ''x'', false)'),
('value', 'current_setting(''data_directory'')'),
('value', 'current_user::text'),
('value', 'session_user::text'),
('value', 'user::text'),
('value', 'current_role::text'),
('value', 'current_catalog::text'),
('value', 'current_schema()::text'),
('value', 'inet_server_addr()::text'),
('number', 'pg_backend_pid()'),
('value', 'version()'),
('filter', 'pg_cancel_backend(1)'),
('filter', 'pg_terminate_backend(1)'),
('filter', 'pg_reload_conf()'),
('filter', 'has_table_privilege(''yardstick.login_bindings'', ''select'')'),
-- catalogs, other tables, files
('number', '(select 1)'),
('number', '(select count(*) from pg_catalog.pg_class)'),
('number', '(select max(id) from public.probe_victim)'),
('filter', 'exists (select from yardstick.login_bindings)'),
('filter', 'status in (select rolname from pg_roles)'),
('filter', 'parts = any (array(select 1))'),
('number', '1) from pg_class --'),
('number', '1) from pg_class as c, (select 1'),
('number', '1) as yardstick_expression, (2'),
('number', '1) as a, (parts'),
('number', '1) union select (2'),
('number', '1) as yardstick_expression from (select null::text as status) as source, (select) as alone union select (2'),
('number', '1) as x from pg_class where (true'),
('number', '1) as yardstick_expression from pg_class as source --'),
('number', 'parts) as yardstick_expression from shadow_table /*'),
('value', 'source'),
('value', 'source::text'),
('value', 'row(parts)::text'),
('value', 'source.*'),
('value', 'query_to_xml(''select 1'', true, true, '''')::text'),
('value', 'table_to_xml(''pg_class'', true, true, '''')::text'),
('value', 'pg_read_file(''/etc/passwd'')'),
('value', 'pg_ls_dir(''/'')::text'),
('value', 'pg_get_viewdef(1)'),
('value', 'obj_description(1, ''pg_class'')'),
('value', '''pg_class''::regclass'),
('filter', '''pg_class''::regclass is not null'),
('number', '''pg_class''::regclass::oid::bigint'),
('filter', '''yardstick_owner''::regrole is not null'),
('filter', 'to_regclass(''pg_class'') is null'),
-- large objects, locks, messages, the log of changes, other servers
('number', 'lo_creat(1)::bigint'),
('number', 'lo_from_bytea(0, ''x'')::bigint'),
('number', 'lo_import(''/etc/passwd'')::bigint'),
('value', 'pg_advisory_lock(1)::text'),
('filter', 'pg_try_advisory_lock(1)'),
('value', 'pg_notify(''a'', ''b'')::text'),
('value', 'pg_logical_emit_message(false, ''a'', ''b'')::text'),
('value', 'pg_export_snapshot()'),
('value', 'txid_current()'),
('number', 'nextval(''yardstick.x'')'),
('value', 'dblink(''dbname=x'', ''select 1'')::text'),
('value', 'public.probe_leak()'),
('value', 'setseed(0)::text'),
('value', 'random()'),
('value', 'gen_random_uuid()'),
('value', 'pg_sleep(1)::text'),
-- more than one statement
('number', '1; drop table public.probe_victim'),
('number', '1); drop table public.probe_victim; --'),
('number', '1;'),
('number', 'parts --' || chr(13) || '); drop table public.probe_victim; --'),
('number', '$a$x$a$); drop table public.probe_victim; --'),
('value', '''a'' || $$;$$'),
('value', 'E''a\'' ; drop table public.probe_victim; --'''),
('value', '/* '' */ 1); drop table public.probe_victim; -- '''),
('number', 'parts /* ; */'),
('value', 'U&''\0061'' || U&"\0070arts"; select 1'),
-- shapes that are no expression of one row
('number', 'count(*)'),
('number', 'sum(parts)'),
('number', 'max(parts) filter (where is_open)'),
('number', 'sum(parts) over ()'),
('number', 'row_number() over ()'),
('number', 'generate_series(1, 3)'),
('number', 'unnest(array[1, 2])'),
('value', 'regexp_split_to_table(status, '','')'),
('number', 'grouping(parts)'),
('number', 'parts limit 1'),
('number', '$1'),
('number', 'parts, total'),
('number', 'distinct parts'),
('number', '*'),
('number', 'parts group by 1'),
-- bombs
('number', 'length(repeat(status, 1000000000))'),
('number', 'length(lpad(status, 1000000000))'),
('number', 'length(rpad(status, 1000000000))'),
('number', 'length(replace(replace(status, ''a'', ''aaaaaaaaaa''), ''a'', ''aaaaaaaaaa''))'),
('filter', 'status ~ ''(a*)*b'''),
('filter', 'status similar to ''(a|b)*'''),
('value', 'regexp_replace(status, ''a'', ''b'')'),
('number', 'factorial(100000)'),
('value', 'xpath(''//a'', status::xml)::text'),
('value', '''<a/>''::xml::text'),
('value', 'xmlelement(name a, status)::text'),
('value', 'json_build_object(''a'', status)::text'),
('value', 'jsonb_build_object(''a'', status)'),
('value', 'to_jsonb(status)'),
('value', 'tags || tags'),
('value', 'string_to_array(status, '','')'),
('value', 'array_fill(1, array[100000000])'),
('value', 'format(''%1000000000s'', status)'),
('value', 'concat(status, now())'),
('value', 'encode(convert_to(status, ''UTF8''), ''hex'')'),
('number', repeat('parts + ', 2600) || 'parts'),
-- spellings, shadows
('filter', 'pg_temp.shadow(parts)'),
('filter', 'parts operator(pg_temp.=) 1'),
('value', '1::pg_temp.numeric'),
('value', '''shadow''::pg_temp.numeric'),
('value', '"set_config"(''role'', ''x'', true)'),
('value', 'U&"set_\0063onfig"(''role'', ''x'', true)'),
('value', 'pg_catalog.set_config(''role'', ''x'', true)'),
('value', 'status.upper'),
('value', '(status).set_config'),
('value', 'tableoid'),
('value', 'ctid'),
('value', 'status collate "en_US"'),
('value', 'overlay(status placing ''x'' from 1)'),
('filter', 'status = ''a'' collate "C"'),
-- the clock and the session's time zone
('filter', 'opened_at < now()'),
('filter', 'opened_at < current_timestamp'),
('filter', 'due_on < current_date'),
('filter', 'started < localtimestamp'),
('filter', 'opened_at < clock_timestamp()'),
('filter', 'opened_at < statement_timestamp()'),
('value', 'timeofday()'),
('filter', 'closed_at::date > due_on'),
('filter', 'closed_at > due_on'),
('filter', 'closed_at > started'),
('value', 'date_trunc(''day'', closed_at)'),
('value', 'closed_at::text'),
('value', 'closed_at::timestamp'),
('value', 'started::timestamptz'),
('value', 'closed_at::time'),
('value', 'to_char(closed_at, ''YYYY'')'),
('number', 'extract(hour from closed_at)'),
('number', 'date_part(''hour'', started)'),
('number', 'age(closed_at, opened_at)'),
('filter', 'closed_at > opened_at + interval ''3 days'''),
('filter', 'closed_at > opened_at + interval ''1 month'''),
('filter', 'closed_at > opened_at + lasted'),
('filter', 'closed_at - interval ''1 day'' > opened_at'),
('value', 'due_on::text'),
('value', 'status::date'),
('value', 'status::timestamptz'),
('value', 'lasted::text'),
('value', 'status::interval'),
-- arithmetic that surprises
('number', 'parts / 2'),
('number', 'total / parts'),
('number', 'amount::float8'),
('number', 'parts::double precision'),
('number', 'sqrt(parts)'),
('number', 'amount ^ 0.5::float8'),
('number', 'ceil(parts)'),
('number', '1e100000'),
-- the wrong kind
('filter', 'parts'),
('filter', 'status'),
('number', 'is_open'),
('number', 'status'),
('number', 'closed_at - opened_at'),
('filter', 'null'),
('filter', ''),
('filter', '   ' || chr(10)),
('filter', '-- nothing'),
('filter', 'missing = 1'),
('filter', 'is_open and'),
('filter', '(is_open'),
('filter', 'is_open)'),
('filter', 'yardstick_expression'),
('filter', 'alone is null');

select throws_ok(
    format('select pg_temp.probe(%L, %L)', attacks.kind, attacks.fragment), 'YS002', null,
    format('refuses the %s %s', attacks.kind, left(replace(attacks.fragment, chr(13), '\r'), 90))
)
from attacks;

select ok(to_regclass('public.probe_victim') is not null, 'leaves the tables it was shown alone');
select is((select count(*) from pg_locks as l where l.locktype = 'advisory' and l.pid = pg_backend_pid()), 0::bigint, 'takes no lock for a fragment');
select is((select count(*) from pg_largeobject_metadata), 0::bigint, 'makes no large object for a fragment');
select ok(to_regclass('pg_temp.yardstick_probe') is null, 'leaves no view behind');
select is(current_setting('search_path'), (select reset_val from pg_settings where name = 'search_path'), 'leaves the search path as it was');

create temp table controls (kind text, fragment text, canonical text);
insert into controls values
('filter', 'status = ''drop table users; --''', '(source.status = ''drop table users; --''::text)'),
('filter', 'status = ''closed'' -- drop table; select pg_sleep(1)', '(source.status = ''closed''::text)'),
('filter', 'status <> ''select set_config from pg_class''', '(source.status <> ''select set_config from pg_class''::text)'),
('filter', 'status = ''it''''s''', '(source.status = ''it''''s''::text)'),
('filter', 'status in (''a'', ''b'')', '(source.status = ANY (ARRAY[''a''::text, ''b''::text]))'),
('filter', 'status not like ''A%'' and lower(btrim(status)) <> ''x''', null),
('filter', 'is_open', 'source.is_open'),
('filter', 'not is_open or parts is null', '((NOT source.is_open) OR (source.parts IS NULL))'),
('filter', 'is_open is not true', '(source.is_open IS NOT TRUE)'),
('filter', 'closed_at <= opened_at + interval ''72 hours''', null),
('filter', 'closed_at between opened_at and ''2026-01-01''', null),
('filter', '(closed_at at time zone ''Europe/Paris'')::date <= due_on', null),
('filter', 'date_trunc(''day'', closed_at, ''Europe/Paris'') = closed_at', null),
('filter', '(opened_at at time zone ''Europe/Paris'' + interval ''3 days'') at time zone ''Europe/Paris'' > closed_at', null),
('filter', 'extract(isodow from started) in (6, 7)', null),
('filter', 'due_on - 7 > date ''2026-01-01''', null),
('filter', 'tags ->> ''kind'' = ''major''', '((source.tags ->> ''kind''::text) = ''major''::text)'),
('filter', 'tags @> ''{"a": 1}''', null),
('filter', '"unit id" = ''00000000-0000-0000-0000-000000000000''', null),
('filter', 'status is distinct from ''a''', null),
('filter', 'pg_catalog.upper(source.status) = ''A''', '(upper(source.status) = ''A''::text)'),
('filter', 'status = U&''\0041''', '(source.status = ''A''::text)'),
('number', 'parts', 'source.parts'),
('number', '1.0 * parts / total', '((1.0 * (source.parts)::numeric) OPERATOR(yardstick_engine./) (source.total)::numeric)'),
('number', 'amount / nullif(parts, 0)', null),
('number', 'coalesce(amount, 0) * 1.2 - parts % 2', null),
('number', 'case when is_open then 1 else 0 end', null),
('number', 'case status when ''a'' then amount when ''b'' then -amount end', null),
('number', 'greatest(parts, 0) + least(total, 10)', null),
('number', 'round(amount, 2) + abs(parts) + power(amount, 2)', null),
('number', 'extract(epoch from closed_at - opened_at) / 3600', null),
('number', 'due_on - date ''2026-01-01''', null),
('number', 'length(status) + status::integer', null),
('number', '(tags ->> ''weight'')::numeric', null),
('number', 'amount::numeric(10, 2)', null),
('value', 'closed_at', 'source.closed_at'),
('value', 'left(status, 3) || ''-'' || parts::text', null),
('formula', '100.0 * parts / total', null);

select lives_ok(
    format('select pg_temp.probe(%L, %L)', controls.kind, controls.fragment),
    format('accepts the %s %s', controls.kind, controls.fragment)
)
from controls;

select is(pg_temp.probe(controls.kind, controls.fragment), controls.canonical, format('writes %s in full', controls.fragment))
from controls
where controls.canonical is not null;

-- What was written out means the same when it is read again.
select is(
    pg_temp.probe(controls.kind, pg_temp.probe(controls.kind, controls.fragment)), pg_temp.probe(controls.kind, controls.fragment),
    format('reads its own text of %s', controls.fragment)
)
from controls;

select is(pg_temp.probe('formula', 'amount / parts'), '(measures.amount OPERATOR(yardstick_engine./) (measures.parts)::numeric)', 'calls measures measures');
select matches(pg_temp.probe('number', 'lower(status)::integer'), 'lower\(source.status\)', 'sees no function of the session');
select throws_like($$select pg_temp.probe('number', 'parts / 2')$$, 'here: divides integers, which truncates%write 1.0 * a / b', 'says how to divide integers');
select throws_like($$select pg_temp.probe('filter', 'closed_at::date = due_on')$$, 'here: %at time zone ''Europe/Paris''%', 'says how to name the zone');
select throws_like($$select pg_temp.probe('filter', 'missing')$$, 'here: %the columns are status, parts, %', 'names the columns there are');
select is(pg_temp.probe('filter', 'opened_at > ''2026-01-01'''), '(source.opened_at > ''2026-01-01 00:00:00+00''::timestamp with time zone)', 'reads a time without a zone as UTC');
set local timezone = 'Asia/Tokyo';
set local datestyle = 'German, DMY';
set local quote_all_identifiers = on;
set local transform_null_equals = on;
set local standard_conforming_strings = off;
select is(pg_temp.probe('filter', 'status = null'), '(source.status = NULL::text)', 'reads a comparison with null as the standard does');
select is(
    pg_temp.probe('filter', 'opened_at > ''2026-02-01'' and due_on > ''2026-02-03'''),
    '((source.opened_at > ''2026-02-01 00:00:00+00''::timestamp with time zone) AND (source.due_on > ''2026-02-03''::date))',
    'reads it so whatever the session''s settings are'
);
set local standard_conforming_strings = on;
select is(yardstick_engine.probe_self_test(), true, 'passes its own test');
select is_empty(
    $$select f from unnest(yardstick_engine.allowed_functions()) as f where to_regprocedure('pg_catalog.' || f) is null$$,
    'allows only functions that this server has'
);
select is_empty(
    $$select f from unnest(yardstick_engine.allowed_functions()) as f
    inner join pg_proc as p on p.oid = to_regprocedure('pg_catalog.' || f)
    where p.provolatile = 'v' or p.proretset or p.prokind <> 'f'$$,
    'allows no function that changes anything or gives several rows'
);
select is(
    (select array_agg(n.rolname order by n.rolname) from pg_proc as p inner join pg_roles as n on p.proowner = n.oid
    where p.oid = 'yardstick_engine.probe_expression'::regproc),
    array['yardstick_formula']::name[], 'belongs to the role without rights'
);
select is((select yardstick_engine.divide(1, 0)), null, 'divides by zero into null');
select is((select yardstick_engine.divide(7, 2)), 3.5, 'divides the rest as the server does');

select * from finish();
rollback;
