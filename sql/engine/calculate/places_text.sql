-- A place is an organization, for rows of no department that it knows, or one of its departments; its number is a shorter key to group
-- by than the ids, and two names of the same department meet in it before they are grouped.
create or replace function yardstick_engine.places_text(department_type text, has_departments boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $places_text$
    select case when places_text.has_departments then
        format(
            $text$place as materialized (
    select
        (row_number() over ())::integer as place_no, p.organization_id, p.department_id,
        case when p.department_id is null then 'none' else 'own' end as aggregation_level, coalesce(p.department_id, p.organization_id) as aggregation_id
    from (
        select distinct o.organization_id, null::uuid as department_id from organization as o
        union all
        select m.organization_id, m.id
        from yardstick.departments as m
        where m.organization_id in (select o.organization_id from organization as o)
    ) as p
),
home as materialized (
    select p.place_no, o.*
    from organization as o
    inner join place as p on p.organization_id = o.organization_id and p.department_id is null
),
department as materialized (
    select h.place_no as home_no, m.member_key, p.place_no
    from (
        select m.id, %1$s as member_key from yardstick.departments as m
        union
        select m.id, %2$s from yardstick.departments as m where m.external_id is not null
    ) as m
    inner join place as p on p.department_id = m.id
    inner join place as h on h.organization_id = p.organization_id and h.department_id is null
    where m.member_key is not null
)$text$,
            case places_text.department_type when 'uuid' then 'm.id' else 'm.id::text' end,
            case places_text.department_type
                when 'uuid' then 'case when m.external_id ~* ''^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'' then m.external_id::uuid end'
                else 'm.external_id' end
        )
    else
        $text$place as materialized (
    select
        (row_number() over ())::integer as place_no, o.organization_id, null::uuid as department_id,
        'none' as aggregation_level, o.organization_id as aggregation_id
    from (select distinct o.organization_id from organization as o) as o
),
home as materialized (
    select p.place_no, o.*
    from organization as o
    inner join place as p on p.organization_id = o.organization_id
)$text$
    end
$places_text$;

comment on function yardstick_engine.places_text(text, boolean) is
'Text of the CTEs that number the organizations (home) and departments (department) of a scan, by the names that rows have for them. department_type: of the column that names them.';
