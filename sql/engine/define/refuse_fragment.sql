-- Only what the server cannot be asked: it would run a second statement before anybody looked at it. Text with dollar
-- quotes, backslashes or block comments is not taken apart at all; there any semicolon is one too many.
-- A comment ends at a carriage return too: cutting further than the server does would hide a semicolon.
create or replace function yardstick_engine.refuse_fragment(fragment text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $refuse_fragment$
    select case
        when coalesce(btrim(refuse_fragment.fragment, E' \t\r\n'), '') = '' then 'is empty'
        when length(refuse_fragment.fragment) > 20000 then 'is longer than 20000 characters'
        when strpos(
            case
                when refuse_fragment.fragment ~ '[$\\]|/\*' then refuse_fragment.fragment
                else regexp_replace(refuse_fragment.fragment, $cut$'[^']*'|"[^"]*"|--[^\r\n]*$cut$, '', 'g')
            end, ';'
        ) > 0 then 'has to be one expression, without a semicolon'
    end
$refuse_fragment$;

comment on function yardstick_engine.refuse_fragment(text) is
'Why a fragment is not even shown to the parser: empty, too long, or more than one statement; null when it may be.';

grant execute on function yardstick_engine.refuse_fragment(text) to yardstick_formula;
