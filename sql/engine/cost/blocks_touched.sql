-- What this session has counted since it last reported: two of these around a statement differ by what it touched. A millisecond for
-- some hundred relations, too much for a small statement. There are no counters of a session for less before PostgreSQL 18.
create or replace function yardstick_engine.blocks_touched(is_wanted boolean)
returns bigint[]
language sql
volatile
set search_path = pg_catalog, pg_temp
as $blocks_touched$
    select array[sum(b.hit_count), sum(b.fetch_count) - sum(b.hit_count)]::bigint[]
    from (
        select pg_stat_get_xact_blocks_hit(c.oid) as hit_count, pg_stat_get_xact_blocks_fetched(c.oid) as fetch_count
        from pg_class as c
        where c.relkind in ('r', 'i', 't', 'm')
    ) as b
    where blocks_touched.is_wanted
    having count(*) > 0
$blocks_touched$;

comment on function yardstick_engine.blocks_touched(boolean) is
'Blocks this session has found in shared buffers and has asked the system for, since its counters were last reported; null when not wanted.';
