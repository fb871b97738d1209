-- Each step of the life cycle, by the role that takes it and by each that must not.
begin;
\ir ../two_organizations.psql
select plan(42);

select yardstick_api.set_approval_gates(null, '{owner,methodology,data_source,business_alignment}', 'as delivered')
\g /dev/null
create role tap_second_dba login in role yardstick_dba;

-- A person of Acme's says or does something through a login.
create function pg_temp.person(login text, person text, query text)
returns text
language sql
as $person$
    select coalesce(
        nullif(pg_temp.as_login(login, format(
            'select yardstick_api.use_organization(%L, %L)',
            (select o.id from yardstick.organizations as o where o.external_id = 'tap-acme'),
            (select u.id from yardstick.users as u where u.external_id = person)
        )), ''),
        pg_temp.as_login(login, query)
    )
$person$;
create function pg_temp.statuses()
returns text
language sql
as $statuses$
    select string_agg(format('%s %s', v.version, v.status), ', ' order by v.version) || '; ' || max(d.approval_status)
    from yardstick.metric_definition_versions as v
    inner join yardstick.metric_definitions as d on d.id = v.metric_id and d.metric_name = 'tap_output'
$statuses$;

select pg_temp.call('tap_acme_app', :'acme', q.query)
from (values
    (1, $$select yardstick_api.sync_role('{"external_id": "all", "role_name": "All", "may_approve": ["owner", "methodology", "data_source", "business_alignment"]}')$$),
    (2, $$select yardstick_api.sync_role('{"external_id": "some", "role_name": "Some", "may_approve": ["owner"]}')$$),
    (3, $$select yardstick_api.sync_user('{"external_id": "author", "user_name": "Author", "roles": ["All"]}')$$),
    (4, $$select yardstick_api.sync_user('{"external_id": "reviewer", "user_name": "Reviewer", "roles": ["All"]}')$$),
    (5, $$select yardstick_api.sync_user('{"external_id": "owner", "user_name": "Owner", "roles": ["Some"]}')$$),
    (6, $$select yardstick_api.sync_user('{"external_id": "clerk", "user_name": "Clerk"}')$$)
) as q (place, query)
order by q.place
\g /dev/null
select set_config('tap.define', $$select yardstick_api.define_metric('{
    "metric_name": "tap_output", "display_name": "Output", "calculation_method": "aggregation",
    "data_sources": {"source": "analytics_metrics", "key": "tap_output", "measures": {"n": {"agg": "sum"}}}
}')$$, true)
\g /dev/null

-- draft
select matches(pg_temp.person('tap_acme_app', 'author', current_setting('tap.define')), '^[0-9a-f-]{36}$', 'lets a person write a draft');
select is(pg_temp.statuses(), '1 draft; draft', 'begins as a draft');
select matches(pg_temp.person('tap_acme_app', 'reviewer', $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '^YS005.*it is draft', 'approves no draft');
select matches(pg_temp.person('tap_acme_app', 'reviewer', $$select yardstick_api.reject_metric('tap_output', 'no')$$), '^YS007', 'rejects no draft');

-- draft to in_review
select matches(pg_temp.call('tap_birch_app', :'birch', $$select yardstick_api.submit_metric('tap_output')$$), '^YS003', 'hides it from another organization');
select matches(pg_temp.as_login('tap_acme_app', $$select yardstick_api.submit_metric('tap_output')$$), '^YS004|^YS003', 'needs an organization to be chosen');
select matches(pg_temp.as_login(l.login, $$select yardstick_api.submit_metric('tap_output')$$), '^42501', format('lets %s submit nothing', l.login))
from (values ('tap_acme_bi'), ('tap_birch_bi')) as l (login);
select matches(pg_temp.as_login('tap_dba', $$select yardstick_api.submit_metric('tap_output')$$), '^YS003', 'is not the platform''s to submit');
select is(pg_temp.person('tap_acme_app', 'author', $$select yardstick_api.submit_metric('tap_output', 'have a look')$$), '1', 'is submitted by its author');
select is(pg_temp.statuses(), '1 in_review; in_review', 'is in review then');
select is(
    pg_temp.person('tap_acme_app', 'reviewer', $$select r.metric_name || ' ' || r.author_name || ' ' || array_to_string(r.gates_for_me, ',') from yardstick_api.reviews() as r$$),
    'tap_output Author owner,methodology,data_source,business_alignment', 'waits for whoever may approve it'
);
select is(
    pg_temp.person('tap_acme_app', p.person, $$select array_to_string(r.gates_for_me, ',') from yardstick_api.reviews() as r$$), p.gates,
    format('shows %s the gates that are theirs to give', p.person)
)
from (values ('author', ''), ('owner', 'owner'), ('clerk', '')) as p (person, gates);

-- in_review to approved
select matches(pg_temp.person('tap_acme_app', 'author', $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '^YS005.*its author cannot', 'is not approved by its author');
select matches(pg_temp.person('tap_acme_app', 'clerk', $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '^YS005.*no role', 'is not approved without a role');
select matches(pg_temp.person('tap_acme_app', 'owner', $$select yardstick_api.approve_metric('tap_output', 'methodology')$$), '^YS005.*gate methodology', 'is not approved beyond a role');
select matches(pg_temp.person('tap_acme_app', null, $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '^YS005.*nobody is named', 'is not approved by nobody');
select matches(pg_temp.person('tap_acme_app', 'reviewer', $$select yardstick_api.approve_metric('tap_output', 'taste')$$), '^YS001 gate', 'has no other gates');
select matches(pg_temp.person('tap_birch_app', 'reviewer', $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '^YS', 'is not approved by another organization''s application');
select matches(pg_temp.as_login(l.login, $$select yardstick_api.approve_metric('tap_output', 'owner')$$), l.refusal, format('is not approved by %s', l.login))
from (values ('tap_acme_bi', '^42501'), ('tap_birch_bi', '^42501'), ('tap_dba', '^YS003'), ('tap_stranger', '^YS')) as l (login, refusal);
select is(pg_temp.person('tap_acme_app', 'owner', $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '{methodology,data_source,business_alignment}', 'says which gates are missing');
select is(pg_temp.person('tap_acme_app', 'reviewer', format('select yardstick_api.approve_metric(%L, %L)', 'tap_output', g.gate)), g.missing, format('takes %s', g.gate))
from (values ('methodology', '{data_source,business_alignment}'), ('data_source', '{business_alignment}'), ('business_alignment', '{}')) as g (gate, missing);
select is(pg_temp.statuses(), '1 approved; approved', 'serves with the last gate');
select matches(pg_temp.person('tap_acme_app', 'reviewer', $$select yardstick_api.approve_metric('tap_output', 'owner')$$), '^YS005.*it is approved', 'is approved once');

-- in_review to rejected
select matches(pg_temp.person('tap_acme_app', 'author', replace(current_setting('tap.define'), '"sum"', '"max"')), '^[0-9a-f-]{36}$', 'lets what serves be changed');
select is(pg_temp.person('tap_acme_app', 'author', $$select yardstick_api.submit_metric('tap_output')$$), '2', 'has a second version');
select is(pg_temp.statuses(), '1 approved, 2 in_review; approved', 'goes on serving meanwhile');
select matches(pg_temp.person('tap_acme_app', 'clerk', $$select yardstick_api.reject_metric('tap_output', 'no')$$), '^YS005', 'is not rejected without a role');
select matches(pg_temp.person('tap_acme_app', 'reviewer', $$select yardstick_api.reject_metric('tap_output', ' ')$$), '^YS001 reason', 'is not rejected without a reason');
select is(pg_temp.person('tap_acme_app', 'reviewer', $$select yardstick_api.reject_metric('tap_output', 'the sum was right')$$), '2', 'is rejected with one');
select is(pg_temp.statuses(), '1 approved, 2 rejected; approved', 'serves as before');

-- approved to retired
select matches(pg_temp.person('tap_acme_app', 'clerk', $$select yardstick_api.retire_metric('tap_output', 'done')$$), '^YS005', 'is not retired without a role');
select matches(pg_temp.as_login('tap_acme_bi', $$select yardstick_api.retire_metric('tap_output', 'done')$$), '^42501', 'is not retired by a reader');
select matches(pg_temp.person('tap_acme_app', 'owner', $$select yardstick_api.retire_metric('tap_output', 'done')$$), '^[0-9a-f-]{36}$', 'is retired by whoever may approve');
select is(pg_temp.statuses(), '1 retired, 2 rejected; retired', 'is kept, retired');

select * from finish();
rollback;
