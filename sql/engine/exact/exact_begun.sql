create or replace function yardstick_engine.exact_begun(measure jsonb, number bigint, has_unread boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $exact_begun$
    select format(
        $text$select %1$s, exists (
    select from member as m
    inner join yardstick.metric_partials as p on p.period_type = 1 and p.series_id = m.series_id and p.organization_id = m.organization_id
    where m.measure_id = %2$L::uuid and p.period_start < $2 and p.period_start <> all($3)
)%3$s$text$,
        exact_begun.number, exact_begun.measure ->> 'measure_id',
        case when exact_begun.has_unread then format(
            ' or exists (select from kept as k where k."$f%1$s"%2$s)', exact_begun.number,
            case when exact_begun.measure ->> 'expression' is null then '' else format(' and k."$v%s" is not null', exact_begun.number) end
        ) else '' end
    )
$exact_begun$;

comment on function yardstick_engine.exact_begun(jsonb, bigint, boolean) is
'Text of the select that tells whether a scope has had rows of a measure by the end of the period in exact_statement.';
