-- No SET clause, so that it is inlined.
create or replace function yardstick_engine.snapshot_metrics(organization_id uuid)
returns table (metric_id uuid, direction text, target_low double precision, target_high double precision, finest_window text)
language sql
stable
begin atomic
    select
        d.id,
        d.direction,
        case d.direction when 'target_range' then d.target_low::float8 end,
        case d.direction when 'target_range' then d.target_high::float8 end,
        case
            when 'daily' = any(d.time_windows) then 'daily'
            when 'weekly' = any(d.time_windows) then 'weekly'
            when 'monthly' = any(d.time_windows) then 'monthly'
            when 'quarterly' = any(d.time_windows) then 'quarterly'
            when 'annual' = any(d.time_windows) then 'annual'
        end
    from yardstick.metric_definitions as d
    where d.organization_id = snapshot_metrics.organization_id or d.organization_id is null;
end;

comment on function yardstick_engine.snapshot_metrics(uuid) is
'What a snapshot has to know of each metric of an organization: which way is better, the bounds of a range, and the finest window it is '
'calculated for.';
