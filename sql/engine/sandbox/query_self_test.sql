-- Run when it is loaded: a server whose answers are not understood must not accept queries by accident.
create or replace function yardstick_engine.query_self_test()
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $query_self_test$
declare
    sources   constant jsonb := '[{"name": "self_test", "columns": [["status", "text"], ["amount", "numeric"], ["parts", "integer"]]}]';
    query     text;
    answer    jsonb;
    is_closed boolean;
begin
    answer := yardstick_engine.probe_select(
        'self-test',
        'with done as (select parts, 1.0 * amount / parts as share from self_test where upper(status) = ''A'') '
        'select percentile_disc(0.5) within group (order by d.share) as value, count(*) as sample_size '
        'from done as d where d.parts in (select parts from self_test)',
        sources
    );
    if answer ->> 'query' !~ '\(1\.0 \* self_test\.amount\) OPERATOR\(yardstick_engine\./\) \(self_test\.parts\)::numeric'
        or answer -> 'uses' <> '{"self_test": ["amount", "parts", "status"]}'
    then
        raise exception using errcode = 'YS002', message = 'the check of queries does not understand this server';
    end if;
    foreach query in array array[
        'select count(*) from pg_class', 'select pg_backend_pid()', 'select ''pg_class''::regclass::oid::int', 'select current_user',
        'select count(*) from generate_series(1, 9)', 'select count(*) from self_test tablesample system (1)',
        'with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r',
        'select max(parts) from (select parts from self_test for update) as s', 'select cardinality(array(select parts from self_test))',
        'select length(string_agg(status, '''')) from self_test', 'select sum(1.5::float8) from self_test',
        'with a as not materialized (select 1 as n) select n from a', 'select xmlelement(name a)', 'select 1; select 2'
    ] loop
        is_closed := false;
        begin
            perform yardstick_engine.probe_select('self-test', query, sources);
        exception when sqlstate 'YS002' then
            is_closed := true;
        end;
        if not is_closed then
            raise exception using errcode = 'YS002', message = format('the check of queries let %s through', query);
        end if;
    end loop;
    return true;
end
$query_self_test$;

comment on function yardstick_engine.query_self_test() is
'True when the check of queries accepts what it must and refuses what it must; raises YS002 otherwise.';

do $self_test$
begin
    perform yardstick_engine.query_self_test();
end
$self_test$;
