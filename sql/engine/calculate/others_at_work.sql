create or replace function yardstick_engine.others_at_work(lock_keys integer[], source_id uuid default null)
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $others_at_work$
    -- Looked up, not tried: who holds for a moment what others share keeps one of them away.
    select exists (
        select from pg_locks as l
        inner join pg_database as b on b.oid = l.database and b.datname = current_database()
        where l.locktype = 'advisory' and l.classid::bigint = any(others_at_work.lock_keys) and l.objsubid = 2 and l.granted
            and l.pid <> pg_backend_pid()
            and coalesce(l.objid = (hashtext(others_at_work.source_id::text)::bigint & 4294967295)::oid, true)
    )
$others_at_work$;

comment on function yardstick_engine.others_at_work(integer[], uuid) is
'Whether another worker holds one of these advisory locks for the source, or for any, and so has not committed what it does: 7919005 values, 7919007 reads weeks.';
