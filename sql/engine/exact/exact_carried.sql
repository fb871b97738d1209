-- From the newest period back: those that are stored and clean answer at once, those with days that were not read yet are valued.
create or replace function yardstick_engine.exact_carried(
    metric_id         uuid,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    first_date        date
)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $exact_carried$
declare
    -- Where nothing notes what changes, each may be a look at the source.
    most_periods constant integer := 400;
    kind         constant integer := yardstick_engine.period_type(exact_carried.time_window);
    earlier      date;
    part         record;
begin
    for earlier in
        select k.period_start
        from (
            select yardstick_engine.period_floor(u.local_day, kind, o.week_start, o.fiscal_year_start_month) as period_start
            from yardstick.organizations as o
            cross join lateral unnest(yardstick_engine.unread_dates(
                o.id, exact_carried.metric_id, date '1990-01-01', exact_carried.first_date
            )) as u (local_day)
            where o.id = exact_carried.organization_id
            union
            select yardstick_engine.period_date(c.period_start, o.timezone, kind, o.week_start, o.fiscal_year_start_month)
            from yardstick.organizations as o
            inner join yardstick.metric_calculations as c
                on c.organization_id = o.id and c.metric_id = exact_carried.metric_id
                and c.aggregation_level = exact_carried.aggregation_level and c.aggregation_id = exact_carried.aggregation_id
                and c.time_window = exact_carried.time_window and c.period_end <= yardstick_engine.local_midnight(exact_carried.first_date, o.timezone)
            where o.id = exact_carried.organization_id and c.metric_value is not null and c.sample_size > 0
        ) as k
        where k.period_start < exact_carried.first_date
        order by k.period_start desc
        limit most_periods
    loop
        select e.value, e.sample_size into part
        from yardstick_engine.exact_cell(
            exact_carried.metric_id, exact_carried.organization_id, exact_carried.aggregation_level, exact_carried.aggregation_id,
            exact_carried.time_window, earlier, false
        ) as e;
        if part.value is not null and part.sample_size > 0 then
            return part.value;
        end if;
    end loop;
    return null;
end
$exact_carried$;

comment on function yardstick_engine.exact_carried(uuid, uuid, text, uuid, text, date) is
'Value now of the last period before first_date in which a metric has rows, looked for in up to 400 periods.';
