-- Definer, with the engine's rights, which reads the source; the organization comes from the api, which asks who the login is.
create or replace function yardstick_engine.exact_value(
    organization_id   uuid,
    metric_id         uuid,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    period_end        timestamptz
)
returns numeric
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
-- Different values are told apart by their text, which depends on these.
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set jit = off
set lock_timeout = '2s'
as $exact_value$
declare
    kind constant integer := yardstick_engine.period_type(exact_value.time_window);
begin
    return (
        select e.value
        from yardstick.organizations as o
        cross join lateral yardstick_engine.exact_cell(
            exact_value.metric_id, o.id, exact_value.aggregation_level, exact_value.aggregation_id, exact_value.time_window,
            -- Of the last moment in it: at its end the clocks may have skipped a date.
            yardstick_engine.period_date(exact_value.period_end - interval '1 microsecond', o.timezone, kind, o.week_start, o.fiscal_year_start_month)
        ) as e
        where o.id = exact_value.organization_id
    );
exception when others then
    raise exception using errcode = 'YS010', message = 'no exact value: ' || case sqlstate
        when 'YS010' then sqlerrm
        else format(
            'calculating it failed with %s (%s); read it without exact for the value that was stored last', sqlstate,
            yardstick_engine.error_words(sqlstate, sqlerrm)
        )
    end;
end
$exact_value$;

comment on function yardstick_engine.exact_value(uuid, uuid, text, uuid, text, timestamptz) is
'What metric_value returns with exact, for one organization. Reads, and stores nothing.';

grant execute on function yardstick_engine.exact_value(uuid, uuid, text, uuid, text, timestamptz) to yardstick_owner;
