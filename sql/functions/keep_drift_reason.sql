-- What a calculation stumbles over while a column is missing says less than why it is missing.
create or replace function yardstick.keep_drift_reason()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $keep_drift_reason$
begin
    if new.drifted_at is not null then
        new.last_error_code := 'YS009';
        new.last_error := new.drift_reason;
    elsif old.drifted_at is not null and new.last_error_code = 'YS009' then
        new.last_error_code := null;
        new.last_error := null;
    end if;
    return new;
end
$keep_drift_reason$;

comment on function yardstick.keep_drift_reason() is
'Trigger: the last error of a metric that has drifted is that it has.';
