-- One session of the sandbox for each organization; a period is asked for once, whatever scopes of it are wanted.
create or replace function yardstick_engine.trial_queries(metric yardstick.metric_definitions, cells jsonb)
returns table (no integer, value numeric, sample_size bigint, problem text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $trial_queries$
#variable_conflict use_column
declare
    organization record;
    answers      jsonb;
begin
    for organization in
        select
            c.organization_id,
            jsonb_agg(jsonb_build_object('no', c.request_no, 'period_start', c.period_start, 'period_end', c.period_end) || case
                when metric.compiled ? 'routine' then jsonb_build_object('routine', metric.compiled -> 'routine', 'parameters', coalesce(metric.parameters, '{}'))
                else jsonb_build_object('query', metric.compiled -> 'query', 'source_ids', metric.compiled -> 'sources')
            end) as requests
        from (
            select u.organization_id, u.period_start, u.period_end, min(u.no) as request_no
            from jsonb_to_recordset(cells) as u (no integer, organization_id uuid, period_start timestamptz, period_end timestamptz)
            group by u.organization_id, u.period_start, u.period_end
        ) as c
        group by c.organization_id
    loop
        select coalesce(jsonb_agg(to_jsonb(r)), '[]') into answers
        from yardstick_engine.run_queries(organization.organization_id, organization.requests) as r;

        return query
        with

        cell as (

            select u.*, min(u.no) over (partition by u.period_start, u.period_end) as request_no
            from jsonb_to_recordset(cells) as u (
                no integer, organization_id uuid, aggregation_level text, aggregation_id uuid, period_start timestamptz, period_end timestamptz
            )
            where u.organization_id = organization.organization_id

        ),

        answer as (

            select a.*
            from jsonb_to_recordset(answers) as a (
                request_no integer, aggregation_level text, aggregation_key text, value numeric, sample_size bigint, error_code text, error_message text, is_done boolean
            )

        ),

        member as (

            select 'dept' as aggregation_level, d.id, d.external_id from yardstick.departments as d where d.organization_id = organization.organization_id
            union all
            select 'team', t.id, t.external_id from yardstick.teams as t where t.organization_id = organization.organization_id
            union all
            select 'user', u.id, u.external_id from yardstick.users as u where u.organization_id = organization.organization_id

        )

        select
            cell.no,
            found.value,
            found.sample_size,
            coalesce(
                failed.error_code || ' ' || failed.error_message,
                case when not exists (select from answer where answer.request_no = cell.request_no and answer.is_done)
                    then 'was not run again: it was not reached in the time there is' end
            )
        from cell
        left join member on member.aggregation_level = cell.aggregation_level and member.id = cell.aggregation_id
        left join lateral (
            select a.value, a.sample_size
            from answer as a
            where a.request_no = cell.request_no and not a.is_done and a.error_code is null
                and case
                    when cell.aggregation_level = 'org' then a.aggregation_key is null or a.aggregation_level = 'org'
                    else coalesce(a.aggregation_level = cell.aggregation_level, true)
                        and (lower(a.aggregation_key) = member.id::text or a.aggregation_key = member.external_id)
                end
            limit 1
        ) as found on true
        left join lateral (
            select a.error_code, a.error_message from answer as a where a.request_no = cell.request_no and a.error_code is not null limit 1
        ) as failed on true;
    end loop;
end
$trial_queries$;

comment on function yardstick_engine.trial_queries(yardstick.metric_definitions, jsonb) is
'Values, and how many rows they are of where it says so, that the query or function of a metric gives when it is run again for cells [{no, organization_id, aggregation_level, aggregation_id, period_start, period_end}]; problem: why there is none.';
