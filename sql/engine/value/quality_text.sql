-- Completeness: of the finest periods that have ended, the share that has rows. Validity: of those, the share that has a value.
-- Timeliness: how far the rows reach, as the share up to the last that has any. Of a period that has no finer ones each is 0, 1 or unknown.
create or replace function yardstick_engine.quality_text(has_rows boolean, has_finer boolean)
returns table (rows_name text, seen_text text, score_text text, metadata_text text)
language sql
immutable
rows 1
set search_path = pg_catalog, pg_temp
as $quality_text$
    select
        'aimed',
        '',
        'case when a.is_complete then case when a.metric_value is not null then 1.00 when a.sample_size > 0 then 0.00 end end',
        $text$case
            when not a.is_complete then jsonb '{"is_complete": false, "completeness": null, "validity": null, "timeliness": null}'
            when a.metric_value is not null then jsonb '{"is_complete": true, "completeness": 1, "validity": 1, "timeliness": 1}'
            when a.sample_size > 0 then jsonb '{"is_complete": true, "completeness": 1, "validity": 0, "timeliness": 1}'
            else jsonb '{"is_complete": true, "completeness": 0, "validity": null, "timeliness": 0}'
        end$text$
    where not quality_text.has_finer
    union all
    select
        'seen',
        format(
            $text$seen as %s (
    select
        a.*,
        a.ended > 0 and a.parts[1] >= a.ended and a.parts[2] = a.parts[1] as is_flawless,
        case
            when a.parts[1] >= a.ended then a.ended
            -- Days by their length, as they are counted.
            when a.parts[1] > 0 and a.finest = 1 then round((a.parts[3] - date_part('epoch', a.starts_at)) / 86400)::integer
            when a.parts[1] > 0 then yardstick_engine.period_count(
                a.finest, a.period_start,
                (to_timestamp(a.parts[3]) at time zone (select o.timezone from organization as o where o.organization_id = a.organization_id))::date,
                a.week_start, a.fiscal_year_start_month
            )
            else 0
        end as reached
    from aimed as a
),
$text$,
            -- What is read twice is kept.
            case when quality_text.has_rows then 'materialized' else 'not materialized' end
        ),
        $text$case
            when a.is_flawless then 1.00
            when a.ended > 0 and a.parts[1] > 0 then round(
                least(a.parts[1], a.ended)::numeric * a.parts[2] * a.reached / (a.ended::numeric * a.ended * a.parts[1]), 2
            )
        end$text$,
        $text$case
            when a.is_flawless and a.ends_at <= $4 then jsonb '{"is_complete": true, "completeness": 1, "validity": 1, "timeliness": 1}'
            when a.ended = 0 and a.ends_at > $4 then jsonb '{"is_complete": false, "completeness": null, "validity": null, "timeliness": null}'
            else jsonb_build_object(
                'is_complete', a.ends_at <= $4,
                'completeness', case when a.ended > 0 then trim_scale(round(least(a.parts[1]::numeric / a.ended, 1), 4)) end,
                'validity', case when a.ended > 0 then trim_scale(round(a.parts[2]::numeric / nullif(a.parts[1], 0), 4)) end,
                'timeliness', case when a.ended > 0 then trim_scale(round(a.reached::numeric / a.ended, 4)) end
            )
        end$text$
    where quality_text.has_finer
$quality_text$;

comment on function yardstick_engine.quality_text(boolean, boolean) is
'How the quality of the data behind values a is told: the CTE that works it out (empty: none is needed) and the name of what is read, and the expressions of its score and of the parts in metadata. has_rows: what is read twice is kept; has_finer: some of the metrics have a finer window than this.';
