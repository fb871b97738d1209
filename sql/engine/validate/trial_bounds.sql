-- A t-digest is wrong in the rank of its value, by half a percent of the rows; a HyperLogLog in the count, by 0.81 % in the standard
-- error, of which four are allowed. Both values are rounded.
create or replace function yardstick_engine.trial_bounds(
    source_id       uuid,
    trial           jsonb,
    organization_id uuid,
    from_date       date,
    to_date         date,
    timezone        text,
    scope_level     text,
    scope_id        uuid,
    exact_value     numeric
)
returns numeric[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $trial_bounds$
declare
    path    text[];
    percent numeric;
    bound   numeric;
    bounds  numeric[] := '{}';
    step    numeric;
begin
    select array['measures', m.key, 'p'], (m.value ->> 'p')::numeric into path, percent
    from jsonb_each(trial_bounds.trial -> 'measures') as m;
    if percent is null then
        return array[floor(trial_bounds.exact_value * (1 - 4 * 0.0082)), ceil(trial_bounds.exact_value * (1 + 4 * 0.0082))];
    end if;
    foreach step in array array[-0.5, 0.5] loop
        execute yardstick_engine.trial_statement(
            trial_bounds.source_id, jsonb_set(trial_bounds.trial, path, to_jsonb(least(greatest(percent + step, 0), 100))), trial_bounds.organization_id,
            trial_bounds.from_date, trial_bounds.to_date, trial_bounds.timezone, trial_bounds.scope_level, trial_bounds.scope_id
        ) into bound;
        bounds := bounds || bound;
    end loop;
    return bounds;
end
$trial_bounds$;

comment on function yardstick_engine.trial_bounds(uuid, jsonb, uuid, date, date, text, text, uuid, numeric) is
'Between which two values an estimate of a metric that is one measure may lie, given the exact value: [lowest, highest].';
