create or replace function yardstick_engine.deploy_is_running()
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $deploy_is_running$
begin
    -- Held to the end of the transaction: a deploy that begins now waits for it.
    if pg_try_advisory_xact_lock_shared(7919001) then
        return false;
    end if;

    -- Any login can take any advisory lock. One that could not deploy stops nobody; nor can a deploy begin while it holds the lock.
    return exists (
        select from pg_locks as l
        inner join pg_database as b on b.oid = l.database and b.datname = current_database()
        inner join pg_stat_activity as a on a.pid = l.pid
        inner join pg_roles as r on r.oid = a.usesysid
        where l.locktype = 'advisory' and l.classid = 0 and l.objid = 7919001 and l.objsubid = 1
            and l.granted and l.mode = 'ExclusiveLock'
            and r.rolsuper
    );
end
$deploy_is_running$;

comment on function yardstick_engine.deploy_is_running() is
'True while a deploy holds its lock; else false, and no deploy begins before the transaction ends. A lock that a login without the right to deploy has taken is no deploy.';
