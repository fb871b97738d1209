-- A metric that is calculated from a drifted one has drifted too: the values it would be given stand still. So do those of a window that
-- one of its parts has not any more.
create or replace function yardstick_engine.drifts()
returns table (metric_id uuid, drift_reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
-- The row counts of functions are guesses, and so high that every call would be compiled first.
set jit = off
as $drifts$
    with recursive

    known as (

        select d.id as metric_id, d.metric_name, k.source_id::uuid as source_id, k.columns
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.known_columns) as k (source_id, columns)
        where d.deleted_at is null

    ),

    sources as materialized (

        select s.id as source_id, s.source_name, s.relation, r.is_there, r.missing_grants, o.columns
        from yardstick.metric_sources as s
        cross join lateral yardstick_engine.reachable_relation(s.relation) as r
        cross join lateral (
            select coalesce(jsonb_object_agg(a.attname, coalesce(c.type_name, format_type(a.atttypid, null))), '{}') as columns
            from pg_attribute as a
            left join yardstick_engine.relation_columns(r.readable_relation) as c on c.column_name = a.attname
            where a.attrelid = to_regclass(r.readable_relation) and a.attnum > 0 and not a.attisdropped
        ) as o
        where s.is_active and s.id in (select known.source_id from known)

    ),

    changed as (

        select
            known.metric_id,
            known.metric_name,
            case
                when not sources.is_there then format(
                    '%s is gone: bring it back, or register the source %s again over what holds its rows now', sources.relation,
                    sources.source_name
                )
                when sources.missing_grants is not null then format(
                    'yardstick_reader cannot read %s any more; type: %s', sources.relation, sources.missing_grants
                )
                else (
                    select string_agg(
                        format(
                            case when sources.columns ? c.column_name
                                then 'the column %2$I of %1$s is %4$s and was %3$s: change it back, or define the metric again over what it is'
                                else 'the column %2$I of %1$s is gone: bring it back, or define the metric again without it'
                            end,
                            sources.relation, c.column_name, c.type_name, sources.columns ->> c.column_name
                        ),
                        '; ' order by c.column_name
                    )
                    from jsonb_each_text(known.columns) as c (column_name, type_name)
                    where sources.columns ->> c.column_name is distinct from c.type_name
                        or c.type_name is null
                )
            end as reason
        from known
        inner join sources on sources.source_id = known.source_id

    ),

    -- A part that is defined again may have fewer windows or levels than what is made of it.
    lacking as (

        select
            d.id as metric_id,
            d.metric_name,
            format(
                '%1$s, of which it is made, is not calculated for %2$s any more: define %1$s again with that, or this metric without it',
                p.metric_name, array_to_string(l.names, ', ')
            ) as reason
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'children') as u (alias, body)
        inner join yardstick.metric_definitions as p
            on p.id = (u.body ->> 'metric_id')::uuid and p.deleted_at is null and p.approval_status = 'approved'
        cross join lateral (
            select array(
                select n.name
                from unnest(d.time_windows || d.aggregation_levels) with ordinality as n (name, place)
                where n.name <> all(p.time_windows || p.aggregation_levels)
                order by n.place
            ) as names
        ) as l
        where d.deleted_at is null and d.approval_status = 'approved' and cardinality(l.names) > 0

    ),

    direct as (

        select c.metric_id, c.metric_name, string_agg(distinct c.reason, '; ' order by c.reason) as reason
        from (
            select changed.metric_id, changed.metric_name, changed.reason from changed
            union all
            select lacking.metric_id, lacking.metric_name, lacking.reason from lacking
        ) as c
        where c.reason is not null
        group by c.metric_id, c.metric_name

    ),

    children as materialized (

        select c.parent_metric_id, c.child_metric_id
        from yardstick_engine.metric_children() as c

    ),

    -- Each metric with the drifted ones at the bottom of it.
    affected (metric_id, root_id) as (

        select direct.metric_id, direct.metric_id
        from direct

        union

        select children.parent_metric_id, affected.root_id
        from affected
        inner join children on children.child_metric_id = affected.metric_id

    )

    select
        affected.metric_id,
        left(coalesce(
            min(direct.reason) filter (where affected.root_id = affected.metric_id),
            string_agg(format('is calculated from %s, which has drifted: %s', direct.metric_name, direct.reason), '; ' order by direct.metric_name)
        ), 500)
    from affected
    inner join direct on direct.metric_id = affected.root_id
    group by affected.metric_id
$drifts$;

comment on function yardstick_engine.drifts() is
'One row per metric in use that reads a column or relation which is gone, unreadable or of another type than it was compiled against, that is made of one that lacks a window or level now, or that is calculated from such a metric: what is wrong, and the way out.';
