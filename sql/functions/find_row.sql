-- Works under the policies of whoever calls it: another organization's row is not found.
create or replace function yardstick.find_row(relation text, key text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $find_row$
declare
    row_id uuid;
begin
    if key ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        execute format('select t.id from yardstick.%I as t where t.id = $1', relation) into row_id using key::uuid;
    end if;
    if row_id is null then
        execute format(
            'select t.id from yardstick.%I as t where t.external_id = $1 order by t.organization_id nulls last limit 1', relation
        )
        into row_id
        using key;
    end if;
    return row_id;
end
$find_row$;

comment on function yardstick.find_row(text, text) is
'Id of the row of departments, teams, users or roles with this id or external id; null: this organization has none.';
