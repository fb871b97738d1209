-- The windows around, turned into instants and dates once: for each row anew it costs more than reading the row.
create or replace function yardstick_engine.snapshot_looks(
    organization_id uuid,
    snapshot_type   text,
    first_date      date,
    last_date       date,
    to_time         timestamptz
)
returns table (
    period_start      timestamptz,
    period_end        timestamptz,
    snapshot_date     date,
    place             bigint,
    is_own            boolean,
    is_month_before   boolean,
    is_quarter_before boolean,
    is_year_before    boolean
)
language plpgsql
stable
rows 30
set search_path = pg_catalog, pg_temp
-- It is the same plan for all, and making it costs as much as running it.
set plan_cache_mode = force_generic_plan
as $snapshot_looks$
declare
    organization yardstick.organizations;
    longest      interval;
    axis_start   date;
    axis_count   integer;
begin
    select o.* into organization from yardstick.organizations as o where o.id = snapshot_looks.organization_id;
    longest := case snapshot_looks.snapshot_type
        when 'daily' then interval '1 day'
        when 'weekly' then interval '7 days'
        when 'monthly' then interval '1 month'
        when 'quarterly' then interval '3 months'
        else interval '12 months'
    end;
    axis_start := yardstick_engine.period_floor(
        (snapshot_looks.first_date - yardstick_engine.snapshot_reach(snapshot_looks.snapshot_type))::date,
        yardstick_engine.period_type(snapshot_looks.snapshot_type), organization.week_start, organization.fiscal_year_start_month
    );
    axis_count := yardstick_engine.snapshot_ordinal(snapshot_looks.snapshot_type, snapshot_looks.last_date)
        - yardstick_engine.snapshot_ordinal(snapshot_looks.snapshot_type, axis_start) + 1;

    return query
    with

    windows as materialized (

        select
            b.period_start, b.period_end, b.snapshot_date,
            yardstick_engine.snapshot_ordinal(snapshot_looks.snapshot_type, b.snapshot_date) as ordinal
        from (
            select
                i.period_start, i.period_end,
                ((i.period_end - interval '1 microsecond') at time zone organization.timezone)::date as snapshot_date
            from (
                select
                    yardstick_engine.local_midnight(g.day::date, organization.timezone) as period_start,
                    yardstick_engine.local_midnight((g.day + longest)::date, organization.timezone) as period_end
                from (
                    select axis_start::timestamp + n.number * longest as day
                    from generate_series(0, axis_count) as n (number)
                ) as g
            ) as i
        ) as b
        -- A day that a zone skips is none.
        where b.period_start < b.period_end and b.snapshot_date <= snapshot_looks.last_date and b.period_end <= snapshot_looks.to_time

    ),

    asked as (

        select
            w.snapshot_date, w.ordinal,
            yardstick_engine.snapshot_before(snapshot_looks.snapshot_type, w.snapshot_date, 1) as month_before,
            yardstick_engine.snapshot_before(snapshot_looks.snapshot_type, w.snapshot_date, 3) as quarter_before,
            yardstick_engine.snapshot_before(snapshot_looks.snapshot_type, w.snapshot_date, 12) as year_before
        from windows as w
        where w.snapshot_date >= snapshot_looks.first_date
        offset 0

    )

    select
        w.period_start, w.period_end, a.snapshot_date,
        case when w.ordinal > a.ordinal - 30 then ((w.ordinal - a.ordinal + 30)::bigint << 52) + (1::bigint << 51) end,
        w.ordinal = a.ordinal,
        w.snapshot_date = a.month_before,
        w.snapshot_date = a.quarter_before,
        w.snapshot_date = a.year_before
    from asked as a
    cross join windows as w
    where
        w.ordinal <= a.ordinal
        and (w.ordinal > a.ordinal - 30 or w.snapshot_date in (a.month_before, a.quarter_before, a.year_before));
end
$snapshot_looks$;

comment on function yardstick_engine.snapshot_looks(uuid, text, date, date, timestamptz) is
'What the snapshots of some dates look at: each one''s own window, the 30 windows of its trend, and those it is compared with, ended at '
'to_time; place is as trend_letters() takes it.';
