begin;
select plan(6);

create temp table metric as select gen_random_uuid() as organization, gen_random_uuid() as id;
create function pg_temp.start(version integer) returns boolean language sql as $$
    select yardstick_engine.start_attempt(m.organization, m.id, version) from metric as m
$$;
select is(pg_temp.start(1), true, 'lets a metric run');
select is(pg_temp.start(1), false, 'leaves one alone that never came back');
select is(pg_temp.start(2), true, 'lets another version run');
select is(pg_temp.start(2), false, 'and leaves that alone too');
update yardstick.sandbox_attempts set started_at = started_at - interval '25 hours';
select is(pg_temp.start(2), true, 'tries again after a day');
select yardstick_engine.finish_attempt(m.organization, m.id) from metric as m \g /dev/null
select is(pg_temp.start(2), true, 'lets one run again that came back');

select * from finish();
rollback;
