-- Whole numbers of the last decimal place are brought back once a cell: what is left shows as many places as a sum of the values would.
create or replace function yardstick_engine.sum_aggregates_text(
    combo_no    integer,
    has_value   boolean,
    filter_text text,
    unit_text   text,
    is_whole    boolean
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $sum_aggregates_text$
    select case when sum_aggregates_text.has_value then format(
        ', count(l.v%1$s)%2$s as n%1$s, (%3$s(l.v%1$s)%2$s)::numeric%4$s as s%1$s, (min(l.v%1$s)%2$s)%5$s as lo%1$s, (max(l.v%1$s)%2$s)%5$s as hi%1$s',
        sum_aggregates_text.combo_no,
        sum_aggregates_text.filter_text,
        case when sum_aggregates_text.is_whole then 'yardstick_engine.sum_whole' else 'sum' end,
        sum_aggregates_text.unit_text,
        case when sum_aggregates_text.unit_text = '' then '::numeric' else '' end
    )
    else format(
        ', count(*)%2$s as n%1$s, null::numeric as s%1$s, null::numeric as lo%1$s, null::numeric as hi%1$s',
        sum_aggregates_text.combo_no, sum_aggregates_text.filter_text
    ) end
$sum_aggregates_text$;

comment on function yardstick_engine.sum_aggregates_text(integer, boolean, text, text, boolean) is
'Text of the aggregates of a scan that count the rows of one filter and, where it has a value, add up and compare the values (v of that number). unit_text: what brings a sum of whole numbers back to decimals; is_whole: they are added as bigint, and may not go beyond.';
