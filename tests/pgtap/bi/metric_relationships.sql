begin;
\ir ../two_organizations.psql
select plan(17);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources, time_windows, aggregation_levels)
values
(:'acme', 'scrap', 'Scrap', 'manual', '{}', '{annual,monthly,daily}', '{org,dept}'), (:'acme', 'training', 'Training', 'manual', '{}', '{monthly,quarterly,annual}', '{org}'),
(:'acme', 'flat', 'Flat', 'manual', '{}', '{monthly}', '{org}'), (:'acme', 'short', 'Short', 'manual', '{}', '{monthly}', '{org}'),
(:'acme', 'teams', 'Teams', 'manual', '{}', '{monthly}', '{team}'), (:'acme', 'days', 'Days', 'manual', '{}', '{daily}', '{org}'),
(null, 'p', 'P', 'manual', '{}', '{monthly,quarterly}', '{org}'), (null, 'q', 'Q', 'manual', '{}', '{quarterly}', '{org}'),
(:'birch', 'b', 'B', 'manual', '{}', '{monthly}', '{org}');

select yardstick.ensure_year_partitions('metric_calculations', '2019-12-01', current_date + 100) \g /dev/null
-- 50 finished months and the one that runs, with an r that is neither 1 nor the same at another lag.
create temp table months as
select n, (date_trunc('month', now() at time zone 'Europe/Berlin') - make_interval(months => n)) as starts,
    (((n * 7919) % 101) + n)::numeric as cause
from generate_series(0, 50) as n;
create function pg_temp.say(organization uuid, metric text, time_window text, starts timestamp, months integer, metric_value numeric, level text default 'org')
returns void
language sql
as $say$
    insert into yardstick.metric_calculations (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
        calculation_status, metric_version, calculation_timestamp
    )
    select
        o.id, d.id, level, o.id, say.time_window, say.starts at time zone o.timezone, (say.starts + make_interval(months => months)) at time zone o.timezone, say.metric_value,
        case when say.metric_value is null then 'warning' else 'success' end, 1, now()
    from yardstick.organizations as o, yardstick.metric_definitions as d
    where o.id = organization and d.metric_name = metric
$say$;
-- Scrap follows training two months later, with a disturbance; month 5 has no training, month 10 no value.
select pg_temp.say(:'acme', 'training', 'monthly', m.starts, 1, case when m.n <> 10 then m.cause end) from months as m where m.n <> 5 \g /dev/null
select pg_temp.say(:'acme', 'scrap', 'monthly', m.starts, 1, 100 - e.cause + (m.n % 7) * 3.25)
from months as m inner join months as e on e.n = m.n + 2 \g /dev/null
select pg_temp.say(:'acme', 'flat', 'monthly', m.starts, 1, 3) from months as m \g /dev/null
select pg_temp.say(:'acme', 'short', 'monthly', m.starts, 1, m.cause * 2 + 1) from months as m where m.n between 1 and 8 \g /dev/null

create function pg_temp.relate(parent text, child text, lag integer, kind text default 'correlates_with')
returns void
language sql
as $relate$
    select pg_temp.call('tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'),
        format('select yardstick_api.relate_metrics(%L, %L, %L, 0.5, %s)', parent, child, kind, lag))
$relate$;
select pg_temp.relate('scrap', 'training', 2), pg_temp.relate('training', 'scrap', 0), pg_temp.relate('scrap', 'flat', 0),
    pg_temp.relate('short', 'training', 0), pg_temp.relate('flat', 'days', 0), pg_temp.relate('short', 'teams', 0), pg_temp.relate('short', 'scrap', 0, 'depends_on') \g /dev/null

create function pg_temp.seen(login text, parent text, child text, what text)
returns text
language sql
as $seen$
    select pg_temp.as_login(login, format(
        'select %s from yardstick_bi.metric_relationships as r where r.parent_metric_name = %L and r.child_metric_name = %L', what, parent, child
    ))
$seen$;

