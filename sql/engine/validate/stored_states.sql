-- Plainly, from the series and what stands under them: what verify holds against the source.
create or replace function yardstick_engine.stored_states(
    organization_id   uuid,
    measure_ids       uuid[],
    aggregation_level text,
    aggregation_id    uuid,
    period_type       integer,
    first_date        date,
    next_date         date
)
returns table (measure_id uuid, period_type integer, states jsonb)
language sql
stable
set search_path = pg_catalog, pg_temp
as $stored_states$
    with recursive

    tree as (

        select stored_states.aggregation_id as id
        where stored_states.aggregation_level = 'dept'
        union
        select d.id
        from yardstick.departments as d
        inner join tree on d.parent_department_id = tree.id
        where d.organization_id = stored_states.organization_id

    ),

    series as materialized (

        select s.series_id, s.measure_id
        from yardstick.metric_series as s
        where
            s.organization_id = stored_states.organization_id
            and s.measure_id = any(stored_states.measure_ids)
            and case stored_states.aggregation_level
                when 'org' then s.aggregation_level in ('own', 'none')
                when 'dept' then s.aggregation_level = 'own' and s.aggregation_id in (select tree.id from tree)
                else s.aggregation_level = stored_states.aggregation_level and s.aggregation_id = stored_states.aggregation_id
            end

    ),

    details as materialized (

        select series.measure_id, d.row_count, d.first_at, d.first_value, d.last_at, d.last_value, d.value_list, d.key_list
        from series
        inner join yardstick.metric_details as d
            on d.series_id = series.series_id and d.organization_id = stored_states.organization_id
            and d.period_start >= stored_states.first_date and d.period_start < stored_states.next_date

    )

    select
        series.measure_id,
        p.period_type::integer,
        jsonb_build_array(sum(p.row_count), sum(p.value_sum), min(p.value_min), max(p.value_max))
    from series
    inner join yardstick.metric_partials as p
        on p.series_id = series.series_id and p.organization_id = stored_states.organization_id
        and p.period_type in (1, stored_states.period_type)
        and p.period_start >= stored_states.first_date and p.period_start < stored_states.next_date
    group by series.measure_id, p.period_type
    union all
    select
        k.measure_id,
        1,
        case m.state_kind
            when 'list' then jsonb_build_array(k.row_count, v.value_sum, v.value_min, v.value_max)
            when 'distinct' then jsonb_build_array(k.row_count, v.key_count)
            when 'ends' then jsonb_build_array(k.row_count, k.first_value, k.last_value)
            -- Of estimates there is no telling.
            else jsonb_build_array(k.row_count)
        end
    from (
        select
            details.measure_id,
            sum(details.row_count) as row_count,
            (array_agg(details.first_value order by details.first_at, details.first_value))[1] as first_value,
            (array_agg(details.last_value order by details.last_at desc, details.last_value desc))[1] as last_value
        from details
        group by details.measure_id
    ) as k
    inner join yardstick.metric_measures as m on m.id = k.measure_id
    cross join lateral (
        select sum(u.value) as value_sum, min(u.value) as value_min, max(u.value) as value_max, count(distinct u.key) as key_count
        from details
        cross join lateral unnest(details.value_list, details.key_list) as u (value, key)
        where details.measure_id = k.measure_id and m.state_kind in ('list', 'distinct')
    ) as v
$stored_states$;

comment on function yardstick_engine.stored_states(uuid, uuid[], text, uuid, integer, date, date) is
'[rows, sum, smallest, largest] of measures for one scope and period as their stored states say it, once from its days and once from the state of the period itself; of those that tell values apart [rows, different values], of ends [rows, first, last], of estimates [rows].';
