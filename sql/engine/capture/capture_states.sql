-- Definer, with the engine's rights: health shows it to whoever watches.
-- The transaction that last wrote the row of a trigger, or of its function, in the catalog tells when it was switched off and on again,
-- or changed and changed back, even between two looks.
create or replace function yardstick_engine.capture_states()
returns table (source_id uuid, relation_id oid, problem text, mark jsonb, is_current boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
set jit = off
as $capture_states$
    select
        s.id,
        c.oid,
        case
            when c.oid is null then format('%s is gone', s.relation)
            when f.is_current is not true then format(
                'the function yardstick.%s that notes changes of %s %s; register the source %s again, or deploy',
                yardstick_engine.capture_name(s.id), s.relation, case when f.oid is null then 'is missing' else 'was changed' end, s.source_name
            )
            when h.held < 4 then format(
                '%s lacks triggers that note its changes, or they were changed; register the source %s again', s.relation, s.source_name
            )
            -- Its worker fires no triggers of statements.
            when p.is_subscribed then format(
                '%s is filled by a subscription, whose changes are not noted; register the source %s again without capture', s.relation, s.source_name
            )
            when h.disabled is not null then format(
                'triggers that note changes of %1$s are switched off; type: %2$s', s.relation, h.disabled
            )
        end,
        jsonb_build_object(
            'triggers', concat_ws(', ', h.triggers, format('%s %s', f.oid, f.version)),
            'partitions', case when c.relkind = 'p' then p.partitions else '[]' end,
            'links', case when c.relkind = 'p' then p.links else '[]' end
        ),
        coalesce(f.is_current, false)
    from yardstick.metric_sources as s
    left join (
        select k.oid, k.relkind, format('%I.%I', n.nspname, k.relname) as relation
        from pg_class as k
        inner join pg_namespace as n on n.oid = k.relnamespace
        where k.relkind in ('r', 'p', 'v', 'm', 'f')
    ) as c on c.relation = s.relation
    left join lateral (
        select
            r.oid,
            r.xmin::text as version,
            -- While a column is gone nothing better can be made.
            r.prosrc = coalesce(yardstick_engine.capture_text(s.id), r.prosrc)
            and r.prosecdef and r.proowner = 'yardstick_engine_role'::regrole and r.prorettype = 'trigger'::regtype
            and r.proconfig = array['search_path=pg_catalog, pg_temp', 'enable_sort=off', 'jit=off']
            and not exists (select from aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) as a where a.grantee = 0) as is_current
        from pg_proc as r
        where r.pronamespace = 'yardstick'::regnamespace and r.proname = yardstick_engine.capture_name(s.id) and r.pronargs = 0
    ) as f on true
    cross join lateral (
        select
            count(*) as held,
            string_agg(format('%s %s', t.oid, t.xmin), ', ' order by t.tgname) as triggers,
            string_agg(format('alter table %s enable always trigger %I;', s.relation, t.tgname), ' ' order by t.tgname)
                filter (where t.tgenabled not in ('O', 'A')) as disabled
        from pg_trigger as t
        inner join yardstick_engine.capture_kinds() as k
            on t.tgname = format('yardstick_capture_%s_%s', k.event, replace(s.id::text, '-', ''))
            and t.tgtype = k.trigger_type
            and t.tgoldtable is not distinct from k.old_name and t.tgnewtable is not distinct from k.new_name
        where t.tgrelid = c.oid and t.tgfoid = f.oid and t.tgqual is null and t.tgnargs = 0 and cardinality(t.tgattr::int2[]) = 0
    ) as h
    cross join lateral (
        select
            coalesce(jsonb_agg(t.relid::bigint order by t.relid) filter (where t.is_leaf), '[]') as partitions,
            -- One that was detached, written to and attached again, all between two looks, has another version here.
            coalesce(jsonb_agg(format('%s %s', t.relid, t.link_version) order by t.relid) filter (where t.link_version is not null), '[]') as links,
            exists (select from pg_subscription_rel as b where b.srrelid = c.oid)
                or coalesce(bool_or(exists (select from pg_subscription_rel as b where b.srrelid = t.relid)), false) as is_subscribed
        from yardstick_engine.partition_tree(c.oid) as t
    ) as p
    where s.capture and s.is_active and s.relation not like 'yardstick.%'
$capture_states$;

comment on function yardstick_engine.capture_states() is
'One row per captured source of the host: its table, what keeps changes from being noted (null: nothing), the triggers, their function and the partitions as they are now, and whether the function is as it should be.';
grant execute on function yardstick_engine.capture_states() to yardstick_dba, yardstick_worker;
