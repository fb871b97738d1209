create or replace function yardstick.require_organization()
returns uuid
language plpgsql
stable
parallel restricted
set search_path = pg_catalog, pg_temp
as $require_organization$
declare
    organization uuid := yardstick.current_organization();
begin
    if organization is null then
        raise exception using
            errcode = 'YS004',
            message = 'no organization is chosen: call yardstick_api.use_organization(organization_id, user_id) first in each transaction';
    end if;
    return organization;
end
$require_organization$;

comment on function yardstick.require_organization() is
'Organization this session works for; refused (YS004) when there is none.';

grant execute on function yardstick.require_organization() to yardstick_engine_role;
