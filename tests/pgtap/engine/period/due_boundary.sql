begin;
select plan(9);
set local timezone = 'Asia/Tokyo';

select is(
    yardstick_engine.due_boundary('real_time', '2025-03-09 12:34:56-04', 'America/New_York', 1), timestamptz '2025-03-09 12:34:56-04',
    'is the moment itself in real time'
);
select is(
    yardstick_engine.due_boundary('hourly', '2025-03-09 12:34:56Z', 'Asia/Kathmandu', 1), timestamptz '2025-03-09 12:15:00Z',
    'is the full hour of a clock that runs three quarters ahead'
);
select is(
    yardstick_engine.due_boundary('daily', '2025-03-09 12:00-04', 'America/New_York', 1), timestamptz '2025-03-09 00:00-05',
    'is midnight on a day that is an hour short'
);
select is(
    yardstick_engine.due_boundary('daily', '2018-11-04 12:00-02', 'America/Sao_Paulo', 1), timestamptz '2018-11-04 01:00-02',
    'is the first moment of a day that has no midnight'
);
select is(
    yardstick_engine.due_boundary('weekly', '2025-03-08 12:00-05', 'America/New_York', 7), timestamptz '2025-03-02 00:00-05',
    'is the start of the week of the organization'
);
select is(
    yardstick_engine.due_boundary('weekly', '2025-03-03 00:00-05', 'America/New_York', 1), timestamptz '2025-03-03 00:00-05',
    'is due at the boundary itself'
);
select is(
    yardstick_engine.due_boundary('monthly', '2025-03-31 23:59:59-04', 'America/New_York', 1), timestamptz '2025-03-01 00:00-05',
    'is the first of the month'
);
select is(
    yardstick_engine.due_boundary('monthly', '2025-04-01 03:59Z', 'America/New_York', 1), timestamptz '2025-03-01 00:00-05',
    'is the month of the organization, not of UTC'
);
select is(yardstick_engine.due_boundary('on_demand', '2025-03-31 23:59:59-04', 'UTC', 1), null, 'is never on demand');

select * from finish();
rollback;
