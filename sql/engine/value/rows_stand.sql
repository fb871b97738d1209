-- A metric that is calculated for the first time has nothing to compare with, which is most of the cost of a backfill; nor has one whose
-- history goes on, but for the values of the period before. Looked up by the key of the organization level, which nearly every metric
-- has; periods that neither are touched nor lie beside one that is do not matter.
create or replace function yardstick_engine.rows_stand(
    metric_ids       uuid[],
    period_type      integer,
    organization_ids uuid[],
    low              date,
    high             date,
    is_later         boolean,
    are_pairs        boolean default false
)
returns boolean
-- Asked for each statement: only here is its plan kept.
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = on
-- The plan that is kept may be of a table that was empty, and is filled now: read whole for each metric, it took half a second.
set enable_seqscan = off
set jit = off
as $rows_stand$
declare
    -- Later rows are not looked for in the partitions of those before.
    first_end constant timestamptz := case when rows_stand.is_later then coalesce(
        (
            select min(yardstick_engine.local_midnight(rows_stand.low, g.timezone))
            from yardstick.organizations as g
            where g.id = any(rows_stand.organization_ids)
        ), rows_stand.low::timestamp at time zone 'UTC' - interval '1 day'
    ) else rows_stand.low::timestamp at time zone 'UTC' - interval '1 day' end;
    last_end  constant timestamptz
        := (yardstick_engine.period_next(rows_stand.high, rows_stand.period_type) + 371)::timestamp at time zone 'UTC';
begin
    return exists (
        select
        from (
            select u.metric_id, u.organization_id, yardstick_engine.local_midnight(rows_stand.low, g.timezone) as first_start
            from (
                select distinct p.metric_id, p.organization_id
                from unnest(rows_stand.metric_ids, rows_stand.organization_ids) as p (metric_id, organization_id)
                where rows_stand.are_pairs
                union all
                select m.metric_id, t.organization_id
                from unnest(rows_stand.metric_ids) as m (metric_id)
                cross join (select distinct n.organization_id from unnest(rows_stand.organization_ids) as n (organization_id)) as t
                where not rows_stand.are_pairs
            ) as u
            inner join yardstick.organizations as g on g.id = u.organization_id
        ) as o
        inner join yardstick.metric_definitions as d on d.id = o.metric_id
        -- One by one: joined, a table that was just filled and has no statistics yet would be read whole. Two branches: with OR between them,
        -- all rows of a metric would be gone through.
        cross join lateral (
            (
                select
                from yardstick.metric_calculations as c
                where 'org' = any(d.aggregation_levels) and c.organization_id = o.organization_id and c.metric_id = d.id
                    and c.aggregation_level = 'org' and c.aggregation_id = o.organization_id
                    and c.time_window = yardstick_engine.window_name(rows_stand.period_type)
                    and c.period_end >= first_end and c.period_end <= last_end
                    and case when rows_stand.is_later then c.period_end > o.first_start else c.period_end <= o.first_start end
                limit 1
            )
            union all
            (
                select
                from yardstick.metric_calculations as c
                where 'org' <> all(d.aggregation_levels) and c.organization_id = o.organization_id and c.metric_id = d.id
                    and c.time_window = yardstick_engine.window_name(rows_stand.period_type)
                    and c.period_end >= first_end and c.period_end <= last_end
                    and case when rows_stand.is_later then c.period_end > o.first_start else c.period_end <= o.first_start end
                limit 1
            )
        ) as k
    );
end
$rows_stand$;

comment on function yardstick_engine.rows_stand(uuid[], integer, uuid[], date, date, boolean, boolean) is
'Whether the given metrics have rows of these organizations and of periods of one type: is_later, of the first touched period or later ones; otherwise of those before it, up to the last touched one and those beside. are_pairs: not all metrics are touched in all organizations; the two arrays are parallel.';
