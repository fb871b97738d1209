begin;
\ir ../some_values.psql
select plan(8);

select is(
    pg_temp.as_login('tap_acme_bi', $$select count(*) from yardstick_bi.metric_values where metric_name like 'tap\_%'$$), '63',
    'has one row per metric, scope, window and period of the organization'
);
select is(
    pg_temp.as_login('tap_birch_bi', $$select string_agg(distinct metric_name, ', ') from yardstick_bi.metric_values$$),
    'tap_everywhere', 'has none of another organization''s metrics'
);
select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(distinct aggregation_level || ' ' || scope_name, ', ') from yardstick_bi.metric_values
    $$), 'dept Plant, org Acme', 'names the scopes'
);
select is(
    pg_temp.as_login('tap_acme_bi', $$
        select period_date::text from yardstick_bi.metric_values
        where metric_name = 'tap_up' and aggregation_level = 'org' and metric_value = 3
    $$), (date_trunc('month', now() at time zone 'Europe/Berlin') - interval '3 months')::date::text,
    'dates a period by the calendar of the organization'
);
select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(metric_value::text, ',') from yardstick_bi.metric_values
        where metric_name = 'tap_up' and aggregation_level = 'org' and not is_complete
    $$), '0', 'tells the period that runs'
);
select is(
    pg_temp.as_login('tap_acme_bi', $$
        select metric_value_exact || ' ' || confidence_low || ' ' || confidence_high || ' ' || change_pct from yardstick_bi.metric_values
        where metric_name = 'tap_up' and aggregation_level = 'org' and metric_value = 3
    $$), '3.0000 2 4 -25', 'has numbers for BI tools beside the exact value'
);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'tap_everywhere', 'Own', 'manual', '{}');
select is(
    pg_temp.as_login('tap_acme_bi', $$select count(*) from yardstick_bi.metric_values where metric_name = 'tap_everywhere'$$), '0',
    'hides the values of a platform metric that the organization has replaced'
);

-- What a dashboard asks for has to be found by the key, under row-level security.
create function pg_temp.explain(query text)
returns text
language plpgsql
as $explain$
declare
    plan_line text;
    plan      text := '';
begin
    for plan_line in execute 'explain (costs off) ' || query loop
        plan := plan || plan_line || e'\n';
    end loop;
    return plan;
end
$explain$;
set local enable_seqscan = off;
set local enable_bitmapscan = off;
select matches(
    pg_temp.as_login('tap_acme_bi', $$
        select pg_temp.explain('select metric_value from yardstick_bi.metric_values where metric_name = ''tap_up'' and time_window = ''monthly'' and aggregation_level = ''org'' and period_end > now() - interval ''1 year''')
    $$),
    'Index Scan using metric_calculations_\d+_pkey.*\n +Index Cond: \(\(organization_id = (\$\d+|\(InitPlan \d+\)\.col1)\) AND .*'
    || '\(aggregation_level = ''org''::text\) AND \(time_window = ''monthly''::text\) AND \(period_end >',
    'is read by the primary key, the organization first'
);

select * from finish();
rollback;
