begin;
\ir ../some_values.psql
select plan(2);
insert into yardstick.metric_targets (organization_id, metric_id, effective_from, target_value)
values (:'acme', :'up', '2025-01-01', 90), (:'acme', :'up', '2026-01-01', 95), (null, :'everywhere', '2025-06-01', 5);

select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(concat_ws(' ', effective_from, coalesce(effective_until::text, '...'), target_value), ', ' order by effective_from)
        from yardstick_bi.metric_targets where metric_name = 'tap_up'
    $$), '2025-01-01 2026-01-01 90, 2026-01-01 ... 95', 'says from when until when a target holds'
);
select is(
    pg_temp.as_login('tap_birch_bi', $$
        select string_agg(metric_name || ' ' || is_platform_wide, ', ') from yardstick_bi.metric_targets where metric_name like 'tap\_%'
    $$), 'tap_everywhere true', 'shows another organization the platform''s alone'
);

select * from finish();
rollback;
