begin;
select plan(6);

prepare jumps as
select w.snapshot_type, d.snapshot_date
from (values
    ('daily', timestamp '1989-12-01', interval '1 day'),
    ('weekly', timestamp '1989-12-03', interval '7 days'),
    ('monthly', timestamp '1989-12-01', interval '1 month'),
    ('quarterly', timestamp '1989-11-01', interval '3 months'),
    ('annual', timestamp '1989-04-01', interval '1 year')
) as w (snapshot_type, first_end, length)
cross join lateral (
    select
        (e.period_end - interval '1 day')::date as snapshot_date,
        yardstick_engine.snapshot_ordinal(w.snapshot_type, (e.period_end - interval '1 day')::date)
        - lag(yardstick_engine.snapshot_ordinal(w.snapshot_type, (e.period_end - interval '1 day')::date)) over (order by e.period_end)
            as jump
    from generate_series(w.first_end, timestamp '2031-12-31', w.length) as e (period_end)
) as d
where d.jump <> 1;
select is_empty('jumps', 'is one further with every window of a type');
select is(
    yardstick_engine.snapshot_ordinal(w.snapshot_type, '2026-12-31') - yardstick_engine.snapshot_ordinal(w.snapshot_type, '2025-12-31'),
    w.count, 'counts ' || w.snapshot_type
)
from (values ('daily', 365), ('monthly', 12), ('quarterly', 4), ('annual', 1)) as w (snapshot_type, count);
select is(yardstick_engine.snapshot_ordinal('weekly', '2026-03-15') - yardstick_engine.snapshot_ordinal('weekly', '2026-03-08'), 1, 'counts weeks');

select * from finish();
rollback;
