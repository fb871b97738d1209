create or replace function yardstick.read_instant(text_value text)
returns timestamptz
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
as $read_instant$
begin
    if text_value ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$' then
        return text_value::timestamptz;
    end if;
    return null;
exception when data_exception then
    return null;
end
$read_instant$;

comment on function yardstick.read_instant(text) is
'Instant that an ISO 8601 text with its offset from UTC names; null when the text is none.';
