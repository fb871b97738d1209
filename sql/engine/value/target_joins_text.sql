create or replace function yardstick_engine.target_joins_text(has_targets boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $target_joins_text$
    -- The target in effect on the last day of the period: of the scope, else of the organization, else of the platform.
    select case when target_joins_text.has_targets then
        $text$
    left join target as t1
        on t1.metric_no = f.metric_no and t1.organization_id = f.organization_id and t1.aggregation_level = f.aggregation_level
        and t1.aggregation_id = f.aggregation_id and f.next_start > t1.effective_from and f.next_start <= t1.effective_to
    left join target as t2
        on t2.metric_no = f.metric_no and t2.organization_id = f.organization_id and t2.aggregation_level is null
        and f.next_start > t2.effective_from and f.next_start <= t2.effective_to
    left join target as t3
        on t3.metric_no = f.metric_no and t3.organization_id is null and t3.aggregation_level is null
        and f.next_start > t3.effective_from and f.next_start <= t3.effective_to$text$ else '' end
$target_joins_text$;

comment on function yardstick_engine.target_joins_text(boolean) is 'Text of the joins that find the target of a value; empty when there are none.';
