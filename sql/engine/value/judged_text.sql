create or replace function yardstick_engine.judged_text(
    metric_ids   uuid[],
    error_code   text,
    is_given     boolean,
    has_cells    boolean,
    has_rows     boolean,
    carried_text text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $judged_text$
    select format(
        $text$%1$s as %2$s (
    select
        v.metric_no, v.scope_no, v.period_no, v.sample_size,
        -- The cast rounds half away from zero, once; inside CASE, its precision would be forgotten, and imposed again by each table.
        (case when %3$s then v.value end)::numeric(15, 4) as metric_value,
        %4$s as finding, %5$s as note,
        %6$s as confidence_interval
    from valued as v%7$s
),
%8$s$text$,
        case when judged_text.carried_text is null then 'judged' else 'judged_rows' end,
        -- A first calculation flows through; where rows are compared, what is read twice is kept.
        case when judged_text.has_rows then 'materialized' else 'not materialized' end,
        f.fits_text,
        case when judged_text.error_code is not null then '2' else 'case when v.value is null then 1 else 0 end' end || '::smallint',
        case when judged_text.is_given then 'v.note' else 'null::text' end, -- 5
        case when k.kinds = '{}' then 'null::numrange' else format('case when %s then %s end', f.fits_text, yardstick_engine.confidence_text(k.kinds)) end,
        case when judged_text.has_cells
            then E'\n    inner join cell as k on k.metric_no = v.metric_no and k.period_no = v.period_no' else '' end,
        coalesce(judged_text.carried_text, '')
    )
    from (select 'v.value > -99999999999.99995 and v.value < 99999999999.99995' as fits_text) as f
    cross join (
        select case when judged_text.is_given or judged_text.error_code is not null then '{}' else array(
            select i.interval_kind
            from yardstick.metric_definitions as d
            cross join lateral yardstick_engine.interval_of(d.metric_type, d.data_sources, d.compiled) as i
            where d.id = any(judged_text.metric_ids) and i.interval_kind is not null
        ) end as kinds
        -- Asked once: pulled up, it would be wherever it is named.
        offset 0
    ) as k
$judged_text$;

comment on function yardstick_engine.judged_text(uuid[], text, boolean, boolean, boolean, text) is
'Text of the CTE that rounds values to what the table holds, and finds what is remarkable about them (finding_text); carried_text: what follows where periods without rows are filled.';
