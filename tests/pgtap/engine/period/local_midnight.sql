begin;
select plan(9);

select is(
    yardstick_engine.local_midnight('2026-03-15', 'Europe/Berlin'), '2026-03-14 23:00+00'::timestamptz, 'is midnight on the clocks of the zone'
);
select is(yardstick_engine.local_midnight('2018-11-04', 'America/Sao_Paulo'), '2018-11-04 03:00+00'::timestamptz, 'is one o''clock where midnight is skipped');
select is(yardstick_engine.local_midnight('2024-11-03', 'America/Havana'), '2024-11-03 04:00+00'::timestamptz, 'is the first of two midnights');
select is(yardstick_engine.local_midnight('2014-10-26', 'Asia/Chita'), '2014-10-25 14:00+00'::timestamptz, 'is the first of two that are two hours apart');
select is(
    yardstick_engine.local_midnight('2010-11-07', 'America/St_Johns'), '2010-11-07 03:30+00'::timestamptz,
    'is the second where the clocks went back into the day before'
);
select is(
    yardstick_engine.local_midnight('2011-12-30', 'Pacific/Apia'), yardstick_engine.local_midnight('2011-12-31', 'Pacific/Apia'),
    'leaves a date that was skipped no time'
);
select is(yardstick_engine.local_midnight('2011-12-31', 'Pacific/Apia'), '2011-12-30 10:00+00'::timestamptz, 'begins the date after it where the one before ends');
select is(yardstick_engine.local_midnight(null, 'UTC'), null, 'is null for no date');
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'SQL, DMY';
select is(
    extract(epoch from yardstick_engine.local_midnight('2024-11-03'::date, 'America/Havana')), 1730606400::numeric,
    'is the same whatever the session has set'
);

select * from finish();
rollback;
