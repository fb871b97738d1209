-- Called by the planner, which goes on whatever happens here.
create or replace function yardstick_engine.queue_postponed()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_postponed$
declare
    source record;
    mark   record;
    cause  text;
    queued integer := 0;
    number integer;
begin
    for source in
        select s.id, s.is_active
        from yardstick.metric_sources as s
        where s.id in (
            select r.source_id from yardstick.metric_refreshes as r where r.refresh_frequency in ('calendar_locked', 'org_move_locked')
        )
    loop
        begin
            number := 0;
            -- Once for all that wait for it.
            perform yardstick_engine.reach_source(source.id);
            for mark in
                select r.organization_id, r.refresh_frequency
                from yardstick.metric_refreshes as r
                where r.source_id = source.id and r.refresh_frequency in ('calendar_locked', 'org_move_locked')
                for update skip locked
            loop
                cause := replace(mark.refresh_frequency, '_locked', '');
                delete from yardstick.metric_refreshes as r
                where r.organization_id = mark.organization_id and r.source_id = source.id and r.refresh_frequency = mark.refresh_frequency;
                if source.is_active then
                    number := number + yardstick_engine.queue_organization_source(mark.organization_id, source.id, cause);
                end if;
                if cause = 'calendar' then
                    perform yardstick_engine.queue_organization_queries(mark.organization_id, source.id);
                end if;
            end loop;
            queued := queued + number;
        exception
            when lock_not_available or deadlock_detected or serialization_failure then
                null;
            when others then
                perform yardstick_engine.record_source_error(source.id, sqlstate, sqlerrm);
        end;
    end loop;
    return queued;
end
$queue_postponed$;

comment on function yardstick_engine.queue_postponed() is
'Looks for organizations in sources that were locked when their calendar or tree changed, where these can be read by now, queues what they have there, and returns the number of weeks queued.';
