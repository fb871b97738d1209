-- as: deployer
-- A metric that is made of itself could never be calculated, and an alert on it would inhibit itself. The lock comes before the
-- look: what another session committed meanwhile is seen by the statements after it, in READ COMMITTED. A relationship of the
-- platform can close a cycle of any organization, so that of an organization holds the platform's lock too, shared.
-- Definer, with the engine's rights: it has to see the rows of every organization for one of the platform.
create or replace function yardstick.keep_relationships_acyclic()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_relationships_acyclic$
declare
    ids           uuid[] := array[new.child_metric_id];
    organizations uuid[] := array[new.organization_id];
    paths         text[];
    seen          text[] := '{}';
    cycle         text;
begin
    if new.relationship_type = 'correlates_with' then
        return new;
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using
            errcode = 'YS007',
            message = 'relationship_type: what others relate meanwhile is not seen under this isolation level; use READ COMMITTED';
    end if;
    if new.organization_id is null then
        perform pg_advisory_xact_lock(hashtextextended('yardstick.metric_relationships', 0));
    else
        perform pg_advisory_xact_lock_shared(hashtextextended('yardstick.metric_relationships', 0));
        perform pg_advisory_xact_lock(hashtextextended('yardstick.metric_relationships ' || new.organization_id, 0));
    end if;

    select array[format(
        '%s -> %s', p.metric_name, c.metric_name
    )]
    into paths
    from yardstick.metric_definitions as p
    cross join yardstick.metric_definitions as c
    where p.id = new.parent_metric_id and c.id = new.child_metric_id;

    -- Level by level, each metric once. A way that has used a row of an organization goes on with its rows and the platform's.
    while cardinality(ids) > 0 loop
        seen := seen || array(
            select format('%s %s', f.id, f.organization_id)
            from unnest(ids, organizations) as f (id, organization_id)
        );
        select
            array_agg(n.child_metric_id),
            array_agg(n.organization_id),
            array_agg(n.path),
            min(n.path) filter (where n.child_metric_id = new.parent_metric_id)
        into ids, organizations, paths, cycle
        from (
            select distinct on (r.child_metric_id, o.organization_id)
                r.child_metric_id,
                o.organization_id,
                f.path || ' -> ' || d.metric_name as path
            from unnest(ids, organizations, paths) as f (id, organization_id, path)
            inner join yardstick.metric_relationships as r
                on
                    r.parent_metric_id = f.id
                    and r.id <> new.id
                    and r.relationship_type <> 'correlates_with'
                    and (r.organization_id is null or f.organization_id is null or r.organization_id = f.organization_id)
            cross join lateral (select coalesce(f.organization_id, r.organization_id) as organization_id) as o
            inner join yardstick.metric_definitions as d on d.id = r.child_metric_id
            where format('%s %s', r.child_metric_id, o.organization_id) <> all (seen)
            order by r.child_metric_id, o.organization_id, path
        ) as n;
        if cycle is not null then
            raise exception using
                errcode = 'YS001',
                message = format('child_metric: would make a metric part of itself: %s; take one of these relationships back first', cycle);
        end if;
    end loop;
    return new;
end
$keep_relationships_acyclic$;

alter function yardstick.keep_relationships_acyclic() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_relationships_acyclic() from public;
grant execute on function yardstick.keep_relationships_acyclic() to yardstick_owner;

comment on function yardstick.keep_relationships_acyclic() is
'Trigger: no metric derives from, is contributed to by or depends on itself, whatever lies between.';
