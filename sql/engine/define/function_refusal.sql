create or replace function yardstick_engine.function_refusal(signature text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function_refusal$
    select case
        when function_refusal.signature ~ '^int\d+div\(' then
            'divides integers, which truncates (7 / 2 is 3): write 1.0 * a / b'
        when function_refusal.signature ~ '^(now|transaction_timestamp|statement_timestamp|clock_timestamp|timeofday)\(' then
            'may not use the clock (now() ...): a stored value would be wrong a moment later'
        when function_refusal.signature ~ '^date_part\(' then 'uses date_part, which gives floating point: write extract(year from ...)'
        when function_refusal.signature ~ '^float[48]\(|double precision|real' and function_refusal.signature !~ '^pg_' then
            'uses floating point, whose sums depend on the order of the rows: use numeric, as in sqrt(parts::numeric)'
        when function_refusal.signature ~ 'timestamp with time zone|timestamptz' then format(
            'uses %s, which depends on the session''s time zone; name the zone: closed_at at time zone ''Europe/Paris'' gives '
            'the local time, date_trunc(''day'', closed_at, ''Europe/Paris'') the start of a local day',
            function_refusal.signature
        )
        else format(
            'uses %s, which is not among the functions that expressions may use',
            coalesce(function_refusal.signature, 'an unknown operator')
        )
    end
$function_refusal$;

comment on function yardstick_engine.function_refusal(text) is
'What to tell the author of an expression that uses a function outside the list.';

grant execute on function yardstick_engine.function_refusal(text) to yardstick_formula;
