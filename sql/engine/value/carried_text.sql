create or replace function yardstick_engine.carried_text(metric_ids uuid[], time_window text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $carried_text$
    -- What was carried forward before is no source: it may be older than what was just judged. It has no rows behind it.
    select format(
        $text$carried as materialized (
    select g.metric_no, g.scope_no, g.period_no, 0::bigint as sample_size, v.metric_value
    from (
        select m.metric_no, m.metric_id, m.organization_no, s.scope_no, s.organization_id, s.aggregation_level, s.aggregation_id, p.period_no, p.starts_at
        from eligible as m
        inner join scope as s on s.organization_no = m.organization_no and s.aggregation_level = any(m.aggregation_levels)
        inner join period as p on p.organization_no = m.organization_no and p.period_start <= p.today
        where m.metric_id in (%1$s) and not exists (
            select from judged_rows as j
            where j.metric_no = m.metric_no and j.scope_no = s.scope_no and j.period_no = p.period_no
        )
    ) as g
    cross join lateral (
        select b.metric_value
        from (
            (
                select j.metric_value, p.starts_at
                from judged_rows as j
                inner join period as p on p.period_no = j.period_no
                where j.metric_no = g.metric_no and j.scope_no = g.scope_no and j.period_no < g.period_no and j.metric_value is not null
                order by j.period_no desc
                limit 1
            )
            union all
            (
                select c.metric_value, c.period_start
                from yardstick.metric_calculations as c
                where c.organization_id = g.organization_id and c.metric_id = g.metric_id and c.aggregation_level = g.aggregation_level
                    and c.aggregation_id = g.aggregation_id and c.time_window = %2$L and c.period_end <= g.starts_at
                    and c.metric_value is not null and c.sample_size > 0
                    -- What stands of a period that is valued here too is what it was: its rows may be gone.
                    and not exists (
                        select from period as p
                        where p.organization_no = g.organization_no and p.starts_at = c.period_start and p.ends_at = c.period_end
                    )
                order by c.period_end desc
                limit 1
            )
        ) as b
        order by b.starts_at desc
        limit 1
    ) as v
),
judged as materialized (
    select * from judged_rows
    union all
    select c.metric_no, c.scope_no, c.period_no, c.sample_size, c.metric_value, 4::smallint, null, null
    from carried as c
),$text$,
        string_agg(format('%L::uuid', d.id), ', '),
        carried_text.time_window
    )
    from yardstick.metric_definitions as d
    where d.id = any(carried_text.metric_ids) and d.compiled ->> 'fill' = 'carry_forward'
    having count(*) > 0
$carried_text$;

comment on function yardstick_engine.carried_text(uuid[], text) is
'Text of the CTEs that give periods without source rows the last value before them, for metrics that are filled so; null when none is.';
