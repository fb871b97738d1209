create or replace function yardstick_engine.take_cells(organization_id uuid, metric_id uuid, row_limit integer, as_of timestamptz)
returns jsonb
language sql
volatile
set search_path = pg_catalog, pg_temp
as $take_cells$
    with

    gone as (

        delete from yardstick.metric_pending as p
        where p.ctid = any(array(
            select w.ctid
            from yardstick.metric_pending as w
            inner join yardstick.metric_definitions as d on d.id = w.metric_id and not d.compiled ? 'children' and d.drifted_at is null
            where w.organization_id = take_cells.organization_id and coalesce(w.metric_id = take_cells.metric_id, true)
                and not exists (
                    select from yardstick_engine.held_metrics(take_cells.as_of) as h
                    where h.metric_id = w.metric_id and coalesce(h.organization_id = w.organization_id, true)
                )
            -- Days before months, and the newest first: those are what people look at.
            order by w.period_type, w.metric_id, w.period_start desc
            limit take_cells.row_limit
        ))
        returning p.metric_id, p.period_type, p.period_start

    )

    select coalesce(jsonb_agg(jsonb_build_object(
        'no', c.no, 'metric_id', c.metric_id, 'period_type', c.period_type, 'period_start', c.period_start,
        'starts_at', yardstick_engine.local_midnight(c.period_start, o.timezone),
        'ends_at', yardstick_engine.local_midnight(yardstick_engine.period_next(c.period_start, c.period_type), o.timezone)
    ) order by c.no), '[]')
    from (
        select
            g.metric_id,
            g.period_type::integer as period_type,
            g.period_start,
            row_number() over (order by g.period_type, g.metric_id, g.period_start desc) as no
        from (select distinct gone.metric_id, gone.period_type, gone.period_start from gone) as g
    ) as c
    -- What was left before an organization changed its calendar may be no period any more.
    inner join yardstick.organizations as o
        on o.id = take_cells.organization_id
        and c.period_start = yardstick_engine.period_floor(c.period_start, c.period_type, o.week_start, o.fiscal_year_start_month)
$take_cells$;

comment on function yardstick_engine.take_cells(uuid, uuid, integer, timestamptz) is
'Takes periods that wait of the queries and functions of an organization, or of one of them, that are not held at as_of, as an array of {no, metric_id, period_type, period_start, starts_at, ends_at}.';
