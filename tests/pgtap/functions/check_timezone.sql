begin;
select plan(6);

create temporary table clocks (timezone text);
create trigger check_timezone before insert or update on clocks for each row execute function yardstick.check_timezone();

create function pg_temp.takes(timezone text)
returns boolean
language plpgsql
as $takes$
begin
    insert into clocks (timezone) values (takes.timezone);
    return true;
exception
    when sqlstate 'YS001' then
        return false;
end
$takes$;

create temporary table places as
select z.name from pg_timezone_names as z where z.name ~ '^[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+)+$';

set local timezone = 'Asia/Tokyo';
select cmp_ok((select count(*) from places), '>', 300::bigint, 'is asked for hundreds of places');
select is((select count(*) from places as p where not pg_temp.takes(p.name)), 0::bigint, 'takes every one of them that the server lists');
select is(
    (select count(*) from places as p where upper(p.name) not in (select q.name from places as q) and pg_temp.takes(upper(p.name))), 0::bigint,
    'takes none that is written otherwise'
);
select is(
    (select array_agg(t.name) from unnest(array[null, 'UTC', 'Etc/GMT+5', 'Etc/GMT-14']) as t (name) where pg_temp.takes(t.name)),
    array[null, 'UTC', 'Etc/GMT+5', 'Etc/GMT-14'], 'takes what else is in the list'
);
select is(
    (
        select array_agg(t.name)
        from unnest(array['', 'EDT', 'EST5', 'Mars/Olympus', 'Europe/Berlin ', '<+03>-3', 'CET-1CEST,M3.5.0,M10.5.0/3', '../../passwd']) as t (name)
        where pg_temp.takes(t.name)
    ), null, 'refuses abbreviations, rules and what is nowhere'
);
select is(current_setting('timezone'), 'Asia/Tokyo', 'leaves the clock of the session alone');

select * from finish();
rollback;
