-- From merged states to rows of metric_calculations in one statement, for periods of one type. Parameters: $1, $2 touched (organization,
-- period start); $3 metrics; $4 as_of; $5 source; $6, $7 first and last period start; $8 an instant after the last period; $9 why each
-- period is touched. Given values stand in parallel arrays: $9 then is the metric of each touched period, and from $10 on metric,
-- organization, period start, level, scope, value, sample size and note.
create or replace function yardstick_engine.calculate_statement(
    metric_ids        uuid[],
    period_type       integer,
    has_rows          boolean,
    has_targets       boolean,
    error_code        text default null,
    error_text        text default null,
    is_given          boolean default false,
    only_organization uuid default null,
    has_cells         boolean default false,
    has_before        boolean default false,
    is_filled         boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $calculate_statement$
    select
        E'\nwith\n'
        || yardstick_engine.touched_text(calculate_statement.period_type, calculate_statement.is_given, calculate_statement.has_cells, c.periods_text)
        || case when calculate_statement.is_given
            then yardstick_engine.given_values_text(yardstick_engine.window_name(calculate_statement.period_type))
            else yardstick_engine.state_text(
                calculate_statement.metric_ids, calculate_statement.period_type, calculate_statement.error_code is not null,
                calculate_statement.has_cells, calculate_statement.is_filled
            ) end
        || E'\n'
        || yardstick_engine.judged_text(
            calculate_statement.metric_ids, calculate_statement.error_code, calculate_statement.is_given, calculate_statement.has_cells,
            calculate_statement.has_rows,
            yardstick_engine.carried_text(calculate_statement.metric_ids, yardstick_engine.window_name(calculate_statement.period_type))
        )
        || case when calculate_statement.has_rows then yardstick_engine.existing_rows_text(
            calculate_statement.period_type, calculate_statement.is_given, calculate_statement.has_cells
        ) else '' end
        || E'\n'
        || yardstick_engine.ranked_text(calculate_statement.metric_ids, calculate_statement.period_type, calculate_statement.has_rows)
        || yardstick_engine.aimed_text(
            calculate_statement.metric_ids, calculate_statement.period_type, calculate_statement.is_given, calculate_statement.has_rows,
            calculate_statement.has_before, calculate_statement.has_cells, calculate_statement.has_targets,
            c.columns_text, k.has_finer
        )
        || yardstick_engine.row_wanted_text(
            calculate_statement.metric_ids, calculate_statement.error_code, calculate_statement.error_text, calculate_statement.is_given,
            calculate_statement.has_rows, k.has_finer
        )
        || yardstick_engine.written_text(
            calculate_statement.metric_ids, calculate_statement.period_type, calculate_statement.has_rows, calculate_statement.is_given,
            calculate_statement.has_cells, calculate_statement.only_organization
        )
    from (
        select
            array_agg(distinct m.finest) as finest_types, min(m.finest) < calculate_statement.period_type as has_finer,
            case when not calculate_statement.is_given
                then coalesce(array_agg(m.id) filter (where m.finest = 1 and not m.has_months), '{}') end as monthless
        from (
            select d.id, min(yardstick_engine.period_type(w.time_window)) as finest, bool_or(w.time_window = 'monthly') as has_months
            from yardstick.metric_definitions as d
            cross join lateral unnest(d.time_windows) as w (time_window)
            where d.id = any(calculate_statement.metric_ids)
            group by d.id
        ) as m
    ) as k
    cross join lateral yardstick_engine.completeness_text(calculate_statement.period_type, k.finest_types, k.monthless) as c
$calculate_statement$;

comment on function yardstick_engine.calculate_statement(uuid[], integer, boolean, boolean, text, text, boolean, uuid, boolean, boolean, boolean) is
'Text of the statement that values the touched periods (of one type) for the given metrics and writes metric_calculations where something changed. has_rows: these metrics have rows of this window already, which are compared, emptied when their data is gone, and followed by the next period''s previous value. has_before: they have none of these periods or later, but of the period before. has_targets: targets stand in metric_targets. error_code, error_text: the metrics failed with it. is_given: values come with the call, not from states. only_organization: metrics of other organizations made of these are not named in it. has_cells: not all metrics are valued in all periods, but those that $10 to $12 say (metric, organization, period start). is_filled: no day or week between the first and the last touched is left out, for no organization.';
