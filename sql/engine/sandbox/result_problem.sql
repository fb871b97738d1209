create or replace function yardstick_engine.result_problem(result_keys text[], result_values numeric[], sample_sizes bigint[])
returns table (error_code text, error_message text)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $result_problem$
    select
        p.error_code,
        p.error_message
    from (
        values
        (
            1, cardinality(result_problem.result_values) > 100000, '54000',
            'gives more than 100000 rows; group by aggregation_id'
        ),
        -- NaN counts as greater than every number.
        (
            2, exists (
                select from unnest(result_problem.result_values) as v (value)
                where v.value in ('NaN', 'Infinity', '-Infinity')
            ), '22003', 'gives NaN or infinity, which is no value'
        ),
        (
            3, exists (select from unnest(result_problem.result_values) as v (value) where abs(v.value) >= 1e11), '22003',
            'gives a value of 100000000000 or more, which cannot be stored'
        ),
        (
            4, exists (select from unnest(result_problem.sample_sizes) as s (sample_size) where s.sample_size < 0), '22003',
            'gives a negative sample_size'
        ),
        (
            5, (
                select count(*) > count(distinct k.key) + count(*) filter (where k.key is null and k.position = 1)
                from (
                    select
                        u.key,
                        row_number() over (partition by u.key) as position
                    from unnest(result_problem.result_keys) as u (key)
                ) as k
            ), '21000', 'gives several rows for the same scope; group by aggregation_id'
        )
    ) as p (rank, is_wrong, error_code, error_message)
    where p.is_wrong
    order by p.rank
    limit 1
$result_problem$;

comment on function yardstick_engine.result_problem(text[], numeric[], bigint[]) is
'Why the rows that a query or function has given cannot be stored: too many, not finite, too large, twice; no row: they can.';

grant execute on function yardstick_engine.result_problem(text[], numeric[], bigint[]) to yardstick_formula, yardstick_reader;
