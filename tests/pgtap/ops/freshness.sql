begin;
\ir ../two_organizations.psql
select plan(2);
insert into yardstick.metric_sources (organization_id, source_name, relation, time_column)
values (:'acme', 'tap_source', 'nowhere.at_all', 'at')
returning id as source \gset
insert into yardstick.metric_dirty (organization_id, source_id, stage, period_start) values (:'acme', :'source', 'source', '2026-01-01'), (:'acme', :'source', 'source', '2026-01-02');
insert into yardstick.metric_refreshes (organization_id, source_id, refresh_frequency, refreshed_to)
values (:'acme', :'source', 'daily', '2026-01-01 00:00+00'), (:'acme', :'source', 'hourly', '2026-01-02 00:00+00');

select is(
    pg_temp.as_login('tap_dba', $$
        select concat_ws(' ', organization_name, refreshed_to at time zone 'UTC', waiting_cell_count, waiting_slice_count)
        from yardstick_ops.freshness where source_name = 'tap_source'
    $$), 'Acme 2026-01-02 00:00:00 2 0', 'shows how far a source is served and what waits, for its organization alone'
);
select is(
    pg_temp.as_login('tap_dba', $$select count(*) from yardstick_ops.freshness where organization_name = 'Birch' and source_name = 'tap_source'$$), '0',
    'does not count it for others'
);
select * from finish();
rollback;
