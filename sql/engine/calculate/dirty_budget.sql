create or replace function yardstick_engine.dirty_budget(source_id uuid)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $dirty_budget$
    -- Of changed cells only these are kept in memory, and each statement costs the same for one week as for many: about half a million
    -- states, and ten times the rows that are read where all are kept.
    select greatest(1, least(
        520,
        5000000 * d.weeks / greatest(yardstick_engine.source_rows(dirty_budget.source_id), 1),
        500000 * d.weeks / greatest((d.keyed + d.unkeyed * d.measures) * greatest(yardstick_engine.scopes_of_measure(), 1), 1)
    ))::integer
    from (
        select
            count(distinct date_trunc('week', c.period_start::timestamp)) as weeks,
            count(c.measure_key) as keyed,
            count(*) filter (where c.measure_key is null) as unkeyed,
            (select count(*) from yardstick.metric_measures as m where m.source_id = dirty_budget.source_id) as measures
        from yardstick.metric_dirty as c
        where c.source_id = dirty_budget.source_id and c.stage = 'source'
    ) as d
$dirty_budget$;

comment on function yardstick_engine.dirty_budget(uuid) is
'How many adjacent weeks of a source of which only cells changed one transaction takes, 1 to 520, from the number of these cells and the estimated states and rows behind each.';
