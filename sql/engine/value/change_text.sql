create or replace function yardstick_engine.change_text(value_text text, previous_text text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $change_text$
    select format('case when %2$s <> 0 then (100 * (%1$s - %2$s) / abs(%2$s))::numeric(20, 2) end', change_text.value_text, change_text.previous_text)
$change_text$;

comment on function yardstick_engine.change_text(text, text) is
'Text of the expression of change_percentage: the change from the previous value to the value, in percent of the previous one without its sign; null where that is missing or 0.';
