create or replace function yardstick_engine.exact_cell(
    metric_id         uuid,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    first_date        date,
    with_fill         boolean default true,
    out value         numeric,
    out sample_size   bigint,
    out is_row        boolean
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $exact_cell$
declare
    kind      constant integer := yardstick_engine.period_type(exact_cell.time_window);
    next_date constant date := yardstick_engine.period_next(exact_cell.first_date, kind);
    zone      text;
    metric    yardstick.metric_definitions;
    fill      text;
    unread    date[];
    waits     boolean;
    has_begun boolean;
    stored    record;
begin
    is_row := false;
    select d.* into metric from yardstick.metric_definitions as d where d.id = exact_cell.metric_id;
    if metric.id is null or not exact_cell.aggregation_level = any(metric.aggregation_levels) or not exact_cell.time_window = any(metric.time_windows) then
        return;
    end if;
    select o.timezone into strict zone from yardstick.organizations as o where o.id = exact_cell.organization_id;
    -- A date that the zone skipped is no day.
    if yardstick_engine.local_midnight(exact_cell.first_date, zone) >= yardstick_engine.local_midnight(next_date, zone) then
        return;
    end if;
    select c.metric_value, c.sample_size into stored
    from yardstick.metric_calculations as c
    where c.organization_id = exact_cell.organization_id and c.metric_id = metric.id and c.aggregation_level = exact_cell.aggregation_level
        and c.aggregation_id = exact_cell.aggregation_id and c.time_window = exact_cell.time_window
        and c.period_end = yardstick_engine.local_midnight(next_date, zone)
        and c.period_start = yardstick_engine.local_midnight(exact_cell.first_date, zone);
    if not metric.is_active or metric.approval_status <> 'approved' then
        value := stored.metric_value;
        sample_size := stored.sample_size;
        is_row := stored.metric_value is not null or stored.sample_size is not null;
        return;
    end if;
    if metric.drifted_at is not null then
        raise exception using errcode = 'YS010', message = format('%s has drifted: %s', metric.metric_name, metric.drift_reason);
    elsif metric.compiled ? 'children' then
        select e.value, e.sample_size, e.is_row into value, sample_size, is_row
        from yardstick_engine.exact_derived(
            metric.id, exact_cell.organization_id, exact_cell.aggregation_level, exact_cell.aggregation_id, exact_cell.time_window, exact_cell.first_date
        ) as e;
    elsif not metric.compiled ? 'measures' then
        raise exception using errcode = 'YS010', message = format(
            '%s is calculated by a query or function of its own, which is run at its times only; read it without exact, or call refresh_metric and read after the next tick',
            metric.metric_name
        );
    else
        fill := case when exact_cell.with_fill then metric.compiled ->> 'fill' end;
        -- Zero is from the first rows on: whatever came before matters too.
        unread := yardstick_engine.unread_dates(
            exact_cell.organization_id, metric.id, case when fill = 'zero' then date '1990-01-01' else exact_cell.first_date end, next_date
        );
        waits := exists (
            select from yardstick.metric_dirty as d
            where d.organization_id = exact_cell.organization_id and d.source_id = metric.source_id and d.stage <> 'source'
                and coalesce(d.measure_ids && array(select m.measure_id from yardstick_engine.metric_measure_ids(metric.id) as m (measure_id)), true)
                and d.period_start < next_date and yardstick_engine.period_next(d.period_start, d.period_type) > exact_cell.first_date
        );
        if cardinality(unread) = 0 and not waits and stored.sample_size > 0 then
            value := stored.metric_value;
            sample_size := stored.sample_size;
            is_row := true;
            return;
        end if;
        execute yardstick_engine.exact_statement(
            metric.source_id, metric.compiled, exact_cell.organization_id, exact_cell.aggregation_level, exact_cell.aggregation_id, zone, unread
        )
        into value, sample_size, has_begun
        using exact_cell.first_date, next_date, unread;
        is_row := coalesce(sample_size > 0, false);
        if not is_row then
            sample_size := 0;
            is_row := fill = 'zero' and has_begun and exact_cell.first_date <= (now() at time zone zone)::date;
            value := case when is_row then value end;
            if fill = 'carry_forward' and exact_cell.first_date <= (now() at time zone zone)::date then
                value := yardstick_engine.exact_carried(
                    metric.id, exact_cell.organization_id, exact_cell.aggregation_level, exact_cell.aggregation_id, exact_cell.time_window,
                    exact_cell.first_date
                );
                is_row := value is not null;
            end if;
        end if;
        is_row := coalesce(is_row, false);
    end if;
    -- As it would be stored: rounded once, or an error without a value.
    value := case when value > -99999999999.99995 and value < 99999999999.99995 then value::numeric(15, 4) end;
end
$exact_cell$;

comment on function yardstick_engine.exact_cell(uuid, uuid, text, uuid, text, date, boolean) is
'Value now of a metric for one scope and period: the stored one where nothing changed, else merged from the states of clean days and the rows of the others. with_fill false: periods without rows have none. YS010: it cannot be calculated now.';
