-- Queries and functions of one organization share a session of the sandbox. What was not reached in time waits for the next call;
-- what ran into a limit of time is not tried for its other periods, each of which would cost the limit again.
create or replace function yardstick_engine.calculate_queries(organization_id uuid, as_of timestamptz)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_queries$
declare
    is_single constant boolean := yardstick_engine.sandbox_mode() = 'single';
    cells     jsonb;
    results   jsonb;
    failures  jsonb;
    given     jsonb;
    kind      record;
    written   bigint := 0;
    began_at  constant timestamptz := clock_timestamp();
begin
    if is_single then
        cells := yardstick_engine.take_attempt(calculate_queries.organization_id, calculate_queries.as_of);
        if cells is null then
            return jsonb_build_object('outcome', 'done', 'organization_id', calculate_queries.organization_id, 'cells', 0, 'rows', 0);
        end if;
    else
        cells := yardstick_engine.take_cells(calculate_queries.organization_id, null, 256, calculate_queries.as_of);
    end if;

    select jsonb_agg(to_jsonb(r)) into results
    from yardstick_engine.run_queries(
        calculate_queries.organization_id,
        (
            select jsonb_agg(
                jsonb_build_object('no', c.no, 'period_start', c.starts_at, 'period_end', c.ends_at) || case
                    when d.compiled ? 'routine' then jsonb_build_object('routine', d.compiled -> 'routine', 'parameters', coalesce(d.parameters, '{}'))
                    else jsonb_build_object('query', d.compiled -> 'query', 'source_ids', d.compiled -> 'sources')
                end
                order by c.no
            )
            from jsonb_to_recordset(cells) as c (no integer, metric_id uuid, starts_at timestamptz, ends_at timestamptz)
            inner join yardstick.metric_definitions as d on d.id = c.metric_id
        )
    ) as r;

    -- A failure of the query, or an answer that cannot be: two values for one scope.
    select coalesce(jsonb_agg(jsonb_build_object('no', f.no, 'error_code', f.error_code, 'message', f.message)), '[]')
    into failures
    from (
        select distinct on (e.no) e.no, e.error_code, e.message
        from (
            select r.request_no as no, r.error_code, r.error_message as message
            from jsonb_to_recordset(results) as r (request_no integer, error_code text, error_message text)
            where r.error_code is not null
            union all
            select n.no, '21000', 'gives more than one value for one scope: group by aggregation_id'
            from yardstick_engine.named_results(calculate_queries.organization_id, cells, results) as n
            group by n.no, n.aggregation_level, n.aggregation_id
            having count(*) > 1
        ) as e
        order by e.no
    ) as f;

    for kind in
        select
            c.period_type,
            array_agg(c.metric_id) filter (where not c.is_failed) as metric_ids,
            array_agg(c.period_start) filter (where not c.is_failed) as period_starts,
            array_agg(c.no) filter (where not c.is_failed) as numbers,
            jsonb_agg(jsonb_build_object(
                'metric_id', c.metric_id, 'organization_id', calculate_queries.organization_id, 'period_start', c.period_start,
                'error_code', c.error_code, 'message', c.message
            )) filter (where c.is_failed) as failed
        from (
            select c.no, c.metric_id, c.period_type, c.period_start, f.error_code, f.message, f.no is not null as is_failed
            from jsonb_to_recordset(cells) as c (no integer, metric_id uuid, period_type integer, period_start date)
            left join jsonb_to_recordset(failures) as f (no integer, error_code text, message text) on f.no = c.no
            where not coalesce(yardstick_engine.is_transient(f.error_code), false) and exists (
                select from jsonb_to_recordset(results) as r (request_no integer, is_done boolean)
                where r.request_no = c.no and r.is_done
            )
        ) as c
        group by c.period_type
        order by c.period_type
    loop
        if kind.metric_ids is not null then
            select coalesce(jsonb_agg(jsonb_build_object(
                'metric_id', n.metric_id, 'organization_id', calculate_queries.organization_id, 'period_start', n.period_start,
                'aggregation_level', n.aggregation_level, 'aggregation_id', n.aggregation_id, 'value', n.value, 'sample_size', n.sample_size,
                'note', case when n.value is null then 'the query gave no value' end
            )), '[]')
            into given
            from yardstick_engine.named_results(calculate_queries.organization_id, cells, results) as n
            where n.no = any(kind.numbers);
            written := written + yardstick_engine.store_given(
                kind.period_type, array_fill(calculate_queries.organization_id, array[cardinality(kind.metric_ids)]), kind.period_starts,
                kind.metric_ids, calculate_queries.as_of, given
            );
            perform yardstick_engine.clear_given_errors(
                kind.period_type, array_fill(calculate_queries.organization_id, array[cardinality(kind.metric_ids)]), kind.period_starts,
                kind.metric_ids
            );
        end if;
        if kind.failed is not null then
            perform yardstick_engine.record_given_errors(kind.period_type, kind.failed);
        end if;
    end loop;

    insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
    select calculate_queries.organization_id, c.metric_id, c.period_type, c.period_start
    from jsonb_to_recordset(cells) as c (no integer, metric_id uuid, period_type integer, period_start date)
    where not exists (
        select from jsonb_to_recordset(results) as r (request_no integer, is_done boolean)
        where r.request_no = c.no and r.is_done
    ) or exists (
        select from jsonb_to_recordset(failures) as f (no integer, error_code text)
        where f.no = c.no and yardstick_engine.is_transient(f.error_code)
    );
    -- A run of which nothing came; one that gave a value ends what was held against the metric.
    for kind in
        select
            c.metric_id, bool_and(f.no is not null) as is_failed,
            (array_agg(f.error_code order by c.no) filter (where f.no is not null))[1] as error_code,
            (array_agg(f.message order by c.no) filter (where f.no is not null))[1] as message
        from jsonb_to_recordset(cells) as c (no integer, metric_id uuid)
        left join jsonb_to_recordset(failures) as f (no integer, error_code text, message text) on f.no = c.no
        where f.no is not null or exists (
            select from jsonb_to_recordset(results) as r (request_no integer, is_done boolean)
            where r.request_no = c.no and r.is_done
        )
        group by c.metric_id
    loop
        if kind.is_failed then
            perform yardstick_engine.note_failures(
                calculate_queries.organization_id, array[kind.metric_id], kind.error_code, kind.message, calculate_queries.as_of
            );
        else
            perform yardstick_engine.clear_failures(calculate_queries.organization_id, array[kind.metric_id]);
        end if;
    end loop;
    perform yardstick_engine.drop_endless(
        calculate_queries.organization_id,
        array(
            select distinct c.metric_id
            from jsonb_to_recordset(cells) as c (no integer, metric_id uuid)
            inner join jsonb_to_recordset(failures) as f (no integer, error_code text) on f.no = c.no and f.error_code = '57014'
        ),
        '57014', 'the query takes longer than it may; its other periods are not tried until it is due again'
    );
    -- Of each period its metric; what failed is said apart, without time.
    perform yardstick_engine.note_cost('query', began_at, written, metric_ids => array(select c.metric_id from jsonb_to_recordset(cells) as c (metric_id uuid)))
    where jsonb_array_length(cells) > 0;
    perform yardstick_engine.note_cost('query', clock_timestamp(), 0, metric_ids => array[e.metric_id], error_count => e.failure_count::integer)
    from (
        select c.metric_id, count(*) as failure_count
        from jsonb_to_recordset(cells) as c (no integer, metric_id uuid)
        inner join jsonb_to_recordset(failures) as f (no integer) on f.no = c.no
        group by c.metric_id
    ) as e;
    if is_single then
        perform yardstick_engine.finish_attempt(calculate_queries.organization_id, c.metric_id)
        from jsonb_to_recordset(cells) as c (metric_id uuid);
    end if;
    return jsonb_build_object(
        'outcome', 'done', 'organization_id', calculate_queries.organization_id, 'cells', jsonb_array_length(cells), 'rows', written
    );
end
$calculate_queries$;

comment on function yardstick_engine.calculate_queries(uuid, timestamptz) is
'Runs up to 256 periods that wait of an organization''s queries and functions in the sandbox and stores their values; each that fails is marked with SQLSTATE and message, and the others stand. Says what it did.';
