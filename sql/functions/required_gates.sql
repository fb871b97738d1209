create or replace function yardstick.required_gates(organization_id uuid)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $required_gates$
    select coalesce(
        (
            select p.required_gates
            from yardstick.approval_policies as p
            where p.organization_id = required_gates.organization_id or p.organization_id is null
            order by p.organization_id nulls last
            limit 1
        ),
        array['owner', 'methodology', 'data_source', 'business_alignment']
    )
$required_gates$;

comment on function yardstick.required_gates(uuid) is
'Gates that a version of an organization''s metric, or with null of the platform''s, needs before it serves: all four unless a policy says otherwise.';
grant execute on function yardstick.required_gates(uuid) to yardstick_engine_role;
