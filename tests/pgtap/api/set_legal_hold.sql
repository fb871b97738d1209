begin;
\ir ../two_organizations.psql
select plan(12);

select yardstick_api.define_metric('{"metric_name": "tap_all", "display_name": "t", "calculation_method": "external"}') \g /dev/null
select yardstick_api.use_organization(:'acme') \g /dev/null
select yardstick_api.sync_role('{"external_id": "qa", "role_name": "qa", "may_approve": ["owner"]}') as role,
    yardstick_api.sync_user('{"external_id": "bob", "user_name": "bob", "roles": ["qa"]}') as bob,
    yardstick_api.sync_user('{"external_id": "ann", "user_name": "ann", "roles": []}') as ann
\gset
create function pg_temp.act(login text, organization text, person text, query text)
returns text
language sql
as $act$
    select coalesce(
        nullif(pg_temp.as_login(login, format('select yardstick_api.use_organization(%L, %L)', organization, person)), ''),
        pg_temp.as_login(login, query)
    )
$act$;

select matches(pg_temp.act('tap_acme_app', :'acme', :'ann', $$select yardstick_api.set_legal_hold('case')$$), '^YS005 ', 'is not for anybody');
select matches(pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.set_legal_hold('case')$$), '^YS005 ', 'nor for nobody');
select matches(pg_temp.act('tap_birch_app', :'birch', :'bob', $$select yardstick_api.set_legal_hold('case')$$), '^YS00', 'nor for people of another organization');
select matches(
    pg_temp.act('tap_acme_app', :'acme', :'bob', format('select yardstick_api.set_legal_hold(''case'', null, null, %L)', :'birch')),
    '^YS003 ', 'does not reach into another organization'
);
select matches(pg_temp.act('tap_acme_app', :'acme', :'bob', $$select yardstick_api.set_legal_hold('')$$), '^YS001 ', 'asks why');
select matches(pg_temp.as_login('tap_acme_bi', $$select yardstick_api.set_legal_hold('case')$$), '^42501 ', 'is not for BI logins');
select matches(
    pg_temp.act('tap_acme_app', :'acme', :'bob', $$select yardstick_api.set_legal_hold('case 7', 'tap_all')$$), '^[0-9a-f]{8}-', 'is for who may approve'
);
select matches(pg_temp.as_login('tap_dba', $$select yardstick_api.set_legal_hold('inspection')$$), '^[0-9a-f]{8}-', 'is for a DBA');
select is(
    pg_temp.as_login('tap_dba', $$select string_agg(concat_ws(' ', h.reason, h.organization_name, h.metric_name, h.set_login), ', ' order by h.reason)
        from yardstick_ops.legal_holds as h where h.is_active$$),
    'case 7 Acme tap_all tap_acme_app, inspection tap_dba', 'says who holds what and why'
);
select matches(
    pg_temp.act('tap_acme_app', :'acme', :'bob', (
        select format('select yardstick_api.release_legal_hold(%L, ''over'')', h.id) from yardstick.legal_holds as h where h.reason = 'inspection'
    )), '^YS003 ', 'an organization does not release what the platform holds'
);
select is(
    pg_temp.as_login('tap_dba', (
        select format('select yardstick_api.release_legal_hold(%L, ''over'')', h.id) from yardstick.legal_holds as h where h.reason = 'case 7'
    )), '', 'a DBA releases any'
);
select is(
    pg_temp.as_login('tap_dba', $$select string_agg(concat_ws(' ', h.is_active, h.release_reason, h.released_login), ', ' order by h.reason)
        from yardstick_ops.legal_holds as h$$),
    'f over tap_dba, t', 'and the row stays'
);

select * from finish();
rollback;
