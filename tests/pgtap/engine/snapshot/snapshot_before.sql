begin;
select plan(14);

select is(yardstick_engine.snapshot_before(c.snapshot_type, c.snapshot_date::date, c.month_count), c.before::date, c.description)
from (values
    ('daily', '2026-03-15', 1, '2026-02-15', 'is the same day of the month before'),
    ('daily', '2026-03-31', 1, null, 'is no day that February does not have'),
    ('daily', '2024-02-29', 12, null, 'is no 29th of February in another year'),
    ('daily', '2024-02-28', 12, '2023-02-28', 'is the same day a year before'),
    ('weekly', '2026-03-15', 1, '2026-02-15', 'is four weeks before'),
    ('weekly', '2026-03-15', 12, '2025-03-16', 'is 52 weeks before'),
    ('monthly', '2026-03-31', 1, '2026-02-28', 'is the last day of February'),
    ('monthly', '2026-02-28', 1, '2026-01-31', 'is the last day of January, not the 28th'),
    ('monthly', '2024-02-29', 12, '2023-02-28', 'is the February of the year before'),
    ('quarterly', '2026-03-31', 1, null, 'has no month before a quarter'),
    ('quarterly', '2026-06-30', 3, '2026-03-31', 'is the quarter before'),
    ('quarterly', '2026-04-30', 12, '2025-04-30', 'is the same quarter of a fiscal year before'),
    ('annual', '2026-12-31', 3, null, 'has no quarter before a year'),
    ('annual', '2024-02-29', 12, '2023-02-28', 'is the fiscal year before')
) as c (snapshot_type, snapshot_date, month_count, before, description);

select * from finish();
rollback;
