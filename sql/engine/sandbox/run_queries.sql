-- Each request is a statement of its own in a session of its own, so that each has the whole limit of the role. Its text is an
-- argument, never part of the statement. When that session is lost, by whatever a request has done to it, the request has
-- failed and the next one gets a new session.
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
    deadline   timestamptz := clock_timestamp() + run_queries.time_limit;
    dblink     text := yardstick_engine.dblink_schema();
    send       text := format('select %s.dblink_send_query(''yardstick_sandbox'', $1)', dblink);
    receive    text := format(
        'select r.* from %s.dblink_get_result(''yardstick_sandbox'') as r (aggregation_level text, aggregation_key text, '
        'value numeric, sample_size bigint, error_code text, error_message text)', dblink
    );
    is_open    boolean := true;
    is_late    boolean := false;
    open_group text;
    broken     jsonb;
    request    record;
begin
    if yardstick_engine.connect_sandbox() is not null then
        return query select s.* from yardstick_engine.run_single(run_queries.organization_id, run_queries.requests) as s;
        return;
    end if;
    for request in
        select
            l.request_no,
            l.statement,
            l.source_ids,
            l.view_group,
            l.group_source_ids
        from yardstick_engine.request_list(run_queries.organization_id, run_queries.requests) as l
        order by l.view_group, l.place
    loop
        exit when clock_timestamp() >= deadline;
        if not is_open or open_group <> request.view_group then
            is_open := yardstick_engine.connect_sandbox() is null;
            open_group := null;
            exit when not is_open;
        end if;
        request_no := request.request_no;
        aggregation_level := null;
        aggregation_key := null;
        value := null;
        sample_size := null;
        error_code := null;
        error_message := null;
        is_done := false;
        begin
            if open_group is null then
                broken := yardstick_engine.open_views(run_queries.organization_id, request.group_source_ids, deadline);
                is_late := broken is null;
                open_group := request.view_group;
            end if;
            if is_late then
                null;
            elsif request.statement is null then
                error_code := 'YS003';
                error_message := 'the function is not registered, or not active any more';
                return next;
            elsif broken ?| request.source_ids::text[] then
                select
                    b.value ->> 0,
                    b.value ->> 1
                into error_code, error_message
                from jsonb_each(broken) as b
                where b.key = any (request.source_ids::text[])
                limit 1;
                return next;
            else
                execute send using request.statement;
                is_late := not yardstick_engine.await_sandbox(deadline);
                if not is_late then
                    for aggregation_level, aggregation_key, value, sample_size, error_code, error_message in execute receive loop
                        return next;
                    end loop;
                    -- The end of the answer; without it nothing more can be sent.
                    execute receive;
                end if;
            end if;
        exception when others then
            is_open := false;
            error_code := sqlstate;
            error_message := yardstick_engine.error_words(sqlstate, sqlerrm);
            return next;
        end;
        exit when is_late;
        aggregation_level := null;
        aggregation_key := null;
        value := null;
        sample_size := null;
        error_code := null;
        error_message := null;
        is_done := true;
        return next;
    end loop;
    perform yardstick_engine.disconnect_sandbox();
exception when query_canceled or others then
    perform yardstick_engine.disconnect_sandbox();
    raise;
end
$run_queries$;

comment on function yardstick_engine.run_queries(uuid, jsonb, interval) is
'Runs requests ({"no", "query", "source_ids"} or {"no", "routine", "parameters"}, with "period_start", "period_end") of an '
'organization in the sandbox: the rows of each, or one with SQLSTATE and message, then one with is_done; those not reached in time have none.';
