-- "at time zone" also takes abbreviations and POSIX rules, which know no daylight saving of the place: only IANA names pass.
create or replace function yardstick.check_timezone()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $check_timezone$
begin
    -- Listing all zones reads some hundred files: ask only when there is something new to ask.
    if tg_op = 'UPDATE' and new.timezone is not distinct from old.timezone or new.timezone = 'UTC' then
        return new;
    end if;
    if new.timezone is not null and not exists (select from pg_timezone_names as z where z.name = new.timezone) then
        raise exception using
            errcode = 'YS001',
            message = format('timezone: "%s" is not a time zone of this server; give an IANA name such as Europe/Berlin', new.timezone);
    end if;
    return new;
end
$check_timezone$;

comment on function yardstick.check_timezone() is
'Trigger: timezone is the name of an IANA time zone the server knows.';
