create or replace function yardstick_engine.owners_text(organization_ids uuid[], key_text text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $owners_text$
    select format('lower(%s::text) = any (%L::text[])', owners_text.key_text, array_agg(lower(k.organization_key)))
    from yardstick.organizations as o
    cross join lateral (values (o.id::text), (o.external_id)) as k (organization_key)
    where o.id = any(owners_text.organization_ids) and k.organization_key is not null
    having owners_text.organization_ids is not null
$owners_text$;

comment on function yardstick_engine.owners_text(uuid[], text) is
'Text of the condition that a row, which names its organization as key_text does, is one of these organizations''; null for null, which is any.';
