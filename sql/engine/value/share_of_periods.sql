-- Most series have no rows in most days. A hundred series tell how many, wherever in their numbers those of the measures are.
create or replace function yardstick_engine.share_of_periods(
    measure_ids uuid[],
    period_type integer,
    low         date,
    high        date
)
returns double precision
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = on
set jit = off
as $share_of_periods$
    select avg(least(1, k.states::double precision / (
        (share_of_periods.high - share_of_periods.low) / (array[1, 7, 30, 91, 365])[share_of_periods.period_type] + 1
    )))
    from (
        select distinct b.first_id + (b.last_id - b.first_id) * g.number / 99 as series_id
        from (select min(s.series_id) as first_id, max(s.series_id) as last_id from yardstick.metric_series as s) as b
        cross join generate_series(0, 99) as g (number)
    ) as c
    inner join yardstick.metric_series as s on s.series_id = c.series_id
    inner join yardstick.metric_measures as m on m.id = s.measure_id and m.state_kind = 'sums'
    cross join lateral (
        select count(*) as states
        from yardstick.metric_partials as p
        where p.period_type = share_of_periods.period_type and p.series_id = s.series_id and p.organization_id = s.organization_id
            and p.period_start >= share_of_periods.low and p.period_start <= share_of_periods.high
        offset 0
    ) as k
    where s.measure_id = any(share_of_periods.measure_ids)
$share_of_periods$;

comment on function yardstick_engine.share_of_periods(uuid[], integer, date, date) is
'In which share of the periods of one type, from the first to the last start, a series of these measures has a state, estimated from up to a hundred of them; null where none of these is.';
