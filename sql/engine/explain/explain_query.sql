create or replace function yardstick_engine.explain_query(metric yardstick.metric_definitions, organization_id uuid)
returns table (step text, statement text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $explain_query$
declare
    source record;
    period record;
begin
    for source in
        select s.id, s.source_name, s.relation
        from jsonb_array_elements_text(metric.compiled -> 'sources') with ordinality as u (id, place)
        inner join yardstick.metric_sources as s on s.id = u.id::uuid
        order by u.place
    loop
        step := format('rows: %s is, in the sandbox, a view of the rows of one organization%s', source.source_name,
            case when explain_query.organization_id is null then '; choose one with use_organization to see its text' else '' end);
        statement := case when explain_query.organization_id is not null then yardstick_engine.source_view_text(explain_query.organization_id, source.id) end;
        return next;
    end loop;
    if metric.compiled ? 'query' then
        step := 'query: gives the values of one period; yardstick.period_start() and period_end() are its bounds';
        statement := metric.compiled ->> 'query';
        return next;
    end if;

    select
        yardstick_engine.local_midnight(p.period_start, p.timezone) as starts_at,
        yardstick_engine.local_midnight(p.next_start, p.timezone) as ends_at
    into period
    from yardstick_engine.trial_period(
        jsonb_build_object('time_windows', metric.time_windows),
        coalesce(explain_query.organization_id, (select o.id from yardstick.organizations as o where o.is_active order by o.id limit 1))
    ) as p;
    step := 'request: is sent to the sandbox, for each organization and period that is due; here for the last complete period';
    select l.statement into statement
    from yardstick_engine.request_list(explain_query.organization_id, jsonb_build_array(
        jsonb_build_object('no', 1, 'period_start', period.starts_at, 'period_end', period.ends_at) || case
            when metric.compiled ? 'routine' then jsonb_build_object('routine', metric.compiled -> 'routine', 'parameters', coalesce(metric.parameters, '{}'))
            else jsonb_build_object('query', metric.compiled -> 'query', 'source_ids', metric.compiled -> 'sources')
        end
    )) as l;
    return next;
end
$explain_query$;

comment on function yardstick_engine.explain_query(yardstick.metric_definitions, uuid) is
'Steps in which the query or function of a metric is run for an organization, with the statement of each; with null for any.';
