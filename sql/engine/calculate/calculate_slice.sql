-- Whoever holds a slice's row works on it; the row is locked, not deleted, while the work goes on, so that others can leave
-- work for it without waiting. It is deleted at the end only if nothing was left for it meanwhile. Row locks tell nobody what they are for:
-- whoever reads weeks of a source also shares the lock 7919007 with the others that do, whoever values it has 7919005 alone.
create or replace function yardstick_engine.calculate_slice(as_of timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
-- Another worker may be writing the same series.
set lock_timeout = '30s'
as $calculate_slice$
declare
    candidate    record;
    slice        record;
    source       uuid;
    slice_type   integer;
    stage_name   text;
    starts       date[] := '{}';
    failing      datemultirange := '{}';
    whole_ids    uuid[];
    budget       integer;
    cell_budget  integer;
    attempts     integer := 0;
    done         bigint := 0;
    is_left      boolean;
    is_second    boolean := false;
    is_alone     boolean := false;
    error_state  text;
    error_text   text;
    error_place  text;
    began_at     timestamptz;
begin
    -- A deploy holds this key exclusively; a slice that begins then would run against code that is being replaced.
    if yardstick_engine.deploy_is_running() then
        return jsonb_build_object('outcome', 'deploying');
    end if;

    <<looking>>
    loop
        is_left := false;
        for candidate in
            select s.source_id, s.period_type
            from yardstick.calculation_slices as s
            where not yardstick_engine.is_waiting(s.not_before, s.attempt_count, s.error_code, calculate_slice.as_of)
            group by s.source_id, s.period_type
            -- What ran out of time may do so again, and then nothing comes after it. Who met another session was not to blame.
            order by
                bool_and(s.attempt_count >= case when s.error_code in ('40001', '40P01', '23505') then 3 else 1 end),
                s.period_type, min(s.requested_at)
        loop
            source := candidate.source_id;
            slice_type := candidate.period_type;
            stage_name := case slice_type when 2 then 'source' when 3 then 'day' else 'month' end;
            -- Days of one source are read by many at once, but valued by one: a value looks at those of the periods beside and inside
            -- its own, and what another has not committed yet it would miss.
            if slice_type > 2 then
                -- Nor is it valued while another reads: what was stated of half a year would be restated by the other half.
                if yardstick_engine.others_at_work(array[7919007], source) then
                    is_left := true;
                    continue;
                end if;
                continue when not pg_try_advisory_xact_lock(7919005, hashtext(source::text));
                -- Whoever read may have given up since weeks were looked for: then they come first.
                if not is_second then
                    perform from yardstick.calculation_slices as s
                    where s.source_id = source and s.period_type = 2
                        and not yardstick_engine.is_waiting(s.not_before, s.attempt_count, s.error_code, calculate_slice.as_of)
                        and s.attempt_count < case when s.error_code in ('40001', '40P01', '23505') then 3 else 1 end
                    limit 1
                    for update skip locked;
                    is_second := found;
                    continue looking when found;
                end if;
            end if;
            -- What holds a week that failed waits for it: stated without, it would be wrong, and restated though no row came late.
            failing := case when slice_type > 2 then yardstick_engine.failing_dates(source, stage_name) else '{}' end;

            budget := yardstick_engine.slice_budget(source, slice_type);
            cell_budget := case when slice_type = 2 then yardstick_engine.dirty_budget(source) end;
            -- In a block: who finds nothing to read does not keep the lock of readers.
            begin
                if slice_type = 2 and not pg_try_advisory_xact_lock_shared(7919007, hashtext(source::text)) then
                    raise no_data_found;
                end if;
                for slice in
                    select s.period_start, s.measure_ids, s.attempt_count, s.error_code
                    from yardstick.calculation_slices as s
                    where s.source_id = source and s.period_type = slice_type
                        and not yardstick_engine.is_waiting(s.not_before, s.attempt_count, s.error_code, calculate_slice.as_of)
                        and (isempty(failing) or s.period_start = any(array(
                            select d.slice_start
                            from yardstick.metric_dirty as d
                            where d.source_id = source and d.stage = stage_name
                                and not failing && daterange(d.period_start, yardstick_engine.period_next(d.period_start, d.period_type))
                        )))
                    order by s.attempt_count > 0, s.period_start
                    limit greatest(budget, cell_budget)
                    for update skip locked
                loop
                    -- What met a lock was not to blame, and goes with others again.
                    is_alone := is_alone or (slice.attempt_count > 0 and slice.error_code is distinct from '55P03');
                    if cardinality(starts) = 0 then
                        whole_ids := slice.measure_ids;
                        attempts := case when slice_type = 2 and slice.error_code = '57014' then slice.attempt_count else 0 end;
                    elsif is_alone or slice.measure_ids is distinct from whole_ids
                        or cardinality(starts) >= (case when whole_ids is null then greatest(budget, cell_budget) else budget end)
                        -- Those between would be read for nothing.
                        or ((slice.measure_ids is not null or cardinality(starts) >= budget) and slice.period_start > starts[cardinality(starts)] + 7)
                    then
                        exit;
                    end if;
                    starts := starts || slice.period_start;
                end loop;
                if cardinality(starts) = 0 then
                    raise no_data_found;
                end if;
            exception when no_data_found then
                null;
            end;
            exit looking when cardinality(starts) > 0;
        end loop;
        exit looking;
    end loop;
    if cardinality(starts) = 0 then
        return case when is_left then jsonb_build_object('outcome', 'waiting') end;
    end if;

    began_at := clock_timestamp();
    begin
        if attempts > 0 then
            whole_ids := yardstick_engine.take_part(source, starts[1], attempts, calculate_slice.as_of);
        end if;
        done := case slice_type
            when 2 then yardstick_engine.calculate_weeks(source, starts, whole_ids, calculate_slice.as_of)
            else yardstick_engine.calculate_windows(source, stage_name, starts, calculate_slice.as_of)
        end;
    exception
        when query_canceled or others then
            get stacked diagnostics error_state = returned_sqlstate, error_text = message_text, error_place = pg_exception_context;
            -- Not the source but series that another worker has made and not committed: what is left here that worker reads as well.
            if error_state = '55P03' and slice_type = 2 and strpos(error_place, 'reach_source') = 0
                and yardstick_engine.others_at_work(array[7919007], source)
            then
                return jsonb_build_object('outcome', 'waiting');
            end if;
            update yardstick.calculation_slices as s
            set
                attempt_count = s.attempt_count + 1,
                -- A conflict with another session is tried at once, if it does not go on.
                not_before = case when error_state in ('40001', '40P01', '23505') and s.attempt_count < 3 then null
                    else calculate_slice.as_of + yardstick_engine.retry_delay(s.attempt_count + 1, error_state) end,
                error_code = error_state,
                error_message = left(error_text, 500)
            where s.source_id = source and s.period_type = slice_type and s.period_start = any(starts);
            if attempts > 0 and error_state = '57014' then
                if (select count(distinct b.base_id) <= 1 from yardstick_engine.measure_bases(whole_ids) as b) then
                    perform yardstick_engine.blame_part(source, starts[1], whole_ids, calculate_slice.as_of);
                else
                    -- Looked for without delay: nothing else of the source's week is calculated meanwhile.
                    update yardstick.calculation_slices as s
                    set not_before = null
                    where s.source_id = source and s.period_type = slice_type and s.period_start = starts[1];
                end if;
            end if;
            perform yardstick_engine.note_cost(
                case slice_type when 2 then 'scan' else 'value' end, began_at, 0, source_id => source, error_count => 1
            );
            return jsonb_build_object(
                'outcome', case error_state when '57014' then 'canceled' else 'failed' end,
                'source_id', source, 'period_type', slice_type, 'from', starts[1], 'slices', cardinality(starts),
                'error_code', error_state, 'message', left(error_text, 500)
            );
    end;

    if attempts > 0 and exists (
        select from yardstick.calculation_slices as s
        where s.source_id = source and s.period_type = 2 and s.period_start = starts[1] and s.measure_ids is not null
    ) then
        return jsonb_build_object(
            'outcome', 'done', 'source_id', source, 'period_type', slice_type, 'from', starts[1], 'slices', 1, 'rows', done
        );
    end if;
    delete from yardstick.calculation_slices as s
    where s.source_id = source and s.period_type = slice_type and s.period_start = any(starts)
        and not s.period_start = any(array(
            select distinct case slice_type when 2 then date_trunc('week', d.period_start::timestamp)::date else d.slice_start end
            from yardstick.metric_dirty as d
            where d.source_id = source and d.stage = stage_name
        ));
    -- What was left meanwhile is dirty cells only: the measures asked for wholly are done.
    update yardstick.calculation_slices as s
    set measure_ids = null, attempt_count = 0, not_before = null, error_code = null, error_message = null
    where s.source_id = source and s.period_type = slice_type and s.period_start = any(starts);

    return jsonb_build_object(
        'outcome', 'done', 'source_id', source, 'period_type', slice_type,
        'from', starts[1], 'slices', cardinality(starts), 'rows', done
    );
end
$calculate_slice$;

comment on function yardstick_engine.calculate_slice(timestamptz) is
'Takes the next due slices of one source (weeks before months before years), does them, and says what it did: outcome done, failed (backs off), canceled or deploying. Null when nothing is due or others hold all of it; outcome waiting when the rest can be done once other workers have committed what they read.';
revoke execute on function yardstick_engine.calculate_slice(timestamptz) from public;
grant execute on function yardstick_engine.calculate_slice(timestamptz) to yardstick_worker, yardstick_dba;
