create or replace function yardstick_engine.queue_organization_source(
    organization_id uuid,
    source_id       uuid,
    cause           text
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_organization_source$
declare
    source record;
begin
    -- The cells of this organization and of no other: a source is shared by many.
    select
        s.id, b.first_date, b.last_date,
        array(
            select m.id
            from yardstick.metric_measures as m
            where m.source_id = s.id and (m.organization_id is null or m.organization_id = queue_organization_source.organization_id)
            order by m.id
        ) as measure_ids
    into source
    from yardstick.metric_sources as s
    cross join lateral yardstick_engine.organization_dates(s.id, queue_organization_source.organization_id) as b
    where s.id = queue_organization_source.source_id and exists (select from yardstick.metric_measures as m where m.source_id = s.id)
        and b.first_date is not null;
    if not found then
        return 0;
    end if;

    insert into yardstick.metric_dirty (organization_id, source_id, stage, period_start)
    select queue_organization_source.organization_id, source.id, 'source', d.local_day::date
    from generate_series(source.first_date::timestamp, source.last_date::timestamp, interval '1 day') as d (local_day);

    -- Under another tree a department has another value of the same states.
    insert into yardstick.metric_dirty (
        organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start, cause
    )
    select
        queue_organization_source.organization_id, source.id, case when p.period_type <= 3 then 'day' else 'month' end, source.measure_ids,
        p.period_type, p.period_start,
        date_trunc(case when p.period_type <= 3 then 'month' else 'year' end, p.slice_date::timestamp)::date,
        case when queue_organization_source.cause = 'org_move' then 'org_move' end
    from (
        select distinct
            k.period_type, f.period_start,
            -- A week belongs to the month in which it ends, any longer period to the one in which it starts.
            case k.period_type when 2 then f.period_start + 6 else f.period_start end as slice_date
        from yardstick.organizations as o
        cross join generate_series(source.first_date::timestamp, source.last_date::timestamp, interval '1 day') as d (local_day)
        cross join (values (1), (2), (3), (4), (5)) as k (period_type)
        cross join lateral (
            select yardstick_engine.period_floor(d.local_day::date, k.period_type, o.week_start, o.fiscal_year_start_month) as period_start
        ) as f
        where o.id = queue_organization_source.organization_id
    ) as p;

    perform yardstick_engine.queue_fill(d.id, source.first_date, current_date + 1, queue_organization_source.organization_id)
    from yardstick.metric_definitions as d
    where d.source_id = source.id and d.deleted_at is null and d.is_active;

    return yardstick_engine.queue_weeks(source.id, null, source.first_date, source.last_date + 1);
end
$queue_organization_source$;

comment on function yardstick_engine.queue_organization_source(uuid, uuid, text) is
'Queues what one source has, or had, of an organization whose calendar or tree of departments (cause calendar or org_move) changed, and returns the number of weeks queued.';
