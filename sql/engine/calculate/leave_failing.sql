-- Periods without a list have those of the others of their slices, which are taken and gone when they come back.
create or replace function yardstick_engine.leave_failing(
    source_id    uuid,
    stage        text,
    slice_starts date[],
    failing      datemultirange,
    weekly_ids   uuid[]
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $leave_failing$
    with

    unnamed as (
        delete from yardstick.metric_dirty as t
        where t.source_id = leave_failing.source_id and t.stage = leave_failing.stage and t.slice_start = any(leave_failing.slice_starts)
            and t.measure_ids is null
            and leave_failing.failing && daterange(t.period_start, yardstick_engine.period_next(t.period_start, t.period_type))
        returning t.organization_id, t.period_type, t.period_start, t.slice_start, t.cause
    ),

    names as (
        select coalesce(
            (
                select array_agg(distinct m.measure_id)
                from yardstick.metric_dirty as d
                cross join lateral unnest(d.measure_ids) as m (measure_id)
                where d.source_id = leave_failing.source_id and d.stage = leave_failing.stage and d.slice_start = any(leave_failing.slice_starts)
            ),
            array(select m.id from yardstick.metric_measures as m where m.source_id = leave_failing.source_id)
        ) as measure_ids
    )

    insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start, cause)
    select
        u.organization_id, leave_failing.source_id, leave_failing.stage, n.measure_ids, u.period_type, u.period_start, u.slice_start, u.cause
    from unnamed as u
    cross join names as n
    union all
    -- The month in which a week ends that is valued now.
    select d.organization_id, leave_failing.source_id, leave_failing.stage, leave_failing.weekly_ids, 3, e.month_start, e.month_start, d.cause
    from yardstick.metric_dirty as d
    cross join lateral (select date_trunc('month', (d.period_start + 6)::timestamp)::date as month_start) as e
    where d.source_id = leave_failing.source_id and d.stage = leave_failing.stage and d.slice_start = any(leave_failing.slice_starts)
        and leave_failing.stage = 'day' and d.period_type = 2 and e.month_start > d.period_start
        and cardinality(leave_failing.weekly_ids) > 0 and coalesce(d.measure_ids && leave_failing.weekly_ids, true)
        and not leave_failing.failing && daterange(d.period_start, d.period_start + 7)
        and leave_failing.failing && daterange(e.month_start, yardstick_engine.period_next(e.month_start, 3))
        and e.month_start < make_date(extract(year from now())::integer + 6, 1, 1)
$leave_failing$;

comment on function yardstick_engine.leave_failing(uuid, text, date[], datemultirange, uuid[]) is
'Prepares what is dirty in slices of a source to be left there where it holds days that failed: each with its measures, and the months in which weeks end that do not wait (weekly_ids: measures of metrics whose finest window is the week).';
