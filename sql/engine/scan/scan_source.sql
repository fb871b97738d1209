create or replace function yardstick_engine.scan_source(
    source_id        uuid,
    measure_ids      uuid[],
    from_date        date,
    to_date          date,
    organization_ids uuid[] default null,
    measure_keys     text[] default null,
    local_dates      date[] default null,
    as_of            timestamptz default now()
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- Cell counts of a statement's own CTEs are guessed badly; past a few cells a nested loop chosen on such a guess never ends.
set enable_nestloop = off
set enable_mergejoin = off
set enable_sort = off
set jit = off
set work_mem = '48MB'
-- Different values are told apart by their text, which depends on these.
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
as $scan_source$
declare
    only_dirty   constant boolean := organization_ids is not null;
    touched      bigint := 0;
    written      bigint;
    is_new       boolean;
    is_keyed     boolean := false;
    by_cells     boolean := false;
    by_index     boolean := false;
    low_date     date;
    high_date    date;
    starts       date[] := array[scan_source.from_date];
    ends         date[] := array[scan_source.to_date];
    failures     integer := 0;
    low          timestamptz;
    high         timestamptz;
    host_keys    text[];
    wanted_keys  text[];
    error_state  text;
    error_text   text;
    half         integer;
    statement    text;
    is_exact     boolean := false;
    is_too_long  boolean;
    kind         record;
    began_at     timestamptz;
    blocks       bigint[];
begin
    perform
        set_config('enable_nestloop', s.setting, true),
        set_config('enable_mergejoin', s.setting, true),
        set_config('enable_sort', s.setting, true)
    from (select case when only_dirty and cardinality(scan_source.organization_ids) <= 200 then 'on' else 'off' end as setting) as s;

    if coalesce(cardinality(scan_source.measure_ids), 0) = 0 then
        return 0;
    end if;

    -- One statement keeps states of one shape.
    for kind in
        select g.measure_ids, count(*) over () as kinds
        from yardstick_engine.scan_groups(scan_source.measure_ids) as g
    loop
        exit when kind.kinds = 1;
        touched := touched + yardstick_engine.scan_source(
            scan_source.source_id, kind.measure_ids, scan_source.from_date, scan_source.to_date,
            scan_source.organization_ids, scan_source.measure_keys, scan_source.local_dates, scan_source.as_of
        );
    end loop;
    if kind.kinds > 1 then
        return touched;
    end if;

    select array_agg(distinct k.organization_key)
    into host_keys
    from yardstick.organizations as o
    cross join lateral (values (o.id::text), (o.external_id)) as k (organization_key)
    where case when only_dirty then o.id = any(scan_source.organization_ids) else o.is_active end
        and k.organization_key is not null
        and (
            k.organization_key ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'
            or not exists (
                select from yardstick_engine.source_columns(scan_source.source_id) as c
                inner join yardstick.metric_sources as s
                    on s.id = scan_source.source_id and s.organization_column = c.column_name
                where c.type_name = 'uuid'
            )
        );
    if only_dirty then
        is_keyed := not exists (select from unnest(scan_source.measure_keys) as k (measure_key) where k.measure_key is null);
        -- As in wanted_keys: where most are wanted, looking for a key gains nothing.
        select w.keys
        into wanted_keys
        from (
            select array_agg(distinct k.measure_key) as keys
            from unnest(scan_source.measure_keys) as k (measure_key)
            where is_keyed
        ) as w
        where cardinality(w.keys) * 2 < (
            select count(distinct m.measure_key) from yardstick.metric_measures as m where m.source_id = scan_source.source_id
        );
    else
        wanted_keys := yardstick_engine.wanted_keys(scan_source.source_id, scan_source.measure_ids);
    end if;

    -- What is read for the first time, as every slice of a history is, has no states to compare with. Series by series: joined, whole
    -- years of states would be read. Of sums by an array, whose numbers one scan of the index looks up.
    is_new := not only_dirty and not exists (
        select
        from yardstick.metric_partials as p
        where p.period_type = 1 and p.period_start >= scan_source.from_date and p.period_start < scan_source.to_date
            and p.series_id = any(array(
                select s.series_id
                from yardstick.metric_measures as m
                inner join yardstick.metric_series as s on s.measure_id = m.id
                where m.id = any(scan_source.measure_ids) and m.state_kind = 'sums'
            ))
    ) and not exists (
        select
        from yardstick.metric_measures as m
        inner join yardstick.metric_series as s on s.measure_id = m.id
        cross join lateral (
            select
            from yardstick.metric_details as p
            where p.organization_id = s.organization_id and p.series_id = s.series_id
                and p.period_start >= scan_source.from_date and p.period_start < scan_source.to_date
            limit 1
        ) as k
        where m.id = any(scan_source.measure_ids) and m.state_kind <> 'sums'
    );

    if only_dirty then
        select l.by_cells, l.by_index
        into by_cells, by_index
        from yardstick_engine.cell_lookups(scan_source.source_id, cardinality(scan_source.organization_ids), is_keyed) as l;
    end if;

    -- Ranges of dates that are still to be read, the earliest last.
    while cardinality(starts) > 0 loop
        low_date := starts[cardinality(starts)];
        high_date := ends[cardinality(ends)];
        starts := trim_array(starts, 1);
        ends := trim_array(ends, 1);
        select min(yardstick_engine.local_midnight(low_date, o.timezone)), max(yardstick_engine.local_midnight(high_date, o.timezone))
        into low, high
        from yardstick.organizations as o
        where o.is_active and (not only_dirty or o.id = any(scan_source.organization_ids));
        exit when low is null;

        began_at := clock_timestamp();
        blocks := yardstick_engine.blocks_touched(not only_dirty or cardinality(scan_source.organization_ids) > 200);
        begin
            statement := yardstick_engine.scan_statement(
                scan_source.source_id, scan_source.measure_ids, only_dirty, is_new, is_exact, is_keyed, by_cells, by_index
            );
            execute statement
            using low_date, high_date,
                scan_source.organization_ids, scan_source.measure_keys, scan_source.local_dates,
                low, high, host_keys, wanted_keys, scan_source.source_id;
            get diagnostics written = row_count;
            touched := touched + written;
            perform yardstick_engine.note_cost('scan', began_at, written, measure_ids => scan_source.measure_ids, blocks => blocks);
            continue;
        exception
            -- A serialization failure, a deadlock or a full disk is nobody's fault: the slice is tried again as it is.
            when serialization_failure or deadlock_detected or lock_not_available or unique_violation or disk_full or io_error then
                raise;
            when others then
                get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
        end;
        is_too_long := error_state = '22003' and not is_exact and statement like '%yardstick_engine.sum_whole(%';
        perform yardstick_engine.note_cost(
            'scan', began_at, 0, measure_ids => scan_source.measure_ids,
            error_count => (cardinality(scan_source.measure_ids) = 1 and not is_too_long)::integer
        );

        -- Nobody's fault, if sums of any size are all it takes.
        if is_too_long then
            is_exact := true;
            starts := starts || low_date;
            ends := ends || high_date;
            continue;
        end if;
        -- One measure failed: halve until it is found, so that it fails alone.
        if cardinality(scan_source.measure_ids) > 1 then
            half := cardinality(scan_source.measure_ids) / 2;
            return yardstick_engine.scan_source(
                scan_source.source_id, scan_source.measure_ids[:half], scan_source.from_date, scan_source.to_date,
                scan_source.organization_ids, scan_source.measure_keys, scan_source.local_dates, scan_source.as_of
            ) + yardstick_engine.scan_source(
                scan_source.source_id, scan_source.measure_ids[half + 1:], scan_source.from_date, scan_source.to_date,
                scan_source.organization_ids, scan_source.measure_keys, scan_source.local_dates, scan_source.as_of
            );
        end if;

        -- One row that cannot be read costs its day, not the history; where nearly every row is bad, looking closer ends.
        failures := failures + 1;
        if error_state like '22%' and high_date > low_date + 1 and failures <= 40 then
            starts := starts || array[low_date + (high_date - low_date) / 2, low_date];
            ends := ends || array[high_date, low_date + (high_date - low_date) / 2];
        else
            perform yardstick_engine.record_metric_error(
                scan_source.source_id, scan_source.measure_ids, high_date - 1, error_state, error_text
            );
            -- A bad row costs its days, until it is mended. What fails otherwise, or nearly everywhere, waits; but no organization's
            -- rows stop a metric of all.
            perform yardstick_engine.note_failures(
                null,
                array(
                    select u.metric_id
                    from yardstick_engine.measure_uses(scan_source.measure_ids) as u
                    where error_state !~ '^(22|YS008)' or (error_state like '22%' and failures > 40 and u.organization_id is not null)
                ),
                error_state, yardstick_engine.error_words(error_state, error_text), scan_source.as_of
            );
        end if;
    end loop;
    return touched;
end
$scan_source$;

comment on function yardstick_engine.scan_source(uuid, uuid[], date, date, uuid[], text[], date[], timestamptz) is
'Brings the day states of measures of one source up to date for local dates [from_date, to_date), or only for the dirty cells given as three parallel arrays. Returns the number of cells left to merge. A measure that fails is found by halving, so are the days on which it fails; it is marked on its metrics, and the others stand.';
