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
        series.measure_id,
        1,
        jsonb_build_array(sum(d.row_count))
    from series
    inner join yardstick.metric_details as d
        on d.series_id = series.series_id and d.organization_id = stored_states.organization_id
        and d.period_start >= stored_states.first_date and d.period_start < stored_states.next_date
    group by series.measure_id
$stored_states$;

comment on function yardstick_engine.stored_states(uuid, uuid[], text, uuid, integer, date, date) is
'[rows, sum, smallest, largest] of measures for one scope and period as their stored states say it, once from its days and once from the state of the period itself.';
