-- What is made of other metrics is valued when they are.
create or replace function yardstick_engine.calculate_next(as_of timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $calculate_next$
declare
    done jsonb := yardstick_engine.calculate_slice(calculate_next.as_of);
begin
    if done is null or done ->> 'outcome' = 'waiting' then
        done := coalesce(yardstick_engine.calculate_pending(calculate_next.as_of), done);
    end if;
    return done;
end
$calculate_next$;

comment on function yardstick_engine.calculate_next(timestamptz) is
'Does the next piece of what is due, of slices first and then of metrics without measures, and says what it did; null when nothing is left, outcome waiting when others have to finish first.';
revoke execute on function yardstick_engine.calculate_next(timestamptz) from public;
grant execute on function yardstick_engine.calculate_next(timestamptz) to yardstick_worker, yardstick_dba;
