-- Called by the planner, of which there is one at a time. A change may name an organization that is being made, renamed or moved to
-- another zone by a transaction that has not ended, and which will not see the changed rows when it queues the organization's history:
-- such a change waits for the next call. Nobody waits here.
create or replace function yardstick_engine.take_changes()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $take_changes$
declare
    seen         tid[];
    named_keys   text[];
    known_keys   text[];
    known_ids    uuid[];
    steady_ids   uuid[];
    steady_zones text[];
    is_alone     boolean;
    open_keys    text[];
    marked       bigint;
begin
    -- What is committed from here on, by whoever is not seen below either, is for the next call.
    select array_agg(c.ctid), array_agg(distinct u.organization_key)
    into seen, named_keys
    from yardstick.source_changes as c
    cross join unnest(c.organization_keys) as u (organization_key);
    if seen is null then
        return 0;
    end if;

    select array_agg(k.organization_key), array_agg(o.id)
    into known_keys, known_ids
    from unnest(named_keys) as k (organization_key)
    cross join lateral (
        select n.id
        from yardstick.organizations as n
        where n.external_id in (k.organization_key, upper(k.organization_key))
        union
        select n.id
        from yardstick.organizations as n
        where n.id = case
            when k.organization_key ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then k.organization_key::uuid
        end
    ) as o;

    -- Looked at and let go at once: rolled back, so that nobody who changes an organization waits for a planner.
    begin
        select array_agg(s.id), array_agg(s.timezone)
        into steady_ids, steady_zones
        from (
            select o.id, o.timezone
            from yardstick.organizations as o
            where o.id = any(known_ids)
            for share skip locked
        ) as s;
        -- The lock that yardstick_api.sync_organization keeps to its end.
        is_alone := pg_try_advisory_xact_lock_shared(hashtextextended('yardstick_api.sync_organization', 0));
        raise exception using errcode = 'YSEND', message = 'seen';
    exception when sqlstate 'YSEND' then
        null;
    end;
    select array_agg(distinct k.organization_key)
    into open_keys
    from unnest(named_keys) as k (organization_key)
    left join unnest(known_keys, known_ids) as o (organization_key, organization_id) on o.organization_key = k.organization_key
    where case when o.organization_id is null then not is_alone else not o.organization_id = any(coalesce(steady_ids, '{}')) end;

    with

    taken as (

        delete from yardstick.source_changes as c
        where c.ctid = any(seen) and (open_keys is null or not c.organization_keys && open_keys)
        returning c.*

    ),

    changes as (

        select t.source_id, t.is_instant, t.organization_keys, t.measure_keys, t.first_at, t.last_at, t.added_at
        from taken as t
        union all
        select c.source_id, c.is_instant, c.organization_keys, c.measure_keys, c.first_at, c.last_at, c.added_at
        from yardstick.source_changes as c
        where c.ctid = any(seen) and c.organization_keys && open_keys

    ),

    -- Taken apart before keys are looked up: beside each organization, all changes were read once more.
    times as materialized (

        select
            s.id as source_id, s.organization_id as owner_id, c.added_at, u.organization_key, u.measure_key, u.first_at, u.last_at,
            case when not c.is_instant then 'UTC' end as timezone
        from changes as c
        inner join yardstick.metric_sources as s on s.id = c.source_id and s.capture and s.is_active
        cross join lateral unnest(c.organization_keys, c.measure_keys, c.first_at, c.last_at)
            as u (organization_key, measure_key, first_at, last_at)

    ),

    days as (

        select
            t.source_id, z.organization_id, t.measure_key, t.added_at,
            (t.first_at at time zone coalesce(t.timezone, z.timezone))::date as first_date,
            (t.last_at at time zone coalesce(t.timezone, z.timezone))::date as last_date
        from times as t
        inner join unnest(known_keys, known_ids) as k (organization_key, organization_id) on k.organization_key = t.organization_key
        inner join unnest(steady_ids, steady_zones) as z (organization_id, timezone) on z.organization_id = k.organization_id
        where (t.owner_id is null or t.owner_id = z.organization_id)
            and t.first_at >= '1989-12-31' and t.first_at < '2200-01-01'

    ),

    marked as (

        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start, added_at)
        select d.organization_id, d.source_id, 'source', d.measure_key, d.local_date, min(d.added_at)
        from (
            select d.organization_id, d.source_id, d.measure_key, d.first_date as local_date, d.added_at from days as d
            union all
            select d.organization_id, d.source_id, d.measure_key, d.last_date, d.added_at from days as d where d.last_date <> d.first_date
        ) as d
        where d.local_date between date '1990-01-01' and make_date(extract(year from now())::integer + 5, 12, 31)
        group by d.organization_id, d.source_id, d.measure_key, d.local_date
        returning 1

    )

    select count(*) into marked from marked;
    return marked;
end
$take_changes$;

comment on function yardstick_engine.take_changes() is
'Turns what the triggers of captured sources noted into days that wait to be calculated, on each organization''s calendar of now, and returns their number. What names an organization that is being changed waits.';
