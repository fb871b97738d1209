-- Whoever writes values notes whose they are, or no snapshot of them is taken before the next day. What only deletes leaves nothing to take.
begin;

select plan(2);

select is_empty(
    $$
        select p.proname
        from pg_proc as p
        where
            p.pronamespace = 'yardstick_engine'::regnamespace
            and p.prosrc ~ '(insert into|update) yardstick\.metric_calculations '
            and p.prosrc !~ 'yardstick_engine\.note_values\('
            -- Parts of the text that calculate_statement puts together.
            and p.proname not in ('written_text', 'followed_text')
            -- Moves the days that were not read, and no value.
            and p.proname <> 'clear_metric_errors'
            -- Makes rows that have no value yet.
            and p.proname <> 'queue_former_values'
    $$,
    'it notes whose values were written, wherever values are written'
);

select is_empty(
    $$
        select p.proname
        from pg_proc as p
        where
            p.pronamespace = 'yardstick_engine'::regnamespace
            and p.prosrc ~ 'execute yardstick_engine\.calculate_statement\('
            and p.prosrc !~ 'yardstick_engine\.note_values\('
    $$,
    'it notes whose values were written, wherever they are calculated'
);

select * from finish();
rollback;
