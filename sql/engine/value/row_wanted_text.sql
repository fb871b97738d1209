create or replace function yardstick_engine.row_wanted_text(
    metric_ids uuid[],
    error_code text,
    error_text text,
    is_given   boolean,
    has_rows   boolean,
    has_finer  boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $row_wanted_text$
    select format(
        $text$%1$s%2$srow_wanted as %3$s (
    select
        a.row_no, a.metric_no, a.scope_no, a.period_no,
        a.organization_id, a.metric_id, a.aggregation_level, a.aggregation_id, a.starts_at, a.ends_at, a.metric_value, a.previous_value,
        %12$s as change_percentage,
        a.target_value,
        (case
            when a.direction is distinct from 'target_range' then a.metric_value - a.target_value
            when a.metric_value < a.target_low then a.metric_value - a.target_low
            when a.metric_value > a.target_high then a.metric_value - a.target_high
            when a.target_low is not null or a.target_high is not null then 0 * a.metric_value
        end)::numeric(15, 4) as variance_from_target,
        %4$s as calculation_status,
        %5$s as calculation_notes,
        %6$s as error_code,
        case when a.sample_size > 2147483647 then 2147483647 else a.sample_size end::integer as sample_size, a.version as metric_version,
        a.percentile_rank, a.confidence_interval,
        %7$s as data_quality_score,
        %8$s%9$s as metadata
    from %10$s as a%11$s
),
$text$,
        q.seen_text, -- 1
        coalesce(m.method_text, ''),
        -- What is read twice is kept.
        case when row_wanted_text.has_rows then 'materialized' else 'not materialized' end,
        f.status_text,
        f.notes_text, -- 5
        f.code_text,
        q.score_text,
        q.metadata_text,
        case when m.method_text is null then '' else ' || case when md.method is null then ''{}'' else jsonb_build_object(''method'', md.method) end' end,
        q.rows_name, -- 10
        case when m.method_text is null then ''
            else E'\n    left join method as md on md.metric_no = a.metric_no and md.scope_no = a.scope_no and md.period_no = a.period_no' end,
        yardstick_engine.change_text('a.metric_value', 'a.previous_value')
    )
    from yardstick_engine.quality_text(row_wanted_text.has_rows, row_wanted_text.has_finer) as q
    cross join yardstick_engine.finding_text(row_wanted_text.error_code, row_wanted_text.error_text, row_wanted_text.is_given) as f
    cross join (
        select case when not row_wanted_text.is_given and row_wanted_text.error_code is null
            then yardstick_engine.method_text(row_wanted_text.metric_ids) end as method_text
        -- Written once: pulled up, it would be wherever it is named.
        offset 0
    ) as m
$row_wanted_text$;

comment on function yardstick_engine.row_wanted_text(uuid[], text, text, boolean, boolean, boolean) is
'Text of the CTEs that make of each value the row of metric_calculations it should have. The arguments are those of calculate_statement; has_finer: some of the metrics have a finer window than this.';
