-- Series by series, each by the ends of its key: joined, all states would be read.
create or replace function yardstick_engine.state_dates(measure_ids uuid[], organization_id uuid)
returns table (first_date date, last_date date)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $state_dates$
    select min(b.first_date), max(b.last_date)
    from yardstick.metric_series as s
    cross join lateral (
        select min(p.period_start) as first_date, max(p.period_start) as last_date
        from yardstick.metric_partials as p
        where p.period_type = 1 and p.series_id = s.series_id and p.organization_id = s.organization_id
        union all
        select min(d.period_start), max(d.period_start)
        from yardstick.metric_details as d
        where d.organization_id = s.organization_id and d.series_id = s.series_id
    ) as b
    where s.measure_id = any(state_dates.measure_ids)
        and (state_dates.organization_id is null or s.organization_id = state_dates.organization_id)
    having count(b.first_date) > 0
$state_dates$;

comment on function yardstick_engine.state_dates(uuid[], uuid) is
'First and last day of which states of the given measures are stored, for one organization or with null for all; no row when there is none.';
