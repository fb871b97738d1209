create or replace function yardstick.keep_departments_a_tree()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $keep_departments_a_tree$
begin
    if exists (
        with recursive above as (
            select new.parent_department_id as department_id
            union
            select d.parent_department_id
            from above
            inner join yardstick.departments as d on d.id = above.department_id
        )

        select
        from above
        where above.department_id = new.id
    ) then
        raise exception using
            errcode = 'YS001',
            message = format('parent_department_id: department %s would stand below itself', new.id);
    end if;
    return new;
end
$keep_departments_a_tree$;

comment on function yardstick.keep_departments_a_tree() is
'Trigger: no department stands below itself.';
