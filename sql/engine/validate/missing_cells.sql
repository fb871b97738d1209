-- A value that is not there is in no sample of values. Found from the source, or from the values of the parts, and not from states or dirty
-- rows of the engine.
create or replace function yardstick_engine.missing_cells(
    metric  yardstick.metric_definitions,
    trial   jsonb,
    only_id uuid,
    sample  integer,
    seed    bigint
)
returns table (
    organization_id   uuid,
    timezone          text,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    period_type       integer,
    period_start      timestamptz,
    period_end        timestamptz,
    first_date        date,
    next_date         date
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $missing_cells$
#variable_conflict use_column
declare
    is_filled constant boolean := metric.compiled ? 'fill';
    bounds    record;
    periods   jsonb;
    stretch   record;
    found     jsonb := '[]';
    scopes    jsonb;
begin
    if trial ? 'measures' then
        select b.first_date, case when is_filled then greatest(b.last_date, current_date) else b.last_date end as last_date
        into bounds
        from yardstick_engine.source_dates(metric.source_id) as b;
    else
        select min(c.period_start)::date - 1 as first_date, max(c.period_end)::date + 1 as last_date
        into bounds
        from yardstick.metric_calculations as c
        where c.metric_id = metric.id or c.metric_id in (
            select d.id
            from jsonb_each(metric.compiled -> 'children') as child (alias, body)
            inner join yardstick.metric_definitions as d on d.metric_name = child.body ->> 'metric_name' and d.deleted_at is null
        );
    end if;
    if bounds.first_date is null then
        return;
    end if;
    select coalesce(jsonb_agg(to_jsonb(p)), '[]') into periods
    from yardstick_engine.sample_periods(
        missing_cells.only_id, metric.id, bounds.first_date, bounds.last_date, missing_cells.sample, missing_cells.seed
    ) as p;

    if trial ? 'measures' then
        for stretch in
            select
                p.organization_id, p.timezone, lower(r.dates) as from_date, upper(r.dates) as to_date,
                array_agg(p.first_date) as first_dates, array_agg(p.next_date) as next_dates
            from jsonb_to_recordset(periods) as p (organization_id uuid, timezone text, first_date date, next_date date)
            inner join (
                select u.organization_id, unnest(range_agg(daterange(case when is_filled then date '1990-01-01' else u.first_date end, u.next_date))) as dates
                from jsonb_to_recordset(periods) as u (organization_id uuid, first_date date, next_date date)
                group by u.organization_id
            ) as r on r.organization_id = p.organization_id and p.first_date <@ r.dates
            group by p.organization_id, p.timezone, r.dates
        loop
            begin
                select jsonb_agg(to_jsonb(s) || jsonb_build_object('organization_id', stretch.organization_id)) into scopes
                from yardstick_engine.trial_scopes(
                    metric.source_id, trial, stretch.organization_id, stretch.from_date, stretch.to_date, stretch.timezone, metric.aggregation_levels,
                    stretch.first_dates, stretch.next_dates
                ) as s;
            exception when others then
                -- Whether anything is there, the one who recomputes it says.
                select jsonb_agg(jsonb_build_object(
                    'organization_id', stretch.organization_id, 'aggregation_level', 'org', 'aggregation_id', stretch.organization_id,
                    'first_date', p.first_date, 'next_date', p.next_date
                )) into scopes
                from unnest(stretch.first_dates, stretch.next_dates) as p (first_date, next_date);
            end;
            found := found || coalesce(scopes, '[]');
        end loop;
    elsif metric.compiled ? 'children' then
        select coalesce(jsonb_agg(to_jsonb(s) || to_jsonb(p)), '[]') into found
        from jsonb_to_recordset(periods) as p (
            organization_id uuid, timezone text, time_window text, period_type integer, first_date date, next_date date
        )
        cross join lateral yardstick_engine.scopes_of_parts(
            metric.compiled, metric.aggregation_levels, p.organization_id, p.time_window, p.period_type, p.first_date, p.timezone
        ) as s;
    end if;

    return query
    select
        p.organization_id, p.timezone, s.aggregation_level, s.aggregation_id, p.time_window, p.period_type, p.period_start, p.period_end,
        p.first_date, p.next_date
    from jsonb_to_recordset(periods) as p (
        no integer, organization_id uuid, timezone text, time_window text, period_type integer, period_start timestamptz, period_end timestamptz,
        first_date date, next_date date
    )
    inner join (
        select distinct u.*
        from jsonb_to_recordset(found) as u (
            organization_id uuid, first_date date, next_date date, aggregation_level text, aggregation_id uuid
        )
    ) as s on s.organization_id = p.organization_id and s.first_date = p.first_date and s.next_date = p.next_date
    where s.aggregation_level = any(metric.aggregation_levels) and not exists (
        select
        from yardstick.metric_calculations as c
        where c.organization_id = p.organization_id and c.metric_id = metric.id and c.aggregation_level = s.aggregation_level
            and c.aggregation_id = s.aggregation_id and c.time_window = p.time_window and c.period_end = p.period_end
            and c.period_start = p.period_start
    )
    order by p.no, s.aggregation_level, s.aggregation_id
    limit missing_cells.sample;
end
$missing_cells$;

comment on function yardstick_engine.missing_cells(yardstick.metric_definitions, jsonb, uuid, integer, bigint) is
'Up to sample cells of a metric, of one organization or with null of several, of which no value is stored though there may be one, looked for in as many periods; none of queries and functions, which give values for any period.';
