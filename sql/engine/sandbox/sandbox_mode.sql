create or replace function yardstick_engine.sandbox_mode()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $sandbox_mode$
    select case when yardstick_engine.sandbox_problem() is null then 'session' else 'single' end
$sandbox_mode$;

comment on function yardstick_engine.sandbox_mode() is
'session: run_queries has a session of its own for its requests. single: it runs one request for each call, in the caller''s session.';
