create or replace view yardstick_ops.source_lineage as
with recursive

reads as (

    select distinct u.metric_id, u.source_id, u.column_name, u.used_for
    from yardstick_engine.used_columns() as u

),

children as (

    select c.parent_metric_id, c.child_metric_id
    from yardstick_engine.metric_children() as c

),

-- Metrics with those they are calculated from, however far below.
built (metric_id, root_id) as (

    select children.parent_metric_id, children.child_metric_id
    from children

    union

    select children.parent_metric_id, built.root_id
    from built
    inner join children on children.child_metric_id = built.metric_id

),

definitions as (

    select id, organization_id, metric_name
    from yardstick.metric_definitions

),

touched as (

    select metric_id, source_id, column_name, used_for, true as is_direct
    from reads

    union all

    select built.metric_id, reads.source_id, reads.column_name, null as used_for, false as is_direct
    from built
    inner join reads on reads.metric_id = built.root_id

)

select
    s.relation,
    touched.column_name,
    definitions.organization_id,
    o.organization_name,
    coalesce(array_agg(distinct definitions.metric_name order by definitions.metric_name) filter (where touched.is_direct), '{}') as metric_names,
    coalesce(array_agg(distinct definitions.metric_name order by definitions.metric_name) filter (where not touched.is_direct), '{}') as derived_metric_names,
    array_agg(distinct touched.used_for order by touched.used_for) filter (where touched.is_direct) as used_for
from touched
inner join definitions on definitions.id = touched.metric_id
inner join yardstick.metric_sources as s on s.id = touched.source_id
left join yardstick.organizations as o on o.id = definitions.organization_id
group by s.relation, touched.column_name, definitions.organization_id, o.organization_name;

comment on view yardstick_ops.source_lineage is
'One row per column that metrics read and organization they belong to: what stands still when the column goes.';
comment on column yardstick_ops.source_lineage.relation is 'The table or view: quoted schema, dot, quoted name.';
comment on column yardstick_ops.source_lineage.column_name is 'Column.';
comment on column yardstick_ops.source_lineage.organization_id is 'Organization of the metrics; null: the platform.';
comment on column yardstick_ops.source_lineage.organization_name is 'Its name; null: the platform.';
comment on column yardstick_ops.source_lineage.metric_names is 'Metrics that read the column.';
comment on column yardstick_ops.source_lineage.derived_metric_names is 'Metrics that are calculated from metrics that read it.';
comment on column yardstick_ops.source_lineage.used_for is
'What it is read for: time, organization, level, key, watermark, row filter, measures, query; null: by derived metrics alone.';

grant select on yardstick_ops.source_lineage to yardstick_dba, yardstick_worker;
