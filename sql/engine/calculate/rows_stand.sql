-- A metric that is calculated for the first time has nothing to compare with, which is most of the cost of a backfill; nor has one whose
-- history goes on, but for the values of the period before. Looked up by the key of the organization level, which nearly every metric
-- has; periods that neither are touched nor lie beside one that is do not matter.
create or replace function yardstick_engine.rows_stand(
    metric_ids       uuid[],
    period_type      integer,
    organization_ids uuid[],
    low              date,
    high             date,
    is_later         boolean
)
returns boolean
-- Asked for each statement: only here is its plan kept.
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = on
set jit = off
as $rows_stand$
declare
    first_end constant timestamptz := rows_stand.low::timestamp at time zone 'UTC' - interval '1 day';
    last_end  constant timestamptz
        := (yardstick_engine.period_next(rows_stand.high, rows_stand.period_type) + 371)::timestamp at time zone 'UTC';
begin
    return exists (
        select
        from (
            select u.organization_id, yardstick_engine.local_midnight(rows_stand.low, g.timezone) as first_start
            from (select distinct t.organization_id from unnest(rows_stand.organization_ids) as t (organization_id)) as u
            inner join yardstick.organizations as g on g.id = u.organization_id
        ) as o
        inner join yardstick.metric_definitions as d on d.id = any(rows_stand.metric_ids)
        -- One by one: joined, a table that was just filled and has no statistics yet would be read whole.
        cross join lateral (
            select from yardstick.metric_calculations as c
            where c.organization_id = o.organization_id and c.metric_id = d.id
                and ('org' <> all(d.aggregation_levels) or (c.aggregation_level = 'org' and c.aggregation_id = o.organization_id))
                and c.time_window = yardstick_engine.window_name(rows_stand.period_type)
                and c.period_end >= first_end and c.period_end <= last_end
                and case when rows_stand.is_later then c.period_end > o.first_start else c.period_end <= o.first_start end
            limit 1
        ) as k
    );
end
$rows_stand$;

comment on function yardstick_engine.rows_stand(uuid[], integer, uuid[], date, date, boolean) is
'Whether the given metrics have rows of these organizations and of periods of one type: is_later, of the first touched period or later ones; otherwise of those before it, up to the last touched one and those beside.';
