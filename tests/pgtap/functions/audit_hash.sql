begin;
\ir ../as_login.psql
select plan(4);

select is(yardstick.audit_field('aé'), convert_to('3:aé,', 'UTF8'), 'says how many bytes a field has');
select is(yardstick.audit_field(null), convert_to('-', 'UTF8'), 'tells null');
select is(yardstick.audit_field(''), convert_to('0:,', 'UTF8'), 'from nothing');
select is(
    encode(yardstick.audit_hash(
        decode(repeat('00', 32), 'hex'), '00000000-0000-4000-8000-0000000000aa', 1, '2026-03-29 02:30:00.000001+00',
        '2026-03-29 02:30:01+00', 7, 'app', null, 'update', 'role', 'r', '{"a": 1}', '{"a": 2}', 'é'
    ), 'hex'),
    encode(sha256(convert_to(
        '17:yardstick audit 1,64:' || repeat('0', 64) || ',36:00000000-0000-4000-8000-0000000000aa,1:1,'
        '16:1774751400000001,16:1774751401000000,1:7,3:app,-6:update,4:role,1:r,8:{"a": 1},8:{"a": 2},2:é,',
        'UTF8'
    )), 'hex'),
    'is the SHA-256 of what docs/audit.md says'
);

select * from finish();
rollback;
