create or replace function yardstick.content_hash(content jsonb)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $content_hash$
    select encode(sha256(convert_to(content_hash.content::text, 'UTF8')), 'hex')
$content_hash$;

comment on function yardstick.content_hash(jsonb) is
'SHA-256 of a definition as the server writes jsonb (keys in their own order, numbers as given), in hexadecimal.';
grant execute on function yardstick.content_hash(jsonb) to yardstick_engine_role;
