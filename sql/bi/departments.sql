create or replace view yardstick_bi.departments as
with recursive

departments as (

    select id, organization_id, external_id, department_name, parent_department_id, is_active
    from yardstick.departments

),

placed as (

    select d.id, 1 as tree_level, d.department_name as department_path
    from departments as d
    where d.parent_department_id is null

    union all

    select d.id, placed.tree_level + 1, placed.department_path || ' / ' || d.department_name
    from placed
    inner join departments as d on d.parent_department_id = placed.id

)

select
    departments.id as department_id,
    departments.organization_id,
    departments.external_id,
    departments.department_name,
    departments.parent_department_id,
    placed.tree_level,
    placed.department_path,
    departments.is_active
from departments
inner join placed on placed.id = departments.id;

comment on view yardstick_bi.departments is
'One row per department of the organization; its values include those of the departments below it.';
comment on column yardstick_bi.departments.department_id is 'Identifier; the aggregation_id of values at level dept.';
comment on column yardstick_bi.departments.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.departments.external_id is 'Its identifier in the host application; null: none there.';
comment on column yardstick_bi.departments.department_name is 'Name people know it by.';
comment on column yardstick_bi.departments.parent_department_id is 'Department it is part of; null at the top.';
comment on column yardstick_bi.departments.tree_level is 'Depth in the tree: 1 at the top.';
comment on column yardstick_bi.departments.department_path is 'Names from the top down to it, for sorting and drilling.';
comment on column yardstick_bi.departments.is_active is 'False: kept for its history.';

grant select on yardstick_bi.departments to yardstick_bi;
