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
            $text$housed as materialized (
    select (row_number() over ())::integer as place_no, o.organization_id
    from (select distinct o.organization_id from organization as o) as o
),
place as materialized (
    select
        n.place_no, n.place_no as home_no, n.organization_id, null::uuid as department_id, 'none' as aggregation_level,
        n.organization_id as aggregation_id
    from housed as n
    union all
    select
        (select count(*) from housed)::integer + (row_number() over ())::integer, n.place_no, n.organization_id, m.id, 'own', m.id
    from housed as n
    inner join yardstick.departments as m on m.organization_id = n.organization_id
),
home as materialized (
    select n.place_no, o.*
    from organization as o
    inner join housed as n on n.organization_id = o.organization_id
),
-- Each place knows the number of its home: found by their organization among all places, every department would pass every home.
department as materialized (
    select p.home_no, m.member_key, p.place_no
    from (
        select m.id, %1$s as member_key from yardstick.departments as m
        union
        select m.id, %2$s from yardstick.departments as m where m.external_id is not null
    ) as m
    inner join place as p on p.department_id = m.id
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