select is(
    pg_temp.seen('tap_acme_bi', 'scrap', 'training', 'r.correlation'),
    (
        select round(corr(p.x, p.y)::numeric, 6)::float8::text
        from (
            select 100 - e.cause + (m.n % 7) * 3.25 as x, e.cause as y
            from months as m inner join months as e on e.n = m.n + 2
            where m.n >= 1 and e.n not in (5, 10)
            order by m.n
            limit 36
        ) as p
    ),
    'correlates the parent with the child so many periods before'
);
select is(
    pg_temp.seen('tap_acme_bi', 'scrap', 'training', $$concat_ws(' ', r.pair_count, r.time_window, r.relationship_type, r.weight, r.lag_periods)$$), '36 monthly correlates_with 0.5 2',
    'takes the last 36 finished periods that have both, in the finest window both have'
);
select is(
    pg_temp.seen('tap_acme_bi', 'scrap', 'training', $$concat_ws(' ', r.first_period_date, r.last_period_date)$$),
    (select concat_ws(' ', (select m.starts::date from months as m where m.n = 38), (select m.starts::date from months as m where m.n = 1))),
    'says which periods of the parent these are'
);
select cmp_ok(abs(pg_temp.seen('tap_acme_bi', 'training', 'scrap', 'r.correlation')::numeric), '<', 0.5, 'finds less at another lag');
select is(pg_temp.seen('tap_acme_bi', 'scrap', 'flat', $$concat_ws(' ', coalesce(r.correlation::text, 'null'), r.pair_count)$$), 'null 36', 'has none with what never changes');
select is(pg_temp.seen('tap_acme_bi', 'short', 'training', $$concat_ws(' ', coalesce(r.correlation::text, 'null'), r.pair_count)$$), 'null 7', 'has none below 8 pairs');
select pg_temp.say(:'acme', 'short', 'monthly', m.starts, 1, m.cause * 2 + 1) from months as m where m.n = 9 \g /dev/null
select is(pg_temp.seen('tap_acme_bi', 'short', 'training', $$concat_ws(' ', r.correlation, r.pair_count)$$), '1 8', 'is exactly 1 where one is the other on another scale');
select is(pg_temp.seen('tap_acme_bi', 'flat', 'days', $$concat_ws(' ', coalesce(r.time_window, 'null'), coalesce(r.pair_count::text, 'null'))$$), 'null null', 'needs a window that both have');
select is(pg_temp.seen('tap_acme_bi', 'short', 'teams', $$coalesce(r.time_window, 'null')$$), 'null', 'needs values of the organization as a whole');
select is(pg_temp.seen('tap_acme_bi', 'short', 'scrap', $$concat_ws(' ', r.relationship_type, coalesce(r.correlation::text, 'null'), coalesce(r.pair_count::text, 'null'))$$), 'depends_on null null', 'shows relationships of other types without');

-- Fiscal quarters, of the platform's metrics, in each organization its own.
update yardstick.organizations set fiscal_year_start_month = 2 where id = :'birch';
insert into yardstick.metric_relationships (parent_metric_id, child_metric_id, relationship_type, lag_periods)
select p.id, q.id, 'correlates_with', 1 from yardstick.metric_definitions as p, yardstick.metric_definitions as q where p.metric_name = 'p' and q.metric_name = 'q';
select pg_temp.say(o.id, v.metric, 'quarterly', make_timestamp(2020, o.month, 1, 0, 0, 0) + make_interval(months => 3 * g.n + v.ahead), 3, v.sign * ((g.n * 37) % 11))
from generate_series(0, 11) as g (n)
cross join (values (:'acme'::uuid, 1, 1), (:'birch', 2, -1)) as o (id, month, sign)
cross join lateral (values ('p', 3, 1), ('q', 0, o.sign)) as v (metric, ahead, sign) \g /dev/null
select is(pg_temp.seen('tap_acme_bi', 'p', 'q', $$concat_ws(' ', r.correlation, r.pair_count, r.time_window, r.is_platform_wide)$$), '1 12 quarterly t', 'correlates metrics of the platform in the organization that asks');
select is(pg_temp.seen('tap_birch_bi', 'p', 'q', $$concat_ws(' ', r.correlation, r.pair_count, r.first_period_date)$$), '-1 12 2020-05-01', 'on its own calendar');
select is(pg_temp.as_login('tap_birch_bi', 'select count(*) from yardstick_bi.metric_relationships'), '1', 'shows no other organization''s');

select pg_temp.say(:'acme', 'p', 'monthly', m.starts, 1, 1, 'dept') from months as m \g /dev/null
select is(pg_temp.seen('tap_acme_bi', 'p', 'q', 'r.pair_count'), '12', 'takes values of the organization alone');
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'q', 'Own', 'manual', '{}');
select is(pg_temp.seen('tap_acme_bi', 'p', 'q', '1'), null, 'hides what the platform says of a metric that is hidden');
select is(pg_temp.seen('tap_birch_bi', 'p', 'q', '1'), '1', 'hides it from nobody else');
select is(left(pg_temp.as_login('tap_acme_app', 'select count(*) from yardstick_bi.metric_relationships'), 5), '42501', 'is for BI');

select * from finish();
rollback;
