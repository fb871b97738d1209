-- Asks no questions: whoever calls it has asked whether the login may.
create or replace function yardstick.choose_organization(organization_id uuid, user_id uuid)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $choose_organization$
    select set_config(
        'yardstick.context',
        yardstick.sign_context(
            choose_organization.organization_id::text,
            coalesce(choose_organization.user_id, '00000000-0000-0000-0000-000000000000')::text
        ),
        true
    )
$choose_organization$;

comment on function yardstick.choose_organization(uuid, uuid) is
'Makes this the organization and the person of the rest of the transaction.';
