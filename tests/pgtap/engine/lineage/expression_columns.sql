begin;
select plan(7);

create function pg_temp.columns_of(expression text)
returns text
language sql
as $columns_of$
    select string_agg(c.column_name, ', ' order by c.column_name) from yardstick_engine.expression_columns(columns_of.expression) as c
$columns_of$;

select is(pg_temp.columns_of('((source.status <> ''void''::text)) AND ((source.closed_at <= source.due_at))'), 'closed_at, due_at, status', 'finds each column once');
select is(pg_temp.columns_of('source."Due at" > source."a""b" AND source."it''s" = source."source.x"'), 'Due at, a"b, it''s, source.x', 'reads quoted names');
select is(pg_temp.columns_of('(source.a = ''source.b, it''''s "source.c''::text)'), 'a', 'passes over what literals hold');
select is(pg_temp.columns_of('(source.a = E''\\''''source.b'')'), 'a', 'passes over escaped literals');
select is(pg_temp.columns_of('resource.a + sources.b + "source.c"'), null, 'takes nothing else for a source');
select is(pg_temp.columns_of('((source.data ->> ''key''::text) = source.list[1])'), 'data, list', 'stops at operators');
select is(pg_temp.columns_of(null), null, 'finds nothing in nothing');

select * from finish();
rollback;
