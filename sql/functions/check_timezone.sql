-- "at time zone" also takes abbreviations and POSIX rules, which know no daylight saving of the place: only IANA names pass.
create or replace function yardstick.check_timezone()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
-- Whatever is tried below ends with the function.
set timezone = 'UTC'
as $check_timezone$
declare
    is_known boolean;
begin
    if new.timezone is null or new.timezone = 'UTC' or (tg_op = 'UPDATE' and new.timezone is not distinct from old.timezone) then
        return new;
    end if;
    if new.timezone ~ '^[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+)+$' then
        -- No POSIX rule, which would have digits. The server says a zone's name back as it is written in its list, which reads one file;
        -- listing all zones reads a thousand.
        begin
            is_known := set_config('timezone', new.timezone, true) = new.timezone;
        exception
            when invalid_parameter_value then
                is_known := false;
        end;
    else
        is_known := exists (select from pg_timezone_names as z where z.name = new.timezone);
    end if;
    if not is_known then
        raise exception using
            errcode = 'YS001',
            message = format('timezone: "%s" is not a time zone of this server; give an IANA name such as Europe/Berlin', new.timezone);
    end if;
    return new;
end
$check_timezone$;

comment on function yardstick.check_timezone() is
'Trigger: timezone is the name of an IANA time zone the server knows.';
