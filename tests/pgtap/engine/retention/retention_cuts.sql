begin;
\ir ../../two_organizations.psql
select plan(12);

create function pg_temp.define(metric_name text, keys text)
returns uuid
language sql
as $define$
    select yardstick_api.define_metric(jsonb '{"display_name": "t", "calculation_method": "external"}'
        || jsonb_build_object('metric_name', define.metric_name) || define.keys::jsonb)
$define$;
create function pg_temp.cut(metric_name text, as_of timestamptz default '2026-03-15 12:00+00')
returns text
language sql
as $cut$
    select concat_ws(' ', c.kept_from, c.days_kept_from, c.kept_because, c.held_because)
    from yardstick_engine.retention_cuts(cut.as_of) as c
    inner join yardstick.metric_definitions as d on d.id = c.metric_id and d.metric_name = cut.metric_name
    inner join yardstick.organizations as o on o.id = c.organization_id and o.organization_name = 'Acme'
$cut$;

select pg_temp.define('tap_days', '{"time_windows": ["daily"], "retention_days": 10}') \g /dev/null
select pg_temp.define('tap_months', '{"time_windows": ["daily", "monthly"], "retention_days": 10}') \g /dev/null
select pg_temp.define('tap_years', '{"time_windows": ["daily", "weekly", "annual"], "retention_days": 400}') \g /dev/null
select pg_temp.define('tap_all', '{"time_windows": ["annual"]}') \g /dev/null
select is(pg_temp.cut('tap_days'), '2026-03-05 2026-03-05', 'counts days back on the clock of the organization');
select is(pg_temp.cut('tap_days', '2026-03-14 23:30+00'), '2026-03-05 2026-03-05', 'where a day begins earlier than in UTC');
select is(pg_temp.cut('tap_months'), '2026-03-01 2026-03-01', 'keeps the whole month that is reached into');
select is(pg_temp.cut('tap_years'), '2025-01-01 2024-12-30', 'keeps the whole year, and the days of the week it begins in');
select is(pg_temp.cut('tap_all'), 'it has no retention_days', 'keeps a metric without retention_days');
select is(pg_temp.cut('tap_days', 'infinity'), pg_temp.cut('tap_days', now()), 'never looks from the future');

update yardstick.organizations set fiscal_year_start_month = 4, week_start = 7 where id = :'acme';
select is(pg_temp.cut('tap_years'), '2024-04-01 2024-03-31', 'follows the calendar of the organization');
update yardstick.organizations set fiscal_year_start_month = 1, week_start = 1 where id = :'acme';

select yardstick_api.define_metric('{"metric_name": "tap_sum", "display_name": "t", "calculation_method": "aggregation", "retention_days": 100,
    "time_windows": ["monthly"], "data_sources": {"metrics": {"a": {"metric": "tap_months", "lag": 2}}}, "calculation_formula": "a"}') \g /dev/null
select is(pg_temp.cut('tap_months'), '2025-10-01 2025-10-01', 'keeps parts for what is made of them, and as far as it looks back');
select is(pg_temp.cut('tap_sum'), '2025-12-01 2025-12-01', 'but not what is made of them for its parts');

select yardstick_api.set_legal_hold('case 7', 'tap_sum', null, :'acme') \g /dev/null
select is(pg_temp.cut('tap_months'), '2025-10-01 2025-10-01 case 7', 'holds the parts of what is held');
select is(pg_temp.cut('tap_days'), '2026-03-05 2026-03-05', 'and nothing else');

alter table yardstick.organizations disable trigger check_timezone;
update yardstick.organizations set timezone = 'Mars/Olympus' where organization_name = 'Birch';
select is(pg_temp.cut('tap_days'), '2026-03-05 2026-03-05', 'leaves out an organization whose time zone the server lost');

select * from finish();
rollback;
