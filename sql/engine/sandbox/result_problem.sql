create or replace function yardstick_engine.result_problem(result_keys text[], result_values numeric[], sample_sizes bigint[])
returns text[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $result_problem$
declare
    found_values record;
    found_keys   record;
begin
    if result_values is null then
        return null;
    end if;
    if cardinality(result_values) > 100000 then
        return array['54000', 'gives more than 100000 rows; group by aggregation_id'];
    end if;
    -- NaN counts as greater than every number.
    select
        coalesce(bool_or(u.value >= 'Infinity' or u.value = '-Infinity'), false) as are_infinite,
        coalesce(bool_or(abs(u.value) >= 1e11), false) as are_large,
        coalesce(bool_or(u.sample_size < 0), false) as are_negative
    into found_values
    from unnest(result_values, sample_sizes) as u (value, sample_size);
    if found_values.are_infinite then
        return array['22003', 'gives NaN or infinity, which is no value'];
    elsif found_values.are_large then
        return array['22003', 'gives a value of 100000000000 or more, which cannot be stored'];
    elsif found_values.are_negative then
        return array['22003', 'gives a negative sample_size'];
    end if;
    if cardinality(result_values) > 1 then
        select
            count(distinct u.key) as named,
            count(*) filter (where u.key is null) as unnamed
        into found_keys
        from unnest(result_keys) as u (key);
        if found_keys.named + least(found_keys.unnamed, 1) < cardinality(result_values) then
            return array['21000', 'gives several rows for the same scope; group by aggregation_id'];
        end if;
    end if;
    return null;
end
$result_problem$;

comment on function yardstick_engine.result_problem(text[], numeric[], bigint[]) is
'Why the rows that a query or function has given cannot be stored, as SQLSTATE and message: too many, not finite, too large, twice; null: they can.';

grant execute on function yardstick_engine.result_problem(text[], numeric[], bigint[]) to yardstick_formula, yardstick_reader;
