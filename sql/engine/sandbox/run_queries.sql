-- Each request is a statement of its own in a session of its own, so that each has the whole limit of the role. Its text is an
-- argument, never part of the statement. Several are sent in one go as long as they come back at once; when they do not, or
-- the session is lost by whatever one has done to it, those without an answer are sent again, one by one.
create or replace function yardstick_engine.run_queries(
    organization_id uuid,
    requests        jsonb,
    time_limit      interval default '20 seconds'
)
returns table (
    request_no        integer,
    aggregation_level text,
    aggregation_key   text,
    value             numeric,
    sample_size       bigint,
    error_code        text,
    error_message     text,
    is_done           boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $run_queries$
declare
    patience     constant interval := '1 second';
    -- What does not heed its own limit by then never will: some functions of the server cannot be stopped.
    grace        constant interval := '2 seconds';
    time_out     interval;
    deadline     timestamptz := clock_timestamp() + run_queries.time_limit;
    dblink       text := yardstick_engine.dblink_schema();
    send         text := format('select %s.dblink_send_query(''yardstick_sandbox'', $1)', dblink);
    receive      text := format(
        'select r.* from %s.dblink_get_result(''yardstick_sandbox'') as r (aggregation_level text, aggregation_key text, '
        'value numeric, sample_size bigint, error_code text, error_message text)', dblink
    );
    listed       jsonb;
    place        integer := 0;
    singly_until integer := 0;
    batch_size   integer := 1;
    batch        jsonb;
    answered     integer;
    failure      text[];
    origin       text;
    is_open      boolean := true;
    is_late      boolean := false;
    open_group   text;
    broken       jsonb;
    sent_at      timestamptz;
begin
    if yardstick_engine.connect_sandbox() is not null then
        return query select s.* from yardstick_engine.run_single(run_queries.organization_id, run_queries.requests) as s;
        return;
    end if;
    execute format('select r.time_out from %s.dblink(''yardstick_sandbox'', $1) as r (time_out interval)', dblink) into time_out
    using 'select nullif(current_setting(''statement_timeout''), ''0'')::interval';
    select jsonb_agg(to_jsonb(l) order by l.view_group, l.place) into listed
    from yardstick_engine.request_list(run_queries.organization_id, run_queries.requests) as l;

    while place < jsonb_array_length(listed) and clock_timestamp() < deadline loop
        if not is_open or open_group <> listed -> place ->> 'view_group' then
            is_open := yardstick_engine.connect_sandbox() is null;
            open_group := null;
            exit when not is_open;
        end if;
        if place < singly_until then
            batch_size := 1;
        end if;
        select jsonb_agg(listed -> g.at order by g.at) into batch
        from generate_series(place, least(place + batch_size, jsonb_array_length(listed)) - 1) as g (at)
        where listed -> g.at -> 'view_group' = listed -> place -> 'view_group';
        answered := 0;
        failure := null;
        begin
            if open_group is null then
                broken := yardstick_engine.open_views(
                    run_queries.organization_id,
                    array(select i.id::uuid from jsonb_array_elements_text(listed -> place -> 'group_source_ids') as i (id)),
                    deadline
                );
                is_late := broken is null;
                exit when is_late;
                open_group := listed -> place ->> 'view_group';
            end if;
            sent_at := clock_timestamp();
            execute send using yardstick_engine.batch_text(batch, broken);
            while answered < jsonb_array_length(batch) loop
                if not yardstick_engine.await_sandbox(
                    dblink,
                    least(deadline, sent_at + case when jsonb_array_length(batch) = 1 then time_out + grace else patience end)
                ) then
                    is_open := false;
                    if jsonb_array_length(batch) = 1 and clock_timestamp() < deadline then
                        failure := array['57014', 'took longer than the limit allows, and could not be stopped'];
                    end if;
                    exit;
                end if;
                request_no := batch -> answered ->> 'request_no';
                is_done := false;
                for aggregation_level, aggregation_key, value, sample_size, error_code, error_message in execute receive loop
                    return next;
                end loop;
                aggregation_level := null;
                aggregation_key := null;
                value := null;
                sample_size := null;
                error_code := null;
                error_message := null;
                is_done := true;
                return next;
                answered := answered + 1;
            end loop;
            -- The end of the answers; without it nothing more can be sent.
            if is_open then
                execute receive;
            end if;
        exception when query_canceled or others then
            -- The limit of the other session may strike a moment after its answer; a cancel of this one is its caller's.
            get stacked diagnostics origin = pg_exception_context;
            if sqlstate = '57014' and strpos(origin, '"yardstick_sandbox"') = 0 then
                raise;
            end if;
            is_open := false;
            failure := array[sqlstate, yardstick_engine.error_words(sqlstate, sqlerrm)];
        end;
        if failure is not null and jsonb_array_length(batch) = 1 and answered = 0 then
            request_no := batch -> 0 ->> 'request_no';
            is_done := false;
            error_code := failure[1];
            error_message := failure[2];
            return next;
            error_code := null;
            error_message := null;
            is_done := true;
            return next;
            answered := 1;
        end if;
        if answered < jsonb_array_length(batch) then
            singly_until := place + jsonb_array_length(batch);
        elsif clock_timestamp() - sent_at < interval '50 milliseconds' then
            batch_size := least(batch_size * 2, 32);
        else
            batch_size := greatest(batch_size / 2, 1);
        end if;
        place := place + answered;
    end loop;
    perform yardstick_engine.disconnect_sandbox();
exception when query_canceled or others then
    perform yardstick_engine.disconnect_sandbox();
    raise;
end
$run_queries$;

comment on function yardstick_engine.run_queries(uuid, jsonb, interval) is
'Runs requests ({"no", "query", "source_ids"} or {"no", "routine", "parameters"}, with "period_start", "period_end") of an '
'organization in the sandbox: the rows of each, or one with SQLSTATE and message, then one with is_done; those not reached in time have none. '
'aggregation_level null: aggregation_key is the id or external id of a department, team or user.';
