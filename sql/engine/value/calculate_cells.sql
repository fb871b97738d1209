create or replace function yardstick_engine.calculate_cells(
    source_id        uuid,
    metric_ids       uuid[],
    period_type      integer,
    organization_ids uuid[],
    period_starts    date[],
    causes           text[],
    as_of            timestamptz,
    cell_metrics       uuid[] default null,
    cell_organizations uuid[] default null,
    cell_starts        date[] default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Row counts of a statement's own CTEs are guessed badly; past a few periods a nested loop chosen on such a guess never ends.
set enable_nestloop = off
set enable_sort = off
set jit = off
set work_mem = '64MB'
as $calculate_cells$
declare
    is_small    boolean;
    has_cells   constant boolean := calculate_cells.cell_metrics is not null;
    low         constant date := (select min(s) from unnest(calculate_cells.period_starts) as s);
    high        constant date := (select max(s) from unnest(calculate_cells.period_starts) as s);
    last_end    constant timestamptz
        := (yardstick_engine.period_next(high, calculate_cells.period_type) + 1)::timestamp at time zone 'UTC';
    written     bigint;
    has_rows    boolean;
    has_before  boolean;
    has_targets boolean;
    is_filled   boolean;
    half        integer;
    starts      integer[] := array[1];
    ends        integer[] := array[cardinality(calculate_cells.period_starts)];
    from_no     integer;
    to_no       integer;
    failures    integer := 0;
    total       bigint;
    error_state text;
    error_text  text;
    began_at    constant timestamptz := clock_timestamp();
    blocks      bigint[];
begin
    if coalesce(cardinality(calculate_cells.metric_ids), 0) = 0 or low is null then
        return 0;
    end if;
    -- The number of a value has eight bits for its metric: of more, some would be taken for others.
    if cardinality(calculate_cells.metric_ids) > 255 then
        raise exception '% metrics cannot be valued at once: 255 can', cardinality(calculate_cells.metric_ids) using errcode = '54000';
    end if;
    if cardinality(calculate_cells.organization_ids) > yardstick_engine.organization_bound()
        and (select count(distinct u.id) from unnest(calculate_cells.organization_ids) as u (id)) > yardstick_engine.organization_bound()
    then
        return (
            select sum(yardstick_engine.calculate_cells(
                calculate_cells.source_id, calculate_cells.metric_ids, calculate_cells.period_type, p.organization_ids, p.period_starts, p.causes,
                calculate_cells.as_of, calculate_cells.cell_metrics, calculate_cells.cell_organizations, calculate_cells.cell_starts
            ))
            from (
                select
                    array_agg(u.organization_id) as organization_ids, array_agg(u.period_start) as period_starts, array_agg(u.cause) as causes
                from (
                    select c.*, (dense_rank() over (order by c.organization_id) - 1) / yardstick_engine.organization_bound() as part_no
                    from unnest(calculate_cells.organization_ids, calculate_cells.period_starts, calculate_cells.causes)
                        as c (organization_id, period_start, cause)
                ) as u
                group by u.part_no
                offset 0
            ) as p
        );
    end if;
    perform yardstick.ensure_year_partitions('yardstick.metric_calculations', low, (last_end at time zone 'UTC')::date);

    has_rows := yardstick_engine.rows_stand(
        coalesce(calculate_cells.cell_metrics, calculate_cells.metric_ids), calculate_cells.period_type,
        coalesce(calculate_cells.cell_organizations, calculate_cells.organization_ids), low, high, true, has_cells
    );
    has_before := not has_rows and yardstick_engine.rows_stand(
        coalesce(calculate_cells.cell_metrics, calculate_cells.metric_ids), calculate_cells.period_type,
        coalesce(calculate_cells.cell_organizations, calculate_cells.organization_ids), low, high, false, has_cells
    );
    has_targets := exists (select from yardstick.metric_targets as t where t.metric_id = any(calculate_cells.metric_ids));

    is_filled := calculate_cells.period_type <= 2 and (
        select bool_and(k.periods = (high - low) / case calculate_cells.period_type when 1 then 1 else 7 end + 1)
        from (
            select count(distinct t.period_start) as periods
            from unnest(calculate_cells.organization_ids, calculate_cells.period_starts) as t (organization_id, period_start)
            group by t.organization_id
        ) as k
    );

    -- Each period has a row for every metric and scope: with existing rows to compare, 1,400 of them took 19 s in nested loops.
    is_small := not has_cells and cardinality(calculate_cells.period_starts) * cardinality(calculate_cells.metric_ids) <= 20
        and (
            select count(*) <= 500
            from (
                select from yardstick.metric_series as s
                where s.organization_id = any(calculate_cells.organization_ids)
                    and s.measure_id in (select b.measure_id from yardstick_engine.batch_measures(calculate_cells.metric_ids) as b)
                limit 501
            ) as k
        );
    perform
        set_config('enable_nestloop', case when is_small then 'on' else 'off' end, true),
        set_config('enable_sort', case when is_small then 'on' else 'off' end, true);

    blocks := yardstick_engine.blocks_touched(not is_small);
    loop
        begin
            execute yardstick_engine.calculate_statement(
                calculate_cells.metric_ids, calculate_cells.period_type, has_rows, has_targets,
                has_cells => has_cells, has_before => has_before, is_filled => is_filled
            )
            into written
            using calculate_cells.organization_ids, calculate_cells.period_starts, calculate_cells.metric_ids, calculate_cells.as_of,
                calculate_cells.source_id, low, high, last_end, calculate_cells.causes,
                calculate_cells.cell_metrics, calculate_cells.cell_organizations, calculate_cells.cell_starts;
            perform yardstick_engine.note_cost('value', began_at, written, metric_ids => calculate_cells.metric_ids, blocks => blocks);
            if written > 0 then
                perform yardstick_engine.note_values(coalesce(calculate_cells.cell_organizations, calculate_cells.organization_ids));
            end if;
            return written;
        exception
            when unique_violation then
                if has_rows then
                    raise;
                end if;
                -- A row stands where none was looked for: one that came meanwhile, or of levels that the metric had before.
                has_rows := true;
                has_before := false;
                continue;
            when serialization_failure or deadlock_detected or lock_not_available or disk_full or io_error then
                raise;
            when others then
                get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
        end;
        exit;
    end loop;

    -- One metric failed: halve until it is found, so that it fails alone.
    if cardinality(calculate_cells.metric_ids) > 1 then
        perform yardstick_engine.note_cost('value', began_at, 0, metric_ids => calculate_cells.metric_ids);
        half := cardinality(calculate_cells.metric_ids) / 2;
        return yardstick_engine.calculate_cells(
            calculate_cells.source_id, calculate_cells.metric_ids[:half], calculate_cells.period_type,
            calculate_cells.organization_ids, calculate_cells.period_starts, calculate_cells.causes, calculate_cells.as_of,
            calculate_cells.cell_metrics, calculate_cells.cell_organizations, calculate_cells.cell_starts
        ) + yardstick_engine.calculate_cells(
            calculate_cells.source_id, calculate_cells.metric_ids[half + 1:], calculate_cells.period_type,
            calculate_cells.organization_ids, calculate_cells.period_starts, calculate_cells.causes, calculate_cells.as_of,
            calculate_cells.cell_metrics, calculate_cells.cell_organizations, calculate_cells.cell_starts
        );
    end if;

    error_text := left(error_text, 500);
    update yardstick.metric_definitions as d
    set last_error_code = error_state, last_error = error_text
    where d.id = calculate_cells.metric_ids[1];

    if error_state not like '22%' then
        perform yardstick_engine.note_failures(null, calculate_cells.metric_ids, error_state, error_text, calculate_cells.as_of);
    end if;

    -- The same for its periods: a number that a formula cannot take costs its period, not the history. Where nearly every period
    -- fails, looking closer ends.
    total := 0;
    while cardinality(starts) > 0 loop
        from_no := starts[cardinality(starts)];
        to_no := ends[cardinality(ends)];
        starts := trim_array(starts, 1);
        ends := trim_array(ends, 1);
        begin
            execute yardstick_engine.calculate_statement(calculate_cells.metric_ids, calculate_cells.period_type, true, has_targets, has_cells => has_cells)
            into written
            using calculate_cells.organization_ids[from_no:to_no], calculate_cells.period_starts[from_no:to_no],
                calculate_cells.metric_ids, calculate_cells.as_of, calculate_cells.source_id, low, high, last_end,
                calculate_cells.causes[from_no:to_no],
                calculate_cells.cell_metrics, calculate_cells.cell_organizations, calculate_cells.cell_starts;
            total := total + written;
            continue;
        exception
            when serialization_failure or deadlock_detected or lock_not_available or unique_violation or disk_full or io_error then
                raise;
            when others then
                get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
        end;
        failures := failures + 1;
        if to_no > from_no and failures <= 40 then
            starts := starts || array[(from_no + to_no) / 2 + 1, from_no];
            ends := ends || array[to_no, (from_no + to_no) / 2];
        else
            execute yardstick_engine.calculate_statement(
                calculate_cells.metric_ids, calculate_cells.period_type, true, has_targets, error_state, left(error_text, 500),
                has_cells => has_cells
            )
            into written
            using calculate_cells.organization_ids[from_no:to_no], calculate_cells.period_starts[from_no:to_no],
                calculate_cells.metric_ids, calculate_cells.as_of, calculate_cells.source_id, low, high, last_end,
                calculate_cells.causes[from_no:to_no],
                calculate_cells.cell_metrics, calculate_cells.cell_organizations, calculate_cells.cell_starts;
            total := total + written;
        end if;
    end loop;
    perform yardstick_engine.note_values(coalesce(calculate_cells.cell_organizations, calculate_cells.organization_ids));
    perform yardstick_engine.note_cost('value', began_at, total, metric_ids => calculate_cells.metric_ids, error_count => failures);
    return total;
end
$calculate_cells$;

comment on function yardstick_engine.calculate_cells(uuid, uuid[], integer, uuid[], date[], text[], timestamptz, uuid[], uuid[], date[]) is
'Values the touched periods of one type (parallel arrays organization, period start, cause) for metrics of one source as known at as_of, and returns the number of rows written; only the cells (parallel arrays metric, organization, period start) when they are given. A metric whose formula raises is found by halving, so are the periods in which it does; these get error rows with SQLSTATE and message, and the others stand.';
