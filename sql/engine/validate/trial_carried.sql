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
    most_periods constant integer := 400;
    counted      integer := 0;
    width        integer := 1;
    next_date    date := trial_carried.first_date;
    from_date    date;
    value        numeric;
    sample       bigint;
begin
    -- Each is a look at the source: where there are no rows, twice as many periods are looked at next.
    while counted < most_periods loop
        width := least(width, most_periods - counted);
        from_date := yardstick_engine.period_shift(next_date, trial_carried.period_type, -width);
        -- A date that the zone skipped is no day.
        if width = 1 and yardstick_engine.local_midnight(from_date, trial_carried.timezone)
            >= yardstick_engine.local_midnight(next_date, trial_carried.timezone)
        then
            next_date := from_date;
            continue;
        end if;
        begin
            execute yardstick_engine.trial_statement(
                trial_carried.source_id, trial_carried.trial, trial_carried.organization_id, from_date, next_date, trial_carried.timezone,
                trial_carried.scope_level, trial_carried.scope_id
            )
            into value, sample;
        exception when others then
            -- What fails over several periods may not over each.
            if width = 1 then
                raise;
            end if;
            sample := null;
        end;
        if sample = 0 then
            counted := counted + width;
            next_date := from_date;
            width := width * 2;
        elsif width > 1 then
            width := width / 2;
        elsif value is not null then
            return value;
        else
            counted := counted + 1;
            next_date := from_date;
        end if;
    end loop;
    return null;
end
$trial_carried$;

comment on function yardstick_engine.trial_carried(uuid, jsonb, uuid, integer, date, text, text, uuid) is
'Value of the last of the 400 periods before first_date that has one, read from the source: what a metric with fill carry_forward shows where there are no rows.';
