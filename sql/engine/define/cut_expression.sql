-- Both views have the same FROM, so the text after the expression is known to the letter; were it different, the fragment
-- would have reached out of its parentheses.
create or replace function yardstick_engine.cut_expression(key_path text, frame_view text, probe_view text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $cut_expression$
declare
    marker text := ' AS yardstick_expression' || E'\n' || '   FROM ';
    suffix text := substr(cut_expression.frame_view, strpos(cut_expression.frame_view, marker));
begin
    if strpos(cut_expression.frame_view, marker) = 0
        or left(cut_expression.probe_view, 7) <> ' SELECT'
        or right(cut_expression.probe_view, length(suffix)) <> suffix
    then
        raise exception using errcode = 'YS002', message = format('%s: has to be one expression', cut_expression.key_path);
    end if;
    if length(cut_expression.probe_view) - length(suffix) > 20000 then
        raise exception using
            errcode = 'YS002', message = format('%s: is longer than 20000 characters once written out in full', cut_expression.key_path);
    end if;
    return btrim(substr(cut_expression.probe_view, 8, length(cut_expression.probe_view) - 7 - length(suffix)), E' \n');
end
$cut_expression$;

comment on function yardstick_engine.cut_expression(text, text, text) is
'The expression out of the text of a probe view, given the text of a view with a known expression over the same columns.';

grant execute on function yardstick_engine.cut_expression(text, text, text) to yardstick_formula;
