create or replace function yardstick_engine.due_boundary(
    refresh_frequency text,
    as_of             timestamptz,
    timezone          text,
    week_start        integer
)
returns timestamptz
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $due_boundary$
    select case due_boundary.refresh_frequency
        when 'real_time' then due_boundary.as_of
        when 'hourly' then date_trunc('hour', due_boundary.as_of, due_boundary.timezone)
        when 'daily' then yardstick_engine.local_midnight((due_boundary.as_of at time zone due_boundary.timezone)::date, due_boundary.timezone)
        when 'weekly' then yardstick_engine.local_midnight(
            yardstick_engine.period_floor((due_boundary.as_of at time zone due_boundary.timezone)::date, 2, due_boundary.week_start, 1),
            due_boundary.timezone
        )
        when 'monthly' then yardstick_engine.local_midnight(
            yardstick_engine.period_floor((due_boundary.as_of at time zone due_boundary.timezone)::date, 3, 1, 1), due_boundary.timezone
        )
    end
$due_boundary$;

comment on function yardstick_engine.due_boundary(text, timestamptz, text, integer) is
'Latest moment at or before as_of, on the organization''s clock, at which a metric of that refresh frequency falls due; as_of itself for real_time, null for on_demand.';
