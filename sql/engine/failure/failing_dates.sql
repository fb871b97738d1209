create or replace function yardstick_engine.failing_dates(source_id uuid, stage text)
returns datemultirange
language sql
stable
set search_path = pg_catalog, pg_temp
as $failing_dates$
    select coalesce(
        range_agg(daterange(s.period_start, yardstick_engine.period_next(s.period_start, s.period_type))), '{}'
    )
    from yardstick.calculation_slices as s
    where s.source_id = failing_dates.source_id and s.attempt_count > 0
        and s.period_type <= case failing_dates.stage when 'month' then 3 else 2 end
$failing_dates$;

comment on function yardstick_engine.failing_dates(uuid, text) is
'Local dates of weeks of a source that could not be read and wait to be tried again, and at stage month of months that could not be valued: what holds any of them is not valued yet.';
