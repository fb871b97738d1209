begin;

select plan(1);

select throws_ok(
    $$
        select yardstick_engine.calculate_cells(
            null, array(select gen_random_uuid() from generate_series(1, 256)), 1, array[gen_random_uuid()], array[date '2026-03-04'],
            array['late_data'], timestamptz '2026-03-10 12:00+00'
        )
    $$,
    '54000', '256 metrics cannot be valued at once: 255 can', 'refuses more metrics than its numbers hold'
);

select * from finish();
rollback;
