-- An organization's own source and the platform's may bear the same name; a view can only be one of them. So requests are put
-- into groups in which every name means one source; nearly always there is one group.
create or replace function yardstick_engine.request_list(organization_id uuid, requests jsonb)
returns table (
    place            bigint,
    request_no       integer,
    statement        text,
    source_ids       uuid[],
    view_group       text,
    group_source_ids uuid[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
as $request_list$
    with

    listed as (

        select
            r.place,
            r.request,
            (r.request ->> 'no')::integer as request_no,
            (r.request ->> 'period_start')::timestamptz as period_start,
            (r.request ->> 'period_end')::timestamptz as period_end,
            array(select i.id::uuid from jsonb_array_elements_text(r.request -> 'source_ids') as i (id)) as source_ids
        from jsonb_array_elements(request_list.requests) with ordinality as r (request, place)

    ),

    used as (

        select distinct
            s.id,
            s.source_name
        from listed
        cross join lateral unnest(listed.source_ids) as u (id)
        inner join yardstick.metric_sources as s on u.id = s.id

    ),

    ambiguous as (

        select used.id
        from used
        where used.source_name in (select others.source_name from used as others group by others.source_name having count(*) > 1)

    ),

    grouped as (

        select
            listed.place,
            listed.request_no,
            listed.source_ids,
            case
                when exists (select from ambiguous) then array(
                    select a.id::text from ambiguous as a where a.id = any (listed.source_ids) order by a.id
                )::text
                else '{}'
            end as view_group,
            case
                when listed.request ? 'routine' then format(
                    'select e.* from yardstick_engine.evaluate_routine(%L, %L, %L, %L, %L) as e',
                    listed.request ->> 'routine', request_list.organization_id, listed.period_start, listed.period_end,
                    coalesce(listed.request -> 'parameters', '{}')
                )
                else format(
                    'select e.* from yardstick_engine.evaluate_query(%L, %L, %L) as e',
                    listed.request ->> 'query', listed.period_start, listed.period_end
                )
            end as statement,
            listed.request ->> 'routine' as routine
        from listed

    ),

    -- Once for each group and not for each request.
    opened as (

        select
            grouped.view_group,
            array_agg(distinct u.id) filter (where u.id is not null) as group_source_ids
        from grouped
        left join lateral unnest(grouped.source_ids) as u (id) on true
        group by grouped.view_group

    ),

    registered as (

        select distinct f.routine
        from yardstick.metric_functions as f
        where f.is_active and (f.organization_id is null or f.organization_id = request_list.organization_id)

    )

    select
        g.place,
        g.request_no,
        case when g.routine is null or r.routine is not null then g.statement end,
        g.source_ids,
        g.view_group,
        coalesce(o.group_source_ids, '{}')
    from grouped as g
    inner join opened as o on g.view_group = o.view_group
    left join registered as r on g.routine = r.routine
$request_list$;

comment on function yardstick_engine.request_list(uuid, jsonb) is
'Requests of run_queries as statements for the session of the sandbox; statement null: its function is not registered.';
