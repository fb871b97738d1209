-- Ordinal, and on a day that every month has: no step is ever clipped. Definer, with the engine's rights, to check the keys.
create or replace function yardstick_engine.glide_steps(path jsonb)
returns table (effective_from date, target_value numeric)
language plpgsql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $glide_steps$
declare
    step    constant text := coalesce(path ->> 'step', 'monthly');
    months  constant integer := case step when 'monthly' then 1 when 'quarterly' then 3 when 'annual' then 12 end;
    key     text;
    starts  date;
    ends    date;
    steps   integer;
    problem text;
begin
    perform yardstick_engine.check_keys_of(path, '{
        "metric_name": {"type": "text", "required": true},
        "from": {"type": "text", "required": true, "max": 10},
        "from_value": {"type": "number", "required": true},
        "to": {"type": "text", "required": true, "max": 10},
        "to_value": {"type": "number", "required": true},
        "step": {"type": "text", "one_of": ["weekly", "monthly", "quarterly", "annual"]},
        "scope": {"type": "object"},
        "reason": {"type": "text", "max": 2000}
    }', '');
    foreach key in array array['from', 'to'] loop
        begin
            if path ->> key !~ '^\d{4}-\d{2}-\d{2}$' then
                raise exception datetime_field_overflow;
            end if;
            starts := ends;
            ends := make_date(
                substr(path ->> key, 1, 4)::integer, substr(path ->> key, 6, 2)::integer, substr(path ->> key, 9, 2)::integer
            );
        exception when datetime_field_overflow then
            raise exception using
                errcode = 'YS001', message = format('%s: must be a date such as 2026-01-31; got "%s"', key, path ->> key);
        end;
    end loop;

    steps := case step
        when 'weekly' then (ends - starts) / 7
        else (
            (date_part('year', ends)::integer - date_part('year', starts)::integer) * 12
            + date_part('month', ends)::integer - date_part('month', starts)::integer
        ) / months
    end;
    problem := case
        when ends <= starts then 'to: must be after from'
        when step <> 'weekly' and date_part('day', starts) > 28 then 'from: must be a day that every month has, the 28th at the latest'
        when steps < 1 or steps > 260 then format('to: must be 1 to 260 steps (%s) after from', step)
        when case step when 'weekly' then starts + 7 * steps else (starts + make_interval(months => months * steps))::date end <> ends
            then format('to: must be a whole number of steps (%s) after from, such as %s', step,
                case step when 'weekly' then starts + 7 * steps else (starts + make_interval(months => months * steps))::date end)
    end;
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;

    return query
    select
        case step when 'weekly' then starts + 7 * g.number else (starts + make_interval(months => months * g.number))::date end,
        round(
            (path ->> 'from_value')::numeric + ((path ->> 'to_value')::numeric - (path ->> 'from_value')::numeric) * g.number / steps, 4
        )
    from generate_series(0, steps) as g (number);
end
$glide_steps$;

comment on function yardstick_engine.glide_steps(jsonb) is
'The targets that a glide path is made of: in equal steps from from_value at from to to_value at to. YS001, with the key, for a path that makes no sense.';

grant execute on function yardstick_engine.glide_steps(jsonb) to yardstick_owner;
