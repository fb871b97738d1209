-- Where there is no session of the sandbox's own: one request for each call, since a limit on time holds for the caller's
-- whole statement and strikes once. The views are made in the caller's session and undone again; nothing limits memory.
create or replace function yardstick_engine.run_single(organization_id uuid, requests jsonb)
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
as $run_single$
declare
    request     record;
    answer      record;
    is_answered boolean := false;
begin
    select
        l.request_no,
        l.statement,
        l.source_ids
    into request
    from yardstick_engine.request_list(run_single.organization_id, run_single.requests) as l
    order by l.place
    limit 1;
    if not found then
        return;
    end if;
    request_no := request.request_no;
    is_done := false;
    begin
        if request.statement is null then
            raise exception using errcode = 'YS003', message = 'the function is not registered, or not active any more';
        end if;
        for answer in
            select
                o.error_code,
                o.error_message
            from yardstick_engine.open_sandbox(run_single.organization_id, request.source_ids) as o
        loop
            raise exception using errcode = answer.error_code, message = answer.error_message;
        end loop;
        for aggregation_level, aggregation_key, value, sample_size, error_code, error_message in execute request.statement loop
            return next;
        end loop;
        is_answered := true;
        raise exception using errcode = 'YSEND', message = 'the views are undone';
    exception when others then
        if not is_answered then
            error_code := sqlstate;
            error_message := yardstick_engine.error_words(sqlstate, sqlerrm);
            return next;
        end if;
    end;
    aggregation_level := null;
    aggregation_key := null;
    value := null;
    sample_size := null;
    error_code := null;
    error_message := null;
    is_done := true;
    return next;
end
$run_single$;

comment on function yardstick_engine.run_single(uuid, jsonb) is
'The first of the requests of run_queries, run in the caller''s own session under the caller''s statement_timeout.';
