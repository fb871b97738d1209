-- From merged states to rows of metric_calculations in one statement. Parameters: $1 to $4 touched cells (organization, measure,
-- period type, period start), $5 metrics, $6 as_of, $7 source, $8 and $9 the range of period starts, $10 the instant after the last period.
create or replace function yardstick_engine.calculate_statement(
    metric_ids   uuid[],
    has_rows     boolean,
    error_code   text default null,
    error_text   text default null
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $calculate_statement$
    select format(
        $statement$
with
eligible as materialized (
    select
        d.id as metric_id, o.id as organization_id, d.aggregation_levels, d.version as metric_version, d.direction,
        d.target_value, d.target_low, d.target_high, o.timezone, o.week_start, o.fiscal_year_start_month,
        array(select yardstick_engine.period_type(w.time_window) from unnest(d.time_windows) as w (time_window)) as period_types,
        (select min(yardstick_engine.period_type(w.time_window)) from unnest(d.time_windows) as w (time_window)) as finest,
        ($6 at time zone o.timezone)::date as today
    from yardstick.metric_definitions as d
    inner join yardstick.organizations as o on o.id = any($1) and (d.organization_id is null or d.organization_id = o.id)
    where d.id = any($5)
        -- An organization's own metric hides the platform's of the same name.
        and (d.organization_id is not null or not exists (
            select from yardstick.metric_definitions as own
            where own.organization_id = o.id and own.metric_name = d.metric_name and own.deleted_at is null
        ))
),
used as materialized (
    select d.id as metric_id, (u.body ->> 'measure_id')::uuid as measure_id
    from yardstick.metric_definitions as d
    cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
    where d.id = any($5)
),
wanted as materialized (
    select distinct e.metric_id, e.organization_id, t.period_type, t.period_start
    from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::date[]) as t (organization_id, measure_id, period_type, period_start)
    inner join used as u on u.measure_id = t.measure_id
    inner join eligible as e on e.metric_id = u.metric_id and e.organization_id = t.organization_id
    where t.period_type = any(e.period_types)
),
needed as materialized (
    select distinct w.organization_id, u.measure_id, w.period_type, w.period_start
    from wanted as w
    inner join used as u on u.metric_id = w.metric_id
),
period as materialized (
    select
        n.organization_id, n.period_type, n.period_start, b.next_start,
        n.period_start::timestamp at time zone o.timezone as starts_at,
        b.next_start::timestamp at time zone o.timezone as ends_at,
        case n.period_type when 1 then 'daily' when 2 then 'weekly' when 3 then 'monthly' when 4 then 'quarterly' else 'annual' end as time_window
    from (select distinct organization_id, period_type, period_start from needed) as n
    inner join yardstick.organizations as o on o.id = n.organization_id
    cross join lateral (select yardstick_engine.period_next(n.period_start, n.period_type) as next_start) as b
),
ancestor as materialized (
    select * from yardstick_engine.department_ancestors($1)
),
leaf as materialized (
    select
        n.organization_id, n.measure_id, s.aggregation_level, s.aggregation_id, n.period_type, n.period_start,
        p.row_count, p.value_sum, p.value_min, p.value_max
    from needed as n
    inner join yardstick.metric_series as s on s.organization_id = n.organization_id and s.measure_id = n.measure_id
    inner join yardstick.metric_partials as p
        on p.period_type = n.period_type and p.series_id = s.series_id and p.period_start = n.period_start
        and p.organization_id = n.organization_id and p.period_start >= $8 and p.period_start <= $9
),
-- A department counts its sub-departments, an organization all of them and the rows without a department.
scoped as materialized (
    select
        l.organization_id, l.measure_id, l.aggregation_level, l.aggregation_id, l.period_type, l.period_start,
        sum(l.row_count)::bigint as row_count, sum(l.value_sum) as value_sum, min(l.value_min) as value_min, max(l.value_max) as value_max
    from (
        select l.organization_id, l.measure_id, 'org' as aggregation_level, l.organization_id as aggregation_id,
            l.period_type, l.period_start, l.row_count, l.value_sum, l.value_min, l.value_max
        from leaf as l
        where l.aggregation_level in ('own', 'none')
        union all
        select l.organization_id, l.measure_id, 'dept', a.ancestor_id,
            l.period_type, l.period_start, l.row_count, l.value_sum, l.value_min, l.value_max
        from leaf as l
        inner join ancestor as a on a.organization_id = l.organization_id and a.department_id = l.aggregation_id
        where l.aggregation_level = 'own'
        union all
        select l.organization_id, l.measure_id, l.aggregation_level, l.aggregation_id,
            l.period_type, l.period_start, l.row_count, l.value_sum, l.value_min, l.value_max
        from leaf as l
        where l.aggregation_level in ('team', 'user')
    ) as l
    group by l.organization_id, l.measure_id, l.aggregation_level, l.aggregation_id, l.period_type, l.period_start
),
%1$s
judged as materialized (
    select
        v.metric_id, v.organization_id, v.aggregation_level, v.aggregation_id, v.period_type, v.period_start, v.sample_size,
        case when r.fits then round(v.value, 4) end as metric_value,
        case when %2$L is not null or not r.fits then 'error' when v.value is null then 'warning' else 'success' end as calculation_status,
        case
            when %2$L is not null then %3$L
            when not r.fits then 'the value does not fit numeric(15,4)'
            when v.value is null then 'there are rows but no value: the denominator is zero or an operand is missing'
        end as calculation_notes,
        case when %2$L is not null then %2$L when not r.fits then '22003' end as error_code
    from valued as v
    cross join lateral (
        select v.value is null or (v.value not in ('NaN', 'Infinity', '-Infinity') and abs(v.value) < 99999999999.99995) as fits
    ) as r
),
%4$s
final as materialized (
    select
        j.*, p.next_start, p.starts_at, p.ends_at, p.time_window
    from judged as j
    inner join period as p on p.organization_id = j.organization_id and p.period_type = j.period_type and p.period_start = j.period_start
    %5$s
),
target as materialized (
    select
        t.metric_id, t.organization_id, t.aggregation_level, t.aggregation_id, t.target_value, t.target_low, t.target_high, t.effective_from,
        lead(t.effective_from, 1, 'infinity'::date) over (
            partition by t.metric_id, t.organization_id, t.aggregation_level, t.aggregation_id order by t.effective_from
        ) as effective_to
    from yardstick.metric_targets as t
    where t.metric_id = any($5) and (t.organization_id is null or t.organization_id = any($1))
),
-- How many of the finest periods inside a longer one have a value, counted where they are stored.
covered as materialized (
    select
        f.metric_id, f.organization_id, f.aggregation_level, f.aggregation_id, f.period_type, f.period_start,
        (
            select count(c.metric_value)
            from yardstick.metric_calculations as c
            where c.organization_id = f.organization_id and c.metric_id = f.metric_id
                and c.aggregation_level = f.aggregation_level and c.aggregation_id = f.aggregation_id
                and c.time_window = case e.finest when 1 then 'daily' when 2 then 'weekly' when 3 then 'monthly' else 'quarterly' end
                and c.period_end > f.starts_at and c.period_end <= least(f.ends_at, $6)
        ) as with_data
    from final as f
    inner join eligible as e on e.metric_id = f.metric_id and e.organization_id = f.organization_id
    where f.period_type > e.finest
),
aimed as (
    select
        f.*, e.metric_version, e.direction,
        coalesce(b.metric_value, %6$s) as previous_value,
        case when s.metric_id is not null then s.target_value when a.metric_id is not null then a.target_value
            when g.metric_id is not null then g.target_value else e.target_value end as target_value,
        case when s.metric_id is not null then s.target_low when a.metric_id is not null then a.target_low
            when g.metric_id is not null then g.target_low else e.target_low end as target_low,
        case when s.metric_id is not null then s.target_high when a.metric_id is not null then a.target_high
            when g.metric_id is not null then g.target_high else e.target_high end as target_high,
        case when f.period_type = e.finest then case when f.metric_value is not null then 1 else 0 end else h.with_data end as with_data,
        case
            when f.period_type = e.finest then case when f.ends_at <= $6 then 1 else 0 end
            else yardstick_engine.period_count(
                e.finest, f.period_start, least(f.next_start, e.today), e.week_start, e.fiscal_year_start_month
            )
        end as ended
    from final as f
    inner join eligible as e on e.metric_id = f.metric_id and e.organization_id = f.organization_id
    left join final as b
        on b.metric_id = f.metric_id and b.organization_id = f.organization_id and b.aggregation_level = f.aggregation_level
        and b.aggregation_id = f.aggregation_id and b.period_type = f.period_type and b.next_start = f.period_start
    %7$s
    left join target as s
        on s.metric_id = f.metric_id and s.organization_id = f.organization_id and s.aggregation_level = f.aggregation_level
        and s.aggregation_id = f.aggregation_id and f.next_start > s.effective_from and f.next_start <= s.effective_to
    left join target as a
        on a.metric_id = f.metric_id and a.organization_id = f.organization_id and a.aggregation_level is null
        and f.next_start > a.effective_from and f.next_start <= a.effective_to
    left join target as g
        on g.metric_id = f.metric_id and g.organization_id is null and g.aggregation_level is null
        and f.next_start > g.effective_from and f.next_start <= g.effective_to
    left join covered as h
        on h.metric_id = f.metric_id and h.organization_id = f.organization_id and h.aggregation_level = f.aggregation_level
        and h.aggregation_id = f.aggregation_id and h.period_type = f.period_type and h.period_start = f.period_start
),
row_wanted as materialized (
    select
        a.organization_id, a.metric_id, a.aggregation_level, a.aggregation_id, a.time_window, a.period_type, a.starts_at, a.ends_at,
        a.metric_value, a.previous_value,
        case when a.previous_value <> 0 then round(100 * (a.metric_value - a.previous_value) / abs(a.previous_value), 2) end as change_percentage,
        a.target_value,
        case
            when a.direction = 'target_range' then
                case
                    when a.metric_value < a.target_low then a.metric_value - a.target_low
                    when a.metric_value > a.target_high then a.metric_value - a.target_high
                    when a.target_low is not null or a.target_high is not null then 0 * a.metric_value
                end
            else a.metric_value - a.target_value
        end as variance_from_target,
        a.calculation_status, a.calculation_notes, a.error_code,
        least(a.sample_size, 2147483647)::integer as sample_size, a.metric_version,
        jsonb_build_object(
            'is_complete', a.ends_at <= $6,
            'completeness', case when a.ended > 0 then round(least(a.with_data::numeric / a.ended, 1), 4) end
        ) as metadata
    from aimed as a
),
written as (
    insert into yardstick.metric_calculations as c (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
        metric_value, previous_value, change_percentage, target_value, variance_from_target,
        calculation_status, calculation_notes, error_code, sample_size, metric_version, metadata, calculation_timestamp
    )
    select
        r.organization_id, r.metric_id, r.aggregation_level, r.aggregation_id, r.time_window, r.starts_at, r.ends_at,
        r.metric_value, r.previous_value, r.change_percentage, r.target_value, r.variance_from_target,
        r.calculation_status, r.calculation_notes, r.error_code, r.sample_size, r.metric_version, r.metadata, clock_timestamp()
    from row_wanted as r
    %8$s
    order by r.organization_id, r.metric_id, r.aggregation_level, r.aggregation_id, r.time_window, r.ends_at
    on conflict (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start) do update
    set metric_value = excluded.metric_value, previous_value = excluded.previous_value, change_percentage = excluded.change_percentage,
        target_value = excluded.target_value, variance_from_target = excluded.variance_from_target,
        calculation_status = excluded.calculation_status, calculation_notes = excluded.calculation_notes, error_code = excluded.error_code,
        sample_size = excluded.sample_size, metric_version = excluded.metric_version, metadata = excluded.metadata,
        calculation_timestamp = excluded.calculation_timestamp
    returning 1
)%9$s
select count(*) from written
        $statement$,
        yardstick_engine.values_text(calculate_statement.metric_ids, calculate_statement.error_code is not null),
        calculate_statement.error_code,
        calculate_statement.error_text,
        case when calculate_statement.has_rows then yardstick_engine.existing_rows_text() else '' end,
        case when calculate_statement.has_rows then
            $text$union all
    select
        x.metric_id, x.organization_id, x.aggregation_level, x.aggregation_id, x.period_type, x.period_start, 0::bigint, null::numeric,
        'warning', 'no source rows are left in this period', null::text, p.next_start, p.starts_at, p.ends_at, p.time_window
    from existing as x
    inner join period as p on p.organization_id = x.organization_id and p.period_type = x.period_type and p.period_start = x.period_start
    where not exists (
        select from judged as j
        where j.metric_id = x.metric_id and j.organization_id = x.organization_id and j.aggregation_level = x.aggregation_level
            and j.aggregation_id = x.aggregation_id and j.period_type = x.period_type and j.period_start = x.period_start
    )$text$ else '' end,
        case when calculate_statement.has_rows then 'q.metric_value' else 'null::numeric' end,
        case when calculate_statement.has_rows then
            $text$left join yardstick.metric_calculations as q
        on b.metric_id is null and q.organization_id = f.organization_id and q.metric_id = f.metric_id
        and q.aggregation_level = f.aggregation_level and q.aggregation_id = f.aggregation_id and q.time_window = f.time_window
        and q.period_end = f.starts_at$text$ else '' end,
        case when calculate_statement.has_rows then
            $text$left join existing as x
        on x.metric_id = r.metric_id and x.organization_id = r.organization_id and x.aggregation_level = r.aggregation_level
        and x.aggregation_id = r.aggregation_id and x.period_type = r.period_type and x.period_end = r.ends_at
    where x.metric_id is null or (
        x.metric_value, x.previous_value, x.change_percentage, x.target_value, x.variance_from_target,
        x.calculation_status, x.calculation_notes, x.error_code, x.sample_size, x.metric_version, x.metadata
    ) is distinct from (
        r.metric_value::numeric(15, 4), r.previous_value, r.change_percentage::numeric(20, 2), r.target_value, r.variance_from_target::numeric(15, 4),
        r.calculation_status, r.calculation_notes, r.error_code, r.sample_size, r.metric_version, r.metadata
    )$text$ else '' end,
        case when calculate_statement.has_rows then ',' || E'\n' || yardstick_engine.followers_text() else '' end
    )
$calculate_statement$;

comment on function yardstick_engine.calculate_statement(uuid[], boolean, text, text) is
'Text of the statement that values the touched cells of the given metrics and writes metric_calculations where something changed. has_rows: these metrics have rows already, which are compared, emptied when their data is gone, and followed by the next period''s previous value. error_code, error_text: the metrics failed with it.';
