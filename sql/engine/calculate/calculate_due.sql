-- A thin invoker procedure: one that commits can have neither SECURITY DEFINER nor SET, so every name and type in it is qualified.
create or replace procedure yardstick_engine.calculate_due(
    as_of      pg_catalog.timestamptz default pg_catalog.now(),
    time_limit pg_catalog.interval default '50 seconds'
)
language plpgsql
as $calculate_due$
declare
    started constant pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    done    pg_catalog.jsonb;
    planned pg_catalog.bool := false;
    waits   pg_catalog.int4 := 0;
begin
    perform yardstick_engine.plan_due(as_of);
    commit;

    loop
        done := yardstick_engine.calculate_next(as_of);
        commit;

        if done is null then
            -- Work left for a slice by others while it was being finished shows when planning again.
            exit when planned or yardstick_engine.plan_due(as_of) operator(pg_catalog.=) 0;
            commit;
            planned := true;
            continue;
        end if;
        planned := false;
        raise debug 'yardstick: %', done;

        -- After a cancel the timer of this call has fired and will not fire again: nothing would limit what follows.
        exit when done operator(pg_catalog.->>) 'outcome' operator(pg_catalog.=) any (array['canceled', 'deploying']::pg_catalog.text[]);
        exit when pg_catalog.clock_timestamp() operator(pg_catalog.-) started operator(pg_catalog.>) time_limit;

        -- Who waits for another worker plans nothing: it would find new changes to read, and each would wait for the other. What is left
        -- after two seconds is left to that one.
        waits := case when done operator(pg_catalog.->>) 'outcome' operator(pg_catalog.=) 'waiting' then waits operator(pg_catalog.+) 1 else 0 end;
        exit when waits operator(pg_catalog.>) 10;
        if waits operator(pg_catalog.>) 0 then
            perform pg_catalog.pg_sleep(0.2);
            commit;
        end if;
    end loop;
    commit;
end
$calculate_due$;

comment on procedure yardstick_engine.calculate_due(timestamptz, interval) is
'Calculates what is due at as_of, slice by slice, each in its own transaction, and returns when nothing is left or after time_limit (default 50 seconds); the next call goes on where it stopped. Call it at the top level, not inside a transaction. Two workers may call it at once.';
grant execute on procedure yardstick_engine.calculate_due(timestamptz, interval) to yardstick_worker, yardstick_dba;
