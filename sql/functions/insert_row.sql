-- The input's own keys are already checked; resolved replaces what named other rows. An id that another organization has is
-- refused as if it were misspelt: the row is neither read nor changed.
create or replace function yardstick.insert_row(relation text, input jsonb, name_key text, resolved jsonb)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $insert_row$
declare
    new_values jsonb;
    row_id     uuid;
begin
    if input ->> name_key is null then
        raise exception using
            errcode = 'YS001',
            message = format('%s: is missing; a new %s needs it', name_key, rtrim(relation, 's'));
    end if;
    new_values := jsonb_build_object('id', yardstick.next_id(), 'is_active', true)
    || (input - 'roles') || resolved
    || jsonb_build_object('organization_id', yardstick.require_organization());

    execute format(
        'insert into yardstick.%1$I (%2$s) select %2$s from jsonb_populate_record(null::yardstick.%1$I, $1)'
        ' on conflict (id) do nothing returning id',
        relation,
        (select string_agg(format('%I', k.key), ', ' order by k.key) from jsonb_object_keys(new_values) as k (key))
    )
    into row_id
    using new_values;
    if row_id is null then
        raise exception using errcode = 'YS003', message = format('id: unknown id %s', input ->> 'id');
    end if;
    return row_id;
end
$insert_row$;

comment on function yardstick.insert_row(text, jsonb, text, jsonb) is
'Inserts a department, team, user or role from the input of a sync and returns its id.';
