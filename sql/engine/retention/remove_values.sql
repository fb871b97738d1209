-- A month at a time, the oldest first: a statement that is stopped leaves whole months, and the next one goes on there.
create or replace function yardstick_engine.remove_values(
    organization_id uuid,
    metric_id       uuid,
    ended_at        timestamptz,
    days_ended_at   timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $remove_values$
declare
    first_end timestamptz;
    removed   bigint;
begin
    select min(c.period_end) into first_end
    from yardstick.metric_calculations as c
    where c.organization_id = remove_values.organization_id and c.metric_id = remove_values.metric_id
        and c.period_end <= remove_values.ended_at
        and (c.time_window not in ('daily', 'weekly') or c.period_end <= remove_values.days_ended_at);
    if first_end is null then
        return 0;
    end if;
    delete from yardstick.metric_calculations as c
    where c.organization_id = remove_values.organization_id and c.metric_id = remove_values.metric_id
        and c.period_end >= first_end and c.period_end <= least(remove_values.ended_at, first_end + interval '31 days')
        and (c.time_window not in ('daily', 'weekly') or c.period_end <= remove_values.days_ended_at);
    get diagnostics removed = row_count;
    return removed;
end
$remove_values$;

comment on function yardstick_engine.remove_values(uuid, uuid, timestamptz, timestamptz) is
'Removes the oldest month of values of a metric and organization that ended before its mark (the instants of removable_marks), and returns their number: 0 when nothing is left.';
