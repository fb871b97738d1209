create or replace function yardstick.touch_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $touch_updated_at$
begin
    new.updated_at := now();
    return new;
end
$touch_updated_at$;

comment on function yardstick.touch_updated_at() is
'Trigger: updated_at is the time of the transaction that last changed the row.';
