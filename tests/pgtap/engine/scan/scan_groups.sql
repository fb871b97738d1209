begin;
select plan(5);

insert into yardstick.metric_sources (source_name, relation, time_column, key_column)
values ('grouped', 'host.grouped', 'happened_at', 'kind') returning id as source \gset
create function pg_temp.groups(shapes text[]) returns setof text language sql as $groups$
    select string_agg(concat_ws(' ', m.state_kind, m.measure_key, m.filter, m.expression), ', ' order by m.state_kind, m.measure_key, m.filter, m.expression)
    from yardstick_engine.scan_groups(array(
        select f.id from yardstick.metric_measures as f where concat_ws(' ', f.state_kind, f.measure_key, f.filter, f.expression) = any(groups.shapes)
    )) as g
    inner join yardstick.metric_measures as m on m.id = any(g.measure_ids)
    group by g.measure_ids order by 1
$groups$;
select yardstick_engine.keep_measure(null, :'source', k.measure_key, k.filter, k.expression, k.state_kind)
from (values
    ('a', null, 'x', 'sums'), ('b', null, 'x', 'list'), ('b', 'y > 1', 'x', 'list'), ('a', null, 'x', 'ends'), ('a', null, 'x', 'digest'),
    (null, null, 'x', 'sums'), (null, null, 'x', 'list'), (null, null, 'x', 'distinct')
) as k (measure_key, filter, expression, state_kind)
\g /dev/null
select yardstick_engine.keep_measure(null, :'source', null, 'y > ' || n, 'x', 'sums') from generate_series(1, 9) as n \g /dev/null

select results_eq(
    $$select pg_temp.groups(array['sums a x', 'list b x', 'list b y > 1 x'])$$, array['list b x, sums a x', 'list b y > 1 x'],
    'it keeps a list with sums of the same values, whatever their keys, and another apart'
);
select results_eq(
    $$select pg_temp.groups(array['sums a x', 'ends a x', 'digest a x', 'distinct x'])$$, array['digest a x, ends a x', 'distinct x', 'sums a x'],
    'it keeps other states apart, and those of any key from those of keys'
);
select results_eq($$select pg_temp.groups(array['sums x', 'list x'])$$, array['list x, sums x'], 'it keeps a list of any key with sums of any key');
select results_eq(
    $$select pg_temp.groups(array['sums x', 'list x', 'sums a x'])$$, array['list x', 'sums a x, sums x'],
    'it does not where rows are grouped by key'
);
select is(
    (select count(*) from pg_temp.groups(array['sums x', 'list x'] || array(select format('sums y > %s x', n) from generate_series(1, 8) as n))), 2::bigint,
    'nor beside many conditions'
);

select * from finish();
rollback;
