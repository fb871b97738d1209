begin;
\ir ../two_organizations.psql
select plan(6);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources, threshold_config)
values
(null, 'everywhere', 'Everywhere', 'manual', '{}', '{"at_risk": 90, "off_track": "much"}'),
(null, 'shared', 'Platform''s', 'manual', '{}', null),
(:'acme', 'shared', 'Acme''s', 'manual', '{}', null),
(:'birch', 'birch_only', 'Birch''s', 'manual', '{}', null);

create function pg_temp.names(login text)
returns text
language sql
as $names$
    select pg_temp.as_login(login, $$
        select string_agg(display_name || case when is_platform_wide then '*' else '' end, ', ' order by metric_name, display_name)
        from yardstick_bi.metrics where metric_name in ('everywhere', 'shared', 'birch_only')
    $$)
$names$;

select is(pg_temp.names('tap_acme_bi'), 'Everywhere*, Acme''s', 'lets an organization''s own metric hide the platform''s');
select is(pg_temp.names('tap_birch_bi'), 'Birch''s, Everywhere*, Platform''s*', 'hides it there alone');
select is(pg_temp.names('tap_stranger'), 'Everywhere*, Platform''s*', 'shows a stranger the platform''s alone');
update yardstick.metric_definitions set deleted_at = now() where organization_id = :'acme' and metric_name = 'shared';
select is(pg_temp.names('tap_acme_bi'), 'Everywhere*, Platform''s*', 'shows the platform''s again when the own one is retired');
select is(
    pg_temp.as_login('tap_acme_bi', $$select at_risk_bound::text from yardstick_bi.metrics where metric_name = 'everywhere'$$), '90',
    'shows the bounds of the scorecard'
);
select is(
    pg_temp.as_login('tap_acme_bi', $$select off_track_bound::text from yardstick_bi.metrics where metric_name = 'everywhere'$$), null,
    'shows no bound that is no number'
);

select * from finish();
rollback;
