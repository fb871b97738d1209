begin;
\ir ../audited_organizations.psql
select plan(22);
insert into yardstick.roles (organization_id, role_name) select :'acme', 'tap' || n from generate_series(1, 8) as n;
select encode(l.row_hash, 'hex') as hash5 from yardstick.audit_log as l where l.organization_id = :'acme' and l.sequence_no = 5 \gset
select encode(l.row_hash, 'hex') as hash_last, l.sequence_no as last from yardstick.audit_log as l
where l.organization_id = :'acme' order by l.sequence_no desc limit 1 \gset

create function pg_temp.said(chain uuid, number bigint default null, hash text default null)
returns text
language sql
as $said$
    select coalesce(string_agg(v.sequence_no || ' ' || v.problem, ', ' order by v.sequence_no, v.problem), 'whole')
    from yardstick_api.verify_audit(chain, number, hash) as v
$said$;

-- What a superuser does with triggers off, each taken back.
create function pg_temp.after(deed text, chain uuid, number bigint default null, hash text default null)
returns text
language plpgsql
as $after$
declare
    said text;
begin
    begin
        perform set_config('session_replication_role', 'replica', true);
        execute deed using chain;
        said := pg_temp.said(chain, number, hash);
        raise exception 'taken back';
    exception when raise_exception then
        return said;
    end;
end
$after$;

select is(pg_temp.said(:'acme', 5, :'hash5'), 'whole', 'finds nothing in a chain that is whole');
select is(pg_temp.after(d.deed, :'acme'), d.found, d.description)
from (values
    ('update yardstick.audit_log set reason = ''x'' where organization_id = $1 and sequence_no = 4', '4 changed', 'finds a changed row'),
    ('update yardstick.audit_log set user_id = gen_random_uuid() where organization_id = $1 and sequence_no = 4', '4 changed', 'finds another person'),
    ('update yardstick.audit_log set new_row = new_row || ''{"is_active": false}'' where organization_id = $1 and sequence_no = 4', '4 changed', 'finds another content'),
    ('update yardstick.audit_log set occurred_at = occurred_at - interval ''1 second'' where organization_id = $1 and sequence_no = 4', '4 changed', 'finds a row that was back-dated'),
    ('delete from yardstick.audit_log where organization_id = $1 and sequence_no = 4', '5 missing', 'finds a removed row'),
    ('delete from yardstick.audit_log where organization_id = $1 and sequence_no = 1', '2 missing', 'finds that the first is gone'),
    ('delete from yardstick.audit_log where organization_id = $1 and sequence_no > 9', '9 head', 'finds a tail cut with its head left'),
    ('delete from yardstick.audit_log where organization_id = $1', format('%s head', :'last'), 'finds a chain that is gone with its head left'),
    ('delete from yardstick.audit_heads where organization_id = $1', format('%s head', :'last'), 'finds a chain without head'),
    ('update yardstick.audit_heads set sequence_no = 3 where organization_id = $1', format('%s head', :'last'), 'finds a head that was set back'),
    (
        'insert into yardstick.audit_log select organization_id, 12, occurred_at, recorded_at, transaction_id, login_name, user_id, action, subject, '
        'subject_id, old_row, new_row, reason, row_hash, previous_hash from yardstick.audit_log where organization_id = $1 and sequence_no = 9',
        '12 changed, 12 head, 12 unchained', 'finds a row put in at the end'
    ),
    (
        'update yardstick.audit_log set sequence_no = case sequence_no when 4 then 105 else 104 end where organization_id = $1 and sequence_no in (4, 5);'
        'update yardstick.audit_log set sequence_no = sequence_no - 100 where sequence_no in (104, 105)',
        '4 changed, 4 unchained, 5 changed, 5 unchained, 6 unchained', 'finds rows that changed places'
    )
) as d (deed, found, description);
select is(
    pg_temp.after(
        'with cut as (delete from yardstick.audit_log where organization_id = $1 and sequence_no > 4)
        update yardstick.audit_heads as h set sequence_no = 4, row_hash = l.row_hash
        from yardstick.audit_log as l where l.organization_id = $1 and l.sequence_no = 4 and h.organization_id = $1', :'acme'
    ),
    'whole', 'cannot find a tail cut with its head by itself'
);
select is(
    pg_temp.after(
        'with cut as (delete from yardstick.audit_log where organization_id = $1 and sequence_no > 4)
        update yardstick.audit_heads as h set sequence_no = 4, row_hash = l.row_hash
        from yardstick.audit_log as l where l.organization_id = $1 and l.sequence_no = 4 and h.organization_id = $1', :'acme', 5, :'hash5'
    ),
    '5 expected head', 'finds it with a head that was exported before'
);
select is(pg_temp.said(:'acme', 5, :'hash_last'), '5 expected head', 'finds a chain that was written anew');

select is(pg_temp.call('tap_acme_app', :'acme', 'select count(*) from yardstick_api.verify_audit()'), '0', 'is for applications, of their own chain');
select matches(
    pg_temp.call('tap_acme_app', :'acme', format('select count(*) from yardstick_api.verify_audit(%L)', :'birch')), '^YS005 ', 'is not for another''s'
);
select matches(pg_temp.as_login('tap_stranger', 'select count(*) from yardstick_api.verify_audit()'), '^YS004 ', 'needs an organization');
select is(pg_temp.as_login('tap_dba', format('select count(*) from yardstick_api.verify_audit(%L)', :'birch')), '0', 'is for a DBA, of any chain');
select matches(
    pg_temp.as_login('tap_dba', 'select count(*) from yardstick_api.verify_audit(null, 1, ''abc'')'), '^YS001 ', 'wants a whole hash'
);
select matches(pg_temp.as_login('tap_acme_bi', 'select count(*) from yardstick_api.verify_audit()'), '^42501 ', 'is not for BI');

select * from finish();
rollback;
