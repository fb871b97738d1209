-- Definer, with the engine's rights: whoever runs the database asks through yardstick_ops.source_lineage.
-- The department of a row is read for every metric of its source, since the organization's value is the sum over departments;
-- team and user only where a metric is calculated for them.
create or replace function yardstick_engine.used_columns(metric_ids uuid[] default null)
returns table (metric_id uuid, source_id uuid, column_name text, used_for text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
-- The row counts of functions are guesses, and so high that every call would be compiled first.
set jit = off
as $used_columns$
    with

    metrics as (

        select d.id, d.source_id, d.aggregation_levels, d.compiled
        from yardstick.metric_definitions as d
        where d.deleted_at is null and (used_columns.metric_ids is null or d.id = any(used_columns.metric_ids))

    ),

    registered as (

        select
            metrics.id as metric_id, metrics.aggregation_levels, s.id as source_id, s.time_column, s.organization_column,
            s.department_column, s.team_column, s.user_column, s.key_column, s.watermark_column, s.row_filter
        from metrics
        inner join yardstick.metric_sources as s on s.id = metrics.source_id

    ),

    -- A whole SELECT names its sources, and the columns it reads of each where they are known.
    queried as (

        select
            metrics.id as metric_id, s.id as source_id, s.organization_column,
            metrics.compiled -> 'uses' -> s.source_name as column_names
        from metrics
        cross join lateral jsonb_array_elements_text(
            case when jsonb_typeof(metrics.compiled -> 'sources') = 'array' then metrics.compiled -> 'sources' else '[]' end
        ) as used (source_id)
        inner join yardstick.metric_sources as s on s.id::text = used.source_id

    ),

    uses as (

        select r.metric_id, r.source_id, c.column_name, c.used_for
        from registered as r
        cross join lateral (
            values
            (r.time_column, 'time'),
            (r.organization_column, 'organization'),
            (r.department_column, 'level dept'),
            (case when 'team' = any(r.aggregation_levels) then r.team_column end, 'level team'),
            (case when 'user' = any(r.aggregation_levels) then r.user_column end, 'level user'),
            (r.key_column, 'key'),
            (r.watermark_column, 'watermark')
        ) as c (column_name, used_for)

        union all

        select r.metric_id, r.source_id, c.column_name, 'row filter'
        from registered as r
        cross join lateral yardstick_engine.expression_columns(r.row_filter) as c

        union all

        select metrics.id, m.source_id, c.column_name, 'measure ' || u.measure_name
        from metrics
        cross join lateral jsonb_each(metrics.compiled -> 'measures') as u (measure_name, body)
        inner join yardstick.metric_measures as m on m.id = (u.body ->> 'measure_id')::uuid
        cross join lateral yardstick_engine.expression_columns(concat_ws(' ', m.filter, m.expression)) as c

        union all

        select q.metric_id, q.source_id, c.column_name, c.used_for
        from queried as q
        cross join lateral (
            select q.organization_column as column_name, 'organization' as used_for
            union all
            select u.column_name, 'query'
            from jsonb_array_elements_text(case when jsonb_typeof(q.column_names) = 'array' then q.column_names else '[]' end) as u (column_name)
        ) as c

    )

    select uses.metric_id, uses.source_id, uses.column_name, uses.used_for
    from uses
    where uses.column_name is not null
$used_columns$;

comment on function yardstick_engine.used_columns(uuid[]) is
'One row per column of a source that a metric in use reads and what it reads it for: of the given metrics, or with null of all.';

grant execute on function yardstick_engine.used_columns(uuid[]) to yardstick_dba, yardstick_worker;
