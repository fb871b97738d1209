begin;
select plan(1);

insert into yardstick.organizations (id, organization_name) values
('00000000-0000-7000-8000-0000000000a1', 'Acme'), ('00000000-0000-7000-8000-0000000000a2', 'Other');
insert into yardstick.metric_definitions (
    organization_id, metric_name, display_name, metric_category, metric_type, calculation_method, data_sources, aggregation_levels, time_windows,
    direction
)
select
    v.organization_id::uuid, v.metric_name, v.metric_name, 'quality', 'count', 'external', '{}', '{org}', v.time_windows::text[], 'lower_better'
from (
    values
    ('00000000-0000-7000-8000-0000000000a1', 'own', '{annual,monthly}'),
    (null, 'everybodys', '{weekly,daily}'),
    ('00000000-0000-7000-8000-0000000000a2', 'others', '{annual}')
) as v (organization_id, metric_name, time_windows);

select results_eq(
    $$select d.metric_name::text, m.direction, m.finest_window
    from yardstick_engine.snapshot_metrics('00000000-0000-7000-8000-0000000000a1') as m
    inner join yardstick.metric_definitions as d on d.id = m.metric_id
    order by 1$$,
    $$values ('everybodys', 'lower_better', 'daily'), ('own', 'lower_better', 'monthly')$$,
    'knows the metrics of the organization and of the platform, by their finest window'
);

select * from finish();
rollback;
