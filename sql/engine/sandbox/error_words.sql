-- Never DETAIL or CONTEXT: they show data. The messages of class 22 quote the value they stumble over. Those of our own
-- checks of a result tell only what is wrong with it.
create or replace function yardstick_engine.error_words(error_code text, message text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $error_words$
    select case
        when error_words.error_code = '22012' then 'division by zero'
        when error_words.error_code = '22003' then 'a number is too large for its type'
        when error_words.error_code like '22%' then 'a value could not be read as the number, date or time it is used as'
        when error_words.error_code = '57014' then 'took longer than the limit allows, and was stopped'
        when error_words.error_code = '53200' then 'needed more memory than the limit allows'
        else left(error_words.message, 500)
    end
$error_words$;

comment on function yardstick_engine.error_words(text, text) is
'What may be stored of an error that a formula has raised: no values, no internals, at most 500 characters.';

grant execute on function yardstick_engine.error_words(text, text) to yardstick_formula, yardstick_reader;
