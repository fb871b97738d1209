-- The server says what is wrong; its authors could not know what may be written here instead.
create or replace function yardstick_engine.fragment_error(error_state text, error_text text, column_names text[])
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $fragment_error$
    select fragment_error.error_text || case
        when fragment_error.error_state in ('42703', '42P01', '42704') then format(
            '; the columns are %s', coalesce(array_to_string(fragment_error.column_names, ', '), '(none)')
        )
        when fragment_error.error_state = '42601' then
            '; write one expression, such as closed_at <= due_at or 100.0 * on_time / closed, with names that are words of SQL in double quotes'
        when fragment_error.error_state in ('42883', '42804', '42846', '42725', '42P18') then
            '; use values of types that go together, with a cast where they differ, such as parts::numeric'
        when fragment_error.error_state like '22%' then '; write a literal that the column''s type can hold'
        when fragment_error.error_state like '54%' then '; write something simpler, or make it a column of a view'
        when fragment_error.error_state = '42P07' then '; drop the temporary table or view of that name first'
        when fragment_error.error_state in ('25006', '42501') then
            '; use a transaction and a database that let temporary views be made, for that is how it is checked'
        else '; write one plain expression over the columns'
    end
$fragment_error$;

comment on function yardstick_engine.fragment_error(text, text, text[]) is
'What to tell the author of an expression that the server does not understand: its own words, and what to write instead.';

grant execute on function yardstick_engine.fragment_error(text, text, text[]) to yardstick_formula;
