-- Definer, with the engine's rights: health shows it to whoever watches.
-- The transaction that last wrote a trigger's row in the catalog tells when it was switched off and on again, even between two looks.
create or replace function yardstick_engine.capture_states()
returns table (source_id uuid, relation_id oid, problem text, mark jsonb)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $capture_states$
    select
        s.id,
        c.oid,
        case
            when c.oid is null then format('%s is gone', s.relation)
            when h.held < 4 then format(
                '%s lacks triggers that note its changes; register the source %s again', s.relation, s.source_name
            )
            when h.disabled is not null then format(
                'triggers that note changes of %1$s are switched off; type: %2$s', s.relation, h.disabled
            )
        end,
        jsonb_build_object('triggers', h.triggers, 'partitions', case when c.relkind = 'p' then p.partitions else '[]' end)
    from yardstick.metric_sources as s
    left join (
        select k.oid, k.relkind, format('%I.%I', n.nspname, k.relname) as relation
        from pg_class as k
        inner join pg_namespace as n on n.oid = k.relnamespace
        where k.relkind in ('r', 'p', 'v', 'm', 'f')
    ) as c on c.relation = s.relation
    cross join lateral (
        select
            count(*) as held,
            string_agg(format('%s %s', t.oid, t.xmin), ', ' order by t.tgname) as triggers,
            string_agg(format('alter table %s enable always trigger %I;', s.relation, t.tgname), ' ' order by t.tgname)
                filter (where t.tgenabled not in ('O', 'A')) as disabled
        from pg_trigger as t
        inner join pg_proc as f on f.oid = t.tgfoid and f.proname = 'capture_source' and f.pronamespace = 'yardstick'::regnamespace
        where t.tgrelid = c.oid and t.tgname in (
            'yardstick_capture_insert', 'yardstick_capture_update', 'yardstick_capture_delete', 'yardstick_capture_truncate'
        )
    ) as h
    cross join lateral (
        select coalesce(jsonb_agg(t.relid::oid::bigint order by t.relid), '[]') as partitions
        from pg_partition_tree(c.oid) as t
        where t.isleaf
    ) as p
    where s.capture and s.is_active and s.relation not like 'yardstick.%'
$capture_states$;

comment on function yardstick_engine.capture_states() is
'One row per captured source of the host: its table, what keeps changes from being noted (null: nothing), and the triggers and partitions as they are now.';
grant execute on function yardstick_engine.capture_states() to yardstick_dba, yardstick_worker;
