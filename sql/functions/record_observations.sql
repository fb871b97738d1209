-- Works under the policies of whoever calls it: departments, teams and users of another organization do not exist.
-- Locks instead of a unique key on the id: on a partitioned table that key would have to contain the time. A few locks stand
-- for all ids, taken in order, so that thousands of ids neither fill the lock table nor block each other in a circle.
create or replace function yardstick.record_observations(organization uuid, observations jsonb, path text)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $record_observations$
declare
    problem  text;
    spot     text;
    slot     record;
    span     record;
    recorded integer;
begin
    select
        format(path, e.position - 1),
        p.problem
    into spot, problem
    from jsonb_array_elements(observations) with ordinality as e (observation, position)
    cross join lateral (select yardstick.observation_problem(e.observation) as problem offset 0) as p
    where p.problem is not null
    order by e.position
    limit 1;
    if found then
        raise exception using errcode = left(problem, 5), message = spot || substr(problem, 7);
    end if;

    select
        format(
            '%s%s: unknown %s %s; give the id of one of this organization, and sync it first',
            format(path, e.position - 1), k.key, left(k.key, -3), e.observation ->> k.key
        )
    into problem
    from jsonb_array_elements(observations) with ordinality as e (observation, position)
    cross join (values ('department_id'), ('team_id'), ('user_id')) as k (key)
    where
        e.observation ->> k.key is not null
        and not case k.key
            when 'department_id' then exists (select from yardstick.departments as d where d.id = (e.observation ->> k.key)::uuid)
            when 'team_id' then exists (select from yardstick.teams as t where t.id = (e.observation ->> k.key)::uuid)
            else exists (select from yardstick.users as u where u.id = (e.observation ->> k.key)::uuid)
        end
    order by e.position
    limit 1;
    if found then
        raise exception using errcode = 'YS003', message = problem;
    end if;

    select format(
        '%s%s', format(path, e.position - 1),
        case when yardstick.current_user_id() is null
            then format('metric_name: %s is kept by hand; name the person in yardstick_api.use_organization(organization_id, user_id)', d.metric_name)
            else format('reason: is required, for %s is kept by hand', d.metric_name)
        end
    )
    into problem
    from jsonb_array_elements(observations) with ordinality as e (observation, position)
    cross join lateral (
        select d.metric_name, d.calculation_method
        from yardstick.metric_definitions as d
        where d.metric_name = e.observation ->> 'metric_name' and d.deleted_at is null
        order by d.organization_id nulls last
        limit 1
    ) as d
    where d.calculation_method = 'manual'
        and (
            yardstick.current_user_id() is null
            or (coalesce(btrim(e.observation ->> 'reason'), '') = '' and yardstick.current_reason() is null)
        )
    order by e.position
    limit 1;
    if found then
        raise exception using errcode = 'YS001', message = problem;
    end if;

    for slot in
        select distinct hashtextextended((e.observation ->> 'id')::uuid::text, 0) & 63 as number
        from jsonb_array_elements(observations) as e (observation)
        where e.observation ->> 'id' is not null
        order by number
    loop
        perform pg_advisory_xact_lock(hashtextextended(
            format('yardstick.record_observations %s %s', organization, slot.number), 0
        ));
    end loop;

    for span in
        select
            min(i.measured_at)::date as first_date,
            max(i.measured_at)::date as last_date
        from jsonb_array_elements(observations) as e (observation)
        cross join lateral (
            select coalesce(yardstick.read_instant(e.observation ->> 'measured_at'), now()) at time zone 'UTC' as measured_at
        ) as i
        group by extract(year from i.measured_at)
    loop
        perform yardstick.ensure_year_partitions('analytics_metrics', span.first_date, span.last_date);
    end loop;

    with

    given as materialized (

        select
            e.observation,
            e.position,
            e.observation ->> 'id' is not null as is_named,
            coalesce((e.observation ->> 'id')::uuid, yardstick.next_id()) as id
        from jsonb_array_elements(observations) with ordinality as e (observation, position)

    ),

    once as (

        select distinct on (given.id)
            given.observation,
            given.position,
            given.is_named,
            given.id
        from given
        order by given.id, given.position

    ),

    -- The definition of that name, else one that reads it, says what an observation is about.
    subjects as (

        select distinct on (n.metric_name)
            n.metric_name,
            d.metric_category,
            case when d.unit_of_measure = '%' then 'percentage' else d.unit_of_measure end as unit
        from (select distinct once.observation ->> 'metric_name' as metric_name from once) as n
        inner join yardstick.metric_definitions as d
            on d.metric_name = n.metric_name or d.data_sources ->> 'key' = n.metric_name
        where d.deleted_at is null
        order by n.metric_name, d.metric_name <> n.metric_name, d.organization_id nulls last, d.metric_name

    ),

    stored as (

        insert into yardstick.analytics_metrics (
            id, organization_id, metric_name, metric_category, value, value_text, unit, department_id, team_id, user_id,
            entity_type, entity_id, measurement_date, tags, created_by
        )
        select
            once.id,
            organization,
            once.observation ->> 'metric_name',
            coalesce(subjects.metric_category, 'operational'),
            (once.observation ->> 'value')::numeric,
            once.observation ->> 'value_text',
            case
                when once.observation ->> 'value' is not null
                    and subjects.unit in ('percentage', 'count', 'days', 'hours', 'score', 'currency') then subjects.unit
            end,
            (once.observation ->> 'department_id')::uuid,
            (once.observation ->> 'team_id')::uuid,
            (once.observation ->> 'user_id')::uuid,
            once.observation ->> 'entity_type',
            once.observation ->> 'entity_id',
            coalesce(yardstick.read_instant(once.observation ->> 'measured_at'), now()),
            nullif(
                coalesce(nullif(once.observation -> 'tags', 'null'), '{}')
                || jsonb_strip_nulls(jsonb_build_object('reason', once.observation -> 'reason')), '{}'
            ),
            yardstick.current_user_id()
        from once
        left join subjects on subjects.metric_name = once.observation ->> 'metric_name'
        where not once.is_named or not exists (
            select from yardstick.analytics_metrics as a
            where a.organization_id = organization and a.id = once.id
        )
        order by once.position
        on conflict do nothing
        returning 1

    )

    select count(*) into recorded from stored;
    return recorded;
end
$record_observations$;

comment on function yardstick.record_observations(uuid, jsonb, text) is
'Stores observations of an organization, all or none and a known id not again, and returns how many; path (%s: index) starts messages.';
