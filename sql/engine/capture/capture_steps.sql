-- Definer, with the engine's rights: whoever registers a source sees no table of ours.
create or replace function yardstick_engine.capture_steps(source_id uuid)
returns table (relation_id oid, is_wanted boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $capture_steps$
    with

    states as materialized (

        select c.source_id, c.relation_id, c.problem
        from yardstick_engine.capture_states() as c
        where c.relation_id is not null

    )

    select states.relation_id, true
    from states
    where states.source_id = capture_steps.source_id and states.problem is not null

    union all

    select distinct t.tgrelid, false
    from pg_trigger as t
    inner join pg_proc as f on f.oid = t.tgfoid and f.proname = 'capture_source' and f.pronamespace = 'yardstick'::regnamespace
    where t.tgparentid = 0 and t.tgrelid not in (select states.relation_id from states)
$capture_steps$;

comment on function yardstick_engine.capture_steps(uuid) is
'Tables that have to be given the triggers of capture for a source (is_wanted), and all that have them for no source any more.';
grant execute on function yardstick_engine.capture_steps(uuid) to yardstick_dba;
