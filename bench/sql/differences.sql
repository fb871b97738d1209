-- Rows that stand in one table and not, or not like that, in the other.
select count(*)
from yardstick.metric_calculations as c
full join bench.metric_calculations as b
    using (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start)
where
    c.metric_version is null
    or b.metric_version is null
    or (
        c.metric_value, c.previous_value, c.change_percentage, c.target_value, c.variance_from_target, c.percentile_rank,
        c.confidence_interval, c.data_quality_score, c.metadata, c.sample_size, c.calculation_status
    ) is distinct from (
        b.metric_value, b.previous_value, b.change_percentage, b.target_value, b.variance_from_target, b.percentile_rank,
        b.confidence_interval, b.data_quality_score, b.metadata, b.sample_size, b.calculation_status
    );
