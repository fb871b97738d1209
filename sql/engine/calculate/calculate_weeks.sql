create or replace function yardstick_engine.calculate_weeks(
    source_id   uuid,
    weeks       date[],
    measure_ids uuid[],
    as_of       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_weeks$
declare
    from_date     constant date := (select min(w) from unnest(calculate_weeks.weeks) as w);
    -- Of the week in which the last year ends that has partitions, only its days.
    to_date       constant date := (
        select least(max(w) + 7, make_date(extract(year from now())::integer + 6, 1, 1)) from unnest(calculate_weeks.weeks) as w
    );
    held_ids      constant uuid[] := yardstick_engine.held_measures(calculate_weeks.source_id, calculate_weeks.as_of);
    whole_ids     constant uuid[] := array(
        select m.id from unnest(calculate_weeks.measure_ids) as m (id) where m.id <> all(held_ids)
    );
    touched       bigint := 0;
    dirty         record;
    other_ids     uuid[];
    used_ids      uuid[];
    has_unkeyed   boolean;
begin
    perform yardstick_engine.reach_source(calculate_weeks.source_id);
    perform yardstick.ensure_year_partitions('yardstick.metric_partials', from_date, to_date - 1);
    perform yardstick.ensure_year_partitions('yardstick.metric_details', from_date, to_date - 1);

    -- Dirty cells are taken before the source is read: a cell added later stays for the next time, one taken is always read.
    with

    taken as (
        delete from yardstick.metric_dirty as t
        where t.source_id = calculate_weeks.source_id and t.stage = 'source'
            and t.period_start >= from_date and t.period_start < to_date
            and date_trunc('week', t.period_start::timestamp)::date = any(calculate_weeks.weeks)
        returning t.organization_id, t.measure_key, t.period_start
    ),

    cells as (
        select distinct t.organization_id, t.measure_key, t.period_start
        from taken as t
    )

    select
        array_agg(c.organization_id) as organization_ids,
        array_agg(c.measure_key) as measure_keys,
        array_agg(c.period_start) as local_dates
    into dirty
    from cells as c;

    -- What could not be read of others is read with what may have mended it.
    if dirty.organization_ids is not null and exists (
        select from yardstick.metric_definitions as d where d.source_id = calculate_weeks.source_id and d.last_error_code is not null
    ) then
        select array_agg(c.organization_id), array_agg(c.measure_key), array_agg(c.local_date)
        into dirty.organization_ids, dirty.measure_keys, dirty.local_dates
        from (
            select k.organization_id, k.measure_key, k.local_date
            from unnest(dirty.organization_ids, dirty.measure_keys, dirty.local_dates) as k (organization_id, measure_key, local_date)
            union
            select n.organization_id, n.measure_key, n.local_date
            from yardstick_engine.cells_unread(calculate_weeks.source_id, dirty.measure_keys, dirty.local_dates) as n
        ) as c;
    end if;

    perform yardstick_engine.clear_metric_errors(
        calculate_weeks.source_id, case when calculate_weeks.measure_ids is not null then whole_ids end, from_date, to_date,
        dirty.measure_keys, dirty.local_dates, calculate_weeks.as_of
    );

    if calculate_weeks.measure_ids is not null then
        touched := yardstick_engine.scan_source(
            calculate_weeks.source_id, whole_ids, from_date, to_date, as_of => calculate_weeks.as_of
        );
    end if;

    if dirty.organization_ids is not null then
        -- Once for all of them: asked of each, it cost more than reading the rows.
        used_ids := array(
            select u.measure_id
            from yardstick_engine.measure_uses(array(
                select m.id from yardstick.metric_measures as m where m.source_id = calculate_weeks.source_id
            )) as u
        );
        select array_agg(m.id order by m.id), bool_or(m.measure_key is null)
        into other_ids, has_unkeyed
        from yardstick.metric_measures as m
        where m.source_id = calculate_weeks.source_id
            and m.id <> all(whole_ids || held_ids)
            and m.id = any(used_ids)
            and exists (
                select from unnest(dirty.measure_keys) as k (measure_key)
                where k.measure_key is null or m.measure_key is null or k.measure_key = m.measure_key
            );

        -- A row may match one dirty cell only, or it would be counted twice: a cell of all keys takes the place of the others.
        select array_agg(n.organization_id), array_agg(n.measure_key), array_agg(n.local_date)
        into dirty.organization_ids, dirty.measure_keys, dirty.local_dates
        from (
            select distinct
                c.organization_id,
                case when has_unkeyed or bool_or(c.measure_key is null) over (partition by c.organization_id, c.local_date)
                    then null else c.measure_key end as measure_key,
                c.local_date
            from unnest(dirty.organization_ids, dirty.measure_keys, dirty.local_dates) as c (organization_id, measure_key, local_date)
        ) as n;

        touched := touched + yardstick_engine.scan_source(
            calculate_weeks.source_id, other_ids, from_date, to_date,
            dirty.organization_ids, dirty.measure_keys, dirty.local_dates, calculate_weeks.as_of
        );
    end if;

    perform yardstick_engine.queue_gaps(calculate_weeks.source_id, from_date, to_date);

    insert into yardstick.calculation_slices as s (source_id, period_type, period_start)
    select distinct calculate_weeks.source_id, k.period_type, d.slice_start
    from yardstick.metric_dirty as d
    inner join (values ('day', 3), ('month', 5)) as k (stage, period_type) on k.stage = d.stage
    where d.source_id = calculate_weeks.source_id
    on conflict on constraint calculation_slices_pkey do nothing;

    return touched;
end
$calculate_weeks$;

comment on function yardstick_engine.calculate_weeks(uuid, date[], uuid[], timestamptz) is
'First phase: writes the day states of weeks (Mondays, locked by the caller) of a source: measure_ids wholly when not null, and its dirty cells; not those of metrics that are held at as_of. Leaves the months to merge. Returns the number of cells left to merge.';
