-- Runs as its caller and sets nothing, because it commits: a long history is taken in pieces, and what is left after 50 s
-- is taken by the next call.
create or replace procedure yardstick_engine.take_snapshots(as_of timestamptz default now())
language plpgsql
as $take_snapshots$
declare
    deadline pg_catalog.timestamptz := pg_catalog.clock_timestamp() operator(pg_catalog.+) '50 seconds'::pg_catalog.interval;
    progress pg_catalog.jsonb := '{}';
begin
    loop
        progress := yardstick_engine.snapshot_step(take_snapshots.as_of, progress);
        commit;
        exit when progress operator(pg_catalog.?) 'is_done' or pg_catalog.clock_timestamp() operator(pg_catalog.>) deadline;
    end loop;
end
$take_snapshots$;

comment on procedure yardstick_engine.take_snapshots(timestamptz) is
'Takes every snapshot of periods ended at as_of that is missing or out of date, newest first; returns after 50 s at the latest.';

grant execute on procedure yardstick_engine.take_snapshots(timestamptz) to yardstick_worker;
