-- Definer, with the engine's rights: the function writes with them, and whoever registers a source has none.
create or replace function yardstick_engine.make_capture(source_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $make_capture$
declare
    function_name constant text := format('yardstick.%I()', yardstick_engine.capture_name(make_capture.source_id));
    body          text;
    purpose       text;
begin
    -- One at a time: replacing a function twice at once fails.
    perform pg_advisory_xact_lock(hashtextextended(format('yardstick_engine.make_capture %s', make_capture.source_id), 0));
    select
        yardstick_engine.capture_text(s.id),
        format('Trigger, made by yardstick_engine.make_capture: notes which days of %s change, for the source %s.', s.relation, s.source_name)
    into body, purpose
    from yardstick.metric_sources as s
    where s.id = make_capture.source_id and s.capture and s.is_active and s.relation not like 'yardstick.%';
    if body is null or exists (
        select from yardstick_engine.capture_states() as c where c.source_id = make_capture.source_id and c.is_current
    ) then
        return false;
    end if;

    -- A session plans it at its first statement, perhaps for one row, and a COPY has to do with it.
    execute format(
        'create or replace function %s returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp'
        ' set enable_sort = off set jit = off as %L',
        function_name, body
    );
    execute format('revoke all on function %s from public', function_name);
    execute format('grant execute on function %s to yardstick_owner, yardstick_dba', function_name);
    execute format('comment on function %s is %L', function_name, purpose);
    return true;
end
$make_capture$;

comment on function yardstick_engine.make_capture(uuid) is
'Makes the function that notes the changes of a captured source, when there is none or it is another than it should be; returns whether it did.';
revoke execute on function yardstick_engine.make_capture(uuid) from public;
grant execute on function yardstick_engine.make_capture(uuid) to yardstick_dba;
