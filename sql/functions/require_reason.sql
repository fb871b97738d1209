create or replace function yardstick.require_reason()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $require_reason$
declare
    zone  text;
    given text := yardstick.current_reason();
begin
    select o.timezone into zone from yardstick.organizations as o where o.id = old.organization_id;
    if tg_op = 'UPDATE' then
        given := coalesce(given, nullif(btrim(new.reason), ''));
    end if;
    if given is null and old.effective_from <= (now() at time zone coalesce(zone, 'UTC'))::date then
        raise exception using
            errcode = 'YS001',
            message = format(
                'reason: is required to change the target in force since %s; give it, or call yardstick_api.use_reason(reason) first',
                old.effective_from
            );
    end if;
    return case tg_op when 'UPDATE' then new else old end;
end
$require_reason$;

comment on function yardstick.require_reason() is
'Trigger: a target in force is changed or removed with a reason, else refused (YS001).';
