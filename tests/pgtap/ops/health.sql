begin;
\ir ../two_organizations.psql
select plan(24);

-- What a check says, when it does not hold.
create function pg_temp.problem(check_name text)
returns text
language sql
as $problem$
    select pg_temp.as_login('tap_dba', format(
        'select string_agg(detail, ''; '') from yardstick_ops.health where check_name like %L and not ok', check_name
    ))
$problem$;

select is(pg_temp.problem('tenancy:%'), null, 'finds tenancy sound after a deploy');
select is(pg_temp.problem('code:%'), null, 'finds the code as it was deployed');
select is(pg_temp.problem('schema:%'), null, 'finds the schema sound');

alter table yardstick.teams no force row level security;
select is(pg_temp.problem('tenancy: row-level%'), 'yardstick.teams', 'names a table that is not under row-level security');
alter table yardstick.teams force row level security;

select yardstick.ensure_year_partitions('metric_calculations', '2025-01-01', '2025-12-31') \g /dev/null
grant select on yardstick.metric_calculations_2025 to tap_stranger;
select is(
    pg_temp.problem('tenancy: nobody%'), 'yardstick.metric_calculations_2025 (tap_stranger)', 'names a partition somebody was given'
);
revoke all on yardstick.metric_calculations_2025 from tap_stranger;

grant yardstick_owner to tap_acme_bi;
select is(
    pg_temp.problem('tenancy: every%'),
    'tap_acme_bi is a member of a role that owns or reads the data of every organization', 'names a bound login that has become too strong'
);
revoke yardstick_owner from tap_acme_bi;
alter role tap_acme_bi bypassrls;
select is(pg_temp.problem('tenancy: every%'), 'tap_acme_bi passes by row-level security', 'names a bound login that passes by');
alter role tap_acme_bi nobypassrls;
drop role tap_birch_bi;
select is(
    pg_temp.problem('tenancy: every%'), 'tap_birch_bi there is no such role; whoever makes one inherits this binding',
    'names a binding whose login is gone'
);

update yardstick.organizations set organization_name = 'Acme' where id = :'acme';
alter table yardstick.organizations disable trigger check_timezone;
update yardstick.organizations set timezone = 'Mars/Olympus' where id = :'acme';
select is(pg_temp.problem('time:%'), 'Acme (Mars/Olympus)', 'names an organization whose time zone the server lost');
insert into yardstick.metric_definitions (
    organization_id, metric_name, display_name, calculation_method, data_sources, last_error_code, last_error
)
values (:'acme', 'm', 'M', 'manual', '{}', '22012', 'division by zero');
select is(pg_temp.problem('calculation: no metric%'), 'm: 22012 division by zero', 'names a metric that failed');
update yardstick.metric_definitions set last_error_code = null, last_error = null, time_windows = '{daily}' where metric_name = 'm';
select yardstick.ensure_year_partitions('metric_calculations', current_date - 3, current_date) \g /dev/null
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
    metric_value, calculation_status, calculation_notes, error_code, metric_version, calculation_timestamp
)
select :'acme', d.id, 'org', :'acme', 'daily', now() - interval '1 day', now(), null, 'error', 'does not fit', '22003', 1, now()
from yardstick.metric_definitions as d
where d.metric_name = 'm';
select is(pg_temp.problem('calculation: the newest%'), 'm: 22003 does not fit', 'names a metric whose newest value is an error');
insert into yardstick.snapshot_looks (organization_id, looked_at, is_due) select o.id, now(), false from yardstick.organizations as o;
select is(pg_temp.problem('calculation: the newest%'), null, 'looks at no value that was not written since the job looked');
select yardstick_engine.note_values(array[:'acme'::uuid]) \g /dev/null
select is(pg_temp.problem('calculation: the newest%'), 'm: 22003 does not fit', 'looks at values that were written since');
delete from yardstick.value_changes;
update yardstick.snapshot_looks as l
set error_metrics = array(select d.id from yardstick.metric_definitions as d where d.metric_name = 'm')
where l.organization_id = :'acme';
select is(pg_temp.problem('calculation: the newest%'), 'm: 22003 does not fit', 'looks again at a value that was an error when the job looked');
update yardstick.metric_calculations set calculation_status = 'warning', error_code = null;
select is(pg_temp.problem('calculation: the newest%'), null, 'sees when it is none any more');
insert into yardstick.calculation_slices (source_id, period_type, period_start, requested_at, attempt_count, error_message)
values (gen_random_uuid(), 2, '2026-01-05', now() - interval '2 hours', 3, 'no such column');
select matches(pg_temp.problem('calculation: no stretch%'), '^1 stretches, last: no such column$', 'says what keeps failing');

create schema tap_host;
create table tap_host.capas (organization text, opened_at timestamptz);
insert into tap_host.capas values ('tap-acme', now()), ('nobody', now()), ('nobody', '1950-01-01');
grant usage on schema tap_host to yardstick_reader;
grant select on tap_host.capas to yardstick_reader;
insert into yardstick.metric_sources (source_name, relation, time_column, organization_column)
values ('tap_capas', 'tap_host.capas', 'opened_at', 'organization');
select is(
    pg_temp.problem('sources:%'),
    format(
        'tap_capas: 1 rows of an unknown organization (such as nobody) since %s; tap_capas: 1 rows before 1990 or more than five years ahead',
        (now() - interval '30 days')::date
    ),
    'counts the rows of sources that no metric counts'
);
drop table tap_host.capas;
select matches(pg_temp.problem('sources:%'), 'tap_capas: cannot be read: relation "tap_host.capas" does not exist', 'names a source that is gone');

delete from yardstick.metric_sources where source_name = 'tap_capas';
insert into yardstick.metric_refreshes (organization_id, source_id, refresh_frequency, refreshed_to)
select :'acme', s.id, 'org_move_locked', now() - interval '10 minutes' from yardstick.metric_sources as s where s.source_name = 'analytics_metrics';
select is(pg_temp.problem('sources:%'), null, 'leaves a source alone that has been locked for minutes');
update yardstick.metric_refreshes set refreshed_to = now() - interval '2 hours' where refresh_frequency = 'org_move_locked';
select matches(pg_temp.problem('sources:%'), '^analytics_metrics is locked: 1 organizations wait since ', 'names a source that is kept locked');

delete from yardstick.job_runs;
update yardstick.job_home set registered_at = now() - interval '2 minutes';
select is(pg_temp.problem('jobs: the scheduler%'), null, 'gives the scheduler until the next full minute after a deploy');
update yardstick.job_home set registered_at = now() - interval '20 minutes';
select matches(pg_temp.problem('jobs: the scheduler%'), '^no job has ever run; is pg_cron loaded', 'says that no job has ever run');
insert into yardstick.job_runs (job_name, started_at, finished_at, status)
values ('calculate', now() - interval '11 minutes', now() - interval '11 minutes', 'succeeded');
select matches(pg_temp.problem('jobs: the scheduler%'), '^no job has run since .*; is pg_cron running', 'says since when no job has run');
update yardstick.job_home set registered_at = now() - interval '1 minute';
select is(pg_temp.problem('jobs: the scheduler%'), null, 'waits for the scheduler of a new home that brought its runs along');

select * from finish();
rollback;
