create or replace function yardstick_engine.scopes_of_parts(
    compiled           jsonb,
    aggregation_levels text[],
    organization_id    uuid,
    time_window        text,
    period_type        integer,
    first_date         date,
    timezone           text
)
returns table (aggregation_level text, aggregation_id uuid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $scopes_of_parts$
    with

    part as (

        select (child.body ->> 'lag')::integer as lag, d.id as metric_id
        from jsonb_each(scopes_of_parts.compiled -> 'children') as child (alias, body)
        cross join lateral (
            select n.id
            from yardstick.metric_definitions as n
            where n.metric_name = child.body ->> 'metric_name' and n.deleted_at is null
                and (n.organization_id = scopes_of_parts.organization_id or n.organization_id is null)
            order by n.organization_id nulls last
            limit 1
        ) as d

    )

    select distinct c.aggregation_level, c.aggregation_id
    from part
    cross join lateral (
        select
            yardstick_engine.local_midnight(
                yardstick_engine.period_shift(scopes_of_parts.first_date, scopes_of_parts.period_type, -part.lag), scopes_of_parts.timezone
            ) as starts_at,
            yardstick_engine.local_midnight(
                yardstick_engine.period_shift(scopes_of_parts.first_date, scopes_of_parts.period_type, 1 - part.lag), scopes_of_parts.timezone
            ) as ends_at
    ) as b
    inner join yardstick.metric_calculations as c
        on c.organization_id = scopes_of_parts.organization_id and c.metric_id = part.metric_id
        and c.aggregation_level = any(scopes_of_parts.aggregation_levels) and c.time_window = scopes_of_parts.time_window
        and c.period_start = b.starts_at and c.period_end = b.ends_at
    -- Of parts that are looked back at alone there is no value, where others are of the period itself.
    where (part.lag = 0 or not exists (select from part as p where p.lag = 0))
        and (c.metric_value is not null or c.sample_size is distinct from 0)
$scopes_of_parts$;

comment on function yardstick_engine.scopes_of_parts(jsonb, text[], uuid, text, integer, date, text) is
'The scopes of an organization of which a metric made of others has a value in a period, by the stored values of its parts.';
