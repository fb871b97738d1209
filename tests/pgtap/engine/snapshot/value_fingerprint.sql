begin;
select plan(4);

create temp table key as
select
    '00000000-0000-7000-8000-000000000001'::uuid as one,
    '00000000-0000-7000-8000-000000000002'::uuid as other;

select is(
    yardstick_engine.value_fingerprint(k.one, 'dept', k.other, 1.5), yardstick_engine.value_fingerprint(k.one, 'dept', k.other, 1.5000),
    'is of the number, however it is written'
)
from key as k;
select is(
    (
        select count(distinct yardstick_engine.value_fingerprint(f.metric_id, f.level, f.scope_id, f.value))
        from key as k
        cross join lateral (
            values
            (k.one, 'dept', k.other, 1.5), (k.other, 'dept', k.other, 1.5), (k.one, 'team', k.other, 1.5), (k.one, 'dept', k.one, 1.5),
            (k.other, 'dept', k.one, 1.5), (k.one, 'dept', k.other, 1.6), (k.one, 'dept', k.other, null), (k.other, 'dept', k.other, null),
            (k.one, 'team', k.other, null), (k.one, 'dept', k.one, null), (k.other, 'dept', k.one, null), (k.one, 'dept', k.other, 0)
        ) as f (metric_id, level, scope_id, value)
    ),
    12::bigint,
    'is another for another metric, level, scope or value, or none'
);
select isnt(
    yardstick_engine.value_fingerprint(k.one, 'dept', k.one, 1) # yardstick_engine.value_fingerprint(k.one, 'dept', k.other, 2),
    yardstick_engine.value_fingerprint(k.one, 'dept', k.one, 2) # yardstick_engine.value_fingerprint(k.one, 'dept', k.other, 1),
    'tells two scopes that have each other''s value'
)
from key as k;
select isnt(
    yardstick_engine.value_fingerprint(k.one, 'dept', k.one, null) # yardstick_engine.value_fingerprint(k.one, 'dept', k.other, 2),
    yardstick_engine.value_fingerprint(k.one, 'dept', k.one, 2) # yardstick_engine.value_fingerprint(k.one, 'dept', k.other, null),
    'tells which of two scopes has none'
)
from key as k;

select * from finish();
rollback;
