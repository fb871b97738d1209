-- A measure read in a way that its merged sums do not show (a percentile, a stock over time, zeros where there are no rows)
-- gets a number of its own, beyond those of the measures themselves.
create or replace function yardstick_engine.batch_measures(metric_ids uuid[])
returns table (
    metric_id uuid, measure_name text, is_simple boolean, measure_no bigint, agg text, base_no bigint, measure_id uuid, squares_no bigint,
    squares_id uuid, special_agg text, percent numeric, over_time text, fill text
)
-- Asked several times for each statement: only here is its plan kept.
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $batch_measures$
#variable_conflict use_column
begin
    return query
    with

    used as (

        select
            d.id as metric_id,
            u.measure_name,
            d.compiled @> '{"simple": true}' as is_simple,
            (u.body ->> 'measure_id')::uuid as measure_id,
            (u.body ->> 'squares_id')::uuid as squares_id,
            u.body ->> 'agg' as agg,
            (u.body ->> 'p')::numeric as percent,
            u.body ->> 'over_time' as over_time,
            case when d.compiled ->> 'fill' = 'zero' then 'zero' end as fill
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        where d.id = any(batch_measures.metric_ids)

    ),

    numbered as (

        select
            m.measure_id,
            row_number() over (order by m.measure_id) as number
        from (
            select used.measure_id from used
            union
            select used.squares_id from used where used.squares_id is not null
        ) as m

    ),

    ranked as (

        select
            used.*,
            used.over_time is not null or used.fill is not null or used.agg not in ('count', 'sum', 'avg', 'min', 'max') as is_special,
            dense_rank() over (order by used.measure_id, used.agg, used.percent, used.over_time, used.fill) as special_no
        from used

    )

    select
        ranked.metric_id,
        ranked.measure_name,
        ranked.is_simple,
        case when ranked.is_special then 1000000 + ranked.special_no else base.number end,
        case
            when not ranked.is_special then ranked.agg
            -- Nothing counted is zero beside other measures, however it is counted.
            when ranked.agg in ('count', 'count_distinct') then 'special_count'
            else 'special'
        end,
        base.number,
        ranked.measure_id,
        squares.number,
        ranked.squares_id,
        case when ranked.is_special then ranked.agg end,
        ranked.percent,
        ranked.over_time,
        ranked.fill
    from ranked
    inner join numbered as base on base.measure_id = ranked.measure_id
    left join numbered as squares on squares.measure_id = ranked.squares_id;
end
$batch_measures$;

comment on function yardstick_engine.batch_measures(uuid[]) is
'The measures that metrics valued together use, under the names their formulas give them: measure_no and agg are what the statement that values them reads; base_no is the number of the measure itself, squares_no that of its squares.';
