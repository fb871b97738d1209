begin;
select plan(6);
\ir ../../two_organizations.psql

create schema trial_host;
create table trial_host.jobs (organization text, department text, team text, person text, done_on date, hours numeric);
grant usage on schema trial_host to yardstick_reader;
grant select on trial_host.jobs to yardstick_reader;
select yardstick_api.register_source('{"name": "jobs", "relation": "trial_host.jobs", "time_column": "done_on", "organization_column": "organization",
    "levels": {"dept": "department", "team": "team", "user": "person"}}') as source \gset
select yardstick.next_id() as plant, yardstick.next_id() as line, yardstick.next_id() as crew, yardstick.next_id() as ann \gset
insert into yardstick.departments (id, organization_id, department_name, external_id, parent_department_id) values
(:'plant', :'acme', 'Plant', 'plant', null), (:'line', :'acme', 'Line', 'line', :'plant');
insert into yardstick.teams (id, organization_id, team_name, external_id) values (:'crew', :'acme', 'Crew', 'crew');
insert into yardstick.users (id, organization_id, user_name, external_id) values (:'ann', :'acme', 'Ann', 'ann');
insert into trial_host.jobs values
('tap-acme', 'plant', 'crew', null, '2026-03-02', 1), (:'acme', :'line', 'crew', 'ann', '2026-03-03', 2), ('tap-acme', 'line', null, :'ann', '2026-03-08', 4),
('tap-acme', 'elsewhere', null, null, '2026-03-04', 8), ('tap-acme', null, null, null, '2026-03-09', 16),
('tap-birch', 'line', 'crew', 'ann', '2026-03-03', 32), ('TAP-ACME', 'line', 'crew', 'ann', '2026-03-03', 64);

create function pg_temp.hours(level text, scope uuid, organization uuid, source uuid) returns text language plpgsql as $hours$
declare
    value  numeric;
    sample bigint;
    states jsonb;
begin
    execute yardstick_engine.trial_statement(
        source, '{"compiled": {"formula": "h"}, "measures": {"h": {"agg": "sum", "expression": "hours", "measure_id": "x"}}}', organization,
        '2026-03-02', '2026-03-09', 'Europe/Berlin', level, scope, true
    ) into value, sample, states;
    return format('%s %s %s', trim_scale(value), sample, states -> 'x');
end
$hours$;

select is(pg_temp.hours('org', null, :'acme', :'source'), '15 4 [4, 15, 1, 8]', 'counts the rows of an organization and period, by either of its ids, letter by letter');
select is(pg_temp.hours('dept', :'plant', :'acme', :'source'), '7 3 [3, 7, 1, 4]', 'counts a department with those below it');
select is(pg_temp.hours('dept', :'line', :'acme', :'source'), '6 2 [2, 6, 2, 4]', 'counts the lowest department alone');
select is(pg_temp.hours('team', :'crew', :'acme', :'source'), '3 2 [2, 3, 1, 2]', 'counts a team');
select is(pg_temp.hours('user', :'ann', :'acme', :'source'), '6 2 [2, 6, 2, 4]', 'counts a person');
select is(pg_temp.hours('user', :'ann', :'birch', :'source'), ' 0 [0, null, null, null]', 'knows nobody of another organization');

select * from finish();
rollback;
