create or replace function yardstick_engine.target_text(has_targets boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $target_text$
    select case when target_text.has_targets then
        $text$target as materialized (
    select
        m.metric_no, t.organization_id, t.aggregation_level, t.aggregation_id, t.target_value, t.target_low, t.target_high, t.effective_from,
        lead(t.effective_from, 1, 'infinity'::date) over (
            partition by t.metric_id, t.organization_id, t.aggregation_level, t.aggregation_id order by t.effective_from
        ) as effective_to
    from metric as m
    inner join yardstick.metric_targets as t on t.metric_id = m.metric_id
),
$text$ else '' end
$target_text$;

comment on function yardstick_engine.target_text(boolean) is
'Text of the CTE of effective-dated targets, each ending where the next of its scope begins; empty when there are none.';
