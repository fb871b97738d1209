-- Definer, with the engine's rights: health shows it to whoever watches.
create or replace function yardstick_engine.newest_errors(organization_ids uuid[], metric_ids uuid[] default null)
returns table (organization_id uuid, metric_id uuid, error_code text, calculation_notes text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
-- What it expects of thousands of look-ups is far from what they take.
set jit = off
as $newest_errors$
    select u.organization_id, d.id, c.error_code, c.calculation_notes
    from (select distinct g.organization_id from unnest(newest_errors.organization_ids) as g (organization_id)) as u
    inner join yardstick.metric_definitions as d
        on (d.organization_id is null or d.organization_id = u.organization_id) and d.deleted_at is null
        and (newest_errors.metric_ids is null or d.id = any(newest_errors.metric_ids))
    cross join lateral unnest(d.time_windows) as w (time_window)
    -- By key, from the newest back: a look at every value would read the whole table.
    cross join lateral (
        select v.calculation_status, v.error_code, v.calculation_notes
        from yardstick.metric_calculations as v
        where v.organization_id = u.organization_id and v.metric_id = d.id and v.aggregation_level = 'org' and v.aggregation_id = u.organization_id
            and v.time_window = w.time_window and v.period_end > now() - interval '2 years'
        order by v.period_end desc
        limit 1
    ) as c
    where c.calculation_status = 'error'
$newest_errors$;

comment on function yardstick_engine.newest_errors(uuid[], uuid[]) is
'Metrics, all or those named, of which the newest value of an organization in one of their windows is an error.';
revoke execute on function yardstick_engine.newest_errors(uuid[], uuid[]) from public;
