begin;
\ir ../two_organizations.psql
select plan(16);
grant usage on schema yardstick to yardstick_app, yardstick_bi;

create function pg_temp.with_setting(login text, setting text)
returns text
language sql
as $with_setting$
    select pg_temp.as_login(login, format(
        'select yardstick.current_organization() from (select set_config(''yardstick.context'', %L, true) offset 0) as s', setting
    ))
$with_setting$;

select is(pg_temp.as_login('tap_acme_bi', 'select yardstick.current_organization()'), :'acme', 'is that of a bound login');
select is(pg_temp.with_setting('tap_acme_bi', :'birch'), :'acme', 'is that of a bound login whatever the setting says');
select is(pg_temp.as_login('tap_stranger', 'select yardstick.current_organization()'), null, 'is nothing for a stranger');

-- A stamp of this very transaction and backend, but of another login.
select pg_temp.as_login('tap_birch_app', format('select yardstick_api.use_organization(%L)', :'birch')) \g /dev/null
select current_setting('yardstick.context') as stamp \gset
select is(pg_temp.as_login('tap_birch_app', 'select yardstick.current_organization()'), :'birch', 'is the one that was named');
select is(pg_temp.with_setting('tap_acme_app', :'stamp'), null, 'is nothing under the stamp of another login');
select is(pg_temp.with_setting('tap_acme_bi', :'stamp'), :'acme', 'stays that of a bound login under a stamp that counts elsewhere');
select is(pg_temp.with_setting('tap_birch_app', :'stamp'), :'birch', 'is the one of its own stamp');
select is(
    pg_temp.with_setting('tap_birch_app', replace(:'stamp', :'birch', :'acme')), null,
    'is nothing when the stamp is changed to another organization'
);
select is(pg_temp.with_setting('tap_birch_app', upper(:'stamp')), null, 'is nothing when the stamp is written otherwise');
select is(pg_temp.with_setting('tap_birch_app', left(:'stamp', -1)), null, 'is nothing when the stamp is cut');
select is(pg_temp.with_setting('tap_birch_app', :'birch'), null, 'is nothing for a bare organization');
select is(pg_temp.with_setting('tap_birch_app', ''), null, 'is nothing for an empty setting');
select is(pg_temp.with_setting('tap_birch_app', repeat('/', 200)), null, 'is nothing for garbage');
select is(pg_temp.with_setting('tap_birch_app', 'é€𝄞' || repeat('x', 140)), null, 'is nothing for letters of any kind');

delete from yardstick.context_keys;
select is(pg_temp.with_setting('tap_birch_app', :'stamp'), null, 'is nothing when the keys are gone');
select is(pg_temp.with_setting('tap_acme_bi', :'stamp'), :'acme', 'is still that of a bound login when the keys are gone');

select * from finish();
rollback;
