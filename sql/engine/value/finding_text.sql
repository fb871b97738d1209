-- What is remarkable about a value is carried as a number and said where the row is made: texts are not sorted with every value.
--   0 a value, or one that does not fit   1 rows without a value   2 the metric failed   3 no rows any more   4 carried forward
create or replace function yardstick_engine.finding_text(error_code text, error_text text, is_given boolean)
returns table (status_text text, notes_text text, code_text text)
language sql
immutable
rows 1
set search_path = pg_catalog, pg_temp
as $finding_text$
    select
        case when finding_text.is_given
            then 'case when a.metric_value is null and a.finding = 0 then ''error'' when a.metric_value is null or a.note is not null then ''warning'' else ''success'' end'
            else format(
                'case when a.metric_value is not null then ''success'' when a.finding = 0%s then ''error'' else ''warning'' end',
                case when finding_text.error_code is null then '' else ' or a.finding = 2' end
            )
        end,
        format(
            $text$case
            when a.finding = 0 and a.metric_value is null then 'the value does not fit numeric(15,4)'
            %swhen a.finding = 0 then null
            when a.finding = 1 then 'there are rows but no value: the denominator is zero or an operand is missing'
            when a.finding = 2 then %L
            when a.finding = 3 then 'no source rows are left in this period'
            when a.finding = 4 then 'no source rows: the value before is carried forward'
        end$text$,
            case when finding_text.is_given then 'when a.note is not null then a.note ' else '' end,
            finding_text.error_text
        ),
        format(
            'case when a.finding = 0 and a.metric_value is null then ''22003''%s end',
            case when finding_text.error_code is null then '' else format(' when a.finding = 2 then %L', finding_text.error_code) end
        )
$finding_text$;

comment on function yardstick_engine.finding_text(text, text, boolean) is
'Texts of the expressions that give the status, the notes and the SQLSTATE of a value a, from its finding and note. error_code, error_text: the metrics failed with it. is_given: values come with notes.';
