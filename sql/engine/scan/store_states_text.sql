create or replace function yardstick_engine.store_states_text(
    only_dirty boolean,
    is_new     boolean,
    is_detail  boolean,
    has_lists  boolean,
    by_place   boolean,
    by_cells   boolean default false
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $store_states_text$
    select format(
        $text$%1$s,
%2$stouched as (
    %3$s
)
insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
select
    t.organization_id, $10::uuid, 'day', %4$s, k.period_type, p.period_start,
    -- A week goes with the month it ends in: its days are valued by then.
    date_trunc('month', (p.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp)::date
from touched as t
inner join yardstick.organizations as o on o.id = t.organization_id
cross join (values (1), (2), (3)) as k (period_type)
cross join lateral (
    select yardstick_engine.period_floor(t.local_date, k.period_type, o.week_start, 1) as period_start
) as p
group by t.organization_id, k.period_type, p.period_start$text$,
        yardstick_engine.known_series_text(store_states_text.by_place, c.held_names), -- 1
        yardstick_engine.stored_states_text(
            store_states_text.only_dirty, store_states_text.is_new, store_states_text.is_detail, c.column_names,
            case when store_states_text.has_lists then false end, store_states_text.by_cells
        ) || case when store_states_text.has_lists then yardstick_engine.stored_states_text(
            store_states_text.only_dirty, store_states_text.is_new, true, array['row_count', 'value_list'], true, store_states_text.by_cells
        ) else '' end,
        case
            when store_states_text.only_dirty then
                $text$select w.organization_id, w.local_date, w.measure_id
    from wanted as w
    inner join stored as t on t.series_id = w.series_id and t.period_start = w.local_date and t.organization_id = w.organization_id
    union all
    select g.organization_id, g.period_start, g.measure_id
    from gone as g$text$ || case when store_states_text.has_lists then $text$
    union all
    select w.organization_id, w.local_date, w.measure_id
    from wanted as w
    inner join stored_lists as t on t.series_id = w.series_id and t.period_start = w.local_date and t.organization_id = w.organization_id
    union all
    select g.organization_id, g.period_start, g.measure_id
    from gone_lists as g$text$ else '' end
            -- Measures calculated wholly are valued wholly: their formula or their levels may be what changed.
            when store_states_text.is_new then c.days_text
            else
                c.days_text || $text$
    union
    select g.organization_id, g.period_start
    from gone as g$text$ || case when store_states_text.has_lists then $text$
    union
    select g.organization_id, g.period_start
    from gone_lists as g$text$ else '' end
        end,
        -- Hundreds of ids in each row cost more than the states: where all periods have the same, the first of each slice names them.
        case when store_states_text.only_dirty then 'array_agg(distinct t.measure_id)'
            else
                $text$case when (select count(*) from measure) <= 8 or row_number() over (
        partition by date_trunc('month', (p.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp)
    ) = 1 then array(select m.measure_id from measure as m order by m.measure_id) end$text$
        end
    )
    from (
        select
            k.column_names,
            k.column_names || case when store_states_text.has_lists then array['value_list', 'is_list'] else '{}' end as held_names,
            case when store_states_text.by_place then
                $text$select distinct k.organization_id, k.local_date
    from known as k
    where k.series_id is not null
    union
    select m.organization_id, k.local_date
    from known as k
    inner join made as m on m.measure_id = k.measure_id and m.place_no = k.place_no
    where k.series_id is null and exists (select from missing)$text$
            else 'select distinct k.organization_id, k.local_date from known as k' end as days_text
        from (
            select case when store_states_text.is_detail
                then array['row_count', 'first_at', 'first_value', 'last_at', 'last_value', 'value_list', 'key_list', 'centroids', 'registers']
                else array['row_count', 'value_sum', 'value_min', 'value_max'] end as column_names
        ) as k
    ) as c
$store_states_text$;

comment on function yardstick_engine.store_states_text(boolean, boolean, boolean, boolean, boolean, boolean) is
'The end of a scan statement: writes day states that are new or changed, deletes those whose rows are gone, and leaves a dirty row for each day, week and month to merge and value. is_new: in its range of dates there is nothing stored to compare with. is_detail: states are ends, lists and keys, or estimates of these, not sums. has_lists: states of sums have lists among them (is_list), which are details. by_place: states have the number of their place instead of ids. by_cells: as in stored_states_text.';
