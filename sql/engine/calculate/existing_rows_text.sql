create or replace function yardstick_engine.existing_rows_text()
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $existing_rows_text$
    select $text$scope as materialized (
    select e.metric_id, e.organization_id, s.aggregation_level, s.aggregation_id
    from eligible as e
    inner join (
        select o.id as organization_id, 'org' as aggregation_level, o.id as aggregation_id
        from yardstick.organizations as o
        where o.id = any($1)
        union all
        select d.organization_id, 'dept', d.id
        from yardstick.departments as d
        where d.organization_id = any($1)
        union all
        select distinct m.organization_id, m.aggregation_level, m.aggregation_id
        from yardstick.metric_series as m
        inner join used as u on u.measure_id = m.measure_id
        where m.organization_id = any($1) and m.aggregation_level in ('team', 'user')
    ) as s on s.organization_id = e.organization_id and s.aggregation_level = any(e.aggregation_levels)
),
existing as materialized (
    select
        w.period_type, w.period_start, c.period_end, c.metric_id, c.organization_id, c.aggregation_level, c.aggregation_id,
        c.metric_value, c.previous_value, c.change_percentage, c.target_value, c.variance_from_target,
        c.calculation_status, c.calculation_notes, c.error_code, c.sample_size, c.metric_version, c.metadata
    from wanted as w
    inner join period as p on p.organization_id = w.organization_id and p.period_type = w.period_type and p.period_start = w.period_start
    inner join scope as s on s.metric_id = w.metric_id and s.organization_id = w.organization_id
    inner join yardstick.metric_calculations as c
        on c.organization_id = w.organization_id and c.metric_id = w.metric_id
        and c.aggregation_level = s.aggregation_level and c.aggregation_id = s.aggregation_id
        and c.time_window = p.time_window and c.period_end = p.ends_at and c.period_start = p.starts_at
        and c.period_end <= $10
),$text$
$existing_rows_text$;

comment on function yardstick_engine.existing_rows_text() is
'Text of the CTEs that find the rows already stored for the wanted cells, by full key over every scope they could have.';
