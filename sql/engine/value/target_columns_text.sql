create or replace function yardstick_engine.target_columns_text(has_targets boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $target_columns_text$
    select string_agg(
        format(
            case when target_columns_text.has_targets then
                E',\n        case when t1.metric_no is not null then t1.%1$s when t2.metric_no is not null then t2.%1$s'
                ' when t3.metric_no is not null then t3.%1$s else f.%1$s end as %1$s'
            else ', f.%1$s' end,
            c.column_name
        ), ''
    )
    from (values ('target_value'), ('target_low'), ('target_high')) as c (column_name)
$target_columns_text$;

comment on function yardstick_engine.target_columns_text(boolean) is 'Text of the target columns of a value: those of the nearest target in effect, else of the definition.';
