begin;
\ir ../two_organizations.psql
select plan(17);
select yardstick.ensure_year_partitions('metric_calculations', current_date - 400, current_date + 40) \g /dev/null

-- One value against one target, and the status it gets.
create function pg_temp.status(
    direction text, metric_value numeric, variance numeric, thresholds jsonb, change numeric default null, shown text default 'status'
)
returns text
language plpgsql
as $status$
declare
    acme   uuid := (select id from yardstick.organizations where external_id = 'tap-acme');
    metric uuid := gen_random_uuid();
begin
    insert into yardstick.metric_definitions (
        id, organization_id, metric_name, display_name, calculation_method, data_sources, direction, threshold_config
    )
    values (metric, acme, metric::text, 'M', 'manual', '{}', status.direction, status.thresholds);
    insert into yardstick.metric_calculations (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
        variance_from_target, change_percentage, calculation_status, metric_version, calculation_timestamp
    )
    values (
        acme, metric, 'org', acme, 'monthly', now() - interval '40 days', now() - interval '10 days', status.metric_value,
        status.variance, status.change, case when status.metric_value is null then 'warning' else 'success' end, 1, now()
    );
    return pg_temp.as_login(
        'tap_acme_bi', format('select coalesce(%I, ''none'') from yardstick_bi.scorecard where metric_id = %L', shown, metric)
    );
end
$status$;

select is(pg_temp.status('higher_better', 95, 0, null), 'on_track', 'is on track when the target is met');
select is(pg_temp.status('higher_better', 94, -1, null), 'off_track', 'is off track when it is missed');
select is(pg_temp.status('lower_better', 94, -1, null), 'on_track', 'knows when lower is better');
select is(pg_temp.status('lower_better', 96, 1, null), 'off_track', 'knows when lower is better, and missed');
select is(pg_temp.status('target_range', 5, 0, null), 'on_track', 'is on track inside the range');
select is(pg_temp.status('target_range', 1, -1, null), 'off_track', 'is off track below the range');
select is(pg_temp.status('higher_better', 90, -5, '{"at_risk": 90, "off_track": 80}'), 'on_track', 'is on track at the bound of at_risk');
select is(pg_temp.status('higher_better', 89, -6, '{"at_risk": 90, "off_track": 80}'), 'at_risk', 'is at risk past the bound');
select is(pg_temp.status('higher_better', 79, -16, '{"at_risk": 90, "off_track": 80}'), 'off_track', 'is off track past the second');
select is(pg_temp.status('lower_better', 11, null, '{"at_risk": 10, "off_track": 20}'), 'at_risk', 'needs no target when there are bounds');
select is(pg_temp.status('target_range', 12, 2, '{"at_risk": 1, "off_track": 3}'), 'at_risk', 'reads bounds of a range as distances from it');
select is(pg_temp.status('higher_better', 94, -1, '{"off_track": 80}'), 'at_risk', 'is at risk between a missed target and off_track');
select is(pg_temp.status('higher_better', 50, null, null), 'none', 'has no status without a target');
select is(pg_temp.status('higher_better', null, null, '{"at_risk": 90}'), 'none', 'has no status without a value');
select is(pg_temp.status('higher_better', 5, null, null, 2.5, 'movement'), 'better', 'tells a change for the better');
select is(pg_temp.status('lower_better', 5, null, null, 2.5, 'movement'), 'worse', 'tells a change for the worse');
select is(pg_temp.status('lower_better', 5, null, null, 0, 'movement'), 'unchanged', 'tells no change');

select * from finish();
rollback;
