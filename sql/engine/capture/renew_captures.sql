-- With the rights of whoever deploys. Functions that are as they should be, and triggers that stand, are left alone.
create or replace function yardstick_engine.renew_captures()
returns text[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $renew_captures$
declare
    source record;
    notes  text[] := '{}';
begin
    for source in
        select c.source_id
        from yardstick_engine.capture_states() as c
        where c.relation_id is not null
        order by c.source_id
    loop
        begin
            perform yardstick_engine.make_capture(source.source_id);
            if exists (
                select from yardstick_engine.capture_states() as c where c.source_id = source.source_id and c.problem like '% lacks triggers %'
            ) then
                perform yardstick_engine.place_capture(source.source_id);
            end if;
        exception when others then
            notes := notes || sqlerrm;
        end;
    end loop;
    perform yardstick_engine.drop_captures();
    return notes;
end
$renew_captures$;

comment on function yardstick_engine.renew_captures() is
'After a deploy: makes the functions anew that note changes of captured sources and are not as this version writes them, and triggers that are missing; returns what could not be done. Nothing of it keeps a deploy from ending: such a source is read by look-back meanwhile.';
revoke execute on function yardstick_engine.renew_captures() from public;
