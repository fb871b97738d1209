begin;
\ir ../../two_organizations.psql

select plan(7);

select pg_temp.as_login('tap_dba', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "calculation_method": "aggregation", "time_windows": ["daily", "weekly"],
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "sum"}}}}')
$$) \g /dev/null
select yardstick.ensure_year_partitions('yardstick.metric_partials', '2026-01-01', '2026-12-31') \g /dev/null
-- Three departments: the second also counts in the first; the sum of the third is that of no value.
create temp table series as
with inserted as (
    insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
    select :'acme', (select m.id from yardstick.metric_measures as m where m.measure_key = 'tap_cost'), 'own', gen_random_uuid()
    from generate_series(1, 3)
    returning series_id
)

select i.series_id, row_number() over (order by i.series_id)::integer as department from inserted as i;
insert into yardstick.metric_partials (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
select k.period_type, s.series_id, k.period_start, :'acme', k.row_count, k.value_sum, k.value_sum, k.value_sum
from (values
    (1, 1, date '2026-03-02', 1, 1.50), (1, 1, '2026-03-03', 2, 2.25), (1, 2, '2026-03-03', 3, 4.125), (1, 3, '2026-03-03', 5, null),
    (1, 1, '2026-03-05', 1, 100), (2, 1, '2026-03-02', 3, 3.75), (2, 1, '2026-03-09', 1, 7),
    -- Left from when weeks began on Sunday.
    (2, 1, '2026-03-08', 9, 9)
) as k (period_type, department, period_start, row_count, value_sum)
inner join series as s on s.department = k.department;

-- Weeks begin on Monday. Department 1 is scope 1, 2 is scope 2, 3 is scope 3.
create function pg_temp.states(period_type integer, low date, high date, is_filled boolean, has_extremes boolean, touched date[])
returns setof text
language plpgsql
as $states$
begin
    return query execute replace(replace(
        $text$with member as (
            select s.series_id, 7 as measure_no, 1::bigint as organization_no, 1 as week_start, d.scope_no, d.is_alone
            from series as s
            inner join (values (1, 1, false), (2, 1, false), (2, 2, true), (3, 3, true)) as d (department, scope_no, is_alone) on d.department = s.department
        ),
        period_bounds as (
            select
                1::bigint as organization_no, t.period_start,
                (1::bigint << 24) | (case when $2 = 1 then t.period_start - $6 + 1 else (t.period_start - $6) / 7 + 1 end) as period_no
            from unnest($3) as t (period_start)
        ),$text$
        || rtrim(yardstick_engine.whole_states_text(states.period_type, 'state', states.is_filled, states.has_extremes), ',')
        || $text$
        select concat_ws(' ', s.scope_no, s.period_no - (1::bigint << 24), s.row_count, coalesce(s.value_sum::text, '-'), s.value_min, s.value_max)
        from state as s
        order by s.scope_no, s.period_no$text$,
        '$6', '$1'
    ), '$7', '$4')
    using states.low, states.period_type, states.touched, states.high;
end
$states$;

select results_eq(
    $$select pg_temp.states(1, '2026-03-02', '2026-03-05', true, false, null)$$,
    $$values ('1 1 1 1.50'), ('1 2 5 6.375'), ('1 4 1 100'), ('2 2 3 4.125'), ('3 2 5 -')$$,
    'adds up the days of a scope, and reads those of a series as they are'
);
select results_eq(
    $$select pg_temp.states(1, '2026-03-02', '2026-03-03', true, true, null)$$,
    $$values ('1 1 1 1.50 1.50 1.50'), ('1 2 5 6.375 2.25 4.125'), ('2 2 3 4.125 4.125 4.125'), ('3 2 5 -')$$,
    'compares them where smallest and largest are asked for'
);
select results_eq(
    $$select pg_temp.states(1, '2026-03-02', '2026-03-05', false, false, array[date '2026-03-02', '2026-03-05'])$$,
    $$values ('1 1 1 1.50'), ('1 4 1 100')$$, 'leaves out days between that are not touched'
);
select results_eq(
    $$select pg_temp.states(2, '2026-03-02', '2026-03-09', true, false, null)$$,
    $$values ('1 1 3 3.75'), ('1 2 1 7')$$, 'leaves out weeks that began on another day'
);
select results_eq(
    $$select pg_temp.states(2, '2026-03-02', '2026-03-09', false, false, array[date '2026-03-09'])$$,
    $$values ('1 2 1 7')$$, 'leaves out weeks between that are not touched'
);
select is_empty($$select pg_temp.states(2, '2026-03-16', '2026-03-23', true, false, null)$$, 'finds nothing where nothing is');
select is_empty($$select pg_temp.states(1, '2026-03-08', '2026-03-09', true, false, null)$$, 'keeps windows apart');

select * from finish();
rollback;
