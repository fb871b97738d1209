create or replace function yardstick.serves_every_organization()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $serves_every_organization$
    select
        count(*) filter (where b.kind = 'bound') = 0
        and (
            count(*) filter (where b.organization_id is null) > 0
            or pg_has_role(session_user, 'yardstick_dba', 'member')
        )
    from yardstick.login_bindings as b
    where b.login_name = session_user::text
$serves_every_organization$;

comment on function yardstick.serves_every_organization() is
'Whether this login may work for any organization: a DBA or an application trusted with all of them, unless it is bound to one.';
