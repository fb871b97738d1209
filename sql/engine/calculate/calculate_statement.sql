-- From merged states to rows of metric_calculations in one statement, for periods of one type. Organizations, scopes, periods and
-- metrics are numbered in key order first: grouping, joining and sorting half a million rows by four integers costs a fraction of
-- doing so by uuids and texts. Parameters: $1, $2 touched (organization, period start); $3 metrics; $4 as_of; $5 source;
-- $6, $7 first and last period start; $8 an instant after the last period; $9 why each period is touched. Given values stand in parallel arrays: $9 then is the
-- metric of each touched period, and from $10 on metric, organization, period start, level, scope, value, sample size and note.
create or replace function yardstick_engine.calculate_statement(
    metric_ids        uuid[],
    period_type       integer,
    has_rows          boolean,
    has_targets       boolean,
    error_code        text default null,
    error_text        text default null,
    is_given          boolean default false,
    only_organization uuid default null,
    has_cells         boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $calculate_statement$
    select format(
        $statement$
with
organization as materialized (
    select
        row_number() over (order by o.id) as organization_no, o.id as organization_id, o.timezone, o.week_start, o.fiscal_year_start_month,
        ($4 at time zone o.timezone)::date as today
    from yardstick.organizations as o
    where o.id = any($1)
),
period as materialized (
    select
        (o.organization_no << 24) | (%17$s) as period_no, o.organization_no, o.organization_id,
        t.period_start, n.next_start, t.cause, o.today, o.week_start, o.fiscal_year_start_month,
        b.starts_at, b.ends_at
    from (
        %23$s
    ) as t
    inner join organization as o on o.organization_id = t.organization_id
    cross join lateral (select yardstick_engine.period_next(t.period_start, %1$s) as next_start) as n
    cross join lateral (
        select
            yardstick_engine.local_midnight(t.period_start, o.timezone) as starts_at,
            yardstick_engine.local_midnight(n.next_start, o.timezone) as ends_at
        offset 0
    ) as b
    -- A date that a zone skipped when it moved across the date line is no period.
    where b.starts_at < b.ends_at
),
metric as materialized (
    select
        row_number() over (order by d.id) as metric_no, d.id as metric_id, d.metric_name, d.organization_id, d.aggregation_levels,
        d.version, d.direction, d.target_value, d.target_low, d.target_high, d.calculation_method,
        (select min(yardstick_engine.period_type(w.time_window)) from unnest(d.time_windows) as w (time_window)) as finest
    from yardstick.metric_definitions as d
    where d.id = any($3)
),
eligible as materialized (
    select
        m.metric_no, o.organization_no, m.aggregation_levels, m.metric_id, m.version, m.direction, m.target_value, m.target_low, m.target_high,
        m.finest
    from metric as m
    inner join organization as o on m.organization_id is null or m.organization_id = o.organization_id
    -- An organization's own metric hides the platform's of the same name.
    where m.organization_id is not null or not exists (
        select from yardstick.metric_definitions as own
        where own.organization_id = o.organization_id and own.metric_name = m.metric_name and own.deleted_at is null
    )
),
%29$s%2$s
%18$s as %4$s (
    select
        v.metric_no, v.scope_no, v.period_no, v.sample_size,
        -- The cast rounds half away from zero, once.
        case when r.fits then v.value::numeric(15, 4) end as metric_value,
        case when %5$L is not null or not r.fits then 'error' when v.value is null%19$s then 'warning' else 'success' end as calculation_status,
        case
            when %5$L is not null then %6$L
            when not r.fits then 'the value does not fit numeric(15,4)'
            %20$swhen v.value is null then 'there are rows but no value: the denominator is zero or an operand is missing'
        end as calculation_notes,
        case when %5$L is not null then %5$L when not r.fits then '22003' end as error_code,
        case when r.fits then %24$s end as confidence_interval
    from valued as v%30$s
    cross join lateral (
        select v.value is null or v.value > -99999999999.99995 and v.value < 99999999999.99995 as fits
    ) as r
),
%3$s
%7$s
-- All scopes of a metric and period are valued together, so that each can be ranked among its level. One bigint for all that peers
-- share costs one comparison.
ranked as %4$s (
    select
        k.*,
        case
            when k.metric_value is not null and count(*) over peers > 1
                then ((200 * (rank() over (peers order by k.metric_value) - 1) + count(*) over peers - 1) / (2 * (count(*) over peers - 1)))::integer
        end as percentile_rank
    from (
        select
            j.*, s.organization_no, s.organization_id, s.aggregation_level, s.aggregation_id,
            (s.organization_no << 49) | (j.metric_no << 43) | ((j.period_no & 2097151) << 3)
            | (case s.aggregation_level when 'org' then 0 when 'dept' then 2 when 'team' then 4 else 6 end)
            | (case when j.metric_value is null then 1 else 0 end) as peers_no
        from %8$s as j
        inner join scope as s on s.scope_no = j.scope_no
    ) as k
    window peers as (partition by k.peers_no)
),
-- One bigint holds the whole key order, so that one sort by one number serves the previous value and the insert. Periods are
-- numbered by their place in time: the number before belongs to the period before.
keyed as (
    select
        ((j.organization_no << 49) | (j.metric_no << 43) | (j.scope_no << 21) | (j.period_no & 2097151)) as row_no,
        j.metric_no, j.scope_no, j.period_no, j.organization_id, j.aggregation_level, j.aggregation_id,
        j.sample_size, j.metric_value, j.calculation_status, j.calculation_notes, j.error_code, j.percentile_rank, j.confidence_interval,
        e.metric_id, e.version, e.direction, e.target_value, e.target_low, e.target_high, e.finest,
        p.period_start, p.next_start, p.starts_at, p.ends_at, p.today, p.week_start, p.fiscal_year_start_month
    from ranked as j
    inner join period as p on p.period_no = j.period_no
    -- The number of a period begins with that of its organization: by metric alone, or by organization alone, every value meets fifty.
    inner join eligible as e on e.metric_no = j.metric_no and e.organization_no = (j.period_no >> 24)
    where j.aggregation_level = any(e.aggregation_levels)%25$s
),
ordered as %4$s (
    select
        k.*,
        lag(k.metric_value) over w as value_before,
        coalesce(lag(k.row_no) over w = k.row_no - 1, false) as follows
    from keyed as k
    window w as (order by k.row_no)
),
%9$s
aimed as (
    select
        f.row_no, f.metric_no, f.scope_no, f.period_no, f.organization_id, f.metric_id, f.aggregation_level, f.aggregation_id,
        f.starts_at, f.ends_at, f.sample_size, f.metric_value, f.calculation_status, f.calculation_notes, f.error_code,
        f.version, f.direction, f.percentile_rank, f.confidence_interval, f.finest, f.period_start, f.week_start, f.fiscal_year_start_month,
        %10$s,
        %11$s
    from ordered as f
    %12$s
    -- Counted once: pulled up, the count would be made again wherever it is read.
    offset 0
),
-- Completeness: of the finest periods that have ended, the share that has rows. Validity: of those, the share that has a value.
-- Timeliness: how far the rows reach, as the share up to the last that has any.
seen as %4$s (
    select
        a.*,
        a.ended > 0 and a.parts[1] >= a.ended and a.parts[2] = a.parts[1] as is_flawless,
        case
            when a.parts[1] >= a.ended then a.ended
            when a.parts[1] > 0 then yardstick_engine.period_count(a.finest, a.period_start, a.reached_date, a.week_start, a.fiscal_year_start_month)
            else 0
        end as reached
    from (
        select
            aimed.*,
            case when aimed.parts[1] > 0 and aimed.parts[1] < aimed.ended then (
                to_timestamp(aimed.parts[3]) at time zone (select o.timezone from organization as o where o.organization_id = aimed.organization_id)
            )::date end as reached_date
        from aimed
        -- Apart: a count of periods up to a plain column is taken into this statement; up to a query, it is a call, thirty times as dear.
        offset 0
    ) as a
),
%26$srow_wanted as %4$s (
    select
        a.row_no, a.metric_no, a.scope_no, a.period_no,
        a.organization_id, a.metric_id, a.aggregation_level, a.aggregation_id, a.starts_at, a.ends_at, a.metric_value, a.previous_value,
        case when a.previous_value <> 0 then (100 * (a.metric_value - a.previous_value) / abs(a.previous_value))::numeric(20, 2) end
            as change_percentage,
        a.target_value,
        (case
            when a.direction is distinct from 'target_range' then a.metric_value - a.target_value
            when a.metric_value < a.target_low then a.metric_value - a.target_low
            when a.metric_value > a.target_high then a.metric_value - a.target_high
            when a.target_low is not null or a.target_high is not null then 0 * a.metric_value
        end)::numeric(15, 4) as variance_from_target,
        a.calculation_status, a.calculation_notes, a.error_code,
        least(a.sample_size, 2147483647)::integer as sample_size, a.version as metric_version,
        a.percentile_rank, a.confidence_interval,
        case
            when a.is_flawless then 1.00
            when a.ended > 0 and a.parts[1] > 0 then round(
                least(a.parts[1], a.ended)::numeric * a.parts[2] * a.reached / (a.ended::numeric * a.ended * a.parts[1]), 2
            )
        end as data_quality_score,
        case
            when a.is_flawless and a.ends_at <= $4 then jsonb '{"is_complete": true, "completeness": 1, "validity": 1, "timeliness": 1}'
            when a.ended = 0 and a.ends_at > $4 then jsonb '{"is_complete": false, "completeness": null, "validity": null, "timeliness": null}'
            else jsonb_build_object(
                'is_complete', a.ends_at <= $4,
                'completeness', case when a.ended > 0 then trim_scale(round(least(a.parts[1]::numeric / a.ended, 1), 4)) end,
                'validity', case when a.ended > 0 then trim_scale(round(a.parts[2]::numeric / nullif(a.parts[1], 0), 4)) end,
                'timeliness', case when a.ended > 0 then trim_scale(round(a.reached::numeric / a.ended, 4)) end
            )
        end%27$s as metadata
    from seen as a%28$s
),
written as (
    insert into yardstick.metric_calculations as c (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
        metric_value, previous_value, change_percentage, target_value, variance_from_target, percentile_rank, confidence_interval,
        data_quality_score, calculation_status, calculation_notes, error_code, sample_size, metric_version, metadata, calculation_timestamp
    )
    select
        r.organization_id, r.metric_id, r.aggregation_level, r.aggregation_id, %13$L, r.starts_at, r.ends_at,
        r.metric_value, r.previous_value, r.change_percentage, r.target_value, r.variance_from_target, r.percentile_rank, r.confidence_interval,
        r.data_quality_score, r.calculation_status, r.calculation_notes, r.error_code, r.sample_size, r.metric_version, r.metadata, (select clock_timestamp())
    from row_wanted as r
    %14$s
    order by r.row_no
    %16$s
    returning %21$s
)%15$s%22$s
select count(*) from written
        $statement$,
        calculate_statement.period_type, -- 1
        case when calculate_statement.is_given then yardstick_engine.given_values_text(yardstick_engine.window_name(calculate_statement.period_type))
            else yardstick_engine.state_text(calculate_statement.metric_ids, calculate_statement.period_type, calculate_statement.error_code is not null, calculate_statement.has_cells) end,
        coalesce(carried.carried_text, ''),
        -- A first calculation flows through; where rows are compared, what is read twice is kept.
        case when calculate_statement.has_rows then 'materialized' else 'not materialized' end,
        calculate_statement.error_code, -- 5
        calculate_statement.error_text,
        case when calculate_statement.has_rows
            then yardstick_engine.existing_rows_text(
                yardstick_engine.window_name(calculate_statement.period_type), calculate_statement.is_given, calculate_statement.has_cells
            ) else '' end,
        case when calculate_statement.has_rows then 'judged_or_gone' else 'judged' end,
        yardstick_engine.target_text(calculate_statement.has_targets),
        case when calculate_statement.has_rows
            then 'case when f.follows then f.value_before else q.metric_value end as previous_value'
            else 'case when f.follows then f.value_before end as previous_value' end
            || yardstick_engine.target_columns_text(calculate_statement.has_targets), -- 10
        yardstick_engine.completeness_text(calculate_statement.period_type),
        case when calculate_statement.has_rows then format(
            -- Few values are looked up one by one, whatever the planner thinks of it; many are joined.
            case when calculate_statement.has_cells then $text$left join lateral (
        select b.metric_value
        from yardstick.metric_calculations as b
        where not f.follows and b.organization_id = f.organization_id and b.metric_id = f.metric_id
            and b.aggregation_level = f.aggregation_level and b.aggregation_id = f.aggregation_id
            and b.time_window = %L and b.period_end = f.starts_at and b.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day'
            and b.period_end < $8
        offset 0
    ) as q on true
    $text$ else $text$left join yardstick.metric_calculations as q
        on not f.follows and q.organization_id = f.organization_id and q.metric_id = f.metric_id
        and q.aggregation_level = f.aggregation_level and q.aggregation_id = f.aggregation_id
        and q.time_window = %L and q.period_end = f.starts_at and q.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day'
        and q.period_end < $8
    $text$ end,
            yardstick_engine.window_name(calculate_statement.period_type)
        ) else '' end
            || yardstick_engine.target_joins_text(calculate_statement.has_targets),
        yardstick_engine.window_name(calculate_statement.period_type),
        case when calculate_statement.has_rows then
            $text$left join existing as x on x.metric_no = r.metric_no and x.scope_no = r.scope_no and x.period_no = r.period_no
    where x.metric_no is null or (
        x.metric_value, x.previous_value, x.change_percentage, x.target_value, x.variance_from_target, x.percentile_rank, x.confidence_interval,
        x.data_quality_score, x.calculation_status, x.calculation_notes, x.error_code, x.sample_size, x.metric_version, x.metadata
    ) is distinct from (
        r.metric_value, r.previous_value, r.change_percentage, r.target_value, r.variance_from_target, r.percentile_rank, r.confidence_interval,
        r.data_quality_score, r.calculation_status, r.calculation_notes, r.error_code, r.sample_size, r.metric_version, r.metadata
    )$text$ else '' end,
        case when calculate_statement.has_rows then ',' || E'\n' || yardstick_engine.followers_text(
            calculate_statement.period_type, calculate_statement.metric_ids, calculate_statement.is_given, calculate_statement.has_cells
        ) || E',\n' || yardstick_engine.revisions_text(
            yardstick_engine.window_name(calculate_statement.period_type), 'coalesce(p.cause, ''late_data'')'
        ) else '' end, -- 15
        -- Whoever holds the slice is alone with its rows; ON CONFLICT looks each key up once more before it is written.
        case when calculate_statement.has_rows then
            $text$on conflict (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start) do update
    set metric_value = excluded.metric_value, previous_value = excluded.previous_value, change_percentage = excluded.change_percentage,
    target_value = excluded.target_value, variance_from_target = excluded.variance_from_target,
        percentile_rank = excluded.percentile_rank, confidence_interval = excluded.confidence_interval,
        data_quality_score = excluded.data_quality_score,
        calculation_status = excluded.calculation_status, calculation_notes = excluded.calculation_notes, error_code = excluded.error_code,
        sample_size = excluded.sample_size, metric_version = excluded.metric_version, metadata = excluded.metadata,
        calculation_timestamp = excluded.calculation_timestamp$text$ else '' end,
        case calculate_statement.period_type
            when 1 then 't.period_start - $6 + 1'
            when 2 then '(t.period_start - $6) / 7 + 1'
            else format(
                '(date_part(''year'', t.period_start)::integer * 12 + date_part(''month'', t.period_start)::integer'
                ' - date_part(''year'', $6)::integer * 12 - date_part(''month'', $6)::integer) / %s + 1',
                case calculate_statement.period_type when 3 then 1 when 4 then 3 else 12 end
            )
        end, -- 17
        case when carried.carried_text is null then 'judged' else 'judged_rows' end,
        case when calculate_statement.is_given then ' or v.note is not null' else '' end,
        case when calculate_statement.is_given then 'when v.note is not null then v.note ' else '' end, -- 20
        case when parents.parents_text is null then '1' else 'c.organization_id, c.metric_id, c.period_start' end,
        coalesce(E',\n' || parents.parents_text, ''),
        case when calculate_statement.is_given then
            $text$select distinct u.organization_id, u.period_start, null::text as cause
        from unnest($1::uuid[], $2::date[]) as u (organization_id, period_start)$text$
        else
            $text$select u.organization_id, u.period_start, max(u.cause) as cause
        from unnest($1::uuid[], $2::date[], $9::text[]) as u (organization_id, period_start, cause)
        group by u.organization_id, u.period_start$text$
        end,
        yardstick_engine.confidence_text(
            case when calculate_statement.is_given or calculate_statement.error_code is not null then '{}' else array(
                select i.interval_kind
                from yardstick.metric_definitions as d
                cross join lateral yardstick_engine.interval_of(d.metric_type, d.data_sources, d.compiled) as i
                where d.id = any(calculate_statement.metric_ids)
            ) end
        ),
        yardstick_engine.kept_text(calculate_statement.metric_ids, calculate_statement.period_type), -- 25
        coalesce(method.method_text, ''),
        case when method.method_text is null then '' else ' || case when md.method is null then ''{}'' else jsonb_build_object(''method'', md.method) end' end,
        case when method.method_text is null then ''
            else E'\n    left join method as md on md.metric_no = a.metric_no and md.scope_no = a.scope_no and md.period_no = a.period_no' end,
        case when calculate_statement.has_cells then
            $text$cell as materialized (
    select distinct m.metric_no, p.period_no
    from unnest($10::uuid[], $11::uuid[], $12::date[]) as u (metric_id, organization_id, period_start)
    inner join metric as m on m.metric_id = u.metric_id
    inner join period as p on p.organization_id = u.organization_id and p.period_start = u.period_start
),
$text$ else '' end, -- 29
        case when calculate_statement.has_cells
            then E'\n    inner join cell as k on k.metric_no = v.metric_no and k.period_no = v.period_no' else '' end
    )
    from (
        select yardstick_engine.carried_text(
            calculate_statement.metric_ids, yardstick_engine.window_name(calculate_statement.period_type)
        ) as carried_text
    ) as carried
    cross join (
        select yardstick_engine.parents_text(
            calculate_statement.metric_ids, calculate_statement.period_type, calculate_statement.only_organization
        ) as parents_text
    ) as parents
    cross join (
        select case when not calculate_statement.is_given and calculate_statement.error_code is null
            then yardstick_engine.method_text(calculate_statement.metric_ids) end as method_text
    ) as method
$calculate_statement$;

comment on function yardstick_engine.calculate_statement(uuid[], integer, boolean, boolean, text, text, boolean, uuid, boolean) is
'Text of the statement that values the touched periods (of one type) for the given metrics and writes metric_calculations where something changed. has_rows: these metrics have rows of this window already, which are compared, emptied when their data is gone, and followed by the next period''s previous value. has_targets: targets stand in metric_targets. error_code, error_text: the metrics failed with it. is_given: values come with the call, not from states. only_organization: metrics of other organizations made of these are not named in it. has_cells: not all metrics are valued in all periods, but those that $10 to $12 say (metric, organization, period start).';
