-- Definer, with the engine's rights: it shows what it is told to, the metrics of one organization and the platform, or with null
-- of the platform alone; the caller has checked which. Level by level, each metric once, by the shortest way. What only correlates
-- is shown and not followed: neither is made of the other. Dashboards of other people are shown without their names.
create or replace function yardstick_engine.lineage(organization_id uuid, metric_id uuid, user_id uuid)
returns table (
    direction   text,
    depth       integer,
    kind        text,
    name        text,
    id          uuid,
    relation    text,
    weight      numeric,
    lag_periods integer,
    path        text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- The row counts of functions are guesses, and so high that every call would be compiled first.
set jit = off
as $lineage$
declare
    way    text;
    level  integer;
    step   record;
    -- What is followed: parallel arrays, the metric itself first.
    ids    uuid[];
    depths integer[];
    paths  text[];
begin
    foreach way in array array['up', 'down'] loop
        ids := array[lineage.metric_id];
        depths := array[0];
        paths := array(select d.metric_name from yardstick.metric_definitions as d where d.id = lineage.metric_id);
        level := 0;
        while level = any(depths) loop
            level := level + 1;
            for step in
                select s.*
                from yardstick_engine.lineage_steps(lineage.organization_id, way, false, ids, depths, paths) as s
                where s.depth = level
            loop
                ids := ids || step.metric_id;
                depths := depths || level;
                paths := paths || step.path;
                return query
                select
                    way, step.depth, 'metric', step.metric_name, step.metric_id, step.relation, step.weight, step.lag_periods, step.path;
            end loop;
        end loop;
        return query
        select way, s.depth, 'metric', s.metric_name, s.metric_id, s.relation, s.weight, s.lag_periods, s.path
        from yardstick_engine.lineage_steps(lineage.organization_id, way, true, ids, depths, paths) as s;

        if way = 'up' then
            return query
            select 'up', s.depth, s.kind, s.name, s.id, s.relation, null::numeric, null::integer, s.path
            from yardstick_engine.lineage_sources(ids, depths, paths) as s;
        else
            return query
            select 'down', u.depth, u.kind, u.name, u.id, u.relation, null::numeric, null::integer, u.path
            from yardstick_engine.lineage_uses(lineage.organization_id, lineage.user_id, ids, depths, paths) as u;
        end if;
    end loop;
end
$lineage$;

comment on function yardstick_engine.lineage(uuid, uuid, uuid) is
'One row per thing that a metric is made of (up) or that uses it (down), as an organization, or with null the platform, sees it.';

grant execute on function yardstick_engine.lineage(uuid, uuid, uuid) to yardstick_owner;
