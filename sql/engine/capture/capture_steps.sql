-- Definer, with the engine's rights: whoever registers a source sees no table of ours.
create or replace function yardstick_engine.capture_steps(source_id uuid, is_new boolean)
returns table (relation_id oid, function_name text, is_wanted boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $capture_steps$
    with

    states as materialized (

        select c.source_id, c.relation_id, c.problem, yardstick_engine.capture_name(c.source_id) as function_name
        from yardstick_engine.capture_states() as c
        where c.relation_id is not null

    )

    select states.relation_id, states.function_name, true
    from states
    where states.source_id = capture_steps.source_id and (states.problem is not null or capture_steps.is_new)

    union all

    select distinct t.tgrelid, f.proname::text, false
    from pg_trigger as t
    inner join pg_proc as f on f.oid = t.tgfoid and f.proname ~ '^capture_[0-9a-f]{32}$' and f.pronamespace = 'yardstick'::regnamespace
    where t.tgparentid = 0 and (t.tgrelid, f.proname::text) not in (select states.relation_id, states.function_name from states)
$capture_steps$;

comment on function yardstick_engine.capture_steps(uuid, boolean) is
'The table that has to be given the triggers of a source (is_wanted; is_new: even if it has them), and all that have triggers of sources that they are not, or not any more.';
grant execute on function yardstick_engine.capture_steps(uuid, boolean) to yardstick_dba;
