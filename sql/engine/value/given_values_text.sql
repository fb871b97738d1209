create or replace function yardstick_engine.given_values_text(time_window text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $given_values_text$
    select format(
        $text$cell as materialized (
    select distinct m.metric_no, p.period_no
    from unnest($1::uuid[], $2::date[], $9::uuid[]) as u (organization_id, period_start, metric_id)
    inner join metric as m on m.metric_id = u.metric_id
    inner join period as p on p.organization_id = u.organization_id and p.period_start = u.period_start
),
given as materialized (
    select g.metric_id, g.organization_id, g.period_start, g.aggregation_level, g.aggregation_id, g.value, g.sample_size, g.note
    from unnest($10::uuid[], $11::uuid[], $12::date[], $13::text[], $14::uuid[], $15::numeric[], $16::bigint[], $17::text[])
        as g (metric_id, organization_id, period_start, aggregation_level, aggregation_id, value, sample_size, note)
),
-- Scopes that have a row already count too: their value may be gone.
scope as materialized (
    select
        row_number() over (order by k.organization_no, k.aggregation_level, k.aggregation_id) as scope_no,
        k.organization_no, k.organization_id, k.aggregation_level, k.aggregation_id
    from (
        select o.organization_no, o.organization_id, g.aggregation_level, g.aggregation_id
        from given as g
        inner join organization as o on o.organization_id = g.organization_id
        union
        select o.organization_no, o.organization_id, c.aggregation_level, c.aggregation_id
        from organization as o
        cross join metric as m
        inner join yardstick.metric_calculations as c
            on c.organization_id = o.organization_id and c.metric_id = m.metric_id and c.time_window = %1$L
            and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8
    ) as k
),
valued as (
    select k.metric_no, k.scope_no, p.period_no, k.value, k.sample_size, k.note, null::text as interval_kind, null::float8 as spread
    from (
        select m.metric_no, s.scope_no, g.organization_id, g.period_start, g.value, g.sample_size, g.note
        from given as g
        inner join metric as m on m.metric_id = g.metric_id
        inner join scope as s
            on s.organization_id = g.organization_id and s.aggregation_level = g.aggregation_level and s.aggregation_id = g.aggregation_id
        -- First these, or every scope meets all periods of its organization.
        offset 0
    ) as k
    inner join period as p on p.organization_id = k.organization_id and p.period_start = k.period_start
),$text$,
        given_values_text.time_window
    )
$given_values_text$;

comment on function yardstick_engine.given_values_text(text) is
'Text of the CTEs that take values from the arrays of a call, for metrics that have no measures: the touched periods of each metric, the scopes, and the values.';
