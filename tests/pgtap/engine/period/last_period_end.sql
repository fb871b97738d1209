begin;
\ir ../../two_organizations.psql
select plan(7);
set local timezone = 'Asia/Tokyo';

select is(
    yardstick_engine.last_period_end(:'birch', 'daily', '2025-03-09 12:00-04'), timestamptz '2025-03-09 00:00-05',
    'is the last midnight of the organization'
);
select is(
    yardstick_engine.last_period_end(:'birch', 'daily', '2025-03-10 00:00-04'), timestamptz '2025-03-10 00:00-04',
    'counts a period that ends just then'
);
select is(
    yardstick_engine.last_period_end(:'birch', 'weekly', '2025-03-12 00:00-04'), timestamptz '2025-03-10 00:00-04',
    'is a Monday for weeks'
);
select is(
    yardstick_engine.last_period_end(:'acme', 'monthly', '2025-03-31 23:59+02'), timestamptz '2025-03-01 00:00+01',
    'is the first of the month for months'
);
select is(
    yardstick_engine.last_period_end(:'acme', 'annual', '2025-01-01 00:00+01'), timestamptz '2025-01-01 00:00+01',
    'is New Year for years'
);
select is(yardstick_engine.last_period_end(:'acme', 'hourly', '2025-01-01 00:00+01'), null, 'is null for an unknown window');
select is(
    yardstick_engine.last_period_end('00000000-0000-4000-8000-000000000000', 'daily', '2025-01-01 00:00+01'), null,
    'is null for an unknown organization'
);

select * from finish();
rollback;
