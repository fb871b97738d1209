-- What is equal is left out by a join on the key before ON CONFLICT: an upsert that changes nothing still writes WAL.
-- A new series that another session makes at the same moment is met by DO UPDATE, which returns its id where DO NOTHING returns no row.
create or replace function yardstick_engine.store_states_text(only_dirty boolean, is_new boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $store_states_text$
    select $text$known as (
    select k.organization_id, k.measure_id, k.aggregation_level, k.aggregation_id, s.series_id
    from (select distinct organization_id, measure_id, aggregation_level, aggregation_id from states) as k
    left join yardstick.metric_series as s
        on s.organization_id = k.organization_id and s.measure_id = k.measure_id
        and s.aggregation_level = k.aggregation_level and s.aggregation_id = k.aggregation_id
),
added as (
    insert into yardstick.metric_series as s (organization_id, measure_id, aggregation_level, aggregation_id)
    select k.organization_id, k.measure_id, k.aggregation_level, k.aggregation_id
    from known as k
    where k.series_id is null
    order by 1, 2, 3, 4
    on conflict (organization_id, measure_id, aggregation_level, aggregation_id)
    do update set aggregation_id = excluded.aggregation_id
    returning s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id, s.series_id
),
series as materialized (
    select * from known where series_id is not null
    union all
    select * from added
),
wanted as materialized (
    select se.series_id, st.local_date, st.organization_id, st.measure_id, st.row_count, st.value_sum, st.value_min, st.value_max
    from states as st
    inner join series as se
        on se.organization_id = st.organization_id and se.measure_id = st.measure_id
        and se.aggregation_level = st.aggregation_level and se.aggregation_id = st.aggregation_id
),
stored as (
    insert into yardstick.metric_partials as p
        (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
    select 1, w.series_id, w.local_date, w.organization_id, w.row_count, w.value_sum, w.value_min, w.value_max
    from wanted as w
    $text$ || case when store_states_text.is_new then '' else $text$left join yardstick.metric_partials as o
        on o.period_type = 1 and o.series_id = w.series_id and o.period_start = w.local_date
        and o.organization_id = w.organization_id and o.period_start >= $1 and o.period_start < $2
    where o.series_id is null
        or (o.row_count, o.value_sum, o.value_min, o.value_max) is distinct from (w.row_count, w.value_sum, w.value_min, w.value_max)
    $text$ end || $text$order by w.series_id, w.local_date
    $text$ || case when store_states_text.is_new then '' else $text$on conflict (period_type, series_id, period_start, organization_id) do update
    set row_count = excluded.row_count, value_sum = excluded.value_sum, value_min = excluded.value_min, value_max = excluded.value_max
    $text$ end || $text$returning p.series_id, p.period_start, p.organization_id
),
gone as (
    delete from yardstick.metric_partials as p
    using yardstick.metric_series as s, measure as m
    where p.period_type = 1 and p.period_start >= $1 and p.period_start < $2
        and s.measure_id = m.measure_id and s.series_id = p.series_id and s.organization_id = p.organization_id
        $text$ || case when store_states_text.only_dirty then
            $text$and exists (
            select from unnest($3::uuid[], $4::text[], $5::date[]) as dirty (organization_id, measure_key, local_date)
            where dirty.organization_id = p.organization_id and dirty.local_date = p.period_start
                and (dirty.measure_key is null or m.measure_key is null or dirty.measure_key = m.measure_key)
        )
        $text$ else '' end || $text$and not exists (
            select from wanted as w where w.series_id = p.series_id and w.local_date = p.period_start and w.organization_id = p.organization_id
        )
    returning s.measure_id, p.period_start, p.organization_id
),
touched as (
    $text$ || case when store_states_text.only_dirty then
        $text$select w.organization_id, w.local_date, w.measure_id
    from wanted as w
    inner join stored as t on t.series_id = w.series_id and t.period_start = w.local_date and t.organization_id = w.organization_id
    union all
    select g.organization_id, g.period_start, g.measure_id
    from gone as g$text$
    else
        -- Measures calculated wholly are valued wholly: their formula or their levels may be what changed.
        $text$select distinct w.organization_id, w.local_date, null::uuid as measure_id
    from wanted as w
    union
    select g.organization_id, g.period_start, null::uuid
    from gone as g$text$
    end || $text$
)
insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
select
    t.organization_id, $10::uuid, 'day', $text$ || case when store_states_text.only_dirty then 'array_agg(distinct t.measure_id)'
        else 'array(select m.measure_id from measure as m order by m.measure_id)' end || $text$, k.period_type, p.period_start,
    -- A week goes with the month it ends in: its days are valued by then.
    date_trunc('month', (p.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp)::date
from touched as t
inner join yardstick.organizations as o on o.id = t.organization_id
cross join (values (1), (2), (3)) as k (period_type)
cross join lateral (
    select yardstick_engine.period_floor(t.local_date, k.period_type, o.week_start, 1) as period_start
) as p
group by t.organization_id, k.period_type, p.period_start$text$
$store_states_text$;

comment on function yardstick_engine.store_states_text(boolean, boolean) is
'The end of a scan statement: writes day states that are new or changed, deletes those whose rows are gone, and leaves a dirty row for each day, week and month to merge and value. is_new: there is nothing stored to compare with.';
