create or replace function yardstick_engine.trial_carried(
    source_id       uuid,
    trial           jsonb,
    organization_id uuid,
    period_type     integer,
    first_date      date,
    timezone        text,
    scope_level     text,
    scope_id        uuid
)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $trial_carried$
declare
    -- Each is a look at the source.
    most_periods constant integer := 400;
    next_date    date := trial_carried.first_date;
    value        numeric;
    sample       bigint;
begin
    for counted in 1 .. most_periods loop
        -- A date that the zone skipped is no day.
        if yardstick_engine.local_midnight(yardstick_engine.period_shift(next_date, trial_carried.period_type, -1), trial_carried.timezone)
            >= yardstick_engine.local_midnight(next_date, trial_carried.timezone)
        then
            next_date := yardstick_engine.period_shift(next_date, trial_carried.period_type, -1);
            continue;
        end if;
        execute yardstick_engine.trial_statement(
            trial_carried.source_id, trial_carried.trial, trial_carried.organization_id,
            yardstick_engine.period_shift(next_date, trial_carried.period_type, -1), next_date, trial_carried.timezone,
            trial_carried.scope_level, trial_carried.scope_id
        )
        into value, sample;
        if sample > 0 and value is not null then
            return value;
        end if;
        next_date := yardstick_engine.period_shift(next_date, trial_carried.period_type, -1);
    end loop;
    return null;
end
$trial_carried$;

comment on function yardstick_engine.trial_carried(uuid, jsonb, uuid, integer, date, text, text, uuid) is
'Value of the last of the 400 periods before first_date that has one, read from the source: what a metric with fill carry_forward shows where there are no rows.';
