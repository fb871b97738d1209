begin;
\ir ../../two_organizations.psql

select plan(6);

\set source '00000000-0000-4000-8000-00000000000a'
\set one '00000000-0000-4000-8000-000000000001'
\set two '00000000-0000-4000-8000-000000000002'

insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
values
    (:'acme', :'source', 'day', array[:'one', :'two']::uuid[], 1, '2026-02-02', '2026-02-01'),
    (:'acme', :'source', 'day', null, 1, '2026-02-10', '2026-02-01'),
    (:'acme', :'source', 'day', null, 1, '2026-02-20', '2026-02-01'),
    (:'acme', :'source', 'day', null, 2, '2026-01-26', '2026-02-01'),
    (:'acme', :'source', 'day', null, 3, '2026-02-01', '2026-02-01'),
    (:'acme', :'source', 'day', null, 3, '2026-03-01', '2026-03-01');

create function pg_temp.measures(period_type integer, period_start date)
returns setof text
language sql
as $measures$
    select d.measure_ids::text
    from yardstick.metric_dirty as d
    where d.source_id = '00000000-0000-4000-8000-00000000000a' and d.period_type = $1 and d.period_start = $2
    order by 1
$measures$;

select yardstick_engine.leave_failing(:'source', 'day', '{2026-02-01}', '{[2026-02-09,2026-02-16)}', array[:'one']::uuid[]);

select results_eq(
    'select pg_temp.measures(1, ''2026-02-10'')', format('values (%L)', format('{%s,%s}', :'one', :'two')), 'names the measures of a day that failed'
);
select results_eq('select pg_temp.measures(1, ''2026-02-20'')', 'values (null::text)', 'leaves other days as they are');
select results_eq('select pg_temp.measures(3, ''2026-03-01'')', 'values (null::text)', 'leaves other slices as they are');
select results_eq('select pg_temp.measures(2, ''2026-01-26'')', 'values (null::text)', 'leaves a week that did not fail as it is');
select results_eq(
    'select pg_temp.measures(3, ''2026-02-01'')', format('values (%L), (%L)', format('{%s,%s}', :'one', :'two'), format('{%s}', :'one')),
    'names those of a month that holds such a day, and those of a week that ends in it'
);
select is(
    (select count(*)::integer from yardstick.metric_dirty as d where d.source_id = :'source'), 7, 'adds nothing else'
);

select * from finish();
rollback;
