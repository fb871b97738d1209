create or replace function yardstick.find_row_to_sync(relation text, input jsonb)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $find_row_to_sync$
declare
    by_id          uuid;
    by_external_id uuid;
begin
    if input ->> 'id' is null and input ->> 'external_id' is null then
        raise exception using
            errcode = 'YS001', message = 'id: give id or external_id, so that the next call finds the same row';
    end if;
    execute format(
        'select (select t.id from yardstick.%I as t where t.id = $1 and t.organization_id = $3),'
        ' (select t.id from yardstick.%I as t where t.external_id = $2 and t.organization_id = $3)',
        relation, relation
    )
    into by_id, by_external_id
    using (input ->> 'id')::uuid, input ->> 'external_id', yardstick.require_organization();

    if input ->> 'id' is not null and by_external_id is not null and by_id is distinct from by_external_id then
        raise exception using
            errcode = 'YS007',
            message = format('external_id: "%s" belongs to id %s', input ->> 'external_id', by_external_id);
    end if;
    return coalesce(by_id, by_external_id);
end
$find_row_to_sync$;

comment on function yardstick.find_row_to_sync(text, jsonb) is
'Id of the row that a sync with this id or external_id changes; null: it makes a new one.';
