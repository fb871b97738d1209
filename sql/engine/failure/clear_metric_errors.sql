create or replace function yardstick_engine.clear_metric_errors(
    source_id    uuid,
    measure_ids  uuid[],
    from_date    date,
    to_date      date,
    measure_keys text[],
    local_dates  date[],
    as_of        timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $clear_metric_errors$
declare
    failed_ids uuid[];
begin
    select array_agg(f.id)
    into failed_ids
    from (
        select d.id
        from yardstick.metric_definitions as d
        where d.source_id = clear_metric_errors.source_id and d.last_error_code is not null
            and d.id not in (select h.metric_id from yardstick_engine.held_metrics(clear_metric_errors.as_of) as h)
            and exists (
                select from jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
                inner join yardstick.metric_measures as m on m.id in ((u.body ->> 'measure_id')::uuid, (u.body ->> 'squares_id')::uuid)
                where m.id = any(clear_metric_errors.measure_ids)
                    or exists (
                        select from unnest(clear_metric_errors.measure_keys) as k (measure_key)
                        where k.measure_key is null or m.measure_key is null or k.measure_key = m.measure_key
                    )
            )
        order by d.id
        for update
    ) as f;
    if failed_ids is null then
        return;
    end if;

    -- What is read again may be wrong no longer; if it is, it will be said again.
    with

    failed as (
        select c.organization_id, c.metric_id, c.time_window, c.period_end, c.period_start, (
            select coalesce(jsonb_agg(u.unread_date), '[]')
            from jsonb_array_elements_text(c.metadata -> 'unread_dates') as u (unread_date)
            where not coalesce(u.unread_date::date = any(clear_metric_errors.local_dates), false)
                and (clear_metric_errors.measure_ids is null
                    or u.unread_date::date < clear_metric_errors.from_date or u.unread_date::date >= clear_metric_errors.to_date)
        ) as unread_dates
        from yardstick.organizations as o
        inner join yardstick.metric_calculations as c
            on c.organization_id = o.id and c.metric_id = any(failed_ids)
            and c.aggregation_level = 'org' and c.aggregation_id = o.id
        where c.metadata ? 'unread_dates'
    ),

    kept as (
        update yardstick.metric_calculations as c
        set metadata = jsonb_build_object('unread_dates', f.unread_dates)
        from failed as f
        where f.unread_dates <> '[]'
            and c.organization_id = f.organization_id and c.metric_id = f.metric_id
            and c.aggregation_level = 'org' and c.aggregation_id = f.organization_id
            and c.time_window = f.time_window and c.period_end = f.period_end and c.period_start = f.period_start
        returning c.metric_id
    ),

    cleared as (
        delete from yardstick.metric_calculations as c
        using failed as f
        where f.unread_dates = '[]'
            and c.organization_id = f.organization_id and c.metric_id = f.metric_id
            and c.aggregation_level = 'org' and c.aggregation_id = f.organization_id
            and c.time_window = f.time_window and c.period_end = f.period_end and c.period_start = f.period_start
        returning c.organization_id, c.metric_id, c.time_window, c.period_start
    ),

    -- Nothing was stated of them, and who has no rows on the days that are read again is touched by nothing else.
    unstated as (
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
        select
            c.organization_id, clear_metric_errors.source_id, case when k.period_type <= 3 then 'day' else 'month' end,
            array(select m.measure_id from yardstick_engine.metric_measure_ids(c.metric_id) as m (measure_id)), k.period_type, p.period_start,
            date_trunc(
                case when k.period_type <= 3 then 'month' else 'year' end,
                (p.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp
            )::date
        from cleared as c
        inner join yardstick.organizations as o on o.id = c.organization_id
        cross join lateral (select yardstick_engine.period_type(c.time_window) as period_type) as k
        cross join lateral (
            select yardstick_engine.period_date(
                c.period_start, o.timezone, k.period_type, o.week_start, o.fiscal_year_start_month
            ) as period_start
        ) as p
    )

    update yardstick.metric_definitions as d
    set last_error_code = null, last_error = null
    where d.id = any(failed_ids) and not d.id in (select k.metric_id from kept as k);
end
$clear_metric_errors$;

comment on function yardstick_engine.clear_metric_errors(uuid, uuid[], date, date, text[], date[], timestamptz) is
'Takes back the errors of metrics that are about to be calculated from their source: measures wholly in a range of dates, and dirty keys on dirty dates; the periods of which nothing was stated are left to be valued. What is held at as_of is not calculated. A metric with days that stay unread goes on as failing.';
