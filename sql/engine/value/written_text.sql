create or replace function yardstick_engine.written_text(
    metric_ids        uuid[],
    period_type       integer,
    has_rows          boolean,
    is_given          boolean,
    has_cells         boolean,
    only_organization uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $written_text$
    select format(
        $text$written as (
    insert into yardstick.metric_calculations as c (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
        metric_value, previous_value, change_percentage, target_value, variance_from_target, percentile_rank, confidence_interval,
        data_quality_score, calculation_status, calculation_notes, error_code, sample_size, metric_version, metadata, calculation_timestamp, id
    )
    select
        r.organization_id, r.metric_id, r.aggregation_level, r.aggregation_id, %1$L, r.starts_at, r.ends_at,
        r.metric_value, r.previous_value, r.change_percentage, r.target_value, r.variance_from_target, r.percentile_rank, r.confidence_interval,
        r.data_quality_score, r.calculation_status, r.calculation_notes, r.error_code, r.sample_size, r.metric_version, r.metadata, (select clock_timestamp()),
        yardstick_engine.numbered_id((select gen_random_uuid()), r.row_no)
    from row_wanted as r%2$s
    returning %3$s
)%4$s%5$s
select (select count(*) from written)%6$s$text$,
        yardstick_engine.window_name(written_text.period_type), -- 1
        -- Whoever holds the slice is alone with its rows; ON CONFLICT looks each key up once more before it is written.
        case when written_text.has_rows then
            $text$
    left join existing as x on x.metric_no = r.metric_no and x.scope_no = r.scope_no and x.period_no = r.period_no
    where x.metric_no is null or (
        x.metric_value, x.previous_value, x.change_percentage, x.target_value, x.variance_from_target, x.percentile_rank, x.confidence_interval,
        x.data_quality_score, x.calculation_status, x.calculation_notes, x.error_code, x.sample_size, x.metric_version, x.metadata
    ) is distinct from (
        r.metric_value, r.previous_value, r.change_percentage, r.target_value, r.variance_from_target, r.percentile_rank, r.confidence_interval,
        r.data_quality_score, r.calculation_status, r.calculation_notes, r.error_code, r.sample_size, r.metric_version, r.metadata
    )
    order by r.row_no
    on conflict (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start) do update
    set metric_value = excluded.metric_value, previous_value = excluded.previous_value, change_percentage = excluded.change_percentage,
        target_value = excluded.target_value, variance_from_target = excluded.variance_from_target,
        percentile_rank = excluded.percentile_rank, confidence_interval = excluded.confidence_interval,
        data_quality_score = excluded.data_quality_score,
        calculation_status = excluded.calculation_status, calculation_notes = excluded.calculation_notes, error_code = excluded.error_code,
        sample_size = excluded.sample_size, metric_version = excluded.metric_version, metadata = excluded.metadata,
        calculation_timestamp = excluded.calculation_timestamp$text$ else '' end,
        case when p.parents_text is null then '1' else 'c.organization_id, c.metric_id, c.period_start' end,
        case when written_text.has_rows then concat(
            E',\n' || yardstick_engine.followers_text(
                written_text.period_type, written_text.metric_ids, written_text.is_given, written_text.has_cells
            ),
            E',\n' || f.followed_text
        ) || E',\n' || yardstick_engine.revisions_text(
            yardstick_engine.window_name(written_text.period_type), 'coalesce(p.cause, ''late_data'')'
        ) else '' end,
        coalesce(E',\n' || p.parents_text, ''), -- 5
        case when f.followed_text is null then '' else ' + (select count(*) from followed)' end
    )
    from (
        select yardstick_engine.parents_text(
            written_text.metric_ids, written_text.period_type, written_text.only_organization
        ) as parents_text
        -- Written once: pulled up, it would be wherever it is named.
        offset 0
    ) as p
    cross join (
        select case when written_text.has_rows and not written_text.is_given then yardstick_engine.followed_text(
            written_text.period_type, written_text.metric_ids, written_text.has_cells
        ) end as followed_text
        offset 0
    ) as f
$written_text$;

comment on function yardstick_engine.written_text(uuid[], integer, boolean, boolean, boolean, uuid) is
'Text of the end of the statement that values: the rows that differ from those that stand are written, what they were is kept, and who follows shows them as previous values. The arguments are those of calculate_statement.';
