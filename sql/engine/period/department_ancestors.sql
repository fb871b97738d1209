-- One walk over the tree for all organizations: a department counts for itself and for every department above it.
create or replace function yardstick_engine.department_ancestors(organization_ids uuid[])
returns table (organization_id uuid, department_id uuid, ancestor_id uuid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $department_ancestors$
    with recursive ancestors as (
        select d.organization_id, d.id as department_id, d.id as ancestor_id, d.parent_department_id, 1 as depth
        from yardstick.departments as d
        where d.organization_id = any(department_ancestors.organization_ids)
        union all
        select a.organization_id, a.department_id, p.id, p.parent_department_id, a.depth + 1
        from ancestors as a
        inner join yardstick.departments as p
            on p.id = a.parent_department_id and p.organization_id = a.organization_id
        where a.depth < 100
    )

    select distinct a.organization_id, a.department_id, a.ancestor_id
    from ancestors as a
$department_ancestors$;

comment on function yardstick_engine.department_ancestors(uuid[]) is
'Every department of the given organizations with itself and each department above it.';
