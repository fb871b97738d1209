-- What is equal is left out by a join on the key before ON CONFLICT: an upsert that changes nothing still writes WAL.
-- A new series that another session makes at the same moment is met by DO UPDATE, which returns its id where DO NOTHING returns no row.
create or replace function yardstick_engine.store_states_text(only_dirty boolean, is_new boolean, is_detail boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $store_states_text$
    select format(
        $text$known as materialized (
    select st.organization_id, st.measure_id, st.aggregation_level, st.aggregation_id, st.local_date, s.series_id, %12$s
    from states as st
    left join yardstick.metric_series as s
        on s.organization_id = st.organization_id and s.measure_id = st.measure_id
        and s.aggregation_level = st.aggregation_level and s.aggregation_id = st.aggregation_id
),
added as (
    insert into yardstick.metric_series as s (organization_id, measure_id, aggregation_level, aggregation_id)
    select distinct k.organization_id, k.measure_id, k.aggregation_level, k.aggregation_id
    from known as k
    where k.series_id is null
    order by 1, 2, 3, 4
    on conflict (organization_id, measure_id, aggregation_level, aggregation_id)
    do update set aggregation_id = excluded.aggregation_id
    returning s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id, s.series_id
),
wanted as not materialized (
    select k.series_id, k.local_date, k.organization_id, k.measure_id, %11$s
    from known as k
    where k.series_id is not null
    union all
    select a.series_id, k.local_date, k.organization_id, k.measure_id, %11$s
    from known as k
    inner join added as a
        on a.organization_id = k.organization_id and a.measure_id = k.measure_id
        and a.aggregation_level = k.aggregation_level and a.aggregation_id = k.aggregation_id
    where k.series_id is null
),
stored as (
    insert into %2$s as p (%3$sseries_id, period_start, organization_id, %1$s)
    select %4$sw.series_id, w.local_date, w.organization_id, %5$s
    from wanted as w
    %6$s
    order by w.series_id, w.local_date
    %7$s
    %13$s
),
%8$stouched as (
    %9$s
)
insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
select
    t.organization_id, $10::uuid, 'day', %10$s, k.period_type, p.period_start,
    -- A week goes with the month it ends in: its days are valued by then.
    date_trunc('month', (p.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp)::date
from touched as t
inner join yardstick.organizations as o on o.id = t.organization_id
cross join (values (1), (2), (3)) as k (period_type)
cross join lateral (
    select yardstick_engine.period_floor(t.local_date, k.period_type, o.week_start, 1) as period_start
) as p
group by t.organization_id, k.period_type, p.period_start$text$,
        c.columns_text, -- 1
        c.table_name,
        case when store_states_text.is_detail then '' else 'period_type, ' end,
        case when store_states_text.is_detail then '' else '1, ' end,
        c.wanted_text, -- 5
        case when store_states_text.is_new then '' else format(
            $text$left join %s as o
        on %so.series_id = w.series_id and o.period_start = w.local_date
        and o.organization_id = w.organization_id and o.period_start >= $1 and o.period_start < $2
    where o.series_id is null or (%s) is distinct from (%s)$text$,
            c.table_name,
            case when store_states_text.is_detail then '' else 'o.period_type = 1 and ' end,
            c.stored_text,
            c.wanted_text
        ) end,
        case when store_states_text.is_new then '' else format(
            'on conflict (%sorganization_id, series_id, period_start) do update set %s',
            case when store_states_text.is_detail then '' else 'period_type, ' end,
            c.update_text
        ) end,
        case when store_states_text.is_new then '' else format(
            $text$gone as (
    delete from %s as p
    using yardstick.metric_series as s, measure as m
    where %sp.period_start >= $1 and p.period_start < $2
        and s.measure_id = m.measure_id and s.series_id = p.series_id and s.organization_id = p.organization_id
        %s
        and not exists (
            select from wanted as w where w.series_id = p.series_id and w.local_date = p.period_start and w.organization_id = p.organization_id
        )
    returning s.measure_id, p.period_start, p.organization_id
),
$text$,
            c.table_name,
            case when store_states_text.is_detail then '' else 'p.period_type = 1 and ' end,
            case when store_states_text.only_dirty then
                $text$and exists (
            select from unnest($3::uuid[], $4::text[], $5::date[]) as dirty (organization_id, measure_key, local_date)
            where dirty.organization_id = p.organization_id and dirty.local_date = p.period_start
                and (dirty.measure_key is null or m.measure_key is null or dirty.measure_key = m.measure_key)
        )$text$ else '' end
        ) end,
        case
            when store_states_text.only_dirty then
                $text$select w.organization_id, w.local_date, w.measure_id
    from wanted as w
    inner join stored as t on t.series_id = w.series_id and t.period_start = w.local_date and t.organization_id = w.organization_id
    union all
    select g.organization_id, g.period_start, g.measure_id
    from gone as g$text$
            -- Measures calculated wholly are valued wholly: their formula or their levels may be what changed.
            when store_states_text.is_new then 'select distinct k.organization_id, k.local_date from known as k'
            else
                $text$select distinct k.organization_id, k.local_date
    from known as k
    union
    select g.organization_id, g.period_start
    from gone as g$text$
        end,
        -- Hundreds of ids in each row cost more than the states: where all periods have the same, the first of each slice names them.
        case when store_states_text.only_dirty then 'array_agg(distinct t.measure_id)'
            else
                $text$case when (select count(*) from measure) <= 8 or row_number() over (
        partition by date_trunc('month', (p.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp)
    ) = 1 then array(select m.measure_id from measure as m order by m.measure_id) end$text$
        end, -- 10
        c.known_text,
        c.state_text,
        case when store_states_text.only_dirty then 'returning p.series_id, p.period_start, p.organization_id' else '' end
    )
    from (
        select
            case when store_states_text.is_detail then 'yardstick.metric_details' else 'yardstick.metric_partials' end as table_name,
            string_agg(n.name, ', ' order by n.position) as columns_text,
            string_agg('w.' || n.name, ', ' order by n.position) as wanted_text,
            string_agg('k.' || n.name, ', ' order by n.position) as known_text,
            string_agg('st.' || n.name, ', ' order by n.position) as state_text,
            string_agg('o.' || n.name, ', ' order by n.position) as stored_text,
            string_agg(format('%1$s = excluded.%1$s', n.name), ', ' order by n.position) as update_text
        from unnest(
            case when store_states_text.is_detail
                then array['row_count', 'first_at', 'first_value', 'last_at', 'last_value', 'value_list', 'key_list', 'centroids', 'registers']
            else array['row_count', 'value_sum', 'value_min', 'value_max'] end
        ) with ordinality as n (name, position)
    ) as c
$store_states_text$;

comment on function yardstick_engine.store_states_text(boolean, boolean, boolean) is
'The end of a scan statement: writes day states that are new or changed, deletes those whose rows are gone, and leaves a dirty row for each day, week and month to merge and value. is_new: in its range of dates there is nothing stored to compare with. is_detail: states are ends, lists and keys, or estimates of these, not sums.';
