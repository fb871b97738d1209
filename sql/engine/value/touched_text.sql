-- Organizations, periods and metrics are numbered in key order: grouping, joining and sorting half a million rows by integers costs a
-- fraction of doing so by uuids and texts. Periods are numbered by their place in time, so that the number before is the period before.
create or replace function yardstick_engine.touched_text(
    period_type integer,
    is_given    boolean,
    has_cells   boolean,
    ended_text  text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $touched_text$
    select format(
        $text$organization as materialized (
    select
        row_number() over (order by o.id) as organization_no, o.id as organization_id, o.timezone, o.week_start, o.fiscal_year_start_month,
        ($4 at time zone o.timezone)::date as today
    from yardstick.organizations as o
    -- Named once for each period: of so many constants each would be estimated, sorted and looked for.
    where o.id in (select u.id from unnest($1::uuid[]) as u (id))
),
period as materialized (
    select
        (o.organization_no << 24) | (%2$s) as period_no, o.organization_no, o.organization_id,
        t.period_start, n.next_start, t.cause, o.today, o.week_start, o.fiscal_year_start_month,
        b.starts_at, b.ends_at
    from (
        %3$s
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
-- The same, for the values: of unknown numbers the planner expects 200 to be different, and so hashes these and not the values.
period_bounds as materialized (
    select distinct on (p.period_no)
        p.period_no, p.organization_no, p.period_start, p.next_start, p.starts_at, p.ends_at, p.today, p.week_start, p.fiscal_year_start_month%5$s
    from period as p
),
eligible as materialized (
    select
        -- The number of a period begins with that of its organization: by metric alone, or by organization alone, every value meets a hundred.
        (o.organization_no << 24) | m.metric_no as eligible_no, m.metric_no, o.organization_no, m.aggregation_levels, m.metric_id,
        m.version, m.direction, m.target_value, m.target_low, m.target_high, m.finest
    from metric as m
    inner join organization as o on m.organization_id is null or m.organization_id = o.organization_id
    -- An organization's own metric hides the platform's of the same name.
    where m.organization_id is not null or not exists (
        select from yardstick.metric_definitions as own
        where own.organization_id = o.organization_id and own.metric_name = m.metric_name and own.deleted_at is null
    )
),
%4$s$text$,
        touched_text.period_type, -- 1
        case touched_text.period_type
            when 1 then 't.period_start - $6 + 1'
            when 2 then '(t.period_start - $6) / 7 + 1'
            else format(
                '(date_part(''year'', t.period_start)::integer * 12 + date_part(''month'', t.period_start)::integer'
                ' - date_part(''year'', $6)::integer * 12 - date_part(''month'', $6)::integer) / %s + 1',
                case touched_text.period_type when 3 then 1 when 4 then 3 else 12 end
            )
        end,
        case when touched_text.is_given then
            $text$select distinct u.organization_id, u.period_start, null::text as cause
        from unnest($1::uuid[], $2::date[]) as u (organization_id, period_start)$text$
        else
            $text$select u.organization_id, u.period_start, max(u.cause) as cause
        from unnest($1::uuid[], $2::date[], $9::text[]) as u (organization_id, period_start, cause)
        group by u.organization_id, u.period_start$text$
        end,
        case when touched_text.has_cells then
            $text$cell as materialized (
    select distinct m.metric_no, p.period_no
    from unnest($10::uuid[], $11::uuid[], $12::date[]) as u (metric_id, organization_id, period_start)
    inner join metric as m on m.metric_id = u.metric_id
    inner join period as p on p.organization_id = u.organization_id and p.period_start = u.period_start
),
$text$ else '' end,
        touched_text.ended_text -- 5
    )
$touched_text$;

comment on function yardstick_engine.touched_text(integer, boolean, boolean, text) is
'Text of the CTEs that number what a statement values: organizations, touched periods of one type, metrics, which of these are calculated in which organization, and, has_cells, the cells that are named. ended_text: what is counted for each period (completeness_text).';
