create or replace function yardstick_engine.remove_states(
    organization_id uuid,
    measure_id      uuid,
    kept_from       date,
    days_kept_from  date
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $remove_states$
declare
    first_date   date;
    state_count  bigint := 0;
    detail_count bigint := 0;
    series       bigint[];
begin
    series := array(
        select s.series_id
        from yardstick.metric_series as s
        where s.organization_id = remove_states.organization_id and s.measure_id = remove_states.measure_id
    );
    select least(min(p.period_start), (
        select min(d.period_start)
        from yardstick.metric_details as d
        where d.organization_id = remove_states.organization_id and d.series_id = any(series) and d.period_start < remove_states.days_kept_from
    ))
    into first_date
    from yardstick.metric_partials as p
    where p.period_type between 1 and 5 and p.organization_id = remove_states.organization_id and p.series_id = any(series)
        and p.period_start < remove_states.kept_from
        and yardstick_engine.period_next(p.period_start, p.period_type)
        <= case when p.period_type <= 2 then remove_states.days_kept_from else remove_states.kept_from end;
    if first_date is null then
        return 0;
    end if;

    delete from yardstick.metric_partials as p
    where p.period_type between 1 and 5 and p.organization_id = remove_states.organization_id and p.series_id = any(series)
        and p.period_start < least(remove_states.kept_from, first_date + 366)
        and yardstick_engine.period_next(p.period_start, p.period_type)
        <= case when p.period_type <= 2 then remove_states.days_kept_from else remove_states.kept_from end;
    get diagnostics state_count = row_count;
    delete from yardstick.metric_details as d
    where d.organization_id = remove_states.organization_id and d.series_id = any(series)
        and d.period_start < least(remove_states.days_kept_from, first_date + 366);
    get diagnostics detail_count = row_count;
    return state_count + detail_count;
end
$remove_states$;

comment on function yardstick_engine.remove_states(uuid, uuid, date, date) is
'Removes a year of the states of a measure and organization that no metric needs any more, the oldest; returns their number, 0 when nothing is left.';
