create or replace function yardstick_engine.parameters_text(parameters text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $parameters_text$
    select string_agg(format('-- $%s %s', p.place, p.meaning), E'\n' order by p.place) || E'\n'
    from unnest(parameters_text.parameters) with ordinality as p (meaning, place)
$parameters_text$;

comment on function yardstick_engine.parameters_text(text[]) is
'Comments for the top of a statement that say what each of its parameters is.';
