create or replace function yardstick_engine.last_period_end(
    organization_id uuid,
    time_window     text,
    at              timestamptz
)
returns timestamptz
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $last_period_end$
    -- The running period starts where the last one ended.
    select
        yardstick_engine.local_midnight(
            yardstick_engine.period_floor(
                (last_period_end.at at time zone o.timezone)::date, yardstick_engine.period_type(last_period_end.time_window),
                o.week_start, o.fiscal_year_start_month
            ),
            o.timezone
        )
    from yardstick.organizations as o
    where o.id = last_period_end.organization_id
$last_period_end$;

comment on function yardstick_engine.last_period_end(uuid, text, timestamptz) is
'End of the last period of a window that had ended at a time, on the organization''s calendar; null for an unknown organization or window.';
grant execute on function yardstick_engine.last_period_end(uuid, text, timestamptz) to yardstick_owner;
