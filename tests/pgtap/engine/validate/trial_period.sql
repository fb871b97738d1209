begin;
select plan(4);

insert into yardstick.organizations (external_id, organization_name, timezone, week_start, fiscal_year_start_month) values
('kolkata', 'K', 'Asia/Kolkata', 7, 4), ('utc', 'U', 'UTC', 1, 1);
create function pg_temp.period(organization text, windows jsonb, as_of timestamptz) returns text language sql as $period$
    select format('%s %s %s', p.time_window, p.period_start, p.next_start)
    from yardstick.organizations as o
    cross join lateral yardstick_engine.trial_period(jsonb_build_object('time_windows', period.windows), o.id, period.as_of) as p
    where o.external_id = period.organization
$period$;

select is(pg_temp.period('utc', '["monthly", "daily"]', '2026-03-01 00:00+00'), 'monthly 2026-02-01 2026-03-01', 'is the month that has just ended');
select is(pg_temp.period('kolkata', '["monthly"]', '2026-02-28 20:00+00'), 'monthly 2026-02-01 2026-03-01', 'ends on the organization''s clock');
select is(pg_temp.period('kolkata', '["annual"]', '2026-04-15 00:00+00'), 'annual 2025-04-01 2026-04-01', 'ends with the organization''s fiscal year');
select is(pg_temp.period('utc', null, '2026-03-05 00:00+00'), 'monthly 2026-02-01 2026-03-01', 'is a month when no window is named');

select * from finish();
rollback;
