-- Up to three values are known by their sum, their least and their greatest; beyond, the list is sorted. Whole numbers sort at a
-- fraction of the cost of decimals, which all have the same places here.
create or replace function yardstick_engine.kept_list_text(combo_no integer, is_whole boolean, unit_text text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $kept_list_text$
    select case when kept_list_text.is_whole then format(
        ', case when k.list%1$s is null then null else case k.n%1$s when 1 then array[k.s%1$s] when 2 then array[k.lo%1$s%2$s, k.hi%1$s%2$s] '
        'when 3 then array[k.lo%1$s%2$s, k.s%1$s - k.lo%1$s%2$s - k.hi%1$s%2$s, k.hi%1$s%2$s] '
        'else array(select u.value::numeric%2$s from unnest(k.list%1$s) as u (value) order by u.value) end end as list%1$s',
        kept_list_text.combo_no, kept_list_text.unit_text
    )
    else format(
        ', case when k.n%1$s > 1 then array(select u.value from unnest(k.list%1$s) as u (value) order by u.value) else k.list%1$s end as list%1$s',
        kept_list_text.combo_no
    ) end
$kept_list_text$;

comment on function yardstick_engine.kept_list_text(integer, boolean, text) is
'Text of the column of cells that shows the values kept of one filter and expression as a sorted list of decimals; is_whole: they were gathered as whole numbers, which unit_text brings back.';
